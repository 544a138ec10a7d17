//! `POST /chat/completions`: what is asked, whether it may be, and who answers.

mod answer;
mod behaviour;
mod book;
mod extras;
mod routing;
mod run;
mod wire;

use std::sync::Arc;

use serde_json::Value;

pub(crate) use behaviour::{LISTED, case_slugs, is_pattern};
pub use book::book;

use crate::account::{bearer, free_requests_a_day};
use crate::catalogue::Model;
use crate::reply::{self, Answer, Reply};
use crate::state::{Reset, Shared};
use crate::{Recorded, cases};
use behaviour::Behaviour;
use run::Job;

/// What must be left for an answer with pictures, whatever it costs; US dollars.
const LEFT_FOR_PICTURES: f64 = 1.0;

pub(crate) async fn complete(request: &Recorded, shared: &Arc<Shared>) -> Answer {
    let key = bearer(request, shared)?;
    let asked = Asked::new(request, shared)?;
    if let Behaviour::Error(case) = asked.behaviour {
        return Err(reply::case_reply(case));
    }
    asked.capable()?;
    asked.affordable(&key, shared)?;
    let streams = asked.body["stream"] == true;
    let job = Job::new(asked, key, request, Arc::clone(shared));
    Ok(if streams {
        job.stream()
    } else {
        job.whole().await
    })
}

/// A request that is well formed.
struct Asked {
    body: Value,
    model: Model,
    /// Who serves it.
    provider: String,
    behaviour: Behaviour,
    prompt_tokens: u64,
}

impl Asked {
    fn new(request: &Recorded, shared: &Shared) -> Result<Self, Reply> {
        let body = request.json().map_err(|_| reply::case("body not JSON"))?;
        if body["messages"].as_array().is_none_or(Vec::is_empty) {
            return Err(reply::case("no messages"));
        }
        let listed = body["models"].as_array().into_iter().flatten();
        let mut ids: Vec<&str> = std::iter::once(&body["model"])
            .chain(listed)
            .filter_map(Value::as_str)
            .collect();
        if ids.is_empty() {
            ids.push("openrouter/auto");
        }
        let mut candidates = Vec::new();
        for id in ids {
            let unknown = || {
                let message = format!("{id} is not a valid model ID");
                reply::case_saying("unknown model id", &message)
            };
            let model = shared
                .catalogue
                .find(id)
                .filter(Model::writes_text)
                .ok_or_else(unknown)?;
            let model = shared.catalogue.routed(model);
            let behaviour = Behaviour::of(&model.id);
            candidates.push((model, behaviour));
        }
        // The fallbacks come into play when the models before them fail; the last failure stands.
        let works = |(_, behaviour): &(Model, Behaviour)| !matches!(behaviour, Behaviour::Error(_));
        let chosen = candidates
            .iter()
            .position(works)
            .unwrap_or(candidates.len() - 1);
        let (model, behaviour) = candidates.swap_remove(chosen);
        let prompt_tokens = count_prompt(&body);
        let provider = routing::provider(&model, &body)?.provider;
        Ok(Self {
            body,
            model,
            provider,
            behaviour,
            prompt_tokens,
        })
    }

