//! Files as other programs write them, our own, and those of people who mean harm.

use super::*;
use crate::{export, wire::ExportForm};
use history::{NewConversation, NewMessage, Role, Status, Usage};
use scan::Scanner;
use std::{
    fs,
    io::{BufReader, Read},
};

mod cherry;
mod packed;

mod files;

struct Place {
    folder: tempfile::TempDir,
    history: History,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let history = History::open(folder.path()).unwrap();
        Self { folder, history }
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn bring(&self, file: &Path, keep: bool) -> ImportReport {
        let stop = AtomicBool::new(false);
        let order = Order {
            keep,
            model: "m/m".into(),
            now_ms: 9,
            stop: &stop,
        };
        run(&self.history, &[file.to_owned()], &order, &|_| {}).unwrap()
    }

    fn out(&self, form: ExportForm, name: &str) -> String {
        let stop = AtomicBool::new(false);
        let path = self.folder.path().join(name);
        let order = export::Order {
            form,
            which: None,
            stop: &stop,
        };
        export::run(&self.history, &path, &order, &|_| {}).unwrap();
        fs::read_to_string(path).unwrap()
    }

    /// The texts of the branch that is shown, of the only conversation.
    fn said(&self) -> Vec<(Role, String)> {
        let all = self.history.everything(true).unwrap();
        assert_eq!(all.len(), 1);
        let thread = self.history.thread(all[0], None).unwrap();
        thread
            .into_iter()
            .map(|message| (message.role, message.text))
            .collect()
    }
}

/// Looks, keeps, keeps again: what the look says is done, and the second time adds nothing.
fn brought(name: &str, text: impl AsRef<[u8]>) -> (Place, ImportReport) {
    let place = Place::new();
    let file = place.file(name, text);
    let looked = place.bring(&file, false);
    assert!(
        place.history.everything(true).unwrap().is_empty(),
        "a look stores nothing"
    );
    let done = place.bring(&file, true);
    assert_eq!(
        ImportReport {
            done: true,
            ..looked
        },
        done,
        "it does what it said"
    );
    let again = place.bring(&file, true);
    assert_eq!(
        (again.added, again.extended, again.messages),
        (0, 0, 0),
        "twice adds nothing"
    );
    (place, done)
}

fn lived_in() -> Place {
    let place = Place::new();
    let history = &place.history;
    let folder = history.create_folder("Trips", 5, 10).unwrap();
    let new = NewConversation {
        title: "Peaks \u{202e}<b>".into(),
        model: "a/b".into(),
        now_ms: 10,
    };
    let id = history.create_conversation(&new).unwrap().id;
    let mut message = NewMessage {
        conversation: id,
        parent: None,
        role: Role::User,
        text: "Which?".into(),
        reasoning: String::new(),
        model: None,
        options: None,
        status: Status::Done,
        now_ms: 11,
    };
    let question = history.append(&message).unwrap();
    for text in ["One", "Two"] {
        message = NewMessage {
            parent: Some(question.id),
            role: Role::Assistant,
            text: String::new(),
            model: Some("a/b".into()),
            status: Status::Streaming,
            now_ms: 12,
            ..message
        };
        let answer = history.append(&message).unwrap();
        let finish = history::Finish {
            text: Some(text.into()),
            reasoning: Some("Hm".into()),
            reasoning_details: Some(r#"[ {"signature":"s\u0000"} ]"#.into()),
            usage: Usage {
                cost_nanos: Some(1_234_567),
                prompt_tokens: Some(3),
                ..Usage::default()
            },
            generation_id: Some("gen-1".into()),
            ..history::Finish::new(Status::Done, 13)
        };
        history.finish(answer.id, &finish).unwrap();
        if text == "Two" {
            history.delete_message(answer.id, 14).unwrap();
        }
    }
    history.suggest_title(id, None, Some(77), 15).unwrap();
    history.set_draft(Some(id), "typed").unwrap();
    history
        .change_all(&[id], history::Change::Folder(Some(folder)))
        .unwrap();
    let gone = history
        .create_conversation(&NewConversation {
            title: "Gone".into(),
            ..new
        })
        .unwrap();
    history.delete(gone.id, 20).unwrap();
    place
}

#[test]
fn out_in_and_out_again_is_the_same_to_the_byte() {
    let place = lived_in();
    let first = place.out(ExportForm::Json, "first.json");
    for field in [
        "1234567",
        "gen-1",
        "signature",
        "Trips",
        "typed",
        "Gone",
        "\"cost_nanos\":77",
    ] {
        assert!(first.contains(field), "{field} is not in the file");
    }
    let (other, report) = brought("first.json", &first);
    assert_eq!(
        (report.added, report.messages, report.skipped_count),
        (2, 3, 0)
    );
    assert_eq!(other.out(ExportForm::Json, "second.json"), first);
    let cost = |place: &Place| place.history.cost_since(0).unwrap();
    assert_eq!(cost(&other), cost(&place));
    assert!(serde_json::from_str::<Value>(&first).is_ok(), "it is JSON");
}

#[test]
fn a_file_to_read_holds_the_shown_branch_and_can_run_nothing() {
    let place = lived_in();
    let page = place.out(ExportForm::Html, "page.html");
    assert!(page.contains("default-src 'none'") && page.contains("One"));
    assert!(!page.contains("Two") && !page.contains("<script") && !page.contains("<b>"));
    let text = place.out(ExportForm::Markdown, "page.md");
    assert!(
        text.contains("## a/b · $0.0012\n\n> Hm\n\nOne") && !text.contains("Gone"),
        "{text}"
    );
}

#[test]
fn a_stopped_export_leaves_what_was_there_and_nothing_else() {
    let place = lived_in();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kept.json");
    fs::write(&path, "before").unwrap();
    let stop = AtomicBool::new(true);
    let order = export::Order {
        form: ExportForm::Json,
        which: None,
        stop: &stop,
    };
    assert!(export::run(&place.history, &path, &order, &|_| {}).is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "before");
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "a part of a file is left"
    );
}

