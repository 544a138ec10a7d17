//! The one HTTP client: rustls, no redirects, no cookies, bounded replies.

use crate::{ApiError, ApiKey, BadNetwork, Error, Network, Origin};
use bytes::Bytes;
use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use serde::de::DeserializeOwned;
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

/// Who is asking (OpenRouter docs, "App Attribution"): sent as `HTTP-Referer`, `X-OpenRouter-Title` and
/// `X-OpenRouter-Categories` with every request.
#[derive(Debug, Clone)]
pub struct App {
    /// A public https address: the app's identity in rankings.
    pub url: &'static str,
    /// Its name, also the label proposed for its key.
    pub title: &'static str,
    /// Comma-separated categories from OpenRouter's list.
    pub categories: &'static str,
}

/// A connection pool to one [`Origin`].
#[derive(Clone)]
pub struct Client {
    pools: Arc<RwLock<Pools>>,
    origin: Origin,
    app: App,
}

#[derive(Clone)]
struct Pools {
    http: reqwest::Client,
    /// The same without a pool, for a request that must not be sent twice: a connection that was idle may be dead
    /// without anyone knowing, and then nobody can tell whether the request was read. Of a new one that can't be
    /// made it is certain that nothing was sent.
    unpooled: reqwest::Client,
}

/// Time for one whole request that does not stream.
pub(crate) const REQUEST_TIME: Duration = Duration::from_secs(25);
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// How often a request that must not be sent twice is tried while no connection can be made.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(300);
/// A try that begins later than this could be cut off by [`REQUEST_TIME`], and nobody knew any more whether it was read.
const LAST_TRY: Duration = Duration::from_secs(5);

