//! From errors to sentences: what happened, and what to do about it.

mod kept;

use crate::wire::{Problem, ProblemCode as Code};
use openrouter::{ApiError, Error};
use std::time::Duration;

pub use kept::{keychain, vault};

impl Problem {
    /// A sentence with the one thing to do about it.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            detail: None,
            retry_after_ms: None,
            affordable_tokens: None,
            instead: Vec::new(),
        }
    }

    pub(crate) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        self.detail = (!detail.is_empty()).then_some(detail);
        self
    }
}

/// Nothing was sent: who answered could not prove to be OpenRouter.
const UNTRUSTED: &str = "Something between this computer and OpenRouter answered in its place, so nothing was sent. \
     Check the network and this computer's date, then try again.";

const OFFLINE: &str = "OpenRouter can't be reached. Check the connection and try again.";

/// The code was used too late.
pub const EXPIRED: &str =
    "The sign-in took too long and its code expired. Connect again; it takes one click.";

/// Why the exchange of a code gave no key.
pub fn exchange(error: &Error) -> Problem {
    match error {
        Error::Offline => Problem::new(
            Code::Offline,
            "OpenRouter can't be reached, so the sign-in could not be finished. Check the connection and connect again.",
        ),
        Error::Untrusted => Problem::new(Code::Again, UNTRUSTED),
        Error::Lost => Problem::new(
            Code::CheckKeys,
            "The connection broke while your key was being made. It may exist: look at your keys on OpenRouter and \
             delete it there, then connect again.",
        ),
        Error::Unexpected(what) => Problem::new(
            Code::CheckKeys,
            "OpenRouter's answer was not understood, so nothing was stored. A key may exist: look at your keys on \
             OpenRouter, then connect again.",
        )
        .with_detail(*what),
        Error::Api(error) => {
            let message = match error.status {
                // Which of the two statuses comes for which fault is not settled; both mean: start again.
                400 | 403 if error.message.contains("expired") => EXPIRED,
                400 | 403 => "OpenRouter did not accept the sign-in code. Connect again; it takes one click.",
                429 => "OpenRouter asks to wait a moment. Connect again shortly.",
                500.. => "OpenRouter has a problem on its side. Nothing was stored. Connect again in a moment.",
                _ => "OpenRouter refused the sign-in. Nothing was stored. Connect again.",
            };
            let code = if error.status == 429 { Code::Wait } else { Code::Again };
            api(code, message, error)
        }
    }
}

/// A secret can't be made.
pub fn no_randomness() -> Problem {
    let text = "This computer gave no secure random numbers. Try again.";
    Problem::new(Code::Again, text)
}

/// Why there is no code for a new key. The key in hand is as it was, and its page is the other way.
pub fn new_code(error: &Error) -> Problem {
    let (code, message) = match error {
        Error::Offline => return new_key_offline(),
        Error::Untrusted => return Problem::new(Code::Again, UNTRUSTED),
        Error::Lost => (
            Code::Again,
            "The connection broke before a new key was made. Your key is as it was; try again.",
        ),
        Error::Unexpected(_) => (
            Code::KeyPage,
            "OpenRouter's answer was not understood, so no new key was made. Set the limit on your key's page.",
        ),
        Error::Api(error) => match error.status {
            400 | 422 => (
                Code::KeyPage,
                "OpenRouter did not accept these settings. Change them, or set them on your key's page.",
            ),
            401 => (
                Code::Reconnect,
                "OpenRouter does not accept your key any more. Connect again.",
            ),
            403 if error.message.to_ascii_lowercase().contains("management") => (
                Code::KeyPage,
                "OpenRouter lets only management keys do this from inside an app. Set the limit on your key's page; \
                 it holds at once.",
            ),
            403 => (
                Code::KeyPage,
                "OpenRouter does not allow this with your key. Set the limit on your key's page.",
            ),
            409 => (
                Code::Again,
                "Your keys were being changed by something else. Nothing happened here: try again in a moment, or use \
                 your key's page.",
            ),
            429 => (
                Code::Wait,
                "OpenRouter asks to wait a moment. Then try again.",
            ),
            500.. => (
                Code::Again,
                "OpenRouter has a problem on its side. Your key is as it was: try again in a moment, or use its page.",
            ),
            _ => (
                Code::KeyPage,
                "OpenRouter refused to make a new key. Set the limit on your key's page.",
            ),
        },
    };
    with_cause(code, message, error)
}

/// Why the code gave no new key.
pub fn new_key(error: &Error) -> Problem {
    let (code, message) = match error {
        Error::Offline => return new_key_offline(),
        Error::Untrusted => return Problem::new(Code::Again, UNTRUSTED),
        Error::Lost => (
            Code::CheckKeys,
            "The connection broke while the new key was being made. It may exist: look at your keys on OpenRouter and \
             delete it there. The key of before is still in use.",
        ),
        Error::Unexpected(_) => (
            Code::CheckKeys,
            "OpenRouter's answer was not understood. A new key may exist: look at your keys on OpenRouter and delete \
             it there. The key of before is still in use.",
        ),
        Error::Api(error) => match error.status {
            429 => (
                Code::Wait,
                "OpenRouter asks to wait a moment. Then try again.",
            ),
            500.. => (
                Code::Again,
                "OpenRouter has a problem on its side. The key of before is still in use; try again in a moment.",
            ),
            _ => (
                Code::Again,
                "OpenRouter did not accept the code for the new key. The key of before is still in use; try again.",
            ),
        },
    };
    with_cause(code, message, error)
}

