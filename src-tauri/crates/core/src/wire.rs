//! What crosses to the window, and nothing else.
//!
//! Every type here is generated into `ui/src/bindings/wire.ts`. None has a field that could hold the API key, an
//! authorization code or a code verifier. Amounts are US dollars, times are Unix milliseconds.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Everything the window needs to draw itself after a start or a reload.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Snapshot {
    /// Where the person stands with their key.
    pub phase: Phase,
    /// The service this app talks to.
    pub service: Service,
    /// What the person chose.
    pub settings: Settings,
    /// The most recent conversations, newest activity first.
    pub conversations: Vec<Conversation>,
    /// Why conversations cannot be stored or read, when they cannot.
    pub history_problem: Option<Problem>,
    /// The app's version.
    pub version: String,
}

/// The service behind this window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Service {
    /// The origin, such as `https://openrouter.ai`.
    pub origin: String,
    /// True when this is not OpenRouter but an emulator on this computer: the window says so.
    pub emulated: bool,
}

/// Where the person stands with their key.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Phase {
    /// The vault is being opened; the system's keychain may be asking.
    Opening,
    /// No key. `ended` says how the last attempt or the opening of the vault went wrong.
    Disconnected {
        /// What to tell, with its way on.
        ended: Option<Problem>,
    },
    /// A sign-in is running.
    Connecting {
        /// How far it is.
        attempt: Attempt,
    },
    /// A key was received and checked, but no keychain can guard it: the person chooses how to keep it.
    ChooseSeal {
        /// Why the keychain cannot be used.
        reason: Problem,
        /// Whose key it is.
        account: Account,
    },
    /// The vault is sealed with a passphrase, or was locked.
    Locked {
        /// True when only a passphrase opens it; false when the keychain does.
        passphrase: bool,
        /// How the last try to unlock failed.
        problem: Option<Problem>,
    },
    /// A vault is there and could not be opened; nothing in it was touched.
    VaultTrouble {
        /// What is wrong, with its way on.
        problem: Problem,
    },
    /// Ready to chat.
    Connected {
        /// Whose key, and what it may spend.
        account: Account,
    },
}

/// A running sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Attempt {
    /// How far it is.
    pub step: AttemptStep,
    /// How the code comes back.
    pub way: Way,
    /// Where the answer is received, such as `localhost:3000`; none while pasting.
    pub receiver: Option<String>,
    /// When it gives up.
    #[ts(type = "number")]
    pub ends_at_ms: i64,
    /// What went wrong with the last pasted code or the browser, while the attempt goes on.
    pub hint: Option<Problem>,
}

/// The steps of a sign-in, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum AttemptStep {
    /// Binding the port and probing it.
    Preparing,
    /// The browser is open (or the link is ready); the person decides.
    Waiting,
    /// A code arrived: exchange, check, store.
    Exchanging,
}

/// How an authorization code comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Way {
    /// By itself, through a port on this computer.
    Browser,
    /// OpenRouter's page shows a code, the person pastes it.
    Paste,
}

/// The key's account, as `GET /key` tells it.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Account {
    /// The key's label.
    pub label: String,
    /// The key with its middle removed, such as `sk-or-v1-9f2…c41`.
    pub masked_key: String,
    /// What the key may spend in all or per `limit_reset`; none means no limit.
    pub limit_usd: Option<f64>,
    /// What is left of the limit.
    pub remaining_usd: Option<f64>,
    /// `daily`, `weekly`, `monthly`, or none for a limit that never resets.
    pub limit_reset: Option<String>,
    /// Spent by this key in all, and today, this week, this month (UTC).
    pub usage_usd: f64,
    /// Spent today (UTC).
    pub usage_today_usd: f64,
    /// Spent since Monday (UTC).
    pub usage_week_usd: f64,
    /// Spent this month (UTC).
    pub usage_month_usd: f64,
    /// True when the account never bought credits: only free models answer.
    pub free_tier: bool,
    /// When the key stops working.
    pub expires_at: Option<String>,
    /// How the key is kept.
    pub kept: Kept,
    /// True when the key could not be checked at this start, for instance offline.
    pub unchecked: bool,
}

/// How the key is kept at rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Kept {
    /// Sealed with a key in the system's keychain.
    Keychain,
    /// Sealed with a passphrase.
    Passphrase,
    /// In memory until the app quits.
    Session,
}

/// How to keep a key when the keychain cannot.
#[derive(Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Seal {
    /// Try the keychain (again).
    Keychain,
    /// Encrypt with this passphrase.
    Passphrase {
        /// At least eight characters.
        passphrase: String,
    },
    /// Keep it in memory until the app quits.
    Session,
}

