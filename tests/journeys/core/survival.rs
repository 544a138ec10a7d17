//! What outlives a crash, quitting and a lost connection.

use crate::{
    harness::{Profile, connected, emulator},
    mirror::{Mirror, look},
    replies::{ask, ask_and_wait, words},
};
use causeway_core::wire::{Edit, Phase, ProblemCode as Code, Status, Thread};
use std::time::Duration;

#[test]
fn a_crash_in_the_middle_of_an_answer_keeps_what_came_and_says_that_it_broke_off() {
    let run = || {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(2).enable_all().build().unwrap()
    };
    let service = run();
    let emulator = service.block_on(emulator());
    let profile = Profile::new();
    let doomed = run();
    let (question, seen) = doomed.block_on(async {
        let app = profile.start(&emulator.origin()).await;
        app.sign_in(&emulator).await;
        let question = ask(&app, None, "emulator/prose-5000@500", "long")
            .await
            .unwrap();
        let mirror = Mirror::open(&app, "main", &question.conversation).await;
        let grown = |t: &Thread| t.messages[1].blocks.len() >= 3;
        let thread = mirror.until("three paragraphs", grown).await;
        (question, words(&thread.messages[1]))
    });
    // No farewell: every task stops where it is.
    doomed.shutdown_timeout(Duration::from_secs(5));
    run().block_on(async {
        let app = profile.start(&emulator.origin()).await;
        let thread = look(&app, &question.conversation).await;
        assert_eq!(thread.messages[0].text, "long");
        let answer = &thread.messages[1];
        assert_eq!(answer.meta.status, Status::Interrupted);
        let kept = words(answer);
        assert!(kept.len() > 100 && kept.starts_with(&seen[..100]), "{kept}");
        assert!(!thread.conversation.answering);
        let retried = app
            .core
            .retry(&question.answer, Some("emulator/echo".into()), None)
            .await
            .unwrap();
        let mirror = Mirror::open(&app, "main", &question.conversation).await;
        assert_eq!(words(&mirror.end_of(&retried.answer).await), "long");
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quitting_in_the_middle_of_an_answer_stores_all_of_it() {
    let (emulator, app) = connected().await;
    let question = ask(&app, None, "emulator/prose-5000@500", "long")
        .await
        .unwrap();
    let mirror = Mirror::open(&app, "main", &question.conversation).await;
    mirror
        .until("words", |t| t.messages[1].tail.len() > 50)
        .await;
    tokio::time::timeout(Duration::from_secs(2), app.core.shut_down())
        .await
        .unwrap();
    let again = app.profile.start(&emulator.origin()).await;
    let kept = look(&again, &question.conversation)
        .await
        .messages
        .remove(1);
    assert_eq!(kept.meta.status, Status::Stopped);
    assert_eq!(
        words(&kept),
        words(&mirror.now().messages[1]),
        "to the last word shown"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offline_the_question_is_kept_and_can_be_asked_again() {
    let (emulator, app) = connected().await;
    emulator.stop().await;
    let (asked_, answer) = ask_and_wait(&app, "emulator/echo", "are you there?").await;
    assert_eq!(answer.meta.status, Status::Failed);
    let problem = answer.meta.problem.unwrap();
    assert_eq!(problem.code, Code::Offline);
    assert_eq!(
        problem.message,
        "OpenRouter can't be reached. Your message is kept: send it again when the connection is back."
    );
    let thread = look(&app, &asked_.conversation).await;
    assert_eq!(thread.messages[0].text, "are you there?");
    assert!(matches!(app.now(), Phase::Connected { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drafts_are_kept_for_each_conversation_until_they_are_sent() {
    let (emulator, app) = connected().await;
    app.core.set_draft(None, "a new one".into()).await.unwrap();
    let (first, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    assert_eq!(
        app.core.draft(None).await.unwrap(),
        "",
        "sent: the draft is done"
    );
    let there = Some(&*first.conversation);
    app.core
        .set_draft(there, "half a thou".into())
        .await
        .unwrap();
    app.core.set_draft(None, "another".into()).await.unwrap();
    let again = app.profile.start(&emulator.origin()).await;
    assert_eq!(again.core.draft(there).await.unwrap(), "half a thou");
    assert_eq!(again.core.draft(None).await.unwrap(), "another");
    let mirror = Mirror::open(&again, "main", &first.conversation).await;
    let second = ask(&again, there, "emulator/echo", "half a thought")
        .await
        .unwrap();
    mirror.end_of(&second.answer).await;
    assert_eq!(again.core.draft(there).await.unwrap(), "");
    assert_eq!(again.core.draft(None).await.unwrap(), "another");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_words_begun_for_a_question_outlive_the_app_until_they_are_asked() {
    let (emulator, app) = connected().await;
    let (first, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    let question = look(&app, &first.conversation).await.messages[0]
        .meta
        .id
        .clone();
    let none = app.core.revision(&question).await.unwrap();
    assert_eq!(none, None);
    let begun = |text: &str| app.core.set_revision(&question, Some(text.into()));
    begun("hello, wor").await.unwrap();
    begun("hello, world").await.unwrap();
    let again = app.profile.start(&emulator.origin()).await;
    let kept = again.core.revision(&question).await.unwrap();
    assert_eq!(kept.as_deref(), Some("hello, world"));
    let asked = again
        .core
        .edit(Edit {
            message: question.clone(),
            text: "hello, world".into(),
            model: None,
            keep_files: true,
        })
        .await
        .unwrap();
    let mirror = Mirror::open(&again, "main", &asked.conversation).await;
    mirror.end_of(&asked.answer).await;
    assert_eq!(again.core.revision(&question).await.unwrap(), None);
}
