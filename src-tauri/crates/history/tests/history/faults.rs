//! Files that are damaged, newer, older, or not ours to write.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use history::{Error, FILE, Shelf, Usage, Wanted, move_aside};
use rusqlite::Connection;

use crate::*;

/// A closed database of some size, whole in its one file.
fn stored(folder: &Path) -> ConversationId {
    let history = open(folder);
    let id = begin(&history, "t", 1).id;
    for n in 0..50 {
        history
            .append(&user(id, None, &format!("{n} {}", "text ".repeat(400))))
            .unwrap();
    }
    id
}

pub fn overwrite(file: &Path, at: u64, bytes: &[u8]) {
    let mut file = fs::OpenOptions::new().write(true).open(file).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(bytes).unwrap();
}

#[test]
fn a_damaged_file_is_named_left_alone_and_can_be_moved_aside() {
    let page = 4096;
    for damage in [
        "not a database",
        "a page of noise",
        "its schema zeroed",
        "cut short",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        stored(folder.path());
        assert!(
            fs::metadata(&file).unwrap().len() > 20 * page,
            "too small to damage"
        );
        match damage {
            "not a database" => fs::write(&file, "dear diary, ".repeat(1000)).unwrap(),
            "a page of noise" => overwrite(&file, 9 * page, &[0xa5; 4096]),
            "its schema zeroed" => overwrite(&file, 100, &[0; 3996]),
            _ => {
                let file = fs::OpenOptions::new().write(true).open(&file).unwrap();
                file.set_len(10 * page).unwrap();
            }
        }
        let bytes = fs::read(&file).unwrap();

        let refused = History::open(folder.path()).map(drop);
        assert!(
            matches!(refused, Err(Error::Corrupt { .. })),
            "{damage}: {refused:?}"
        );
        assert!(
            fs::read(&file).unwrap() == bytes,
            "{damage}: the file was changed"
        );

        let aside = move_aside(folder.path(), 1_700_000_000_123).unwrap();
        assert_eq!(
            aside.file_name().unwrap(),
            "conversations-damaged-2023-11-14-221320-123"
        );
        assert!(
            fs::read(aside.join(FILE)).unwrap() == bytes,
            "{damage}: moved, but changed"
        );
        assert_eq!(open(folder.path()).conversations(1, None).unwrap(), []);
    }
}

#[test]
fn moving_aside_takes_the_log_and_the_index_along() {
    let folder = tempfile::tempdir().unwrap();
    let parts = ["", "-wal", "-shm"].map(|suffix| format!("{FILE}{suffix}"));
    for part in &parts {
        fs::write(folder.path().join(part), part).unwrap();
    }
    let aside = move_aside(folder.path(), 0).unwrap();
    for part in &parts {
        assert_eq!(&fs::read_to_string(aside.join(part)).unwrap(), part);
        assert!(!folder.path().join(part).exists());
    }
    let again = move_aside(folder.path(), 0);
    assert!(
        matches!(again, Err(Error::Folder { .. })),
        "an earlier one was overwritten"
    );
}

#[test]
fn damage_that_came_while_open_is_found_by_a_check() {
    let (folder, history) = fresh();
    let id = begin(&history, "t", 1).id;
    history
        .append(&user(id, None, &"text ".repeat(100_000)))
        .unwrap();
    history.check().unwrap();
    history.checkpoint().unwrap();
    drop(history);
    let connection = Connection::open(folder.path().join(FILE)).unwrap();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'message_siblings'";
    let root: u32 = connection.query_row(root, [], |row| row.get(0)).unwrap();
    drop(connection);
    let history = open(folder.path());
    overwrite(
        &folder.path().join(FILE),
        u64::from(root - 1) * 4096,
        &[0xa5; 64],
    );
    let found = history.check();
    assert!(matches!(found, Err(Error::Corrupt { .. })), "{found:?}");
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    stored(folder.path());
    let file = folder.path().join(FILE);
    let newer = Connection::open(&file).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let bytes = fs::read(&file).unwrap();
    let refused = History::open(folder.path()).map(drop);
    assert!(
        matches!(refused, Err(Error::NewerSchema { found: 99, .. })),
        "{refused:?}"
    );
    assert!(
        fs::read(&file).unwrap() == bytes,
        "the newer file was changed"
    );
}

