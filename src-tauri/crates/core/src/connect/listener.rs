//! The loopback listener of one attempt: bounds first, then one decision, then the true outcome.

use super::{
    callback::{Answer, Expected, Verdict},
    page::{self, Ending},
};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, StatusCode, body::Incoming, header, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::{AbortHandle, JoinHandle},
};

/// Connections held at once; the oldest silent one makes room for the next.
const CONNECTIONS: usize = 32;
/// Time to deliver a request's head.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// Size of a request's head, in bytes.
const HEAD_MAX: usize = 8 * 1024;
/// How long a browser is kept waiting for the outcome.
const HELD: Duration = Duration::from_secs(30);

/// A decision that arrived, with the browser waiting for its outcome.
pub struct Arrival {
    /// What the person decided.
    pub answer: Answer,
    /// Tells the browser how it ended. Dropping it says that it failed.
    pub reply: oneshot::Sender<Ending>,
}

/// The right to listen: one attempt at a time has it, until the last of its sockets is closed.
pub type Turn = Arc<tokio::sync::OwnedMutexGuard<()>>;

/// The accept loops of one attempt. Dropping it closes the port soon; connections end after their replies.
pub struct Listener {
    loops: Vec<JoinHandle<()>>,
}

impl Listener {
    /// Closes the port, and returns when it is closed.
    pub async fn close(mut self) {
        for accepting in std::mem::take(&mut self.loops) {
            accepting.abort();
            // Cancelled is what it shall be.
            let _ = accepting.await;
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.loops.iter().for_each(JoinHandle::abort);
    }
}

struct Shared {
    expected: Expected,
    claimed: AtomicBool,
    arrivals: mpsc::Sender<Arrival>,
    policy: String,
}

impl Listener {
    /// Serves these sockets until dropped. At most one decision is ever sent to `arrivals`.
    pub fn serve(
        sockets: Vec<TcpListener>,
        expected: Expected,
        arrivals: mpsc::Sender<Arrival>,
        turn: &Turn,
    ) -> Self {
        let claimed = AtomicBool::new(false);
        let shared = Arc::new(Shared {
            expected,
            claimed,
            arrivals,
            policy: page::policy(),
        });
        let loops = sockets
            .into_iter()
            .map(|s| tokio::spawn(accept(Arc::clone(turn), s, Arc::clone(&shared))))
            .collect();
        Self { loops }
    }
}

// The turn comes first, so that it is dropped last, after the socket.
async fn accept(_turn: Turn, socket: TcpListener, shared: Arc<Shared>) {
    let mut held: VecDeque<(AbortHandle, Arc<AtomicBool>)> = VecDeque::new();
    loop {
        let Ok((stream, peer)) = socket.accept().await else {
            // Out of descriptors or a connection that died in the queue: neither ends the attempt.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        if !peer.ip().is_loopback() {
            continue;
        }
        held.retain(|(handle, _)| !handle.is_finished());
        if held.len() >= CONNECTIONS {
            // One that waits for its outcome is never the one to go.
            let silent = held
                .iter()
                .position(|(_, busy)| !busy.load(Ordering::Acquire));
            match silent.and_then(|at| held.remove(at)) {
                Some((handle, _)) => handle.abort(),
                None => continue,
            }
        }
        let busy = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(connection(stream, Arc::clone(&shared), Arc::clone(&busy)));
        held.push_back((task.abort_handle(), busy));
    }
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    shared: Arc<Shared>,
    busy: Arc<AtomicBool>,
) {
    let service = service_fn(move |request| {
        busy.store(true, Ordering::Release);
        respond(Arc::clone(&shared), request)
    });
    // An error here is the client's: it went away, was too slow or sent no HTTP.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_MAX)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn respond(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, _) = request.into_parts();
    let (status, text) = match shared.expected.judge(&head) {
        Verdict::NotFound => (StatusCode::NOT_FOUND, "Not found".to_owned()),
        Verdict::Probe => (StatusCode::OK, shared.expected.probe.clone()),
        Verdict::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "GET only".to_owned()),
        Verdict::BadRequest => (StatusCode::BAD_REQUEST, "Bad request".to_owned()),
        Verdict::TooEarly => (StatusCode::SERVICE_UNAVAILABLE, "Not yet".to_owned()),
        Verdict::Arrived(_) if shared.claimed.swap(true, Ordering::AcqRel) => {
            (StatusCode::CONFLICT, "Already received".to_owned())
        }
        Verdict::Arrived(answer) => {
            let (reply, outcome) = oneshot::channel();
            // A closed channel is an attempt that is over: `reply` is dropped and the page says so.
            let _ = shared.arrivals.send(Arrival { answer, reply }).await;
            let ending = match tokio::time::timeout(HELD, outcome).await {
                Ok(Ok(ending)) => ending,
                _ => Ending::Failed,
            };
            (StatusCode::OK, ending.html())
        }
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let fixed = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONNECTION, "close"),
        (
            header::CONTENT_TYPE,
            if status == StatusCode::OK {
                "text/html; charset=utf-8"
            } else {
                "text/plain"
            },
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    headers.insert(
        "cross-origin-opener-policy",
        header::HeaderValue::from_static("same-origin"),
    );
    if let Ok(policy) = header::HeaderValue::from_str(&shared.policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, header::HeaderValue::from_static("GET"));
    }
    Ok(response)
}

