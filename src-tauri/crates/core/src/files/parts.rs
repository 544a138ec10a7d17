//! From what is attached to what is asked.

use super::{Details, text};
use crate::{
    options, problem,
    wire::{FileKind, Options, PdfReader, Problem, ProblemCode as Code, WebEngine},
};
use history::{Attachment, Content, History, Message, Role};
use openrouter::{
    ChatMessage, ChatRequest, Content as Said, Media, Part, PdfEngine, Plugin, ServerTool,
    WebPlugin, WebTool,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io::Read,
};

/// What a model takes and gives beside words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Takes {
    pub images: bool,
    pub files: bool,
    pub audio: bool,
    pub tools: bool,
    /// It makes pictures.
    pub draws: bool,
}

impl Takes {
    /// Of a model that the catalogue does not know, nothing is held back; its PDFs are read for it.
    pub const UNKNOWN: Self = Self {
        images: true,
        files: false,
        audio: true,
        tools: true,
        draws: false,
    };
}

/// A conversation as it is sent.
pub(crate) struct Prepared {
    pub messages: Vec<ChatMessage>,
    pub pdfs: Pdfs,
}

/// The PDFs in what is sent.
pub(crate) struct Pdfs {
    /// By the names they are sent with.
    pub files: Vec<(String, Content)>,
    /// Who reads them.
    reader: PdfEngine,
}

impl Default for Pdfs {
    fn default() -> Self {
        Self {
            files: Vec::new(),
            reader: PdfEngine::CloudflareAi,
        }
    }
}

/// What was read in a file, as it is kept: by whom, for one that reads scans sees more.
#[derive(Serialize, Deserialize)]
struct Reading {
    scans: bool,
    annotation: Value,
}

/// Says why a model can't be asked with this attached, if it can't.
///
/// # Errors
/// It sees no pictures, or hears no sound.
pub(crate) fn can_take(model: &str, takes: Takes, attached: &[Attachment]) -> Result<(), Problem> {
    let has = |kind| attached.iter().any(|file| Details::of(file).kind == kind);
    let text = if has(FileKind::Image) && !takes.images {
        format!("{model} can't see pictures. Choose a model that can, or leave the picture out.")
    } else if has(FileKind::Audio) && !takes.audio {
        format!("{model} can't hear. Choose a model that takes sound, or leave the recording out.")
    } else {
        return Ok(());
    };
    Err(Problem::new(Code::OtherModel, text))
}

/// Reads what a branch says and has attached. May wait for the disk.
///
/// # Errors
/// A file is missing or can't be read.
pub(crate) fn prepare(
    history: &History,
    thread: &[Message],
    takes: Takes,
    options: &Options,
) -> Result<Prepared, Problem> {
    let names = names(thread);
    let mut pdfs = Pdfs {
        files: Vec::new(),
        reader: reader(options, takes),
    };
    let scans = pdfs.reader == PdfEngine::MistralOcr;
    // Of these nothing is good enough that was read before.
    let mut anew = HashSet::new();
    let mut messages = Vec::new();
    for (at, message) in thread.iter().enumerate() {
        if message.text.is_empty() && message.attachments.is_empty() {
            continue;
        }
        if message.role != Role::User {
            messages.push(spoken(history, message, takes, &anew));
            continue;
        }
        let mut words = Vec::new();
        let mut media = Vec::new();
        if !message.text.is_empty() {
            words.push(Part::Text(message.text.clone()));
        }
        for file in &message.attachments {
            let details = Details::of(file);
            let name = names.get(&file.id).unwrap_or(&file.name).clone();
            match details.kind {
                FileKind::Text => words.push(Part::Text(inlined(history, file, &details, &name)?)),
                FileKind::Image if takes.images => {
                    media.push(Part::Image(stored(history, file, &details)?));
                }
                FileKind::Audio if takes.audio => media.push(Part::Audio {
                    format: format(&details),
                    data: stored(history, file, &details)?,
                }),
                FileKind::Image | FileKind::Audio => {
                    words.push(Part::Text(format!(
                        "[“{name}” was attached here, which you can't take.]"
                    )));
                }
                FileKind::Pdf => {
                    pdfs.files.push((name.clone(), file.content));
                    let stored_reading = history.reading(file.content).ok().flatten();
                    let known: Option<Reading> =
                        stored_reading.and_then(|json| serde_json::from_str(&json).ok());
                    if scans && known.as_ref().is_some_and(|known| !known.scans) {
                        anew.insert(name.clone());
                    }
                    let told = thread[at..].iter().any(|later| tells_of(later, &name));
                    let silent = pdfs.reader == PdfEngine::Native || told || anew.contains(&name);
                    match known.filter(|_| !silent) {
                        Some(known) => {
                            read_before(&name, &known.annotation, takes, &mut words, &mut media);
                        }
                        None => media.push(Part::File {
                            name,
                            data: stored(history, file, &details)?,
                        }),
                    }
                }
            }
        }
        words.append(&mut media);
        let mut question = ChatMessage::words(openrouter::Role::User, String::new());
        question.content = match words.as_mut_slice() {
            [Part::Text(text)] if message.attachments.is_empty() => {
                Said::Text(std::mem::take(text))
            }
            _ => Said::Parts(words),
        };
        messages.push(question);
    }
    Ok(Prepared { messages, pdfs })
}

