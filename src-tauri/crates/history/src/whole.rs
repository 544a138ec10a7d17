//! Conversations with everything that is stored of them, for taking them out and bringing them in.
//!
//! Both go message by message, so that a conversation of any length costs the memory of one.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::conversations::{at_most, found};
use crate::growth::entries;
use crate::messages::believable;
use crate::store::Survives;
use crate::{ConversationId, Error, FolderId, History, MAX_LABEL, MAX_OPTIONS, MAX_TEXT, Status};

mod files;
mod parts;

pub use files::WholeFile;
pub use parts::{Adopted, Charge, WholeColumn, WholeConversation, WholeFolder, WholeMessage};

const MESSAGE: &str = concat!(
    "SELECT m.id, p.id, m.role, m.status, m.created_ms, m.ended_ms,
    m.first_token_ms, m.thought_ms, m.model, m.served_model, m.provider, m.generation_id,
    m.finish_reason, m.prompt_tokens, m.completion_tokens, m.reasoning_tokens, m.cached_tokens,
    m.cost_nanos, m.error,
    m.text || coalesce((SELECT group_concat(k.text, '' ORDER BY k.start) FROM chunk k
         WHERE k.message = m.key AND k.part = 'text'), ''),
    m.reasoning || coalesce((SELECT group_concat(k.text, '' ORDER BY k.start) FROM chunk k
         WHERE k.message = m.key AND k.part = 'reasoning'), ''),
    ",
    entries!("reasoning_details"),
    ", ",
    entries!("annotations"),
    ", m.deleted_ms, d.id, m.options, m.tool_calls,
    m.image_count, m.images, l.due_ms, m.searches, m.search_cost_nanos, m.key
    FROM message m LEFT JOIN message p ON p.key = m.parent
    LEFT JOIN message d ON d.key = m.deleted_leaf LEFT JOIN lookup l ON l.message = m.key"
);

