//! Taking conversations out into a file: as JSON, Markdown or a page of HTML.
//!
//! The file is written under another name and takes its own when it is whole and on the disk, so that there is never
//! half of one. Messages are read and written one by one, and what is attached to them piece by piece.

mod page;

use crate::{
    import::{FORMAT, FilePiece, PIECE, VERSION},
    problem,
    wire::{ExportForm, Exported, Problem, ProblemCode as Code, TransferProgress},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use history::{Content, ConversationId, History, WholeConversation, WholeMessage};
use page::Page;
use serde::Serialize;
use std::{
    cell::RefCell,
    collections::HashSet,
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

/// What is asked of an export.
pub struct Order<'a> {
    /// Into what.
    pub form: ExportForm,
    /// Which conversations; none for all.
    pub which: Option<Vec<ConversationId>>,
    /// Set when the person has had enough.
    pub stop: &'a AtomicBool,
}

enum Stop {
    Stopped,
    Disk(io::Error),
    History(history::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

impl From<serde_json::Error> for Stop {
    fn from(error: serde_json::Error) -> Self {
        Self::Disk(error.into())
    }
}

impl From<history::Error> for Stop {
    fn from(error: history::Error) -> Self {
        Self::History(error)
    }
}

impl From<Stop> for Problem {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Stopped => Self::new(Code::Refused, "Stopped. No file was written."),
            Stop::History(error) => problem::history(&error),
            Stop::Disk(error) => {
                let text = match error.kind() {
                    io::ErrorKind::StorageFull => {
                        "The disk is full, and no file was written. Free some space, then try again."
                    }
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                        "This folder can't be written to. Choose another one."
                    }
                    _ => "The file could not be written. Try again, or choose another folder.",
                };
                Self::new(Code::Again, text).with_detail(error.to_string())
            }
        }
    }
}

/// Writes the conversations to `path`, which is replaced if it is there.
///
/// # Errors
/// The disk, or the person stopped it. Then `path` is as it was before.
pub fn run(
    history: &History,
    path: &Path,
    order: &Order<'_>,
    tell: &dyn Fn(TransferProgress),
) -> Result<Exported, Problem> {
    let draft = beside(path).map_err(Stop::Disk)?;
    let written = write(history, &draft, order, tell);
    let done = written.and_then(|(conversations, missing)| {
        let bytes = fs::metadata(&draft)?.len();
        fs::rename(&draft, path)?;
        // The name, too, has to be on the disk; not every system can be asked for that.
        if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
            let _ = folder.sync_all();
        }
        Ok(Exported {
            path: path.display().to_string(),
            conversations,
            bytes,
            missing,
        })
    });
    done.map_err(|stop| {
        let _ = fs::remove_file(&draft);
        stop.into()
    })
}

/// The name of a new file in the same folder: only there can it take the other's name in one step. Nobody has it yet.
pub(crate) fn beside(path: &Path) -> io::Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
    let number = u64::from_le_bytes(random);
    Ok(path.with_file_name(format!(".causeway-{number:016x}.partial")))
}

/// How many conversations were written, and how many of the files that are attached to them were not there.
fn write(
    history: &History,
    draft: &Path,
    order: &Order<'_>,
    tell: &dyn Fn(TransferProgress),
) -> Result<(u64, u64), Stop> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut writer = Writer {
        history,
        order,
        out: BufWriter::new(options.open(draft)?),
        first: true,
        given: HashSet::new(),
        missing: 0,
    };
    let json = order.form == ExportForm::Json;
    let ids = match &order.which {
        Some(ids) => ids.clone(),
        None => history.everything(json)?,
    };
    if json {
        writeln!(
            writer.out,
            "{{\"format\":\"{FORMAT}\",\"version\":{VERSION},\"records\":["
        )?;
        for folder in history.whole_folders()? {
            writer.record("folder", &folder)?;
        }
    } else if order.form == ExportForm::Html {
        writer.out.write_all(page::head().as_bytes())?;
    }
    for (done, id) in (0_u64..).zip(&ids) {
        #[expect(clippy::cast_precision_loss, reason = "a part of a whole, for the eye")]
        let part = done as f64 / ids.len().max(1) as f64;
        tell(TransferProgress {
            conversations: done,
            part,
        });
        if json {
            // Before the conversation: who reads it has them when its messages come.
            for content in history.whole_contents(*id)? {
                writer.bytes(content)?;
            }
        }
        writer.conversation(*id)?;
    }
    let Writer {
        mut out, missing, ..
    } = writer;
    match order.form {
        ExportForm::Json => out.write_all(b"\n]}\n")?,
        ExportForm::Html => out.write_all(page::END.as_bytes())?,
        ExportForm::Markdown => {}
    }
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok((ids.len() as u64, missing))
}

