//! Who serves a model: `GET /api/v1/models/{author}/{slug}/endpoints`.

use super::{Pricing, REPLY_MAX, lenient, usable};
use crate::{ApiKey, Client, Error};
use serde::Deserialize;
use serde_json::Value;

/// A provider's offer of a model (OpenRouter docs, "List endpoints for a model"). All is optional.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Endpoint {
    /// Such as `Anthropic`.
    #[serde(deserialize_with = "lenient")]
    pub provider_name: String,
    /// Its word in routing, such as `anthropic` or `deepinfra/fp8`.
    #[serde(deserialize_with = "lenient")]
    pub tag: String,
    /// Which model; told where endpoints of several are listed.
    #[serde(deserialize_with = "lenient")]
    pub model_id: String,
    /// Such as `fp8`; `unknown` or none where it does not say.
    #[serde(deserialize_with = "lenient")]
    pub quantization: Option<String>,
    /// Tokens in all.
    #[serde(deserialize_with = "lenient")]
    pub context_length: Option<u64>,
    /// Tokens of its longest answer.
    #[serde(deserialize_with = "lenient")]
    pub max_completion_tokens: Option<u64>,
    /// What it charges.
    #[serde(deserialize_with = "lenient")]
    pub pricing: Pricing,
    /// Which parameters it takes.
    #[serde(deserialize_with = "lenient")]
    pub supported_parameters: Vec<String>,
    /// Below zero when it is not well.
    #[serde(deserialize_with = "lenient")]
    pub status: Option<i64>,
    /// Percent of the last day.
    #[serde(deserialize_with = "lenient")]
    pub uptime_last_1d: Option<f64>,
    /// Seconds to the first token.
    #[serde(deserialize_with = "lenient")]
    pub latency_last_30m: Option<Percentiles>,
    /// Tokens a second.
    #[serde(deserialize_with = "lenient")]
    pub throughput_last_30m: Option<Percentiles>,
}

/// Of the last half hour.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Percentiles {
    /// The median.
    #[serde(deserialize_with = "lenient")]
    pub p50: Option<f64>,
}

/// Most providers of one model that are read.
const ENDPOINTS_MAX: usize = 200;

#[derive(Deserialize)]
struct Data {
    data: Listed,
}

#[derive(Deserialize)]
struct Listed {
    endpoints: Vec<Value>,
}

impl Client {
    /// Fetches who serves a model. Latency and throughput are told to those with a key.
    ///
    /// # Errors
    /// As [`Error`] says; [`Error::Unexpected`] for an id that is none.
    pub async fn endpoints(
        &self,
        key: Option<&ApiKey>,
        model: &str,
    ) -> Result<Vec<Endpoint>, Error> {
        let none = Error::Unexpected("the model's id");
        let Some((author, slug)) = model.split_once('/').filter(|_| usable(model)) else {
            return Err(none);
        };
        if [author, slug]
            .iter()
            .any(|part| matches!(*part, "" | "." | ".."))
        {
            return Err(none);
        }
        let request = self.request_below("/api/v1/models", &[author, slug, "endpoints"])?;
        let request = match key {
            Some(key) => Self::bearer(request, key)?,
            None => request,
        };
        let Data { data } = Self::json(request, REPLY_MAX).await?;
        let endpoints = data.endpoints.into_iter().take(ENDPOINTS_MAX);
        Ok(endpoints
            .filter_map(|value| serde_json::from_value(value).ok())
            .collect())
    }
}