/// What the service does beside asking the model.
pub(crate) fn extras(options: &Options, takes: Takes, pdfs: bool, request: &mut ChatRequest) {
    if pdfs {
        request.plugins.push(Plugin::pdf(reader(options, takes)));
    }
    let web = &options.web;
    if web.on {
        let engine = web.engine.map(engine);
        let (only, never) = (web.only.clone(), web.never.clone());
        if takes.tools {
            request.tools.push(ServerTool::WebSearch(WebTool {
                engine,
                max_results: web.results,
                allowed_domains: only,
                excluded_domains: never,
            }));
        } else {
            request.plugins.push(Plugin::Web(WebPlugin {
                engine,
                max_results: web.results,
                include_domains: only,
                exclude_domains: never,
            }));
        }
    }
    if takes.draws {
        request.modalities = vec!["image", "text"];
    }
}

/// Who reads PDFs: never left to the service, whose own choice may cost.
fn reader(options: &Options, takes: Takes) -> PdfEngine {
    match options.pdf {
        Some(PdfReader::Ocr) => PdfEngine::MistralOcr,
        Some(PdfReader::Free) => PdfEngine::CloudflareAi,
        Some(PdfReader::Native) | None if takes.files => PdfEngine::Native,
        Some(PdfReader::Native) | None => PdfEngine::CloudflareAi,
    }
}

fn engine(engine: WebEngine) -> &'static str {
    match engine {
        WebEngine::Native => "native",
        WebEngine::Exa => "exa",
        WebEngine::Firecrawl => "firecrawl",
        WebEngine::Parallel => "parallel",
        WebEngine::Perplexity => "perplexity",
    }
}

/// A model's words, or those of another role, as the service takes them.
fn spoken(
    history: &History,
    message: &Message,
    takes: Takes,
    anew: &HashSet<String>,
) -> ChatMessage {
    let role = match message.role {
        Role::User => openrouter::Role::User,
        Role::Assistant => openrouter::Role::Assistant,
        Role::System => openrouter::Role::System,
    };
    let drawn = message.attachments.iter().filter(|_| takes.draws);
    // A picture that is gone is no reason not to go on.
    let images = drawn.filter_map(|file| stored(history, file, &Details::of(file)).ok());
    let images: Vec<_> = images.collect();
    // No message is empty.
    let text = match message.text.is_empty() && images.is_empty() {
        true => "[A picture was here, which you can't take.]".to_owned(),
        false => message.text.clone(),
    };
    ChatMessage {
        reasoning_details: options::json(message.reasoning_details.as_deref()),
        annotations: annotations(message, anew),
        images,
        ..ChatMessage::words(role, text)
    }
}

/// What came with an answer, but what was read in files that are read anew.
fn annotations(message: &Message, anew: &HashSet<String>) -> Option<Value> {
    let mut annotations = options::json(message.annotations.as_deref())?;
    if let Value::Array(list) = &mut annotations {
        let stale = |one: &Value| {
            one["file"]["name"]
                .as_str()
                .is_some_and(|name| anew.contains(name))
        };
        list.retain(|one| !stale(one));
    }
    Some(annotations)
}

