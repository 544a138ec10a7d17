//! Every conversation, in one SQLite file, and beside it the bytes of what is attached.
//!
//! The SQL stays in here: callers see conversations, messages and sentences about what went wrong.
//! Deliberately absent: the network, an async runtime (every call blocks; run it where that is
//! allowed), a clock (times are passed in) and the window.
//!
//! What is promised:
//! - A call that returned `Ok` survives the death of the process. Everything but the progress of a
//!   running answer survives a power cut as well (see [`History::save_progress`]).
//! - Messages are never overwritten: an edit, a retry or a continuation is a sibling, and a
//!   conversation remembers the leaf of the branch that was last on screen.
//! - What is deleted is marked, not removed, and can be restored until it is purged. What it cost
//!   stays counted.
//! - A temporary conversation is in memory alone: nothing of it reaches the file.
//! - A write costs no more for being searchable, and a growing answer no more for being long: the
//!   index is filled later, by [`History::index_some`]. What it has not yet is searched all the same.
//! - A damaged or newer file is reported and left as it is. Nothing here deletes a
//!   database; a copy goes only when a checked one takes its place. What was attached
//!   goes when nothing refers to it any more ([`History::collect_files`]).
//! - One connection writes, others read, and a reader never waits for the writer. A second process
//!   on the same file is waited for, within a bound.
#![forbid(unsafe_code)]

mod attachments;
mod backups;
mod blobs;
mod comparisons;
mod conversations;
mod error;
#[cfg(test)]
mod full;
mod growth;
mod ids;
mod lookups;
mod messages;
mod model;
mod personas;
mod relocate;
mod removal;
mod revisions;
mod search;
mod shelves;
mod store;
mod stretch;
#[cfg(feature = "testing")]
mod testing;
mod threads;
mod whole;

pub use attachments::{Attachment, AttachmentDraft, FilesOf};
pub use backups::{BACKUPS, Backup, Kept, backups, put_back};
pub use blobs::{Content, FILES, NewBlob};
pub use comparisons::{AskedOne, Compared, Comparison, MAX_COMPARED};
pub use error::Error;
pub use ids::{AttachmentId, ConversationId, FolderId, MessageId, PersonaId};
pub use model::{
    Conversation, Cursor, Delta, Finish, Lookup, MAX_COST_NANOS, MAX_LABEL, MAX_MANY, MAX_OPTIONS,
    MAX_TEXT, Message, NewConversation, NewMessage, Persona, Progress, Role, Served, Status, Usage,
};
pub use relocate::{holds_conversations, remove_conversations};
pub use search::{Indexed, MAX_WORD, MAX_WORDS, Match, Matches, Older, Piece, TitleMatch, Wanted};
pub use shelves::{Change, Counts, Folder, Listed, Shelf};
pub use store::{FILE, History, move_aside};
pub use stretch::{Bound, Place, Said, Stretch};
pub use whole::{
    Adopted, Charge, WholeColumn, WholeConversation, WholeFile, WholeFolder, WholeMessage,
};
