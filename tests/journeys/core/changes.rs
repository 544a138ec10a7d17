//! Editing, continuing, deleting, and how a model is asked.

use crate::{
    harness::{App, asked, connected, eventually},
    mirror::{Mirror, look},
    replies::{ask, ask_and_wait, words},
};
use causeway_core::wire::{
    AppEvent, Asked, Edit, Effort, Message, Options, PersonaDraft, Question, Settings, Status,
    Thinking, Unfinished,
};
use serde_json::{Value, json};

const CHAT: &str = "/api/v1/chat/completions";

pub fn full() -> Options {
    Options {
        system: Some("Be brief.".into()),
        temperature: Some(0.5),
        top_p: Some(0.9),
        max_tokens: Some(500),
        thinking: Some(Thinking::Effort {
            effort: Effort::High,
        }),
        stop: vec!["END".into()],
        seed: Some(7),
        ..Options::default()
    }
}

async fn ended(app: &App, asked: &Asked) -> Message {
    let mirror = Mirror::open(app, "main", &asked.conversation).await;
    mirror.end_of(&asked.answer).await
}

/// The body of the last request for an answer, without what every request has.
fn last(emulator: &emulator::Emulator) -> Value {
    let mut body = asked(emulator, "POST", CHAT).pop().unwrap().json().unwrap();
    let body_ = body.as_object_mut().unwrap();
    assert!(body_.remove("session_id").is_some());
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edited_question_is_a_version_beside_the_first_with_an_answer_of_its_own() {
    let (emulator, app) = connected().await;
    let (first, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    ask(&app, Some(&first.conversation), "emulator/echo", "more")
        .await
        .unwrap();
    let mirror = Mirror::open(&app, "main", &first.conversation).await;
    let shown = mirror
        .until("both answers", |t| {
            t.messages.len() == 4 && t.messages[3].meta.status == Status::Done
        })
        .await;
    let edit = Edit {
        message: shown.messages[0].meta.id.clone(),
        text: "good morning".into(),
        model: None,
        keep_files: true,
    };
    let edited = app.core.edit(edit).await.unwrap();
    assert_eq!(words(&ended(&app, &edited).await), "good morning");
    let now = look(&app, &first.conversation).await.messages;
    assert_eq!(now.len(), 2, "what followed the first version is not here");
    assert_eq!(now[0].text, "good morning");
    assert_eq!((now[0].meta.sibling, now[0].meta.siblings), (1, 2));
    assert_eq!(
        last(&emulator)["messages"],
        json!([{"role": "user", "content": "good morning"}])
    );
    app.core.select_branch(&now[0].meta.id, 0).await.unwrap();
    let back = look(&app, &first.conversation).await.messages;
    let texts: Vec<_> = back.iter().map(|m| m.text.clone() + &words(m)).collect();
    assert_eq!(texts, ["hello", "hello", "more", "more"], "nothing is lost");

    for (message, text, said) in [
        (
            &first.answer,
            "x",
            "Only a question of yours can be edited.",
        ),
        (&now[0].meta.id, " ", "Write something first."),
    ] {
        let edit = Edit {
            message: message.clone(),
            text: text.into(),
            model: None,
            keep_files: true,
        };
        assert_eq!(app.core.edit(edit).await.unwrap_err().message, said);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_was_cut_goes_on_beside_itself_and_both_costs_count() {
    let (emulator, app) = connected().await;
    let (first, cut) = ask_and_wait(&app, "emulator/case-length-cut", "write").await;
    assert_eq!(cut.meta.unfinished, Some(Unfinished::Cut));
    let id = &first.conversation;
    let options = Options {
        temperature: Some(0.5),
        ..Options::default()
    };
    app.core.set_options(id, options, None).await.unwrap();
    let more = app.core.continue_answer(&first.answer).await.unwrap();
    let whole = ended(&app, &more).await;
    assert_eq!(
        last(&emulator)["messages"],
        json!([{"role": "user", "content": "write"}, {"role": "assistant", "content": "This is cut"}])
    );
    // The recorded stream says the same again: the old words, and the new ones behind them.
    assert_eq!(words(&whole), "This is cutThis is cut");
    assert_eq!((whole.meta.sibling, whole.meta.siblings), (1, 2));
    let thread = look(&app, id).await;
    assert_eq!(thread.messages[1], whole, "changes and snapshot differ");
    assert!((thread.conversation.cost_usd - 2.0 * 0.000_123).abs() < 1e-12);
    app.core.select_branch(&more.answer, 0).await.unwrap();
    let old = look(&app, id).await.messages.remove(1);
    assert_eq!((words(&old), old.meta.id), (words(&cut), first.answer));
    let (done, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    let refused = app.core.continue_answer(&done.answer).await.unwrap_err();
    assert_eq!(
        refused.message,
        "Only an answer that was broken off can go on."
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_answer_goes_on_and_a_failed_continuation_keeps_its_words() {
    let (emulator, app) = connected().await;
    let question = ask(&app, None, "emulator/prose-5000@400", "long")
        .await
        .unwrap();
    let mirror = Mirror::open(&app, "main", &question.conversation).await;
    mirror
        .until("some words", |t| words(&t.messages[1]).len() > 100)
        .await;
    app.core.stop(&question.answer).await.unwrap();
    let stopped = mirror.end_of(&question.answer).await;
    assert_eq!(stopped.meta.unfinished, Some(Unfinished::Stopped));
    emulator.inject(
        CHAT,
        emulator::Fault::Status {
            status: 400,
            body: r#"{"error":{"code":400,"message":"no prefill"}}"#.into(),
            headers: Vec::new(),
        },
        1,
    );
    let more = app.core.continue_answer(&question.answer).await.unwrap();
    let failed = ended(&app, &more).await;
    assert_eq!(failed.meta.status, Status::Interrupted);
    assert_eq!(words(&failed), words(&stopped));
    assert!(failed.meta.problem.is_some());
    let again = app.core.continue_answer(&more.answer).await.unwrap();
    let mirror = Mirror::open(&app, "main", &question.conversation).await;
    let longer = words(&stopped).len() + 50;
    mirror
        .until("more words", |t| words(&t.messages[1]).len() > longer)
        .await;
    app.core.stop(&again.answer).await.unwrap();
    let whole = mirror.end_of(&again.answer).await;
    assert!(words(&whole).starts_with(&words(&stopped)));
    assert_eq!(whole.meta.siblings, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_message_takes_what_follows_and_stops_its_answer_and_comes_back() {
    let (_emulator, app) = connected().await;
    let (first, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    let id = &*first.conversation;
    let running = ask(&app, Some(id), "emulator/prose-5000@100", "long")
        .await
        .unwrap();
    let mirror = Mirror::open(&app, "main", id).await;
    let question = mirror.now().messages[0].meta.id.clone();
    let second = mirror.now().messages[2].meta.id.clone();
    app.core.delete_message(&second).await.unwrap();
    mirror
        .until("the order to look anew", |_| mirror.must_reload())
        .await;
    assert_eq!(look(&app, id).await.messages.len(), 2);
    app.core.delete_message(&question).await.unwrap();
    assert_eq!(look(&app, id).await.messages, []);
    for gone in [
        app.core.retry(&question, None, None).await.unwrap_err(),
        app.core.delete_message(&question).await.unwrap_err(),
    ] {
        let text = "This conversation or message is not there any more.";
        assert_eq!(gone.message, text);
    }
    app.core.restore_message(&question).await.unwrap();
    app.core.restore_message(&second).await.unwrap();
    let back = look(&app, id).await.messages;
    assert_eq!(back.len(), 4);
    assert_eq!(back[3].meta.id, running.answer);
    assert_eq!(back[3].meta.status, Status::Stopped);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_was_set_and_only_what_the_model_takes_is_sent() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    let ask_with = async |model: &str, options| {
        let question = Question {
            conversation: None,
            text: "hello".into(),
            model: model.into(),
            options,
            temporary: false,
            files: Vec::new(),
        };
        let asked = app.core.ask(question).await.unwrap();
        let answer = ended(&app, &asked).await;
        (asked, answer, last(&emulator))
    };
    let bare = json!({
        "model": "emulator/echo", "stream": true, "messages": [{"role": "user", "content": "hello"}]
    });
    assert_eq!(ask_with("emulator/echo", None).await.2, bare);
    let nothing = Some(Options::default());
    assert_eq!(ask_with("emulator/echo", nothing).await.2, bare);

    // A model that the catalogue does not know gets what was set.
    let (asked_, answer, body) = ask_with("emulator/prose-20", Some(full())).await;
    let expected = json!({
        "model": "emulator/prose-20", "stream": true, "temperature": 0.5, "top_p": 0.9, "seed": 7,
        "max_completion_tokens": 500, "stop": ["END"], "reasoning": {"effort": "high"},
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hello"}]
    });
    assert_eq!(body, expected);
    let told = answer.meta.options.unwrap();
    assert_eq!((told.system, told.seed), (None, Some(7)));
    assert_eq!(look(&app, &asked_.conversation).await.options, full());

    // One that it knows gets what its entry lists.
    let models = app.core.models().await.models;
    for model in models
        .iter()
        .filter(|m| !m.supports.seed || m.supports.efforts.is_empty())
        .take(3)
    {
        let id = &asked_.conversation;
        let changed = app
            .core
            .set_options(id, full(), Some(model.id.clone()))
            .await
            .unwrap();
        assert_eq!(changed.model, model.id);
        let asked = ask(&app, Some(id), &model.id, "again").await.unwrap();
        ended(&app, &asked).await;
        let body = last(&emulator);
        let takes = &model.supports;
        for (name, takes) in [
            ("temperature", takes.temperature),
            ("top_p", takes.top_p),
            ("max_completion_tokens", takes.max_tokens),
            ("stop", takes.stop),
            ("seed", takes.seed),
            ("reasoning", takes.efforts.contains(&Effort::High)),
        ] {
            assert_eq!(!body[name].is_null(), takes, "{}: {name}", model.id);
        }
    }
    let wild = Options {
        temperature: Some(3.0),
        ..Options::default()
    };
    let refused = app.core.set_options(&asked_.conversation, wild, None).await;
    assert_eq!(
        refused.unwrap_err().message,
        "The temperature goes from 0 to 2."
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_too_dear_is_offered_shorter_and_asked_so() {
    let (emulator, app) = connected().await;
    let (first, answer) = ask_and_wait(
        &app,
        "emulator/error-max-output-larger-than-affordable",
        "hello",
    )
    .await;
    let tokens = answer.meta.problem.unwrap().affordable_tokens;
    assert_eq!(tokens, Some(1520));
    let model = Some("emulator/echo".to_owned());
    let again = app.core.retry(&first.answer, model, tokens).await.unwrap();
    assert_eq!(words(&ended(&app, &again).await), "hello");
    assert_eq!(last(&emulator)["max_completion_tokens"], 1520);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn personas_are_kept_and_their_options_taken_by_a_conversation() {
    let (emulator, app) = connected().await;
    let draft = |id, name: &str| PersonaDraft {
        id,
        name: name.into(),
        model: Some("emulator/echo".into()),
        options: full(),
    };
    let made = app
        .core
        .save_persona(draft(None, "  The\nbrief one "))
        .await
        .unwrap();
    assert_eq!((&*made.name, &made.options), ("The brief one", &full()));
    assert!(app.events.lock().unwrap().contains(&AppEvent::Personas));
    let changed = app
        .core
        .save_persona(draft(Some(made.id.clone()), "Short"))
        .await
        .unwrap();
    let again = app.profile.start(&emulator.origin()).await;
    assert_eq!(again.core.personas().await.unwrap(), [changed]);
    let refused = app.core.save_persona(draft(None, " ")).await.unwrap_err();
    assert_eq!(refused.message, "A persona needs a name.");
    app.core.delete_persona(&made.id).await.unwrap();
    assert_eq!(app.core.personas().await.unwrap(), []);
    assert!(app.core.delete_persona(&made.id).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_title_is_asked_for_only_where_a_model_was_chosen_and_never_over_the_persons() {
    let (emulator, app) = connected().await;
    let (plain, _) = ask_and_wait(&app, "emulator/echo", "Why two tides?").await;
    assert_eq!(asked(&emulator, "POST", CHAT).len(), 1, "nobody chose it");
    let chosen = Settings {
        title_model: Some("emulator/prose-5".into()),
        ..app.core.settings()
    };
    app.core.set_settings(chosen).unwrap();
    let (titled, answer) = ask_and_wait(&app, "emulator/echo", "Why two tides?").await;
    let find = |id: &str| {
        let events = app.events.lock().unwrap();
        events.iter().rev().find_map(|event| match event {
            AppEvent::Conversation { conversation } if conversation.id == id => {
                Some(conversation.clone())
            }
            _ => None,
        })
    };
    eventually("the title comes", || {
        find(&titled.conversation).is_some_and(|c| c.title != "Why two tides?")
    })
    .await;
    let row = find(&titled.conversation).unwrap();
    assert!(row.title.starts_with("The harbour"), "{}", row.title);
    assert!(
        row.cost_usd > answer.meta.cost_usd.unwrap_or(0.0),
        "its cost counts"
    );
    let request = asked(&emulator, "POST", CHAT)
        .pop()
        .unwrap()
        .json()
        .unwrap();
    assert_eq!(
        (&request["stream"], &request["max_completion_tokens"]),
        (&json!(false), &json!(400))
    );
    assert!(request.get("session_id").is_none());

    // A title of the person's own stays, and a second answer asks for none.
    app.core.rename(&plain.conversation, "Mine").await.unwrap();
    let sent = asked(&emulator, "POST", CHAT).len();
    let more = ask(&app, Some(&titled.conversation), "emulator/echo", "and?")
        .await
        .unwrap();
    ended(&app, &more).await;
    assert_eq!(asked(&emulator, "POST", CHAT).len(), sent + 1);
    assert_eq!(find(&plain.conversation).unwrap().title, "Mine");
}
