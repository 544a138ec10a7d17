//! Bringing conversations in from files: our own, and those of other programs.
//!
//! A file is read piece by piece, so its size does not matter. Looking at what would be done and doing it are the same
//! work, but that looking takes each conversation back again. Nothing that is there is changed, and the same file
//! twice adds nothing: ids are kept, or made from those of the other program.

mod bytes;
mod cherry;
mod fields;
mod jan;
mod pace;
mod packed;
mod records;
mod scan;
mod shapes;
mod tree;

pub(crate) use bytes::{FilePiece, PIECE};
pub(crate) use records::{FORMAT, VERSION};
pub(crate) use tree::title;

use crate::{
    problem,
    wire::{ImportReport, Problem, ProblemCode as Code, Skipped, TransferProgress},
};
use bytes::Bytes;
use history::{ConversationId, FolderId, History, WholeConversation, WholeMessage};
use pace::{Counted, Pace, Source, source};
use records::{Messages, Record, record};
use scan::{Bad, Piece};
use serde_json::Value;
use std::{
    cell::Cell,
    collections::{HashMap, HashSet},
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

/// The largest entry of another program's file.
const ENTRY: usize = 32 * 1024 * 1024;
/// Skipped entries that are named.
const NAMED: usize = 100;
/// The most folders there may be.
const FOLDERS: u32 = 200;
/// How many bytes are read between two words about how far it is.
const TOLD: u64 = 1024 * 1024;

/// What is asked of an import.
pub struct Order<'a> {
    /// Keep what is found, or only look.
    pub keep: bool,
    /// The model of conversations that name none we know.
    pub model: String,
    /// Unix milliseconds.
    pub now_ms: i64,
    /// Set when the person has had enough.
    pub stop: &'a AtomicBool,
}

/// Why an entry, or all that follows, is not brought in.
pub enum Stop {
    /// This entry alone, and why.
    Entry(String),
    /// The rest of this file.
    File(Bad),
    /// Everything.
    All(Problem),
}

impl From<history::Error> for Stop {
    fn from(error: history::Error) -> Self {
        use history::Error as E;
        match error {
            E::Invalid { .. } | E::NotFound { .. } => {
                Self::Entry("What it says does not fit together.".into())
            }
            E::TooLarge { .. } => Self::Entry("It is larger than Causeway can store.".into()),
            other => Self::All(problem::history(&other)),
        }
    }
}

impl From<Bad> for Stop {
    fn from(bad: Bad) -> Self {
        Self::File(bad)
    }
}

/// Looks through the files and, if that is wanted, keeps what is in them.
///
/// # Errors
/// The disk, or the person stopped it. What was kept until then stays.
pub fn run(
    history: &History,
    files: &[PathBuf],
    order: &Order<'_>,
    tell: &dyn Fn(TransferProgress),
) -> Result<ImportReport, Problem> {
    let size = |file: &PathBuf| std::fs::metadata(file).map_or(0, |file| file.len());
    let mut work = Work {
        history,
        order,
        report: ImportReport::default(),
        folders: HashMap::new(),
        seen: HashSet::new(),
    };
    let (total, mut before) = (files.iter().map(size).sum::<u64>().max(1), 0);
    for file in files {
        let name = file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let name = title(&name.unwrap_or_default());
        work.report.files.push(name.clone());
        #[expect(clippy::cast_precision_loss, reason = "a part of a whole, for the eye")]
        let part = |read: u64| ((before + read) as f64 / total as f64).min(1.0);
        let counter = |read: u64, conversations: u64| {
            tell(TransferProgress {
                conversations,
                part: part(read),
            });
        };
        let pace = Pace {
            read: Cell::new(0),
            told: Cell::new(0),
            stop: order.stop,
            tell: &counter,
        };
        let outcome = match File::open(file) {
            Ok(inner) => work.file(file, Counted { inner, pace: &pace }),
            Err(error) => Err(Stop::File(Bad::Io(error))),
        };
        match outcome {
            Ok(()) => {}
            Err(_) if order.stop.load(Ordering::Relaxed) => return Err(stopped(order.keep)),
            Err(Stop::All(problem)) => return Err(problem),
            Err(Stop::Entry(why)) => work.skip(name, why),
            Err(Stop::File(bad)) => work.skip(name, bad_file(&bad)),
        }
        before += size(file);
    }
    if order.keep {
        // One wait for the disk for all of them.
        if let Err(error) = history.checkpoint()
            && !matches!(error, history::Error::Busy)
        {
            return Err(problem::history(&error));
        }
    }
    work.report.done = order.keep;
    Ok(work.report)
}

fn stopped(kept: bool) -> Problem {
    let text = if kept {
        "Stopped. What was imported until then is there; importing the file again adds the rest."
    } else {
        "Stopped. Nothing was imported."
    };
    Problem::new(Code::Refused, text)
}

