//! The disk is full at any page of any write: the write is named as that, and all of it or nothing is stored.

use crate::store::lock;
use crate::{
    Change, ConversationId, Delta, Error, Finish, History, MessageId, NewConversation, NewMessage,
    Progress, Role, Status,
};

/// A kind of write, tried again and again with more room.
type Write = fn(&History, &Stored) -> Result<(), Error>;

struct Stored {
    id: ConversationId,
    question: MessageId,
    running: MessageId,
    long: String,
}

fn message(conversation: ConversationId, role: Role, status: Status, text: &str) -> NewMessage {
    NewMessage {
        conversation,
        parent: None,
        role,
        text: text.into(),
        reasoning: String::new(),
        model: None,
        options: None,
        status,
        now_ms: 1,
    }
}

fn stored(history: &History) -> Stored {
    let new = NewConversation {
        title: "t".into(),
        model: "m".into(),
        now_ms: 1,
    };
    let id = history.create_conversation(&new).unwrap().id;
    let (question, answer) = history
        .exchange(
            &message(id, Role::User, Status::Done, "why"),
            &message(id, Role::Assistant, Status::Streaming, ""),
        )
        .unwrap();
    Stored {
        id,
        question: question.id,
        running: answer.id,
        // Different everywhere, so that its index needs room, too.
        long: (0..8_000)
            .map(|n| format!("{:x} ", n * 2_654_435_761_u64))
            .collect(),
    }
}

const WRITES: [(&str, Write); 11] = [
    ("a conversation", |h, s| {
        let title: String = s.long.chars().take(4_000).collect();
        for _ in 0..8 {
            h.create_conversation(&NewConversation {
                title: title.clone(),
                model: "m".into(),
                now_ms: 1,
            })?;
        }
        Ok(())
    }),
    ("a message", |h, s| {
        h.append(&message(s.id, Role::User, Status::Done, &s.long))
            .map(drop)
    }),
    ("a question and its answer", |h, s| {
        let question = message(s.id, Role::User, Status::Done, &s.long);
        let answer = message(s.id, Role::Assistant, Status::Streaming, "");
        h.exchange(&question, &answer).map(drop)
    }),
    ("progress", |h, s| {
        let text = Delta {
            at: 0,
            text: &s.long,
        };
        let progress = Progress {
            text,
            reasoning: text,
            ..Progress::default()
        };
        h.save_progress(s.running, &progress)
    }),
    ("an ending", |h, s| {
        let mut end = Finish::new(Status::Done, 2);
        end.text = Some(s.long.clone());
        h.finish(s.running, &end).map(drop)
    }),
    ("options", |h, s| {
        let json = format!("{:?}", s.long);
        h.set_options(s.id, Some(&json), None).map(drop)
    }),
    ("a draft", |h, s| h.set_draft(Some(s.id), &s.long)),
    ("a persona", |h, s| {
        let json = format!("{:?}", s.long);
        h.create_persona("p", None, &json, 1, 9).map(drop)
    }),
    ("folders", |h, s| {
        for n in 0..60 {
            let name = format!("{n}{}", &s.long[..900]);
            h.create_folder(&name, 1, 99)?;
        }
        Ok(())
    }),
    ("the index", |h, s| {
        let _ = h.append(&message(s.id, Role::User, Status::Done, &s.long))?;
        while h.index_some()?.left > 0 {}
        Ok(())
    }),
    ("moving and deleting", |h, s| {
        h.change_all(&[s.id], Change::Archived(true))?;
        h.delete_message(s.question, 3)?;
        h.restore_message(s.question)?;
        h.set_draft(None, &s.long)
    }),
];

#[test]
fn a_disk_that_is_full_at_any_page_of_any_write_is_named_and_loses_nothing() {
    for (what, write) in WRITES {
        let mut refused = 0;
        // Every page of the first ones, then fewer: the same code runs.
        for room in (0..12).chain((12..400).step_by(40)) {
            let folder = tempfile::tempdir().unwrap();
            let history = History::open(folder.path()).unwrap();
            let before = stored(&history);
            let thread = history.thread(before.id, None).unwrap();
            limit(&history, room);
            match write(&history, &before) {
                Ok(()) => break,
                Err(Error::DiskFull) => refused += 1,
                Err(other) => panic!("{what} with room for {room} pages: {other:?}"),
            }
            history.check().unwrap();
            assert_eq!(
                history.thread(before.id, None).unwrap()[0],
                thread[0],
                "{what}: what was there is not any more"
            );
            limit(&history, 1_000_000);
            // With room again the app goes on, in this run and the next.
            history
                .append(&message(before.id, Role::User, Status::Done, "on"))
                .unwrap();
            drop(history);
            let again = History::open(folder.path()).unwrap();
            let last = again.thread(before.id, None).unwrap();
            assert_eq!(last.last().unwrap().text, "on", "{what}");
        }
        assert!(refused > 0, "{what} never met a full disk");
    }
}

/// So many pages more than the file has may be used.
fn limit(history: &History, room: u32) {
    let writer = lock(&history.0.disk.writer);
    // What is free inside the file would be used first.
    let pages: u32 = writer
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();
    let most = format!("PRAGMA max_page_count = {}", pages.saturating_add(room));
    writer.query_row(&most, [], |_| Ok(())).unwrap();
}