impl History {
    /// The ids of all conversations in the order of their making, those in the trash only if that
    /// is wanted.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Storage`].
    pub fn everything(&self, trash: bool) -> Result<Vec<ConversationId>, Error> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id FROM conversation WHERE ?1 OR deleted_ms IS NULL ORDER BY key",
            )?;
            let rows = statement.query_map([trash], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// All folders, in the order of their making.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Storage`].
    pub fn whole_folders(&self) -> Result<Vec<WholeFolder>, Error> {
        self.read(|connection| {
            let sql = "SELECT id, name, created_ms FROM folder ORDER BY key";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| {
                Ok(WholeFolder {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    created_ms: row.get(2)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Gives out a conversation, then its messages one by one, each after its parent: all of them,
    /// or those of the branch that is shown. All of one state of the database. The first error of
    /// `each` ends it.
    ///
    /// # Errors
    /// [`Error::NotFound`] as `E`, and what `head` and `each` return.
    pub fn give<E: From<Error>>(
        &self,
        id: ConversationId,
        branch: bool,
        head: impl FnOnce(WholeConversation) -> Result<(), E>,
        mut each: impl FnMut(WholeMessage) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut failed = None;
        let given = self.at(id)?.read(|connection| {
            let key: i64 = found(
                connection,
                "conversation",
                "SELECT key FROM conversation WHERE id = ?1",
                &id,
            )?;
            if let Err(error) = head(conversation(connection, key)?) {
                failed = Some(error);
                return Ok(());
            }
            let which = if branch {
                "WITH RECURSIVE path (key) AS (
                     SELECT leaf FROM conversation WHERE key = ?1 AND leaf IS NOT NULL
                     UNION ALL
                     SELECT up.parent FROM path JOIN message up ON up.key = path.key
                     WHERE up.parent IS NOT NULL
                 )"
            } else {
                ""
            };
            let only = if branch {
                "m.key IN (SELECT key FROM path)"
            } else {
                "1"
            };
            let sql =
                format!("{which} {MESSAGE} WHERE m.conversation = ?1 AND {only} ORDER BY m.key");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([key])?;
            while let Some(row) = rows.next()? {
                let mut message = message(row)?;
                message.attached = files::of_message(connection, row.get(32)?)?;
                if let Err(error) = each(message) {
                    failed = Some(error);
                    break;
                }
            }
            Ok(())
        });
        match failed {
            Some(error) => Err(error),
            None => Ok(given?),
        }
    }

    /// Makes a folder as it was elsewhere, and returns the one to use: where one of that id or name
    /// is there already, that one. Of more than `most` folders none is made.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name that is none, [`Error::DiskFull`], [`Error::Busy`].
    pub fn adopt_folder(&self, folder: &WholeFolder, most: u32) -> Result<Option<FolderId>, Error> {
        if folder.name.is_empty() || folder.name.len() > MAX_LABEL {
            return Err(Error::Invalid { what: "folder" });
        }
        self.write(Survives::PowerCut, |transaction| {
            transaction.execute(
                "INSERT INTO folder (id, name, created_ms) SELECT ?1, ?2, ?3
                 WHERE (SELECT count(*) FROM folder) < ?4
                     AND NOT EXISTS (SELECT 1 FROM folder WHERE id = ?1 OR name = ?2 COLLATE NOCASE)",
                params![folder.id, folder.name, folder.created_ms, most],
            )?;
            let sql = "SELECT id FROM folder WHERE id = ?1 OR name = ?2 COLLATE NOCASE
                       ORDER BY id = ?1 DESC LIMIT 1";
            let row = params![folder.id, folder.name];
            Ok(transaction.query_row(sql, row, |row| row.get(0)).optional()?)
        })
    }

    /// Brings in a conversation with its messages, each after its parent: all or none. Nothing that
    /// is there is changed; of a conversation that is there, the messages that it lacks are added
    /// beside the others. With `keep` false it only looks what would be done. The first error of
    /// `messages` takes everything back.
    ///
    /// # Errors
    /// [`Error::Invalid`] and [`Error::TooLarge`] for what can't be stored, [`Error::DiskFull`],
    /// [`Error::Busy`], as `E`; and what `messages` gives.
    pub fn adopt<E: From<Error>>(
        &self,
        new: &WholeConversation,
        messages: &mut dyn Iterator<Item = Result<WholeMessage, E>>,
        keep: bool,
    ) -> Result<Adopted, E> {
        fits(new)?;
        let mut failed = None;
        let mut done = Adopted::default();
        let result = self.write(Survives::Kill, |transaction| {
            let conversation = open(transaction, new, &mut done)?;
            let mut shown = Vec::new();
            for message in &mut *messages {
                match message {
                    Ok(message) => {
                        if let Some(key) = place(transaction, conversation, &message)? {
                            files::place(transaction, conversation, Some(key), &message.attached)?;
                            done.messages += 1;
                            // What was shown when it was deleted may come after it.
                            shown.extend(message.deleted_leaf.map(|leaf| (key, leaf)));
                        }
                    }
                    Err(error) => {
                        failed = Some(error);
                        return Err(Error::Invalid { what: "message" });
                    }
                }
            }
            for (key, leaf) in shown {
                transaction.execute(
                    "UPDATE message SET deleted_leaf =
                         (SELECT key FROM message WHERE id = ?2 AND conversation = ?3)
                     WHERE key = ?1",
                    params![key, leaf, conversation],
                )?;
            }
            if done.new {
                finish(transaction, conversation, new)?;
            }
            // Taking back is how looking is done: it says exactly what doing would.
            if keep { Ok(()) } else { Err(Error::Finished) }
        });
        match (failed, result) {
            (Some(error), _) => Err(error),
            (None, Ok(()) | Err(Error::Finished)) => Ok(done),
            (None, Err(error)) => Err(error.into()),
        }
    }
}

fn fits(new: &WholeConversation) -> Result<(), Error> {
    at_most(MAX_LABEL, "title", &new.title)?;
    at_most(MAX_LABEL, "model", &new.model)?;
    at_most(MAX_TEXT, "draft", &new.draft)?;
    let options = new.options.as_deref().unwrap_or_default();
    at_most(MAX_OPTIONS, "options", options)?;
    if new.id.is_temporary() {
        return Err(Error::Invalid { what: "id" });
    }
    Ok(())
}

/// The key of the conversation, made if it is not there.
fn open(t: &Transaction<'_>, new: &WholeConversation, done: &mut Adopted) -> Result<i64, Error> {
    let there = t
        .prepare_cached("SELECT key FROM conversation WHERE id = ?1")?
        .query_row([new.id], |row| row.get(0))
        .optional()?;
    if let Some(key) = there {
        return Ok(key);
    }
    done.new = true;
    t.prepare_cached(
        "INSERT INTO conversation (id, title, titled, model, created_ms, updated_ms, pinned,
             archived, deleted_ms, options, folder)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, (SELECT key FROM folder WHERE id = ?11))",
    )?
    .execute(params![
        new.id,
        new.title,
        new.titled,
        new.model,
        new.created_ms,
        new.updated_ms,
        new.pinned,
        new.archived,
        new.deleted_ms,
        new.options,
        new.folder,
    ])?;
    let key = t.last_insert_rowid();
    if !new.draft.is_empty() {
        let sql = "INSERT INTO draft (conversation, text) VALUES (?1, ?2)";
        t.execute(sql, params![key, new.draft])?;
    }
    files::place(t, key, None, &new.attached)?;
    for charge in &new.charges {
        if let Some(cost) = believable(Some(charge.cost_nanos)) {
            let sql = "INSERT INTO charge (conversation, at_ms, cost_nanos) VALUES (?1, ?2, ?3)";
            t.execute(sql, [key, charge.at_ms, cost])?;
        }
    }
    Ok(key)
}

/// Adds a message unless it is there; its key if it did.
fn place(t: &Transaction<'_>, conversation: i64, new: &WholeMessage) -> Result<Option<i64>, Error> {
    for (limit, what, text) in [
        (MAX_TEXT, "text", Some(&new.text)),
        (MAX_TEXT, "reasoning", Some(&new.reasoning)),
        (MAX_TEXT, "error", new.error.as_ref()),
        (
            MAX_TEXT,
            "reasoning details",
            new.reasoning_details.as_ref(),
        ),
        (MAX_TEXT, "annotations", new.annotations.as_ref()),
        (MAX_TEXT, "tool calls", new.tool_calls.as_ref()),
        (MAX_TEXT, "images", new.images.as_ref()),
        (MAX_OPTIONS, "options", new.options.as_ref()),
        (MAX_LABEL, "model", new.model.as_ref()),
        (MAX_LABEL, "model", new.served_model.as_ref()),
        (MAX_LABEL, "provider", new.provider.as_ref()),
        (MAX_LABEL, "generation", new.generation_id.as_ref()),
        (MAX_LABEL, "finish reason", new.finish_reason.as_ref()),
    ] {
        at_most(limit, what, text.map_or("", String::as_str))?;
    }
    if new.id.is_temporary() {
        return Err(Error::Invalid { what: "id" });
    }
    let there: Option<i64> = t
        .prepare_cached("SELECT conversation FROM message WHERE id = ?1")?
        .query_row([new.id], |row| row.get(0))
        .optional()?;
    match there {
        Some(home) if home == conversation => return Ok(None),
        Some(_) => return Err(Error::Invalid { what: "id" }),
        None => {}
    }
    let parent: Option<i64> = match new.parent {
        None => None,
        Some(parent) => Some(
            t.prepare_cached("SELECT key FROM message WHERE id = ?1 AND conversation = ?2")?
                .query_row(params![parent, conversation], |row| row.get(0))
                .optional()?
                .ok_or(Error::Invalid { what: "parent" })?,
        ),
    };
    // Nobody goes on with an answer that was being written elsewhere.
    let status = match new.status {
        Status::Streaming => Status::Interrupted,
        other => other,
    };
    t.prepare_cached(
        "INSERT INTO message (id, conversation, parent, role, status, created_ms, ended_ms,
             first_token_ms, thought_ms, model, served_model, provider, generation_id,
             finish_reason, prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens,
             cost_nanos, error, text, reasoning, reasoning_details, annotations, deleted_ms,
             options, tool_calls, image_count, images, searches,
             search_cost_nanos)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
             ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31)",
    )?
    .execute(params![
        new.id,
        conversation,
        parent,
        new.role,
        status,
        new.created_ms,
        new.ended_ms,
        new.first_token_ms,
        new.thought_ms,
        new.model,
        new.served_model,
        new.provider,
        new.generation_id,
        new.finish_reason,
        new.prompt_tokens,
        new.completion_tokens,
        new.reasoning_tokens,
        new.cached_tokens,
        believable(new.cost_nanos),
        new.error,
        new.text,
        new.reasoning,
        new.reasoning_details,
        new.annotations,
        new.deleted_ms,
        new.options,
        new.tool_calls,
        new.image_count,
        new.images,
        new.searches,
        believable(new.search_cost_nanos),
    ])?;
    let key = t.last_insert_rowid();
    if let (Some(due_ms), None, Some(_)) = (new.look_up_ms, new.cost_nanos, &new.generation_id) {
        t.execute(
            "INSERT INTO lookup (message, due_ms) VALUES (?1, ?2)",
            [key, due_ms],
        )?;
    }
    Ok(Some(key))
}

/// Shows the branch that was shown, or where that is not known the newest.
fn finish(t: &Transaction<'_>, conversation: i64, new: &WholeConversation) -> Result<(), Error> {
    t.execute(
        "UPDATE conversation SET leaf = coalesce(
             (SELECT key FROM message WHERE id = ?2 AND conversation = ?1),
             CASE WHEN ?3 THEN (SELECT max(key) FROM message WHERE conversation = ?1) END)
         WHERE key = ?1",
        params![conversation, new.leaf, new.leaf.is_some()],
    )?;
    for column in &new.comparison {
        at_most(MAX_LABEL, "model", &column.model)?;
        // One place twice, or more than there are, does not fit together.
        let made = t.execute(
            "INSERT OR IGNORE INTO comparison (conversation, place, model, leaf, blind)
             SELECT ?1, ?2, ?3, key, ?5 FROM message
             WHERE id = ?4 AND conversation = ?1 AND ?2 BETWEEN 0 AND 3",
            params![
                conversation,
                column.place,
                column.model,
                column.leaf,
                column.blind
            ],
        )?;
        if made == 0 {
            return Err(Error::Invalid { what: "comparison" });
        }
    }
    Ok(())
}

