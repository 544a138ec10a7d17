//! The catalogue: `GET /api/v1/models`.

use crate::{Client, Error};
use reqwest::Method;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A model as the catalogue lists it (OpenRouter docs, "Models"). All but the id is optional.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Model {
    /// Such as `anthropic/claude-sonnet-4.6`; with a variant, `…:free`.
    pub id: String,
    /// Such as `Anthropic: Claude Sonnet 4.6`.
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
    /// The day it goes away, `YYYY-MM-DD`.
    #[serde(deserialize_with = "lenient")]
    pub expiration_date: Option<String>,
}

/// What a model takes and gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Architecture {
    /// Such as `text`, `image`, `file`, `audio`, `video`.
    pub input_modalities: Vec<String>,
    /// Such as `text`, `image`.
    pub output_modalities: Vec<String>,
}

/// Prices as the service writes them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pricing {
    /// A token read.
    pub prompt: Option<String>,
    /// A token written.
    pub completion: Option<String>,
    /// A token read from the provider's cache.
    pub input_cache_read: Option<String>,
}

/// The first provider's limits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TopProvider {
    /// Tokens of its longest answer.
    pub max_completion_tokens: Option<u64>,
}

/// How a model reasons.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reasoning {
    /// It can't be switched off.
    #[serde(deserialize_with = "lenient")]
    pub mandatory: bool,
    /// Such as `low`, `high`; none when the model does not say.
    #[serde(deserialize_with = "lenient")]
    pub supported_efforts: Option<Vec<String>>,
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

/// The largest catalogue that is read: some fifteen times today's.
const REPLY_MAX: usize = 16 * 1024 * 1024;
/// The most models that are kept.
const MODELS_MAX: usize = 20_000;

#[derive(Deserialize)]
struct Data {
    data: Vec<Value>,
}

impl Client {
    /// Fetches all models that write text. Entries that are not models, or have no usable id, are left out.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn models(&self) -> Result<Vec<Model>, Error> {
        let Data { data } =
            Self::json(self.request(Method::GET, "/api/v1/models"), REPLY_MAX).await?;
        let models = data
            .into_iter()
            .take(MODELS_MAX)
            .filter_map(|value| serde_json::from_value::<Model>(value).ok())
            .filter(|model| {
                (1..=200).contains(&model.id.len())
                    && model.id.bytes().all(|b| b.is_ascii_graphic())
            });
        Ok(models.collect())
    }
}

/// A field of the wrong type is as good as a missing one: it must not cost the whole model.
fn lenient<'de, D: Deserializer<'de>, T: Default + for<'a> Deserialize<'a>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_field_costs_only_itself() {
        let model: Model = serde_json::from_str(
            r#"{"id":"a/b","name":"B","context_length":"many","pricing":null,"reasoning":7,
                "supported_parameters":["tools"],"unknown":{"x":[1]}}"#,
        )
        .unwrap();
        let expected = Model {
            id: "a/b".into(),
            name: "B".into(),
            supported_parameters: vec!["tools".into()],
            ..Model::default()
        };
        assert_eq!(model, expected);
    }
}
