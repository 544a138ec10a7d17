//! How a running answer grows: in pieces, whose cost does not grow with what came before.

use rusqlite::{Connection, Transaction, params};

use crate::messages::running;
use crate::store::Survives;
use crate::{Delta, Error, History, MAX_TEXT, MessageId, Progress};

/// Reads a JSON array of `message m`; what a running answer has of it in pieces is joined to what
/// its row has.
macro_rules! entries {
    ($column:literal) => {
        concat!(
            "coalesce((SELECT CASE WHEN count(*) > 0 THEN
                 coalesce(substr(m.",
            $column,
            ", 1, length(m.",
            $column,
            ") - 1), '[')
                     || group_concat(k.text, '' ORDER BY k.start) || ']' END
                 FROM chunk k WHERE k.message = m.key AND k.part = '",
            $column,
            "'), m.",
            $column,
            ")"
        )
    };
}
pub(crate) use entries;

impl History {
    /// Keeps what a running answer has received, in pieces whose cost does not grow with what came
    /// before. A piece may begin before the end of what is stored: the part that is there already
    /// is passed over, so that after an error the next call simply begins where the last good one
    /// ended. The caller vouches that the text only ever grows.
    ///
    /// Survives the death of the process. A power cut may take the last pieces of an answer that
    /// had not ended; to wait for the disk four times a second would wear it out for that.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Finished`], [`Error::Gap`], [`Error::TooLarge`],
    /// [`Error::DiskFull`], [`Error::Busy`]; [`Error::Invalid`] for a piece that would cut a
    /// character in two, or of an array is not made of whole entries. After an error nothing of
    /// `progress` is stored.
    pub fn save_progress(&self, id: MessageId, progress: &Progress<'_>) -> Result<(), Error> {
        self.at(id)?.write(Survives::Kill, |transaction| {
            let message = running(transaction, id)?;
            for (part, piece) in [
                (Part::Text, progress.text),
                (Part::Reasoning, progress.reasoning),
                (Part::ReasoningDetails, progress.reasoning_details),
                (Part::Annotations, progress.annotations),
            ] {
                extend(transaction, message, part, piece)?;
            }
            Ok(())
        })
    }
}

/// What of an answer grows.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Text,
    Reasoning,
    ReasoningDetails,
    Annotations,
}

impl Part {
    /// The column that it ends in, and the word for its pieces.
    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Reasoning => "reasoning",
            Self::ReasoningDetails => "reasoning_details",
            Self::Annotations => "annotations",
        }
    }

    /// In bytes: an array's brackets are not in its pieces.
    fn brackets(self) -> usize {
        match self {
            Self::Text | Self::Reasoning => 0,
            Self::ReasoningDetails | Self::Annotations => 2,
        }
    }
}

fn extend(
    transaction: &Transaction<'_>,
    message: i64,
    part: Part,
    piece: Delta<'_>,
) -> Result<(), Error> {
    if piece.text.is_empty() {
        return Ok(());
    }
    let (name, brackets) = (part.name(), part.brackets());
    // The last piece tells where the text ends: neither this nor the row's length reads the text.
    let stored: u32 = transaction
        .prepare_cached(&format!(
            "SELECT coalesce((SELECT start + octet_length(text) FROM chunk
                              WHERE message = ?1 AND part = ?2 ORDER BY start DESC LIMIT 1),
                             octet_length(m.{name}) - {brackets}, 0)
             FROM message m WHERE m.key = ?1"
        ))?
        .query_row(params![message, name], |row| row.get(0))?;
    let end = usize::try_from(stored).unwrap_or(usize::MAX);
    if piece.at > end {
        return Err(Error::Gap { expected: end });
    }
    if piece.at.saturating_add(piece.text.len()) > MAX_TEXT - brackets {
        return Err(Error::TooLarge {
            what: name,
            limit: MAX_TEXT,
        });
    }
    let known = (end - piece.at).min(piece.text.len());
    let more = piece.text.get(known..).ok_or(Error::Invalid {
        what: "piece of text",
    })?;
    if more.is_empty() {
        return Ok(());
    }
    // Looked at now: a piece that is no part of an array would keep the answer from ever ending.
    if brackets > 0 && !entries_alone(transaction, end == 0, more)? {
        return Err(Error::Invalid { what: name });
    }
    transaction
        .prepare_cached("INSERT INTO chunk (message, part, start, text) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![message, name, stored, more])?;
    Ok(())
}

