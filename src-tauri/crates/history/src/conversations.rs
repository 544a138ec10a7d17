//! The list, its entries and their drafts.

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use crate::store::Survives;
use crate::{
    Conversation, ConversationId, Cursor, Error, History, MAX_LABEL, MAX_TEXT, NewConversation,
};

const COLUMNS: &str = "SELECT c.id, c.title, c.model, c.created_ms, c.updated_ms, c.pinned,
    c.cost_nanos, m.id, c.message_count
    FROM conversation c LEFT JOIN message m ON m.key = c.leaf";

impl History {
    /// Up to `limit` conversations: the pinned ones, then the others, each with the newest activity
    /// first. For what comes after them, pass the last one's [`Conversation::cursor`].
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Storage`].
    pub fn conversations(
        &self,
        limit: u32,
        before: Option<Cursor>,
    ) -> Result<Vec<Conversation>, Error> {
        self.read(|connection| {
            let before = before.map(|at| (at.pinned, at.updated_ms, at.id));
            let mut statement = connection.prepare_cached(&format!(
                "{COLUMNS} WHERE c.deleted_ms IS NULL {}
                 ORDER BY c.pinned DESC, c.updated_ms DESC, c.id DESC LIMIT ?1",
                if before.is_some() {
                    "AND (c.pinned, c.updated_ms, c.id) < (?2, ?3, ?4)"
                } else {
                    ""
                }
            ))?;
            let rows = match before {
                Some((pinned, updated_ms, id)) => {
                    statement.query_map(params![limit, pinned, updated_ms, id], conversation)?
                }
                None => statement.query_map([limit], conversation)?,
            };
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// One conversation.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none or it is deleted.
    pub fn conversation(&self, id: ConversationId) -> Result<Conversation, Error> {
        self.read(|connection| find(connection, id))
    }

    /// Begins a conversation.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn create_conversation(&self, new: &NewConversation) -> Result<Conversation, Error> {
        at_most(MAX_LABEL, "title", &new.title)?;
        at_most(MAX_LABEL, "model", &new.model)?;
        let id = ConversationId::new(new.now_ms);
        self.write(Survives::PowerCut, |transaction| {
            transaction.execute(
                "INSERT INTO conversation (id, title, model, created_ms, updated_ms)
                 VALUES (?1, ?2, ?3, ?4, ?4)",
                params![id, new.title, new.model, new.now_ms],
            )?;
            find(transaction, id)
        })
    }

    /// Gives it another title, of at most [`MAX_LABEL`] bytes. No activity: it stays where it is.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::TooLarge`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn rename(&self, id: ConversationId, title: &str) -> Result<Conversation, Error> {
        at_most(MAX_LABEL, "title", title)?;
        self.change(
            id,
            "UPDATE conversation SET title = ?2 WHERE id = ?1",
            &title,
        )
    }

