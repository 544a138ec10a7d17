//! Reading a piece of a branch: what a window shows of a conversation that may be very long.
//!
//! A branch is walked from below by its integer keys, a lookup each, and only the messages that are
//! given out are read. So the end of a conversation costs the same at any length.

use rusqlite::{Connection, OptionalExtension};

use crate::conversations::{found, key};
use crate::messages::key_in;
use crate::threads::{COLUMNS, message};
use crate::{ConversationId, Error, History, Message, MessageId, Role};

/// Where on the branch last shown a piece is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The last messages.
    End,
    /// The last messages of another branch, which ends with this one.
    EndOf(MessageId),
    /// Those before this one.
    Before(MessageId),
    /// Those after this one, which must be on the branch.
    After(MessageId),
    /// This one and those after it. If it is not on the branch, the nearest above it that is; if
    /// there is none, the branch's first.
    From(MessageId),
}

/// How much is read at once; the first message is read whatever its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// The most messages.
    pub messages: usize,
    /// No further message is read once texts and reasoning have so many bytes.
    pub bytes: usize,
}

/// Messages that follow each other on the branch last shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// From the first to the last.
    pub messages: Vec<Message>,
    /// There are messages before the first.
    pub older: bool,
    /// There are messages after the last.
    pub newer: bool,
}

/// What one message says, for looking through a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Which.
    pub id: MessageId,
    /// Who.
    pub role: Role,
    /// What, as markdown; of a running answer, what was saved so far.
    pub text: String,
    /// What the model thought aloud, likewise.
    pub reasoning: String,
}

impl History {
    /// A piece of the branch last shown. Takes as long as what it reads, at [`Place::End`] and
    /// [`Place::Before`]; the others walk up from the branch's end first.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the conversation or the message is not there, or a message to read
    /// after is not on the branch.
    pub fn stretch(
        &self,
        conversation: ConversationId,
        place: Place,
        bound: Bound,
    ) -> Result<Stretch, Error> {
        self.at(conversation)?.read(|connection| {
            let conversation = key(connection, conversation)?;
            let leaf = leaf(connection, conversation)?;
            let at = |id| key_in(connection, conversation, id);
            match place {
                Place::End => up(connection, leaf, leaf, bound),
                Place::EndOf(id) => {
                    let end = Some(at(id)?);
                    up(connection, end, end, bound)
                }
                Place::Before(id) => up(connection, parent(connection, at(id)?)?, leaf, bound),
                Place::After(id) => {
                    let id = at(id)?;
                    let mut keys = below(connection, leaf, id)?;
                    // The last one that both branches share comes first.
                    if keys.pop() != Some(id) {
                        return Err(Error::NotFound { what: "message" });
                    }
                    down(connection, keys, true, bound)
                }
                Place::From(id) => {
                    let keys = below(connection, leaf, at(id)?)?;
                    let first = keys.last().copied();
                    let older = first.map(|first| parent(connection, first)).transpose()?;
                    down(connection, keys, older.flatten().is_some(), bound)
                }
            }
        })
    }

    /// Gives `take` every message of the branch last shown, from the last to the first, one at a
    /// time, until it answers false.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the conversation is not there.
    pub fn look_through(
        &self,
        conversation: ConversationId,
        mut take: impl FnMut(Said) -> bool,
    ) -> Result<(), Error> {
        self.at(conversation)?.read(|connection| {
            let conversation = key(connection, conversation)?;
            let mut statement = connection.prepare_cached(
                "SELECT m.parent, m.id, m.role,
                     m.text || coalesce((SELECT group_concat(k.text, '' ORDER BY k.start)
                         FROM chunk k WHERE k.message = m.key AND k.part = 'text'), ''),
                     m.reasoning || coalesce((SELECT group_concat(k.text, '' ORDER BY k.start)
                         FROM chunk k WHERE k.message = m.key AND k.part = 'reasoning'), '')
                 FROM message m WHERE m.key = ?1",
            )?;
            let mut next = leaf(connection, conversation)?;
            while let Some(key) = next {
                let said;
                (next, said) = statement.query_row([key], |row| {
                    let said = Said {
                        id: row.get(1)?,
                        role: row.get(2)?,
                        text: row.get(3)?,
                        reasoning: row.get(4)?,
                    };
                    Ok((row.get(0)?, said))
                })?;
                if !take(said) {
                    break;
                }
            }
            Ok(())
        })
    }
}

