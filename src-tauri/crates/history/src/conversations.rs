//! The list, its entries and their drafts.

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use crate::messages::believable;
use crate::store::{Store, Survives};
use crate::{
    Conversation, ConversationId, Cursor, Error, History, MAX_LABEL, MAX_OPTIONS, MAX_TEXT,
    NewConversation,
};

pub(crate) const COLUMNS: &str = "SELECT c.id, c.title, c.model, c.created_ms, c.updated_ms, c.pinned,
    c.cost_nanos, m.id, c.message_count, f.id, c.archived, c.deleted_ms,
    EXISTS (SELECT 1 FROM comparison x WHERE x.conversation = c.key)
    FROM conversation c LEFT JOIN message m ON m.key = c.leaf LEFT JOIN folder f ON f.key = c.folder";

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
        self.at(id)?.read(|connection| find(connection, id))
    }

    /// Begins a conversation.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn create_conversation(&self, new: &NewConversation) -> Result<Conversation, Error> {
        at_most(MAX_LABEL, "title", &new.title)?;
        at_most(MAX_LABEL, "model", &new.model)?;
        begin(&self.0.disk, ConversationId::new(new.now_ms), new)
    }

    /// Begins a conversation that is kept in memory alone: it is in no list, no search, no file and
    /// no backup, and gone with the process.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn create_temporary(&self, new: &NewConversation) -> Result<Conversation, Error> {
        at_most(MAX_LABEL, "title", &new.title)?;
        at_most(MAX_LABEL, "model", &new.model)?;
        begin(
            self.in_memory()?,
            ConversationId::temporary(new.now_ms),
            new,
        )
    }

    /// Lets go of a temporary conversation. What it cost goes on being counted until the process
    /// ends.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for one that is stored.
    pub fn forget(&self, id: ConversationId) -> Result<(), Error> {
        if !id.is_temporary() {
            return Err(Error::NotFound {
                what: "conversation",
            });
        }
        self.at(id)?.write(Survives::Kill, |transaction| {
            let key = key(transaction, id)?;
            transaction.execute("DELETE FROM conversation WHERE key = ?1", [key])?;
            Ok(())
        })
    }

    /// Gives it the person's own title, of at most [`MAX_LABEL`] bytes. No activity: it stays where
    /// it is.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::TooLarge`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn rename(&self, id: ConversationId, title: &str) -> Result<Conversation, Error> {
        at_most(MAX_LABEL, "title", title)?;
        self.change(
            id,
            "UPDATE conversation SET title = ?2, titled = 1 WHERE id = ?1",
            &title,
        )
    }

    /// Gives it a title that nobody asked for, unless the person gave one, and counts what that
    /// cost at `now_ms` (milliseconds since 1970 UTC).
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::TooLarge`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn suggest_title(
        &self,
        id: ConversationId,
        title: Option<&str>,
        cost_nanos: Option<i64>,
        now_ms: i64,
    ) -> Result<Conversation, Error> {
        at_most(MAX_LABEL, "title", title.unwrap_or_default())?;
        self.at(id)?.write(Survives::PowerCut, |transaction| {
            let key = key(transaction, id)?;
            if let Some(title) = title {
                transaction.execute(
                    "UPDATE conversation SET title = ?2 WHERE key = ?1 AND titled = 0",
                    params![key, title],
                )?;
            }
            if let Some(cost) = believable(cost_nanos).filter(|nanos| *nanos > 0) {
                transaction.execute(
                    "INSERT INTO charge (conversation, at_ms, cost_nanos) VALUES (?1, ?2, ?3)",
                    [key, now_ms, cost],
                )?;
            }
            find(transaction, id)
        })
    }

    /// True when the title is the person's own.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn is_titled(&self, id: ConversationId) -> Result<bool, Error> {
        self.at(id)?.read(|connection| {
            let sql = "SELECT titled FROM conversation WHERE id = ?1 AND deleted_ms IS NULL";
            found(connection, "conversation", sql, &id)
        })
    }

    /// What its next questions are asked with, as JSON; `None` for nothing special.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn options(&self, id: ConversationId) -> Result<Option<String>, Error> {
        self.at(id)?.read(|connection| {
            let sql = "SELECT options FROM conversation WHERE id = ?1 AND deleted_ms IS NULL";
            found(connection, "conversation", sql, &id)
        })
    }

    /// Asks its next questions with these options, JSON of at most [`MAX_OPTIONS`] bytes, and
    /// sends them to another model if one is named.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::TooLarge`], [`Error::Invalid`] for what is no JSON,
    /// [`Error::DiskFull`], [`Error::Busy`].
    pub fn set_options(
        &self,
        id: ConversationId,
        options: Option<&str>,
        model: Option<&str>,
    ) -> Result<Conversation, Error> {
        at_most(MAX_OPTIONS, "options", options.unwrap_or_default())?;
        at_most(MAX_LABEL, "model", model.unwrap_or_default())?;
        self.at(id)?.write(Survives::PowerCut, |transaction| {
            transaction.execute(
                "UPDATE conversation SET options = ?2, model = coalesce(?3, model) WHERE id = ?1",
                params![id, options, model],
            )?;
            find(transaction, id)
        })
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
        self.at(id)?.write(Survives::PowerCut, |transaction| {
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
        self.at(id)?.write(Survives::PowerCut, |transaction| {
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
        self.home(conversation)?.read(|connection| {
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
        self.home(conversation)?
            .write(Survives::Kill, |transaction| {
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

    /// What all answers that ended, and all titles made, at or after `since_ms` (milliseconds since 1970 UTC) cost, in
    /// nano-USD, also of conversations that are deleted, gone for good or temporary: the money is spent.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Storage`].
    pub fn cost_since(&self, since_ms: i64) -> Result<i64, Error> {
        let cost = |store: &Store| {
            store.read(|connection| {
                Ok(connection.query_row(
                    "SELECT (SELECT coalesce(sum(cost_nanos), 0) FROM message
                             WHERE ended_ms >= ?1 AND cost_nanos > 0)
                         + (SELECT coalesce(sum(cost_nanos), 0) FROM charge WHERE at_ms >= ?1)
                         + (SELECT coalesce(sum(cost_nanos), 0) FROM spent WHERE at_ms >= ?1)",
                    [since_ms],
                    |row| row.get::<_, i64>(0),
                )?)
            })
        };
        let temporary = self.0.memory.get().map(cost).transpose()?;
        Ok(cost(&self.0.disk)? + temporary.unwrap_or(0))
    }

    fn home(&self, conversation: Option<ConversationId>) -> Result<&Store, Error> {
        conversation.map_or(Ok(&self.0.disk), |id| self.at(id))
    }

    fn change(
        &self,
        id: ConversationId,
        sql: &str,
        value: &dyn ToSql,
    ) -> Result<Conversation, Error> {
        self.at(id)?.write(Survives::PowerCut, |transaction| {
            transaction.execute(sql, params![id, value])?;
            // Not found if it is deleted, which takes the change back.
            find(transaction, id)
        })
    }
}

fn begin(store: &Store, id: ConversationId, new: &NewConversation) -> Result<Conversation, Error> {
    store.write(Survives::PowerCut, |transaction| {
        insert(transaction, id, new)?;
        find(transaction, id)
    })
}

pub(crate) fn insert(
    connection: &Connection,
    id: ConversationId,
    new: &NewConversation,
) -> Result<(), Error> {
    connection
        .prepare_cached(
            "INSERT INTO conversation (id, title, model, created_ms, updated_ms)
             VALUES (?1, ?2, ?3, ?4, ?4)",
        )?
        .execute(params![id, new.title, new.model, new.now_ms])?;
    Ok(())
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

pub(crate) fn find(connection: &Connection, id: ConversationId) -> Result<Conversation, Error> {
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

pub(crate) fn conversation(row: &Row<'_>) -> rusqlite::Result<Conversation> {
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
        folder: row.get(9)?,
        archived: row.get(10)?,
        deleted_ms: row.get(11)?,
        comparing: row.get(12)?,
    })
}
