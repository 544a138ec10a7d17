//! From a file, or from pasted bytes, to something that is attached. What can't be is a sentence.

use super::{
    Details, office, pdf, picture,
    sniff::{self, Found},
    text,
};
use crate::{
    links, problem,
    wire::{FileKind, Problem, ProblemCode as Code},
};
use history::{AttachmentDraft, History};
use std::{
    fs::{self, File},
    io::{self, BufReader, Cursor, Read, Seek},
    path::{Path, PathBuf},
};

/// The largest file that is attached, in bytes.
pub(crate) const FILE_MAX: u64 = 100 * 1024 * 1024;
/// The longest text, in bytes: a million tokens, more than nearly every model reads.
const TEXT_MAX: u64 = 4 * 1024 * 1024;
/// The longest name, in characters.
const NAME_MAX: usize = 100;

/// Where the bytes are.
pub(crate) enum Source {
    Path(PathBuf),
    Bytes { name: String, bytes: Vec<u8> },
}

trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

impl Source {
    /// As people are told.
    pub fn name(&self) -> String {
        match self {
            Self::Path(path) => {
                let name = path
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned());
                plain_name(&name.unwrap_or_default())
            }
            Self::Bytes { name, .. } => plain_name(name),
        }
    }

    fn open(self, name: &str) -> Result<(Box<dyn ReadSeek>, u64), Problem> {
        match self {
            Self::Bytes { bytes, .. } => {
                let size = bytes.len() as u64;
                Ok((Box::new(Cursor::new(bytes)), size))
            }
            Self::Path(path) => {
                let (file, size) = open(&path, name)?;
                Ok((Box::new(file), size))
            }
        }
    }
}

/// A name without folders and without what could mislead the eye; a long one keeps its ending.
pub(crate) fn plain_name(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|c| {
            if matches!(c, '/' | '\\' | ':') {
                '_'
            } else {
                c
            }
        })
        .collect();
    let name = links::clean(&name, 1000);
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() {
        return "file".to_owned();
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.chars().count() <= 10 => {
            (stem, Some(ending))
        }
        _ => (name, None),
    };
    let stem: String = stem.chars().take(NAME_MAX).collect();
    ending.map_or(stem.clone(), |ending| format!("{stem}.{ending}"))
}

fn refuse<T>(text: String) -> Result<T, Problem> {
    Err(Problem::new(Code::Refused, text))
}

/// Looked at before it is opened: opening a pipe would wait for its other end.
fn open(path: &Path, name: &str) -> Result<(File, u64), Problem> {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) => {
            let link = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
            return match error.kind() {
                _ if link => refuse(format!(
                    "“{name}” is a link that leads nowhere. Attach the file itself."
                )),
                io::ErrorKind::NotFound => refuse(format!(
                    "“{name}” is not there any more. Attach it again from where it is now."
                )),
                _ => refuse(unreadable(name)),
            };
        }
    };
    if found.is_dir() {
        return refuse(format!("“{name}” is a folder. Attach the files in it."));
    }
    if !found.is_file() {
        return refuse(format!("“{name}” is no file that can be read to an end."));
    }
    match File::open(path) {
        Ok(file) => Ok((file, found.len())),
        Err(_) => refuse(unreadable(name)),
    }
}

fn unreadable(name: &str) -> String {
    format!("“{name}” can't be read. Check that you may open it, then attach it again.")
}

