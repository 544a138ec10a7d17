//! Conversations: asking, stopping, branching, and what outlives the app.

use crate::{
    harness::{asked, connected, eventually},
    mirror::{Mirror, look},
    replies::{ask, ask_and_wait, words},
};
use causeway_core::wire::{AppEvent, ProblemCode as Code, Role, Shelf, ShelfChange, Status};

const CHAT: &str = "/api/v1/chat/completions";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_and_its_answer_are_there_after_a_restart() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    let (asked_, answer) =
        ask_and_wait(&app, "anthropic/claude-sonnet-4.5", "Why is the sky blue?").await;
    assert_eq!(answer.meta.model_name, "Claude Sonnet 4.5");
    assert!(answer.meta.cost_usd.is_some_and(|cost| cost > 0.0));
    let sent = asked(&emulator, "POST", CHAT).remove(0);
    let body = sent.json().unwrap();
    assert_eq!(body["model"], "anthropic/claude-sonnet-4.5");
    assert_eq!(body["stream"], true);
    assert_eq!(
        body["messages"],
        serde_json::json!([{"role": "user", "content": "Why is the sky blue?"}])
    );
    for request in emulator.requests() {
        assert_eq!(request.header("x-openrouter-title"), Some("Causeway"));
        assert_eq!(
            request.header("x-openrouter-categories"),
            Some("general-chat")
        );
        assert!(
            request
                .header("http-referer")
                .is_some_and(|url| url.starts_with("https://"))
        );
    }
    assert_eq!(emulator.violations(), Vec::<String>::new());

    let before = look(&app, &asked_.conversation).await;
    app.core.shut_down().await;
    let again = app.profile.start(&emulator.origin()).await;
    again.core.models().await;
    let list = again.core.snapshot().await.conversations;
    assert_eq!(list.len(), 1);
    assert_eq!(list[0].title, "Why is the sky blue?");
    assert_eq!(list[0].cost_usd, answer.meta.cost_usd.unwrap());
    let after = look(&again, &asked_.conversation).await;
    assert_eq!(after.messages, before.messages);
    assert_eq!(after.conversation, list[0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_question_carries_the_conversation_and_its_reasoning() {
    let (emulator, app) = connected().await;
    let (first, _) = ask_and_wait(&app, "emulator/case-reasoning-then-text", "one").await;
    let mirror = Mirror::open(&app, "main", &first.conversation).await;
    let second = ask(&app, Some(&first.conversation), "emulator/echo", "two")
        .await
        .unwrap();
    mirror.end_of(&second.answer).await;
    let body = asked(&emulator, "POST", CHAT)[1].json().unwrap();
    let messages = body["messages"].as_array().unwrap();
    let roles: Vec<_> = messages
        .iter()
        .map(|m| m["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["user", "assistant", "user"]);
    assert_eq!(messages[1]["content"], "Hi!");
    let details = messages[1]["reasoning_details"].as_array().unwrap();
    let texts: String = details
        .iter()
        .map(|d| d["text"].as_str().unwrap())
        .collect();
    assert_eq!(
        texts, "The user says hi.",
        "sent back unchanged and in order"
    );
    assert_eq!(body["session_id"], *first.conversation);
    assert_eq!(
        asked(&emulator, "POST", CHAT)[0].json().unwrap()["session_id"],
        *first.conversation
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_keeps_the_words_that_came() {
    let (emulator, app) = connected().await;
    let question = ask(&app, None, "emulator/prose-5000@400", "long")
        .await
        .unwrap();
    let mirror = Mirror::open(&app, "main", &question.conversation).await;
    mirror
        .until("some words", |t| {
            t.messages[1].blocks.len() + t.messages[1].tail.len() > 200
        })
        .await;
    app.core.stop(&question.answer).await.unwrap();
    let answer = mirror.end_of(&question.answer).await;
    assert_eq!(
        (answer.meta.status, &answer.meta.problem),
        (Status::Stopped, &None)
    );
    let text = words(&answer);
    assert!(
        text.starts_with("The harbour was quiet") && text.len() < 20_000,
        "{text}"
    );
    assert_eq!(
        look(&app, &question.conversation).await.messages,
        mirror.now().messages
    );
    app.core.stop(&question.answer).await.unwrap();
    // The provider is told by the closed connection: it charges what was said, not the rest.
    eventually("the service notices", || emulator.keys()[0].usage > 0.0).await;
    let again = app.profile.start(&emulator.origin()).await;
    let kept = look(&again, &question.conversation)
        .await
        .messages
        .remove(1);
    assert_eq!((kept.meta.status, words(&kept)), (Status::Stopped, text));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_has_not_begun_can_be_stopped_too() {
    let (_emulator, app) = connected().await;
    let question = ask(&app, None, "emulator/slow-start-60", "wait")
        .await
        .unwrap();
    let mirror = Mirror::open(&app, "main", &question.conversation).await;
    app.core.stop(&question.answer).await.unwrap();
    let answer = mirror.end_of(&question.answer).await;
    assert_eq!(
        (answer.meta.status, words(&answer)),
        (Status::Stopped, String::new())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_makes_a_sibling_and_the_first_answer_can_be_chosen_again() {
    let (emulator, app) = connected().await;
    let (first, answer) = ask_and_wait(&app, "emulator/echo", "hello").await;
    let mirror = Mirror::open(&app, "main", &first.conversation).await;
    let retried = app
        .core
        .retry(&first.answer, Some("emulator/case-plain".into()), None)
        .await
        .unwrap();
    mirror
        .until("the order to look anew", |_| mirror.must_reload())
        .await;
    let mirror = Mirror::open(&app, "main", &first.conversation).await;
    let second = mirror.end_of(&retried.answer).await;
    assert_eq!(words(&second), "Hello there.");
    assert_eq!((second.meta.sibling, second.meta.siblings), (1, 2));
    let shown = look(&app, &first.conversation).await;
    assert_eq!(shown.messages, mirror.now().messages);
    assert_eq!(shown.messages.len(), 2, "the question stands once");

    app.core.select_branch(&retried.answer, 0).await.unwrap();
    let back = look(&app, &first.conversation).await.messages.remove(1);
    assert_eq!(
        (back.meta.id.as_str(), words(&back)),
        (&*first.answer, words(&answer))
    );
    assert_eq!((back.meta.sibling, back.meta.siblings), (0, 2));
    let again = app.profile.start(&emulator.origin()).await;
    let kept = look(&again, &first.conversation).await.messages.remove(1);
    assert_eq!(kept.meta.id, first.answer, "the choice outlives the app");
    let gone = app
        .core
        .select_branch(&retried.answer, 2)
        .await
        .unwrap_err();
    assert_eq!(
        gone.message,
        "This conversation or message is not there any more."
    );

    let question = look(&app, &first.conversation)
        .await
        .messages
        .remove(0)
        .meta
        .id;
    let refused = app.core.retry(&question, None, None).await.unwrap_err();
    assert_eq!(refused.message, "Only an answer can be asked for again.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_an_answer_is_written_nothing_else_is_asked_there() {
    let (emulator, app) = connected().await;
    let question = ask(&app, None, "emulator/prose-5000@100", "long")
        .await
        .unwrap();
    let there = Some(&*question.conversation);
    let text = "An answer is being written here. Stop it, or wait until it is done.";
    let refused = ask(&app, there, "emulator/echo", "again")
        .await
        .unwrap_err();
    assert_eq!((refused.code, &*refused.message), (Code::Refused, text));
    let refused = app
        .core
        .retry(&question.answer, None, None)
        .await
        .unwrap_err();
    assert_eq!(&*refused.message, text);
    assert_eq!(look(&app, &question.conversation).await.messages.len(), 2);
    ask_and_wait(&app, "emulator/echo", "elsewhere").await;
    app.core.stop(&question.answer).await.unwrap();
    let mirror = Mirror::open(&app, "main", &question.conversation).await;
    mirror.end_of(&question.answer).await;
    // Two at once, as from two windows: one is taken.
    let (one, two) = tokio::join!(
        ask(&app, there, "emulator/prose-500@100", "one"),
        ask(&app, there, "emulator/prose-500@100", "two")
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    eventually("it is sent", || asked(&emulator, "POST", CHAT).len() == 3).await;
    let threads = look(&app, &question.conversation).await;
    assert_eq!(threads.messages.len(), 4);
    app.core.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_or_unreasonable_question_is_refused_before_anything_is_stored() {
    let (emulator, app) = connected().await;
    for (model, text, code, message) in [
        (
            "emulator/echo",
            " \n",
            Code::Refused,
            "Write something first.",
        ),
        ("", "hello", Code::OtherModel, "Choose a model first."),
    ] {
        let problem = ask(&app, None, model, text).await.unwrap_err();
        assert_eq!((problem.code, &*problem.message), (code, message));
    }
    let huge = ask(&app, None, "emulator/echo", &"x".repeat((4 << 20) + 1))
        .await
        .unwrap_err();
    assert_eq!(huge.message, "This message is too long: 4 MB is the most.");
    let lost = ask(
        &app,
        Some("00000000-0000-7000-8000-000000000000"),
        "emulator/echo",
        "hello",
    )
    .await
    .unwrap_err();
    assert_eq!(
        lost.message,
        "This conversation or message is not there any more."
    );
    assert_eq!(app.core.snapshot().await.conversations, []);
    assert_eq!(asked(&emulator, "POST", CHAT), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_goes_on_while_no_window_shows_it() {
    let (_emulator, app) = connected().await;
    let question = ask(&app, None, "emulator/prose-400@2000", "go on")
        .await
        .unwrap();
    let mirror = Mirror::open(&app, "main", &question.conversation).await;
    mirror
        .until("a beginning", |t| !t.messages[1].tail.is_empty())
        .await;
    let (other, _) = ask_and_wait(&app, "emulator/echo", "another").await;
    assert_ne!(other.conversation, question.conversation);
    app.core.close_thread("main").await;
    let id = question.conversation.clone();
    eventually("the sidebar hears of its end", || {
        let events = app.events.lock().unwrap();
        let last = events.iter().rev().find_map(|e| match e {
            AppEvent::Conversation { conversation } if conversation.id == id => {
                Some(conversation.answering)
            }
            _ => None,
        });
        last == Some(false)
    })
    .await;
    let thread = look(&app, &question.conversation).await;
    assert_eq!(thread.messages[1].meta.status, Status::Done);
    assert_eq!(thread.messages[1].meta.tokens_out, Some(400));
    assert!(words(&thread.messages[1]).len() > mirror.now().messages[1].tail.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_windows_and_a_late_one_see_the_same_answer_grow() {
    let (_emulator, app) = connected().await;
    let (first, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    let one = Mirror::open(&app, "one", &first.conversation).await;
    let question = ask(
        &app,
        Some(&first.conversation),
        "emulator/markdown-tour@1500",
        "tour",
    )
    .await
    .unwrap();
    let two = Mirror::open(&app, "two", &first.conversation).await;
    one.until("some blocks", |t| {
        t.messages.last().is_some_and(|m| m.blocks.len() > 3)
    })
    .await;
    let late = Mirror::open(&app, "late", &first.conversation).await;
    let answers = [
        one.end_of(&question.answer).await,
        two.end_of(&question.answer).await,
        late.end_of(&question.answer).await,
    ];
    let stored = look(&app, &first.conversation)
        .await
        .messages
        .pop()
        .unwrap();
    for answer in answers {
        assert_eq!(answer, stored);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_that_opens_while_a_question_is_stored_hears_of_it_once() {
    let (_emulator, app) = connected().await;
    let (first, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    for _ in 0..20 {
        let there = Some(&*first.conversation);
        let (question, mirror) = tokio::join!(
            ask(&app, there, "emulator/case-plain", "again"),
            Mirror::open(&app, "main", &first.conversation)
        );
        let question = question.unwrap();
        mirror.end_of(&question.answer).await;
        assert_eq!(
            mirror.now().messages,
            look(&app, &first.conversation).await.messages
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conversations_are_renamed_deleted_and_restored() {
    let (emulator, app) = connected().await;
    let (first, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    let id = &*first.conversation;
    assert_eq!(
        app.core.rename(id, "  My\n title ").await.unwrap().title,
        "My title"
    );
    assert_eq!(
        app.core.rename(id, " \n").await.unwrap_err().message,
        "A conversation needs a title."
    );
    let model = app
        .core
        .set_model(id, "emulator/prose".into())
        .await
        .unwrap()
        .model;
    assert_eq!(model, "emulator/prose");
    let ids = [id.to_owned()];
    let change = |change| app.core.change_conversations(&ids, change);
    let gone = change(ShelfChange::Deleted).await.unwrap().remove(0);
    assert!(gone.deleted_ms.is_some());
    assert_eq!(app.core.conversations(Shelf::Open, None).await.unwrap(), []);
    let told = AppEvent::Conversation { conversation: gone };
    assert!(app.events.lock().unwrap().contains(&told));
    let restored = change(ShelfChange::Restored).await.unwrap().remove(0);
    let again = app.profile.start(&emulator.origin()).await;
    assert_eq!(again.core.snapshot().await.conversations, [restored]);
    let roles: Vec<_> = look(&again, id)
        .await
        .messages
        .iter()
        .map(|m| m.meta.role)
        .collect();
    assert_eq!(roles, [Role::User, Role::Assistant]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleting_a_conversation_stops_its_answer() {
    let (_emulator, app) = connected().await;
    let question = ask(&app, None, "emulator/prose-5000@100", "long")
        .await
        .unwrap();
    let ids = std::slice::from_ref(&question.conversation);
    for change in [ShelfChange::Deleted, ShelfChange::Restored] {
        app.core.change_conversations(ids, change).await.unwrap();
    }
    let answer = look(&app, &question.conversation).await.messages.remove(1);
    assert_eq!(answer.meta.status, Status::Stopped);
}
