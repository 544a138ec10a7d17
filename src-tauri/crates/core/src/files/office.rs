//! The words of an office document: Word, Excel and PowerPoint files, and those of OpenDocument.
//!
//! Such a document is an archive of XML. Of the archive only the parts with words are unpacked, and only so much of them
//! as is bounded here; entities are never expanded, and nothing outside the archive is looked at.

mod archive;
mod letter;
#[cfg(test)]
mod tests;
mod workbook;
mod xml;

use archive::Archive;
use std::io::{Read, Seek};

/// Why there are no words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wordless {
    /// An archive, but none of these documents.
    NoDocument,
    /// It unpacks to more than is read.
    TooLarge,
    /// Encrypted, damaged, or not what it says.
    Broken,
}

/// The words of a document, of at most `max` bytes.
pub(crate) fn words(source: impl Read + Seek, max: usize) -> Result<String, Wordless> {
    let mut archive = Archive::open(source)?;
    let mut out = Words {
        text: String::new(),
        max,
    };
    if archive.has("word/document.xml") {
        for part in [
            "word/document.xml",
            "word/footnotes.xml",
            "word/endnotes.xml",
        ] {
            if archive.has(part) {
                archive.part(part, |xml| letter::office(xml, &mut out))?;
            }
        }
    } else if archive.has("xl/workbook.xml") {
        workbook::read(&mut archive, &mut out)?;
    } else if archive.has("ppt/presentation.xml") {
        let slides = archive.listed("ppt/presentation.xml", "sldId", "ppt/slides/")?;
        for (nth, (_, slide)) in slides.iter().enumerate() {
            out.page(&format!("Slide {}", nth + 1))?;
            archive.part(slide, |xml| letter::office(xml, &mut out))?;
        }
    } else if archive.has("content.xml") && archive.has("mimetype") {
        archive.part("content.xml", |xml| letter::open(xml, &mut out))?;
    } else {
        return Err(Wordless::NoDocument);
    }
    Ok(out.text)
}

/// An archive of these parts, as tests make one.
///
/// # Errors
/// A name is too long, or stands there twice.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn packed(parts: &[(&str, &[u8])]) -> Result<Vec<u8>, zip::result::ZipError> {
    use std::io::{Cursor, Write as _};
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let deflated = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in parts {
        writer.start_file(*name, deflated)?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// Text that stops to grow.
struct Words {
    text: String,
    max: usize,
}

impl Words {
    fn push(&mut self, more: &str) -> Result<(), Wordless> {
        if self.text.len() + more.len() > self.max {
            return Err(Wordless::TooLarge);
        }
        self.text.push_str(more);
        Ok(())
    }

    /// Begins a slide or a sheet.
    fn page(&mut self, title: &str) -> Result<(), Wordless> {
        self.push(if self.text.is_empty() { "" } else { "\n" })?;
        self.push(title)?;
        self.push("\n")
    }

    /// Says what was said from there on once more, so many times.
    fn again(&mut self, from: usize, times: usize) -> Result<(), Wordless> {
        let said = self.text[self.text.floor_char_boundary(from)..].to_owned();
        (0..times).try_for_each(|_| self.push(&said))
    }

    /// Takes blanks off the end, down to there. Of a document that closes what it did not open, that may lie behind the
    /// end.
    fn trim(&mut self, from: usize) {
        let from = self.text.floor_char_boundary(from);
        let kept = self.text[from..].trim_end_matches([' ', '\t']).len();
        self.text.truncate(from + kept);
    }
}
