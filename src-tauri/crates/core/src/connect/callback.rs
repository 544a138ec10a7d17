//! What a request to the listener or a link of the app's own scheme means: pure functions, checked in a fixed order.

use hyper::{HeaderMap, Method, Uri, header, http::request::Parts};
use openrouter::AuthorizationCode;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// What one attempt expects of its callback.
#[derive(Clone)]
pub struct Expected {
    /// `localhost:3000` or `127.0.0.1:PORT`, exactly as in the address given to the service; empty without a port.
    pub authority: String,
    /// 43 characters, in the path and as `state`.
    pub nonce: String,
    /// 43 other characters: the path that the listener asks of itself before the browser opens.
    pub probe: String,
}

/// What to do with a request.
pub enum Verdict {
    /// Not for us, or not to be known: the same bland answer for every reason.
    NotFound,
    /// The listener asking itself.
    Probe,
    /// Right place, wrong method.
    MethodNotAllowed,
    /// Right place, malformed.
    BadRequest,
    /// A browser looking ahead; the real visit is still to come.
    TooEarly,
    /// The person's decision.
    Arrived(Answer),
}

/// The person's decision, as the service reports it.
pub enum Answer {
    /// Approved.
    Code(AuthorizationCode),
    /// Declined (`access_denied`).
    Declined,
    /// Another error of RFC 6749 §4.1.2.1, or one that is not listed there.
    Refused(&'static str),
}

/// Longest query.
const QUERY_MAX: usize = 4 * 1024;
/// The app's own scheme.
pub const SCHEME: &str = "causeway";
/// How a link that brings an answer begins; the nonce follows.
const LINK: &str = "causeway://cb/";
/// 32 bytes in unpadded Base64.
const NONCE_LENGTH: usize = 43;

/// A link with the shape of a callback, `causeway://cb/NONCE?QUERY`. The shape says nothing about whose it is.
pub struct AppLink<'a> {
    nonce: &'a str,
    query: &'a str,
}

impl<'a> AppLink<'a> {
    /// Takes a link apart as it is spelled, without making one out of something similar: no other case, user, port,
    /// further slash, encoded path or fragment.
    pub fn read(text: &'a str) -> Option<Self> {
        if text.len() > LINK.len() + NONCE_LENGTH + 1 + QUERY_MAX {
            return None;
        }
        let (nonce, query) = match text.strip_prefix(LINK)?.split_at_checked(NONCE_LENGTH)? {
            (nonce, "") => (nonce, ""),
            (nonce, rest) => (nonce, rest.strip_prefix('?')?),
        };
        let in_nonce = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
        // RFC 3986 §3.4; everything else in a query is encoded.
        let in_query = |b: u8| b.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:@/?".contains(&b);
        (nonce.bytes().all(in_nonce) && query.bytes().all(in_query))
            .then_some(Self { nonce, query })
    }
}

impl Expected {
    /// The path that the browser comes back to.
    pub fn path(&self) -> String {
        format!("/cb/{}", self.nonce)
    }

    /// The link that the browser hands to the system to come back.
    pub fn link(&self) -> String {
        format!("{LINK}{}", self.nonce)
    }

    /// Judges a link: the same nonce and the same query as on the port. None: it is to be ignored.
    pub fn judge_link(&self, link: &AppLink<'_>) -> Option<Answer> {
        let ours = same(Some(link.nonce), &self.nonce);
        ours.then(|| self.answer(link.query)).flatten()
    }

    /// Judges a request's head. Nothing of it is ever shown again.
    pub fn judge(&self, head: &Parts) -> Verdict {
        if !host_is(&head.headers, &head.uri, &self.authority) {
            return Verdict::NotFound;
        }
        let path = head.uri.path();
        if same(path.strip_prefix("/probe/"), &self.probe) {
            return Verdict::Probe;
        }
        if !same(path.strip_prefix("/cb/"), &self.nonce) {
            return Verdict::NotFound;
        }
        if head.method != Method::GET {
            return Verdict::MethodNotAllowed;
        }
        if has_body(&head.headers) {
            return Verdict::BadRequest;
        }
        if looks_ahead(&head.headers) {
            return Verdict::TooEarly;
        }
        if !navigates(&head.headers) {
            return Verdict::NotFound;
        }
        match self.answer(head.uri.query().unwrap_or_default()) {
            Some(answer) => Verdict::Arrived(answer),
            None => Verdict::BadRequest,
        }
    }

    /// Reads the query: known keys once each, code or error but not both, `state` right if present.
    ///
    /// `state` may be absent: the service does not echo it on denial, and the path has carried the same nonce.
    pub fn answer(&self, query: &str) -> Option<Answer> {
        if query.len() > QUERY_MAX {
            return None;
        }
        let (mut code, mut error, mut state, mut seen) = (None, None, None, Vec::new());
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if seen.contains(&key) {
                return None;
            }
            match key.as_ref() {
                "code" => code = Some(Zeroizing::new(value.into_owned())),
                "error" => error = Some(value.into_owned()),
                "state" => state = Some(Zeroizing::new(value.into_owned())),
                _ => {}
            }
            seen.push(key);
        }
        if state.is_some_and(|state| !same(Some(&state), &self.nonce)) {
            return None;
        }
        match (code, error) {
            (Some(code), None) => AuthorizationCode::new(code).ok().map(Answer::Code),
            (None, Some(error)) if error == "access_denied" => Some(Answer::Declined),
            (None, Some(error)) => Some(Answer::Refused(known(&error))),
            _ => None,
        }
    }
}