fn conversation(connection: &Connection, key: i64) -> Result<WholeConversation, Error> {
    let mut charges = connection.prepare_cached(
        "SELECT at_ms, cost_nanos FROM charge WHERE conversation = ?1 ORDER BY key",
    )?;
    let charges = charges.query_map([key], |row| {
        Ok(Charge {
            at_ms: row.get(0)?,
            cost_nanos: row.get(1)?,
        })
    })?;
    let charges = charges.collect::<Result<_, _>>()?;
    let mut columns = connection.prepare_cached(
        "SELECT x.place, x.model, m.id, x.blind FROM comparison x JOIN message m ON m.key = x.leaf
         WHERE x.conversation = ?1 ORDER BY x.place",
    )?;
    let columns = columns.query_map([key], |row| {
        Ok(WholeColumn {
            place: row.get(0)?,
            model: row.get(1)?,
            leaf: row.get(2)?,
            blind: row.get(3)?,
        })
    })?;
    let comparison = columns.collect::<Result<_, _>>()?;
    let attached = files::of_draft(connection, key)?;
    let sql = "SELECT c.id, c.title, c.titled, c.model, c.created_ms, c.updated_ms, c.pinned,
             c.archived, c.deleted_ms, f.id, l.id, c.options,
             coalesce((SELECT text FROM draft WHERE conversation = c.key), '')
         FROM conversation c LEFT JOIN folder f ON f.key = c.folder
         LEFT JOIN message l ON l.key = c.leaf WHERE c.key = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([key], |row| {
        Ok(WholeConversation {
            id: row.get(0)?,
            title: row.get(1)?,
            titled: row.get(2)?,
            model: row.get(3)?,
            created_ms: row.get(4)?,
            updated_ms: row.get(5)?,
            pinned: row.get(6)?,
            archived: row.get(7)?,
            deleted_ms: row.get(8)?,
            folder: row.get(9)?,
            leaf: row.get(10)?,
            options: row.get(11)?,
            draft: row.get(12)?,
            charges,
            comparison,
            attached,
        })
    })?)
}

