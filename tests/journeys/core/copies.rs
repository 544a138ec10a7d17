//! Copies of the conversations, and conversations that are in no file.

use crate::{
    harness::{Profile, connected, emulator},
    mirror::{Mirror, look},
    replies::ask_and_wait,
};
use causeway_core::testing::{held_conversation, history::History};
use causeway_core::wire::{AppEvent, Asked, CopyKind, ProblemCode, Question, Shelf};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_brought_back_and_the_windows_are_told_to_look_anew() {
    let (_emulator, app) = connected().await;
    let (first, _) = ask_and_wait(&app, "emulator/echo", "first").await;
    let place = app.core.copy_now().await.unwrap();
    assert_eq!(place.copies.len(), 1);
    assert!(place.bytes > 0 && place.problem.is_none());
    ask_and_wait(&app, "emulator/echo", "second").await;
    let place = app.core.bring_back(CopyKind::Last).await.unwrap();
    assert_eq!(place.copies[0].kind, CopyKind::Before);
    let list = app.core.snapshot().await.conversations;
    assert_eq!(list.len(), 1);
    assert_eq!(list[0].id, first.conversation);
    assert!(app.events.lock().unwrap().contains(&AppEvent::Replaced));
    let refused = app.core.begin_anew().await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::Refused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_conversations_leave_the_rest_usable_and_come_back_from_a_copy() {
    let (emulator, profile) = (emulator().await, Profile::new());
    held_conversation(profile.folder(), "kept", "emulator/echo", 4).unwrap();
    let history = History::open(profile.folder()).unwrap();
    history.back_up(1_700_000_000_000).unwrap();
    drop(history);
    let file = profile.folder().join("conversations.db");
    std::fs::write(&file, "dear diary, ".repeat(1_000)).unwrap();

    let app = profile.start(&emulator.origin()).await;
    app.sign_in(&emulator).await;
    let snapshot = app.core.snapshot().await;
    assert_eq!(snapshot.history_problem.unwrap().code, ProblemCode::Damaged);
    assert!(!app.core.models().await.models.is_empty(), "the rest works");
    let place = app.core.bring_back(CopyKind::Last).await.unwrap();
    assert_eq!(place.problem, None);
    let snapshot = app.core.snapshot().await;
    assert_eq!(snapshot.history_problem, None);
    assert_eq!(snapshot.conversations.len(), 1);
    let aside = std::fs::read_dir(profile.folder()).unwrap().flatten();
    let aside = aside.filter(|e| e.file_name().to_string_lossy().contains("damaged"));
    assert_eq!(aside.count(), 1, "what was damaged is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_no_copy_begins_anew_and_nothing_is_thrown_away() {
    let (emulator, profile) = (emulator().await, Profile::new());
    let file = profile.folder().join("conversations.db");
    std::fs::write(&file, "x".repeat(9_000)).unwrap();
    let app = profile.start(&emulator.origin()).await;
    app.sign_in(&emulator).await;
    let none = app.core.bring_back(CopyKind::Last).await.unwrap_err();
    assert_eq!(none.message, "This copy is not there any more.");
    app.core.begin_anew().await.unwrap();
    ask_and_wait(&app, "emulator/echo", "fresh").await;
    assert_eq!(app.core.snapshot().await.conversations.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_temporary_conversation_is_answered_and_nowhere_written() {
    let (_emulator, app) = connected().await;
    let question = |conversation: Option<String>, text: &str| Question {
        conversation,
        text: text.into(),
        model: "emulator/echo".into(),
        options: None,
        temporary: true,
        files: Vec::new(),
    };
    let asked = app.core.ask(question(None, "hush-hush one")).await.unwrap();
    let ended = |asked: &Asked| {
        let (app, asked) = (&app, asked.clone());
        async move {
            let mirror = Mirror::open(app, "main", &asked.conversation).await;
            mirror.end_of(&asked.answer).await
        }
    };
    ended(&asked).await;
    let id = asked.conversation.clone();
    let second = question(Some(id.clone()), "hush-hush two");
    ended(&app.core.ask(second).await.unwrap()).await;
    assert_eq!(look(&app, &id).await.messages.len(), 4);
    app.core
        .set_draft(Some(&id), "hush-hush three".into())
        .await
        .unwrap();

    assert_eq!(app.core.conversations(Shelf::Open, None).await.unwrap(), []);
    let found = app.core.search("hush", 0, None).await.unwrap();
    assert_eq!((found.conversations, found.messages), (vec![], vec![]));
    let mut folders = vec![app.profile.folder().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let there = bytes.windows(9).any(|part| part == b"hush-hush");
            assert!(!there, "it is in {}", path.display());
        }
    }
    app.core.forget(&id).await.unwrap();
    assert!(app.core.forget(&id).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conversations_move_to_another_folder_and_are_found_there_at_the_next_start() {
    let (emulator, profile) = (emulator().await, Profile::new());
    let app = profile.start(&emulator.origin()).await;
    app.sign_in(&emulator).await;
    let (first, _) = ask_and_wait(&app, "emulator/echo", "before").await;
    app.core.copy_now().await.unwrap();
    assert_eq!(
        app.core.move_data().await.unwrap(),
        None,
        "no folder is chosen"
    );

    let drive = tempfile::tempdir().unwrap();
    std::fs::write(drive.path().join("letter.txt"), "dear").unwrap();
    *app.person.folders.lock().unwrap() = Some(drive.path().to_owned());
    let place = app.core.move_data().await.unwrap().unwrap();
    let there = drive.path().canonicalize().unwrap().join("Causeway");
    assert_eq!(place.folder, there.display().to_string());
    assert_eq!(place.copies.len(), 1);
    for name in ["conversations.db", "conversations.db-wal", "backups"] {
        assert!(
            !profile.folder().join(name).exists(),
            "{name} is left behind"
        );
    }
    ask_and_wait(&app, "emulator/echo", "after").await;
    let again = app.core.move_data().await.unwrap_err();
    assert_eq!(again.code, ProblemCode::Refused, "{again:?}");
    app.core.shut_down().await;
    drop(app);

    let app = profile.start(&emulator.origin()).await;
    let listed = app.core.snapshot().await.conversations;
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().any(|one| one.id == first.conversation));
    app.core.shut_down().await;
    drop(app);

    // A drive that is not connected is told, and nothing begins in its place.
    let away = drive.path().join("away");
    std::fs::rename(&there, &away).unwrap();
    let app = profile.start(&emulator.origin()).await;
    let problem = app.core.snapshot().await.history_problem.unwrap();
    assert!(problem.message.contains("Connect its drive"), "{problem:?}");
    assert!(!profile.folder().join("conversations.db").exists() && !there.exists());
    std::fs::rename(&away, &there).unwrap();
    app.core.shut_down().await;
    drop(app);

    // What is damaged there is moved aside there, and so is what begins anew.
    std::fs::write(there.join("conversations.db"), "x".repeat(9_000)).unwrap();
    let app = profile.start(&emulator.origin()).await;
    let problem = app.core.snapshot().await.history_problem.unwrap();
    assert_eq!(problem.code, ProblemCode::Damaged);
    let place = app.core.begin_anew().await.unwrap();
    assert_eq!(place.folder, there.display().to_string());
    ask_and_wait(&app, "emulator/echo", "anew").await;
    assert!(!profile.folder().join("conversations.db").exists());
}
