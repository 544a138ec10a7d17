//! Lists, folders, the trash and the search, through the core.

use crate::{harness::connected, mirror::look, replies::ask_and_wait};
use causeway_core::wire::{AppEvent, ProblemCode, Shelf, ShelfChange};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_is_found_soon_and_shown_on_its_branch() {
    let (_emulator, app) = connected().await;
    let (first, _) = ask_and_wait(&app, "emulator/echo", "a needle in here").await;
    let found = app.core.search("NEEDLE in", 0, None).await.unwrap();
    assert_eq!(
        found.messages.len(),
        2,
        "the question and its echo: {found:?}"
    );
    assert_eq!(found.conversations.len(), 1);
    assert!(
        found.messages[0]
            .excerpt
            .iter()
            .any(|p| p.hit && p.text == "needle")
    );

    for (text, count) in [
        ("needle model:echo", 1),
        ("needle model:prose", 0),
        ("needle after:1w", 2),
        ("needle before:2001", 0),
        ("here needle", 2),
        ("\"here needle\"", 0),
    ] {
        let found = app.core.search(text, 0, None).await.unwrap();
        assert_eq!(found.messages.len(), count, "{text}");
    }
    let strange = app.core.search("has:wings needle", 0, None).await.unwrap();
    assert_eq!(strange.strange, ["has:wings"]);

    // Another version of the answer is shown now; what was found is on the branch of before.
    let old = found.messages[0].message.clone();
    app.core.retry(&first.answer, None, None).await.unwrap();
    let conversation = app.core.reveal_message(&old).await.unwrap();
    assert_eq!(conversation, first.conversation);
    let shown = look(&app, &conversation).await.messages;
    assert_eq!(shown[1].meta.id, old);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conversations_go_into_folders_and_back_and_windows_are_told() {
    let (_emulator, app) = connected().await;
    let (asked, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    let ids = [asked.conversation.clone()];
    let folder = app.core.create_folder("  Tide \n tables ").await.unwrap();
    assert_eq!(folder.name, "Tide tables");
    let taken = app.core.create_folder("tide TABLES").await.unwrap_err();
    assert_eq!(taken.code, ProblemCode::Refused);
    let change = ShelfChange::Folder {
        id: Some(folder.id.clone()),
    };
    let moved = app.core.change_conversations(&ids, change).await.unwrap();
    assert_eq!(moved[0].folder.as_ref(), Some(&folder.id));
    let snapshot = app.core.snapshot().await;
    assert_eq!(snapshot.conversations, []);
    assert_eq!(snapshot.shelves.folders[0].count, 1);
    let told = AppEvent::Shelves {
        shelves: snapshot.shelves,
    };
    assert!(app.events.lock().unwrap().contains(&told));
    let inside = Shelf::Folder {
        id: folder.id.clone(),
    };
    assert_eq!(app.core.conversations(inside, None).await.unwrap(), moved);

    app.core.delete_folder(&folder.id).await.unwrap();
    let open = app.core.conversations(Shelf::Open, None).await.unwrap();
    assert_eq!(open[0].id, ids[0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_trash_is_emptied_when_that_is_asked_for_and_keeps_what_was_paid() {
    let (_emulator, app) = connected().await;
    let (asked, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    let ids = [asked.conversation.clone()];
    app.core.purge(Some(&ids)).await.unwrap();
    assert_eq!(
        app.core.snapshot().await.conversations.len(),
        1,
        "it was not in the trash"
    );
    app.core
        .change_conversations(&ids, ShelfChange::Deleted)
        .await
        .unwrap();
    assert_eq!(app.core.shelves().await.unwrap().trash, 1);
    app.core.purge(None).await.unwrap();
    assert_eq!(app.core.shelves().await.unwrap().trash, 0);
    assert!(
        app.core
            .change_conversations(&ids, ShelfChange::Restored)
            .await
            .unwrap()
            .is_empty()
    );
    let gone = app.core.search("hello", 0, None).await.unwrap();
    assert_eq!((gone.messages, gone.conversations), (vec![], vec![]));
}