fn leaf(connection: &Connection, conversation: i64) -> Result<Option<i64>, Error> {
    let sql = "SELECT leaf FROM conversation WHERE key = ?1";
    found(connection, "conversation", sql, &conversation)
}

fn parent(connection: &Connection, key: i64) -> Result<Option<i64>, Error> {
    let sql = "SELECT parent FROM message WHERE key = ?1";
    found(connection, "message", sql, &key)
}

/// Reads from `last` upwards.
fn up(
    connection: &Connection,
    last: Option<i64>,
    leaf: Option<i64>,
    bound: Bound,
) -> Result<Stretch, Error> {
    let mut next = last;
    let mut left = Left::of(bound);
    let mut messages = Vec::new();
    while let Some(key) = next
        && left.any()
    {
        messages.push(left.take(read(connection, key)?));
        next = parent(connection, key)?;
    }
    messages.reverse();
    Ok(Stretch {
        messages,
        older: next.is_some(),
        newer: last != leaf,
    })
}

/// The branch's keys from its end up to the last that it shares with the branch of `other`, that
/// one included.
fn below(connection: &Connection, leaf: Option<i64>, other: i64) -> Result<Vec<i64>, Error> {
    // Parents are older than their children, hence of smaller keys: the larger of two cannot be
    // above the other.
    let (mut here, mut there) = (leaf, Some(other));
    let mut keys = Vec::new();
    while let Some(key) = here {
        match there {
            Some(other) if other > key => there = parent(connection, other)?,
            _ => {
                keys.push(key);
                if there == here {
                    break;
                }
                here = parent(connection, key)?;
            }
        }
    }
    Ok(keys)
}

/// Reads `keys` from the back, which is downwards.
fn down(
    connection: &Connection,
    mut keys: Vec<i64>,
    older: bool,
    bound: Bound,
) -> Result<Stretch, Error> {
    let mut left = Left::of(bound);
    let mut messages = Vec::new();
    while left.any()
        && let Some(key) = keys.pop()
    {
        messages.push(left.take(read(connection, key)?));
    }
    Ok(Stretch {
        messages,
        older,
        newer: !keys.is_empty(),
    })
}

fn read(connection: &Connection, key: i64) -> Result<Message, Error> {
    connection
        .prepare_cached(&format!("{COLUMNS} WHERE m.key = ?1"))?
        .query_row([key], message)
        .optional()?
        .ok_or(Error::NotFound { what: "message" })
}

/// What may still be read.
struct Left {
    messages: usize,
    bytes: usize,
}

impl Left {
    fn of(Bound { messages, bytes }: Bound) -> Self {
        Self { messages, bytes }
    }

    fn any(&self) -> bool {
        self.messages > 0 && self.bytes > 0
    }

    fn take(&mut self, message: Message) -> Message {
        self.messages -= 1;
        self.bytes = (self.bytes).saturating_sub(message.text.len() + message.reasoning.len());
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_found_by_its_key_and_nothing_is_read_through() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::open(folder.path()).unwrap();
        let plan: Vec<String> = history
            .read(|connection| {
                let sql = format!("EXPLAIN QUERY PLAN {COLUMNS} WHERE m.key = ?1");
                let mut statement = connection.prepare(&sql)?;
                let rows = statement.query_map([1], |row| row.get(3))?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .unwrap();
        assert!(!plan.is_empty());
        for step in &plan {
            assert!(
                !step.starts_with("SCAN") || step == "SCAN CONSTANT ROW",
                "the time of opening would grow with the conversation: {plan:?}"
            );
        }
    }
}
