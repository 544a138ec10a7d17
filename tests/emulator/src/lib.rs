//! OpenRouter on this computer: the consent page, the key exchange, the account, the catalogue
//! and chat, on a loopback port, for tests and for the demo.
//!
//! It fakes the remote, never the inside: whatever talks to it goes through real sockets and sees
//! the statuses, bodies and stream framing that OpenRouter's public documents and published
//! recordings show. It is stricter than a mock on purpose. The checks (PKCE, single use, ten
//! minutes, limits) have no switch, and what a client should have done and did not is kept in
//! [`Emulator::violations`].
//!
//! Models of the author `emulator` do what their name says (`emulator/prose-5000@200`); every other
//! model gives a short answer about the question. Deliberately absent: tools that think, embeddings,
//! accounts.

#![forbid(unsafe_code)]
#![expect(
    clippy::result_large_err,
    reason = "a refusal is a whole reply, and moved once a request"
)]

mod account;
mod cases;
mod catalogue;
mod chat;
mod connect;
mod fault;
mod recorded;
mod reply;
mod server;
mod state;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use catalogue::whole as catalogue;
pub use chat::book;
pub use connect::{Approval, Refused};
pub use fault::Fault;
pub use recorded::Recorded;
pub use state::{KeyRecord, Reset};

use state::Shared;

/// What may differ between one emulator and another. The rules of the protocol may not.
#[derive(Debug, Clone)]
pub struct Config {
    /// The port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// Makes the keys, codes and ids: the same seed and the same requests give the same ones.
    pub seed: u64,
    /// How fast a model talks whose name does not say; 0 and infinity send everything at
    /// once.
    pub tokens_per_second: f64,
    /// So many tokens of a reply come at once before its pace holds.
    pub burst: usize,
    /// Whether the consent page redirects to `causeway:` URLs. OpenRouter documents no custom
    /// scheme, but those of code editors work in production.
    pub allow_custom_scheme: bool,
    /// Whether `POST /auth/keys/code` is kept for management keys; the documents allow both
    /// readings.
    pub code_needs_management_key: bool,
    /// How long `GET /generation` answers 404 after a reply has ended.
    pub generation_delay: Duration,
    /// After how many requests that were answered 404 `GET /generation` gives in before the delay
    /// is over.
    pub generation_asks: u32,
    /// Credits ever bought by the account, in US dollars.
    pub credits: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            port: 0,
            seed: 1,
            tokens_per_second: 60.0,
            burst: 0,
            allow_custom_scheme: true,
            code_needs_management_key: false,
            generation_delay: Duration::from_secs(60),
            generation_asks: 3,
            credits: 25.0,
        }
    }
}

/// A running server. It stops, and cuts every connection, when it is dropped.
pub struct Emulator {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Emulator {
    /// Binds the port and starts to serve.
    ///
    /// # Errors
    /// The system's, when the port cannot be bound.
    pub async fn start(config: Config) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(config));
        let server = tokio::spawn(server::serve(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            server,
        })
    }

    /// Stops, cuts every connection, and returns when the port is closed.
    pub async fn stop(mut self) {
        self.server.abort();
        // Cancelled is what it shall be.
        let _ = (&mut self.server).await;
    }

    /// What a client uses in place of `https://openrouter.ai`: `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far, oldest first, including those that a fault swallowed.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.lock().requests.clone()
    }

    /// When each token of the last book was sent: a measure for who looks at when it was painted.
    pub fn pace(&self) -> Vec<SystemTime> {
        self.shared.lock().pace.clone()
    }

    /// Every PDF that the service read so far, by its name, with the engine that read it. What a model reads itself is
    /// none, and neither is what an annotation brought.
    pub fn readings(&self) -> Vec<(String, String)> {
        self.shared.lock().readings.clone()
    }

    /// What clients must do and did not, one sentence each, in the order of the requests: no bearer
    /// where one is needed, one on the exchange, no attribution, a cookie, a PDF without an engine named, a body that is not JSON,
    /// a key or a verifier in a URL.
    pub fn violations(&self) -> Vec<String> {
        recorded::violations(&self.shared.lock().requests)
    }

    /// Lets the next `times` requests whose path starts with `path_prefix` suffer `fault`. Faults of
    /// the same path are used up in the order they were injected.
    pub fn inject(&self, path_prefix: &str, fault: Fault, times: u32) {
        self.shared
            .lock()
            .faults
            .push((path_prefix.to_owned(), fault, times));
    }

    /// What the Authorize button does, without a browser. `limit` is what the user would type as
    /// credit limit, in US dollars.
    ///
    /// # Errors
    /// What the page would have said instead of showing the button.
    pub fn approve(&self, auth_url: &str, limit: Option<f64>) -> Result<Approval, Refused> {
        connect::Request::from_url(auth_url, &self.shared.config)?.approve(&self.shared, limit)
    }

    /// What the Deny button does, without a browser: the URL that the browser is sent to, which
    /// carries `error=access_denied` and never `state`.
    ///
    /// # Errors
    /// What the page would have said instead of showing the button, or [`Refused::NoCallback`].
    pub fn deny(&self, auth_url: &str) -> Result<String, Refused> {
        connect::Request::from_url(auth_url, &self.shared.config)?.deny()
    }

    /// Makes a key as the site does, for those who paste one. `limit` in US dollars.
    pub fn issue_key(&self, label: &str, limit: Option<f64>) -> String {
        let mut state = self.shared.lock();
        state.issue(KeyRecord {
            label: Some(label.to_owned()),
            limit,
            ..KeyRecord::default()
        })
    }

    /// Makes a management key.
    pub fn issue_management_key(&self, label: &str) -> String {
        let label = Some(label.to_owned());
        let mut state = self.shared.lock();
        state.issue(KeyRecord {
            label,
            is_management_key: true,
            ..KeyRecord::default()
        })
    }

    /// Deletes a key as the site does; from now on it is answered with 401.
    pub fn revoke(&self, key: &str) {
        self.shared.lock().revoke(key);
    }

    /// Every key ever made, oldest first, with what was spent through it.
    pub fn keys(&self) -> Vec<KeyRecord> {
        self.shared.lock().keys()
    }

    /// Sets the credits ever bought by the account, in US dollars. What was spent is taken from it.
    pub fn set_credits(&self, dollars: f64) {
        self.shared.lock().credits = dollars;
    }

    /// Keeps the models whose id begins so from the user, as privacy settings and guardrails do.
    pub fn bar(&self, start: &str) {
        self.shared.lock().barred.push(start.to_owned());
    }

    /// Moves the emulator's clock forward: codes and keys expire, generations appear, periods end.
    pub fn advance(&self, by: Duration) {
        self.shared.lock().advance(by);
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.server.abort();
    }
}
