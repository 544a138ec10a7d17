//! The catalogue.

use super::{Problem, Supports};
use serde::Serialize;
use ts_rs::TS;

/// The catalogue as the window lists it.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Models {
    /// Newest first.
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
    /// Costs nothing, by its id; a zero price alone does not say so.
    pub free: bool,
    /// Takes images.
    pub images: bool,
    /// Takes files natively.
    pub files: bool,
    /// Reasons before it answers.
    pub thinks: bool,
    /// Calls tools.
    pub tools: bool,
    /// Which options it takes.
    pub supports: Supports,
    /// When the service listed it.
    #[ts(type = "number")]
    pub created_ms: i64,
    /// The day it goes away, `YYYY-MM-DD`.
    pub expires: Option<String>,
}