/// The errors of RFC 6749 §4.1.2.1; anything else gets no name, so that nothing of the request is echoed.
fn known(error: &str) -> &'static str {
    const KNOWN: [&str; 6] = [
        "invalid_request",
        "unauthorized_client",
        "unsupported_response_type",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
    ];
    KNOWN
        .into_iter()
        .find(|k| *k == error)
        .unwrap_or("unknown error")
}

fn same(given: Option<&str>, expected: &str) -> bool {
    given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(expected.as_bytes())))
}

/// One Host header, equal to the advertised authority. An absolute request target is not for an origin server.
fn host_is(headers: &HeaderMap, uri: &Uri, authority: &str) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let one = hosts.next().filter(|_| hosts.next().is_none());
    uri.authority().is_none()
        && one.is_some_and(|host| host.as_bytes().eq_ignore_ascii_case(authority.as_bytes()))
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING)
        || headers
            .get_all(header::CONTENT_LENGTH)
            .iter()
            .any(|length| length != "0")
}

fn looks_ahead(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose"].iter().any(|name| {
        let value = headers.get(*name).and_then(|v| v.to_str().ok());
        value.is_some_and(|v| v.to_ascii_lowercase().contains("prefetch"))
    })
}

/// A browser that says what a request is for must say: a page the person goes to.
fn navigates(headers: &HeaderMap) -> bool {
    let says = |name: &str, wanted: &str| headers.get(name).is_none_or(|value| value == wanted);
    says("sec-fetch-dest", "document") && says("sec-fetch-mode", "navigate")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use url::Url;

    const NONCE: &str = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE";

    fn expected() -> Expected {
        Expected {
            authority: String::new(),
            nonce: NONCE.into(),
            probe: String::new(),
        }
    }

    /// Whatever is taken for a link is one in the eyes of any other reader, too, and spelled as ours are.
    fn is_exact_or_no_link(text: &str) -> Result<(), TestCaseError> {
        let Some(link) = AppLink::read(text) else {
            return Ok(());
        };
        prop_assert!(text.len() < 5_000 && text.bytes().all(|b| b.is_ascii_graphic()));
        let url = Url::parse(text).unwrap();
        prop_assert_eq!((url.scheme(), url.host_str()), (SCHEME, Some("cb")));
        prop_assert_eq!(url.path(), format!("/{}", link.nonce));
        prop_assert_eq!(url.port(), None);
        prop_assert_eq!((url.username(), url.password()), ("", None));
        prop_assert_eq!(url.fragment(), None);
        let judged = expected().judge_link(&link);
        prop_assert!(judged.is_none() || link.nonce == NONCE);
        Ok(())
    }

    #[test]
    fn d1_the_link_given_to_the_service_is_the_one_that_is_read() {
        let judge = |query: &str| {
            let text = format!("{}{query}", expected().link());
            expected().judge_link(&AppLink::read(&text).unwrap())
        };
        let approved = judge(&format!("?code=abc&state={NONCE}"));
        assert!(matches!(approved, Some(Answer::Code(_))));
        assert!(matches!(
            judge("?error=access_denied"),
            Some(Answer::Declined)
        ));
        assert!(judge("").is_none());
    }

    #[test]
    fn d6_a_link_has_a_greatest_length() {
        let room = |query: usize| format!("{}?{}", expected().link(), "x".repeat(query));
        assert!(AppLink::read(&room(QUERY_MAX)).is_some());
        assert!(AppLink::read(&room(QUERY_MAX + 1)).is_none());
    }

    proptest! {
        #[test]
        fn d4_d15_whatever_is_read_as_a_link_is_spelled_exactly_so(text in ".{0,200}") {
            is_exact_or_no_link(&text)?;
        }

        #[test]
        fn d4_d15_what_is_nearly_a_link_is_one_or_none(
            text in "(causeway|Causeway)://(u@|u:p@)?(cb|CB|cb%2F)(:|:1)?/{1,2}[A-Za-z0-9_-]{42,44}/?[?#;&]{0,2}\\PC{0,20}"
        ) {
            is_exact_or_no_link(&text)?;
        }

        #[test]
        fn d4_d15_a_link_with_one_character_changed_is_one_or_none(at in 0_usize..110, with in any::<char>()) {
            let link = format!("{}?code=abcdef&state={NONCE}", expected().link());
            let mut text: Vec<char> = link.chars().collect();
            let at = at.min(text.len() - 1);
            text[at] = with;
            let text: String = text.into_iter().collect();
            is_exact_or_no_link(&text)?;
            let begins = expected().link();
            let ours = AppLink::read(&text).is_some_and(|link| expected().judge_link(&link).is_some());
            prop_assert!(!ours || text.starts_with(&begins));
        }
    }
}
