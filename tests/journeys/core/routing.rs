//! Who may serve what is asked: everywhere and in one conversation, as it is sent, and what is said when nobody is left.

use crate::{
    compare::{compare, over, until},
    harness::{App, asked, connected, eventually},
    mirror::{Mirror, look},
    replies::{ask, ask_and_wait},
};
use causeway_core::wire::{
    Asked, Edit, Message, Options, ProblemCode as Code, RouteSort, Routing, Settings, Status,
};
use emulator::{Emulator, Fault};
use serde_json::{Value, json};

const CHAT: &str = "/api/v1/chat/completions";
const SONNET: &str = "anthropic/claude-sonnet-4.5";

fn last(emulator: &Emulator) -> Value {
    let request = asked(emulator, "POST", CHAT).pop().unwrap();
    request.json().unwrap()
}

fn everywhere(app: &App, routing: Routing) {
    let settings = Settings {
        routing,
        ..app.core.settings()
    };
    app.core.set_settings(settings).unwrap();
}

async fn asked_with(app: &App, model: &str, routing: Routing) -> Message {
    let (first, _) = ask_and_wait(app, "emulator/echo", "hello").await;
    let options = Options {
        routing,
        ..Options::default()
    };
    let id = &first.conversation;
    app.core.set_options(id, options, None).await.unwrap();
    let second = ask(app, Some(id), model, "and?").await.unwrap();
    let mirror = Mirror::open(app, "main", id).await;
    mirror.end_of(&second.answer).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_of_providers_is_sent_and_who_served_is_told() {
    let (emulator, app) = connected().await;
    let (_, plain) = ask_and_wait(&app, SONNET, "hello").await;
    assert_eq!(plain.meta.provider.as_deref(), Some("Anthropic"));
    let sent = last(&emulator);
    assert!(sent.get("provider").is_none() && sent.get("models").is_none());

    everywhere(
        &app,
        Routing {
            no_training: Some(true),
            max_output_price: Some(20.0),
            ..Routing::default()
        },
    );
    let own = Routing {
        no_training: Some(false),
        order: vec!["exampleco".into()],
        sort: Some(RouteSort::Price),
        models: vec!["openai/gpt-5.2".into()],
        ..Routing::default()
    };
    let answer = asked_with(&app, SONNET, own).await;
    assert_eq!(
        answer.meta.provider.as_deref(),
        Some("ExampleCo"),
        "it was to be tried first"
    );
    let sent = last(&emulator);
    assert_eq!(
        sent["provider"],
        json!({"order": ["exampleco"], "sort": "price", "max_price": {"completion": "20"}})
    );
    assert_eq!(sent["models"], json!(["openai/gpt-5.2"]));
    // Those without options of their own are asked as everywhere.
    ask_and_wait(&app, SONNET, "hello").await;
    assert_eq!(
        last(&emulator)["provider"],
        json!({"data_collection": "deny", "max_price": {"completion": "20"}})
    );
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_nobody_is_left_it_is_said_what_left_nobody() {
    let (_emulator, app) = connected().await;
    let only = Routing {
        only: vec!["nobody".into()],
        ..Routing::default()
    };
    let failed = asked_with(&app, SONNET, only).await;
    assert_eq!(failed.meta.status, Status::Failed);
    let problem = failed.meta.problem.unwrap();
    assert_eq!(problem.code, Code::Routing);
    assert_eq!(
        problem.message,
        "What you ask of providers leaves none for this model: only certain providers. Change that, or choose \
         another model."
    );
    let detail = problem.detail.unwrap();
    assert!(
        detail.contains("Initial Endpoints: 2 left")
            && detail.ends_with("Filter by Allowed Providers: none left"),
        "{detail}"
    );
    let free = app.core.models().await.models;
    let free = free.iter().find(|m| m.id.ends_with(":free")).unwrap();
    let private = Routing {
        no_training: Some(true),
        ..Routing::default()
    };
    let failed = asked_with(&app, &free.id, private).await;
    assert_eq!(failed.meta.problem.unwrap().code, Code::Routing);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_title_is_asked_for_as_privately_as_its_conversation() {
    let (emulator, app) = connected().await;
    let settings = Settings {
        title_model: Some("emulator/prose-5".into()),
        routing: Routing {
            keep_nothing: Some(true),
            ..Routing::default()
        },
        ..app.core.settings()
    };
    app.core.set_settings(settings).unwrap();
    ask_and_wait(&app, "emulator/prose-7", "Why two tides?").await;
    eventually("the title is asked for", || {
        asked(&emulator, "POST", CHAT).len() == 2
    })
    .await;
    for request in asked(&emulator, "POST", CHAT) {
        assert_eq!(request.json().unwrap()["provider"], json!({"zdr": true}));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_of_asking_is_as_private_as_was_asked_everywhere() {
    let (emulator, app) = connected().await;
    let settings = Settings {
        title_model: Some("emulator/prose-5".into()),
        routing: Routing {
            keep_nothing: Some(true),
            no_training: Some(true),
            ..Routing::default()
        },
        ..app.core.settings()
    };
    app.core.set_settings(settings).unwrap();
    // Each request as it came; those of one way have come when the next one begins.
    let sent = |ways: &str, how_many: usize| {
        let requests = asked(&emulator, "POST", CHAT);
        assert_eq!(requests.len(), how_many, "{ways}");
        for request in requests {
            assert_eq!(
                request.json().unwrap()["provider"],
                json!({"data_collection": "deny", "zdr": true}),
                "{ways}"
            );
        }
    };
    let refused = Fault::Status {
        status: 503,
        body: r#"{"error":{"code":503,"message":"busy"}}"#.into(),
        headers: vec![("Retry-After".into(), "0".into())],
    };
    emulator.inject(CHAT, refused, 1);
    let (first, _) = ask_and_wait(&app, "emulator/case-length-cut", "write").await;
    eventually("the title is asked for", || {
        asked(&emulator, "POST", CHAT).len() == 3
    })
    .await;
    sent("a question, the same after a refusal, a title", 3);

    let id = &first.conversation;
    let end = async |begun: Asked| {
        let mirror = Mirror::open(&app, "main", id).await;
        mirror.end_of(&begun.answer).await;
        begun.answer
    };
    let longer = app.core.continue_answer(&first.answer).await.unwrap();
    end(longer).await;
    sent("a continued answer", 4);
    let again = app.core.retry(&first.answer, None, None).await.unwrap();
    end(again).await;
    sent("an answer asked for again", 5);
    let question = look(&app, id).await.messages.remove(0).meta.id;
    let edit = Edit {
        message: question,
        text: "write more".into(),
        model: None,
        keep_files: false,
    };
    let edited = app.core.edit(edit).await.unwrap();
    end(edited).await;
    sent("an edited question", 6);

    // A comparison of this conversation: a new one would ask for a title, too.
    let models = ["emulator/echo", "emulator/case-plain"];
    compare(&app, Some(id), &models, false).await.unwrap();
    until(&app, id, "both answer", over).await;
    sent("a comparison", 8);
    compare(&app, Some(id), &[], false).await.unwrap();
    until(&app, id, "both answer again", |now| {
        now.columns.iter().all(|column| column.messages.len() == 6) && over(now)
    })
    .await;
    sent("the next question of a comparison", 10);
    app.core.compare_again(id, 1).await.unwrap();
    until(&app, id, "one answers again", over).await;
    sent("one model of a comparison again", 11);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wish_that_is_none_is_refused_and_changes_nothing() {
    let (_emulator, app) = connected().await;
    let before = app.core.settings();
    let wrong = Settings {
        routing: Routing {
            only: vec!["two words".into()],
            ..Routing::default()
        },
        ..before.clone()
    };
    let problem = app.core.set_settings(wrong).unwrap_err();
    assert_eq!(problem.code, Code::Refused);
    assert_eq!(app.core.settings(), before);
}