/// Reads it, stores its bytes, and says what is to be attached. May take its time.
pub(crate) fn read(history: &History, source: Source) -> Result<AttachmentDraft, Problem> {
    let name = source.name();
    let (mut source, size) = source.open(&name)?;
    let broken = |_| Problem::new(Code::Refused, unreadable(&name));
    if size == 0 {
        return refuse(format!("“{name}” is empty."));
    }
    if size > FILE_MAX {
        return refuse(format!(
            "“{name}” has {}. {} is the most that can be attached.",
            amount(size),
            amount(FILE_MAX)
        ));
    }
    let mut head = Vec::with_capacity(sniff::HEAD);
    (&mut source)
        .take(sniff::HEAD as u64)
        .read_to_end(&mut head)
        .map_err(broken)?;
    source.rewind().map_err(broken)?;
    let claimed = sniff::claimed(&name);
    match sniff::sniff(&head) {
        Found::Image(kind) => image(history, name, kind, source),
        Found::Pdf => {
            let pages = pdf::pages(&mut source).map_err(broken)?;
            source.rewind().map_err(broken)?;
            let details = Details {
                pages,
                ..Details::new(FileKind::Pdf, "application/pdf")
            };
            whole(history, name, source, &details)
        }
        Found::Audio(format) => {
            let details = Details {
                format: Some(format.to_owned()),
                ..Details::new(FileKind::Audio, &format!("audio/{format}"))
            };
            whole(history, name, source, &details)
        }
        Found::Zip => office(history, name, source),
        Found::Compound => refuse(format!(
            "“{name}” is an older office document, or one that is locked with a password. Save it as Word, Excel, \
             PowerPoint or PDF of today without a password, and attach that."
        )),
        Found::Other => match claimed {
            Some((_, what)) => refuse(format!(
                "“{name}” is not {what}, whatever its name says. Save it anew in the program that made it, then attach it \
                 again."
            )),
            None => words(history, name, source, size),
        },
    }
}

fn words(
    history: &History,
    name: String,
    source: Box<dyn ReadSeek>,
    size: u64,
) -> Result<AttachmentDraft, Problem> {
    if size > TEXT_MAX {
        return refuse(format!(
            "“{name}” has {}. {} of text is the most that can be attached: attach the part that matters.",
            amount(size),
            amount(TEXT_MAX)
        ));
    }
    let mut bytes = Vec::new();
    let read = source.take(TEXT_MAX + 1).read_to_end(&mut bytes);
    if read.is_err() {
        return refuse(unreadable(&name));
    }
    let Some(text) = text::decode(&bytes) else {
        return refuse(format!(
            "“{name}” is no text, picture, PDF or sound. Causeway can't read what is in it."
        ));
    };
    let (content, size) = store(history, &bytes)?;
    let same = text.as_bytes() == bytes;
    drop(bytes);
    let words = if same {
        content
    } else {
        store(history, text.as_bytes())?.0
    };
    let details = Details {
        letters: Some(text.chars().count() as u64),
        ..Details::new(FileKind::Text, "text/plain")
    };
    Ok(AttachmentDraft {
        name,
        content,
        size,
        words: Some(words),
        details: details.json(),
        picture: None,
    })
}

/// The words of a document; the document itself is kept, too.
fn office(
    history: &History,
    name: String,
    mut source: Box<dyn ReadSeek>,
) -> Result<AttachmentDraft, Problem> {
    let max = usize::try_from(TEXT_MAX).unwrap_or(usize::MAX);
    let text = match office::words(BufReader::new(&mut source), max) {
        Ok(text) => text,
        Err(office::Wordless::TooLarge) => {
            return refuse(format!(
                "“{name}” unpacks to more than can be read here: attach the part that matters."
            ));
        }
        Err(office::Wordless::NoDocument) => {
            return refuse(format!(
                "“{name}” is an archive. Unpack it, and attach the files in it."
            ));
        }
        Err(office::Wordless::Broken) => {
            return refuse(format!(
                "“{name}” can't be opened: it is damaged or locked with a password. Save it anew without one, then attach it again."
            ));
        }
    };
    let text = text.trim();
    if text.is_empty() {
        return refuse(format!(
            "“{name}” has no words in it. Save it as a PDF, and attach that."
        ));
    }
    let words = store(history, text.as_bytes())?.0;
    source
        .rewind()
        .map_err(|_| Problem::new(Code::Refused, unreadable(&name)))?;
    let details = Details {
        letters: Some(text.chars().count() as u64),
        ..Details::new(FileKind::Text, "application/zip")
    };
    let draft = whole(history, name, source, &details)?;
    Ok(AttachmentDraft {
        words: Some(words),
        ..draft
    })
}

