//! Copies, and what they bring back.

use std::fs;

use history::{BACKUPS, Error, FILE, Kept, backups, put_back};
use rusqlite::Connection;

use crate::*;

const HOUR: i64 = 3_600_000;
const NOW: i64 = 1_700_000_000_000;

fn titles(history: &History) -> Vec<String> {
    let list = history.conversations(100, None).unwrap();
    list.into_iter().map(|c| c.title).collect()
}

fn kept(folder: &Path) -> Vec<(Kept, i64)> {
    let found = backups(folder).into_iter();
    found.map(|b| (b.kept, (b.taken_ms - NOW) / HOUR)).collect()
}

#[test]
fn the_last_a_day_old_and_a_week_old_are_kept() {
    let (folder, history) = fresh();
    let folder = folder.path();
    begin(&history, "t", 1);
    let at = |hours: i64| history.back_up(NOW + hours * HOUR).unwrap();
    at(0);
    assert_eq!(kept(folder), [(Kept::Last, 0)]);
    at(5);
    assert_eq!(kept(folder), [(Kept::Last, 5), (Kept::Day, 0)]);
    at(10);
    assert_eq!(kept(folder), [(Kept::Last, 10), (Kept::Day, 0)]);
    at(30);
    let all = [(Kept::Last, 30), (Kept::Day, 10), (Kept::Week, 0)];
    assert_eq!(kept(folder), all);
    at(60);
    let all = [(Kept::Last, 60), (Kept::Day, 30), (Kept::Week, 0)];
    assert_eq!(kept(folder), all, "the week's stays for a week");
    at(24 * 8);
    let all = [(Kept::Last, 192), (Kept::Day, 60), (Kept::Week, 30)];
    assert_eq!(kept(folder), all);
    let names = fs::read_dir(folder.join(BACKUPS)).unwrap().count();
    assert_eq!(names, 3, "something else was left behind");
}

#[test]
fn a_copy_brings_back_what_there_was_and_what_there_is_can_be_had_again() {
    let (folder, history) = fresh();
    begin(&history, "old", 1);
    history.back_up(NOW).unwrap();
    begin(&history, "new", 2);
    // Another process has it open, and a reader of this one has read.
    let other = open(folder.path());
    assert_eq!(titles(&other), ["new", "old"]);

    history.bring_back(Kept::Last, NOW + HOUR).unwrap();
    assert_eq!(titles(&history), ["old"]);
    assert_eq!(titles(&other), ["old"]);
    begin(&other, "later", 3);
    assert_eq!(titles(&history), ["later", "old"]);
    history.check().unwrap();

    history.bring_back(Kept::Before, NOW + 2 * HOUR).unwrap();
    assert_eq!(titles(&history), ["new", "old"]);
    assert_eq!(titles(&open(folder.path())), ["new", "old"]);
}

#[test]
fn what_is_written_while_a_copy_is_made_waits_for_nothing_and_is_not_lost() {
    let (folder, history) = fresh();
    let id = begin(&history, "t", 1).id;
    let filler = (0..2_000).map(|n| user(id, None, &format!("{n} {}", "text ".repeat(100))));
    history.append_chain(id, filler).unwrap();
    std::thread::scope(|scope| {
        let copying = scope.spawn(|| history.back_up(NOW).unwrap());
        while !copying.is_finished() {
            history.append(&user(id, None, "meanwhile")).unwrap();
        }
    });
    history.check().unwrap();
    let copy = Connection::open(folder.path().join(BACKUPS).join("last.db")).unwrap();
    let count: i64 = copy
        .query_row("SELECT count(*) FROM message", [], |row| row.get(0))
        .unwrap();
    assert!(count >= 2_000, "{count}");
}

#[test]
fn a_damaged_database_is_found_by_its_copy_and_takes_no_older_ones_place() {
    let (folder, history) = fresh();
    let id = begin(&history, "t", 1).id;
    history
        .append(&user(id, None, &"text ".repeat(20_000)))
        .unwrap();
    let good = history.back_up(NOW).unwrap();
    history.checkpoint().unwrap();
    let schema = Connection::open(history.path()).unwrap();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'message_siblings'";
    let root: u64 = schema
        .query_row(root, [], |row| row.get::<_, i64>(0))
        .unwrap()
        .try_into()
        .unwrap();
    drop(schema);
    faults::overwrite(history.path(), (root - 1) * 4096, &[0xa5; 64]);
    let refused = history.back_up(NOW + HOUR);
    assert!(matches!(refused, Err(Error::Corrupt { .. })), "{refused:?}");
    assert_eq!(backups(folder.path()), [good]);
    let left = fs::read_dir(folder.path().join(BACKUPS)).unwrap().count();
    assert_eq!(left, 1, "half a copy was left behind");

    history.bring_back(Kept::Last, NOW + HOUR).unwrap();
    history.check().unwrap();
    assert_eq!(titles(&history), ["t"]);
}

