//! Where conversations are listed, and what is found in them.

use super::{Conversation, Role};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One of the lists of conversations.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export, export_to = "wire.ts")]
pub enum Shelf {
    /// Kept at the top.
    Pinned,
    /// Neither pinned nor in a folder.
    Open,
    /// In a folder, and not pinned.
    Folder {
        /// Which.
        id: String,
    },
    /// Put away.
    Archive,
    /// Deleted, and kept for thirty days.
    Trash,
}

/// A folder of conversations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Folder {
    /// Its id.
    pub id: String,
    /// Its name; no two have the same.
    pub name: String,
    /// How many conversations are listed in it.
    pub count: u32,
}

/// The lists beside the open one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Shelves {
    /// By name.
    pub folders: Vec<Folder>,
    /// How many are put away.
    pub archive: u32,
    /// How many are in the trash.
    pub trash: u32,
}

/// What is done to conversations.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export, export_to = "wire.ts")]
pub enum ShelfChange {
    /// Kept at the top, or no longer.
    Pinned {
        /// Whether.
        on: bool,
    },
    /// Put away, or taken out again.
    Archived {
        /// Whether.
        on: bool,
    },
    /// Put into a folder, or out of any.
    Folder {
        /// Which.
        id: Option<String>,
    },
    /// Put into the trash. Answers that are being written there are stopped.
    Deleted,
    /// Taken out of the trash.
    Restored,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct SearchResult {
    /// The words that were looked for, without the conditions.
    pub words: Vec<String>,
    /// What was written like a condition and is none.
    pub strange: Vec<String>,
    /// Conversations by their title, the one in use last first.
    pub conversations: Vec<FoundConversation>,
    /// Messages, the newest first.
    pub messages: Vec<FoundMessage>,
    /// Where to look on for older messages.
    #[ts(type = "number | null")]
    pub older: Option<i64>,
}

/// A conversation that a search found.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct FoundConversation {
    /// Which.
    pub conversation: Conversation,
    /// Its title in pieces.
    pub title: Vec<FoundPiece>,
}

/// A message that a search found.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct FoundMessage {
    /// Its id.
    pub message: String,
    /// Its conversation.
    pub conversation: String,
    /// What that is called.
    pub title: String,
    /// Who says it.
    pub role: Role,
    /// The model asked.
    pub model: Option<String>,
    /// When.
    #[ts(type = "number")]
    pub created_ms: i64,
    /// What it says around the first hit.
    pub excerpt: Vec<FoundPiece>,
}

/// A piece of what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct FoundPiece {
    /// What it says.
    pub text: String,
    /// It was looked for.
    pub hit: bool,
}
