//! More than one handle, thread or process on the file, and processes that die.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::thread;

use history::Finish;

use crate::*;

/// Where the child works; set for the child's process only.
const FOLDER: &str = "HISTORY_TEST_FOLDER";
/// Bytes that are saved at once.
const PIECE: usize = 300;
const ROUNDS: usize = 40;

#[test]
fn handles_opened_at_once_on_a_new_file_all_get_it() {
    let folder = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        for n in 0..8 {
            let path = folder.path();
            scope.spawn(move || begin(&open(path), &n.to_string(), n));
        }
    });
    assert_eq!(
        open(folder.path()).conversations(100, None).unwrap().len(),
        8
    );
}

#[test]
fn two_handles_lose_no_update_and_meet_no_lock() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (open(folder.path()), open(folder.path()));
    let (id, answer) = asked(&first);
    thread::scope(|scope| {
        for writer in 0..4 {
            let history = if writer % 2 == 0 { &first } else { &second };
            scope.spawn(move || {
                for n in 0..50 {
                    let parent = Some(answer.id);
                    history
                        .append(&user(id, parent, &format!("{writer} {n}")))
                        .unwrap();
                    history.conversations(10, None).unwrap();
                }
            });
        }
        scope.spawn(|| {
            for n in 0..200 {
                first
                    .save_progress(answer.id, &said(from(n, "."), NOTHING))
                    .unwrap();
            }
        });
    });
    let conversation = second.conversation(id).unwrap();
    assert_eq!(conversation.message_count, 202);
    let thread = second.thread(id, None).unwrap();
    assert_eq!(thread[2].sibling_count, 200);
    assert_eq!(thread[1].text.len(), 200);
    let mut texts: Vec<String> = second
        .siblings(thread[2].id)
        .unwrap()
        .into_iter()
        .map(|id| first.message(id).unwrap().text)
        .collect();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 200);
}

/// What the child tells, after the call that it tells of returned.
struct Told {
    id: MessageId,
    bytes: usize,
    finished: bool,
}

#[test]
fn what_was_acknowledged_survives_kill_9_in_the_middle_of_writing() {
    let folder = tempfile::tempdir().unwrap();
    let mut told: HashMap<MessageId, Told> = HashMap::new();
    let mut broken_off = 0;
    for round in 0..ROUNDS {
        for news in run_and_kill(folder.path(), 3 + round * 7 % 60) {
            told.insert(news.id, news);
        }
        let history = open(folder.path());
        history.check().unwrap();
        broken_off += history.recover(1).unwrap();
        for news in told.values() {
            let message = history.message(news.id).unwrap();
            let (text, bytes) = (&message.text, news.bytes);
            assert!(text.len() >= bytes, "{} of {bytes} bytes left", text.len());
            assert_eq!(*text, prose(text.len()));
            assert_eq!(message.reasoning, prose(text.len()));
            // In one transaction with the words: as many entries as pieces, whenever it was killed.
            let pieces = text.len().div_ceil(PIECE);
            assert_eq!(message.reasoning_details, array(pieces));
            assert_eq!(message.annotations, array(pieces));
            if news.finished {
                assert_eq!((message.status, text.len()), (Status::Done, bytes));
            }
        }
    }
    let finished = told.values().filter(|news| news.finished).count();
    println!(
        "{ROUNDS} kills, {} answers, {finished} finished, {broken_off} broken off",
        told.len()
    );
    assert!(broken_off > 0, "no kill came in the middle of an answer");
    assert!(finished > 0, "no answer was finished before a kill");
}

/// Starts the child on the folder, kills it after it told `lines` things, and returns all it told.
fn run_and_kill(folder: &Path, lines: usize) -> Vec<Told> {
    let told = killed("processes::child", FOLDER, folder, lines, 0);
    let told = told.iter().map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        Told {
            id: words[0].parse().unwrap(),
            bytes: words[1].parse().unwrap(),
            finished: words[2] == "finished",
        }
    });
    told.collect()
}

#[test]
#[ignore = "the process that the kill test starts and kills; writes until then"]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let history = open(Path::new(&folder));
    let mut out = std::io::stdout();
    let mut tell = |id: MessageId, bytes: usize, word: &str| {
        out.write_all(format!("told {id} {bytes} {word} .\n").as_bytes())
            .unwrap();
        out.flush().unwrap();
    };
    let id = begin(&history, "t", 1).id;
    for round in 1.. {
        let (_, answer) = history
            .exchange(&user(id, None, "why"), &pending(id, None))
            .unwrap();
        tell(answer.id, 0, "running");
        let text = prose(round * 997 % 5000);
        let (mut at, mut listed) = (0, 0);
        for (n, piece) in text.as_bytes().chunks(PIECE).enumerate() {
            let piece = from(at, str::from_utf8(piece).unwrap());
            let entry = entry(n);
            let progress = Progress {
                reasoning_details: from(listed, &entry),
                annotations: from(listed, &entry),
                ..said(piece, piece)
            };
            history.save_progress(answer.id, &progress).unwrap();
            at += piece.text.len();
            listed += entry.len();
            tell(answer.id, at, "running");
        }
        history
            .finish(answer.id, &Finish::new(Status::Done, 1))
            .unwrap();
        tell(answer.id, at, "finished");
    }
}

/// The entry of an array that is saved with a piece of text, after its comma.
fn entry(n: usize) -> String {
    let comma = if n == 0 { "" } else { "," };
    format!("{comma}{{\"n\":{n}}}")
}

fn array(entries: usize) -> Option<String> {
    let entries: String = (0..entries).map(entry).collect();
    (!entries.is_empty()).then(|| format!("[{entries}]"))
}

/// A text that differs everywhere from itself moved by a little.
fn prose(bytes: usize) -> String {
    (0..)
        .flat_map(|n: usize| format!("{n} ").into_bytes())
        .take(bytes)
        .map(char::from)
        .collect()
}
