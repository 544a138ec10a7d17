//! Every recorded stream and error, and what becomes of it on the screen and on the disk.

use crate::{
    harness::{asked, connected},
    mirror::{Mirror, look},
    replies::{ask, ask_and_wait, words},
};
use causeway_core::wire::{
    Finish, Message, NoteKind, Part, PartKind, ProblemCode as Code, Status, Unfinished,
};
use std::collections::BTreeSet;

/// Name, words, reasoning, status, problem, tokens in and out, cost.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    Status,
    Option<(Code, &'static str)>,
    Option<(u32, u32, f64)>,
);

const CENT: f64 = 0.000_123;
const DONE: Status = Status::Done;
const WHOLE_BUDGET: &str =
    "The model used its whole budget for thinking and had none left to answer.";
const CUT: &str = "The answer reached the model's longest and was cut there.";
const FILTERED: &str = "The provider's filter ended this answer. Another model may go on.";
const BROKEN: &str = "The connection broke before the answer was complete. What came is kept.";
const CANNOT: &str = "The provider could not answer. Try again, or choose another model.";

#[rustfmt::skip]
const STREAMS: [Case; 16] = [
    ("plain", "Hello there.", "", DONE, None, Some((12, 4, CENT))),
    ("reasoning_then_text", "Hi!", "The user says hi.", DONE, None, Some((9, 12, CENT))),
    ("keepalive_comments", "late", "", DONE, None, Some((5, 1, CENT))),
    ("usage_with_empty_choices_variant", "Hi", "", DONE, None, Some((5, 1, CENT))),
    ("length_cut", "This is cut", "", DONE, Some((Code::Again, CUT)), Some((20, 16, CENT))),
    ("reasoning_eats_budget", "", "thinking more", DONE, Some((Code::Again, WHOLE_BUDGET)), Some((20, 16, CENT))),
    ("content_filter", "I", "", DONE, Some((Code::OtherModel, FILTERED)), Some((20, 1, CENT))),
    ("mid_stream_error", "Partial answ", "", Status::Interrupted, Some((Code::Again, CANNOT)), None),
    ("mid_stream_error_string_code", "Part", "", Status::Interrupted,
        Some((Code::Again, "OpenRouter did not accept this request.")), None),
    ("error_is_first_event", "", "", Status::Failed,
        Some((Code::Wait, "Too many requests right now. Try again in a moment.")), None),
    ("connection_drops_without_done", "Trunc", "", Status::Interrupted, Some((Code::Again, BROKEN)), None),
    ("tool_call", "", "", DONE, None, Some((40, 18, CENT))),
    ("citations", "See the docs.", "", DONE, None, Some((30, 5, CENT))),
    ("image_output", "Here it is.", "", DONE, None, Some((8, 1290, 0.0387))),
    ("pdf_annotation", "Total 12.00", "", DONE, None, Some((108, 6, CENT))),
    ("debug_first_chunk", "ok", "", DONE, None, Some((3, 1, CENT))),
];

fn fixtures() -> serde_json::Value {
    serde_json::from_str(include_str!("../../fixtures/openrouter/cases.json")).unwrap()
}

/// One question in one conversation; the answer as the window that watched has it.
async fn watched(app: &crate::harness::App, conversation: &str, model: &str) -> (Message, Mirror) {
    let mirror = Mirror::open(app, "main", conversation).await;
    let asked = ask(app, Some(conversation), model, "go").await.unwrap();
    (mirror.end_of(&asked.answer).await, mirror)
}

/// What a window is told of a recorded stream beside its words: finish, notes, citations, whether it can go on.
fn beside(name: &str) -> (Option<Finish>, Vec<NoteKind>, usize, Option<Unfinished>) {
    let finish = match name {
        "length_cut" | "reasoning_eats_budget" => Some(Finish::Length),
        "content_filter" => Some(Finish::Filter),
        "tool_call" => Some(Finish::Tools),
        "mid_stream_error"
        | "mid_stream_error_string_code"
        | "error_is_first_event"
        | "connection_drops_without_done" => None,
        _ => Some(Finish::Stop),
    };
    let notes = match name {
        "tool_call" => vec![NoteKind::Tools],
        _ => Vec::new(),
    };
    let unfinished = match name {
        "length_cut" => Some(Unfinished::Cut),
        "mid_stream_error" | "mid_stream_error_string_code" | "connection_drops_without_done" => {
            Some(Unfinished::Interrupted)
        }
        _ => None,
    };
    (finish, notes, usize::from(name == "citations"), unfinished)
}

