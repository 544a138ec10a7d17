//! Sign-in: the authorization page's address and the exchange (OpenRouter docs, "OAuth PKCE").

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

/// What an exchange gives. The account's `user_id` is not kept: nothing here needs it.
pub struct Exchanged {
    /// The person's own key.
    pub key: ApiKey,
}

#[derive(Serialize)]
struct Body<'a> {
    code: &'a str,
    code_verifier: &'a str,
    code_challenge_method: &'static str,
}

#[derive(Deserialize)]
struct Reply {
    key: Zeroizing<String>,
}

impl Client {
    /// Trades an authorization code for a key: `POST /api/v1/auth/keys`, without an Authorization header.
    ///
    /// Never retried here: a code works once, and a second try would turn a lost answer into a false refusal.
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
            code_challenge_method: "S256",
        };
        let request = self
            .request_once(Method::POST, "/api/v1/auth/keys")
            .json(&body);
        let reply: Reply = Self::json(request, REPLY_MAX).await?;
        let key =
            ApiKey::new(reply.key).map_err(|_| Error::Unexpected("the key in it is no key"))?;
        Ok(Exchanged { key })
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
