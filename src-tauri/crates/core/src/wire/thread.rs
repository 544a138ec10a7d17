//! Conversations, their messages, and how an answer grows.

use super::{Attachment, Citation, Finish, Note, Options, Problem, Retrying, Unfinished};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A conversation in the sidebar.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Conversation {
    /// Its id.
    pub id: String,
    /// Made from the first words, or given by the person.
    pub title: String,
    /// The model that answers next.
    pub model: String,
    /// When something last happened in it.
    #[ts(type = "number")]
    pub updated_ms: i64,
    /// What all its answers cost.
    pub cost_usd: f64,
    /// True while an answer is being written.
    pub answering: bool,
    /// Kept at the top.
    pub pinned: bool,
    /// The folder it was put into.
    pub folder: Option<String>,
    /// Put away.
    pub archived: bool,
    /// When it was deleted; none while it is not.
    #[ts(type = "number | null")]
    pub deleted_ms: Option<i64>,
    /// In memory alone, and in no list.
    pub temporary: bool,
    /// Several models answer in it: it opens as a comparison.
    pub comparing: bool,
}

/// A piece of a conversation's visible branch, and the way to hear of what changes in it.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Thread {
    /// Whose.
    pub conversation: Conversation,
    /// How its next questions are asked.
    pub options: Options,
    /// From the first to the last.
    pub messages: Vec<Message>,
    /// There are messages before the first.
    pub older: bool,
    /// There are messages after the last.
    pub newer: bool,
    /// The answer that is being written, which may be after the last.
    pub running: Option<String>,
    /// The number of the last event that is already part of this; the channel goes on with the next.
    #[ts(type = "number")]
    pub seq: u64,
}

/// What a window shows of a thread that it opens anew.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Span {
    /// The first message; the nearest above it when it is not on the visible branch any more.
    pub from: String,
    /// How many messages at least, if there are so many; bounded.
    pub count: u32,
}

/// Where the next page of an open thread is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export, export_to = "wire.ts")]
pub enum ThreadPlace {
    /// Above a message.
    Before {
        /// Which.
        message: String,
    },
    /// Below a message.
    After {
        /// Which.
        message: String,
    },
}

/// More of an open thread.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct ThreadPage {
    /// From the first to the last.
    pub messages: Vec<Message>,
    /// There are messages before the first.
    pub older: bool,
    /// There are messages after the last.
    pub newer: bool,
    /// The number of the last event on the open channel that is already part of these messages.
    #[ts(type = "number")]
    pub seq: u64,
}

/// Where words were found on a conversation's visible branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Found {
    /// The messages that say them, from the first to the last.
    pub hits: Vec<Hit>,
    /// There are more, before the first of these.
    pub more: bool,
}

/// A message that says the words that were looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Hit {
    /// Which.
    pub message: String,
    /// How often its reasoning says them, which stands before its words.
    pub thoughts: u32,
    /// How often its words say them.
    pub times: u32,
}

/// A message with what it says.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Message {
    /// All but the words.
    pub meta: MessageMeta,
    /// A person's words, as typed. Empty for a model's.
    pub text: String,
    /// A model's words: sealed blocks of safe HTML that never change again.
    pub blocks: Vec<String>,
    /// The block still being written, as safe HTML.
    pub tail: String,
    /// The unfinished line at the end of the tail's `<code>`, as safe HTML.
    pub line: String,
    /// The model's reasoning, as plain text.
    pub reasoning: String,
}

