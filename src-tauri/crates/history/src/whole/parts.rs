//! What is given out and brought in.

use serde::{Deserialize, Serialize};

use super::WholeFile;
use crate::{ConversationId, FolderId, MessageId, Role, Status};

/// A folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WholeFolder {
    /// Its name for programs.
    pub id: FolderId,
    /// Its name for people.
    pub name: String,
    /// Milliseconds since 1970 UTC.
    pub created_ms: i64,
}

/// What a conversation cost beside its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// Milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Nano-USD.
    pub cost_nanos: i64,
}

/// One of the models that answer side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WholeColumn {
    /// From 0, at most 3.
    pub place: u8,
    /// Its id.
    pub model: String,
    /// The end of its branch.
    pub leaf: MessageId,
    /// Its name is not told before the choice.
    pub blind: bool,
}

/// A conversation without its messages. Fields mean what they mean in
/// [`Conversation`](crate::Conversation); times are milliseconds since 1970 UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct WholeConversation {
    pub id: ConversationId,
    pub title: String,
    /// The title is the person's own.
    #[serde(default)]
    pub titled: bool,
    pub model: String,
    pub created_ms: i64,
    pub updated_ms: i64,
    #[serde(default)]
    pub pinned: bool,
    #[serde(default)]
    pub archived: bool,
    pub deleted_ms: Option<i64>,
    pub folder: Option<FolderId>,
    /// The end of the branch that is shown.
    pub leaf: Option<MessageId>,
    pub options: Option<String>,
    /// What was typed and not sent.
    #[serde(default)]
    pub draft: String,
    #[serde(default)]
    pub charges: Vec<Charge>,
    /// The models that answer in it side by side.
    #[serde(default)]
    pub comparison: Vec<WholeColumn>,
    /// What is attached to what was typed and not sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<WholeFile>,
}

/// A message. Fields mean what they mean in [`Message`](crate::Message); what is JSON there is the
/// text of that JSON here, since some of it has to go back to a service unchanged to the byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct WholeMessage {
    pub id: MessageId,
    pub parent: Option<MessageId>,
    pub role: Role,
    pub status: Status,
    pub created_ms: i64,
    pub ended_ms: Option<i64>,
    pub first_token_ms: Option<i64>,
    pub thought_ms: Option<i64>,
    pub model: Option<String>,
    pub served_model: Option<String>,
    pub provider: Option<String>,
    pub generation_id: Option<String>,
    pub finish_reason: Option<String>,
    pub prompt_tokens: Option<u32>,
    pub completion_tokens: Option<u32>,
    pub reasoning_tokens: Option<u32>,
    pub cached_tokens: Option<u32>,
    pub cost_nanos: Option<i64>,
    pub error: Option<String>,
    pub text: String,
    #[serde(default)]
    pub reasoning: String,
    pub reasoning_details: Option<String>,
    pub annotations: Option<String>,
    pub deleted_ms: Option<i64>,
    /// What was shown when it was deleted.
    pub deleted_leaf: Option<MessageId>,
    pub options: Option<String>,
    pub tool_calls: Option<String>,
    #[serde(default)]
    pub image_count: u32,
    pub images: Option<String>,
    /// When its cost is to be asked for, if that is not known.
    pub look_up_ms: Option<i64>,
    /// How many searches of the web it took.
    pub searches: Option<u32>,
    /// What of its cost these are.
    pub search_cost_nanos: Option<i64>,
    /// What is attached to it, or came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<WholeFile>,
}

impl WholeMessage {
    /// One that has nothing but words.
    pub fn new(
        id: MessageId,
        parent: Option<MessageId>,
        role: Role,
        text: String,
        ms: i64,
    ) -> Self {
        Self {
            id,
            parent,
            role,
            status: Status::Done,
            created_ms: ms,
            ended_ms: (role == Role::Assistant).then_some(ms),
            first_token_ms: None,
            thought_ms: None,
            model: None,
            served_model: None,
            provider: None,
            generation_id: None,
            finish_reason: None,
            prompt_tokens: None,
            completion_tokens: None,
            reasoning_tokens: None,
            cached_tokens: None,
            cost_nanos: None,
            error: None,
            text,
            reasoning: String::new(),
            reasoning_details: None,
            annotations: None,
            deleted_ms: None,
            deleted_leaf: None,
            options: None,
            tool_calls: None,
            image_count: 0,
            images: None,
            look_up_ms: None,
            searches: None,
            search_cost_nanos: None,
            attached: Vec::new(),
        }
    }
}

/// What [`History::adopt`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Adopted {
    /// The conversation was not there before.
    pub new: bool,
    /// How many messages were added.
    pub messages: u64,
}