/// What the listener answers to these bytes and the end of the connection, and the decision that they brought.
#[cfg(feature = "testing")]
pub async fn answer(expected: Expected, bytes: &[u8]) -> (Vec<u8>, Option<Answer>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let (sender, mut arrivals) = mpsc::channel(1);
    let shared = Arc::new(Shared {
        expected,
        claimed: AtomicBool::new(false),
        arrivals: sender,
        policy: page::policy(),
    });
    let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
    let client = async {
        // A listener that has refused already may close before it has read everything.
        let _ = theirs.write_all(bytes).await;
        let _ = theirs.shutdown().await;
        let mut page = Vec::new();
        let _ = theirs.read_to_end(&mut page).await;
        page
    };
    // Without its outcome, a page says that it failed.
    let person = async { arrivals.recv().await.map(|arrival| arrival.answer) };
    let serving = connection(ours, shared, Arc::default());
    let (page, decision, ()) = tokio::join!(client, person, serving);
    (page, decision)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    #[tokio::test]
    async fn l10_a_page_that_waits_for_its_outcome_is_not_pushed_out() {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let expected = Expected {
            authority: address.to_string(),
            nonce: "n".repeat(43),
            probe: "p".repeat(43),
        };
        let request = format!(
            "GET {}?code=abc HTTP/1.1\r\nHost: {address}\r\n\r\n",
            expected.path()
        );
        let (sender, mut arrivals) = mpsc::channel(1);
        let lock = Arc::new(tokio::sync::Mutex::new(()));
        let turn = Arc::new(lock.lock_owned().await);
        let _listener = Listener::serve(vec![socket], expected, sender, &turn);
        let mut page = TcpStream::connect(address).await.unwrap();
        page.write_all(request.as_bytes()).await.unwrap();
        let arrival = arrivals.recv().await.unwrap();

        let mut idle = Vec::new();
        for _ in 0..=CONNECTIONS {
            idle.push(TcpStream::connect(address).await.unwrap());
        }
        // The first to come was the first to go, so all of them have been taken up.
        assert!(matches!(idle[0].read(&mut [0; 1]).await, Ok(0) | Err(_)));
        arrival.reply.send(Ending::Connected).unwrap();
        let mut shown = String::new();
        page.read_to_string(&mut shown).await.unwrap();
        assert!(shown.contains("You are connected"), "{shown}");
    }
}