fn message(row: &Row<'_>) -> rusqlite::Result<WholeMessage> {
    Ok(WholeMessage {
        id: row.get(0)?,
        parent: row.get(1)?,
        role: row.get(2)?,
        status: match row.get(3)? {
            Status::Streaming => Status::Interrupted,
            other => other,
        },
        created_ms: row.get(4)?,
        ended_ms: row.get(5)?,
        first_token_ms: row.get(6)?,
        thought_ms: row.get(7)?,
        model: row.get(8)?,
        served_model: row.get(9)?,
        provider: row.get(10)?,
        generation_id: row.get(11)?,
        finish_reason: row.get(12)?,
        prompt_tokens: row.get(13)?,
        completion_tokens: row.get(14)?,
        reasoning_tokens: row.get(15)?,
        cached_tokens: row.get(16)?,
        cost_nanos: row.get(17)?,
        error: row.get(18)?,
        text: row.get(19)?,
        reasoning: row.get(20)?,
        reasoning_details: row.get(21)?,
        annotations: row.get(22)?,
        deleted_ms: row.get(23)?,
        deleted_leaf: row.get(24)?,
        options: row.get(25)?,
        tool_calls: row.get(26)?,
        image_count: row.get(27)?,
        images: row.get(28)?,
        look_up_ms: row.get(29)?,
        searches: row.get(30)?,
        search_cost_nanos: row.get(31)?,
        attached: Vec::new(),
    })
}