#[test]
fn a_database_that_cannot_be_opened_is_replaced_by_a_copy_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path());
    begin(&history, "t", 1);
    history.back_up(NOW).unwrap();
    drop(history);
    let file = folder.path().join(FILE);
    fs::write(&file, "dear diary, ".repeat(1000)).unwrap();
    assert!(History::open(folder.path()).is_err());
    let aside = put_back(folder.path(), Kept::Last, NOW).unwrap();
    assert_eq!(titles(&open(folder.path())), ["t"]);
    let diary = fs::read_to_string(aside.join(FILE)).unwrap();
    assert!(diary.starts_with("dear diary"));
}

#[test]
fn a_copy_that_is_no_use_changes_nothing() {
    let (folder, history) = fresh();
    begin(&history, "t", 1);
    let none = history.bring_back(Kept::Week, NOW);
    assert!(matches!(none, Err(Error::NotFound { .. })), "{none:?}");
    history.back_up(NOW).unwrap();
    let copy = folder.path().join(BACKUPS).join("last.db");
    let newer = Connection::open(&copy).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let refused = history.bring_back(Kept::Last, NOW);
    assert!(
        matches!(refused, Err(Error::NewerSchema { .. })),
        "{refused:?}"
    );
    fs::write(&copy, "no database").unwrap();
    let refused = history.bring_back(Kept::Last, NOW);
    assert!(matches!(refused, Err(Error::Corrupt { .. })), "{refused:?}");
    assert!(put_back(folder.path(), Kept::Last, NOW).is_err());
    assert_eq!(titles(&history), ["t"]);
    assert!(!folder.path().join(format!("{FILE}.part")).exists());
}

#[test]
fn whether_something_was_written_since_is_known() {
    let (_folder, history) = fresh();
    begin(&history, "t", 1);
    assert!(history.changed_since_backup());
    let later = 4_000_000_000_000;
    history.back_up(later).unwrap();
    assert!(!history.changed_since_backup());
    history.back_up(1).unwrap();
    // The day's copy is now the one of that far future; the newest counts.
    assert!(!history.changed_since_backup());
}

#[test]
fn everything_moves_to_another_folder_or_nothing_does() {
    let (folder, history) = fresh();
    let id = begin(&history, "moves along", 1).id;
    let (content, _) = history.keep_bytes(b"attached").unwrap();
    history.back_up(5).unwrap();
    let target = tempfile::tempdir().unwrap();
    let at = |name: &str| target.path().join(name).exists();

    // When the switch fails it is as if nothing had been tried.
    let refused = history.relocate(target.path(), || Err(Error::DiskFull));
    assert!(matches!(refused, Err(Error::DiskFull)), "{refused:?}");
    assert_eq!(fs::read_dir(target.path()).unwrap().count(), 0);
    begin(&history, "still here", 2);

    history.relocate(target.path(), || Ok(())).unwrap();
    assert!(at(FILE) && at(BACKUPS) && at(history::FILES));
    // Whoever has the old one open writes nothing that would be lost.
    let late = history.set_draft(None, "late");
    assert!(matches!(late, Err(Error::Busy)), "{late:?}");
    drop(history);
    assert!(history::remove_conversations(folder.path()));
    assert!(!history::holds_conversations(folder.path()));

    let moved = History::open(target.path()).unwrap();
    moved.check().unwrap();
    assert_eq!(moved.conversation(id).unwrap().title, "moves along");
    assert_eq!(moved.conversations(9, None).unwrap().len(), 2);
    assert_eq!(fs::read(moved.file_of(content)).unwrap(), b"attached");
    assert_eq!(backups(target.path())[0].taken_ms, 5);
    let taken = moved.relocate(target.path(), || Ok(()));
    assert!(matches!(taken, Err(Error::Taken { .. })), "{taken:?}");
    moved.set_draft(None, "on").unwrap();
}
