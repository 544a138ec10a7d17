//! The catalogue: `GET /api/v1/models`, what of it a key may use, and who serves a model.

mod endpoints;

use crate::{
    ApiKey, Client, Error,
    client::{REQUEST_TIME, sent},
};
use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

pub use endpoints::{Endpoint, Percentiles};

/// A model as the catalogue lists it (OpenRouter docs, "Models"). All but the id is optional.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Model {
    /// Such as `anthropic/claude-sonnet-4.6`; with a variant, `…:free`; of an alias, `~…`.
    pub id: String,
    /// Such as `Anthropic: Claude Sonnet 4.6`.
    #[serde(deserialize_with = "lenient")]
    pub name: String,
    /// Unix seconds.
    #[serde(deserialize_with = "lenient")]
    pub created: i64,
    /// Cut by the service.
    #[serde(deserialize_with = "lenient")]
    pub description: String,
    /// Tokens in all; 0 or none for models that do not count so.
    #[serde(deserialize_with = "lenient")]
    pub context_length: Option<u64>,
    /// What goes in and what comes out.
    #[serde(deserialize_with = "lenient")]
    pub architecture: Architecture,
    /// Decimal strings, US dollars for one token or unit; `-1` when it varies.
    #[serde(deserialize_with = "lenient")]
    pub pricing: Pricing,
    /// The first provider's limits.
    #[serde(deserialize_with = "lenient")]
    pub top_provider: TopProvider,
    /// Such as `tools`, `reasoning`, `temperature`.
    #[serde(deserialize_with = "lenient")]
    pub supported_parameters: Vec<String>,
    /// How it reasons; none when it does not.
    #[serde(deserialize_with = "lenient")]
    pub reasoning: Option<Reasoning>,
    /// Up to when it knows the world, such as `2025-03-31`.
    #[serde(deserialize_with = "lenient")]
    pub knowledge_cutoff: Option<String>,
    /// The day it goes away, `YYYY-MM-DD`.
    #[serde(deserialize_with = "lenient")]
    pub expiration_date: Option<String>,
    /// Which model an alias stands for at the moment.
    #[serde(deserialize_with = "lenient")]
    pub alias_target: Option<AliasTarget>,
}

/// What a model takes and gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Architecture {
    /// Such as `text`, `image`, `file`, `audio`, `video`.
    #[serde(deserialize_with = "lenient")]
    pub input_modalities: Vec<String>,
    /// Such as `text`, `image`.
    #[serde(deserialize_with = "lenient")]
    pub output_modalities: Vec<String>,
}

/// Prices as the service writes them: US dollars for one token, or for one of what the name says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pricing {
    /// A token read.
    #[serde(deserialize_with = "amount")]
    pub prompt: Option<String>,
    /// A token written.
    #[serde(deserialize_with = "amount")]
    pub completion: Option<String>,
    /// A request, whatever its length.
    #[serde(deserialize_with = "amount")]
    pub request: Option<String>,
    /// A token of sound read.
    #[serde(deserialize_with = "amount")]
    pub audio: Option<String>,
    /// A search of the web.
    #[serde(deserialize_with = "amount")]
    pub web_search: Option<String>,
    /// A token thought.
    #[serde(deserialize_with = "amount")]
    pub internal_reasoning: Option<String>,
    /// A token read from the provider's cache.
    #[serde(deserialize_with = "amount")]
    pub input_cache_read: Option<String>,
    /// A token written into the provider's cache.
    #[serde(deserialize_with = "amount")]
    pub input_cache_write: Option<String>,
    /// Other prices for long prompts, or for hours of the day.
    #[serde(deserialize_with = "lenient")]
    pub overrides: Vec<Override>,
}

/// Other prices, from a length of the prompt on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Override {
    /// Tokens; none for prices that depend on the hour.
    #[serde(deserialize_with = "lenient")]
    pub min_prompt_tokens: Option<u64>,
    /// A token read.
    #[serde(deserialize_with = "amount")]
    pub prompt: Option<String>,
    /// A token written.
    #[serde(deserialize_with = "amount")]
    pub completion: Option<String>,
}

/// The first provider's limits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TopProvider {
    /// Tokens of its longest answer.
    #[serde(deserialize_with = "lenient")]
    pub max_completion_tokens: Option<u64>,
    /// What is asked is looked through before it is answered.
    #[serde(deserialize_with = "lenient")]
    pub is_moderated: bool,
}

/// What an alias stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AliasTarget {
    /// The model's name.
    #[serde(deserialize_with = "lenient")]
    pub name: String,
    /// The model's id.
    #[serde(deserialize_with = "lenient")]
    pub slug: String,
}

/// How a model reasons.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reasoning {
    /// It can't be switched off.
    #[serde(deserialize_with = "lenient")]
    pub mandatory: bool,
    /// It reasons without being asked to.
    #[serde(deserialize_with = "lenient")]
    pub default_enabled: Option<bool>,
    /// Such as `low`, `high`; none when the model does not say.
    #[serde(deserialize_with = "lenient")]
    pub supported_efforts: Option<Vec<String>>,
    /// How hard it reasons without being told.
    #[serde(deserialize_with = "lenient")]
    pub default_effort: Option<String>,
    /// Takes a budget of tokens.
    #[serde(deserialize_with = "lenient")]
    pub supports_max_tokens: bool,
}

impl Model {
    /// Free by its id. A zero price alone says nothing: other units may cost.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.id.ends_with(":free") || self.id == "openrouter/free"
    }
}

