//! What can go wrong, in terms of who can mend it.

use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why a call did not do what it was asked. After any of these nothing of the call was stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is not a sound database. The user chooses: [`move_aside`](crate::move_aside) and
    /// begin anew, or bring a copy back. Nothing was changed.
    #[error("the conversations file is damaged: {detail}")]
    Corrupt {
        /// SQLite's own words; holds no text of a conversation.
        detail: String,
    },
    /// A later version of the app wrote the file. The user updates the app. Nothing was changed.
    #[error(
        "the conversations file has schema {found}; this version of the app knows up to {known}"
    )]
    NewerSchema {
        /// The schema the file has.
        found: i64,
        /// The newest schema this version knows.
        known: i64,
    },
    /// The file or its folder may not be written. The user mends the permissions or the mount.
    #[error("the conversations file may only be read")]
    ReadOnly,
    /// No room is left on the disk. The user makes some; the same call can be made again.
    #[error("the disk is full")]
    DiskFull,
    /// Another process held the file for longer than we wait. The same call can be made again.
    #[error("the conversations file is in use by another program")]
    Busy,
    /// The folder or a file in it could not be made, opened or moved. The user mends the path.
    #[error("{}: {source}", path.display())]
    Folder {
        /// What was being made, opened or moved.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no such conversation or message, or the conversation is deleted. The caller drops
    /// it from its view.
    #[error("there is no such {what}")]
    NotFound {
        /// `conversation` or `message`.
        what: &'static str,
    },
    /// Another one has this name. The user chooses another.
    #[error("another {what} has this name")]
    Taken {
        /// `folder`.
        what: &'static str,
    },
    /// A text is longer than is stored. The user shortens it.
    #[error("the {what} is longer than {limit} bytes")]
    TooLarge {
        /// Which field.
        what: &'static str,
        /// The most that is stored, in bytes of UTF-8.
        limit: usize,
    },
    /// The answer has ended already; what is stored stays as it is. The caller's mistake.
    #[error("the answer has ended already")]
    Finished,
    /// A piece of a running answer begins after the end of what is stored. The caller sends again
    /// from `expected`.
    #[error("a piece begins after byte {expected}, where the stored text ends")]
    Gap {
        /// How many bytes of that text are stored.
        expected: usize,
    },
    /// A value that makes no sense, such as JSON that is none or a name that is no id. The
    /// caller's mistake.
    #[error("not a valid {what}")]
    Invalid {
        /// Which value.
        what: &'static str,
    },
    /// SQLite failed in a way that has no remedy of its own, such as an error of the disk.
    #[error("the conversations file could not be used: {detail}")]
    Storage {
        /// SQLite's own words; holds no text of a conversation.
        detail: String,
    },
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error().map(|e| (e.code, e.extended_code)) {
            Some((ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _)) => Self::Corrupt {
                detail: error.to_string(),
            },
            Some((ErrorCode::ReadOnly | ErrorCode::PermissionDenied, _)) => Self::ReadOnly,
            Some((ErrorCode::DiskFull, _)) => Self::DiskFull,
            // The shared index beside the log could not grow: the disk, by another name.
            Some((_, rusqlite::ffi::SQLITE_IOERR_SHMSIZE)) => Self::DiskFull,
            Some((ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _)) => Self::Busy,
            // Sizes, ids and parents are looked at before a row is written; JSON is left to SQLite.
            Some((_, rusqlite::ffi::SQLITE_CONSTRAINT_CHECK)) => Self::Invalid { what: "JSON" },
            _ => Self::Storage {
                detail: error.to_string(),
            },
        }
    }
}

impl From<rusqlite_migration::Error> for Error {
    fn from(error: rusqlite_migration::Error) -> Self {
        match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
            rusqlite_migration::Error::InvalidUserVersion => Self::Corrupt {
                detail: error.to_string(),
            },
            _ => Self::Storage {
                detail: error.to_string(),
            },
        }
    }
}
