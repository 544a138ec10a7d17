//! Sign-in: the authorization page's address, a code without a browser, and the exchange (OpenRouter docs, "OAuth
//! PKCE"; API reference, "Create authorization code").

use crate::{ApiKey, AuthorizationCode, Client, CodeChallenge, CodeVerifier, Error, Origin};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

/// Longest label of a key, in characters.
pub const KEY_LABEL_MAX: usize = 100;
/// An exchange's reply is some 100 bytes; this is its bound.
const REPLY_MAX: usize = 64 * 1024;

/// The parts of an authorization request.
#[derive(Debug, Clone)]
pub struct AuthorizeUrl<'a> {
    /// Where the browser brings the code; none asks for a code to paste.
    pub callback: Option<&'a Url>,
    /// The public half of the code verifier.
    pub challenge: &'a CodeChallenge,
    /// Comes back on success when there is a callback; never on denial.
    pub state: Option<&'a str>,
    /// Proposed name of the key.
    pub key_label: &'a str,
}

impl AuthorizeUrl<'_> {
    /// The address to open in the browser.
    #[must_use]
    pub fn at(&self, origin: &Origin) -> Url {
        let mut url = origin.at("/auth");
        let mut query = url.query_pairs_mut();
        if let Some(callback) = self.callback {
            query.append_pair("callback_url", callback.as_str());
        }
        query
            .append_pair("code_challenge", self.challenge.as_str())
            .append_pair("code_challenge_method", "S256");
        if let (Some(state), Some(_)) = (self.state, self.callback) {
            query.append_pair("state", state);
        }
        let label: String = self.key_label.chars().take(KEY_LABEL_MAX).collect();
        query.append_pair("key_label", &label);
        drop(query);
        url
    }
}

/// How often a credit limit begins anew, in UTC; weeks begin on Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LimitReset {
    /// At midnight.
    Daily,
    /// On Monday at midnight.
    Weekly,
    /// On the first of the month at midnight.
    Monthly,
}

/// What the code of `POST /api/v1/auth/keys/code` is bound to, and what its key will be. All that the API reference
/// lists, but for `spawn_*`, which is telemetry of another app.
#[derive(Debug, Clone, Serialize)]
pub struct CodeRequest<'a> {
    /// Required and never visited: an https address, or plain http on `localhost` or `127.0.0.1`.
    pub callback_url: &'a str,
    /// Binds the code to its verifier. The service would do without; this client does not.
    pub code_challenge: &'a CodeChallenge,
    /// Always S256.
    pub code_challenge_method: S256,
    /// The most that the key may spend, in US dollars: in all, or in each period of `usage_limit_type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// The period of the limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_limit_type: Option<LimitReset>,
    /// When the key stops working: ISO 8601 in UTC, with seconds (`2027-12-31T23:59:59Z`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<&'a str>,
    /// The key's name, at most [`KEY_LABEL_MAX`] characters; the app's name when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_label: Option<&'a str>,
    /// The workspace (a UUID) that the key belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<&'a str>,
}

/// The one challenge method there is (RFC 7636 §4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum S256 {
    /// `S256` on the wire.
    S256,
}

/// What an exchange gives. The account's `user_id` is not kept: nothing here needs it.
pub struct Exchanged {
    /// The person's own key.
    pub key: ApiKey,
}

impl Exchanged {
    fn of(reply: Reply) -> Result<Self, Error> {
        let key =
            ApiKey::new(reply.key).map_err(|_| Error::Unexpected("the key in it is no key"))?;
        Ok(Self { key })
    }

    /// Reads the reply to an exchange.
    #[cfg(feature = "testing")]
    pub(crate) async fn read(response: reqwest::Response) -> Result<Self, Error> {
        Self::of(Client::read(response, REPLY_MAX).await?)
    }
}

#[derive(Serialize)]
struct Body<'a> {
    code: &'a str,
    code_verifier: &'a str,
    code_challenge_method: S256,
}

#[derive(Deserialize)]
struct Reply {
    key: Zeroizing<String>,
}

#[derive(Deserialize)]
struct CodeReply {
    data: CodeData,
}

#[derive(Deserialize)]
struct CodeData {
    id: Zeroizing<String>,
}

impl Client {
    /// Trades an authorization code for a key: `POST /api/v1/auth/keys`, without an Authorization header.
    ///
    /// Sent again only when no connection could be made: a code works once, and a second try of a request that may
    /// have been read would turn a lost answer into a false refusal.
    ///
    /// # Errors
    /// [`Error::Offline`] when nothing was sent; [`Error::Lost`] when the code may have been used up; 400 and 403
    /// alike mean that the code is no good any more; [`Error::Unexpected`] when the reply holds no usable key.
    pub async fn exchange(
        &self,
        code: &AuthorizationCode,
        verifier: &CodeVerifier,
    ) -> Result<Exchanged, Error> {
        let body = Body {
            code: code.expose(),
            code_verifier: verifier.expose(),
            code_challenge_method: S256::S256,
        };
        let request = self
            .request_once(Method::POST, "/api/v1/auth/keys")
            .json(&body);
        Exchanged::of(Self::json_once(request, REPLY_MAX).await?)
    }

    /// Asks for an authorization code with a key in hand, without a browser: `POST /api/v1/auth/keys/code`. The
    /// [exchange](Self::exchange) makes a key of it. Which keys may do this is not settled: the documents tell of an
    /// error "Only management keys can perform this operation".
    ///
    /// # Errors
    /// The documented statuses are 400, 401, 403, 409 and 500. [`Error::Offline`] when nothing was sent. After
    /// [`Error::Lost`] a code may exist that nobody knows: without its verifier it is worth nothing.
    pub async fn authorization_code(
        &self,
        key: &ApiKey,
        wanted: &CodeRequest<'_>,
    ) -> Result<AuthorizationCode, Error> {
        let request = self.request_once(Method::POST, "/api/v1/auth/keys/code");
        let request = Self::bearer(request, key)?.json(wanted);
        let reply: CodeReply = Self::json_once(request, REPLY_MAX).await?;
        AuthorizationCode::new(reply.data.id)
            .map_err(|_| Error::Unexpected("the code in it is no code"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_carries_an_encoded_callback_and_never_plain() {
        let challenge = CodeVerifier::from_random(&[7; 32]).challenge();
        let callback = Url::parse("http://localhost:3000/cb/n?a=1&b=2").unwrap();
        let url = AuthorizeUrl {
            callback: Some(&callback),
            challenge: &challenge,
            state: Some("n"),
            key_label: "Causeway",
        }
        .at(&Origin::openrouter());
        assert_eq!(
            url.as_str(),
            format!(
                "https://openrouter.ai/auth?callback_url=http%3A%2F%2Flocalhost%3A3000%2Fcb%2Fn%3Fa%3D1%26b%3D2\
                 &code_challenge={}&code_challenge_method=S256&state=n&key_label=Causeway",
                challenge.as_str()
            )
        );
    }

    #[test]
    fn without_a_callback_there_is_no_state_and_a_label_is_cut_at_its_limit() {
        let challenge = CodeVerifier::from_random(&[7; 32]).challenge();
        let url = AuthorizeUrl {
            callback: None,
            challenge: &challenge,
            state: Some("n"),
            key_label: &"é".repeat(120),
        }
        .at(&Origin::openrouter());
        let pairs: Vec<_> = url
            .query_pairs()
            .map(|(k, v)| (k.into_owned(), v.chars().count()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("code_challenge".to_owned(), 43),
                ("code_challenge_method".to_owned(), 4),
                ("key_label".to_owned(), 100)
            ]
        );
    }
}