impl Pools {
    fn build(
        origin: &Origin,
        app: &App,
        tune: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<Self, Error> {
        // Fails when a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut headers = header::HeaderMap::new();
        headers.insert("HTTP-Referer", header::HeaderValue::from_static(app.url));
        headers.insert(
            "X-OpenRouter-Title",
            header::HeaderValue::from_static(app.title),
        );
        headers.insert(
            "X-OpenRouter-Categories",
            header::HeaderValue::from_static(app.categories),
        );
        let builder = || {
            let builder = reqwest::Client::builder()
                .default_headers(headers.clone())
                .user_agent(concat!("Causeway/", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .connect_timeout(CONNECT_TIME)
                .tcp_keepalive(Duration::from_secs(30));
            match origin.is_emulated() {
                // Never proxied, whoever asks for it.
                true => tune(builder).no_proxy(),
                false => tune(builder.https_only(true)),
            }
        };
        let unusable = |_| Error::Unexpected("the system's TLS settings");
        let http = builder().build().map_err(unusable)?;
        let unpooled = builder()
            .pool_max_idle_per_host(0)
            .build()
            .map_err(unusable)?;
        Ok(Self { http, unpooled })
    }
}

impl Client {
    /// Makes the client. The system's proxy settings and certificate store are honoured; a loopback origin is never
    /// proxied. The settings are those of the system, or of the environment where it has them: `HTTPS_PROXY`,
    /// `ALL_PROXY` and `NO_PROXY`, in upper or lower case. A proxy sees the host's name alone: what is sent goes
    /// through it encrypted. What `network` says comes before them.
    ///
    /// # Errors
    /// The system's TLS or proxy settings can't be read.
    pub fn new(origin: Origin, app: &App, network: &Network) -> Result<Self, Error> {
        Self::build(origin, app, |builder| network.tune(builder))
    }

    /// Takes another way to the network, from the next request on.
    ///
    /// # Errors
    /// The authorities are no certificates; then it stays as it was.
    pub fn set_network(&self, network: &Network) -> Result<(), BadNetwork> {
        let pools = Pools::build(&self.origin, &self.app, |builder| network.tune(builder));
        // A proxy was judged when it was read.
        let pools = pools.map_err(|_| BadNetwork::Authorities)?;
        *self.pools.write().unwrap_or_else(PoisonError::into_inner) = pools;
        Ok(())
    }

    /// `tune` is what a test changes: whom a name leads to, whose certificates count.
    fn build(
        origin: Origin,
        app: &App,
        tune: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<Self, Error> {
        // On a computer without any certificates nobody can prove who they are: each request says so, and the app opens.
        let pools = Pools::build(&origin, app, &tune)
            .or_else(|_| Pools::build(&origin, app, |builder| tune(builder).tls_certs_only([])))?;
        Ok(Self {
            pools: Arc::new(RwLock::new(pools)),
            origin,
            app: app.clone(),
        })
    }

    fn pools(&self) -> Pools {
        self.pools
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Where this client sends its requests.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.pools().http.request(method, self.origin.at(path))
    }

    /// A GET with one parameter.
    pub(crate) fn request_about(&self, path: &str, name: &str, value: &str) -> RequestBuilder {
        let mut url = self.origin.at(path);
        url.query_pairs_mut().append_pair(name, value);
        self.pools().http.request(Method::GET, url)
    }

    /// A GET below a path; no word of it can lead elsewhere.
    pub(crate) fn request_below(
        &self,
        path: &str,
        words: &[&str],
    ) -> Result<RequestBuilder, Error> {
        let mut url = self.origin.at(path);
        url.path_segments_mut()
            .map_err(|()| Error::Unexpected("the address"))?
            .extend(words);
        Ok(self.pools().http.request(Method::GET, url))
    }

    /// A request on a connection of its own: one that breaks before it is made has sent nothing.
    pub(crate) fn request_once(&self, method: Method, path: &str) -> RequestBuilder {
        self.pools().unpooled.request(method, self.origin.at(path))
    }

    /// Adds the bearer, marked sensitive so that no layer below prints it. Its bytes are wiped when the request is done
    /// with them; what was copied from them to the wire is the library's.
    pub(crate) fn bearer(request: RequestBuilder, key: &ApiKey) -> Result<RequestBuilder, Error> {
        let text = zeroize::Zeroizing::new(format!("Bearer {}", key.expose()).into_bytes());
        let mut value = header::HeaderValue::from_maybe_shared(Bytes::from_owner(text))
            .map_err(|_| Error::Unexpected("the key is no header value"))?;
        value.set_sensitive(true);
        Ok(request.header(header::AUTHORIZATION, value))
    }

    /// Sends a request that does not stream and reads its JSON, of at most `max` bytes, within 25 seconds.
    pub(crate) async fn json<T: DeserializeOwned>(
        request: RequestBuilder,
        max: usize,
    ) -> Result<T, Error> {
        Self::answer(request.timeout(REQUEST_TIME), max).await
    }

    /// The same for a request that must not be sent twice: tried again, within the same time, only while no
    /// connection can be made.
    pub(crate) async fn json_once<T: DeserializeOwned>(
        request: RequestBuilder,
        max: usize,
    ) -> Result<T, Error> {
        let start = tokio::time::Instant::now();
        for _ in 1..TRIES {
            let left = REQUEST_TIME.saturating_sub(start.elapsed());
            let Some(again) = request.try_clone() else {
                break;
            };
            match Self::answer(again.timeout(left), max).await {
                Err(Error::Offline) if start.elapsed() < LAST_TRY => {
                    tokio::time::sleep(PAUSE).await;
                }
                answer => return answer,
            }
        }
        let left = REQUEST_TIME.saturating_sub(start.elapsed());
        Self::answer(request.timeout(left), max).await
    }

    async fn answer<T: DeserializeOwned>(request: RequestBuilder, max: usize) -> Result<T, Error> {
        Self::read(request.send().await.map_err(sent)?, max).await
    }

    /// Reads the JSON of a reply, of at most `max` bytes, if it is no refusal.
    pub(crate) async fn read<T: DeserializeOwned>(
        response: Response,
        max: usize,
    ) -> Result<T, Error> {
        let (status, retry_after) = (response.status(), retry_after(&response));
        // May hold a key: wiped when dropped.
        let body = zeroize::Zeroizing::new(body(response, max).await?);
        if status != StatusCode::OK {
            return Err(refusal(status, retry_after.as_deref(), &body));
        }
        serde_json::from_slice(&body).map_err(|_| Error::Unexpected("not the documented JSON"))
    }
}

pub(crate) fn retry_after(response: &Response) -> Option<String> {
    response
        .headers()
        .get(header::RETRY_AFTER)?
        .to_str()
        .ok()
        .map(str::to_owned)
}

/// A status other than 200 as an error. Redirects are not followed, so they end here too.
pub(crate) fn refusal(status: StatusCode, retry_after: Option<&str>, body: &[u8]) -> Error {
    if status.is_redirection() {
        return Error::Unexpected("a redirect, which is never followed");
    }
    Error::Api(Box::new(ApiError::read(status.as_u16(), retry_after, body)))
}

/// Reads a body up to `max` bytes, whatever its length header says.
pub(crate) async fn body(mut response: Response, max: usize) -> Result<Vec<u8>, Error> {
    let told = response.content_length().unwrap_or_default();
    // Room for all of it at once, as far as it is known: growing would leave copies behind.
    let mut bytes = Vec::with_capacity(usize::try_from(told).unwrap_or(max).min(max));
    while let Some(chunk) = response.chunk().await.map_err(|_| Error::Lost)? {
        if bytes.len() + chunk.len() > max {
            return Err(Error::Unexpected("a reply beyond its bound"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Connect errors prove that nothing was sent; after that, nobody knows.
#[expect(clippy::needless_pass_by_value, reason = "the shape of map_err")]
pub(crate) fn sent(error: reqwest::Error) -> Error {
    if !error.is_connect() && !error.is_builder() {
        Error::Lost
    } else if distrusted(&error) {
        Error::Untrusted
    } else {
        Error::Offline
    }
}

/// Whether TLS refused the other side's certificate. The reason stands somewhere below, wrapped by each layer.
fn distrusted(error: &reqwest::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        // An `io::Error` does not name what it wraps as its source, but shows it when asked.
        let inside = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .map(|inside| inside as &(dyn std::error::Error + 'static));
        let tls = [Some(error), inside]
            .into_iter()
            .flatten()
            .find_map(|e| e.downcast_ref::<rustls::Error>());
        if matches!(tls, Some(rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        cause = inside.or_else(|| error.source());
    }
    false
}

#[cfg(test)]
mod tests;
