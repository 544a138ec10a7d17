//! The catalogue.

use super::{Effort, Problem, Supports};
use serde::Serialize;
use ts_rs::TS;

/// The catalogue as the window lists it.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Models {
    /// The most used first; those that are gone come last.
    pub models: Vec<Model>,
    /// When they were fetched; none when never.
    #[ts(type = "number | null")]
    pub fetched_ms: Option<i64>,
    /// Why there is no newer list.
    pub problem: Option<Problem>,
}

/// A model.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Model {
    /// Such as `anthropic/claude-sonnet-4.6`.
    pub id: String,
    /// Its name without the author, such as `Claude Sonnet 4.6`.
    pub name: String,
    /// Its author as people know it, such as `Anthropic`.
    pub author: String,
    /// What its author says of it, cut by the service.
    pub description: String,
    /// Tokens it takes in all.
    #[ts(type = "number | null")]
    pub context: Option<u64>,
    /// Tokens of its longest answer.
    #[ts(type = "number | null")]
    pub longest_answer: Option<u64>,
    /// US dollars for a million tokens read; none when it varies.
    pub input_price: Option<f64>,
    /// US dollars for a million tokens written; none when it varies.
    pub output_price: Option<f64>,
    /// US dollars for a million tokens read from the provider's cache.
    pub cached_price: Option<f64>,
    /// What else it charges for.
    pub other_prices: Vec<Price>,
    /// Its prices for long prompts, from short to long.
    pub tiers: Vec<Tier>,
    /// Costs nothing, by its id; a zero price alone does not say so.
    pub free: bool,
    /// Takes images.
    pub images: bool,
    /// Takes files natively.
    pub files: bool,
    /// Takes sound.
    pub audio: bool,
    /// Takes video.
    pub video: bool,
    /// Draws images.
    pub draws: bool,
    /// Reasons before it answers.
    pub thinks: bool,
    /// Calls tools.
    pub tools: bool,
    /// Which options it takes.
    pub supports: Supports,
    /// How hard it reasons when it is left to it, where it says so.
    pub usual_effort: Option<Effort>,
    /// All that it takes, in the service's words.
    pub parameters: Vec<String>,
    /// What is asked is looked through before it is answered.
    pub moderated: bool,
    /// Some provider serves it without keeping anything; none when that is not known.
    pub private: Option<bool>,
    /// The account's own settings leave no provider for it.
    pub barred: bool,
    /// The name of the model that it stands for at the moment.
    pub stands_for: Option<String>,
    /// Up to when it knows the world, such as `2025-03-31`.
    pub cutoff: Option<String>,
    /// When the service listed it.
    #[ts(type = "number")]
    pub created_ms: i64,
    /// The day it goes away, `YYYY-MM-DD`.
    pub expires: Option<String>,
    /// When it was found to be gone; none while it is there.
    #[ts(type = "number | null")]
    pub gone_ms: Option<i64>,
}

/// What a model charges for beside tokens read and written.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Price {
    /// For what, such as `Cache writing`.
    pub name: String,
    /// US dollars.
    pub usd: f64,
    /// For a million tokens; else for one.
    pub per_million: bool,
}

/// A model's prices from a length of the prompt on.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Tier {
    /// Tokens of the prompt.
    #[ts(type = "number")]
    pub from: u64,
    /// US dollars for a million tokens read.
    pub input_price: Option<f64>,
    /// US dollars for a million tokens written.
    pub output_price: Option<f64>,
}

/// Who serves a model.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Providers {
    /// In the order in which the service lists them.
    pub providers: Vec<Provider>,
    /// Why they are not known, or not as of now.
    pub problem: Option<Problem>,
}

/// A provider's offer of a model.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Provider {
    /// As people know it.
    pub name: String,
    /// Its word in routing, such as `deepinfra/fp8`.
    pub slug: String,
    /// US dollars for a million tokens read.
    pub input_price: Option<f64>,
    /// US dollars for a million tokens written.
    pub output_price: Option<f64>,
    /// Tokens it takes in all.
    #[ts(type = "number | null")]
    pub context: Option<u64>,
    /// Tokens of its longest answer.
    #[ts(type = "number | null")]
    pub longest_answer: Option<u64>,
    /// How coarsely the model's numbers are kept, such as `fp8`, where it says so.
    pub quantization: Option<String>,
    /// Percent of the last day.
    pub uptime: Option<f64>,
    /// Seconds to the first token, in the middle of the last half hour.
    pub latency: Option<f64>,
    /// Tokens a second, in the middle of the last half hour.
    pub throughput: Option<f64>,
    /// It keeps nothing; none when that is not known.
    pub private: Option<bool>,
    /// It is not well just now.
    pub unwell: bool,
}
