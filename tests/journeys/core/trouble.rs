//! Asking again by itself, strange streams, and what a stopped answer costs.

use crate::{
    harness::{App, Profile, asked, connected},
    mirror::{Mirror, look},
    replies::{ask, ask_and_wait, words},
};
use causeway_core::wire::{
    Change, FileKind, Message, NoteKind, ProblemCode as Code, Retrying, Status, ThreadEvent,
};
use emulator::{Emulator, Fault};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

const CHAT: &str = "/api/v1/chat/completions";

fn refusal(status: u16, headers: &[(&str, &str)]) -> Fault {
    Fault::Status {
        status,
        body: format!(r#"{{"error":{{"code":{status},"message":"busy"}}}}"#),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect(),
    }
}

/// What the windows were told of waits.
fn waits(events: &Mutex<Vec<ThreadEvent>>) -> Vec<Retrying> {
    let events = events.lock().unwrap();
    let told = events.iter().filter_map(|event| match &event.change {
        Change::Meta { meta } => meta.retrying.clone(),
        _ => None,
    });
    told.collect()
}

/// A question in a conversation whose events are written down.
async fn told(app: &App, conversation: &str, model: &str) -> (Message, Vec<Retrying>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&events);
    let sink = move |event| log.lock().unwrap().push(event);
    app.core
        .open_thread("log", conversation, None, sink)
        .await
        .unwrap();
    let mirror = Mirror::open(app, "main", conversation).await;
    let question = ask(app, Some(conversation), model, "go").await.unwrap();
    let answer = mirror.end_of(&question.answer).await;
    (answer, waits(&events))
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_the_moment_is_waited_out_in_sight_and_then_answered() {
    let (emulator, app) = connected().await;
    let (first, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    for status in [408, 429, 502, 503, 524, 529] {
        emulator.inject(CHAT, refusal(status, &[("Retry-After", "3")]), 1);
        emulator.inject(CHAT, refusal(status, &[]), 1);
        let before = asked(&emulator, "POST", CHAT).len();
        let started = causeway_core::ports::Nature::now_ms(&*app.world);
        let (answer, waits) = told(&app, &first.conversation, "emulator/case-plain").await;
        assert_eq!(words(&answer), "Hello there.", "{status}");
        assert_eq!(
            (answer.meta.status, &answer.meta.problem),
            (Status::Done, &None)
        );
        assert_eq!(answer.meta.retrying, None);
        assert_eq!(asked(&emulator, "POST", CHAT).len(), before + 3, "{status}");
        let steps: Vec<_> = waits.iter().map(|wait| (wait.attempt, wait.of)).collect();
        assert_eq!(steps, [(2, 4), (3, 4)], "{status}");
        assert!(
            waits[0].at_ms - started >= 3_000,
            "{status}: the named wait is kept"
        );
        let backoff = waits[1].at_ms - waits[0].at_ms;
        assert!((1_000..3_000).contains(&backoff), "{status}: {backoff} ms");
        assert!(!waits[0].reason.is_empty());
    }
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn other_refusals_and_long_waits_are_told_at_once() {
    let (emulator, app) = connected().await;
    let (first, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    for (status, headers, wait) in [
        (400, vec![], None),
        (401, vec![], None),
        (402, vec![("Retry-After", "1")], Some(1_000)),
        (403, vec![], None),
        (404, vec![], None),
        (413, vec![], None),
        (500, vec![("Retry-After", "1")], Some(1_000)),
        (504, vec![], None),
        (429, vec![("Retry-After", "21")], Some(21_000)),
        (503, vec![("Retry-After", "3600")], Some(3_600_000)),
    ] {
        emulator.inject(CHAT, refusal(status, &headers), 1);
        let (answer, waits) = told(&app, &first.conversation, "emulator/case-plain").await;
        assert_eq!(
            (answer.meta.status, waits),
            (Status::Failed, vec![]),
            "{status}"
        );
        let problem = answer.meta.problem.unwrap();
        assert_eq!(problem.retry_after_ms, wait, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_another_attempt_can_be_stopped() {
    let (emulator, app) = connected().await;
    let (first, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    emulator.inject(CHAT, refusal(429, &[("Retry-After", "20")]), 1);
    let mirror = Mirror::open(&app, "main", &first.conversation).await;
    let question = ask(&app, Some(&first.conversation), "emulator/echo", "go")
        .await
        .unwrap();
    mirror
        .until("the wait", |t| {
            t.messages.last().is_some_and(|m| m.meta.retrying.is_some())
        })
        .await;
    assert!(
        look(&app, &first.conversation).await.messages[3]
            .meta
            .retrying
            .is_some()
    );
    app.core.stop(&question.answer).await.unwrap();
    let answer = mirror.end_of(&question.answer).await;
    assert_eq!(
        (answer.meta.status, answer.meta.retrying),
        (Status::Stopped, None)
    );
    assert_eq!(
        asked(&emulator, "POST", CHAT).len(),
        2,
        "it is not asked again"
    );
}

/// A stream of these bytes in place of the next answer.
fn stream(emulator: &Emulator, content_type: &str, body: &str) {
    let fault = Fault::Status {
        status: 200,
        body: body.into(),
        headers: vec![("content-type".into(), content_type.into())],
    };
    emulator.inject(CHAT, fault, 1);
}

fn chunk(content: &str) -> String {
    format!(
        "data: {{\"id\":\"gen-1\",\"provider\":\"P\",\"choices\":[{{\"delta\":{{\"content\":\"{content}\"}}}}]}}\n\n"
    )
}

const STOP: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const USAGE: &str = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"cost\":0.5}}\n\n";
const BROKEN: &str = "The connection ended before the answer was complete. What came is kept.";

/// Name, content type, body, words, status, problem.
type Odd = (
    &'static str,
    &'static str,
    String,
    &'static str,
    Status,
    Option<&'static str>,
);

#[tokio::test(start_paused = true)]
async fn w21_every_odd_end_of_a_stream_keeps_its_words_and_says_what_happened() {
    let (emulator, app) = connected().await;
    let (first, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    let (a, b) = (chunk("Hel"), chunk("lo"));
    let done = "data: [DONE]\n\n";
    let error = |code: &str| {
        format!(
            "data: {{\"error\":{{\"code\":{code},\"message\":\"m\"}},\"choices\":[{{\"delta\":{{\"content\":\"\"}},\"finish_reason\":\"error\"}}]}}\n\n"
        )
    };
    let sse = "text/event-stream";
    let not_understood = "The answer was not understood. What came is kept; try again.";
    let cases: Vec<Odd> = vec![
        ("done twice", sse, format!("{a}{b}{STOP}{USAGE}{done}{done}"), "Hello", Status::Done, None),
        ("data after done", sse, format!("{a}{STOP}{done}{b}"), "Hel", Status::Done, None),
        ("no done", sse, format!("{a}{b}{STOP}{USAGE}"), "Hello", Status::Done, None),
        ("finish twice", sse, format!("{a}{STOP}{STOP}{USAGE}{done}"), "Hel", Status::Done, None),
        ("no end at all", sse, format!("{a}{b}"), "Hello", Status::Interrupted, Some(BROKEN)),
        ("done, but no finish", sse, format!("{a}{done}"), "Hel", Status::Interrupted, Some(BROKEN)),
        ("an error in the middle", sse, format!("{a}{}", error("502")), "Hel", Status::Interrupted,
            Some("The provider could not answer. Try again, or choose another model.")),
        ("an error with a word for a code", sse, format!("{a}{}{done}", error("\"server_error\"")), "Hel",
            Status::Interrupted, Some("OpenRouter did not accept this request.")),
        ("no JSON in the middle", sse, format!("{a}data: <html>\n\n{b}"), "Hel", Status::Interrupted,
            Some(not_understood)),
        ("a page in place of a stream", "text/html", "<html>hello</html>".into(), "", Status::Failed,
            Some(not_understood)),
        ("JSON without an answer", "application/json", "{}".into(), "", Status::Failed, Some(not_understood)),
        ("nothing", sse, String::new(), "", Status::Failed, Some(BROKEN)),
        ("comments alone", sse, ": OPENROUTER PROCESSING\n\n: \n\n".into(), "", Status::Failed, Some(BROKEN)),
        ("a service that did not stream", "application/json",
            r#"{"id":"gen-2","choices":[{"message":{"content":"Whole.","reasoning":"Hm."},"finish_reason":"stop"}],
                "usage":{"prompt_tokens":1,"completion_tokens":2,"cost":0.5}}"#.into(), "Whole.", Status::Done, None),
        ("an error that is a word", "application/json", r#"{"error":"nope"}"#.into(), "", Status::Failed,
            Some("OpenRouter did not accept this request.")),
        ("a refusal in the model's words", sse,
            format!("data: {{\"choices\":[{{\"delta\":{{\"content\":null,\"refusal\":\"I will not.\"}}}}]}}\n\n{STOP}"),
            "I will not.", Status::Done, None),
    ];
    for (name, kind, body, text, status, problem) in cases {
        stream(&emulator, kind, &body);
        let (answer, waits) = told(&app, &first.conversation, "emulator/echo").await;
        assert_eq!(
            (words(&answer).as_str(), answer.meta.status),
            (text, status),
            "{name}"
        );
        let said = answer.meta.problem.as_ref().map(|p| p.message.as_str());
        assert_eq!(said, problem, "{name}");
        assert_eq!(waits, [], "{name}");
        let cost = body.contains("cost").then_some(0.5);
        assert_eq!(answer.meta.cost_usd, cost, "{name}");
        assert_eq!(app.stored_answer(&answer.meta.id).text, text, "{name}");
        let shown = look(&app, &first.conversation)
            .await
            .messages
            .pop()
            .unwrap();
        assert_eq!(shown, answer, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn citations_tools_and_images_are_told_and_kept() {
    let (_emulator, app) = connected().await;
    let (first, cited) = ask_and_wait(&app, "emulator/case-citations", "go").await;
    // No link leads to it: its number stands where it says, in the window that saw it grow as in one that opens it.
    let mark = "See the docs<span class=\"cite\" role=\"link\" tabindex=\"0\" aria-label=\"Source 1\" data-cite=\"1\"></span>.";
    assert_eq!(cited.blocks, [format!("<p>{mark}</p>")]);
    let again = look(&app, &first.conversation).await;
    assert_eq!(again.messages[1], cited);
    let source = &cited.meta.citations[0];
    assert_eq!(
        (
            source.number,
            &*source.url,
            &*source.title,
            &*source.excerpt
        ),
        (1, "https://example.org/a", "Example A", "snippet")
    );
    let (_, called) = ask_and_wait(&app, "emulator/case-tool-call", "go").await;
    assert_eq!(
        called.meta.notes[0].text,
        "The model asked to use get_weather. Causeway runs no tools, so nothing was done."
    );
    let calls = app.stored_answer(&called.meta.id).tool_calls.unwrap();
    let calls: serde_json::Value = serde_json::from_str(&calls).unwrap();
    assert_eq!(
        calls[0]["function"],
        serde_json::json!({"name": "get_weather", "arguments": "{\"city\":\"Oslo\"}"})
    );
    let (_, drawn) = ask_and_wait(&app, "emulator/case-image-output", "go").await;
    let kinds: Vec<_> = drawn
        .meta
        .attachments
        .iter()
        .map(|file| file.kind)
        .collect();
    assert_eq!(kinds, [FileKind::Image]);
    // It lies beside the database, and not in it as well.
    assert_eq!(app.stored_answer(&drawn.meta.id).images, None);
}

#[tokio::test(start_paused = true)]
async fn w18_an_answer_beyond_fifty_megabytes_is_cut_and_kept() {
    let (emulator, app) = connected().await;
    let piece = chunk(&"x".repeat(1 << 20));
    stream(&emulator, "text/event-stream", &piece.repeat(52));
    let (_, answer) = ask_and_wait(&app, "emulator/echo", "go").await;
    assert_eq!(answer.meta.status, Status::Interrupted);
    assert_eq!(
        answer.meta.problem.unwrap().message,
        "The answer grew beyond 50 MB and was stopped there. What came is kept."
    );
    let kept = app.stored_answer(&answer.meta.id).text.len();
    assert!((49 << 20..=50 << 20).contains(&kept), "{kept} bytes");
    let line = format!("data: {}", "x".repeat(33 << 20));
    stream(&emulator, "text/event-stream", &line);
    let (_, answer) = ask_and_wait(&app, "emulator/echo", "go").await;
    assert_eq!(answer.meta.status, Status::Failed);
    assert_eq!(
        answer.meta.problem.unwrap().detail.as_deref(),
        Some("an event without end")
    );
}

#[tokio::test(start_paused = true)]
async fn the_cost_of_a_stopped_answer_comes_later_and_survives_a_restart() {
    let (emulator, app) = connected().await;
    let (first, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    let question = ask(
        &app,
        Some(&first.conversation),
        "emulator/prose-5000@100",
        "long",
    )
    .await
    .unwrap();
    let mirror = Mirror::open(&app, "main", &first.conversation).await;
    mirror
        .until("some words", |t| words(&t.messages[3]).len() > 100)
        .await;
    app.core.stop(&question.answer).await.unwrap();
    let stopped = mirror.end_of(&question.answer).await;
    assert_eq!(
        (stopped.meta.cost_usd, stopped.meta.cost_pending),
        (None, true)
    );
    assert_eq!(stopped.meta.notes[0].kind, NoteKind::Billing);
    assert!(app.stored_answer(&question.answer).generation_id.is_some());

    // Another start, before the service knows: the question is still on disk.
    let profile: Profile = app.profile.clone();
    app.core.shut_down().await;
    drop((app, mirror));
    let again = profile.start(&emulator.origin()).await;
    let mirror = Mirror::open(&again, "main", &first.conversation).await;
    let priced = |t: &causeway_core::wire::Thread| t.messages[3].meta.cost_usd.is_some();
    let thread = mirror.until("the cost", priced).await;
    let meta = &thread.messages[3].meta;
    assert!(!meta.cost_pending && meta.tokens_out.is_some_and(|n| n > 0));
    let asks = asked(&emulator, "GET", "/api/v1/generation").len();
    assert!((2..=6).contains(&asks), "asked {asks} times");
    let row = look(&again, &first.conversation).await.conversation;
    assert!(row.cost_usd >= meta.cost_usd.unwrap());
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn an_offline_service_is_not_asked_again_by_itself() {
    let (emulator, app) = connected().await;
    let (first, _) = ask_and_wait(&app, "emulator/echo", "hello").await;
    emulator.inject(CHAT, Fault::Drop, 1);
    let (answer, waits) = told(&app, &first.conversation, "emulator/echo").await;
    assert_eq!((answer.meta.status, waits), (Status::Failed, vec![]));
    assert_eq!(answer.meta.problem.unwrap().code, Code::Again);
    assert_eq!(
        asked(&emulator, "POST", CHAT).len(),
        2,
        "it may have cost already"
    );
}

#[tokio::test(start_paused = true)]
async fn keep_alives_feed_the_patience_and_silence_ends_it() {
    let (emulator, app) = connected().await;
    let (first, patient) = ask_and_wait(&app, "emulator/slow-start-200", "hello").await;
    assert_eq!(patient.meta.status, Status::Done);
    emulator.inject(CHAT, Fault::Delay(Duration::from_secs(95)), 1);
    let (silent, _) = told(&app, &first.conversation, "emulator/echo").await;
    assert_eq!(silent.meta.status, Status::Failed);
    assert_eq!(
        silent.meta.problem.unwrap().message,
        "The connection broke before the answer was complete. What came is kept."
    );
}