/// A list as it came, and how long it holds.
#[derive(Debug)]
pub struct Listed {
    /// The most used first.
    pub models: Vec<Model>,
    /// What to send to hear of a change only.
    pub tag: Option<String>,
    /// For how long it need not be asked for again, as the service says.
    pub fresh: Option<Duration>,
}

/// The largest catalogue that is read: some fifteen times today's.
const REPLY_MAX: usize = 16 * 1024 * 1024;
/// The most models that are kept.
const MODELS_MAX: usize = 20_000;
/// Longest tag that is sent back.
const TAG_MAX: usize = 200;

#[derive(Deserialize)]
struct Data {
    data: Vec<Value>,
}

impl Client {
    /// Fetches all models that write text; none when the list is still the one of this tag. Entries that are not
    /// models, or have no usable id, are left out.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn models(&self, tag: Option<&str>) -> Result<Option<Listed>, Error> {
        let sorted = self.request_about("/api/v1/models", "sort", "most-popular");
        match listed(sorted, tag).await {
            // The order is worth having, not worth having nothing.
            Err(Error::Api(error)) if matches!(error.status, 400 | 422) => {
                listed(self.request(Method::GET, "/api/v1/models"), tag).await
            }
            answer => answer,
        }
    }

    /// Fetches the models that this key may use, by the account's preferences, privacy settings and guardrails; none
    /// when they are still those of this tag.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn user_models(
        &self,
        key: &ApiKey,
        tag: Option<&str>,
    ) -> Result<Option<Listed>, Error> {
        let request = self.request(Method::GET, "/api/v1/models/user");
        listed(Self::bearer(request, key)?, tag).await
    }

    /// Fetches who serves which model without keeping anything: by the model's id, the providers' words in routing.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn private_endpoints(
        &self,
        key: &ApiKey,
    ) -> Result<BTreeMap<String, BTreeSet<String>>, Error> {
        let request = self.request(Method::GET, "/api/v1/endpoints/zdr");
        let Data { data } = Self::json(Self::bearer(request, key)?, REPLY_MAX).await?;
        let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for value in data.into_iter().take(MODELS_MAX) {
            let Ok(endpoint) = serde_json::from_value::<Endpoint>(value) else {
                continue;
            };
            if usable(&endpoint.model_id) && usable(&endpoint.tag) {
                all.entry(endpoint.model_id)
                    .or_default()
                    .insert(endpoint.tag);
            }
        }
        Ok(all)
    }
}

/// An id that can be shown, stored and sent.
fn usable(id: &str) -> bool {
    (1..=200).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic())
}

async fn listed(request: RequestBuilder, tag: Option<&str>) -> Result<Option<Listed>, Error> {
    let request = match tag {
        Some(tag) => request.header(header::IF_NONE_MATCH, tag),
        None => request,
    };
    let response = request.timeout(REQUEST_TIME).send().await.map_err(sent)?;
    if tag.is_some() && response.status() == StatusCode::NOT_MODIFIED {
        return Ok(None);
    }
    let new = said(&response, header::ETAG).filter(|tag| tag.len() <= TAG_MAX);
    let fresh = said(&response, header::CACHE_CONTROL).and_then(|text| max_age(&text));
    let Data { data } = Client::read(response, REPLY_MAX).await?;
    let models = data
        .into_iter()
        .take(MODELS_MAX)
        .filter_map(|value| serde_json::from_value::<Model>(value).ok())
        .filter(|model| usable(&model.id));
    Ok(Some(Listed {
        models: models.collect(),
        tag: new,
        fresh,
    }))
}

fn said(response: &Response, name: header::HeaderName) -> Option<String> {
    let value = response.headers().get(name)?;
    value.to_str().ok().map(str::to_owned)
}

/// `max-age` of a `Cache-Control` (RFC 9111, section 5.2.2.1).
fn max_age(text: &str) -> Option<Duration> {
    let seconds = text
        .split(',')
        .find_map(|part| part.trim().strip_prefix("max-age="))?;
    seconds.parse().ok().map(Duration::from_secs)
}

/// A field of the wrong type is as good as a missing one: it must not cost the whole model.
fn lenient<'de, D: Deserializer<'de>, T: Default + for<'a> Deserialize<'a>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// A decimal as text, also where it came as a number.
fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) if text.len() <= 40 => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_field_costs_only_itself() {
        let model: Model = serde_json::from_str(
            r#"{"id":"a/b","name":"B","context_length":"many","reasoning":7,"alias_target":"x",
                "pricing":{"prompt":0.000001,"completion":["free"],"audio":"0.1","overrides":{}},
                "architecture":{"input_modalities":"text","output_modalities":["text"]},
                "top_provider":{"max_completion_tokens":-1,"is_moderated":true},
                "supported_parameters":["tools"],"unknown":{"x":[1]}}"#,
        )
        .unwrap();
        let expected = Model {
            id: "a/b".into(),
            name: "B".into(),
            supported_parameters: vec!["tools".into()],
            pricing: Pricing {
                prompt: Some("1e-6".into()),
                audio: Some("0.1".into()),
                ..Pricing::default()
            },
            architecture: Architecture {
                output_modalities: vec!["text".into()],
                ..Architecture::default()
            },
            top_provider: TopProvider {
                is_moderated: true,
                ..TopProvider::default()
            },
            ..Model::default()
        };
        assert_eq!(model, expected);
    }

    #[test]
    fn the_age_of_a_list_stands_in_its_header() {
        let age = |text| max_age(text).map(|age| age.as_secs());
        assert_eq!(
            age("public, max-age=120, stale-while-revalidate=3600"),
            Some(120)
        );
        assert_eq!(age("no-store"), None);
        assert_eq!(age("max-age=soon"), None);
    }
}