#[test]
fn a_file_that_may_only_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    stored(folder.path());
    let file = folder.path().join(FILE);
    // SQLite's own mark for "not to be written by this version"; modes do not hold for root.
    overwrite(&file, 18, &[3]);
    let refused = History::open(folder.path()).map(drop);
    assert!(matches!(refused, Err(Error::ReadOnly)), "{refused:?}");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    fs::write(&file, "").unwrap();
    let refused = History::open(&file.join("below")).map(drop);
    assert!(matches!(refused, Err(Error::Folder { .. })), "{refused:?}");
    fs::create_dir(folder.path().join(FILE)).unwrap();
    let refused = History::open(folder.path()).map(drop);
    assert!(matches!(refused, Err(Error::Folder { .. })), "{refused:?}");
}

#[cfg(unix)]
#[test]
fn folder_and_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("new").join("profile");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let history = open(&folder);
    begin(&history, "t", 1);
    assert_eq!(mode(&folder), 0o700);
    for suffix in ["", "-wal", "-shm"] {
        assert_eq!(
            mode(&folder.join(format!("{FILE}{suffix}"))),
            0o600,
            "{suffix}"
        );
    }
    drop(history);
    let file = folder.join(FILE);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    drop(open(&folder));
    assert_eq!(
        mode(&file),
        0o600,
        "a file made readable for others stayed so"
    );
}

#[test]
fn a_closed_database_is_one_file() {
    let folder = tempfile::tempdir().unwrap();
    stored(folder.path());
    let names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(names, [FILE]);
}

#[test]
fn the_first_version_is_walked_to_the_head_with_everything_in_it() {
    let fixture = include_str!("../fixtures/version-1.sql");
    let migration = include_str!("../../migrations/0001-conversations.sql");
    assert!(
        fixture.contains(migration),
        "a released migration was changed; write a new one"
    );

    let folder = tempfile::tempdir().unwrap();
    let connection = Connection::open(folder.path().join(FILE)).unwrap();
    connection.execute_batch(fixture).unwrap();
    drop(connection);

    let history = open(folder.path());
    history.check().unwrap();
    assert_eq!(history.recover(1_700_000_009_000).unwrap(), 1);
    let [conversation] = &history.conversations(10, None).unwrap()[..] else {
        panic!()
    };
    assert_eq!(
        conversation.id.to_string(),
        "018bcfe5-6800-7000-8000-00000000000a"
    );
    assert_eq!(
        (conversation.cost_nanos, conversation.message_count),
        (5600, 3)
    );
    assert!(conversation.pinned);
    let thread = history.thread(conversation.id, None).unwrap();
    assert_eq!(
        thread
            .iter()
            .map(|m| (m.role, m.status, m.text.as_str()))
            .collect::<Vec<_>>(),
        [
            (Role::User, Status::Done, "Why two tides?"),
            (Role::Assistant, Status::Interrupted, "Because of gravity"),
        ]
    );
    assert_eq!(
        (thread[1].reasoning.as_str(), thread[1].sibling_index),
        ("Hm.", 1)
    );
    let first = history
        .message(history.siblings(thread[1].id).unwrap()[0])
        .unwrap();
    assert_eq!(
        first.reasoning_details.as_deref(),
        Some(r#"[{"b":1,"a":2}]"#)
    );
    assert_eq!(
        first.usage,
        Usage {
            prompt_tokens: Some(12),
            completion_tokens: Some(34),
            cost_nanos: Some(5600),
            ..Usage::default()
        }
    );
    assert_eq!(history.options(conversation.id).unwrap(), None);
    assert!(
        history.is_titled(conversation.id).unwrap(),
        "nobody knows who gave an old title: it stays"
    );
    assert_eq!(history.personas().unwrap(), []);
    assert_eq!(history.next_lookup().unwrap(), None);
    assert_eq!(history.shelf(Shelf::Pinned, 9, None).unwrap().len(), 1);
    while history.index_some().unwrap().left > 0 {}
    let wanted = Wanted {
        words: vec!["moon pulls".into()],
        ..Wanted::default()
    };
    let found = history
        .search_messages(&wanted, 9, None, &mut |_| true)
        .unwrap();
    assert_eq!(
        found.list.len(),
        1,
        "what was there before is not searchable"
    );
    assert_eq!(history.attached(None).unwrap(), []);
    assert_eq!(history.draft(None).unwrap(), "unsent");
    assert_eq!(
        history.draft(Some(conversation.id)).unwrap(),
        "and neap tides?"
    );
}
