//! Reading messages along their branches.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::attachments::listed;
use crate::conversations::{found, key};
use crate::growth::entries;
use crate::messages::key_in;
use crate::store::Survives;
use crate::{ConversationId, Error, History, Message, MessageId, Usage};

/// Reads `message m`; what a running answer has in pieces is joined to what its row has.
pub(crate) const COLUMNS: &str = concat!(
    "SELECT m.id, c.id, p.id,
    (SELECT count(*) FROM message s WHERE s.conversation = m.conversation
         AND s.parent IS m.parent AND s.deleted_ms IS NULL AND s.key < m.key),
    (SELECT count(*) FROM message s WHERE s.conversation = m.conversation
         AND s.parent IS m.parent AND s.deleted_ms IS NULL),
    m.role, m.status,
    m.text || coalesce((SELECT group_concat(k.text, '' ORDER BY k.start) FROM chunk k
         WHERE k.message = m.key AND k.part = 'text'), ''),
    m.reasoning || coalesce((SELECT group_concat(k.text, '' ORDER BY k.start) FROM chunk k
         WHERE k.message = m.key AND k.part = 'reasoning'), ''),
    m.model, m.served_model, m.provider, m.generation_id, m.finish_reason, m.error,
    ",
    entries!("reasoning_details"),
    ", ",
    entries!("annotations"),
    ", m.prompt_tokens, m.completion_tokens,
    m.reasoning_tokens, m.cached_tokens, m.cost_nanos, m.created_ms, m.first_token_ms,
    m.thought_ms, m.ended_ms, m.options, m.tool_calls, m.image_count, m.deleted_ms IS NOT NULL,
    EXISTS (SELECT 1 FROM lookup l WHERE l.message = m.key), m.searches, m.search_cost_nanos,
    (SELECT json_group_array(json_object('id', lower(hex(a.id)), 'name', a.name, 'content', lower(hex(a.content)),
         'size', a.size, 'words', lower(hex(a.words)), 'details', a.details, 'pictured', a.picture IS NOT NULL)
         ORDER BY a.place) FROM attachment a WHERE a.message = m.key)
    FROM message m JOIN conversation c ON c.key = m.conversation
    LEFT JOIN message p ON p.key = m.parent"
);

impl History {
    /// The messages from the root down to `leaf`, or to the end of the branch last shown.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the conversation is not there or the leaf not in it.
    pub fn thread(
        &self,
        conversation: ConversationId,
        leaf: Option<MessageId>,
    ) -> Result<Vec<Message>, Error> {
        self.at(conversation)?.read(|connection| {
            let conversation = key(connection, conversation)?;
            let leaf: Option<i64> = match leaf {
                Some(leaf) => Some(key_in(connection, conversation, leaf)?),
                None => found(
                    connection,
                    "conversation",
                    "SELECT leaf FROM conversation WHERE key = ?1",
                    &conversation,
                )?,
            };
            let mut statement = connection.prepare_cached(&format!(
                "WITH RECURSIVE path (key) AS (
                     SELECT ?1 WHERE ?1 IS NOT NULL
                     UNION ALL
                     SELECT up.parent FROM path JOIN message up ON up.key = path.key
                     WHERE up.parent IS NOT NULL
                 )
                 {COLUMNS} WHERE m.key IN (SELECT key FROM path) ORDER BY m.key"
            ))?;
            let rows = statement.query_map([leaf], message)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// One message, also a deleted one, also of a deleted conversation.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn message(&self, id: MessageId) -> Result<Message, Error> {
        self.at(id)?.read(|connection| find(connection, id))
    }

    /// The messages with the same parent, itself included, oldest first: what `‹2/3›` counts, to
    /// know which one `›` leads to.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn siblings(&self, id: MessageId) -> Result<Vec<MessageId>, Error> {
        self.at(id)?.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT s.id FROM message m JOIN message s
                     ON s.conversation = m.conversation AND s.parent IS m.parent
                         AND s.deleted_ms IS NULL
                 WHERE m.id = ?1 ORDER BY s.key",
            )?;
            let rows = statement.query_map([id], |row| row.get(0))?;
            let siblings: Vec<_> = rows.collect::<Result<_, _>>()?;
            if siblings.is_empty() {
                Err(Error::NotFound { what: "message" })
            } else {
                Ok(siblings)
            }
        })
    }

    /// Shows the branch that leads through `message`: the conversation's leaf becomes the newest
    /// message at or below it, which is returned.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the conversation is not there, or the message not in it or deleted;
    /// [`Error::DiskFull`], [`Error::Busy`].
    pub fn set_leaf(
        &self,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<MessageId, Error> {
        self.at(conversation)?
            .write(Survives::PowerCut, |transaction| {
                let conversation = key(transaction, conversation)?;
                let message = key_in(transaction, conversation, message)?;
                if !visible(transaction, message)? {
                    return Err(Error::NotFound { what: "message" });
                }
                show(transaction, message)
            })
    }

    /// Has the branch that leads through `message` be the shown one. Returns its conversation, and
    /// whether another branch was shown before.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the message is not there or deleted, or its conversation is;
    /// [`Error::DiskFull`], [`Error::Busy`].
    pub fn reveal(&self, message: MessageId) -> Result<(ConversationId, bool), Error> {
        let shown = |connection: &Connection| {
            let sql = "SELECT m.key FROM message m JOIN conversation c ON c.key = m.conversation
                       WHERE m.id = ?1 AND c.deleted_ms IS NULL";
            let key: i64 = found(connection, "message", sql, &message)?;
            if !visible(connection, key)? {
                return Err(Error::NotFound { what: "message" });
            }
            let sql = "WITH RECURSIVE path (key) AS (
                     SELECT c.leaf FROM message m JOIN conversation c ON c.key = m.conversation
                     WHERE m.key = ?1
                     UNION ALL
                     SELECT up.parent FROM path JOIN message up ON up.key = path.key
                     WHERE up.parent >= ?1
                 )
                 SELECT ?1 IN (SELECT key FROM path)";
            let on_it: bool = found(connection, "message", sql, &key)?;
            Ok((key, on_it))
        };
        let conversation = self.conversation_of(message)?;
        // Most often there is nothing to write.
        if self.at(message)?.read(shown)?.1 {
            return Ok((conversation, false));
        }
        self.at(message)?.write(Survives::PowerCut, |transaction| {
            let (key, on_it) = shown(transaction)?;
            if !on_it {
                show(transaction, key)?;
            }
            Ok((conversation, !on_it))
        })
    }
}