fn bad_file(bad: &Bad) -> String {
    match bad {
        Bad::Ended => "The file ends in the middle. What comes before its end is imported.".into(),
        Bad::Syntax => {
            "From some place on the file is not JSON. What comes before is imported.".into()
        }
        Bad::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            "It unpacks to far more than its size, so it is not read to its end.".into()
        }
        Bad::Io(error) => {
            tracing::info!("a file to import could not be read: {}", error.kind());
            "The file could not be read to its end.".into()
        }
    }
}

struct Work<'a> {
    history: &'a History,
    order: &'a Order<'a>,
    report: ImportReport,
    /// What folders of the file are called here.
    folders: HashMap<FolderId, Option<FolderId>>,
    /// Those that a mere look has found: nothing was stored that would tell.
    seen: HashSet<ConversationId>,
}

impl Work<'_> {
    fn file(&mut self, path: &Path, mut read: Counted<'_>) -> Result<(), Stop> {
        let pace = read.pace;
        if packed::is(&mut read).map_err(Bad::Io)? {
            return self.packed(read, pace);
        }
        if path.extension().is_some_and(|ext| ext == "jsonl") {
            return self.jan(path, source(read));
        }
        self.text(source(read), pace)
    }

    fn text(&mut self, mut scanner: Source<'_>, pace: &Pace<'_>) -> Result<(), Stop> {
        match scanner.peek()? {
            b'[' => self.entries(&mut scanner, pace),
            b'{' => self.object(scanner, pace),
            _ => Err(Stop::File(Bad::Syntax)),
        }
    }

    /// A list of conversations.
    fn entries(&mut self, scanner: &mut Source<'_>, pace: &Pace<'_>) -> Result<(), Stop> {
        scanner.enter(b'[')?;
        let mut place = 0;
        while scanner.more(b']')? {
            place += 1;
            let piece = scanner.piece(ENTRY)?;
            self.entry(piece, &format!("Entry {place}"))?;
            self.tell(pace);
        }
        Ok(())
    }

    /// An object is our own file, a keeper of conversations, or one conversation.
    fn object(&mut self, mut scanner: Source<'_>, pace: &Pace<'_>) -> Result<(), Stop> {
        scanner.enter(b'{')?;
        // The fields so far, as long as it may be a conversation.
        let mut rest: Vec<u8> = Vec::new();
        let (mut ours, mut found) = (false, false);
        let mut names = cherry::Names::default();
        while scanner.more(b'}')? {
            let key = scanner.key()?;
            if key == "records" && ours {
                return self.records(&mut scanner, pace);
            }
            if matches!(key.as_str(), "conversations" | "chat-sessions") && scanner.peek()? == b'['
            {
                self.entries(&mut scanner, pace)?;
                found = true;
                continue;
            }
            if key == "indexedDB" && scanner.peek()? == b'{' {
                self.cherry(&mut scanner, &names, pace)?;
                found = true;
                continue;
            }
            let piece = scanner.piece(ENTRY)?;
            if key.starts_with("session:") {
                found = true;
                self.entry(piece, &key)?;
                self.tell(pace);
                continue;
            }
            let Piece::Whole(bytes) = piece else {
                continue;
            };
            if key == "localStorage" {
                names = cherry::Names::read(&bytes);
                continue;
            }
            if key == "format" {
                ours =
                    serde_json::from_slice::<String>(&bytes).is_ok_and(|format| format == FORMAT);
            }
            if key == "version" && ours {
                let version: Option<u64> = serde_json::from_slice(&bytes).ok();
                if version.is_none_or(|version| version > VERSION) {
                    let text = "A newer version of Causeway wrote this file. Update Causeway, then import it.";
                    return Err(Stop::Entry(text.into()));
                }
            }
            if rest.len() + bytes.len() <= ENTRY {
                rest.push(if rest.is_empty() { b'{' } else { b',' });
                rest.extend(serde_json::to_vec(&key).unwrap_or_default());
                rest.push(b':');
                rest.extend(bytes);
            }
        }
        if found {
            return Ok(());
        }
        rest.push(b'}');
        self.entry(Piece::Whole(rest), "This file")
    }

    fn tell(&self, pace: &Pace<'_>) {
        let conversations = self.report.added + self.report.extended + self.report.known;
        if pace.read.get() - pace.told.get() >= TOLD {
            pace.told.set(pace.read.get());
            (pace.tell)(pace.read.get(), conversations);
        }
    }

    fn entry(&mut self, piece: Piece, place: &str) -> Result<(), Stop> {
        let Piece::Whole(bytes) = piece else {
            self.skip(
                place.into(),
                "It is too large to be one conversation.".into(),
            );
            return Ok(());
        };
        let Ok(value) = serde_json::from_slice::<Value>(&bytes) else {
            self.skip(
                place.into(),
                "It is damaged: not JSON, or nested too deeply.".into(),
            );
            return Ok(());
        };
        drop(bytes);
        let Some(draft) = shapes::read(&value) else {
            self.skip(
                place.into(),
                "It is no conversation of a program that Causeway knows.".into(),
            );
            return Ok(());
        };
        drop(value);
        self.draft(draft, place)
    }

    fn draft(&mut self, draft: tree::Draft, place: &str) -> Result<(), Stop> {
        let (source, left_out) = (draft.source, draft.left_out);
        let title = Some(title(&draft.title)).filter(|title| !title.is_empty());
        let name = title.unwrap_or_else(|| place.to_owned());
        if draft.id.is_empty() {
            self.skip(name, "It has no id, so it could come in twice.".into());
            return Ok(());
        }
        let Some((conversation, messages)) =
            tree::whole(draft, &self.order.model, self.order.now_ms)
        else {
            self.skip(name, "There is nothing in it.".into());
            return Ok(());
        };
        self.source(source);
        let before = self.report.messages;
        self.adopt(&conversation, &mut messages.into_iter().map(Ok))?;
        if self.report.messages > before {
            self.report.left_out += left_out;
        }
        Ok(())
    }

    fn source(&mut self, source: &str) {
        if !self.report.sources.iter().any(|known| known == source) {
            self.report.sources.push(source.to_owned());
        }
    }

    fn adopt(
        &mut self,
        conversation: &WholeConversation,
        messages: &mut dyn Iterator<Item = Result<WholeMessage, Stop>>,
    ) -> Result<(), Stop> {
        if self.order.stop.load(Ordering::Relaxed) {
            return Err(Stop::All(stopped(self.order.keep)));
        }
        if !self.order.keep && !self.seen.insert(conversation.id) {
            self.report.known += 1;
            for message in messages {
                message?;
            }
            return Ok(());
        }
        match self.history.adopt(conversation, messages, self.order.keep) {
            Ok(done) => {
                self.report.messages += done.messages;
                let count = match (done.new, done.messages) {
                    (true, _) => &mut self.report.added,
                    (false, 0) => &mut self.report.known,
                    (false, _) => &mut self.report.extended,
                };
                *count += 1;
                Ok(())
            }
            Err(Stop::Entry(why)) => {
                self.skip(title(&conversation.title), why);
                Ok(())
            }
            Err(other) => {
                if matches!(other, Stop::File(_)) {
                    self.skip(title(&conversation.title), "Its end is missing.".into());
                }
                Err(other)
            }
        }
    }

    /// Our own: folders, and each conversation before its messages.
    fn records(&mut self, scanner: &mut Source<'_>, pace: &Pace<'_>) -> Result<(), Stop> {
        self.source("Causeway");
        scanner.enter(b'[')?;
        let mut bytes = Bytes::new(self.history, self.order.keep);
        let mut place = 0;
        let mut next = record(scanner, &mut place)?;
        while let Some(current) = next.take() {
            match current {
                Ok(Record::Folder(folder)) => {
                    let adopted = if self.order.keep {
                        self.history.adopt_folder(&folder, FOLDERS)
                    } else {
                        Ok(None)
                    };
                    match adopted.map_err(Stop::from) {
                        Ok(id) => drop(self.folders.insert(folder.id, id)),
                        Err(Stop::Entry(why)) => self.skip(title(&folder.name), why),
                        Err(other) => return Err(other),
                    }
                }
                Ok(Record::Conversation(mut conversation)) => {
                    let folder = conversation
                        .folder
                        .and_then(|id| self.folders.get(&id).copied());
                    conversation.folder = folder.flatten();
                    let left_out = bytes.fit(&mut conversation.attached);
                    let mut messages = Messages {
                        scanner: &mut *scanner,
                        place: &mut place,
                        next: None,
                        ended: false,
                        bytes: &mut bytes,
                        left_out,
                    };
                    let before = self.report.messages;
                    self.adopt(&conversation, &mut messages)?;
                    let (ended, left_out) = (messages.ended, messages.left_out);
                    next = messages.next;
                    if self.report.messages > before {
                        self.report.left_out += left_out;
                    }
                    self.tell(pace);
                    if ended {
                        return Ok(());
                    }
                }
                Ok(Record::File(piece)) => {
                    bytes.take(&piece)?;
                    self.tell(pace);
                }
                // Of a conversation that was skipped.
                Ok(Record::Message(_)) => {}
                Err(why) => self.skip(format!("Record {place}"), why),
            }
            if next.is_none() {
                next = record(scanner, &mut place)?;
            }
        }
        Ok(())
    }

    fn skip(&mut self, entry: String, why: String) {
        self.report.skipped_count += 1;
        if self.report.skipped.len() < NAMED {
            self.report.skipped.push(Skipped { entry, why });
        }
    }
}

#[cfg(test)]
mod tests;
