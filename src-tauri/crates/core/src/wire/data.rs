//! Where the conversations lie, and the copies of them.

use super::Problem;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where the conversations lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct DataPlace {
    /// Their folder.
    pub folder: String,
    /// How large they are.
    #[ts(type = "number")]
    pub bytes: u64,
    /// The newest first.
    pub copies: Vec<KeptCopy>,
    /// Why the last copy could not be made.
    pub problem: Option<Problem>,
}

/// A copy of all conversations, which was opened and checked when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct KeptCopy {
    /// Which.
    pub kind: CopyKind,
    /// When it was made.
    #[ts(type = "number")]
    pub taken_ms: i64,
    /// Its size.
    #[ts(type = "number")]
    pub bytes: u64,
}

/// Which copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum CopyKind {
    /// The newest.
    Last,
    /// One from a day or more before.
    Day,
    /// One from a week or more before.
    Week,
    /// What was there before a copy was brought back.
    Before,
}