/// All of a message but its words.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct MessageMeta {
    /// Its id.
    pub id: String,
    /// Who speaks.
    pub role: Role,
    /// How far it is.
    pub status: Status,
    /// The model that was asked; empty for a person's words.
    pub model: String,
    /// That model's name as people know it.
    pub model_name: String,
    /// Who served it.
    pub provider: Option<String>,
    /// Tokens read for this answer.
    pub tokens_in: Option<u32>,
    /// Tokens written.
    pub tokens_out: Option<u32>,
    /// Tokens a second, from the first to the last.
    pub tokens_per_second: Option<f64>,
    /// What it cost.
    pub cost_usd: Option<f64>,
    /// The cost is not known yet and is being asked for.
    pub cost_pending: bool,
    /// How long until its first word, or its first thought.
    #[ts(type = "number | null")]
    pub first_token_ms: Option<i64>,
    /// How long it took in all.
    #[ts(type = "number | null")]
    pub took_ms: Option<i64>,
    /// How long it reasoned before the first word of the answer.
    #[ts(type = "number | null")]
    pub thought_ms: Option<i64>,
    /// What went wrong; the words so far are kept.
    pub problem: Option<Problem>,
    /// While waiting: when and why it is asked again by itself.
    pub retrying: Option<Retrying>,
    /// Why the model stopped.
    pub finish: Option<Finish>,
    /// Why it is not whole, when `continue_answer` can go on with it.
    pub unfinished: Option<Unfinished>,
    /// Its sources.
    pub citations: Vec<Citation>,
    /// What is attached to it.
    pub attachments: Vec<Attachment>,
    /// How often the web was searched for it.
    pub searches: Option<u32>,
    /// What the searches cost, as part of its cost.
    pub search_cost_usd: Option<f64>,
    /// What else is to tell.
    pub notes: Vec<Note>,
    /// What it was asked with; null for a person's words.
    pub options: Option<Options>,
    /// This is the nth of its siblings, counted from 0.
    pub sibling: u32,
    /// How many answers (or versions) there are at this place.
    pub siblings: u32,
    /// When it was made.
    #[ts(type = "number")]
    pub created_ms: i64,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// How far a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Status {
    /// Sent; nothing has come back yet.
    Waiting,
    /// Reasoning or writing.
    Streaming,
    /// Complete.
    Done,
    /// Stopped by the person.
    Stopped,
    /// Broken off by the connection, a crash or the provider; `problem` tells more.
    Interrupted,
    /// Never began; `problem` says why.
    Failed,
}

/// A numbered change to an open thread. A gap in the numbers means: ask `thread_open` again.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct ThreadEvent {
    /// One more than the last.
    #[ts(type = "number")]
    pub seq: u64,
    /// What changed.
    pub change: Change,
}

/// What changed in a thread.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export, export_to = "wire.ts")]
pub enum Change {
    /// A message was added at the end.
    Added {
        /// The new message.
        message: Message,
    },
    /// A message grew.
    Patch {
        /// Which.
        message: String,
        /// In this order.
        ops: Vec<Op>,
    },
    /// Everything but the words of a message.
    Meta {
        /// As it is now.
        meta: MessageMeta,
    },
    /// The next questions are asked so.
    Options {
        /// As they are now.
        options: Options,
    },
    /// Another branch is shown now: ask `thread_open` again.
    Reload,
}

/// One step in the growth of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "op", rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Op {
    /// The next sealed block; the tail is empty after it.
    Seal {
        /// Safe HTML.
        html: String,
    },
    /// The tail is now this.
    Tail {
        /// Safe HTML.
        html: String,
    },
    /// Append both inside the `<code>` of the tail, in place of the unfinished line that is there.
    TailAppend {
        /// Lines that are done, as safe HTML.
        html: String,
        /// The one that is not, as safe HTML.
        line: String,
    },
    /// The tail, without its unfinished line, becomes the next sealed block.
    SealTail,
    /// A sealed block is now this: the answer has ended, and the marks of its sources stand in it.
    Mark {
        /// Which, counted from 0.
        block: u32,
        /// Safe HTML.
        html: String,
    },
    /// Append to the reasoning.
    Reasoning {
        /// Plain text.
        text: String,
    },
}

/// What to ask.
#[derive(Debug, Clone, PartialEq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Question {
    /// Where; none starts a new conversation.
    pub conversation: Option<String>,
    /// The person's words.
    pub text: String,
    /// Which model.
    pub model: String,
    /// How a new conversation is asked; one that is there has its own.
    #[serde(default)]
    #[ts(optional)]
    pub options: Option<Options>,
    /// A new conversation is kept in memory alone, and gone with the app.
    #[serde(default)]
    pub temporary: bool,
    /// What goes with it, in this order: ids of what is attached to what is being written there.
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub files: Vec<String>,
}

/// What to ask instead of a question that was sent: a version beside it, with an answer of its own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Edit {
    /// The question.
    pub message: String,
    /// The person's new words.
    pub text: String,
    /// Which model; none asks the conversation's.
    pub model: Option<String>,
    /// What is attached to the old question is attached to the new one, too.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub keep_files: bool,
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Asked {
    /// The conversation, made if it was new.
    pub conversation: String,
    /// The answer that is being written.
    pub answer: String,
}

/// A part of a message to take out of it, counted from 0 as the window shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Part {
    /// What kind of part.
    pub kind: PartKind,
    /// Which of its kind.
    pub index: u32,
}

/// What can be taken out of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum PartKind {
    /// A table, as CSV.
    Table,
    /// A block of code.
    Code,
}

/// What became of a part on its way to the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Copied {
    /// How many characters were left out because they cannot be seen, or command a terminal.
    pub left_out: u32,
}
