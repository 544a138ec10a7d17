//! The records of our own file; `docs/export-and-import.md` describes them.

use super::{
    Stop,
    bytes::{Bytes, FilePiece},
    scan::{Bad, Piece, Scanner},
};
use history::{WholeConversation, WholeFolder, WholeMessage};
use serde::Deserialize;
use std::io::BufRead;

/// The largest record: a message may be that large.
const RECORD: usize = 160 * 1024 * 1024;

/// A record of our own file.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Record {
    Folder(WholeFolder),
    Conversation(WholeConversation),
    Message(Box<WholeMessage>),
    File(FilePiece),
}

/// How our own file is told from others, and its version.
pub(crate) const FORMAT: &str = "causeway-conversations";
pub(crate) const VERSION: u64 = 1;

pub type Next = Option<Result<Record, String>>;

/// The next record; none at the end of the list.
pub fn record<R: BufRead>(scanner: &mut Scanner<R>, place: &mut u64) -> Result<Next, Bad> {
    if !scanner.more(b']')? {
        return Ok(None);
    }
    *place += 1;
    Ok(Some(match scanner.piece(RECORD)? {
        Piece::Whole(bytes) => {
            serde_json::from_slice(&bytes).map_err(|_| "It is damaged.".to_owned())
        }
        Piece::TooLarge => Err("It is too large.".to_owned()),
    }))
}

/// The messages that follow a conversation, up to what is no message.
pub struct Messages<'a, 'b, R> {
    pub scanner: &'a mut Scanner<R>,
    pub place: &'a mut u64,
    pub next: Next,
    /// The list is left: nothing follows.
    pub ended: bool,
    /// Where the bytes of what they have go, and what there is of them.
    pub bytes: &'a mut Bytes<'b>,
    /// Attachments without their bytes.
    pub left_out: u64,
}

impl<R: BufRead> Iterator for Messages<'_, '_, R> {
    type Item = Result<WholeMessage, Stop>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next.is_some() || self.ended {
            return None;
        }
        loop {
            return match record(self.scanner, self.place) {
                Ok(Some(Ok(Record::Message(mut message)))) => {
                    self.left_out += self.bytes.fit(&mut message.attached);
                    Some(Ok(*message))
                }
                Ok(Some(Ok(Record::File(piece)))) => match self.bytes.take(&piece) {
                    Ok(()) => continue,
                    Err(error) => Some(Err(error.into())),
                },
                Ok(Some(Err(_))) => {
                    Some(Err(Stop::Entry("One of its messages is damaged.".into())))
                }
                Ok(other) => {
                    self.ended = other.is_none();
                    self.next = other;
                    None
                }
                Err(bad) => Some(Err(Stop::File(bad))),
            };
        }
    }
}
