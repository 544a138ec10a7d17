//! Sign-in with PKCE: the consent page, and the exchange of its code for a key.
//!
//! OpenRouter's guide "OAuth PKCE" is the source of the rules; what it leaves open is decided
//! strictly, so that a client which works here asks nothing special of the real service.

mod exchange;
mod page;

use time::OffsetDateTime;
use url::Url;

pub(crate) use exchange::{code, exchange};
pub(crate) use page::{decide, page};

use crate::state::{Reset, Shared};
use crate::{Config, Recorded};

/// Why the consent page shows an error instead of its buttons.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The client made something that is not a URL of the consent page.
    #[error("this is not a URL of the consent page")]
    NotTheConsentPage,
    /// The client named a callback that is neither https nor loopback.
    #[error("the callback URL is not allowed: {0}")]
    Callback(String),
    /// The client asked for a code to paste without a challenge to bind it to.
    #[error("a code challenge is required when there is no callback URL")]
    ChallengeMissing,
    /// The client named a challenge method other than `S256` and `plain`.
    #[error("Invalid code_challenge_method")]
    Method,
    /// The client's key label has more than 100 characters.
    #[error("the key label is longer than 100 characters")]
    Label,
    /// The user typed a credit limit that is not a positive amount.
    #[error("the credit limit is not an amount")]
    Limit,
    /// The user declined, and there is no callback to tell.
    #[error("there is no callback URL to send the refusal to")]
    NoCallback,
}

/// What the user's approval leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The code to exchange.
    pub code: String,
    /// Where the browser is sent, code and state included; `None` in paste mode.
    pub redirect: Option<String>,
}

/// How the verifier leads to the challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    S256,
    Plain,
}

impl Method {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "S256" => Some(Self::S256),
            "plain" => Some(Self::Plain),
            _ => None,
        }
    }
}

/// A code, what it is bound to and what its key will be.
pub(crate) struct Grant {
    /// The challenge and its method; a method that was not named is plain, as RFC 7636 says.
    pub challenge: Option<(String, Method)>,
    pub label: Option<String>,
    pub limit: Option<f64>,
    pub limit_reset: Option<Reset>,
    pub expires_at: Option<OffsetDateTime>,
    pub issued: OffsetDateTime,
}

/// What an app asks of the consent page.
pub(crate) struct Request {
    callback: Option<Url>,
    challenge: Option<(String, Method)>,
    key_label: Option<String>,
    state: Option<String>,
}

impl Request {
    pub fn from_url(url: &str, config: &Config) -> Result<Self, Refused> {
        let url = Url::parse(url).map_err(|_| Refused::NotTheConsentPage)?;
        if url.path() != "/auth" {
            return Err(Refused::NotTheConsentPage);
        }
        let first = |name: &str| {
            let mut pairs = url.query_pairs();
            pairs
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.into_owned())
        };
        Self::new(first, config)
    }

    pub fn from_recorded(request: &Recorded, config: &Config) -> Result<Self, Refused> {
        Self::new(|name| request.parameter(name), config)
    }

    fn new(parameter: impl Fn(&str) -> Option<String>, config: &Config) -> Result<Self, Refused> {
        let callback = match parameter("callback_url") {
            Some(url) => Some(allowed_callback(&url, config)?),
            None => None,
        };
        let method = match parameter("code_challenge_method") {
            Some(name) => Method::parse(&name).ok_or(Refused::Method)?,
            None => Method::Plain,
        };
        let challenge = parameter("code_challenge").filter(|challenge| !challenge.is_empty());
        if callback.is_none() && challenge.is_none() {
            return Err(Refused::ChallengeMissing);
        }
        let key_label = parameter("key_label").filter(|label| !label.is_empty());
        if key_label
            .as_ref()
            .is_some_and(|label| label.chars().count() > 100)
        {
            return Err(Refused::Label);
        }
        Ok(Self {
            callback,
            challenge: challenge.map(|challenge| (challenge, method)),
            key_label,
            state: parameter("state"),
        })
    }

    /// How the page calls the app: apps on this computer have no public name of their own.
    pub fn title(&self) -> String {
        if let Some(label) = &self.key_label {
            return label.clone();
        }
        let Some(callback) = &self.callback else {
            return "An app".to_owned();
        };
        let host = callback.host_str().unwrap_or(callback.scheme());
        match callback.port() {
            Some(port) if callback.scheme() == "http" => format!("localhost:{port}"),
            _ => host.to_owned(),
        }
    }

    pub fn approve(self, shared: &Shared, limit: Option<f64>) -> Result<Approval, Refused> {
        if limit.is_some_and(|limit| !limit.is_finite() || limit <= 0.0) {
            return Err(Refused::Limit);
        }
        let mut state = shared.lock();
        let code = state.token(32);
        let grant = Grant {
            challenge: self.challenge,
            label: self.key_label,
            limit,
            limit_reset: None,
            expires_at: None,
            issued: state.now(),
        };
        state.grants.insert(code.clone(), grant);
        let redirect = self.callback.map(|mut callback| {
            callback.query_pairs_mut().append_pair("code", &code);
            if let Some(state) = &self.state {
                callback.query_pairs_mut().append_pair("state", state);
            }
            callback.to_string()
        });
        Ok(Approval { code, redirect })
    }

    /// The state is left out: the real service drops it on denial.
    pub fn deny(self) -> Result<String, Refused> {
        let mut callback = self.callback.ok_or(Refused::NoCallback)?;
        callback
            .query_pairs_mut()
            .append_pair("error", "access_denied");
        Ok(callback.to_string())
    }
}

/// Any https URL; plain http for `localhost` and `127.0.0.1` on any port; and this project's own
/// scheme, where the configuration allows it.
fn allowed_callback(url: &str, config: &Config) -> Result<Url, Refused> {
    let refused = || Refused::Callback(url.to_owned());
    let parsed = Url::parse(url).map_err(|_| refused())?;
    let is_allowed = match parsed.scheme() {
        "https" => parsed.has_host(),
        "http" => {
            matches!(parsed.host_str(), Some("localhost" | "127.0.0.1"))
                && parsed.username().is_empty()
                && parsed.password().is_none()
        }
        "causeway" => config.allow_custom_scheme,
        _ => false,
    };
    if is_allowed {
        Ok(parsed)
    } else {
        Err(refused())
    }
}
