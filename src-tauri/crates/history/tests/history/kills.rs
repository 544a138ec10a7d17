//! The process dies in the middle of every kind of write.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use history::{Change, Finish, Shelf, Usage, Wanted, backups};
use rusqlite::Connection;

use crate::*;

/// Where the child works; set for the child's process only.
const FOLDER: &str = "HISTORY_KILL_FOLDER";
const ROUNDS: usize = 200;
/// What a purged answer cost, in nano-USD.
const COST: i64 = 700;

#[test]
fn whatever_was_acknowledged_survives_kill_9_during_every_kind_of_write() {
    let folder = tempfile::tempdir().unwrap();
    // The newest number that the child told of each kind; numbers go on from run to run.
    let mut told: BTreeMap<String, u32> = BTreeMap::new();
    let mut last_kinds: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..ROUNDS {
        let lines = run_and_kill(folder.path(), 1 + round * 7 % 41, round * 2_503 % 60_000);
        if let Some((kind, _)) = lines.last() {
            *last_kinds.entry(kind.clone()).or_default() += 1;
        }
        told.extend(lines);
        let history = open(folder.path());
        history.check().unwrap();
        history.recover(1).unwrap();
        holds(&history, folder.path(), &told, round);
    }
    println!("killed after: {last_kinds:?}");
    let kinds = told.len();
    assert!(kinds >= 9, "not every kind was reached: {told:?}");
    assert!(
        last_kinds.len() >= 6,
        "the kills hit few kinds: {last_kinds:?}"
    );
}

