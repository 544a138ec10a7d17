//! The store through its public face: one file on a real disk, other processes and real damage
//! included.
#![expect(
    clippy::unwrap_used,
    reason = "the lint's leave for tests stops at their helpers"
)]

mod answers;
mod backups;
mod branches;
mod changes;
mod comparisons;
mod conversations;
mod faults;
mod files;
mod flips;
mod kills;
mod many;
mod processes;
mod search;
mod shelves;
mod stretches;
mod temporary;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use history::{
    Conversation, ConversationId, Delta, History, Message, MessageId, NewConversation, NewMessage,
    Progress, Role, Status,
};
use tempfile::TempDir;

/// A history of its own, gone with the folder.
fn fresh() -> (TempDir, History) {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path());
    (folder, history)
}

fn open(folder: &Path) -> History {
    History::open(folder).unwrap()
}

/// Starts an ignored test as a process of its own, which works in `folder` and is told so by an environment variable.
/// When it has told so many lines, and so long after, it is killed. What it told: a line that the kill cut short counts
/// for nothing.
fn killed(test: &str, variable: &str, folder: &Path, lines: usize, spin: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture", "--quiet"])
        .env(variable, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        // The test harness's own lines are none of ours.
        let Some(line) = line
            .strip_prefix("told ")
            .and_then(|line| line.strip_suffix(" ."))
        else {
            continue;
        };
        told.push(line.to_owned());
        if told.len() == lines {
            for _ in 0..spin {
                std::hint::spin_loop();
            }
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(told.len() >= lines, "the child ended by itself");
    told
}

fn begin(history: &History, title: &str, now_ms: i64) -> Conversation {
    let new = NewConversation {
        title: title.into(),
        model: "acme/prose-1".into(),
        now_ms,
    };
    history.create_conversation(&new).unwrap()
}

fn says(
    role: Role,
    conversation: ConversationId,
    parent: Option<MessageId>,
    text: &str,
) -> NewMessage {
    NewMessage {
        conversation,
        parent,
        role,
        text: text.into(),
        reasoning: String::new(),
        model: None,
        options: None,
        status: Status::Done,
        now_ms: 10,
    }
}

fn user(conversation: ConversationId, parent: Option<MessageId>, text: &str) -> NewMessage {
    says(Role::User, conversation, parent, text)
}

/// An answer that is still to come.
fn pending(conversation: ConversationId, parent: Option<MessageId>) -> NewMessage {
    NewMessage {
        model: Some("acme/prose-1".into()),
        status: Status::Streaming,
        ..says(Role::Assistant, conversation, parent, "")
    }
}

/// A conversation with one question and its running answer.
fn asked(history: &History) -> (ConversationId, Message) {
    let id = begin(history, "t", 1).id;
    let (_, answer) = history
        .exchange(&user(id, None, "why"), &pending(id, None))
        .unwrap();
    (id, answer)
}

const NOTHING: Delta<'static> = Delta { at: 0, text: "" };

fn from(at: usize, text: &str) -> Delta<'_> {
    Delta { at, text }
}

fn said<'a>(text: Delta<'a>, reasoning: Delta<'a>) -> Progress<'a> {
    Progress {
        text,
        reasoning,
        ..Progress::default()
    }
}