/// Shows the branch that leads through this message: the newest at or below it becomes the leaf.
pub(crate) fn show(connection: &Connection, message: i64) -> Result<MessageId, Error> {
    // Children are newer than their parents, so the newest of all has none.
    connection.execute(
        "WITH RECURSIVE below (key) AS (
             SELECT ?1
             UNION ALL
             SELECT m.key FROM below JOIN message top ON top.key = ?1 JOIN message m
                 ON m.conversation = top.conversation AND m.parent = below.key
                 AND m.deleted_ms IS NULL
         )
         UPDATE conversation SET leaf = (SELECT max(key) FROM below)
         WHERE key = (SELECT conversation FROM message WHERE key = ?1)",
        [message],
    )?;
    found(
        connection,
        "message",
        "SELECT l.id FROM message m JOIN conversation c ON c.key = m.conversation
             JOIN message l ON l.key = c.leaf WHERE m.key = ?1",
        &message,
    )
}

/// Neither deleted nor below a deleted one.
pub(crate) fn visible(connection: &Connection, message: i64) -> Result<bool, Error> {
    let deleted: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM message m JOIN message d INDEXED BY message_deleted ON d.conversation = m.conversation
                            WHERE m.key = ?1 AND d.deleted_ms IS NOT NULL)",
        )?
        .query_row([message], |row| row.get(0))?;
    // The way to the root is as long as the conversation: it is gone only where it must be.
    if !deleted {
        return Ok(true);
    }
    Ok(connection
        .prepare_cached(
            "WITH RECURSIVE path (key) AS (
                 SELECT ?1
                 UNION ALL
                 SELECT up.parent FROM path JOIN message up ON up.key = path.key
                 WHERE up.parent IS NOT NULL
             )
             SELECT NOT EXISTS (SELECT 1 FROM path JOIN message m ON m.key = path.key
                                WHERE m.deleted_ms IS NOT NULL)",
        )?
        .query_row([message], |row| row.get(0))?)
}

pub(crate) fn find(connection: &Connection, id: MessageId) -> Result<Message, Error> {
    connection
        .prepare_cached(&format!("{COLUMNS} WHERE m.id = ?1"))?
        .query_row([id], message)
        .optional()?
        .ok_or(Error::NotFound { what: "message" })
}

pub(crate) fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        id: row.get(0)?,
        conversation: row.get(1)?,
        parent: row.get(2)?,
        sibling_index: row.get(3)?,
        sibling_count: row.get(4)?,
        role: row.get(5)?,
        status: row.get(6)?,
        text: row.get(7)?,
        reasoning: row.get(8)?,
        model: row.get(9)?,
        served_model: row.get(10)?,
        provider: row.get(11)?,
        generation_id: row.get(12)?,
        finish_reason: row.get(13)?,
        error: row.get(14)?,
        reasoning_details: row.get(15)?,
        annotations: row.get(16)?,
        usage: Usage {
            prompt_tokens: row.get(17)?,
            completion_tokens: row.get(18)?,
            reasoning_tokens: row.get(19)?,
            cached_tokens: row.get(20)?,
            cost_nanos: row.get(21)?,
            searches: row.get(31)?,
            search_cost_nanos: row.get(32)?,
        },
        created_ms: row.get(22)?,
        first_token_ms: row.get(23)?,
        thought_ms: row.get(24)?,
        ended_ms: row.get(25)?,
        options: row.get(26)?,
        tool_calls: row.get(27)?,
        image_count: row.get(28)?,
        deleted: row.get(29)?,
        cost_pending: row.get(30)?,
        attachments: listed(row, 33)?,
    })
}