#[test]
fn a_file_that_ends_early_brings_in_what_is_whole_wherever_it_ends() {
    let file = lived_in().out(ExportForm::Json, "all.json");
    // A look stores nothing, so one place serves them all.
    let place = Place::new();
    for end in 0..file.len() {
        let Some(part) = file.get(..end) else {
            continue;
        };
        let path = place.file("part.json", part);
        let report = place.bring(&path, false);
        let whole = (report.added, report.messages) == (2, 3);
        assert!(
            whole || report.skipped_count > 0,
            "cut at {end}: {report:?}"
        );
        assert!(
            report.added <= 2 && report.messages <= 3,
            "cut at {end}: {report:?}"
        );
    }
}

#[test]
fn chatgpt() {
    let text = r#"[{"title":"Tea","conversation_id":"c1","create_time":1700000000.5,"update_time":1700000009,
        "current_node":"a2","mapping":{
        "root":{"id":"root","message":null,"parent":null,"children":["u"]},
        "a2":{"parent":"t","message":{"author":{"role":"assistant"},"create_time":1700000004,"recipient":"all",
            "content":{"content_type":"text","parts":["Green."]},"metadata":{"model_slug":"gpt-5"}}},
        "t":{"parent":"u","message":{"author":{"role":"assistant"},"create_time":1700000003,
            "content":{"content_type":"thoughts","thoughts":[{"content":"Weighing"}]}}},
        "u":{"parent":"root","message":{"author":{"role":"user"},"create_time":1700000002,
            "content":{"content_type":"multimodal_text","parts":[{"asset_pointer":"x"},"Which tea?"]}}},
        "a1":{"parent":"u","message":{"author":{"role":"assistant"},"create_time":1700000003,
            "content":{"content_type":"text","parts":[
            {"content_type":"audio_transcription","text":"Black.","direction":"out"}]}}}}},
        {"title":"Broken","mapping":[}, {"nothing":1}]"#;
    let (place, report) = brought("conversations-000.json", text);
    assert_eq!(
        place.said(),
        [
            (Role::User, "Which tea?".into()),
            (Role::Assistant, "Green.".into())
        ]
    );
    assert_eq!((report.messages, report.left_out), (3, 1));
    let id = place.history.everything(true).unwrap()[0];
    let thread = place.history.thread(id, None).unwrap();
    assert_eq!(
        (thread[1].reasoning.as_str(), thread[1].sibling_count),
        ("Weighing", 2)
    );
    assert_eq!(
        (thread[0].created_ms, thread[1].model.as_deref()),
        (1_700_000_002_000, Some("gpt-5"))
    );
}

