//! What is attached: to a message, or to what is being written.

use std::io;

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::{Deserialize, Deserializer};

use crate::conversations::{at_most, found, key};
use crate::store::Survives;
use crate::threads::find;
use crate::{
    AttachmentId, Content, ConversationId, Error, History, MAX_LABEL, MAX_OPTIONS, MAX_TEXT,
    Message, MessageId,
};

/// The largest small picture of an attachment, in bytes.
const PICTURE_MAX: usize = 1024 * 1024;

const COLUMNS: &str =
    "SELECT id, name, content, size, words, details, picture IS NOT NULL FROM attachment";

/// Something that is attached.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Attachment {
    /// Its name for programs.
    pub id: AttachmentId,
    /// Its name for people.
    pub name: String,
    /// Its bytes.
    pub content: Content,
    /// How many they are.
    pub size: u64,
    /// What it says, as UTF-8 bytes, where that was taken out of it; may be the same as `content`.
    #[serde(deserialize_with = "maybe_content")]
    pub words: Option<Content>,
    /// JSON whose meaning is the caller's.
    pub details: String,
    /// There is a small picture of it: [`History::picture`].
    #[serde(deserialize_with = "truth")]
    pub pictured: bool,
}

/// Something to attach. Its bytes are stored already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentDraft {
    /// 1 to [`MAX_LABEL`] bytes.
    pub name: String,
    /// Its bytes.
    pub content: Content,
    /// How many they are.
    pub size: u64,
    /// What it says.
    pub words: Option<Content>,
    /// JSON of at most [`MAX_OPTIONS`] bytes.
    pub details: String,
    /// A small picture of it, of at most 1 MiB.
    pub picture: Option<Vec<u8>>,
}

/// Where a question has its attachments from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FilesOf {
    /// It has none.
    #[default]
    Nothing,
    /// These, in this order, which wait in the draft of its conversation, or of one not begun.
    Draft(Vec<AttachmentId>),
    /// As another message has.
    Message(MessageId),
}

impl Message {
    /// The same attachments as this message has.
    #[must_use]
    pub fn same_files(&self) -> FilesOf {
        match self.attachments.is_empty() {
            true => FilesOf::Nothing,
            false => FilesOf::Message(self.id),
        }
    }
}

impl FilesOf {
    pub(crate) fn give(
        &self,
        transaction: &Transaction<'_>,
        question: Message,
        now_ms: i64,
    ) -> Result<Message, Error> {
        let ids = (question.conversation, question.id);
        match self {
            Self::Nothing => return Ok(question),
            Self::Draft(files) => {
                for (place, file) in (0_i64..).zip(files) {
                    let moved = transaction.execute(
                        "UPDATE attachment SET message = m.key, conversation = m.conversation, place = ?3
                         FROM message m JOIN conversation c ON c.key = m.conversation
                         WHERE m.id = ?1 AND attachment.id = ?2 AND attachment.message IS NULL
                             AND (attachment.conversation IS NULL OR attachment.conversation = c.key)",
                        params![ids.1, file, place],
                    )?;
                    if moved == 0 {
                        return Err(Error::NotFound { what: "attachment" });
                    }
                }
            }
            Self::Message(from) => copy(transaction, *from, ids.1, now_ms)?,
        }
        find(transaction, ids.1)
    }
}