fn new_key_offline() -> Problem {
    let text =
        "OpenRouter can't be reached, so no new key was made. Check the connection and try again.";
    Problem::new(Code::Offline, text)
}

/// The new key exists and does not show that it works.
pub fn new_key_unchecked(why: Problem) -> Problem {
    let text = "The new key was made but could not be checked, so it is not used. Delete it among your keys on \
                OpenRouter, then try again. The key of before is still in use.";
    Problem::new(Code::CheckKeys, text).with_detail(why.message)
}

/// The new key exists and can't be kept.
pub fn new_key_unstored(why: Problem) -> Problem {
    let text = "The new key was made but could not be stored, so it is not used. Delete it among your keys on \
                OpenRouter, then try again. The key of before is still in use.";
    Problem::new(Code::CheckKeys, text).with_detail(why.message)
}

/// The new key may exist.
pub fn new_key_cancelled() -> Problem {
    let text = "You cancelled while the new key was being made. It may exist: look at your keys on OpenRouter and \
                delete it there.";
    Problem::new(Code::CheckKeys, text)
}

/// A sentence, with what is known of the cause below it.
fn with_cause(code: Code, message: &str, error: &Error) -> Problem {
    match error {
        Error::Api(error) => api(code, message, error),
        Error::Unexpected(what) => Problem::new(code, message).with_detail(*what),
        _ => Problem::new(code, message),
    }
}

/// Why a key could not be checked.
pub fn key(error: &Error) -> Problem {
    match error {
        Error::Api(error) if matches!(error.status, 401 | 403) => api(
            Code::Reconnect,
            "OpenRouter does not accept this key. It may have been deleted or disabled.",
            error,
        ),
        other => request(other),
    }
}

/// Why a request that asks nothing of a model failed.
pub fn request(error: &Error) -> Problem {
    match error {
        Error::Offline | Error::Lost => Problem::new(Code::Offline, OFFLINE),
        Error::Untrusted => Problem::new(Code::Again, UNTRUSTED),
        Error::Unexpected(what) => Problem::new(
            Code::Again,
            "OpenRouter's answer was not understood. Try again.",
        )
        .with_detail(*what),
        Error::Api(error) => answer_api(error),
    }
}

/// Why an answer did not come, or broke off.
pub fn answer(error: &Error) -> Problem {
    match error {
        Error::Offline => Problem::new(
            Code::Offline,
            "OpenRouter can't be reached. Your message is kept: send it again when the connection is back.",
        ),
        Error::Untrusted => Problem::new(Code::Again, UNTRUSTED),
        Error::Lost => Problem::new(
            Code::Again,
            "The connection broke before the answer was complete. What came is kept.",
        ),
        Error::Unexpected(what) => Problem::new(
            Code::Again,
            "The answer was not understood. What came is kept; try again.",
        )
        .with_detail(*what),
        Error::Api(error) => answer_api(error),
    }
}

