//! What can go wrong between this computer and the service.

use serde_json::Value;
use std::time::Duration;

/// Why a request has no good answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection could be made, so nothing was sent. The network, a proxy or the address is at fault; trying
    /// again is safe.
    #[error("no connection to the service")]
    Offline,
    /// The other side could not prove that it is the service: its certificate is for another host, expired, or signed
    /// by nobody this computer trusts. Nothing was sent. Something between the two is at fault, or the clock.
    #[error("the service's certificate was not accepted")]
    Untrusted,
    /// The connection broke, or the time was up, after the request may have reached the service.
    #[error("the connection was lost before the answer was complete")]
    Lost,
    /// The service said no, in one of its documented ways.
    #[error("the service answered {}", .0.status)]
    Api(Box<ApiError>),
    /// The reply is not what the protocol describes; the service, or something between, is at fault.
    #[error("unexpected reply: {0}")]
    Unexpected(&'static str),
}

/// A refusal by the service or by the provider behind it. The service's `user_id` is never kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status, or the `code` of an error inside a stream; 0 when neither is a number.
    pub status: u16,
    /// The service's own words, at most 2,000 characters; never shown without being asked for.
    pub message: String,
    /// `metadata.error_type`, such as `context_length_exceeded`.
    pub error_type: Option<String>,
    /// The provider that failed.
    pub provider: Option<String>,
    /// Which budget was hit, such as `openrouter_key_limit`.
    pub limit_source: Option<String>,
    /// `metadata.reason`, such as `in_flight_budget_exhausted`, or the reasons of a moderation.
    pub reason: Option<String>,
    /// How long to wait: the `Retry-After` header, else `metadata.retry_after_seconds`, else
    /// `availability.retry_after`.
    pub retry_after: Option<Duration>,
    /// How many providers were left after each step of choosing one, where the service tells; at most 20.
    pub funnel: Vec<Left>,
    /// The step that left none.
    pub failed_step: Option<String>,
    /// `availability.fallback_models`: ids of models that could answer instead; at most 3.
    pub fallback_models: Vec<String>,
    /// `metadata.file_annotations`: what was read in files before the model failed, so that it is not read again.
    pub file_annotations: Vec<Value>,
}

/// How many providers a step of choosing one left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The step, in the service's words.
    pub name: String,
    /// How many.
    pub left: u64,
}

const MESSAGE_MAX: usize = 2_000;
const FUNNEL_MAX: usize = 20;
const FALLBACKS_MAX: usize = 3;
/// No answer makes the app wait longer than a day.
const RETRY_MAX: f64 = 86_400.0;

impl ApiError {
    /// A 402 that asks to wait for other answers, not for money (OpenRouter docs, "Errors and Debugging").
    #[must_use]
    pub fn holds_in_flight(&self) -> bool {
        let says = |text: &Option<String>, words: &[&str]| {
            text.as_deref().is_some_and(|text| words.contains(&text))
        };
        self.status == 402
            && (says(&self.limit_source, &["openrouter_in_flight_budget"])
                || says(
                    &self.reason,
                    &["in_flight_budget_exhausted", "weight_exceeds_budget"],
                ))
    }

    /// Reads an error in any of the service's shapes: `{error:{code,message,metadata}}`,
    /// `{success:false,error:{name,message}}`, or something that is not JSON at all.
    pub(crate) fn read(status: u16, retry_after: Option<&str>, body: &[u8]) -> Self {
        let json: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let mut error = Self::from_object(status, &json["error"]);
        let header = retry_after
            .and_then(|v| v.trim().parse().ok())
            .and_then(seconds);
        error.retry_after = header.or(error.retry_after);
        error
    }

