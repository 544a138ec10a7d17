//! Taking conversations out into a file, and bringing them in from one.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The form of an exported file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum ExportForm {
    /// Everything, to be brought in again.
    Json,
    /// The shown branch, to be read and edited.
    Markdown,
    /// The shown branch as a page of its own.
    Html,
}

/// How far an export or import has come.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct TransferProgress {
    /// Conversations dealt with.
    #[ts(type = "number")]
    pub conversations: u64,
    /// How much of the work is done, from 0 to 1.
    pub part: f64,
}

/// What was exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Exported {
    /// The file.
    pub path: String,
    /// How many conversations are in it.
    #[ts(type = "number")]
    pub conversations: u64,
    /// Its size.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Attached files that were not there any more.
    #[ts(type = "number")]
    pub missing: u64,
}

/// What an import would do or has done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct ImportReport {
    /// The names of the files.
    pub files: Vec<String>,
    /// Where the conversations come from, such as `ChatGPT`.
    pub sources: Vec<String>,
    /// Conversations that are new here.
    #[ts(type = "number")]
    pub added: u64,
    /// Conversations that were here, and get messages that they lacked.
    #[ts(type = "number")]
    pub extended: u64,
    /// Conversations that are here already, to the last message.
    #[ts(type = "number")]
    pub known: u64,
    /// Messages that are new here.
    #[ts(type = "number")]
    pub messages: u64,
    /// Parts of messages that can't be brought in, such as another program's images, or files that are not in the export.
    #[ts(type = "number")]
    pub left_out: u64,
    /// What is passed over; at most the first hundred.
    pub skipped: Vec<Skipped>,
    /// How many are passed over in all.
    #[ts(type = "number")]
    pub skipped_count: u64,
    /// It has been done.
    pub done: bool,
}

/// An entry of a file that is passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Skipped {
    /// Its title, or its place in the file.
    pub entry: String,
    /// A sentence.
    pub why: String,
}
