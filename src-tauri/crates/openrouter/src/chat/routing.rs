//! Who may serve a request (OpenRouter docs, "Provider Routing").

use serde::Serialize;

/// What is asked of providers. Nothing is sent that is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ProviderPreferences {
    /// These first, in this order; words such as `anthropic` or `deepinfra/fp8`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
    /// None but these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// None of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
    /// Whether another one may serve when the first ones fail; without it one may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_fallbacks: Option<bool>,
    /// Only those that take every parameter of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_parameters: Option<bool>,
    /// `deny`: only those that do not keep what they are sent to train on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_collection: Option<&'static str>,
    /// Only those that keep nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zdr: Option<bool>,
    /// Such as `fp8`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quantizations: Vec<String>,
    /// `price`, `throughput`, `latency` or `exacto`; without it the service balances.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<&'static str>,
    /// None that is dearer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_price: Option<MaxPrice>,
}

/// US dollars for a million tokens, as decimals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MaxPrice {
    /// Read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// Written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion: Option<String>,
}