    /// Sends its next questions to another model, a name of at most [`MAX_LABEL`] bytes.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::TooLarge`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn set_model(&self, id: ConversationId, model: &str) -> Result<Conversation, Error> {
        at_most(MAX_LABEL, "model", model)?;
        self.change(
            id,
            "UPDATE conversation SET model = ?2 WHERE id = ?1",
            &model,
        )
    }

    /// Keeps it at the top of the list, or no longer.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn set_pinned(&self, id: ConversationId, pinned: bool) -> Result<Conversation, Error> {
        self.change(
            id,
            "UPDATE conversation SET pinned = ?2 WHERE id = ?1",
            &pinned,
        )
    }

    /// Takes it out of the list until [`History::restore`]. An answer that is still running goes on
    /// being stored, and what it cost goes on being counted.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn delete(&self, id: ConversationId, now_ms: i64) -> Result<(), Error> {
        self.write(Survives::PowerCut, |transaction| {
            let key = key(transaction, id)?;
            transaction.execute(
                "UPDATE conversation SET deleted_ms = ?2 WHERE key = ?1",
                [key, now_ms],
            )?;
            Ok(())
        })
    }

    /// Undoes [`History::delete`]; one that is not deleted stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn restore(&self, id: ConversationId) -> Result<Conversation, Error> {
        self.write(Survives::PowerCut, |transaction| {
            transaction.execute(
                "UPDATE conversation SET deleted_ms = NULL WHERE id = ?1",
                [id],
            )?;
            find(transaction, id)
        })
    }

    /// What was typed and not sent: in a conversation, or (`None`) for one not begun. Empty if
    /// nothing was.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a conversation that is not there.
    pub fn draft(&self, conversation: Option<ConversationId>) -> Result<String, Error> {
        self.read(|connection| {
            let key = conversation.map(|id| key(connection, id)).transpose()?;
            let text = connection
                .query_row(
                    "SELECT text FROM draft WHERE coalesce(conversation, 0) = coalesce(?1, 0)",
                    [key],
                    |row| row.get(0),
                )
                .optional()?;
            Ok(text.unwrap_or_default())
        })
    }

    /// Keeps what was typed, at most [`MAX_TEXT`] bytes; an empty one forgets it. Survives the
    /// death of the process; a power cut may bring back the one before.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::TooLarge`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn set_draft(&self, conversation: Option<ConversationId>, text: &str) -> Result<(), Error> {
        at_most(MAX_TEXT, "draft", text)?;
        self.write(Survives::Kill, |transaction| {
            let key = conversation.map(|id| key(transaction, id)).transpose()?;
            transaction.execute(
                "DELETE FROM draft WHERE coalesce(conversation, 0) = coalesce(?1, 0)",
                [key],
            )?;
            if !text.is_empty() {
                transaction.execute(
                    "INSERT INTO draft (conversation, text) VALUES (?1, ?2)",
                    params![key, text],
                )?;
            }
            Ok(())
        })
    }

    /// What all answers that ended at or after `since_ms` (milliseconds since 1970 UTC) cost, in
    /// nano-USD, those in deleted conversations included: the money is spent.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Storage`].
    pub fn cost_since(&self, since_ms: i64) -> Result<i64, Error> {
        self.read(|connection| {
            Ok(connection.query_row(
                "SELECT coalesce(sum(cost_nanos), 0) FROM message
                 WHERE ended_ms >= ?1 AND cost_nanos > 0",
                [since_ms],
                |row| row.get(0),
            )?)
        })
    }

    fn change(
        &self,
        id: ConversationId,
        sql: &str,
        value: &dyn ToSql,
    ) -> Result<Conversation, Error> {
        self.write(Survives::PowerCut, |transaction| {
            transaction.execute(sql, params![id, value])?;
            // Not found if it is deleted, which takes the change back.
            find(transaction, id)
        })
    }
}

/// The row's key, of a conversation that is not deleted.
pub(crate) fn key(connection: &Connection, id: ConversationId) -> Result<i64, Error> {
    found(
        connection,
        "conversation",
        "SELECT key FROM conversation WHERE id = ?1 AND deleted_ms IS NULL",
        &id,
    )
}

/// The first column of the one row that `sql` finds.
pub(crate) fn found<T: FromSql>(
    connection: &Connection,
    what: &'static str,
    sql: &str,
    id: &dyn ToSql,
) -> Result<T, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    statement
        .query_row([id], |row| row.get(0))
        .optional()?
        .ok_or(Error::NotFound { what })
}

pub(crate) fn at_most(limit: usize, what: &'static str, text: &str) -> Result<(), Error> {
    if text.len() <= limit {
        Ok(())
    } else {
        Err(Error::TooLarge { what, limit })
    }
}

fn find(connection: &Connection, id: ConversationId) -> Result<Conversation, Error> {
    connection
        .prepare_cached(&format!(
            "{COLUMNS} WHERE c.id = ?1 AND c.deleted_ms IS NULL"
        ))?
        .query_row([id], conversation)
        .optional()?
        .ok_or(Error::NotFound {
            what: "conversation",
        })
}

fn conversation(row: &Row<'_>) -> rusqlite::Result<Conversation> {
    Ok(Conversation {
        id: row.get(0)?,
        title: row.get(1)?,
        model: row.get(2)?,
        created_ms: row.get(3)?,
        updated_ms: row.get(4)?,
        pinned: row.get(5)?,
        cost_nanos: row.get(6)?,
        leaf: row.get(7)?,
        message_count: row.get(8)?,
    })
}
