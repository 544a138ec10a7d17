//! Filling a database quickly, for tests and measurements of other packages.

use crate::conversations::insert;
use crate::messages::add;
use crate::store::Survives;
use crate::{ConversationId, Error, History, NewConversation, NewMessage};

impl History {
    /// Begins conversations with their messages below each other, all or none. What the messages say of their
    /// conversations and parents is not looked at.
    ///
    /// # Errors
    /// As [`History::append`].
    pub fn fill(
        &self,
        conversations: impl IntoIterator<Item = (NewConversation, Vec<NewMessage>)>,
    ) -> Result<(), Error> {
        self.write(Survives::Kill, |transaction| {
            for (new, messages) in conversations {
                let conversation = ConversationId::new(new.now_ms);
                insert(transaction, conversation, &new)?;
                let mut parent = None;
                for message in messages {
                    let message = NewMessage {
                        conversation,
                        parent,
                        ..message
                    };
                    parent = Some(add(transaction, &message)?.id);
                }
            }
            Ok(())
        })
    }

    /// How many bytes of text all messages have.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Storage`].
    pub fn text_bytes(&self) -> Result<i64, Error> {
        self.read(|connection| {
            let sql = "SELECT coalesce(sum(octet_length(text) + octet_length(reasoning)), 0) FROM message";
            Ok(connection.query_row(sql, [], |row| row.get(0))?)
        })
    }
}
