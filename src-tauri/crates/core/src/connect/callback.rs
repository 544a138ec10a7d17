//! What a request to the listener means: a pure function of its head, checked in a fixed order.

use hyper::{HeaderMap, Method, Uri, header, http::request::Parts};
use openrouter::AuthorizationCode;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// What one attempt expects of its callback.
#[derive(Clone)]
pub struct Expected {
    /// `localhost:3000` or `127.0.0.1:PORT`, exactly as in the address given to the service.
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

impl Expected {
    /// The path that the browser comes back to.
    pub fn path(&self) -> String {
        format!("/cb/{}", self.nonce)
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
