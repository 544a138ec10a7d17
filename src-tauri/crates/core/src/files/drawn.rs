//! Pictures that come with an answer: kept as they came, shown, and used further.

use super::{Details, picture, read, sniff};
use crate::wire::{self, FileKind, FileState};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use history::{Attachment, AttachmentDraft, History, Message, MessageId};
use serde_json::Value;

/// Most pictures of one answer.
const MOST: usize = 20;

/// Keeps the pictures among these parts with the answer. What is no picture, or can't be kept, is given back as it came.
/// May wait for the disk.
pub(crate) fn keep(
    history: &History,
    answer: MessageId,
    parts: &[Value],
    before: &[Attachment],
    now_ms: i64,
) -> (Vec<Attachment>, Vec<Value>) {
    let (mut kept, mut others) = (before.to_vec(), Vec::new());
    for part in parts {
        let number = kept.len() + 1;
        // Of a temporary conversation nothing reaches the disk.
        let room = number <= MOST && !answer.is_temporary();
        let Some(draft) = room.then(|| draft(history, part, number)).flatten() else {
            others.push(part.clone());
            continue;
        };
        // Some providers send a picture as it comes and once more at the end.
        if kept.iter().any(|known| known.content == draft.content) {
            continue;
        }
        match history.attach_to(answer, &draft, now_ms) {
            Ok(attached) => kept.push(attached),
            Err(_) => others.push(part.clone()),
        }
    }
    (kept, others)
}

/// The pictures of an answer in a temporary chat, as the window shows them: they stay with the answer as they came.
pub(crate) fn shown(message: &Message) -> impl Iterator<Item = wire::Attachment> {
    let id = message.id;
    let count = match id.is_temporary() {
        true => message.image_count as usize,
        false => 0,
    };
    (0..count.min(MOST)).map(move |number| wire::Attachment {
        id: format!("{id}/{number}"),
        name: format!("Picture {}", number + 1),
        kind: FileKind::Image,
        size: 0,
        state: FileState::Ready,
        pages: None,
        pixels: None,
        letters: None,
        trimmed: None,
        pictured: true,
    })
}

/// One of these pictures, by its number: its name, and its bytes where it is one.
pub(crate) fn fleeting(images: Option<&str>, number: usize) -> (String, Option<Vec<u8>>) {
    let list: Vec<Value> = images
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default();
    let bytes = list.get(number).and_then(bytes);
    let ending = bytes
        .as_deref()
        .and_then(|bytes| match sniff::sniff(bytes) {
            sniff::Found::Image(kind) => Some(kind.ending()),
            _ => None,
        });
    let name = format!("Picture {}", number + 1);
    match ending {
        Some(ending) => (format!("{name}.{ending}"), bytes),
        None => (name, None),
    }
}

fn bytes(part: &Value) -> Option<Vec<u8>> {
    let (_, text) = part["image_url"]["url"].as_str()?.split_once(";base64,")?;
    STANDARD.decode(text).ok()
}

fn draft(history: &History, part: &Value, number: usize) -> Option<AttachmentDraft> {
    let bytes = bytes(part)?;
    let sniff::Found::Image(kind) = sniff::sniff(&bytes) else {
        return None;
    };
    let (pixels, small) = picture::look(kind, &bytes).ok()?;
    let (content, size) = read::store(history, &bytes).ok()?;
    let details = Details {
        pixels: Some(pixels),
        ..Details::new(FileKind::Image, kind.media_type())
    };
    Some(AttachmentDraft {
        name: format!("Picture {number}.{}", kind.ending()),
        content,
        size,
        words: None,
        details: details.json(),
        picture: Some(small),
    })
}