#[test]
fn claude() {
    let text = r#"[{"uuid":"c","name":"Rain","created_at":"2025-01-02T03:04:05.000000Z","updated_at":"2025-01-02T03:04:06Z",
        "chat_messages":[{"uuid":"1","sender":"human","text":"Will it?","content":[{"type":"text","text":"Will it?"}],
        "attachments":[{"file_name":"a.txt","extracted_content":"``` cloud"}],"files":[{}]},
        {"uuid":"2","sender":"assistant","content":[{"type":"thinking","thinking":"Sky"},{"type":"text","text":"Yes."}]}]}]"#;
    let (place, report) = brought("conversations.json", text);
    let said = place.said();
    assert_eq!(said[0].1, "Will it?\n\n````\n``` cloud\n````");
    assert_eq!((said[1].1.as_str(), report.left_out), ("Yes.", 1));
}

#[test]
fn open_webui() {
    let text = r#"[{"id":"w","title":"Sum","created_at":1700000000,"pinned":true,"chat":{"models":["x/y"],"history":{
        "currentId":"b","messages":{"a":{"id":"a","parentId":null,"role":"user","content":"2+2?","timestamp":1700000001},
        "b":{"id":"b","parentId":"a","role":"assistant","model":"x/y","timestamp":1700000002,
        "content":"<details type=\"reasoning\" done=\"true\">\n<summary>Thought</summary>\n> Add\n</details>\n4"}}}}}]"#;
    let (place, _) = brought("chat.json", text);
    assert_eq!(place.said()[1].1, "4");
    let listed = r#"{"id":"w","chat":{"title":"Sum","messages":[{"role":"user","content":"2+2?","timestamp":2},
        {"role":"assistant","content":"4","timestamp":3}]}}"#;
    assert_eq!(brought("chat.json", listed).0.said().len(), 2);
    let id = place.history.everything(true).unwrap()[0];
    assert_eq!(place.history.thread(id, None).unwrap()[1].reasoning, "Add");
    let conversation = place.history.conversation(id).unwrap();
    assert_eq!(
        (conversation.pinned, conversation.model.as_str()),
        (true, "x/y")
    );
}

#[test]
fn libre_chat_in_both_its_forms() {
    let flat = r#"{"conversationId":"l","title":"Hi","options":{"model":"a/b"},"branches":true,"messages":[
        {"messageId":"1","parentMessageId":"00000000-0000-0000-0000-000000000000","isCreatedByUser":true,"text":"Hi"},
        {"messageId":"2","parentMessageId":"1","isCreatedByUser":false,"content":[{"type":"think","think":"T"},
        {"type":"text","text":{"value":"Hello"}}]}]}"#;
    let nested = r#"{"conversationId":"l","title":"Hi","recursive":true,"messagesTree":[{"messageId":"1","sender":"User",
        "text":"Hi","children":[{"messageId":"2","sender":"GPT","text":"Hello"}]}]}"#;
    let older = &nested.replace("messagesTree", "messages");
    for text in [flat, nested, older] {
        let (place, _) = brought("chat.json", text);
        assert_eq!(
            place.said(),
            [(Role::User, "Hi".into()), (Role::Assistant, "Hello".into())]
        );
    }
}

