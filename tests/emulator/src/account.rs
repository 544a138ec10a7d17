//! What a key and its account have, spent and asked: `/key`, `/credits`, `/generation`.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::reply::{self, Answer, Reply};
use crate::state::{Reset, Shared, State};
use crate::{Recorded, cases};

/// One request for a reply, as `GET /generation` tells it.
#[derive(Clone)]
pub(crate) struct Generation {
    pub id: String,
    pub model: String,
    pub provider: String,
    pub created: OffsetDateTime,
    pub ended: OffsetDateTime,
    pub streamed: bool,
    pub cancelled: bool,
    pub finish_reason: Option<String>,
    pub native_finish_reason: Option<String>,
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
    pub reasoning_tokens: u64,
    pub cost: f64,
    pub referer: Option<String>,
    pub user_agent: Option<String>,
    /// Who may ask for it.
    pub key: String,
    /// How often it was asked for before it appeared.
    pub asked: u32,
}

/// The key of a request, if it is one that works.
pub(crate) fn bearer(request: &Recorded, shared: &Shared) -> Result<String, Reply> {
    let Some(key) = request.bearer() else {
        return Err(reply::case("no Authorization header"));
    };
    match shared.lock().key(key) {
        Some(_) => Ok(key.to_owned()),
        None => Err(reply::case("unknown / revoked key")),
    }
}

/// How many requests to free models a day allows: more for those who ever bought ten credits.
pub(crate) fn free_requests_a_day(state: &State) -> usize {
    if state.credits >= 10.0 { 1000 } else { 50 }
}

pub(crate) fn key(request: &Recorded, shared: &Shared) -> Answer {
    let secret = bearer(request, shared)?;
    let mut state = shared.lock();
    let (now, free_limit, credits) = (state.now(), free_requests_a_day(&state), state.credits);
    let key = state
        .key(&secret)
        .ok_or_else(|| reply::case("unknown / revoked key"))?;
    let record = &key.record;
    let masked = format!("{}...{}", &secret[..12], &secret[secret.len() - 3..]);
    let used = key.free_requests_today(now);
    let mut body = cases::all().key_200.clone();
    let data = &mut body["data"];
    data["label"] = Value::from(record.label.clone().unwrap_or(masked));
    data["limit"] = json!(record.limit);
    data["limit_remaining"] = json!(key.left(now));
    data["limit_reset"] = json!(record.limit_reset.map(Reset::name));
    data["usage"] = json!(dollars(key.spent(None, now)));
    for period in Reset::ALL {
        let name = format!("usage_{}", period.name());
        data[name] = json!(dollars(key.spent(Some(period), now)));
    }
    data["is_free_tier"] = json!(credits <= 0.0);
    data["is_management_key"] = json!(record.is_management_key);
    data["is_provisioning_key"] = json!(record.is_management_key);
    data["expires_at"] = json!(record.expires_at.map(rfc3339));
    data["free_model_daily_requests"] = json!({
        "used": used, "limit": free_limit, "remaining": free_limit.saturating_sub(used),
    });
    Ok(private(reply::json(200, &body)))
}

pub(crate) fn credits(request: &Recorded, shared: &Shared) -> Answer {
    bearer(request, shared)?;
    let state = shared.lock();
    let data =
        json!({ "total_credits": state.credits, "total_usage": dollars(state.total_usage()) });
    Ok(private(reply::json(200, &json!({ "data": data }))))
}

pub(crate) fn generation(request: &Recorded, shared: &Shared) -> Answer {
    let key = bearer(request, shared)?;
    let id = request
        .parameter("id")
        .ok_or_else(|| reply::zod("id", "string", "Required"))?;
    let missing = || {
        reply::case_saying(
            "generation not indexed yet",
            &format!("Generation {id} not found"),
        )
    };
    let mut state = shared.lock();
    let now = state.now();
    let generation = state.generations.get_mut(&id).ok_or_else(missing)?;
    if generation.key != key {
        return Err(missing());
    }
    let is_indexed = now - generation.ended >= shared.config.generation_delay;
    if !is_indexed && generation.asked < shared.config.generation_asks {
        generation.asked += 1;
        return Err(missing());
    }
    Ok(private(reply::json(
        200,
        &json!({ "data": generation.told() }),
    )))
}

impl Generation {
    fn told(&self) -> Value {
        let milliseconds = (self.ended - self.created).whole_milliseconds();
        let mut told = json!({
            "id": self.id, "api_type": "completions", "model": self.model,
            "provider_name": self.provider, "created_at": rfc3339(self.created),
            "streamed": self.streamed, "cancelled": self.cancelled,
            "finish_reason": self.finish_reason,
            "native_finish_reason": self.native_finish_reason,
            "tokens_prompt": self.prompt_tokens, "tokens_completion": self.completion_tokens,
            "native_tokens_prompt": self.prompt_tokens,
            "native_tokens_completion": self.completion_tokens,
            "native_tokens_reasoning": self.reasoning_tokens,
            "total_cost": self.cost, "usage": self.cost, "upstream_inference_cost": self.cost,
            "is_byok": false, "data_region": "global", "app_id": 1, "http_referer": self.referer,
            "origin": self.referer.as_deref().unwrap_or_default(), "user_agent": self.user_agent,
            "generation_time": i64::try_from(milliseconds).unwrap_or(i64::MAX),
        });
        for name in [
            "native_tokens_cached",
            "native_tokens_completion_images",
            "latency",
        ]
        .into_iter()
        .chain(["num_media_prompt", "num_media_completion", "num_fetches"])
        {
            told[name] = json!(0);
        }
        for name in [
            "num_search_results",
            "cache_discount",
            "moderation_latency",
            "router",
        ]
        .into_iter()
        .chain([
            "provider_responses",
            "service_tier",
            "session_id",
            "request_id",
        ])
        .chain([
            "workspace_id",
            "web_search_engine",
            "external_user",
            "upstream_id",
        ]) {
            told[name] = Value::Null;
        }
        told
    }
}

/// Rounded to a ten-thousandth of a millionth: sums of prices otherwise end in noise.
pub(crate) fn dollars(amount: f64) -> f64 {
    (amount * 1e10).round() / 1e10
}

fn rfc3339(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

fn private(mut reply: Reply) -> Reply {
    reply::set_header(&mut reply, "cache-control", "private, no-store");
    reply
}
