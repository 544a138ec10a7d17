//! What is told of an answer beside its words.

use serde::Serialize;
use ts_rs::TS;

/// Why an answer is not whole, when it can be continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Unfinished {
    /// The person stopped it.
    Stopped,
    /// The connection, the provider or a crash broke it off.
    Interrupted,
    /// It reached its longest.
    Cut,
}

/// Why a model stopped, in its own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Finish {
    /// It was done.
    Stop,
    /// The answer reached its longest.
    Length,
    /// It wants to call a tool.
    Tools,
    /// A filter cut it off.
    Filter,
    /// It failed.
    Error,
    /// A reason this version does not know.
    Other,
}

/// A source that an answer names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Citation {
    /// From 1, in the order of their first mention; each address has one number.
    pub number: u32,
    /// A web address. Opened like every link: `link_inspect`, then `link_open`.
    pub url: String,
    /// The page's title, or else its host.
    pub title: String,
    /// What it says, shortened; may be empty.
    pub excerpt: String,
}

/// Something to tell beside an answer's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// A sentence for the person.
    pub text: String,
}

/// What a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum NoteKind {
    /// Images came and are kept.
    Images,
    /// The model asked for tools.
    Tools,
    /// Whether a stopped answer goes on costing.
    Billing,
}

/// The service could not answer yet: it will be asked again by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Retrying {
    /// When, in Unix milliseconds.
    #[ts(type = "number")]
    pub at_ms: i64,
    /// Which attempt that will be, counted from 1.
    pub attempt: u32,
    /// How many there are at most.
    pub of: u32,
    /// A sentence: why it could not.
    pub reason: String,
}