/// Of each recorded stream, what must be on disk unchanged: field and value.
fn kept(stream: &serde_json::Value, field: &str) -> Vec<serde_json::Value> {
    let chunks = stream.as_array().unwrap().iter();
    let chunks = chunks.filter_map(|line| {
        serde_json::from_str::<serde_json::Value>(line.as_str()?.strip_prefix("data: ")?).ok()
    });
    chunks
        .filter_map(|chunk| {
            let list = chunk["choices"][0]["delta"][field].as_array()?.clone();
            Some(list)
        })
        .flatten()
        .collect()
}

#[tokio::test(start_paused = true)]
async fn every_recorded_stream_ends_in_its_words_its_status_and_its_cost() {
    let (emulator, app) = connected().await;
    let fixtures = fixtures();
    let names: BTreeSet<_> = fixtures["streams"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let covered: BTreeSet<_> = STREAMS.iter().map(|case| case.0.to_owned()).collect();
    assert_eq!(names, covered, "a recorded stream without an expectation");
    let (first, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    for (name, text, reasoning, status, problem, usage) in STREAMS {
        let model = format!("emulator/case-{}", name.replace('_', "-"));
        let (message, mirror) = watched(&app, &first.conversation, &model).await;
        assert_eq!(words(&message), text, "{name}");
        assert_eq!(message.reasoning, reasoning, "{name}");
        assert_eq!(message.meta.status, status, "{name}");
        let told = message
            .meta
            .problem
            .as_ref()
            .map(|p| (p.code, p.message.as_str()));
        assert_eq!(told, problem, "{name}");
        let counted = message
            .meta
            .tokens_in
            .zip(message.meta.tokens_out)
            .zip(message.meta.cost_usd);
        assert_eq!(counted.map(|((a, b), c)| (a, b, c)), usage, "{name}");
        assert_eq!(
            message.meta.thought_ms.is_some(),
            !reasoning.is_empty(),
            "{name}"
        );
        assert_eq!(message.tail, "", "{name}: an ended answer has no open tail");
        let meta = &message.meta;
        let notes = meta.notes.iter().map(|note| note.kind).collect();
        assert_eq!(
            (meta.finish, notes, meta.citations.len(), meta.unfinished),
            beside(name),
            "{name}"
        );
        assert_eq!(
            meta.cost_pending,
            status == Status::Interrupted,
            "{name}: of a broken answer the cost comes later"
        );
        // The disk has everything, unchanged and in order.
        let stored = app.stored_answer(&meta.id);
        for (field, json) in [
            ("reasoning_details", stored.reasoning_details),
            ("annotations", stored.annotations),
        ] {
            let read = json.map_or(serde_json::json!([]), |json| {
                serde_json::from_str(&json).unwrap()
            });
            let sent = kept(&fixtures["streams"][name], field);
            assert_eq!(read, serde_json::Value::Array(sent), "{name}: {field}");
        }
        let mut pictures = Vec::new();
        for file in &meta.attachments {
            pictures.push(app.core.file_picture(&file.id, true).await.unwrap());
        }
        let images = kept(&fixtures["streams"][name], "images");
        let came: Vec<_> = images
            .iter()
            .map(|image| image["image_url"]["url"].as_str().unwrap())
            .collect();
        assert_eq!(pictures, came, "{name}: pictures");
        let fresh = look(&app, &first.conversation).await;
        assert_eq!(
            mirror.now().messages,
            fresh.messages,
            "{name}: changes and snapshot differ"
        );
    }
    let sent = asked(&emulator, "POST", "/api/v1/chat/completions");
    // The one that is refused before its first token is asked four times, all others once.
    assert_eq!(sent.len(), 1 + STREAMS.len() + 3);
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[rustfmt::skip]
const ERRORS: [(&str, Code, &str, Option<u64>, usize); 30] = [
    ("no Authorization header", Code::Reconnect, "OpenRouter does not accept the key any more.", None, 1),
    ("unknown / revoked key", Code::Reconnect, "OpenRouter does not accept the key any more.", None, 1),
    ("unknown model id", Code::OtherModel, "This model does not exist any more.", None, 1),
    ("no messages", Code::Again, "OpenRouter did not accept this request.", None, 1),
    ("body not JSON", Code::Again, "OpenRouter did not accept this request.", None, 1),
    ("reasoning disabled on mandatory model", Code::Again, "OpenRouter did not accept this request.", None, 1),
    ("validation error on /auth/keys, /audio/speech, /models", Code::Again, "OpenRouter did not accept this request.", None, 1),
    ("bogus OAuth code", Code::Again, "OpenRouter did not accept this request.", None, 1),
    ("OAuth code ok but verifier wrong", Code::Refused, "OpenRouter does not allow this request", None, 1),
    ("OAuth code older than 10 min", Code::Refused, "OpenRouter does not allow this request", None, 1),
    ("OAuth method mismatch", Code::Again, "OpenRouter did not accept this request.", None, 1),
    ("account has no credit", Code::TopUp, "Your OpenRouter credits are used up.", None, 1),
    ("max output larger than affordable", Code::Shorter, "This model's longest answer costs more than you have left.", None, 1),
    ("image/video output with < $1 left on key/account (chat route)", Code::KeyLimit, "A model makes pictures only while at least $1.00 is left", None, 1),
    ("in-flight budget", Code::Wait, "Answers that are still running hold", Some(5000), 4),
    ("key spend limit hit", Code::KeyLimit, "This key has reached its spending limit.", None, 1),
    ("moderation flag", Code::OtherModel, "OpenAI's moderation stopped this message (violence).", None, 1),
    ("data policy removes every endpoint", Code::Privacy, "Your privacy settings leave no provider", None, 1),
    ("capability missing", Code::OtherModel, "No provider offers this model for this request.", None, 1),
    ("generation not indexed yet", Code::OtherModel, "No provider offers this model for this request.", None, 1),
    ("payload too large", Code::TooLong, "This message is larger than OpenRouter takes.", None, 1),
    ("free daily cap", Code::Wait, "The limit for free models is reached.", None, 1),
    ("upstream rate limit (with hint)", Code::Wait, "Too many requests right now.", Some(1000), 4),
    ("all providers at capacity (availability object)", Code::Wait, "Too many requests right now.", Some(40_000), 1),
    ("internal error", Code::Again, "OpenRouter has a problem on its side.", None, 1),
    ("provider failed", Code::Again, "ExampleCo could not answer.", None, 4),
    ("nothing meets routing", Code::OtherModel, "No provider is free for this request right now.", Some(10_000), 4),
    ("edge timeout", Code::Again, "The model took too long to begin.", None, 4),
    ("provider overloaded", Code::Again, "The provider could not answer.", None, 4),
    ("200 with error only (non-stream, late provider failure)", Code::Again, "The provider could not answer.", None, 4),
];

/// The emulator's name of the model that answers with a recorded error.
fn slug(when: &str) -> String {
    let words = when.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    let words: Vec<_> = words
        .filter(|w| !w.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("-")
}

#[tokio::test(start_paused = true)]
async fn every_recorded_error_becomes_a_sentence_with_a_way_on() {
    let (emulator, app) = connected().await;
    let fixtures = fixtures();
    let recorded = fixtures["errors"].as_array().unwrap();
    let names: BTreeSet<_> = recorded
        .iter()
        .map(|e| e["when"].as_str().unwrap())
        .collect();
    let covered: BTreeSet<_> = ERRORS.iter().map(|case| case.0).collect();
    assert_eq!(names, covered, "a recorded error without an expectation");
    let (first, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    let mut times = 1;
    for (when, code, sentence, wait, attempts) in ERRORS {
        let (message, mirror) = watched(
            &app,
            &first.conversation,
            &format!("emulator/error-{}", slug(when)),
        )
        .await;
        assert_eq!(
            (message.meta.status, words(&message)),
            (Status::Failed, String::new()),
            "{when}"
        );
        let problem = message.meta.problem.clone().unwrap();
        assert_eq!(problem.code, code, "{when}: {problem:?}");
        assert!(
            problem.message.starts_with(sentence),
            "{when}: {}",
            problem.message
        );
        assert_eq!(problem.retry_after_ms, wait, "{when}");
        let affordable = (code == Code::Shorter).then_some(1520);
        assert_eq!(problem.affordable_tokens, affordable, "{when}");
        let offered = problem.instead.join(" ");
        let told = if when.contains("availability") {
            "example/chat-mini"
        } else {
            ""
        };
        assert_eq!(offered, told, "{when}");
        assert_eq!(message.meta.retrying, None, "{when}: it is over");
        times += attempts;
        let sent = asked(&emulator, "POST", "/api/v1/chat/completions").len();
        assert_eq!(sent, times, "{when}: asked {attempts} times");
        assert!(
            !problem.message.contains(['{', '"']),
            "{when}: never raw JSON"
        );
        let shown = format!("{problem:?}");
        assert!(
            !shown.contains("user_EXAMPLE"),
            "{when}: the account's id is shown"
        );
        // What is on screen goes back further than a new look at the end.
        let (grown, fresh) = (mirror.now().messages, look(&app, &first.conversation).await);
        assert!(grown.ends_with(&fresh.messages), "{when}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_answers_grow_by_changes_into_what_a_new_look_shows() {
    let (_emulator, app) = connected().await;
    let (first, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    for model in [
        "emulator/markdown-tour@800",
        "emulator/prose-3000@4000",
        "emulator/reasoning-200@2000",
        "anthropic/claude-sonnet-4.5",
    ] {
        let (message, mirror) = watched(&app, &first.conversation, model).await;
        assert_eq!(
            message.meta.status, DONE,
            "{model}: {:?}",
            message.meta.problem
        );
        assert!(words(&message).len() > 200, "{model}");
        let fresh = look(&app, &first.conversation).await;
        let (grown, stored) = (mirror.now().messages, fresh.messages);
        assert_eq!(grown.last(), stored.last(), "{model}");
        assert_eq!(grown, stored, "{model}");
        assert!(mirror.now().seq > 3, "{model}: it grew in steps");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_emulators_prose_arrives_word_for_word() {
    let (_emulator, app) = connected().await;
    let text = "# Title\n\nA *line* with `code` & <b>no HTML</b>.\n\n- one\n- two\n\n```rust\nlet x = 1 < 2;\n```\n";
    let (asked, message) = ask_and_wait(&app, "emulator/echo@400", text).await;
    assert!(message.blocks[0].contains("Title"), "{:?}", message.blocks);
    assert!(
        !message.blocks.concat().contains("<b>"),
        "HTML of a model is text"
    );
    app.core.copy_message(&asked.answer).await.unwrap();
    assert_eq!(
        app.clipboard.0.lock().unwrap().last().unwrap(),
        text,
        "the copy is the source"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w25_parts_of_an_answer_are_copied_clean() {
    let (_emulator, app) = connected().await;
    let text = "| a | b |\n|---|---|\n| 1, 2 | $x$ |\n\n```sh\nls\nrm \u{200B}x\n\n```\n";
    let (asked, _) = ask_and_wait(&app, "emulator/echo@400", text).await;
    let copy = async |kind, index| {
        app.core
            .copy_part(&asked.answer, Part { kind, index })
            .await
    };
    let last = || app.clipboard.0.lock().unwrap().last().unwrap().clone();
    assert_eq!(copy(PartKind::Table, 0).await.unwrap().left_out, 0);
    assert_eq!(last(), "a,b\r\n\"1, 2\",$x$\r\n");
    assert_eq!(copy(PartKind::Code, 0).await.unwrap().left_out, 1);
    assert_eq!(
        last(),
        "ls\nrm x",
        "nothing hidden, nothing that runs at once"
    );
    assert_eq!(copy(PartKind::Code, 1).await.unwrap_err().code, Code::Again);
}
