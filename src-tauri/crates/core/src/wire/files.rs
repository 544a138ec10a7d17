//! What is attached.

use super::Problem;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something that is attached to a message, or to what is being written.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Attachment {
    /// Its id.
    pub id: String,
    /// Its name, without what could mislead the eye.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// Bytes as it is kept and sent.
    #[ts(type = "number")]
    pub size: u64,
    /// How far it is.
    pub state: FileState,
    /// Pages of a PDF, where they could be counted.
    pub pages: Option<u32>,
    /// Width and height of a picture as it is sent, in pixels.
    pub pixels: Option<(u32, u32)>,
    /// Letters of a text, all of them.
    #[ts(type = "number | null")]
    pub letters: Option<u64>,
    /// Of a text, only so many letters are sent.
    #[ts(type = "number | null")]
    pub trimmed: Option<u64>,
    /// There is a small picture of it: `file_picture`.
    pub pictured: bool,
}

/// What an attachment is, by what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum FileKind {
    /// Text, or a document whose text was taken out: sent as text.
    Text,
    /// A picture.
    Image,
    /// A PDF.
    Pdf,
    /// Sound.
    Audio,
}

/// How far an attachment is.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum FileState {
    /// It is being read.
    Reading,
    /// It can be sent.
    Ready,
    /// It can't be attached.
    Refused {
        /// Why, and what to do.
        problem: Problem,
    },
}

/// Who reads PDF files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum PdfReader {
    /// The model itself, if it takes files; what it reads are tokens.
    Native,
    /// OpenRouter's reader of text, at no cost.
    Free,
    /// OpenRouter's reader of scans, at $2 for a thousand pages.
    Ocr,
}

/// Whether and how the web is searched for an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export, export_to = "wire.ts")]
pub struct WebSearch {
    /// It is.
    pub on: bool,
    /// By whom; none leaves it to the service.
    pub engine: Option<WebEngine>,
    /// Results of a search, from 1 to 20; none leaves it to the service, which takes 5.
    pub results: Option<u32>,
    /// These sites alone, such as `example.org`; at most 20.
    pub only: Vec<String>,
    /// None of these sites; only without `only`.
    pub never: Vec<String>,
}

/// Who searches the web.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum WebEngine {
    /// The provider of the model.
    Native,
    /// Exa.
    Exa,
    /// Firecrawl.
    Firecrawl,
    /// Parallel.
    Parallel,
    /// Perplexity.
    Perplexity,
}
