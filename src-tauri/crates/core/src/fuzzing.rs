//! Everything that reads hostile bytes, each behind one function: what a fuzzer calls, and what replays its corpus.
//!
//! A target panics when something that must hold does not.

use crate::{
    connect::fuzzing::{link, paste, request},
    files::office::{packed, words},
};
use bytes::Bytes;
use openrouter::{ChatEvent, Error, testing as service};
use std::cell::RefCell;

/// Takes hostile bytes.
pub type Target = fn(&[u8]);

/// A target and its name, which is also that of its corpus.
pub const TARGETS: [(&str, Target); 9] = [
    ("request", request),
    ("link", link),
    ("paste", paste),
    ("exchange", exchange),
    ("error", error),
    ("chat", chat),
    ("envelope", vault::testing::read_file),
    ("markdown", markdown),
    ("office", office),
];

/// Gives the bytes to a target.
///
/// # Panics
/// There is no such target, or something that must hold does not.
pub fn run(target: &str, bytes: &[u8]) {
    let found = TARGETS.iter().find(|(name, _)| *name == target);
    assert!(found.is_some(), "no target is called {target}");
    found.into_iter().for_each(|(_, target)| target(bytes));
}

/// Runs a future on this thread.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: RefCell<Option<tokio::runtime::Runtime>> = const { RefCell::new(None) };
    }
    RUNTIME.with_borrow_mut(|runtime| {
        let runtime = runtime.get_or_insert_with(|| {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            let runtime = builder.enable_all().build();
            assert!(runtime.is_ok(), "no runtime");
            runtime.unwrap_or_else(|_| unreachable!())
        });
        runtime.block_on(work)
    })
}

/// An office document, or (by the first byte) one whose parts these bytes are.
fn office(bytes: &[u8]) {
    const MOST: usize = 64 * 1024;
    let Some((kind, rest)) = bytes.split_first() else {
        return;
    };
    let parts: &[(&str, &[u8])] = match kind % 5 {
        0 => &[],
        1 => &[("word/document.xml", rest), ("word/footnotes.xml", rest)],
        2 => &[("mimetype", b""), ("content.xml", rest)],
        3 => &[
            ("xl/workbook.xml", rest),
            ("xl/_rels/workbook.xml.rels", rest),
            ("xl/sharedStrings.xml", rest),
            ("xl/styles.xml", rest),
            ("xl/worksheets/sheet1.xml", rest),
        ],
        _ => &[
            ("ppt/presentation.xml", rest),
            ("ppt/_rels/presentation.xml.rels", rest),
            ("ppt/slides/slide1.xml", rest),
        ],
    };
    let archive = match parts {
        [] => Ok(rest.to_vec()),
        parts => packed(parts),
    };
    assert!(archive.is_ok(), "it could not be packed");
    let text = words(std::io::Cursor::new(archive.unwrap_or_default()), MOST);
    assert!(text.map_or(true, |text| text.len() <= MOST), "too long");
}

pub(crate) fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|part| part == needle)
}

/// The reply to an exchange: one byte for the status, the rest its body.
fn exchange(bytes: &[u8]) {
    let Some((status, body)) = status(bytes) else {
        return;
    };
    let answer = block_on(service::exchange_reply(status, body.to_vec()));
    if let Ok(exchanged) = answer {
        let key = exchanged.key.expose();
        let usable = (1..=512).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        assert!(status == 200 && usable, "{status} gave {key:?}");
    }
}

