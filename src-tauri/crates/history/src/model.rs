//! What is stored, as the callers see it.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

use crate::{Attachment, ConversationId, FolderId, MessageId, PersonaId};

/// The longest text, reasoning, draft or JSON of one message: 64 MiB of UTF-8.
pub const MAX_TEXT: usize = 64 * 1024 * 1024;
/// The longest title, model id or other short text: 4 KiB of UTF-8.
pub const MAX_LABEL: usize = 4096;
/// The longest options: 1 MiB of JSON.
pub const MAX_OPTIONS: usize = 1024 * 1024;
/// The most conversations that are changed at once.
pub const MAX_MANY: usize = 10_000;
/// The dearest answer that is believed: a million dollars, in nano-USD.
pub const MAX_COST_NANOS: i64 = 1_000_000 * 1_000_000_000;

/// One conversation, without its messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its name.
    pub id: ConversationId,
    /// What the sidebar calls it.
    pub title: String,
    /// The model that the next question goes to.
    pub model: String,
    /// When it was begun, in milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// When its newest message was added, in milliseconds since 1970 UTC.
    pub updated_ms: i64,
    /// Kept at the top of the list.
    pub pinned: bool,
    /// What its answers cost so far, on all branches, in nano-USD.
    pub cost_nanos: i64,
    /// The end of the branch last shown; `None` while there is no message.
    pub leaf: Option<MessageId>,
    /// How many messages it has, on all branches.
    pub message_count: u32,
    /// The folder it was put into.
    pub folder: Option<FolderId>,
    /// It is in the archive.
    pub archived: bool,
    /// When it was deleted, in milliseconds since 1970 UTC; `None` while it is not.
    pub deleted_ms: Option<i64>,
    /// Several models answer in it, see [`History::comparison`](crate::History::comparison).
    pub comparing: bool,
}

impl Conversation {
    /// Where this one stands in the list, to ask for what comes after it.
    pub fn cursor(&self) -> Cursor {
        Cursor {
            pinned: self.pinned,
            updated_ms: self.updated_ms,
            id: self.id,
        }
    }
}

/// A place in the list of conversations; stays valid when the one it was taken from moves away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Among the pinned ones.
    pub pinned: bool,
    /// Milliseconds since 1970 UTC.
    pub updated_ms: i64,
    /// Tells apart those of the same millisecond.
    pub id: ConversationId,
}

/// A conversation to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConversation {
    /// At most [`MAX_LABEL`] bytes.
    pub title: String,
    /// At most [`MAX_LABEL`] bytes.
    pub model: String,
    /// Now, in milliseconds since 1970 UTC.
    pub now_ms: i64,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
    /// Instructions to the model.
    System,
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// An answer is being received. At start, [`History::recover`](crate::History::recover) turns
    /// what an earlier run left so into `Interrupted`.
    Streaming,
    /// Whole.
    Done,
    /// The user stopped it; the text so far is kept.
    Stopped,
    /// The connection or the app ended first; the text so far is kept.
    Interrupted,
    /// The service refused or broke off with an error; the text so far is kept.
    Failed,
}

/// Gives the enums the words that the schema's checks list.
macro_rules! stored_as {
    ($name:ident { $($variant:ident = $word:literal),+ }) => {
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::from(match self { $(Self::$variant => $word),+ }))
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                match value.as_str()? {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(FromSqlError::InvalidType),
                }
            }
        }
    };
}
stored_as!(Role { User = "user", Assistant = "assistant", System = "system" });
stored_as!(Status {
    Streaming = "streaming",
    Done = "done",
    Stopped = "stopped",
    Interrupted = "interrupted",
    Failed = "failed"
});

/// A message to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Where it goes.
    pub conversation: ConversationId,
    /// What it answers or follows, in the same conversation; `None` begins a branch at the root.
    pub parent: Option<MessageId>,
    /// Who speaks.
    pub role: Role,
    /// At most [`MAX_TEXT`] bytes; empty for an answer that is still to come.
    pub text: String,
    /// What was thought before it, for an answer that goes on with another one; at most
    /// [`MAX_TEXT`] bytes.
    pub reasoning: String,
    /// The model asked, for an answer; at most [`MAX_LABEL`] bytes.
    pub model: Option<String>,
    /// What it is asked with, as JSON of at most [`MAX_OPTIONS`] bytes.
    pub options: Option<String>,
    /// [`Status::Streaming`] for an answer that is still to come, else mostly [`Status::Done`].
    pub status: Status,
    /// Now, in milliseconds since 1970 UTC.
    pub now_ms: i64,
}

/// One message as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its name.
    pub id: MessageId,
    /// Where it belongs.
    pub conversation: ConversationId,
    /// What it answers or follows; `None` at the root.
    pub parent: Option<MessageId>,
    /// Its place among the messages with the same parent, oldest first, from 0.
    pub sibling_index: u32,
    /// How many messages have the same parent, itself included.
    pub sibling_count: u32,
    /// Who speaks.
    pub role: Role,
    /// How far it has come.
    pub status: Status,
    /// What was said, as markdown; of a running answer, what was saved so far.
    pub text: String,
    /// What the model thought aloud.
    pub reasoning: String,
    /// The model asked.
    pub model: Option<String>,
    /// The model that answered, where the service said so.
    pub served_model: Option<String>,
    /// Who ran that model.
    pub provider: Option<String>,
    /// The service's name for this answer.
    pub generation_id: Option<String>,
    /// Why the model ended, in the service's word.
    pub finish_reason: Option<String>,
    /// What went wrong, as JSON.
    pub error: Option<String>,
    /// The model's signed or encrypted reasoning, as the JSON that has to be sent back unchanged.
    pub reasoning_details: Option<String>,
    /// Citations and parsed files, as the JSON that has to be sent back unchanged.
    pub annotations: Option<String>,
    /// Tokens and cost.
    pub usage: Usage,
    /// When it was added, in milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// How long until the first token, in milliseconds.
    pub first_token_ms: Option<i64>,
    /// How long the model thought, in milliseconds.
    pub thought_ms: Option<i64>,
    /// When the answer ended, in milliseconds since 1970 UTC.
    pub ended_ms: Option<i64>,
    /// What the answer was asked with, as JSON.
    pub options: Option<String>,
    /// The tools that the model called, as JSON.
    pub tool_calls: Option<String>,
    /// How many images it holds; [`History::images`](crate::History::images) reads them.
    pub image_count: u32,
    /// It is deleted, and so is all that follows it.
    pub deleted: bool,
    /// What it cost is still to be asked for.
    pub cost_pending: bool,
    /// What is attached to it, in order.
    pub attachments: Vec<Attachment>,
}

