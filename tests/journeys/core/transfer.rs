//! Exports and imports, as the window asks for them.

use crate::{
    harness::{Profile, connected, emulator},
    replies::ask_and_wait,
};
use causeway_core::wire::{AppEvent, ExportForm, ProblemCode, TransferProgress};
use std::{
    fs,
    sync::{Arc, Mutex},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_goes_out_and_comes_into_an_empty_profile_the_same_to_the_byte() {
    let (_emulator, app) = connected().await;
    let (first, _) = ask_and_wait(&app, "emulator/reasoning", "first").await;
    app.core.retry(&first.answer, None, None).await.unwrap();
    ask_and_wait(&app, "emulator/echo", "second").await;
    app.core.shut_down().await;
    let folder = tempfile::tempdir().unwrap();
    let (out, again) = (
        folder.path().join("out.json"),
        folder.path().join("again.json"),
    );
    let told = Arc::new(Mutex::new(Vec::<TransferProgress>::new()));
    let tell = || {
        let told = Arc::clone(&told);
        move |progress| told.lock().unwrap().push(progress)
    };
    assert_eq!(
        app.core
            .export(None, ExportForm::Json, tell())
            .await
            .unwrap(),
        None
    );
    *app.person.saves.lock().unwrap() = Some(out.clone());
    let exported = app
        .core
        .export(None, ExportForm::Json, tell())
        .await
        .unwrap();
    let exported = exported.unwrap();
    assert_eq!(exported.conversations, 2);
    assert_eq!(exported.bytes, fs::metadata(&out).unwrap().len());

    let other = Profile::new().start(&emulator().await.origin()).await;
    assert_eq!(other.core.import_look(tell()).await.unwrap(), None);
    let early = other.core.import(tell()).await.unwrap_err();
    assert_eq!(
        early.code,
        ProblemCode::Refused,
        "nothing was looked through"
    );
    *other.person.opens.lock().unwrap() = vec![out.clone()];
    let looked = other.core.import_look(tell()).await.unwrap().unwrap();
    assert_eq!((looked.added, looked.done), (2, false));
    assert!(
        other.core.snapshot().await.conversations.is_empty(),
        "a look"
    );
    let done = other.core.import(tell()).await.unwrap();
    assert_eq!(
        (done.added, done.messages, done.done),
        (2, looked.messages, true)
    );
    assert!(other.events.lock().unwrap().contains(&AppEvent::Replaced));
    assert_eq!(other.core.snapshot().await.conversations.len(), 2);
    let found = other.core.search("second", 0, None).await.unwrap();
    assert!(!found.messages.is_empty(), "what came in is found");

    *other.person.saves.lock().unwrap() = Some(again.clone());
    other
        .core
        .export(None, ExportForm::Json, tell())
        .await
        .unwrap();
    assert_eq!(fs::read(&out).unwrap(), fs::read(&again).unwrap());
    assert!(
        told.lock()
            .unwrap()
            .iter()
            .all(|told| (0.0..=1.0).contains(&told.part)),
        "parts of a whole"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_can_not_be_written_or_read_is_a_sentence_and_the_next_one_works() {
    let (_emulator, app) = connected().await;
    let (asked, _) = ask_and_wait(&app, "emulator/echo", "kept").await;
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("no/such/folder/x.json");
    *app.person.saves.lock().unwrap() = Some(nowhere.clone());
    let ids = [asked.conversation.clone()];
    let refused = app.core.export(Some(&ids), ExportForm::Html, |_| {}).await;
    assert!(!refused.unwrap_err().message.is_empty());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    *app.person.opens.lock().unwrap() = vec![nowhere];
    let report = app.core.import_look(|_| {}).await.unwrap().unwrap();
    assert_eq!((report.added, report.skipped_count), (0, 1), "{report:?}");

    *app.person.saves.lock().unwrap() = Some(folder.path().join("x.html"));
    let one = app.core.export(Some(&ids), ExportForm::Html, |_| {}).await;
    assert_eq!(one.unwrap().unwrap().conversations, 1);
    // Nothing runs: there is nothing to stop, and that is no error.
    app.core.stop_transfer();
}