/// Something that did not work, as a sentence, with what the window can do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Problem {
    /// What the window acts on.
    pub code: ProblemCode,
    /// One or two sentences for the person: what happened and what to do.
    pub message: String,
    /// The raw detail, shown on request only.
    pub detail: Option<String>,
    /// How long to wait before trying again.
    #[ts(type = "number | null")]
    pub retry_after_ms: Option<u64>,
}

/// A code exists only if the window acts on it: each names the button to offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum ProblemCode {
    /// Nothing special to offer but to try again.
    Again,
    /// The person declined on OpenRouter's page: offer to connect again, calmly.
    Declined,
    /// The network is not reachable: what was typed is kept; offer to send again.
    Offline,
    /// The key is refused: offer to connect again.
    Reconnect,
    /// The exchange's answer was lost: offer the page of keys beside a new attempt.
    CheckKeys,
    /// No way to receive the code: offer to paste one.
    PasteInstead,
    /// Out of credits: offer the credits page.
    TopUp,
    /// The key's limit is used up: offer the key's page.
    KeyLimit,
    /// The privacy settings leave no provider: offer the privacy page.
    Privacy,
    /// The model is gone or cannot do this: offer the model picker.
    OtherModel,
    /// The conversation is longer than the model takes: offer a new conversation or a larger model.
    TooLong,
    /// Wait `retry_after_ms`, shown as a countdown.
    Wait,
    /// The keychain cannot be reached: offer to try again.
    Keychain,
    /// The vault cannot be opened any more: offer to connect anew.
    VaultLost,
    /// Wrong passphrase: offer the field again.
    WrongPassphrase,
    /// Written by a newer version of the app: offer nothing that writes.
    Newer,
    /// Only words: the input was refused, the reason is in the message.
    Refused,
}

/// What the person chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export, export_to = "wire.ts")]
pub struct Settings {
    /// Light, dark, or as the system says.
    pub theme: Theme,
    /// The model of a new conversation; none until one was chosen.
    pub model: Option<String>,
    /// The sidebar is shown.
    pub sidebar: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { theme: Theme::System, model: None, sidebar: true }
    }
}

/// The window's colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Theme {
    /// As the system says.
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// What changes outside a thread. Sent over the channel given to `app_subscribe`.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum AppEvent {
    /// The phase is now this.
    Phase {
        /// The new phase.
        phase: Phase,
    },
    /// A conversation was made or changed.
    Conversation {
        /// As it is now.
        conversation: Conversation,
    },
    /// A conversation was deleted.
    ConversationGone {
        /// Which.
        id: String,
    },
    /// The catalogue was refreshed: ask `models_list`.
    Models,
    /// The settings are now these.
    Settings {
        /// As they are now.
        settings: Settings,
    },
}

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
}

/// A conversation's visible branch.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Thread {
    /// Whose.
    pub conversation: Conversation,
    /// From the first to the last.
    pub messages: Vec<Message>,
    /// The number of the last event that is already part of this; the channel goes on with the next.
    #[ts(type = "number")]
    pub seq: u64,
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
    /// How long it reasoned before the first word of the answer.
    #[ts(type = "number | null")]
    pub thought_ms: Option<i64>,
    /// What went wrong; the words so far are kept.
    pub problem: Option<Problem>,
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
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
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
    /// Append inside the `<code>` of the tail.
    TailAppend {
        /// Safe HTML.
        html: String,
    },
    /// The tail as it stands becomes the next sealed block.
    SealTail,
    /// Append to the reasoning.
    Reasoning {
        /// Plain text.
        text: String,
    },
}

/// What to ask.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Question {
    /// Where; none starts a new conversation.
    pub conversation: Option<String>,
    /// The person's words.
    pub text: String,
    /// Which model.
    pub model: String,
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
    /// When the service listed it.
    #[ts(type = "number")]
    pub created_ms: i64,
    /// The day it goes away, `YYYY-MM-DD`.
    pub expires: Option<String>,
}

/// A link from an answer, before it is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Link {
    /// The true host, in ASCII.
    pub host: String,
    /// The whole address, in ASCII.
    pub url: String,
}

/// A page of the service, opened in the browser. The addresses are the core's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Page {
    /// The settings of this app's key: limit, disable, delete.
    Key,
    /// What this app's key was used for.
    Logs,
    /// All keys.
    Keys,
    /// Credits.
    Credits,
    /// What providers may keep.
    Privacy,
    /// Own provider keys.
    Byok,
}