    /// Reads the `error` object of a body or of an event in a stream.
    pub(crate) fn from_object(status: u16, error: &Value) -> Self {
        let metadata = &error["metadata"];
        let text = |value: &Value| value.as_str().map(|s| clip(s, 200));
        // `code` is a number; older examples have a string.
        let code = match &error["code"] {
            Value::String(s) => s.parse().ok(),
            number => number.as_u64().and_then(|n| u16::try_from(n).ok()),
        };
        let reasons = metadata["reasons"].as_array().map(|list| {
            list.iter()
                .filter_map(Value::as_str)
                .take(8)
                .collect::<Vec<_>>()
                .join(", ")
        });
        // An extension of 2026: in the error, or in its metadata.
        let availability = match &error["availability"] {
            Value::Null => &metadata["availability"],
            there => there,
        };
        let wait = [
            &metadata["retry_after_seconds"],
            &availability["retry_after"],
        ];
        let fallbacks = availability["fallback_models"].as_array();
        let fallbacks = fallbacks.into_iter().flatten().filter_map(text);
        Self {
            status: if status == 200 || status == 0 {
                code.unwrap_or(0)
            } else {
                status
            },
            // An error may be nothing but its message.
            message: clip(
                error["message"]
                    .as_str()
                    .or(error.as_str())
                    .unwrap_or_default(),
                MESSAGE_MAX,
            ),
            error_type: text(&metadata["error_type"]).or_else(|| text(&error["error_type"])),
            provider: text(&metadata["provider_name"]),
            limit_source: text(&metadata["limit_source"]),
            reason: text(&metadata["reason"]).or(reasons).map(|s| clip(&s, 200)),
            file_annotations: metadata["file_annotations"]
                .as_array()
                .cloned()
                .unwrap_or_default(),
            retry_after: wait.iter().find_map(|v| v.as_f64()).and_then(seconds),
            funnel: funnel(&metadata["routing_funnel"]),
            failed_step: text(&metadata["failed_routing_step"]),
            fallback_models: fallbacks.take(FALLBACKS_MAX).collect(),
        }
    }
}

/// `[{step, endpoint_count}]`.
fn funnel(steps: &Value) -> Vec<Left> {
    let steps = steps.as_array().into_iter().flatten().take(FUNNEL_MAX);
    let step = |step: &Value| {
        Some(Left {
            name: clip(step["step"].as_str()?, 100),
            left: step["endpoint_count"].as_u64()?,
        })
    };
    steps.filter_map(step).collect()
}

fn seconds(n: f64) -> Option<Duration> {
    (n >= 0.0).then(|| Duration::from_secs_f64(n.min(RETRY_MAX)))
}

/// Without what would not be seen, or would change the order in which the words around it are read.
fn clip(text: &str, max: usize) -> String {
    let turns = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let seen = text.chars().filter(|c| !c.is_control() && !turns(*c));
    seen.take(max).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_says_cannot_turn_the_words_around_it() {
        let body =
            "{\"error\":{\"code\":400,\"message\":\"No\\u0007\u{202e}w \u{2067}\u{5d0}\u{200f}\"}}";
        let error = ApiError::read(400, None, body.as_bytes());
        assert_eq!(error.message, "Now \u{5d0}");
    }

    #[test]
    fn the_wait_comes_from_the_header_first_then_from_the_body() {
        let body = br#"{"error":{"code":429,"message":"m","metadata":{"retry_after_seconds":7}}}"#;
        assert_eq!(
            ApiError::read(429, Some("3"), body).retry_after,
            Some(Duration::from_secs(3))
        );
        assert_eq!(
            ApiError::read(429, None, body).retry_after,
            Some(Duration::from_secs(7))
        );
        let body = br#"{"error":{"code":429,"availability":{"retry_after":40}}}"#;
        assert_eq!(
            ApiError::read(429, None, body).retry_after,
            Some(Duration::from_secs(40))
        );
        let huge = ApiError::read(429, Some("1e300"), b"").retry_after;
        assert_eq!(
            huge,
            Some(Duration::from_secs(86_400)),
            "no wait is longer than a day"
        );
        assert_eq!(ApiError::read(429, Some("-1"), b"").retry_after, None);
        assert_eq!(ApiError::read(429, Some("NaN"), b"").retry_after, None);
    }

    #[test]
    fn a_body_that_is_not_json_is_an_error_with_its_status() {
        let error = ApiError::read(502, None, b"<html>Bad gateway</html>");
        assert_eq!((error.status, error.message.as_str()), (502, ""));
    }

    #[test]
    fn the_steps_that_left_no_provider_are_read_and_nonsense_among_them_is_not() {
        let body = br#"{"error":{"code":404,"message":"m","metadata":{"failed_routing_step":"Filter by Price",
            "routing_funnel":[{"step":"Initial","endpoint_count":2},7,{"step":"x"},{"endpoint_count":1}]}}}"#;
        let error = ApiError::read(404, None, body);
        let expected = Left {
            name: "Initial".into(),
            left: 2,
        };
        assert_eq!(error.funnel, [expected]);
        assert_eq!(error.failed_step.as_deref(), Some("Filter by Price"));
    }

    #[test]
    fn a_code_in_a_stream_may_be_a_string() {
        let value = serde_json::json!({"code": "502", "message": "x\u{1b}[31m"});
        let error = ApiError::from_object(200, &value);
        assert_eq!((error.status, error.message.as_str()), (502, "x[31m"));
    }
}
