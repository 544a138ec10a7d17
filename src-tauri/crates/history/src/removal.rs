//! Taking messages away and bringing them back.

use rusqlite::{Connection, params};

use crate::conversations::found;
use crate::store::Survives;
use crate::threads::{show, visible};
use crate::{ConversationId, Error, History, MessageId};

impl History {
    /// Takes a message with all that follows it out of the conversation until
    /// [`History::restore_message`]. If it is on the shown branch, another version at its place is
    /// shown, or else the branch ends before it. What it cost goes on being counted.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it is not there, is deleted already, or its conversation is;
    /// [`Error::DiskFull`], [`Error::Busy`].
    pub fn delete_message(&self, id: MessageId, now_ms: i64) -> Result<ConversationId, Error> {
        self.at(id)?.write(Survives::PowerCut, |transaction| {
            let message: i64 = found(
                transaction,
                "message",
                "SELECT m.key FROM message m JOIN conversation c ON c.key = m.conversation
                 WHERE m.id = ?1 AND m.deleted_ms IS NULL AND c.deleted_ms IS NULL",
                &id,
            )?;
            transaction.execute(
                "UPDATE message SET deleted_ms = ?2, deleted_leaf =
                     (SELECT leaf FROM conversation c WHERE c.key = conversation)
                 WHERE key = ?1",
                params![message, now_ms],
            )?;
            // Only if the shown branch leads through it does anything else come on screen.
            transaction.execute(
                "WITH RECURSIVE
                 gone (conversation, parent, leaf) AS (
                     SELECT m.conversation, m.parent, c.leaf
                     FROM message m JOIN conversation c ON c.key = m.conversation WHERE m.key = ?1
                 ),
                 path (key) AS (
                     SELECT leaf FROM gone
                     UNION ALL
                     SELECT up.parent FROM path JOIN message up ON up.key = path.key
                     WHERE up.parent IS NOT NULL
                 ),
                 below (key) AS (
                     SELECT m.key FROM gone JOIN message m ON m.conversation = gone.conversation
                         AND m.parent IS gone.parent AND m.deleted_ms IS NULL
                     UNION ALL
                     SELECT m.key FROM below JOIN gone JOIN message m
                         ON m.conversation = gone.conversation AND m.parent = below.key
                         AND m.deleted_ms IS NULL
                 )
                 UPDATE conversation
                 SET leaf = coalesce((SELECT max(key) FROM below), (SELECT parent FROM gone))
                 WHERE key = (SELECT conversation FROM gone) AND ?1 IN (SELECT key FROM path)",
                [message],
            )?;
            conversation_of(transaction, message)
        })
    }

    /// Undoes [`History::delete_message`], and shows what was shown before it.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it is not there or its conversation is deleted, [`Error::DiskFull`],
    /// [`Error::Busy`].
    pub fn restore_message(&self, id: MessageId) -> Result<ConversationId, Error> {
        self.at(id)?.write(Survives::PowerCut, |transaction| {
            let message: i64 = found(
                transaction,
                "message",
                "SELECT m.key FROM message m JOIN conversation c ON c.key = m.conversation
                 WHERE m.id = ?1 AND c.deleted_ms IS NULL",
                &id,
            )?;
            let before: Option<i64> = transaction.query_row(
                "UPDATE message SET deleted_ms = NULL WHERE key = ?1 RETURNING deleted_leaf",
                [message],
                |row| row.get(0),
            )?;
            let conversation = conversation_of(transaction, message)?;
            // What was shown, or what is around the message, may have been deleted on its own.
            match before {
                Some(leaf) if visible(transaction, leaf)? => {
                    transaction.execute(
                        "UPDATE conversation SET leaf = ?2 WHERE id = ?1",
                        params![conversation, leaf],
                    )?;
                }
                Some(_) if visible(transaction, message)? => {
                    show(transaction, message)?;
                }
                _ => {}
            }
            transaction.execute(
                "UPDATE message SET deleted_leaf = NULL WHERE key = ?1",
                [message],
            )?;
            Ok(conversation)
        })
    }
}

fn conversation_of(connection: &Connection, message: i64) -> Result<ConversationId, Error> {
    found(
        connection,
        "conversation",
        "SELECT c.id FROM message m JOIN conversation c ON c.key = m.conversation WHERE m.key = ?1",
        &message,
    )
}
