//! How a model is asked, and personas: named ways to ask.

use super::{PdfReader, Routing, WebSearch};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How a model is asked. What is not set is not sent; what the model does not support is not sent either.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export, export_to = "wire.ts")]
pub struct Options {
    /// Instructions before the conversation, at most 256 KiB.
    pub system: Option<String>,
    /// 0 to 2.
    pub temperature: Option<f64>,
    /// Over 0, to 1.
    pub top_p: Option<f64>,
    /// Tokens of an answer, at most; reasoning counts.
    pub max_tokens: Option<u32>,
    /// How much it reasons.
    pub thinking: Option<Thinking>,
    /// Texts that end an answer: at most four, of 1 to 200 characters.
    pub stop: Vec<String>,
    /// The same seed makes the same answer likelier: a whole number the window can hold.
    #[ts(type = "number | null")]
    pub seed: Option<i64>,
    /// What is asked of providers here.
    pub routing: Routing,
    /// Who reads PDF files; none takes the model where it reads them itself, else the reader that costs nothing.
    pub pdf: Option<PdfReader>,
    /// Whether and how the web is searched.
    pub web: WebSearch,
}

/// How much a model reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Thinking {
    /// Not at all.
    Off,
    /// So hard.
    Effort {
        /// How hard.
        effort: Effort,
    },
    /// So long.
    Budget {
        /// Tokens, at most.
        tokens: u32,
    },
}

/// How hard a model reasons, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Effort {
    /// Hardly.
    Minimal,
    /// A little.
    Low,
    /// As usual.
    Medium,
    /// Hard.
    High,
    /// Harder.
    Xhigh,
    /// As hard as it can.
    Max,
}

/// Which options a model supports: the window offers no other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Supports {
    /// `temperature`.
    pub temperature: bool,
    /// `topP`.
    pub top_p: bool,
    /// `maxTokens`.
    pub max_tokens: bool,
    /// `stop`.
    pub stop: bool,
    /// `seed`.
    pub seed: bool,
    /// The efforts it knows, from least to most; empty for a model that does not reason or takes none.
    pub efforts: Vec<Effort>,
    /// A budget of tokens for reasoning.
    pub budget: bool,
    /// Reasoning can be switched off.
    pub off: bool,
}

/// A named way to ask.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Persona {
    /// Its id.
    pub id: String,
    /// What the person calls it.
    pub name: String,
    /// The model it asks; none leaves the choice.
    pub model: Option<String>,
    /// How it asks.
    pub options: Options,
}

/// A persona as the person wrote it.
#[derive(Debug, Clone, PartialEq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct PersonaDraft {
    /// Which one to replace; none makes a new one.
    pub id: Option<String>,
    /// 1 to 100 characters.
    pub name: String,
    /// The model it asks; none leaves the choice.
    pub model: Option<String>,
    /// How it asks.
    pub options: Options,
}