fn copy(
    transaction: &Transaction<'_>,
    from: MessageId,
    to: MessageId,
    now_ms: i64,
) -> Result<(), Error> {
    let keys: Vec<i64> = transaction
        .prepare_cached(
            "SELECT a.key FROM attachment a JOIN message m ON m.key = a.message
             WHERE m.id = ?1 ORDER BY a.place",
        )?
        .query_map([from], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for key in keys {
        transaction.execute(
            "INSERT INTO attachment (id, conversation, message, place, name, content, size, words, details, picture)
             SELECT ?1, m.conversation, m.key, a.place, a.name, a.content, a.size, a.words, a.details, a.picture
             FROM attachment a, message m WHERE a.key = ?2 AND m.id = ?3",
            params![AttachmentId::new(now_ms), key, to],
        )?;
    }
    Ok(())
}

impl History {
    /// Attaches something to what is being written in a conversation or (`None`) in one not begun, behind the others.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::TooLarge`], [`Error::Invalid`] for details that are no JSON or an empty name,
    /// [`Error::DiskFull`], [`Error::Busy`].
    pub fn attach(
        &self,
        conversation: Option<ConversationId>,
        new: &AttachmentDraft,
        now_ms: i64,
    ) -> Result<Attachment, Error> {
        on_disk(conversation.is_some_and(ConversationId::is_temporary))?;
        self.write(Survives::PowerCut, |transaction| {
            let conversation = conversation.map(|id| key(transaction, id)).transpose()?;
            insert(transaction, conversation, None, new, now_ms)
        })
    }

    /// Attaches something to a message, behind the others: what came with an answer, or what an import brings.
    ///
    /// # Errors
    /// As [`History::attach`].
    pub fn attach_to(
        &self,
        message: MessageId,
        new: &AttachmentDraft,
        now_ms: i64,
    ) -> Result<Attachment, Error> {
        on_disk(message.is_temporary())?;
        self.write(Survives::PowerCut, |transaction| {
            let (conversation, message) = transaction
                .query_row(
                    "SELECT conversation, key FROM message WHERE id = ?1",
                    [message],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?
                .ok_or(Error::NotFound { what: "message" })?;
            insert(transaction, Some(conversation), Some(message), new, now_ms)
        })
    }

    /// What is attached to what is being written there.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a conversation that is not there.
    pub fn attached(&self, conversation: Option<ConversationId>) -> Result<Vec<Attachment>, Error> {
        if conversation.is_some_and(ConversationId::is_temporary) {
            return Ok(Vec::new());
        }
        self.read(|connection| {
            let key = conversation.map(|id| key(connection, id)).transpose()?;
            let mut statement = connection.prepare_cached(&format!(
                "{COLUMNS} WHERE message IS NULL AND coalesce(conversation, 0) = coalesce(?1, 0)
                 ORDER BY place, key"
            ))?;
            let rows = statement.query_map([key], attachment)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// One attachment.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn attachment(&self, id: AttachmentId) -> Result<Attachment, Error> {
        self.read(|connection| one(connection, id))
    }

    /// The small picture of an attachment.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn picture(&self, id: AttachmentId) -> Result<Option<Vec<u8>>, Error> {
        self.read(|connection| {
            let sql = "SELECT picture FROM attachment WHERE id = ?1";
            found(connection, "attachment", sql, &id)
        })
    }

    /// Gives an attachment other details, JSON of at most [`MAX_OPTIONS`] bytes.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::TooLarge`], [`Error::Invalid`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn set_details(&self, id: AttachmentId, details: &str) -> Result<Attachment, Error> {
        at_most(MAX_OPTIONS, "details", details)?;
        self.write(Survives::PowerCut, |transaction| {
            transaction.execute(
                "UPDATE attachment SET details = ?2 WHERE id = ?1",
                params![id, details],
            )?;
            one(transaction, id)
        })
    }

    /// Takes something out of what is being written; what a message has stays with it. Returns where it was.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn detach(&self, id: AttachmentId) -> Result<Option<ConversationId>, Error> {
        self.write(Survives::PowerCut, |transaction| {
            let place = draft_of(transaction, id)?;
            transaction.execute("DELETE FROM attachment WHERE id = ?1", [id])?;
            Ok(place)
        })
    }

    /// The conversation (or one not begun) in whose draft it is.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for what a message has.
    pub fn draft_of(&self, id: AttachmentId) -> Result<Option<ConversationId>, Error> {
        self.read(|connection| draft_of(connection, id))
    }

    /// Puts what is attached to what is being written there into this order; what is not named comes after.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn arrange(&self, ids: &[AttachmentId]) -> Result<(), Error> {
        self.write(Survives::PowerCut, |transaction| {
            for (place, id) in (-1_000_000_i64..).zip(ids) {
                draft_of(transaction, *id)?;
                transaction.execute(
                    "UPDATE attachment SET place = ?2 WHERE id = ?1",
                    params![id, place],
                )?;
            }
            Ok(())
        })
    }

    /// What the service read in these bytes, as the JSON that came.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Storage`].
    pub fn reading(&self, content: Content) -> Result<Option<String>, Error> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached("SELECT annotation FROM reading WHERE content = ?1")?
                .query_row([content], |row| row.get(0))
                .optional()?)
        })
    }

    /// Keeps what the service read in these bytes, JSON of at most [`MAX_TEXT`] bytes.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::Invalid`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn set_reading(&self, content: Content, annotation: &str) -> Result<(), Error> {
        at_most(MAX_TEXT, "reading", annotation)?;
        self.write(Survives::PowerCut, |transaction| {
            transaction.execute(
                "INSERT INTO reading (content, annotation) VALUES (?1, ?2)
                 ON CONFLICT (content) DO UPDATE SET annotation = excluded.annotation",
                params![content, annotation],
            )?;
            Ok(())
        })
    }

    pub(crate) fn refers_to(&self, content: Content) -> Result<bool, Error> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM attachment WHERE content = ?1)
                         OR EXISTS (SELECT 1 FROM attachment WHERE words = ?1)",
                )?
                .query_row([content], |row| row.get(0))?)
        })
    }

    pub(crate) fn forget_readings(&self) -> Result<(), Error> {
        self.write(Survives::Kill, |transaction| {
            transaction.execute(
                "DELETE FROM reading WHERE content NOT IN (SELECT content FROM attachment)",
                [],
            )?;
            Ok(())
        })
    }
}