/// Whether the piece makes an array, by the judgement that the array's column has.
fn entries_alone(connection: &Connection, first: bool, piece: &str) -> Result<bool, Error> {
    let entries = match first {
        true => Some(piece),
        false => piece.strip_prefix(','),
    };
    let Some(entries) = entries.filter(|entries| !entries.trim().is_empty()) else {
        return Ok(false);
    };
    Ok(connection
        .prepare_cached("SELECT json_valid('[' || ?1 || ']')")?
        .query_row([entries], |row| row.get(0))?)
}

/// Puts what grew of a message into its row, as given or out of its pieces, and drops the pieces.
/// In the order of [`Part`].
pub(crate) fn fold(
    transaction: &Transaction<'_>,
    message: i64,
    [text, reasoning, details, annotations]: [&Option<String>; 4],
) -> Result<(), Error> {
    transaction.execute(
        concat!(
            "UPDATE message AS m SET
             text = coalesce(?2, text || coalesce((SELECT group_concat(c.text, '' ORDER BY c.start)
                 FROM chunk c WHERE c.message = key AND c.part = 'text'), '')),
             reasoning = coalesce(?3, reasoning || coalesce((
                 SELECT group_concat(c.text, '' ORDER BY c.start)
                 FROM chunk c WHERE c.message = key AND c.part = 'reasoning'), '')),
             reasoning_details = coalesce(?4, ",
            entries!("reasoning_details"),
            "),
             annotations = coalesce(?5, ",
            entries!("annotations"),
            ")
         WHERE key = ?1"
        ),
        params![message, text, reasoning, details, annotations],
    )?;
    transaction.execute("DELETE FROM chunk WHERE message = ?1", [message])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Finish, NewConversation, NewMessage, Role, Status};

    #[test]
    fn what_a_save_writes_does_not_grow_with_the_answer() {
        const SAVES: usize = 1_000;
        let folder = tempfile::tempdir().unwrap();
        let history = History::open(folder.path()).unwrap();
        // The log then keeps every byte that is written.
        let writer = history.0.disk.writer.lock().unwrap();
        writer.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
        drop(writer);
        let new = NewConversation {
            title: "t".into(),
            model: "m".into(),
            now_ms: 1,
        };
        let answer = NewMessage {
            conversation: history.create_conversation(&new).unwrap().id,
            parent: None,
            role: Role::Assistant,
            text: String::new(),
            reasoning: String::new(),
            model: None,
            options: None,
            status: Status::Streaming,
            now_ms: 1,
        };
        let id = history.append(&answer).unwrap().id;
        let log = history.path().with_extension("db-wal");
        let written = || std::fs::metadata(&log).unwrap().len();
        let piece = "a word or two ".repeat(72)[..1_000].to_owned();
        let mut marks = vec![written()];
        let mut listed = 0;
        for save in 0..SAVES {
            let text = Delta {
                at: save * piece.len(),
                text: &piece,
            };
            let entry = format!(
                "{}{{\"text\":\"{piece}\"}}",
                if save == 0 { "" } else { "," }
            );
            let progress = Progress {
                text,
                reasoning_details: Delta {
                    at: listed,
                    text: &entry,
                },
                ..Progress::default()
            };
            listed += entry.len();
            history.save_progress(id, &progress).unwrap();
            if (save + 1) % (SAVES / 10) == 0 {
                marks.push(written());
            }
        }
        let tenths: Vec<u64> = marks.windows(2).map(|mark| mark[1] - mark[0]).collect();
        let ended = history.finish(id, &Finish::new(Status::Done, 1)).unwrap();
        let finish = written() - marks[10];
        println!("2 MB in {SAVES} saves: log bytes a tenth {tenths:?}, to finish {finish}");
        assert_eq!(ended.text, piece.repeat(SAVES));
        assert!(
            tenths[9] < tenths[0] * 5 / 4,
            "saves grow with the answer: {tenths:?}"
        );
        let pages = 9 * 4096 * SAVES as u64;
        assert!(
            tenths.iter().sum::<u64>() < pages,
            "more than nine pages a save: {tenths:?}"
        );
        let details: Vec<serde_json::Value> =
            serde_json::from_str(&ended.reasoning_details.unwrap()).unwrap();
        assert_eq!(details.len(), SAVES);
        assert!(finish < 4 * 2_000_000, "folding wrote {finish} bytes");
    }
}