/// Names as they are sent: two files of one name and different content are told apart.
fn names(thread: &[Message]) -> HashMap<history::AttachmentId, String> {
    let mut taken: HashMap<String, Content> = HashMap::new();
    let mut names = HashMap::new();
    for file in thread.iter().flat_map(|message| &message.attachments) {
        let mut name = file.name.clone();
        let mut nth = 2;
        while taken
            .get(&name)
            .is_some_and(|content| *content != file.content)
        {
            name = match file.name.rsplit_once('.') {
                Some((stem, ending)) => format!("{stem} ({nth}).{ending}"),
                None => format!("{} ({nth})", file.name),
            };
            nth += 1;
        }
        taken.insert(name.clone(), file.content);
        names.insert(file.id, name);
    }
    names
}

/// True when this answer brings what was read in the file of this name.
fn tells_of(message: &Message, name: &str) -> bool {
    // A cheap look first: most answers have no annotations at all.
    message.annotations.as_deref().is_some_and(|json| {
        let list: Vec<Value> = serde_json::from_str(json).unwrap_or_default();
        list.iter()
            .any(|one| one["type"] == "file" && one["file"]["name"] == name)
    })
}

/// What was read in a file before, in its place: asked again beside the first answer, nothing else brings it.
fn read_before(
    name: &str,
    annotation: &Value,
    takes: Takes,
    words: &mut Vec<Part>,
    media: &mut Vec<Part>,
) {
    let parts = annotation["file"]["content"].as_array();
    let mut texts = Vec::new();
    for part in parts.into_iter().flatten() {
        match part["text"].as_str() {
            Some(text) => texts.push(text),
            None if takes.images && part["type"] == "image_url" => {
                media.push(Part::Json(part.clone()));
            }
            None => {}
        }
    }
    words.push(Part::Text(text::fenced(name, &texts.join("\n"), None)));
}

fn inlined(
    history: &History,
    file: &Attachment,
    details: &Details,
    name: &str,
) -> Result<String, Problem> {
    let path = history.file_of(file.words.unwrap_or(file.content));
    let words = fs::read_to_string(path).map_err(|_| missing(&file.name))?;
    let letters = details.trimmed.and_then(|n| usize::try_from(n).ok());
    let end = letters.and_then(|n| words.char_indices().nth(n));
    Ok(match end {
        Some((end, _)) => text::fenced(name, &words[..end], Some(words.chars().count())),
        None => text::fenced(name, &words, None),
    })
}

fn stored(history: &History, file: &Attachment, details: &Details) -> Result<Media, Problem> {
    let path = history.file_of(file.content);
    if !fs::metadata(&path).is_ok_and(|found| found.len() == file.size) {
        return Err(missing(&file.name));
    }
    Ok(Media::new(
        details.media_type.clone(),
        file.size,
        move || Ok(Box::new(File::open(&path)?) as Box<dyn Read + Send>),
    ))
}

fn missing(name: &str) -> Problem {
    let text = format!(
        "“{name}” is missing among the stored files. Edit the question, and attach it again."
    );
    Problem::new(Code::Refused, text)
}

/// The service's word for a format of sound.
fn format(details: &Details) -> &'static str {
    const KNOWN: [&str; 7] = ["wav", "mp3", "aiff", "aac", "ogg", "flac", "m4a"];
    let word = details.format.as_deref().unwrap_or_default();
    KNOWN
        .into_iter()
        .find(|known| *known == word)
        .unwrap_or("wav")
}

/// Keeps what the service read in files, so that it is never read again.
pub(crate) fn keep_readings(history: &History, pdfs: &Pdfs, annotations: &[Value]) {
    let mut kept = HashSet::new();
    for annotation in annotations.iter().filter(|one| one["type"] == "file") {
        let name = annotation["file"]["name"].as_str().unwrap_or_default();
        let found = pdfs.files.iter().find(|(known, _)| known == name);
        let reading = Reading {
            scans: pdfs.reader == PdfEngine::MistralOcr,
            annotation: annotation.clone(),
        };
        if let Some((_, content)) = found
            && kept.insert(*content)
            && let Ok(json) = serde_json::to_string(&reading)
            && let Err(error) = history.set_reading(*content, &json)
        {
            // It is read again, then; nothing else is lost.
            tracing::warn!(
                "what was read in a file could not be kept: {}",
                problem::history(&error).message
            );
        }
    }
}