fn image(
    history: &History,
    name: String,
    kind: sniff::Picture,
    source: Box<dyn ReadSeek>,
) -> Result<AttachmentDraft, Problem> {
    let prepared = match picture::prepare(kind, BufReader::new(source)) {
        Ok(prepared) => prepared,
        Err(picture::Unusable::TooLarge(width, height)) => {
            return refuse(format!(
                "“{name}” has {width} × {height} pixels, more than can be worked with here. Save it smaller, and attach that."
            ));
        }
        Err(picture::Unusable::Unknown) => {
            return refuse(format!(
                "“{name}” is a HEIC or AVIF picture, which can't be read here. Open it, save it as JPEG or PNG, and attach that."
            ));
        }
        Err(picture::Unusable::Broken) => {
            return refuse(format!(
                "“{name}” is damaged and can't be shown. Save it anew, then attach it again."
            ));
        }
    };
    let (content, size) = store(history, &prepared.bytes)?;
    let details = Details {
        pixels: Some(prepared.pixels),
        ..Details::new(FileKind::Image, prepared.media_type)
    };
    Ok(AttachmentDraft {
        name,
        content,
        size,
        words: None,
        details: details.json(),
        picture: Some(prepared.small),
    })
}

fn whole(
    history: &History,
    name: String,
    mut source: Box<dyn ReadSeek>,
    details: &Details,
) -> Result<AttachmentDraft, Problem> {
    let mut blob = history.new_blob().map_err(|e| problem::history(&e))?;
    let mut bytes = vec![0; 64 * 1024];
    let mut total = 0;
    loop {
        let read = match source.read(&mut bytes) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return refuse(unreadable(&name)),
        };
        total += read as u64;
        // It grew since it was looked at.
        if total > FILE_MAX {
            return refuse(format!(
                "“{name}” is being written to. Wait until it is whole, then attach it again."
            ));
        }
        blob.write(&bytes[..read])
            .map_err(|e| problem::history(&e))?;
    }
    let (content, size) = blob.finish().map_err(|e| problem::history(&e))?;
    Ok(AttachmentDraft {
        name,
        content,
        size,
        words: None,
        details: details.json(),
        picture: None,
    })
}

/// Stores bytes that are in memory.
pub(crate) fn store(history: &History, bytes: &[u8]) -> Result<(history::Content, u64), Problem> {
    history.keep_bytes(bytes).map_err(|e| problem::history(&e))
}

/// `3 MB`, `2.1 GB`: an amount of bytes in a word.
pub(crate) fn amount(bytes: u64) -> String {
    const STEP: u64 = 1024;
    let units = ["bytes", "KB", "MB", "GB", "TB"];
    let (mut unit, mut scale) = (0, 1);
    while bytes / scale >= STEP && unit + 1 < units.len() {
        unit += 1;
        scale *= STEP;
    }
    let (count, tenth) = (bytes / scale, bytes % scale * 10 / scale);
    if count < 10 && tenth > 0 {
        format!("{count}.{tenth} {}", units[unit])
    } else {
        format!("{count} {}", units[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_keep_their_ending() {
        assert_eq!(plain_name("report\u{202e}fdp.exe"), "reportfdp.exe");
        assert_eq!(plain_name("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(plain_name("C:\\x\\y.txt"), "C__x_y.txt");
        assert_eq!(plain_name("a\nb\0.csv"), "a b.csv");
        assert_eq!(plain_name("\u{200b}"), "file");
        assert_eq!(plain_name(".."), "file");
        let long = plain_name(&format!("{}.pdf", "x".repeat(500)));
        assert_eq!(long.len(), 104);
        assert!(long.ends_with("x.pdf"));
    }

    #[test]
    fn amounts_are_a_word() {
        assert_eq!(amount(12), "12 bytes");
        assert_eq!(amount(2_260_000_000), "2.1 GB");
        assert_eq!(amount(FILE_MAX), "100 MB");
        assert_eq!(amount(1536), "1.5 KB");
    }
}
