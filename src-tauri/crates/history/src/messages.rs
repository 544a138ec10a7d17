//! Adding messages, and the life of an answer: begun, growing, ended.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::conversations::{at_most, found, key};
use crate::growth::fold;
use crate::store::Survives;
use crate::threads::{find, visible};
use crate::{
    Error, FilesOf, Finish, History, MAX_COST_NANOS, MAX_LABEL, MAX_OPTIONS, MAX_TEXT, Message,
    MessageId, NewMessage, Served, Status,
};

impl History {
    /// Adds a message and makes it the end of the conversation's shown branch.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the conversation is not there, or the parent not in it or deleted;
    /// [`Error::TooLarge`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn append(&self, new: &NewMessage) -> Result<Message, Error> {
        self.at(new.conversation)?
            .write(Survives::PowerCut, |transaction| add(transaction, new))
    }

    /// Adds a question and the answer to it, both or none. The answer's conversation and parent
    /// are the question's, whatever it says.
    ///
    /// # Errors
    /// As [`History::append`].
    pub fn exchange(
        &self,
        question: &NewMessage,
        answer: &NewMessage,
    ) -> Result<(Message, Message), Error> {
        self.exchange_with(question, &FilesOf::Nothing, answer)
    }

    /// The same, with attachments for the question.
    ///
    /// # Errors
    /// As [`History::append`]; [`Error::NotFound`] also for an attachment.
    pub fn exchange_with(
        &self,
        question: &NewMessage,
        files: &FilesOf,
        answer: &NewMessage,
    ) -> Result<(Message, Message), Error> {
        self.at(question.conversation)?
            .write(Survives::PowerCut, |transaction| {
                let question = add(transaction, question)?;
                let question = files.give(transaction, question, answer.now_ms)?;
                let answer = NewMessage {
                    conversation: question.conversation,
                    parent: Some(question.id),
                    ..answer.clone()
                };
                let answer = add(transaction, &answer)?;
                Ok((question, answer))
            })
    }

    /// Adds messages below each other at the end of the shown branch, all or none; their conversation and parents are
    /// not looked at.
    ///
    /// # Errors
    /// As [`History::append`].
    #[cfg(feature = "testing")]
    pub fn append_chain(
        &self,
        conversation: crate::ConversationId,
        messages: impl IntoIterator<Item = NewMessage>,
    ) -> Result<(), Error> {
        let mut parent = self.conversation(conversation)?.leaf;
        self.at(conversation)?
            .write(Survives::PowerCut, |transaction| {
                for message in messages {
                    let message = NewMessage {
                        conversation,
                        parent,
                        ..message
                    };
                    parent = Some(add(transaction, &message)?.id);
                }
                Ok(())
            })
    }

    /// Notes what is known of a running answer as soon as it is, so that a crash does not take it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Finished`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn serve(&self, id: MessageId, served: &Served) -> Result<(), Error> {
        self.at(id)?.write(Survives::Kill, |transaction| {
            transaction.execute(
                "UPDATE message SET generation_id = ?2, provider = ?3, served_model = ?4,
                     thought_ms = ?5
                 WHERE key = ?1",
                params![
                    running(transaction, id)?,
                    cut(served.generation_id.as_deref()),
                    cut(served.provider.as_deref()),
                    cut(served.served_model.as_deref()),
                    served.thought_ms,
                ],
            )?;
            Ok(())
        })
    }

    /// The images of an answer, as the JSON that came.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn images(&self, id: MessageId) -> Result<Option<String>, Error> {
        self.at(id)?.read(|connection| {
            found(
                connection,
                "message",
                "SELECT images FROM message WHERE id = ?1",
                &id,
            )
        })
    }

    /// Ends an answer: its last text, and everything known about it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Finished`] if it had ended, [`Error::TooLarge`],
    /// [`Error::DiskFull`], [`Error::Busy`]; [`Error::Invalid`] for the status
    /// [`Status::Streaming`] or for JSON that is none.
    pub fn finish(&self, id: MessageId, finish: &Finish) -> Result<Message, Error> {
        if finish.status == Status::Streaming {
            return Err(Error::Invalid { what: "ending" });
        }
        for (what, text) in [
            ("text", &finish.text),
            ("reasoning", &finish.reasoning),
            ("error", &finish.error),
            ("reasoning details", &finish.reasoning_details),
            ("annotations", &finish.annotations),
            ("tool calls", &finish.tool_calls),
        ] {
            at_most(MAX_TEXT, what, text.as_deref().unwrap_or_default())?;
        }
        let (images, image_count) = finish
            .images
            .as_ref()
            .map_or((None, 0), |(json, count)| (Some(json), *count));
        at_most(MAX_TEXT, "images", images.map_or("", String::as_str))?;
        let usage = finish.usage;
        self.at(id)?.write(Survives::PowerCut, |transaction| {
            let message = running(transaction, id)?;
            transaction.execute(
                "UPDATE message SET status = ?2, ended_ms = ?3, first_token_ms = ?4,
                     thought_ms = ?5, served_model = ?6, provider = ?7, generation_id = ?8,
                     finish_reason = ?9, prompt_tokens = ?10, completion_tokens = ?11,
                     reasoning_tokens = ?12, cached_tokens = ?13, cost_nanos = ?14, error = ?15,
                     tool_calls = ?16, images = ?17, image_count = ?18, searches = ?19,
                     search_cost_nanos = ?20
                 WHERE key = ?1",
                params![
                    message,
                    finish.status,
                    finish.ended_ms,
                    finish.first_token_ms,
                    finish.thought_ms,
                    cut(finish.served_model.as_deref()),
                    cut(finish.provider.as_deref()),
                    cut(finish.generation_id.as_deref()),
                    cut(finish.finish_reason.as_deref()),
                    usage.prompt_tokens,
                    usage.completion_tokens,
                    usage.reasoning_tokens,
                    usage.cached_tokens,
                    believable(usage.cost_nanos),
                    finish.error,
                    finish.tool_calls,
                    images,
                    image_count,
                    usage.searches,
                    believable(usage.search_cost_nanos),
                ],
            )?;
            if let Some(due_ms) = finish.look_up_ms {
                look_up(transaction, message, due_ms)?;
            }
            fold(
                transaction,
                message,
                [
                    &finish.text,
                    &finish.reasoning,
                    &finish.reasoning_details,
                    &finish.annotations,
                ],
            )?;
            find(transaction, id)
        })
    }

    /// For the start of the app: answers that an earlier run left unended become
    /// [`Status::Interrupted`] at `now_ms` (milliseconds since 1970 UTC) with the text they have,
    /// and what they cost is to be asked for. Returns how many. A running answer of another process would be marked too, and mended when
    /// it ends there.
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::Busy`].
    pub fn recover(&self, now_ms: i64) -> Result<usize, Error> {
        self.write(Survives::PowerCut, |transaction| {
            let unended: Vec<i64> = transaction
                .prepare(
                    "SELECT key FROM message WHERE status = 'streaming'
                     UNION SELECT message FROM chunk",
                )?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            for &message in &unended {
                transaction.execute(
                    "UPDATE message SET status = 'interrupted', ended_ms = ?2 WHERE key = ?1",
                    [message, now_ms],
                )?;
                fold(transaction, message, [&None; 4])?;
                look_up(transaction, message, now_ms)?;
            }
            Ok(unended.len())
        })
    }
}

/// Has the cost of an answer asked for, if the service has a name for it and it is not known.
fn look_up(transaction: &Transaction<'_>, message: i64, due_ms: i64) -> Result<(), Error> {
    transaction.execute(
        "INSERT OR IGNORE INTO lookup (message, due_ms)
         SELECT key, ?2 FROM message
         WHERE key = ?1 AND generation_id IS NOT NULL AND cost_nanos IS NULL",
        [message, due_ms],
    )?;
    Ok(())
}

/// A price that can be one.
pub(crate) fn believable(nanos: Option<i64>) -> Option<i64> {
    nanos.filter(|nanos| (0..=MAX_COST_NANOS).contains(nanos))
}

pub(crate) fn add(transaction: &Transaction<'_>, new: &NewMessage) -> Result<Message, Error> {
    at_most(MAX_TEXT, "text", &new.text)?;
    at_most(MAX_TEXT, "reasoning", &new.reasoning)?;
    at_most(MAX_LABEL, "model", new.model.as_deref().unwrap_or_default())?;
    at_most(
        MAX_OPTIONS,
        "options",
        new.options.as_deref().unwrap_or_default(),
    )?;
    let conversation = key(transaction, new.conversation)?;
    let parent = match new.parent {
        Some(parent) => Some(key_in(transaction, conversation, parent)?),
        None => None,
    };
    if let Some(parent) = parent
        && !visible(transaction, parent)?
    {
        return Err(Error::NotFound { what: "message" });
    }
    let id = if new.conversation.is_temporary() {
        MessageId::temporary(new.now_ms)
    } else {
        MessageId::new(new.now_ms)
    };
    transaction
        .prepare_cached(
            "INSERT INTO message
                 (id, conversation, parent, role, status, created_ms, model, text, reasoning, options)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            id,
            conversation,
            parent,
            new.role,
            new.status,
            new.now_ms,
            new.model,
            new.text,
            new.reasoning,
            new.options
        ])?;
    // The later of the two: a clock set back must not bury the conversation in use. In use again, it is in no archive.
    transaction
        .prepare_cached(
            "UPDATE conversation SET leaf = ?2, updated_ms = max(updated_ms, ?3), archived = 0
             WHERE key = ?1",
        )?
        .execute([conversation, transaction.last_insert_rowid(), new.now_ms])?;
    find(transaction, id)
}

/// The row's key, of a message that belongs to this conversation.
pub(crate) fn key_in(
    connection: &Connection,
    conversation: i64,
    id: MessageId,
) -> Result<i64, Error> {
    connection
        .prepare_cached("SELECT key FROM message WHERE id = ?1 AND conversation = ?2")?
        .query_row(params![id, conversation], |row| row.get(0))
        .optional()?
        .ok_or(Error::NotFound { what: "message" })
}

/// The row's key, of an answer that may still grow and end. An interrupted one may: that it is
/// interrupted can be the guess of another process.
pub(crate) fn running(connection: &Connection, id: MessageId) -> Result<i64, Error> {
    let status = found(
        connection,
        "message",
        "SELECT status FROM message WHERE id = ?1",
        &id,
    )?;
    match status {
        Status::Streaming | Status::Interrupted => found(
            connection,
            "message",
            "SELECT key FROM message WHERE id = ?1",
            &id,
        ),
        Status::Done | Status::Stopped | Status::Failed => Err(Error::Finished),
    }
}

/// A label as it is stored: no longer than the schema takes, and never half a character.
fn cut(label: Option<&str>) -> Option<&str> {
    label.map(|label| &label[..label.floor_char_boundary(MAX_LABEL)])
}