/// A refusal, by status and metadata first and by its words only where nothing else tells.
pub fn answer_api(error: &ApiError) -> Problem {
    let says = |text: &str| error.message.to_ascii_lowercase().contains(text);
    let kind = error.error_type.as_deref().unwrap_or_default();
    let provider = error.provider.as_deref().unwrap_or("The provider");
    let limit = error.limit_source.as_deref().unwrap_or_default();
    match error.status {
        401 => api(
            Code::Reconnect,
            "OpenRouter does not accept the key any more. Connect again.",
            error,
        ),
        402 if error.holds_in_flight() => api(
            Code::Wait,
            "Answers that are still running hold your remaining credits. Try again when they are done.",
            error,
        ),
        402 if says("fewer max_tokens")
            && let Some(tokens) = affordable(&error.message) =>
        {
            Problem {
                affordable_tokens: Some(tokens),
                ..api(
                    Code::Shorter,
                    format!(
                        "This model's longest answer costs more than you have left. Ask for a shorter one, of {tokens} \
                     tokens at most, or add credits."
                    ),
                    error,
                )
            }
        }
        402 if says("fewer max_tokens") => api(
            Code::TopUp,
            "This model's longest answer costs more than you have left. Add credits, or choose a cheaper model.",
            error,
        ),
        402 if says("image or video output") => api(
            match limit {
                "openrouter_key_limit" => Code::KeyLimit,
                _ => Code::TopUp,
            },
            "A model makes pictures only while at least $1.00 is left, whatever they cost. Raise the key's limit, or add \
             credits.",
            error,
        ),
        402 if limit == "openrouter_key_limit" => api(
            Code::KeyLimit,
            "What is left of this key's limit is too little for this. Raise it on the key's page.",
            error,
        ),
        402 => api(
            Code::TopUp,
            "Your OpenRouter credits are used up. Add some and try again.",
            error,
        ),
        403 if says("key limit exceeded")
            || limit.contains("limit")
            || limit.contains("budget") =>
        {
            api(
                Code::KeyLimit,
                "This key has reached its spending limit. Raise it on the key's page.",
                error,
            )
        }
        403 if says("flagged") || kind == "content_policy_violation" => {
            let why = error
                .reason
                .as_deref()
                .map(|r| format!(" ({r})"))
                .unwrap_or_default();
            let text = format!(
                "{provider}'s moderation stopped this message{why}. Change it, or ask another model."
            );
            api(Code::OtherModel, text, error)
        }
        403 => api(
            Code::Refused,
            "OpenRouter does not allow this request with this key.",
            error,
        ),
        404 if says("data policy") => api(
            Code::Privacy,
            "Your privacy settings leave no provider for this model. Change them, or choose another model.",
            error,
        ),
        404 => api(
            Code::OtherModel,
            "No provider offers this model for this request. Choose another model.",
            error,
        ),
        400 if says("not a valid model") => api(
            Code::OtherModel,
            "This model does not exist any more. Choose another one.",
            error,
        ),
        400 | 413 | 422
            if kind.contains("context_length")
                || kind.contains("token")
                || says("context length") =>
        {
            api(
                Code::TooLong,
                "The conversation is longer than this model can read. Start a new one, or choose a larger model.",
                error,
            )
        }
        413 => api(
            Code::TooLong,
            "This message is larger than OpenRouter takes. Shorten it.",
            error,
        ),
        429 if says("free-models") => api(
            Code::Wait,
            "The limit for free models is reached. It resets at midnight UTC; a paid model answers now.",
            error,
        ),
        429 => api(
            Code::Wait,
            "Too many requests right now. Try again in a moment.",
            error,
        ),
        408 | 504 | 524 => api(
            Code::Again,
            "The model took too long to begin. Try again.",
            error,
        ),
        502 | 529 => api(
            Code::Again,
            format!("{provider} could not answer. Try again, or choose another model."),
            error,
        ),
        503 => api(
            Code::OtherModel,
            "No provider is free for this request right now. Try again, or choose another model.",
            error,
        ),
        500.. => api(
            Code::Again,
            "OpenRouter has a problem on its side. Try again in a moment.",
            error,
        ),
        _ => api(
            Code::Again,
            "OpenRouter did not accept this request.",
            error,
        ),
    }
}

/// Shortest answer worth asking for, in tokens: some providers take no less.
const AFFORDABLE_MIN: u32 = 16;

/// The number in "can only afford 1520": it stands nowhere else.
fn affordable(message: &str) -> Option<u32> {
    let (_, rest) = message.split_once("can only afford ")?;
    let end = rest.find(|c: char| !c.is_ascii_digit());
    let tokens = rest[..end.unwrap_or(rest.len())].parse().ok()?;
    (tokens >= AFFORDABLE_MIN).then_some(tokens)
}

fn api(code: Code, message: impl Into<String>, error: &ApiError) -> Problem {
    let mut detail = error.message.clone();
    if error.status != 0 {
        detail = format!("{} {detail}", error.status).trim_end().to_owned();
    }
    let wait = error
        .retry_after
        .map(|d: Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX));
    Problem {
        retry_after_ms: wait,
        instead: error.fallback_models.clone(),
        ..Problem::new(code, message)
    }
    .with_detail(detail)
}

/// Why a conversation could not be read or written.
pub fn history(error: &history::Error) -> Problem {
    use history::Error as E;
    let detail = error.to_string();
    let (code, message) = match error {
        E::Corrupt { .. } => (
            Code::Damaged,
            "The file with your conversations is damaged. It was left as it is. Bring back a copy of it, or begin anew.",
        ),
        E::NewerSchema { .. } => (
            Code::Newer,
            "Your conversations were written by a newer version of Causeway. Update to read them.",
        ),
        E::ReadOnly => (
            Code::Again,
            "The folder with your conversations can't be written to. Allow it, then try again.",
        ),
        E::DiskFull => (
            Code::Again,
            "The disk is full. Free some space, then try again.",
        ),
        E::Busy => (
            Code::Again,
            "Another program is using the conversations. Try again.",
        ),
        E::NotFound { what: "copy" } => (Code::Refused, "This copy is not there any more."),
        E::NotFound { .. } => (
            Code::Refused,
            "This conversation or message is not there any more.",
        ),
        E::Taken { .. } => (
            Code::Refused,
            "Another folder has this name. Choose another one.",
        ),
        E::TooLarge { what, .. } if what.starts_with("list of") => (
            Code::Refused,
            "There are as many of these as can be kept. Remove some first.",
        ),
        E::TooLarge { .. } => (Code::Refused, "This text is too large to store."),
        _ => (
            Code::Again,
            "The conversations could not be read or written. Try again.",
        ),
    };
    Problem::new(code, message).with_detail(detail)
}
