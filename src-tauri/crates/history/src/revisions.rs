//! Other words that are being written for a question and are not asked yet.

use rusqlite::{OptionalExtension, params};

use crate::conversations::{at_most, found};
use crate::store::Survives;
use crate::{Error, History, MAX_TEXT, MessageId};

impl History {
    /// The words begun for this message; `None` if there are none.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Storage`].
    pub fn revision(&self, message: MessageId) -> Result<Option<String>, Error> {
        self.at(message)?.read(|connection| {
            let sql =
                "SELECT r.text FROM revision r JOIN message m ON m.key = r.message WHERE m.id = ?1";
            let text = connection.query_row(sql, [message], |row| row.get(0));
            Ok(text.optional()?)
        })
    }

    /// Keeps them, at most [`MAX_TEXT`] bytes; `None` forgets them. Survives the death of the process; a power cut may
    /// bring back the ones before.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::TooLarge`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn set_revision(&self, message: MessageId, text: Option<&str>) -> Result<(), Error> {
        at_most(MAX_TEXT, "draft", text.unwrap_or_default())?;
        self.at(message)?.write(Survives::Kill, |transaction| {
            let sql = "SELECT key FROM message WHERE id = ?1 AND deleted_ms IS NULL";
            let key: i64 = found(transaction, "message", sql, &message)?;
            match text {
                Some(text) => transaction.execute(
                    "INSERT INTO revision (message, text) VALUES (?1, ?2)
                     ON CONFLICT (message) DO UPDATE SET text = excluded.text",
                    params![key, text],
                )?,
                None => transaction.execute("DELETE FROM revision WHERE message = ?1", [key])?,
            };
            Ok(())
        })
    }
}
