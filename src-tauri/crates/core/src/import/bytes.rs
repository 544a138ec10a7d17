//! The bytes of what is attached, as they come in pieces, and what of it may be brought in.

use crate::files::{picture, plain_name, read::FILE_MAX, sniff};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use history::{Content, History, NewBlob, WholeFile};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{collections::HashMap, fs};

/// Bytes of a file in one record: a multiple of three, so that no piece but the last is padded.
pub(crate) const PIECE: usize = 3 * 1024 * 1024;

/// A piece of a file in our own export.
#[derive(Serialize, Deserialize)]
pub(crate) struct FilePiece {
    /// The SHA-256 of the whole.
    pub content: Content,
    /// The bytes of the whole.
    pub size: u64,
    /// Where this piece begins in it.
    pub at: u64,
    /// Base64.
    pub data: String,
}

/// The files of an import: what came whole, and what is coming.
pub struct Bytes<'a> {
    history: &'a History,
    keep: bool,
    open: Option<Open>,
    /// What came whole, and its size.
    whole: HashMap<Content, u64>,
}

/// A file of which a part has come.
struct Open {
    content: Content,
    size: u64,
    at: u64,
    to: To,
}

enum To {
    Blob(NewBlob),
    /// Of a mere look nothing is stored.
    Hash(Sha256),
}

impl<'a> Bytes<'a> {
    pub fn new(history: &'a History, keep: bool) -> Self {
        Self {
            history,
            keep,
            open: None,
            whole: HashMap::new(),
        }
    }

    /// Takes the next piece. One that does not follow the last ends that file: it counts as not there.
    ///
    /// # Errors
    /// The disk.
    pub fn take(&mut self, piece: &FilePiece) -> Result<(), history::Error> {
        let begun = self.open.take().filter(|_| piece.at > 0);
        if piece.size > FILE_MAX || self.whole.contains_key(&piece.content) {
            return Ok(());
        }
        let mut open = match begun {
            Some(open) => open,
            None => Open {
                content: piece.content,
                size: piece.size,
                at: 0,
                to: match self.keep {
                    true => To::Blob(self.history.new_blob()?),
                    false => To::Hash(Sha256::new()),
                },
            },
        };
        let follows = (open.content, open.size, open.at) == (piece.content, piece.size, piece.at);
        let Some(bytes) = STANDARD.decode(&piece.data).ok().filter(|_| follows) else {
            return Ok(());
        };
        open.at += bytes.len() as u64;
        match &mut open.to {
            To::Blob(blob) => blob.write(&bytes)?,
            To::Hash(hash) => hash.update(&bytes),
        }
        if open.at < open.size && !bytes.is_empty() {
            self.open = Some(open);
        } else if open.at == open.size {
            let content = match open.to {
                // Under the name of what it is, whatever it was said to be.
                To::Blob(blob) => blob.finish()?.0,
                To::Hash(hash) => Content::from(<[u8; 32]>::from(hash.finalize())),
            };
            if content == open.content {
                self.whole.insert(content, open.size);
            }
        }
        Ok(())
    }

    fn size(&self, content: Content) -> Option<u64> {
        let here = || fs::metadata(self.history.file_of(content)).ok();
        let came = self.whole.get(&content).copied();
        came.or_else(|| here().map(|file| file.len()))
    }

    /// Takes away attachments whose bytes did not come and are not here, for no question could be asked with them, and
    /// makes the others plain. Returns how many it took away.
    pub fn fit(&self, files: &mut Vec<WholeFile>) -> u64 {
        let before = files.len();
        files.retain_mut(|file| {
            let words = file.words.is_none_or(|words| self.size(words).is_some());
            let Some(size) = self.size(file.content).filter(|_| words) else {
                return false;
            };
            file.size = size;
            file.name = plain_name(&file.name);
            let small = |bytes: &Vec<u8>| match sniff::sniff(bytes) {
                sniff::Found::Image(kind) => picture::is_small(kind, bytes),
                _ => false,
            };
            file.picture = file.picture.take().filter(small);
            true
        });
        (before - files.len()) as u64
    }
}
