//! `POST /auth/keys` and `POST /auth/keys/code`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};

use super::{Grant, Method, allowed_callback};
use crate::account::bearer;
use crate::reply::{self, Answer, Reply};
use crate::state::{KeyRecord, Reset, Shared};
use crate::{Config, Recorded};

const CODE_LIVES: Duration = Duration::minutes(10);

/// A code for a key. No bearer is asked for, and one that comes is ignored.
pub(crate) fn exchange(request: &Recorded, shared: &Shared) -> Answer {
    let body = object(request)?;
    let code = text(&body, "code")?.ok_or_else(|| reply::zod("code", "string", "Required"))?;
    let verifier = text(&body, "code_verifier")?;
    let method = text(&body, "code_challenge_method")?;

    let mut state = shared.lock();
    let now = state.now();
    // The code is looked at before the method: an unknown code with a wrong method is unknown.
    let unknown = || reply::case("bogus OAuth code");
    let grant = state.grants.get(&code).ok_or_else(unknown)?;
    if let Some((_, bound)) = &grant.challenge {
        let named = method.as_deref().map_or(Some(Method::Plain), Method::parse);
        if named != Some(*bound) {
            return Err(reply::case("OAuth method mismatch"));
        }
    }
    if now - grant.issued > CODE_LIVES {
        return Err(reply::case("OAuth code older than 10 min"));
    }
    // From here on the code is used up: a wrong verifier gets no second try.
    let grant = state.grants.remove(&code).ok_or_else(unknown)?;
    if !grant.is_proved_by(verifier.as_deref()) {
        return Err(reply::case("OAuth code ok but verifier wrong"));
    }
    let key = state.issue(KeyRecord {
        label: grant.label,
        limit: grant.limit,
        limit_reset: grant.limit_reset,
        expires_at: grant.expires_at,
        ..KeyRecord::default()
    });
    Ok(reply::json(
        200,
        &json!({ "key": key, "user_id": "user_EXAMPLE" }),
    ))
}

impl Grant {
    fn is_proved_by(&self, verifier: Option<&str>) -> bool {
        match (&self.challenge, verifier) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some((challenge, Method::Plain)), Some(verifier)) => challenge == verifier,
            (Some((challenge, Method::S256)), Some(verifier)) => {
                *challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
            }
        }
    }
}

/// A code without a browser, for who already has a key.
pub(crate) fn code(request: &Recorded, shared: &Shared) -> Answer {
    let key = bearer(request, shared)?;
    let grant = grant(&object(request)?, &shared.config)?;
    let mut state = shared.lock();
    let is_manager = state
        .key(&key)
        .is_some_and(|key| key.record.is_management_key);
    if shared.config.code_needs_management_key && !is_manager {
        return Err(reply::error(
            403,
            "Only management keys can perform this operation",
        ));
    }
    let (code, issued) = (state.token(32), state.now());
    state.grants.insert(code.clone(), Grant { issued, ..grant });
    let created_at = issued.format(&Rfc3339).unwrap_or_default();
    let data = json!({ "id": code, "app_id": 1, "created_at": created_at });
    Ok(reply::json(200, &json!({ "data": data })))
}

fn grant(body: &Value, config: &Config) -> Result<Grant, Reply> {
    let callback = text(body, "callback_url")?
        .ok_or_else(|| reply::zod("callback_url", "string", "Required"))?;
    if allowed_callback(&callback, config).is_err() {
        return Err(reply::error(400, "Invalid request parameters"));
    }
    let method = match text(body, "code_challenge_method")? {
        Some(name) => Method::parse(&name).ok_or_else(|| {
            reply::zod(
                "code_challenge_method",
                "'S256' | 'plain'",
                "Invalid enum value",
            )
        })?,
        None => Method::Plain,
    };
    let label = text(body, "key_label")?;
    if label
        .as_ref()
        .is_some_and(|label| label.chars().count() > 100)
    {
        return Err(reply::zod(
            "key_label",
            "string",
            "String must contain at most 100 character(s)",
        ));
    }
    let limit = match &body["limit"] {
        Value::Null => None,
        Value::Number(limit) => limit.as_f64().filter(|limit| *limit >= 0.0),
        _ => return Err(reply::zod("limit", "number", "Invalid input")),
    };
    if limit.is_none() && !body["limit"].is_null() {
        return Err(reply::zod(
            "limit",
            "number",
            "Number must be greater than or equal to 0",
        ));
    }
    let limit_reset = match text(body, "usage_limit_type")? {
        None => None,
        Some(name) => Some(
            Reset::ALL
                .into_iter()
                .find(|reset| reset.name() == name)
                .ok_or_else(|| {
                    let expected = "'daily' | 'weekly' | 'monthly'";
                    reply::zod("usage_limit_type", expected, "Invalid enum value")
                })?,
        ),
    };
    let expires_at = match text(body, "expires_at")? {
        None => None,
        Some(at) => Some(
            OffsetDateTime::parse(&at, &Rfc3339)
                .ok()
                .filter(|at| at.offset() == UtcOffset::UTC)
                .ok_or_else(|| reply::zod("expires_at", "string", "Invalid datetime"))?,
        ),
    };
    Ok(Grant {
        challenge: text(body, "code_challenge")?.map(|challenge| (challenge, method)),
        label,
        limit,
        limit_reset,
        expires_at,
        issued: OffsetDateTime::UNIX_EPOCH,
    })
}

fn object(request: &Recorded) -> Result<Value, Reply> {
    let body = request.json().ok().filter(Value::is_object);
    body.ok_or_else(|| reply::zod("", "object", "Invalid input"))
}

/// A field that is a string, null or absent; anything else fails validation.
fn text(body: &Value, name: &str) -> Result<Option<String>, Reply> {
    match &body[name] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(reply::zod(name, "string", "Invalid input")),
    }
}
