//! Several models at once: each answers, stops and costs by itself; a choice makes the rest of the conversation.

use crate::{
    files::{bodies, picture},
    harness::{App, asked, connected, eventually},
    mirror::look,
    replies::{ask, words},
};
use causeway_core::wire::{
    Asked, Change, CompareQuestion, Comparison, Message, Problem, ProblemCode as Code, Status,
    ThreadEvent,
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

const CHAT: &str = "/api/v1/chat/completions";

pub async fn compare(
    app: &App,
    conversation: Option<&str>,
    models: &[&str],
    blind: bool,
) -> Result<Asked, Problem> {
    let files = app.core.files(conversation).await?;
    let question = CompareQuestion {
        conversation: conversation.map(str::to_owned),
        text: "Which?".into(),
        models: models.iter().map(|id| (*id).to_owned()).collect(),
        blind,
        options: None,
        temporary: false,
        files: files.into_iter().map(|file| file.id).collect(),
    };
    app.core.compare(question).await
}

async fn open(app: &App, id: &str) -> Comparison {
    let open = app.core.open_comparison("another", id, |_| {});
    open.await.unwrap()
}

fn answer(comparison: &Comparison, column: usize) -> &Message {
    comparison.columns[column].messages.last().unwrap()
}

/// The comparison as a window opens it, and what that window hears from then on.
async fn watched(app: &App, id: &str) -> (Comparison, Arc<Mutex<Vec<ThreadEvent>>>) {
    let heard: Arc<Mutex<Vec<ThreadEvent>>> = Arc::default();
    let log = Arc::clone(&heard);
    let sink = move |event| log.lock().unwrap().push(event);
    let opened = app.core.open_comparison("main", id, sink).await.unwrap();
    (opened, heard)
}

/// The comparison once it is as wanted.
pub async fn until(
    app: &App,
    id: &str,
    what: &str,
    wanted: impl Fn(&Comparison) -> bool,
) -> Comparison {
    let looking = async {
        loop {
            let now = open(app, id).await;
            if wanted(&now) {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    match tokio::time::timeout(Duration::from_secs(20), looking).await {
        Ok(comparison) => comparison,
        Err(_) => panic!("it never happened that {what}: {:?}", open(app, id).await),
    }
}

pub fn over(comparison: &Comparison) -> bool {
    let active = [Status::Waiting, Status::Streaming];
    comparison
        .columns
        .iter()
        .all(|column| !active.contains(&column.messages.last().unwrap().meta.status))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_models_answer_one_question_and_their_costs_add_up() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    let models = [
        "emulator/prose-40",
        "emulator/echo",
        "emulator/reasoning",
        "anthropic/claude-sonnet-4.5",
    ];
    let begun = compare(&app, None, &models, false).await.unwrap();
    let id = &begun.conversation;
    let done = until(&app, id, "all are done", over).await;
    assert!(done.conversation.comparing && !done.conversation.answering);
    let named: Vec<_> = done
        .columns
        .iter()
        .map(|c| c.model.as_deref().unwrap())
        .collect();
    assert_eq!(named, models);
    assert_eq!(done.columns[3].name, "Claude Sonnet 4.5");
    let question = &done.columns[0].messages[0];
    for (at, column) in done.columns.iter().enumerate() {
        assert_eq!(column.messages.len(), 2);
        assert_eq!(column.messages[0].meta.id, question.meta.id, "one question");
        let meta = &answer(&done, at).meta;
        assert_eq!((meta.status, &*meta.model), (Status::Done, models[at]));
        assert!(meta.first_token_ms.is_some() && meta.took_ms.is_some());
        assert_eq!(
            (meta.sibling, meta.siblings),
            (u32::try_from(at).unwrap(), 4)
        );
    }
    let costs = done
        .columns
        .iter()
        .map(|c| c.messages[1].meta.cost_usd.unwrap());
    let sum: f64 = costs.sum();
    assert!((done.conversation.cost_usd - sum).abs() < 1e-9 && sum > 0.0);
    assert_eq!(words(answer(&done, 1)), "Which?");

    // The next question goes to all, each with its own words before it.
    compare(&app, Some(id), &[], false).await.unwrap();
    let more = until(&app, id, "all answer again", |c| {
        c.columns.iter().all(|column| column.messages.len() == 4) && over(c)
    })
    .await;
    assert_ne!(
        more.columns[0].messages[2].meta.id, more.columns[1].messages[2].meta.id,
        "each branch has its own question by now"
    );
    let sent = asked(&emulator, "POST", CHAT);
    assert_eq!(sent.len(), 8);
    for request in &sent[4..] {
        let body = request.json().unwrap();
        let said = body["messages"].as_array().unwrap();
        assert_eq!(said.len(), 3);
        let column = models.iter().position(|m| body["model"] == *m).unwrap();
        let before = app.stored_answer(&done.columns[column].messages[1].meta.id);
        assert_eq!(said[1]["content"], before.text, "{}", models[column]);
    }
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_answer_is_stopped_by_itself_and_the_others_go_on() {
    let (_emulator, app) = connected().await;
    let models = [
        "emulator/prose-5000@300",
        "emulator/prose-5000@301",
        "emulator/echo",
    ];
    let begun = compare(&app, None, &models, false).await.unwrap();
    let id = &begun.conversation;
    let running = until(&app, id, "two write", |c| {
        (0..2).all(|at| words(answer(c, at)).len() > 50)
    })
    .await;
    let busy = compare(&app, Some(id), &[], false).await.unwrap_err();
    assert!(busy.message.starts_with("An answer is being written"));
    app.core.stop(&answer(&running, 0).meta.id).await.unwrap();
    let one = until(&app, id, "the first stops", |c| {
        answer(c, 0).meta.status == Status::Stopped
    })
    .await;
    assert_eq!(answer(&one, 1).meta.status, Status::Streaming);
    assert!(one.conversation.answering);
    let before = words(answer(&one, 1)).len();
    until(&app, id, "the second goes on", |c| {
        words(answer(c, 1)).len() > before
    })
    .await;
    // The stopped one answers again while the other still writes.
    app.core.compare_again(id, 0).await.unwrap();
    let again = until(&app, id, "it answers again", |c| {
        answer(c, 0).meta.status == Status::Streaming
    })
    .await;
    assert_ne!(answer(&again, 0).meta.id, answer(&one, 0).meta.id);
    assert!(
        app.core.compare_again(id, 0).await.is_err(),
        "it is answering"
    );
    assert!(app.core.compare_again(id, 7).await.is_err());

    // A choice stops the others, and the conversation goes on from there.
    let chosen = app.core.compare_choose(id, 1).await.unwrap();
    assert!(!chosen.comparing);
    assert_eq!(chosen.model, models[1]);
    let gone = app
        .core
        .open_comparison("main", id, |_| {})
        .await
        .unwrap_err();
    assert_eq!(gone.code, Code::Again);
    let before = words(&look(&app, id).await.messages[1]).len();
    let going_on = async {
        loop {
            let chosen = look(&app, id).await.messages.remove(1);
            assert_eq!(chosen.meta.status, Status::Streaming);
            if words(&chosen).len() > before + 200 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waiting = tokio::time::timeout(Duration::from_secs(20), going_on);
    waiting.await.expect("the chosen one goes on");
    app.core.stop(&answer(&one, 1).meta.id).await.unwrap();
    let events = || {
        let events = app.events.lock().unwrap();
        let last = events.iter().rev().find_map(|event| match event {
            causeway_core::wire::AppEvent::Conversation { conversation } => {
                Some(conversation.answering)
            }
            _ => None,
        });
        last == Some(false)
    };
    eventually("nothing is written any more", events).await;
    let thread = look(&app, id).await;
    assert_eq!(thread.messages[1].meta.id, answer(&one, 1).meta.id);
    assert_eq!(thread.messages[1].meta.siblings, 4, "all stay beside it");
    let other = &answer(&again, 0).meta;
    let beside = app.core.select_branch(&other.id, other.sibling).await;
    beside.unwrap();
    let other = look(&app, id).await.messages.remove(1).meta;
    assert_eq!(other.id, answer(&again, 0).meta.id);
    assert_eq!(other.status, Status::Stopped, "by the choice");
    ask(&app, Some(id), "emulator/echo", "and?").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blind_answers_tell_nothing_of_who_they_are_until_they_are_revealed() {
    let (_emulator, app) = connected().await;
    app.core.models().await;
    // Both take a while: the window is to hear of both ends.
    let models = ["emulator/prose-400@200", "emulator/prose-300@200"];
    let begun = compare(&app, None, &models, true).await.unwrap();
    let id = &begun.conversation;
    let (blind, heard) = watched(&app, id).await;
    let names: Vec<_> = blind
        .columns
        .iter()
        .map(|c| (&*c.name, c.model.as_deref()))
        .collect();
    assert_eq!(names, [("Model A", None), ("Model B", None)]);
    let done = until(&app, id, "both are done", over).await;
    eventually("the window hears of both ends", || {
        let heard = heard.lock().unwrap();
        let ended = |event: &&ThreadEvent| matches!(&event.change, Change::Meta { meta } if meta.status == Status::Done);
        heard.iter().filter(ended).count() == 2
    })
    .await;
    let told =
        serde_json::to_string(&(&blind.columns, &*heard.lock().unwrap(), &done.columns)).unwrap();
    for name in [
        "emulator",
        "Emulator",
        "Claude",
        "anthropic",
        "Anthropic",
        "costUsd\":0",
    ] {
        assert!(!told.contains(name), "{name} is told: {told}");
    }
    app.core.compare_reveal(id).await.unwrap();
    assert!(matches!(
        heard.lock().unwrap().last().unwrap().change,
        Change::Reload
    ));
    let revealed = open(&app, id).await;
    assert!(!revealed.blind);
    let mut named: Vec<_> = revealed
        .columns
        .iter()
        .map(|c| c.model.clone().unwrap())
        .collect();
    named.sort_unstable();
    assert_eq!(named, ["emulator/prose-300@200", "emulator/prose-400@200"]);
    assert!(answer(&revealed, 0).meta.cost_usd.is_some());
    assert!(answer(&revealed, 0).meta.provider.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_wrong_with_a_blind_answer_names_nobody() {
    let (_emulator, app) = connected().await;
    let models = [
        "emulator/error-moderation-flag",
        "emulator/error-provider-failed",
    ];
    let begun = compare(&app, None, &models, true).await.unwrap();
    let id = &begun.conversation;
    let (blind, heard) = watched(&app, id).await;
    let done = until(&app, id, "both failed", over).await;
    assert!(all(&done, Status::Failed));
    let told = serde_json::to_string(&(&blind, &*heard.lock().unwrap(), &done.columns)).unwrap();
    for name in ["OpenAI", "ExampleCo", "openai/", "violence", "returned"] {
        assert!(!told.contains(name), "{name} is told: {told}");
    }
    app.core.compare_reveal(id).await.unwrap();
    let revealed = serde_json::to_string(&open(&app, id).await.columns).unwrap();
    assert!(
        revealed.contains("OpenAI"),
        "it is known by then: {revealed}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chance_places_blind_models_and_the_conversation_does_not_tell_how() {
    let (_emulator, app) = connected().await;
    let models = ["emulator/echo", "emulator/case-plain"];
    let mut orders = std::collections::BTreeSet::new();
    for _ in 0..12 {
        let begun = compare(&app, None, &models, true).await.unwrap();
        let id = &begun.conversation;
        let done = until(&app, id, "both answer", over).await;
        assert_eq!(done.conversation.model, models[0], "as it was asked");
        app.core.compare_reveal(id).await.unwrap();
        let columns = open(&app, id).await.columns.into_iter();
        orders.insert(
            columns
                .filter_map(|column| column.model)
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(orders.len(), 2, "each order comes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comparison_outlives_a_restart_and_one_that_failed_leaves_the_others() {
    let (emulator, app) = connected().await;
    let models = ["emulator/echo", "emulator/error-internal-error"];
    let (first, _) = crate::replies::ask_and_wait(&app, "emulator/echo", "before").await;
    let id = &first.conversation;
    compare(&app, Some(id), &models, false).await.unwrap();
    let done = until(&app, id, "both are over", over).await;
    assert_eq!(answer(&done, 0).meta.status, Status::Done);
    assert_eq!(answer(&done, 1).meta.status, Status::Failed);
    assert_eq!(
        done.columns[1].messages.len(),
        4,
        "what was said before stands above"
    );
    let profile = app.profile.clone();
    app.core.shut_down().await;
    drop(app);
    let app = profile.start(&emulator.origin()).await;
    let snapshot = app.core.snapshot().await;
    assert!(snapshot.conversations[0].comparing);
    assert_eq!(open(&app, id).await.columns, done.columns);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_comparison_is_refused_and_nothing_is_stored() {
    let (emulator, app) = connected().await;
    for models in [
        &["emulator/echo"][..],
        &["a/a", "a/b", "a/c", "a/d", "a/e"],
        &[],
    ] {
        let refused = compare(&app, None, models, false).await.unwrap_err();
        assert_eq!(refused.message, "Choose two to four models to compare.");
    }
    assert_eq!(
        compare(&app, None, &["emulator/echo", ""], false)
            .await
            .unwrap_err()
            .code,
        Code::OtherModel
    );
    assert_eq!(app.core.snapshot().await.conversations, []);
    assert_eq!(asked(&emulator, "POST", CHAT).len(), 0);
}

fn all(comparison: &Comparison, status: Status) -> bool {
    let ended = |column: usize| answer(comparison, column).meta.status == status;
    (0..comparison.columns.len()).all(ended)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_go_to_every_model_and_to_none_while_one_can_not_take_them() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    let attach = async |conversation: Option<&str>, name: &str, bytes: Vec<u8>| {
        let pasted = app.core.paste_file(conversation, name.into(), bytes).await;
        pasted.unwrap();
    };
    attach(None, "p.png", picture(9, 9)).await;
    let models = ["emulator/echo", "emulator/hearing-echo"];
    let problem = compare(&app, None, &["emulator/echo", "emulator/blind-echo"], false).await;
    assert_eq!(problem.unwrap_err().code, Code::OtherModel);
    assert_eq!(bodies(&emulator).len(), 0, "nothing is sent");
    assert_eq!(
        app.core.files(None).await.unwrap().len(),
        1,
        "nothing is lost"
    );

    let asked = compare(&app, None, &models, false).await.unwrap();
    let id = asked.conversation.as_str();
    until(&app, id, "both answers", |now| all(now, Status::Done)).await;
    assert_eq!(app.core.files(None).await.unwrap(), []);
    attach(Some(id), "b.txt", b"beta".to_vec()).await;
    compare(&app, Some(id), &models, false).await.unwrap();
    let twice = |now: &Comparison| {
        let answers = |column: usize| now.columns[column].messages.len();
        answers(0) == 4 && answers(1) == 4 && all(now, Status::Done)
    };
    let now = until(&app, id, "two answers more", twice).await;
    let sent = bodies(&emulator);
    assert_eq!(sent.len(), 4);
    for (nth, body) in sent.iter().enumerate() {
        assert_eq!(
            body["messages"][0]["content"][1]["type"], "image_url",
            "{nth}"
        );
        let told = body["messages"][2]["content"][1]["text"].as_str();
        assert_eq!(
            told.is_some_and(|text| text.contains("beta")),
            nth > 1,
            "{nth}"
        );
    }
    for column in &now.columns {
        let names = |at: usize| column.messages[at].meta.attachments[0].name.clone();
        assert_eq!(
            (names(0), names(2)),
            ("p.png".to_owned(), "b.txt".to_owned())
        );
    }
}
