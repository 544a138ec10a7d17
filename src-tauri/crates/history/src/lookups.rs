//! What answers cost that ended before it was told.

use rusqlite::{OptionalExtension, params};

use crate::messages::believable;
use crate::store::{Store, Survives};
use crate::threads::find;
use crate::{Error, History, Lookup, Message, MessageId, Usage};

impl History {
    /// The answer whose cost is to be asked for next.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Storage`].
    pub fn next_lookup(&self) -> Result<Option<Lookup>, Error> {
        let next = |store: &Store| {
            store.read(|connection| {
                Ok(connection
                    .prepare_cached(
                        "SELECT m.id, m.generation_id, l.tries, l.due_ms
                     FROM lookup l JOIN message m ON m.key = l.message
                     WHERE m.generation_id IS NOT NULL ORDER BY l.due_ms LIMIT 1",
                    )?
                    .query_row([], |row| {
                        Ok(Lookup {
                            message: row.get(0)?,
                            generation_id: row.get(1)?,
                            tries: row.get(2)?,
                            due_ms: row.get(3)?,
                        })
                    })
                    .optional()?)
            })
        };
        let kept = next(&self.0.disk)?;
        let temporary = self.0.memory.get().map(next).transpose()?.flatten();
        Ok(kept
            .into_iter()
            .chain(temporary)
            .min_by_key(|lookup| lookup.due_ms))
    }

    /// The service did not know yet: asks again at `due_ms`, in milliseconds since 1970 UTC.
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::Busy`].
    pub fn look_up_later(&self, id: MessageId, due_ms: i64) -> Result<(), Error> {
        self.at(id)?.write(Survives::Kill, |transaction| {
            transaction.execute(
                "UPDATE lookup SET tries = tries + 1, due_ms = ?2
                 WHERE message = (SELECT key FROM message WHERE id = ?1)",
                params![id, due_ms],
            )?;
            Ok(())
        })
    }

    /// Ends the asking: with what was learned, or with nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn end_lookup(&self, id: MessageId, usage: Option<Usage>) -> Result<Message, Error> {
        self.at(id)?.write(Survives::PowerCut, |transaction| {
            transaction.execute(
                "DELETE FROM lookup WHERE message = (SELECT key FROM message WHERE id = ?1)",
                [id],
            )?;
            if let Some(usage) = usage {
                transaction.execute(
                    "UPDATE message SET prompt_tokens = ?2, completion_tokens = ?3,
                         reasoning_tokens = ?4, cached_tokens = ?5, cost_nanos = ?6
                     WHERE id = ?1 AND cost_nanos IS NULL",
                    params![
                        id,
                        usage.prompt_tokens,
                        usage.completion_tokens,
                        usage.reasoning_tokens,
                        usage.cached_tokens,
                        believable(usage.cost_nanos),
                    ],
                )?;
            }
            find(transaction, id)
        })
    }
}