struct Writer<'a> {
    history: &'a History,
    order: &'a Order<'a>,
    out: BufWriter<File>,
    first: bool,
    /// What was written, or is not there.
    given: HashSet<Content>,
    missing: u64,
}

impl Writer<'_> {
    fn conversation(&mut self, id: ConversationId) -> Result<(), Stop> {
        let (history, order) = (self.history, self.order);
        let branch = order.form != ExportForm::Json;
        let page = Page {
            html: order.form == ExportForm::Html,
            history,
        };
        let writer = RefCell::new(self);
        let head = |conversation: WholeConversation| -> Result<(), Stop> {
            let writer = &mut **writer.borrow_mut();
            if branch {
                let head = page.conversation(&conversation, writer.first);
                writer.out.write_all(head.as_bytes())?;
                writer.first = false;
                Ok(())
            } else {
                writer.record("conversation", &conversation)
            }
        };
        let each = |message: WholeMessage| -> Result<(), Stop> {
            let writer = &mut **writer.borrow_mut();
            writer.go_on()?;
            if branch {
                writer.missing += page.message(&message, &mut writer.out)?;
                return Ok(());
            }
            // What was attached since the conversation's files were written.
            for content in message
                .attached
                .iter()
                .flat_map(history::WholeFile::contents)
            {
                writer.bytes(content)?;
            }
            writer.record("message", &message)
        };
        history.give(id, branch, head, each)?;
        if page.html {
            writer.borrow_mut().out.write_all(page::CLOSE.as_bytes())?;
        }
        Ok(())
    }

    fn go_on(&self) -> Result<(), Stop> {
        match self.order.stop.load(Ordering::Relaxed) {
            true => Err(Stop::Stopped),
            false => Ok(()),
        }
    }

    fn record(&mut self, name: &str, value: &impl Serialize) -> Result<(), Stop> {
        if !std::mem::take(&mut self.first) {
            self.out.write_all(b",\n")?;
        }
        write!(self.out, "{{\"{name}\":")?;
        serde_json::to_writer(&mut self.out, value)?;
        self.out.write_all(b"}")?;
        Ok(())
    }

    /// Writes the bytes of a file, once, in pieces.
    fn bytes(&mut self, content: Content) -> Result<(), Stop> {
        if !self.given.insert(content) {
            return Ok(());
        }
        let opened = File::open(self.history.file_of(content));
        let Some((file, size)) = opened.ok().and_then(|file| {
            let size = file.metadata().ok()?.len();
            Some((file, size))
        }) else {
            self.missing += 1;
            return Ok(());
        };
        let mut at = 0;
        while at < size {
            self.go_on()?;
            let mut piece = Vec::with_capacity(PIECE);
            (&file).take(PIECE as u64).read_to_end(&mut piece)?;
            if piece.is_empty() {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            let data = STANDARD.encode(&piece);
            let record = FilePiece {
                content,
                size,
                at,
                data,
            };
            self.record("file", &record)?;
            at += piece.len() as u64;
        }
        Ok(())
    }
}

/// A name for the file of a conversation, or of several, that every system takes.
pub fn file_name(title: Option<&str>, form: ExportForm) -> String {
    let plain: String = title
        .unwrap_or("Causeway conversations")
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | ',') {
                c
            } else {
                ' '
            }
        })
        .collect();
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = words.chars().take(60).collect();
    // A name of a device, such as `con`, is none for a file on Windows.
    if short.chars().count() < 5 {
        short = format!("Conversation {short}").trim_end().to_owned();
    }
    let ending = match form {
        ExportForm::Json => "json",
        ExportForm::Markdown => "md",
        ExportForm::Html => "html",
    };
    format!("{}.{ending}", short.trim_end())
}
