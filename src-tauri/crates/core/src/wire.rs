//! What crosses to the window, and nothing else.
//!
//! Every type here is generated into `ui/src/bindings/wire.ts`. None has a field that could hold the API key, an
//! authorization code or a code verifier. Amounts are US dollars, times are Unix milliseconds.

mod account;
mod answer;
mod compare;
mod data;
mod desk;
mod files;
mod models;
mod options;
mod routing;
mod settings;
mod shelves;
mod thread;
mod transfer;

pub use account::{
    Account, Budget, FreeRequests, Kept, NewKey, Previous, Renewal, RenewalStep, Reset,
};
pub use answer::{Citation, Finish, Note, NoteKind, Retrying, Unfinished};
pub use compare::{CompareColumn, CompareQuestion, Comparison};
pub use data::{CopyKind, DataPlace, KeptCopy};
pub use desk::{Action, Desk, Drawing, QuickKey, Update};
pub use files::{Attachment, FileKind, FileState, PdfReader, WebEngine, WebSearch};
pub use models::{Model, Models, Price, Provider, Providers, Tier};
pub use options::{Effort, Options, Persona, PersonaDraft, Supports, Thinking};
pub use routing::{RouteSort, Routing};
pub use settings::{Settings, Theme, Tray, WayBack};
pub use shelves::{
    Folder, FoundConversation, FoundMessage, FoundPiece, SearchResult, Shelf, ShelfChange, Shelves,
};
pub use thread::{
    Asked, Change, Conversation, Copied, Edit, Found, Hit, Message, MessageMeta, Op, Part,
    PartKind, Question, Role, Span, Status, Thread, ThreadEvent, ThreadPage, ThreadPlace,
};
pub use transfer::{ExportForm, Exported, ImportReport, Skipped, TransferProgress};

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
    /// The pinned conversations and the most recent of the open list, each newest activity first.
    pub conversations: Vec<Conversation>,
    /// The lists beside it.
    pub shelves: Shelves,
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
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
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
    /// Through what the answer comes back by itself; none while that is being prepared, and while pasting.
    pub back: Option<Back>,
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

/// Through what an answer comes back by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Back {
    /// A port on this computer.
    Port {
        /// Such as `localhost:3000`.
        address: String,
    },
    /// A `causeway://` link, which the system opens with this app.
    AppLink,
}

/// How an authorization code comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Way {
    /// By itself, through a port on this computer or a link of the app.
    Browser,
    /// OpenRouter's page shows a code, the person pastes it.
    Paste,
}

/// How to keep a key, where the person chooses.
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
    /// With [`ProblemCode::Shorter`]: tokens of the longest answer that can still be paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub affordable_tokens: Option<u32>,
    /// Models that the service offers instead: their ids, at most three.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub instead: Vec<String>,
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
    /// The longest answer costs too much: offer to ask again for at most `affordable_tokens`, and the credits page.
    Shorter,
    /// The key's limit is used up: offer the key's page.
    KeyLimit,
    /// It can be done on the key's page alone: offer that.
    KeyPage,
    /// The key that this app had before still exists: offer its page.
    PreviousKey,
    /// The privacy settings leave no provider: offer the privacy page.
    Privacy,
    /// What the person asks of providers leaves none: offer that, and the model picker.
    Routing,
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
    /// The conversations are damaged: offer the copies of them.
    Damaged,
    /// Written by a newer version of the app: offer nothing that writes.
    Newer,
    /// Only words: the input was refused, the reason is in the message.
    Refused,
}

/// What changes outside a thread. Sent over the channel given to `app_subscribe`.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[expect(
    clippy::large_enum_variant,
    reason = "there are few of them, and each is written out at once"
)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
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
    /// A conversation is gone for good.
    ConversationGone {
        /// Which.
        id: String,
    },
    /// The lists beside the open one are now these.
    Shelves {
        /// As they are now.
        shelves: Shelves,
    },
    /// The conversations are others than before: a copy was brought back. Ask for everything anew.
    Replaced,
    /// What is attached to what is being written in a conversation, or in one not begun.
    Files {
        /// Which; none is the one not begun.
        conversation: Option<String>,
        /// All of it, in order.
        files: Vec<Attachment>,
    },
    /// Files are held over the window, or no longer.
    Dragging {
        /// They are.
        over: bool,
    },
    /// The catalogue was refreshed: ask `models_list`.
    Models,
    /// The personas changed: ask `personas_list`.
    Personas,
    /// The settings are now these.
    Settings {
        /// As they are now.
        settings: Settings,
    },
    /// A menu, the tray or another window asks for this.
    Asked {
        /// What to do.
        action: Action,
    },
    /// Something to tell that changes nothing on screen.
    Notice {
        /// What.
        problem: Problem,
    },
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
    /// The same of the key that this app had before.
    PreviousKey,
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