fn holds(history: &History, folder: &Path, told: &BTreeMap<String, u32>, round: usize) {
    let newest = |kind: &str| told.get(kind).copied().unwrap_or(0);
    let main = main_of(history);
    let number = |text: &str| text.parse::<u32>().unwrap_or(0);
    assert!(number(&main.title) >= newest("rename"), "round {round}");
    let draft = history.draft(Some(main.id)).unwrap();
    assert!(number(&draft) >= newest("draft"), "round {round}");
    let folders = history.folders().unwrap();
    let has = |n: u32| n == 0 || folders.iter().any(|f| f.name == n.to_string());
    assert!(has(newest("folder")), "round {round}");
    let gone = newest("purge");
    let spent = history.cost_since(0).unwrap();
    assert!(spent >= i64::from(gone) * COST, "round {round}: {spent}");
    let finished = newest("finish");
    if finished > 0 {
        let wanted = Wanted {
            words: vec![format!("needle{finished}end")],
            ..Wanted::default()
        };
        let found = history.search_messages(&wanted, 9, None, &mut |_| true);
        let found = found.unwrap().list;
        assert_eq!(found.len(), 1, "round {round}: what ended is not found");
    }
    if newest("copy") > 0 {
        let copies = backups(folder);
        assert!(!copies.is_empty(), "round {round}");
        for name in ["last.db", "day.db", "week.db"] {
            let path = folder.join(history::BACKUPS).join(name);
            if path.exists() {
                let copy = Connection::open(path).unwrap();
                let verdict: String = copy
                    .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
                    .unwrap();
                assert_eq!(verdict, "ok", "round {round}: {name}");
            }
        }
    }
    // The sums that triggers keep, the references, the inside of the indexes.
    let file = Connection::open(history.path()).unwrap();
    let wrong: i64 = file
        .query_row(
            "SELECT count(*) FROM conversation c WHERE
                 message_count <> (SELECT count(*) FROM message m WHERE m.conversation = c.key)
                 OR cost_nanos <> (SELECT coalesce(sum(cost_nanos), 0) FROM message m
                                   WHERE m.conversation = c.key)
                     + (SELECT coalesce(sum(cost_nanos), 0) FROM charge h
                        WHERE h.conversation = c.key)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(wrong, 0, "round {round}: sums are wrong");
    let broken = file
        .prepare("PRAGMA foreign_key_check")
        .unwrap()
        .query_map([], |_| Ok(()))
        .unwrap()
        .count();
    assert_eq!(broken, 0, "round {round}: references are broken");
    for index in ["said", "titles"] {
        let check = format!("INSERT INTO {index} ({index}) VALUES ('integrity-check')");
        file.execute(&check, []).unwrap();
    }
}

fn main_of(history: &History) -> Conversation {
    let pinned = history.shelf(Shelf::Pinned, 1, None).unwrap();
    pinned.into_iter().next().unwrap()
}

/// Starts the child on the folder, kills it a little after it told `lines` things, and returns what it told.
fn run_and_kill(folder: &Path, lines: usize, spin: usize) -> Vec<(String, u32)> {
    if !folder.join(history::FILE).exists() {
        let history = open(folder);
        let id = begin(&history, "0", 1).id;
        history.set_pinned(id, true).unwrap();
    }
    let words = killed("kills::child", FOLDER, folder, lines, spin);
    let told = words.iter().map(|line| {
        let (kind, number) = line.split_once(' ').unwrap();
        (kind.to_owned(), number.parse().unwrap())
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
    let main = main_of(&history).id;
    let known = history.folders().unwrap();
    let known = known.iter().filter_map(|f| f.name.parse::<u32>().ok());
    let title: u32 = history.conversation(main).unwrap().title.parse().unwrap();
    let first = known.max().unwrap_or(0).max(title) + 1;
    let mut out = std::io::stdout();
    let mut tell = |kind: &str, number: u32| {
        out.write_all(format!("told {kind} {number} .\n").as_bytes())
            .unwrap();
        out.flush().unwrap();
    };
    for n in first.. {
        history.rename(main, &n.to_string()).unwrap();
        tell("rename", n);
        history.set_draft(Some(main), &n.to_string()).unwrap();
        tell("draft", n);
        let folder = history.create_folder(&n.to_string(), 1, u32::MAX).unwrap();
        tell("folder", n);
        let id = begin(&history, &format!("t{n}"), i64::from(n)).id;
        let (_, answer) = history
            .exchange(&user(id, None, "why"), &pending(id, None))
            .unwrap();
        tell("exchange", n);
        let piece = from(0, "half ");
        history
            .save_progress(answer.id, &said(piece, piece))
            .unwrap();
        tell("progress", n);
        let mut end = Finish::new(Status::Done, 5);
        end.text = Some(format!("needle{n}end {}", "prose ".repeat(200)));
        end.usage = Usage {
            cost_nanos: Some(COST),
            ..Usage::default()
        };
        history.finish(answer.id, &end).unwrap();
        tell("finish", n);
        let other = history.append(&user(main, None, "other")).unwrap();
        history.delete_message(other.id, 6).unwrap();
        history.restore_message(other.id).unwrap();
        tell("message", n);
        history
            .suggest_title(id, Some("better"), Some(3), 7)
            .unwrap();
        history.set_options(id, Some("{}"), Some("m")).unwrap();
        for change in [
            Change::Folder(Some(folder)),
            Change::Archived(true),
            Change::Archived(false),
        ] {
            history.change_all(&[id], change).unwrap();
        }
        tell("move", n);
        history.index_some().unwrap();
        tell("index", n);
        if n % 3 == 0 {
            history.back_up(i64::from(n) * 40_000_000).unwrap();
            tell("copy", n);
        }
        let doomed = begin(&history, "doomed", 9).id;
        let (_, answer) = history
            .exchange(&user(doomed, None, "why"), &pending(doomed, None))
            .unwrap();
        history.finish(answer.id, &end_of(COST)).unwrap();
        history.delete(doomed, 10).unwrap();
        history.purge(&[doomed]).unwrap();
        tell("purge", n - first + 1);
    }
}

fn end_of(cost: i64) -> Finish {
    let mut end = Finish::new(Status::Done, 5);
    end.usage.cost_nanos = Some(cost);
    end
}