#[test]
fn the_chatroom_of_openrouter_in_its_versions() {
    let first = r#"{"version":"orpg.2.0","title":"R","characters":{"c":{"model":"a/b"}},"messages":{
        "m2":{"characterId":"c","content":"Yes","createdAt":"2025-01-01T00:00:02Z"},
        "m1":{"characterId":"USER","content":"So?","createdAt":"2025-01-01T00:00:01Z"}}}"#;
    let third = r#"{"version":"orpg.3.0","title":"R","characters":{"c":{"model":"a/b"}},"messages":{
        "m1":{"type":"user","createdAt":"2025-01-01T00:00:01Z","items":[{"id":"i1"}]},
        "m2":{"characterId":"c","parentMessageId":"m1","createdAt":"2025-01-01T00:00:02Z","items":[{"id":"i2"},{"id":"i3"}]}},
        "items":{"i1":{"data":{"type":"message","content":[{"type":"input_text","text":"So?"}]}},
        "i2":{"data":{"type":"reasoning","content":[{"type":"reasoning_text","text":"T"}]}},
        "i3":{"data":{"type":"message","content":[{"type":"output_text","text":"Yes"}]}}}}"#;
    for text in [first, third] {
        let (place, report) = brought("room.json", text);
        assert_eq!(
            place.said(),
            [(Role::User, "So?".into()), (Role::Assistant, "Yes".into())]
        );
        assert_eq!(report.sources, ["OpenRouter"]);
    }
}

#[test]
fn chatbox() {
    let text = r#"{"__exported_at":"x","session:1":{"id":"s","name":"Box","messages":[
        {"id":"1","role":"user","contentParts":[{"type":"text","text":"Q"}]},
        {"id":"2","role":"assistant","contentParts":[{"type":"text","text":"A"},{"type":"image","storageKey":"k"}]}],
        "messageForksHash":{"1":{"lists":[{"id":"f","messages":[{"id":"3","role":"assistant","content":"B"}]}]}}}}"#;
    let (place, report) = brought("chatbox.json", text);
    assert_eq!(
        place.said(),
        [(Role::User, "Q".into()), (Role::Assistant, "A".into())]
    );
    assert_eq!((report.messages, report.left_out), (3, 1));
}

#[test]
fn jan() {
    let lines = "{\"id\":\"1\",\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":{\"value\":\"Q\"}}],\"created_at\":1700000000}\n\
        {\"id\":\"2\",\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":{\"value\":\"A\"}}]}\n";
    let (place, _) = brought("threads/t1/messages.jsonl", lines);
    assert_eq!(
        place.said(),
        [(Role::User, "Q".into()), (Role::Assistant, "A".into())]
    );
}

#[test]
fn hostile_entries_are_named_and_the_rest_comes_in() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let good = r#"{"id":"good","name":"Good","messages":[{"id":"1","role":"user","content":"Q"}]}"#;
    let wrong = r#"{"id":7,"name":[],"messages":{"a":3},"mapping":null}"#;
    let circle = r#"{"id":"x","mapping":{"a":{"parent":"b","message":{"author":{"role":"user"},"content":{"content_type":"text","parts":["A"]}}},
        "b":{"parent":"a","message":{"author":{"role":"user"},"content":{"content_type":"text","parts":["B"]}}}}}"#;
    let (_, report) = brought(
        "all.json",
        format!("[{deep},{wrong},1,null,{circle},{good},{good}]"),
    );
    assert_eq!(
        (report.added, report.messages, report.skipped_count),
        (2, 3, 4)
    );
}

#[test]
fn a_long_stream_takes_the_memory_of_its_largest_piece() {
    // Counts what is held at once, without the disk: the buffers are the memory that grows with a file.
    struct Stream(u64);
    impl Read for Stream {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            const ENTRY: &[u8] = b"{\"text\":\"0123456789 0123456789 0123456789 0123456789\"},";
            let n = into.len().min(ENTRY.len() * 1000);
            for (at, byte) in (self.0..).zip(&mut into[..n]) {
                *byte = if at == 0 {
                    b'['
                } else {
                    ENTRY[usize::try_from(at - 1).unwrap() % ENTRY.len()]
                };
            }
            self.0 += n as u64;
            Ok(n)
        }
    }
    let mut scanner = Scanner::new(BufReader::with_capacity(64 * 1024, Stream(0)));
    scanner.enter(b'[').unwrap();
    let (mut largest, mut pieces) = (0, 0);
    while scanner.source().get_ref().0 < 50_000_000 {
        assert!(scanner.more(b']').unwrap());
        let Piece::Whole(bytes) = scanner.piece(ENTRY).unwrap() else {
            panic!("too large")
        };
        largest = largest.max(bytes.capacity());
        pieces += 1;
    }
    assert!(
        largest < 1024 && pieces > 800_000,
        "{largest} bytes, {pieces} pieces"
    );
}
