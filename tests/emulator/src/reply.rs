//! Replies in the shapes OpenRouter uses.

use std::collections::BTreeMap;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

use crate::cases;

pub(crate) type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, Cut>;
pub(crate) type Reply = Response<Body>;
/// What a route answers; the refusals take the way of `?`.
pub(crate) type Answer = Result<Reply, Reply>;

/// Ends a body before its time: the server closes the connection without a proper end.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut on purpose")]
pub(crate) struct Cut;

/// A reply with a body of one piece.
pub(crate) fn with(status: u16, content_type: &str, body: Bytes) -> Reply {
    let mut reply = Response::new(
        Full::new(body)
            .map_err(|never| match never {})
            .boxed_unsync(),
    );
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    set_header(&mut reply, "content-type", content_type);
    reply
}

/// Sets a header; what cannot be a header is left out.
pub(crate) fn set_header(reply: &mut Reply, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
        reply.headers_mut().insert(name, value);
    }
}

pub(crate) fn json(status: u16, body: &impl Serialize) -> Reply {
    match serde_json::to_vec(body) {
        Ok(bytes) => with(status, "application/json", bytes.into()),
        Err(error) => with(500, "text/plain", error.to_string().into()),
    }
}

/// The usual error shape: `{"error":{"code","message"}}`, the code being the status.
pub(crate) fn error(status: u16, message: &str) -> Reply {
    json(
        status,
        &json!({ "error": { "code": status, "message": message } }),
    )
}

/// The shape of a request that failed validation: no numeric code, and the issues as a string.
pub(crate) fn zod(path: &str, expected: &str, message: &str) -> Reply {
    let path: Vec<&str> = Some(path)
        .filter(|path| !path.is_empty())
        .into_iter()
        .collect();
    let issues = json!([
        { "code": "invalid_type", "expected": expected, "path": path, "message": message }
    ]);
    json(
        400,
        &json!({ "success": false, "error": { "name": "ZodError", "message": issues.to_string() } }),
    )
}

/// An error from the fixtures, by the words that say when it comes.
pub(crate) fn case(when: &str) -> Reply {
    cases::error(when).map_or_else(|| error(500, "no such case"), case_reply)
}

/// As [`case`], with another message: the fixtures name an example's model or number.
pub(crate) fn case_saying(when: &str, message: &str) -> Reply {
    let Some(case) = cases::error(when) else {
        return error(500, "no such case");
    };
    let mut case = case.clone();
    case.body["error"]["message"] = Value::from(message);
    case_reply(&case)
}

pub(crate) fn case_reply(case: &cases::ErrorCase) -> Reply {
    let mut reply = json(case.status, &case.body);
    set_headers(&mut reply, &case.headers);
    reply
}

pub(crate) fn set_headers(reply: &mut Reply, headers: &BTreeMap<String, String>) {
    for (name, value) in headers {
        set_header(reply, name, value);
    }
}
