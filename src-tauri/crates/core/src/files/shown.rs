//! What is attached, looked at, taken out and used further.

use super::{Details, FILES_MAX, TEMPORARY, drawn, file_id, gone, picture, place, sniff};
use crate::{
    Core,
    app::blocking,
    export::beside,
    problem,
    wire::{FileKind, Problem, ProblemCode as Code},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use history::{AttachmentDraft, AttachmentId, History, MessageId};
use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

/// What an id of the window names.
#[derive(Clone, Copy)]
enum Named {
    Attachment(AttachmentId),
    /// A picture of an answer in a temporary chat, by its number: in memory alone.
    Fleeting(MessageId, usize),
}

impl Named {
    fn read(id: &str) -> Result<Self, Problem> {
        let Some((message, number)) = id.split_once('/') else {
            return Ok(Self::Attachment(file_id(id)?));
        };
        let message = message.parse().map_err(|e| problem::history(&e))?;
        let number = number.parse().map_err(|_| gone())?;
        Ok(Self::Fleeting(message, number))
    }

    /// Its name, and its bytes as they are kept.
    fn bytes(self, history: &History) -> Result<(String, Option<Vec<u8>>), history::Error> {
        Ok(match self {
            Self::Attachment(id) => {
                let file = history.attachment(id)?;
                (file.name, fs::read(history.file_of(file.content)).ok())
            }
            Self::Fleeting(message, number) => {
                let images = history.images(message)?;
                drawn::fleeting(images.as_deref(), number)
            }
        })
    }
}

impl Core {
    /// A picture of an attachment as a data URL: a small one, or what is sent.
    ///
    /// # Errors
    /// There is none, or it can't be read.
    pub async fn file_picture(&self, id: &str, whole: bool) -> Result<String, Problem> {
        let named = Named::read(id)?;
        let picture = self.stored(move |history| match named {
            Named::Attachment(id) if !whole => history.picture(id),
            Named::Attachment(id)
                if Details::of(&history.attachment(id)?).kind != FileKind::Image =>
            {
                history.picture(id)
            }
            _ => Ok(named.bytes(history)?.1),
        });
        let bytes = picture.await?.ok_or_else(gone)?;
        // By what it is: a small picture may be of another kind than what is sent.
        let media_type = match sniff::sniff(&bytes) {
            // What an import or a model brought may be anything.
            sniff::Found::Image(kind) if picture::can_be_shown(kind, &bytes) => kind.media_type(),
            _ => return Err(gone()),
        };
        Ok(format!(
            "data:{media_type};base64,{}",
            STANDARD.encode(bytes)
        ))
    }

    /// The beginning of what an attached text says, as it is sent.
    ///
    /// # Errors
    /// It is no text, or it can't be read.
    pub async fn file_text(&self, id: &str) -> Result<String, Problem> {
        const SHOWN: usize = 200_000;
        let id = file_id(id)?;
        let text = self.stored(move |history| {
            let file = history.attachment(id)?;
            let words = file.words.map(|words| history.file_of(words));
            Ok(words.and_then(|path| fs::read_to_string(path).ok()))
        });
        let mut text = text.await?.ok_or_else(gone)?;
        text.truncate(text.floor_char_boundary(SHOWN));
        Ok(text)
    }

    /// Asks the person where to, and writes the bytes of an attachment there as they are kept.
    ///
    /// # Errors
    /// It is not there, or could not be written.
    pub async fn save_file(&self, id: &str) -> Result<(), Problem> {
        let named = Named::read(id)?;
        let found = self.stored(move |history| {
            Ok(match named {
                // As large as it may be: it is copied piece by piece.
                Named::Attachment(id) => {
                    let file = history.attachment(id)?;
                    (file.name, Some(Held::File(history.file_of(file.content))))
                }
                Named::Fleeting(..) => {
                    let (name, bytes) = named.bytes(history)?;
                    (name, bytes.map(Held::Bytes))
                }
            })
        });
        let (name, from) = found.await?;
        let from = from.filter(Held::is_there).ok_or_else(gone)?;
        let Some(to) = self.0.ports.dialogs.save_as(&name).await else {
            return Ok(());
        };
        let failed = |_| {
            let text = format!("“{name}” could not be written there. Choose another folder.");
            Problem::new(Code::Again, text)
        };
        blocking(move || from.write(&to)).await?.map_err(failed)
    }

    /// Has the system's program for PDFs show an attached one: a copy, for what is kept is never changed. Copies go at
    /// the next start.
    ///
    /// # Errors
    /// It is no PDF, not there, or nothing shows it.
    pub async fn open_file(&self, id: &str) -> Result<(), Problem> {
        let id = file_id(id)?;
        let found = self.stored(move |history| {
            let file = history.attachment(id)?;
            Ok((history.file_of(file.content), file.name))
        });
        let (from, name) = found.await?;
        // What else programs make of a file, such as running it, is not asked for here.
        let name = format!("{}.pdf", name.strip_suffix(".pdf").unwrap_or(&name));
        let folder = self.0.folder.join(OPENED).join(id.to_string());
        let copied = blocking(move || {
            let mut head = Vec::new();
            let file = fs::File::open(&from)?;
            file.take(sniff::HEAD as u64).read_to_end(&mut head)?;
            if sniff::sniff(&head) != sniff::Found::Pdf {
                return Err(io::ErrorKind::InvalidData.into());
            }
            private(&folder)?;
            // The names that Windows takes are fewer.
            let name = name.replace(['<', '>', '"', '|', '?', '*'], "_");
            let to = folder.join(name);
            Held::File(from).write(&to).map(|()| to)
        });
        let failed = || {
            let text = "This PDF could not be opened. Save it, and open it where you saved it.";
            Problem::new(Code::Again, text)
        };
        let path = copied.await?.map_err(|_| failed())?;
        let dialogs = Arc::clone(&self.0.ports.dialogs);
        blocking(move || dialogs.show(&path))
            .await?
            .map_err(|_| failed())
    }

    /// Puts a picture on the clipboard.
    ///
    /// # Errors
    /// It is no picture, or the clipboard is not available.
    pub async fn copy_picture(&self, id: &str) -> Result<(), Problem> {
        let named = Named::read(id)?;
        let picture = self.stored(move |history| {
            let bytes = named.bytes(history)?.1.unwrap_or_default();
            Ok(match sniff::sniff(&bytes) {
                sniff::Found::Image(kind) => picture::pixels(kind, &bytes).ok(),
                _ => None,
            })
        });
        let (width, height, pixels) = picture.await?.ok_or_else(gone)?;
        let clipboard = Arc::clone(&self.0.ports.clipboard);
        let failed = |_| Problem::new(Code::Again, "The clipboard is not available. Try again.");
        blocking(move || clipboard.write_picture(width, height, pixels))
            .await?
            .map_err(failed)
    }

    /// Attaches what a message has to what is being written in its conversation.
    ///
    /// # Errors
    /// It is not there, there is no room, or it can't be stored.
    pub async fn reuse_file(&self, id: &str, conversation: &str) -> Result<(), Problem> {
        let place = place(Some(conversation))?;
        let Named::Attachment(id) = Named::read(id)? else {
            return Err(Problem::new(Code::Refused, TEMPORARY));
        };
        if self.room(place).await? == 0 {
            let text = format!("{FILES_MAX} files are the most for one question.");
            return Err(Problem::new(Code::Refused, text));
        }
        let now_ms = self.0.ports.nature.now_ms();
        let attaching = self.stored(move |history| {
            let file = history.attachment(id)?;
            // Pressed twice, it goes once.
            let waiting = history.attached(place)?;
            if waiting.iter().any(|other| other.content == file.content) {
                return Ok(());
            }
            let again = AttachmentDraft {
                name: file.name,
                content: file.content,
                size: file.size,
                words: file.words,
                details: file.details,
                picture: history.picture(id)?,
            };
            history.attach(place, &again, now_ms).map(|_| ())
        });
        attaching.await?;
        self.tell_files(place).await;
        Ok(())
    }
}

/// The folder of the copies that other programs show.
const OPENED: &str = "opened";

/// Removes the copies that other programs showed. What one of them still holds stays until the next time.
pub(crate) fn forget_opened(folder: &Path) {
    let _ = fs::remove_dir_all(folder.join(OPENED));
}

/// Makes a folder that nobody else may enter.
fn private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Where bytes are taken from.
enum Held {
    File(PathBuf),
    Bytes(Vec<u8>),
}

impl Held {
    fn is_there(&self) -> bool {
        match self {
            Self::File(path) => path.is_file(),
            Self::Bytes(_) => true,
        }
    }

    /// All of it or nothing: what is there meanwhile is another file.
    fn write(&self, to: &Path) -> io::Result<()> {
        let aside = beside(to)?;
        let written = match self {
            Self::File(from) => fs::copy(from, &aside).map(|_| ()),
            Self::Bytes(bytes) => fs::write(&aside, bytes),
        };
        let written = written.and_then(|()| fs::rename(&aside, to));
        if written.is_err() {
            // Perhaps it was never made.
            let _ = fs::remove_file(&aside);
        }
        written
    }
}
