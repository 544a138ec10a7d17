//! Several models at once.

use super::{Conversation, Message, Options};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What to ask several models at once.
#[derive(Debug, Clone, PartialEq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct CompareQuestion {
    /// Where; none starts a new conversation.
    pub conversation: Option<String>,
    /// The person's words.
    pub text: String,
    /// Two to four models; a comparison that goes on has its own.
    pub models: Vec<String>,
    /// Who answers is not told before the choice, and the models stand in an order of chance.
    pub blind: bool,
    /// How a new conversation is asked; one that is there has its own.
    pub options: Option<Options>,
    /// A new conversation is kept in memory alone, and gone with the app.
    #[serde(default)]
    pub temporary: bool,
    /// What is attached to it, in this order: ids of the draft's attachments.
    #[serde(default)]
    pub files: Vec<String>,
}

/// A conversation in which several models answer, and the way to hear of what changes in it.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Comparison {
    /// Which.
    pub conversation: Conversation,
    /// How its next questions are asked.
    pub options: Options,
    /// Who answers is not told: names, prices and speeds are left out.
    pub blind: bool,
    /// From the left.
    pub columns: Vec<CompareColumn>,
    /// The number of the last event that is already part of this; the channel goes on with the next.
    #[ts(type = "number")]
    pub seq: u64,
}

/// One model of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct CompareColumn {
    /// From the left, from 0.
    pub place: u32,
    /// Its id; none while that is not told.
    pub model: Option<String>,
    /// Its name, or `Model A` while that is not told.
    pub name: String,
    /// The end of its branch, from the first to the last.
    pub messages: Vec<Message>,
    /// There are messages before the first.
    pub older: bool,
}