    /// The text of the user's last message.
    fn question(&self) -> String {
        let messages = self.body["messages"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let last = messages.iter().rfind(|message| message["role"] == "user");
        last.map(|message| texts(&message["content"]).join("\n"))
            .unwrap_or_default()
    }

    /// What the client allows for the answer, or the model does; in tokens.
    fn longest(&self) -> Option<u64> {
        let asked = |name: &str| self.body[name].as_u64();
        asked("max_completion_tokens")
            .or_else(|| asked("max_tokens"))
            .or(self.model.top_provider.max_completion_tokens.map(u64::from))
    }

    fn reasoning_is_off(&self) -> bool {
        let reasoning = &self.body["reasoning"];
        reasoning["effort"] == "none"
            || reasoning["enabled"] == false
            || self.body["reasoning_effort"] == "none"
    }

    fn reasons(&self) -> bool {
        let Some(reasoning) = &self.model.reasoning else {
            return false;
        };
        let is_asked = self.body["reasoning"].is_object()
            || self.body["reasoning_effort"].is_string()
            || reasoning.default_enabled == Some(true);
        reasoning.mandatory || (is_asked && !self.reasoning_is_off())
    }

    fn hides_reasoning(&self) -> bool {
        self.body["reasoning"]["exclude"] == true || self.body["include_reasoning"] == false
    }

    /// Whether any endpoint of the model can do what is asked.
    fn capable(&self) -> Result<(), Reply> {
        if self.model.reasoning.as_ref().is_some_and(|r| r.mandatory) && self.reasoning_is_off() {
            return Err(reply::case("reasoning disabled on mandatory model"));
        }
        for (part, modality) in [
            ("image_url", "image"),
            ("input_audio", "audio"),
            ("video_url", "video"),
        ] {
            if parts(&self.body).any(|known| known["type"] == part) && !self.model.reads(modality) {
                let message = format!("No endpoints found that support {modality} input");
                return Err(reply::case_saying("capability missing", &message));
            }
        }
        let has_tools = self.body["tools"]
            .as_array()
            .is_some_and(|tools| !tools.is_empty());
        if has_tools && !self.model.supported_parameters.contains(&"tools") {
            let message = "No endpoints found that support tool use";
            return Err(reply::case_saying("capability missing", message));
        }
        Ok(())
    }

    /// Whether key and account can pay for the longest answer.
    fn affordable(&self, key: &str, shared: &Shared) -> Result<(), Reply> {
        let mut state = shared.lock();
        let (now, free_limit) = (state.now(), free_requests_a_day(&state));
        let account_left = state.credits - state.total_usage();
        let Some(key) = state.key(key) else {
            return Err(reply::case("unknown / revoked key"));
        };
        if self.model.is_free() {
            if account_left < 0.0 {
                return Err(reply::case("account has no credit"));
            }
            if key.free_requests_today(now) >= free_limit {
                return Err(reply::case("free daily cap"));
            }
            key.free_requests.push(now);
            return Ok(());
        }
        if account_left <= 0.0 {
            return Err(reply::case("account has no credit"));
        }
        let key_left = key.left(now).unwrap_or(f64::INFINITY);
        if key_left <= 0.0 {
            let period = key.record.limit_reset.map_or("total", Reset::name);
            let message = format!(
                "Key limit exceeded ({period} limit). Manage it using \
                 https://openrouter.ai/settings/keys"
            );
            return Err(reply::case_saying("key spend limit hit", &message));
        }
        if key_left.min(account_left) < LEFT_FOR_PICTURES && extras::draws(&self.body, &self.model)
        {
            return Err(reply::case(
                "image/video output with < $1 left on key/account (chat route)",
            ));
        }
        let (read, written) = self.model.prices(self.prompt_tokens);
        let left = account_left.min(key_left) - read * self.prompt_tokens as f64;
        // A hair more: prices and sums are no round numbers in binary.
        let affordable = (left / written + 1e-6).floor().max(0.0);
        match self.longest() {
            Some(asked) if written > 0.0 && asked as f64 > affordable => {
                let message = format!(
                    "This request requires more credits, or fewer max_tokens. You requested up to \
                     {asked} tokens, but can only afford {affordable:.0}. To increase, visit \
                     https://openrouter.ai/settings/credits and upgrade to a paid account",
                );
                Err(reply::case_saying(
                    "max output larger than affordable",
                    &message,
                ))
            }
            _ => Ok(()),
        }
    }
}

/// The parts of all messages.
fn parts(body: &Value) -> impl Iterator<Item = &Value> {
    let messages = body["messages"].as_array().into_iter().flatten();
    messages
        .filter_map(|message| message["content"].as_array())
        .flatten()
}

fn texts(content: &Value) -> Vec<&str> {
    match content {
        Value::String(text) => vec![text],
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect(),
        _ => Vec::new(),
    }
}

/// Four characters a token, a little for each message, and a picture's worth for other parts.
fn count_prompt(body: &Value) -> u64 {
    let messages = body["messages"].as_array().into_iter().flatten();
    let written: usize = messages
        .map(|message| {
            let text: usize = texts(&message["content"])
                .iter()
                .map(|t| t.chars().count())
                .sum();
            4 + text.div_ceil(4)
        })
        .sum();
    let media = parts(body).filter(|part| part["type"] != "text").count();
    (written + media * 258) as u64
}

/// The fixtures' stream headers with another generation id.
fn stream_headers(reply: &mut Reply, id: Option<&str>) {
    reply::set_headers(reply, &cases::all().stream_response_headers);
    if let Some(id) = id {
        reply::set_header(reply, "x-generation-id", id);
    }
}