pub(crate) fn contents(connection: &Connection) -> Result<Vec<Content>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT content FROM attachment UNION SELECT words FROM attachment WHERE words IS NOT NULL",
    )?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Of a temporary conversation nothing reaches the disk, where files are kept.
fn on_disk(temporary: bool) -> Result<(), Error> {
    match temporary {
        true => Err(Error::Invalid {
            what: "place for a file",
        }),
        false => Ok(()),
    }
}

fn insert(
    transaction: &Transaction<'_>,
    conversation: Option<i64>,
    message: Option<i64>,
    new: &AttachmentDraft,
    now_ms: i64,
) -> Result<Attachment, Error> {
    at_most(MAX_LABEL, "name", &new.name)?;
    at_most(MAX_OPTIONS, "details", &new.details)?;
    if new
        .picture
        .as_ref()
        .is_some_and(|picture| picture.len() > PICTURE_MAX)
    {
        return Err(Error::TooLarge {
            what: "picture",
            limit: PICTURE_MAX,
        });
    }
    if new.name.is_empty() {
        return Err(Error::Invalid { what: "name" });
    }
    let size = i64::try_from(new.size).map_err(|_| Error::Invalid { what: "size" })?;
    let id = AttachmentId::new(now_ms);
    transaction.execute(
        "INSERT INTO attachment (id, conversation, message, place, name, content, size, words, details, picture)
         VALUES (?1, ?2, ?3,
             (SELECT coalesce(max(place) + 1, 0) FROM attachment
              WHERE message IS ?3 AND coalesce(conversation, 0) = coalesce(?2, 0)),
             ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            id,
            conversation,
            message,
            new.name,
            new.content,
            size,
            new.words,
            new.details,
            new.picture
        ],
    )?;
    one(transaction, id)
}

fn one(connection: &Connection, id: AttachmentId) -> Result<Attachment, Error> {
    connection
        .prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?
        .query_row([id], attachment)
        .optional()?
        .ok_or(Error::NotFound { what: "attachment" })
}

/// The conversation in whose draft it is.
fn draft_of(connection: &Connection, id: AttachmentId) -> Result<Option<ConversationId>, Error> {
    found(
        connection,
        "attachment",
        "SELECT c.id FROM attachment a LEFT JOIN conversation c ON c.key = a.conversation
         WHERE a.id = ?1 AND a.message IS NULL",
        &id,
    )
}

fn attachment(row: &Row<'_>) -> rusqlite::Result<Attachment> {
    let size: i64 = row.get(3)?;
    Ok(Attachment {
        id: row.get(0)?,
        name: row.get(1)?,
        content: row.get(2)?,
        size: u64::try_from(size).unwrap_or_default(),
        words: row.get(4)?,
        details: row.get(5)?,
        pictured: row.get(6)?,
    })
}

/// A message's attachments, listed as JSON by the query that reads it.
pub(crate) fn listed(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<Attachment>> {
    let json = row.get_ref(column)?;
    serde_json::from_slice(json.as_bytes()?).map_err(|error| {
        let error = io::Error::new(io::ErrorKind::InvalidData, error);
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
    })
}

fn maybe_content<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Content>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let text = text.filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(serde::de::Error::custom))
        .transpose()
}

/// SQLite has no truth values in its JSON.
fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(u8::deserialize(deserializer)? != 0)
}
