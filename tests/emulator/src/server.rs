//! Sockets, and which part answers which path.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::form_urlencoded;

use crate::reply::{self, Answer, Cut, Reply};
use crate::state::Shared;
use crate::{Fault, Recorded, account, catalogue, chat, connect};

/// More than any prompt with files a test sends; what is larger is answered with 413.
const LARGEST_BODY: usize = 192 * 1024 * 1024;

/// Serves until it is aborted, and takes all connections along.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&shared)));
                }
                // Out of file descriptors, most likely: let connections end first.
                Err(_) => { connections.join_next().await; }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    // Without this, small stream chunks wait for the acknowledgement of the one before. If it
    // fails the connection is gone, which serving it will show.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| handle(request, &shared));
    // How a connection ends is the client's affair, or an injected fault.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn handle(request: Request<Incoming>, shared: &Arc<Shared>) -> Result<Reply, Cut> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            return Ok(reply::case("payload too large"));
        }
        Err(_) => return Err(Cut),
    };
    let headers = parts.headers.iter().map(|(name, value)| {
        (
            name.to_string(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    });
    let request = Recorded {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: headers.collect(),
        body,
        at: SystemTime::now(),
        took: None,
    };
    let (nth, fault) = shared.lock().record(&request);
    let begun = Instant::now();
    let reply = answer(&request, fault, shared).await;
    if let Some(request) = shared.lock().requests.get_mut(nth) {
        request.took = Some(begun.elapsed());
    }
    reply
}

async fn answer(
    request: &Recorded,
    fault: Option<Fault>,
    shared: &Arc<Shared>,
) -> Result<Reply, Cut> {
    let Some(fault) = fault else {
        return Ok(route(request, shared).await);
    };
    match &fault {
        Fault::Drop => return Err(Cut),
        Fault::Delay(time) => tokio::time::sleep(*time).await,
        _ => {}
    }
    match fault.instead() {
        Some(reply) => Ok(reply),
        None => Ok(fault.on_the_way(route(request, shared).await)),
    }
}

async fn route(request: &Recorded, shared: &Arc<Shared>) -> Reply {
    let segments: Vec<String> = request.path.split('/').skip(1).map(decoded).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (request.method.as_str(), segments.as_slice()) {
        ("GET", ["auth"]) => connect::page(request, shared),
        ("POST", ["auth"]) => connect::decide(request, shared),
        ("GET", ["favicon.ico"]) => reply::with(404, "text/plain", Bytes::new()),
        (method, ["api", "v1", route @ ..]) => api(method, route, request, shared)
            .await
            .unwrap_or_else(|refusal| refusal),
        _ => not_found(),
    }
}

async fn api(method: &str, route: &[&str], request: &Recorded, shared: &Arc<Shared>) -> Answer {
    match (method, route) {
        ("POST", ["auth", "keys"]) => connect::exchange(request, shared),
        ("POST", ["auth", "keys", "code"]) => connect::code(request, shared),
        ("GET", ["key"] | ["auth", "key"]) => account::key(request, shared),
        ("GET", ["credits"]) => account::credits(request, shared),
        ("GET", ["generation"]) => account::generation(request, shared),
        ("GET", ["models"]) => catalogue::list(request, shared.catalogue, &[]),
        ("GET", ["models", "user"]) => account::bearer(request, shared)
            .and_then(|_| catalogue::list(request, shared.catalogue, &shared.lock().barred)),
        ("GET", ["endpoints", "zdr"]) => {
            account::bearer(request, shared).map(|_| catalogue::private(shared.catalogue))
        }
        ("GET", ["models", "count"]) => catalogue::count(request, shared.catalogue),
        ("GET", ["models", author, slug, "endpoints"]) => Ok(catalogue::endpoints(
            &format!("{author}/{slug}"),
            shared.catalogue,
        )),
        ("GET", ["model", author, slug]) => Ok(catalogue::one(
            &format!("{author}/{slug}"),
            shared.catalogue,
        )),
        ("GET", ["providers"]) => Ok(catalogue::providers(shared.catalogue)),
        ("POST", ["chat", "completions"]) => chat::complete(request, shared).await,
        (_, ["auth", "keys"] | ["auth", "keys", "code"] | ["chat", "completions"]) => {
            Err(reply::error(405, "Method Not Allowed"))
        }
        _ => Err(not_found()),
    }
}

fn not_found() -> Reply {
    reply::error(404, "Not Found")
}

/// Undoes percent-encoding (`%3Afree`). A `+` stays what it is in a path.
fn decoded(segment: &str) -> String {
    let pair = format!("v={}", segment.replace('+', "%2B").replace('&', "%26"));
    form_urlencoded::parse(pair.as_bytes())
        .map(|(_, value)| value.into_owned())
        .collect()
}
