//! What is attached goes out and comes in with its conversation.

use super::*;
use crate::{files::Details, wire::FileKind};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use history::{AttachmentDraft, Content, ConversationId, MessageId};
use serde_json::json;

fn noise(length: usize) -> Vec<u8> {
    let byte = |n: usize| (n.wrapping_mul(2_654_435_761) >> 13) as u8;
    (0..length).map(byte).collect()
}

fn png(side: u32) -> Vec<u8> {
    let mut bytes = io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_fn(side, side, |x, y| image::Rgb([x as u8, y as u8, 7]));
    picture
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

fn draft(
    place: &Place,
    name: &str,
    kind: FileKind,
    media_type: &str,
    bytes: &[u8],
) -> AttachmentDraft {
    let (content, size) = place.history.keep_bytes(bytes).unwrap();
    AttachmentDraft {
        name: name.into(),
        content,
        size,
        words: None,
        details: Details::new(kind, media_type).json(),
        picture: None,
    }
}

/// A conversation whose question has a large PDF and a document with its words, whose answer has a picture, and in
/// whose draft the document waits again.
fn with_files() -> (Place, ConversationId, Vec<(Content, Vec<u8>)>) {
    let place = lived_in();
    let id = place.history.everything(false).unwrap()[0];
    let thread = place.history.thread(id, None).unwrap();
    let large = noise(2 * PIECE + 5);
    let (letter, words, picture) = (noise(999), b"Dear all".to_vec(), png(40));
    let pdf = draft(
        &place,
        "report.pdf",
        FileKind::Pdf,
        "application/pdf",
        &large,
    );
    let words_kept = place.history.keep_bytes(&words).unwrap().0;
    let letter_kept = AttachmentDraft {
        words: Some(words_kept),
        ..draft(
            &place,
            "letter.docx",
            FileKind::Text,
            "application/zip",
            &letter,
        )
    };
    let drawn = AttachmentDraft {
        picture: Some(png(20)),
        ..draft(
            &place,
            "Picture 1.png",
            FileKind::Image,
            "image/png",
            &picture,
        )
    };
    let attach =
        |to: MessageId, new: &AttachmentDraft| place.history.attach_to(to, new, 30).unwrap();
    attach(thread[0].id, &pdf);
    attach(thread[0].id, &letter_kept);
    attach(thread[1].id, &drawn);
    place.history.attach(Some(id), &letter_kept, 31).unwrap();
    let all = vec![
        (pdf.content, large),
        (letter_kept.content, letter),
        (words_kept, words),
        (drawn.content, picture),
    ];
    (place, id, all)
}

#[test]
fn attachments_go_out_and_come_in_to_the_byte() {
    let (place, id, all) = with_files();
    let first = place.out(ExportForm::Json, "first.json");
    let count = |content: &Content| {
        first
            .matches(&format!("{{\"content\":\"{content}\""))
            .count()
    };
    let pieces: Vec<_> = all.iter().map(|(content, _)| count(content)).collect();
    assert_eq!(pieces, [3, 1, 1, 1], "each once, in pieces");

    let other = Place::new();
    let file = other.file("first.json", &first);
    let looked = other.bring(&file, false);
    assert_eq!((looked.left_out, looked.skipped_count), (0, 0));
    assert!(
        !other.folder.path().join(history::FILES).exists(),
        "a look stores nothing"
    );
    other.bring(&file, true);
    for (content, bytes) in &all {
        assert_eq!(&fs::read(other.history.file_of(*content)).unwrap(), bytes);
    }
    assert_eq!(
        other.history.thread(id, None).unwrap(),
        place.history.thread(id, None).unwrap()
    );
    assert_eq!(
        other.history.attached(Some(id)).unwrap(),
        place.history.attached(Some(id)).unwrap()
    );
    assert_eq!(other.out(ExportForm::Json, "second.json"), first);
    let again = other.bring(&file, true);
    assert_eq!(
        (again.messages, again.left_out),
        (0, 0),
        "twice adds nothing"
    );
    assert_eq!(other.out(ExportForm::Json, "third.json"), first);
}

#[test]
fn a_page_shows_pictures_and_names_the_rest_and_what_is_gone_is_counted() {
    let (place, _, all) = with_files();
    let page = place.out(ExportForm::Html, "page.html");
    let picture = format!(
        "src=\"data:image/png;base64,{}\"",
        STANDARD.encode(&all[3].1)
    );
    assert_eq!(page.matches("<img").count(), 1);
    assert!(page.contains(&picture) && page.contains("Attached: report.pdf, 6 MB"));
    assert!(page.contains("default-src 'none'; img-src data:;"));
    let text = place.out(ExportForm::Markdown, "page.md");
    assert!(
        text.contains("*Attached: letter.docx, 999 bytes*"),
        "{text}"
    );

    for (content, _) in &all {
        fs::remove_file(place.history.file_of(*content)).unwrap();
    }
    let stop = AtomicBool::new(false);
    for (form, missing) in [(ExportForm::Json, 4), (ExportForm::Html, 1)] {
        let order = export::Order {
            form,
            which: None,
            stop: &stop,
        };
        let path = place.folder.path().join("gone");
        let done = export::run(&place.history, &path, &order, &|_| {}).unwrap();
        assert_eq!(done.missing, missing, "{form:?}");
    }
    // What has no bytes does not come in: no question could be asked with it.
    let text = fs::read_to_string(place.folder.path().join("gone")).unwrap();
    assert!(text.starts_with("<!doctype"));
    let gone = place.out(ExportForm::Json, "gone.json");
    let other = Place::new();
    let report = other.bring(&other.file("gone.json", &gone), true);
    assert_eq!((report.added, report.left_out), (2, 4));
}

/// An export of one question with these attachments, after these records.
fn made_up(files: &[Value], records: &[Value]) -> String {
    let message = json!({"message": {
        "id": "0190a5f0-0000-7000-8000-0000000000b1", "role": "user", "status": "done", "created_ms": 1, "text": "Hi",
        "attached": files,
    }});
    let conversation = json!({"conversation": {
        "id": "0190a5f0-0000-7000-8000-0000000000a1", "title": "t", "model": "a/b", "created_ms": 1, "updated_ms": 1,
        "leaf": "0190a5f0-0000-7000-8000-0000000000b1",
    }});
    let records: Vec<_> = records.iter().chain([&conversation, &message]).collect();
    json!({"format": FORMAT, "version": VERSION, "records": records}).to_string()
}

fn file(content: &str, change: &Value) -> Value {
    let mut file = json!({
        "id": "0190a5f0-0000-7000-8000-0000000000c1", "name": "a.txt", "content": content, "size": 3,
        "details": r#"{"kind":"text","media_type":"text/plain"}"#,
    });
    for (name, value) in change.as_object().unwrap() {
        file[name] = value.clone();
    }
    file
}

/// The SHA-256 of `abc`.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn piece(content: &str, size: u64, at: u64, bytes: &[u8]) -> Value {
    json!({"file": {"content": content, "size": size, "at": at, "data": STANDARD.encode(bytes)}})
}