/// A refusal: one byte for the status, a line for `Retry-After`, the rest the body. Everything in it is bounded and
/// on one line.
fn error(bytes: &[u8]) {
    let Some((status, rest)) = status(bytes) else {
        return;
    };
    let mut parts = rest.splitn(2, |b| *b == b'\n');
    let wait = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let body = parts.next().unwrap_or_default();
    let read = service::error_body(status, Some(wait.as_str()).filter(|w| !w.is_empty()), body);
    let words = [
        read.error_type.as_deref(),
        read.provider.as_deref(),
        read.limit_source.as_deref(),
        read.reason.as_deref(),
        Some(read.message.as_str()),
    ];
    for text in words.into_iter().flatten() {
        assert!(
            text.chars().count() <= 2000 && !text.contains(char::is_control),
            "{text:?}"
        );
    }
    assert!(read.retry_after.is_none_or(|wait| wait.as_secs() <= 86_400));
    let _ = crate::problem::answer_api(&read);
}

fn status(bytes: &[u8]) -> Option<(u16, &[u8])> {
    const STATUSES: [u16; 16] = [
        200, 400, 401, 402, 403, 404, 405, 408, 409, 413, 429, 500, 502, 503, 524, 302,
    ];
    let (first, rest) = bytes.split_first()?;
    Some((STATUSES[usize::from(*first) % STATUSES.len()], rest))
}

/// A stream: one byte for the size of its pieces, the rest its body. Any cut of it ends in the same answer.
fn chat(bytes: &[u8]) {
    let Some((size, body)) = bytes.split_first() else {
        return;
    };
    let cut = answer(body.chunks(usize::from(*size).max(1)));
    if str::from_utf8(body).is_ok() {
        assert_eq!(cut, answer([body]), "it depends on how it was cut");
    }
}

/// The events of a stream, and whether it ended well.
fn answer<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<ChatEvent>, Result<(), String>) {
    let pieces = pieces.into_iter().map(Bytes::copy_from_slice).collect();
    block_on(async {
        let mut events = Vec::new();
        let outcome: Result<(), Error> = async {
            let mut stream = service::chat_stream(pieces)?;
            while let Some(event) = stream.next().await? {
                events.push(event);
            }
            Ok(())
        }
        .await;
        (events, outcome.map_err(|error| error.to_string()))
    })
}

/// A text of a model: one byte for the size of its pieces, the rest the text. Any cut of it ends in the same blocks,
/// and none of them can do anything.
fn markdown(bytes: &[u8]) {
    let Some((size, text)) = bytes.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(text);
    let whole = markdown::render(&text);
    let mut stream = markdown::Stream::new();
    let mut rest = &*text;
    while !rest.is_empty() {
        let end = rest.ceil_char_boundary(usize::from(*size).max(1).min(rest.len()));
        let (piece, more) = rest.split_at(end);
        stream.push(piece);
        inert(stream.blocks().1);
        inert(stream.open_line());
        rest = more;
    }
    stream.finish();
    assert_eq!(stream.blocks().0, whole, "it depends on how it was cut");
    whole.iter().for_each(|block| inert(block));
}

/// No tag that loads or runs, no attribute that does or that names an element.
fn inert(html: &str) {
    const TAGS: [&str; 20] = [
        "script", "img", "iframe", "object", "embed", "style", "link", "meta", "base", "form",
        "input", "svg", "video", "audio", "source", "template", "frame", "applet", "body",
        "textarea",
    ];
    const ATTRIBUTES: [&str; 8] = [
        "href", "src", "srcset", "style", "id", "name", "action", "srcdoc",
    ];
    for tag in html.split('<').skip(1) {
        let (inside, _) = tag.split_once('>').unwrap_or((tag, ""));
        let name = inside
            .trim_start_matches('/')
            .split(' ')
            .next()
            .unwrap_or_default();
        assert!(!TAGS.contains(&name), "<{name}> in {html:?}");
        // Values are quoted, and a quote in one is escaped: every other piece is outside of values.
        for outside in inside.split('"').step_by(2) {
            for attribute in outside.split([' ', '=']).filter(|word| *word != name) {
                let bad = ATTRIBUTES.contains(&attribute) || attribute.starts_with("on");
                assert!(!bad, "{attribute} in {html:?}");
            }
        }
    }
}