/// What an answer used; `None` where the service did not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens sent.
    pub prompt_tokens: Option<u32>,
    /// Tokens received, those of the reasoning included.
    pub completion_tokens: Option<u32>,
    /// Tokens of the reasoning.
    pub reasoning_tokens: Option<u32>,
    /// Of the tokens sent, those that a cache had.
    pub cached_tokens: Option<u32>,
    /// The price in nano-USD (10⁻⁹ dollars, exact for sums). One outside 0 to [`MAX_COST_NANOS`]
    /// is stored as not stated.
    pub cost_nanos: Option<i64>,
    /// How often the web was searched for it.
    pub searches: Option<u32>,
    /// Of the price, what the searches cost, in nano-USD.
    pub search_cost_nanos: Option<i64>,
}

/// How an answer ended.
///
/// Everything but `status`, the texts and the JSON is accepted whatever its size: labels longer
/// than [`MAX_LABEL`] are cut, since a strange label must not cost the answer it comes with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    /// Anything but [`Status::Streaming`].
    pub status: Status,
    /// The whole text; `None` keeps what was saved.
    pub text: Option<String>,
    /// The whole reasoning; `None` keeps what was saved.
    pub reasoning: Option<String>,
    /// As in [`Message`].
    pub finish_reason: Option<String>,
    /// As in [`Message`].
    pub error: Option<String>,
    /// As in [`Message`].
    pub usage: Usage,
    /// As in [`Message`].
    pub generation_id: Option<String>,
    /// As in [`Message`].
    pub provider: Option<String>,
    /// As in [`Message`].
    pub served_model: Option<String>,
    /// As in [`Message`]; `None` keeps what was saved.
    pub reasoning_details: Option<String>,
    /// As in [`Message`]; `None` keeps what was saved.
    pub annotations: Option<String>,
    /// As in [`Message`].
    pub tool_calls: Option<String>,
    /// The images as a JSON array, and how many.
    pub images: Option<(String, u32)>,
    /// As in [`Message`].
    pub thought_ms: Option<i64>,
    /// As in [`Message`].
    pub first_token_ms: Option<i64>,
    /// As in [`Message`].
    pub ended_ms: i64,
    /// When to ask the service what it cost, if that is not known: in milliseconds since 1970 UTC.
    pub look_up_ms: Option<i64>,
}

/// What is known of an answer before it has ended: who answers, and how long was thought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Served {
    /// As in [`Message`].
    pub generation_id: Option<String>,
    /// As in [`Message`].
    pub provider: Option<String>,
    /// As in [`Message`].
    pub served_model: Option<String>,
    /// As in [`Message`].
    pub thought_ms: Option<i64>,
}

/// An answer whose cost is to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// Which.
    pub message: MessageId,
    /// The service's name for it.
    pub generation_id: String,
    /// How often it was asked for in vain.
    pub tries: u32,
    /// When to ask next, in milliseconds since 1970 UTC.
    pub due_ms: i64,
}

/// A named way to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Persona {
    /// Its name for programs.
    pub id: PersonaId,
    /// Its name for people: 1 to [`MAX_LABEL`] bytes.
    pub name: String,
    /// The model it asks, of at most [`MAX_LABEL`] bytes; `None` leaves the choice.
    pub model: Option<String>,
    /// As JSON of at most [`MAX_OPTIONS`] bytes.
    pub options: String,
}

impl Finish {
    /// An ending that says nothing but how and when, and keeps the text that was saved.
    pub fn new(status: Status, ended_ms: i64) -> Self {
        Self {
            status,
            text: None,
            reasoning: None,
            finish_reason: None,
            error: None,
            usage: Usage::default(),
            generation_id: None,
            provider: None,
            served_model: None,
            reasoning_details: None,
            annotations: None,
            tool_calls: None,
            images: None,
            thought_ms: None,
            first_token_ms: None,
            ended_ms,
            look_up_ms: None,
        }
    }
}

/// What a running answer has received since the last time. Of each part, what follows what is
/// stored; nothing, where nothing came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress<'a> {
    /// Of [`Message::text`].
    pub text: Delta<'a>,
    /// Of [`Message::reasoning`].
    pub reasoning: Delta<'a>,
    /// Of [`Message::reasoning_details`], without the brackets of the array: whole entries, each
    /// but the very first after its comma.
    pub reasoning_details: Delta<'a>,
    /// Of [`Message::annotations`], in the same way.
    pub annotations: Delta<'a>,
}

/// A piece of a growing text: what follows its first `at` bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delta<'a> {
    /// How many bytes of the text come before this piece.
    pub at: usize,
    /// The piece.
    pub text: &'a str,
}