#[test]
fn bytes_that_are_not_what_they_are_said_to_be_are_left_out_and_the_words_come_in() {
    let zeros = "0".repeat(64);
    let huge = 101 * 1024 * 1024;
    for (name, content, records) in [
        ("none", ABC, vec![]),
        ("others", &*zeros, vec![piece(&zeros, 3, 0, b"abc")]),
        ("changed", ABC, vec![piece(ABC, 3, 0, b"abd")]),
        ("too few", ABC, vec![piece(ABC, 3, 0, b"ab")]),
        ("too many", ABC, vec![piece(ABC, 3, 0, b"abcd")]),
        (
            "a gap",
            ABC,
            vec![piece(ABC, 3, 0, b"a"), piece(ABC, 3, 2, b"c")],
        ),
        ("the end alone", ABC, vec![piece(ABC, 3, 1, b"bc")]),
        (
            "another size",
            ABC,
            vec![piece(ABC, 3, 0, b"a"), piece(ABC, 4, 1, b"bc")],
        ),
        ("too large", ABC, vec![piece(ABC, huge, 0, b"abc")]),
        (
            "no base64",
            ABC,
            vec![json!({"file": {"content": ABC, "size": 3, "at": 0, "data": "!"}})],
        ),
        ("without its words", ABC, vec![piece(ABC, 3, 0, b"abc")]),
    ] {
        let words = match name {
            "without its words" => json!({"words": zeros}),
            _ => json!({}),
        };
        let (place, report) = brought("x.json", made_up(&[file(content, &words)], &records));
        assert_eq!((report.messages, report.left_out), (1, 1), "{name}");
        assert_eq!(place.said(), [(Role::User, "Hi".to_owned())], "{name}");
        let message = place
            .history
            .thread(place.history.everything(true).unwrap()[0], None);
        assert_eq!(message.unwrap()[0].attachments, [], "{name}");
    }
    // In several pieces, and after the conversation, they come.
    let mut text: Value = serde_json::from_str(&made_up(&[file(ABC, &json!({}))], &[])).unwrap();
    let records = text["records"].as_array_mut().unwrap();
    records.insert(1, piece(ABC, 3, 0, b"ab"));
    records.insert(2, piece(ABC, 3, 2, b"c"));
    let (place, report) = brought("x.json", text.to_string());
    assert_eq!(report.left_out, 0);
    assert_eq!(
        fs::read(place.history.file_of(ABC.parse().unwrap())).unwrap(),
        b"abc"
    );
}

#[test]
fn what_is_said_about_a_file_misleads_nobody_and_gets_into_no_request() {
    let small = STANDARD.encode(png(30));
    let large = STANDARD.encode(png(400));
    let script = STANDARD.encode("<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>");
    let hostile = r#"{"kind":"image","media_type":"x\",\"model\":\"dear"}"#;
    for (picture, kept) in [(small, true), (large, false), (script, false)] {
        let told = json!({"name": "re\u{202e}gpj.exe/../x", "details": hostile, "picture": picture, "size": 9_000});
        let text = made_up(&[file(ABC, &told)], &[piece(ABC, 3, 0, b"abc")]);
        let (place, _) = brought("x.json", &text);
        let message = place
            .history
            .thread(place.history.everything(true).unwrap()[0], None);
        let attached = message.unwrap().remove(0).attachments.remove(0);
        assert_eq!(
            (attached.name.as_str(), attached.size, attached.pictured),
            ("regpj.exe_.._x", 3, kept)
        );
        assert_eq!(Details::of(&attached).media_type, "text/plain");
    }
    // A name that is another's, details that are none, and more than there may be.
    let many: Vec<_> = (0..201)
        .map(|n| {
            file(
                ABC,
                &json!({"id": format!("0190a5f0-0000-7000-8000-000000001{n:03}")}),
            )
        })
        .collect();
    for files in [
        vec![file(ABC, &json!({})), file(ABC, &json!({}))],
        vec![file(ABC, &json!({"details": "{"}))],
        many,
    ] {
        let place = Place::new();
        let text = made_up(&files, &[piece(ABC, 3, 0, b"abc")]);
        let report = place.bring(&place.file("x.json", &text), true);
        assert_eq!((report.added, report.skipped_count), (0, 1));
    }
}
