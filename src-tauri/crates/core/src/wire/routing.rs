//! Who may serve what is asked.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is asked of providers, everywhere or in one conversation. What is not set is not sent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export, export_to = "wire.ts")]
pub struct Routing {
    /// Only providers that keep nothing of what they are sent. In a conversation, none is as everywhere.
    pub keep_nothing: Option<bool>,
    /// Only providers that do not train on what they are sent.
    pub no_training: Option<bool>,
    /// By what the provider is chosen; none lets the service balance.
    pub sort: Option<RouteSort>,
    /// Providers to try first, in this order: their words in routing, at most 50.
    pub order: Vec<String>,
    /// None but these.
    pub only: Vec<String>,
    /// None of these; in a conversation, these too.
    pub ignore: Vec<String>,
    /// False: when the first choice fails, no other provider is tried.
    pub fallbacks: Option<bool>,
    /// Models to ask when the one that was asked can't answer, in this order: their ids, at most three.
    pub models: Vec<String>,
    /// US dollars for a million tokens read, at most.
    pub max_input_price: Option<f64>,
    /// US dollars for a million tokens written, at most.
    pub max_output_price: Option<f64>,
    /// Only providers that take every option that is set.
    pub all_options: Option<bool>,
    /// Only models kept as exactly as this, such as `fp8`, `bf16`; at most 20.
    pub quantizations: Vec<String>,
}

/// By what a provider is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum RouteSort {
    /// The cheapest first.
    Price,
    /// The most tokens a second first.
    Throughput,
    /// The quickest first word first.
    Latency,
    /// The best with tools first.
    Exacto,
}
