//! Killed without warning in the middle of an answer, by a process of its own.

use crate::{
    harness::{Profile, asked, emulator},
    mirror::{Mirror, look},
    replies::{ask, words},
};
use causeway_core::{
    testing::stored_answer,
    wire::{Status, Unfinished},
};
use emulator::Fault;
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    time::Instant,
};

const CHAT: &str = "/api/v1/chat/completions";
const ROUNDS: usize = 50;
/// What a kill may cost, in milliseconds of text.
const LOSS_MS: u64 = 250;
const FOLDER: &str = "CAUSEWAY_TEST_FOLDER";

/// The letters of an answer: what is seen and what is stored differ in white space.
fn letters(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The process that is killed. It says when the window had how many letters, as `milliseconds letters`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test below, in a process of its own"]
async fn doomed() {
    let var = |name| std::env::var(name).unwrap();
    let profile = Profile::at(Path::new(&var(FOLDER)));
    let app = profile.start(&var("CAUSEWAY_TEST_ORIGIN")).await;
    app.core
        .connect_with_key(var("CAUSEWAY_TEST_ANSWERS_WITH"))
        .await
        .unwrap();
    app.connected().await;
    let question = ask(&app, None, "emulator/prose-20000@400", "long")
        .await
        .unwrap();
    let mirror = Mirror::open(&app, "main", &question.conversation).await;
    println!("answer {} {}", question.conversation, question.answer);
    let started = Instant::now();
    mirror
        .until("it is killed", |thread| {
            let count = letters(&words(&thread.messages[1])).len();
            println!("{} {count}", started.elapsed().as_millis());
            std::io::stdout().flush().unwrap();
            false
        })
        .await;
}

fn begin(folder: &Path, origin: &str, key: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "killed::doomed", "--ignored", "--nocapture"]);
    command.env(FOLDER, folder);
    command.env("CAUSEWAY_TEST_ORIGIN", origin);
    command.env("CAUSEWAY_TEST_ANSWERS_WITH", key);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// What the process said until it was killed, after so many lines about its answer.
fn killed(mut child: Child, after: usize) -> (String, String, Vec<(u64, usize)>) {
    let mut answer = None;
    let mut told = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let parts: Vec<_> = line.split(' ').collect();
        match parts[..] {
            ["answer", conversation, message] => {
                answer = Some((conversation.to_owned(), message.to_owned()));
            }
            [ms, count] => {
                let (Ok(ms), Ok(count)) = (ms.parse(), count.parse()) else {
                    continue;
                };
                told.push((ms, count));
                if told.len() == after {
                    child.kill().unwrap();
                }
            }
            _ => {}
        }
    }
    child.wait().unwrap();
    let (conversation, message) = answer.expect("the process asked");
    (conversation, message, told)
}

#[test]
fn killed_at_fifty_random_moments_an_answer_loses_less_than_a_quarter_of_a_second() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let service = runtime.block_on(emulator());
    let key = service.issue_key("killed", None);
    let folder = tempfile::tempdir().unwrap();
    // Marsaglia's xorshift: the same moments in every run, as far as a kill has any.
    let mut seed = 0x9e37_79b9_u64;
    let (mut whole, mut worst) = (String::new(), 0);
    for round in 0..ROUNDS {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let after = 2 + usize::try_from(seed % 24).unwrap();
        let child = begin(folder.path(), &service.origin(), &key);
        let (conversation, answer, told) = killed(child, after);
        let (thread, shown) = runtime.block_on(async {
            let app = Profile::at(folder.path()).start(&service.origin()).await;
            let thread = look(&app, &conversation).await;
            let stored = app.stored_answer(&answer).text;
            app.core.shut_down().await;
            (thread, stored)
        });
        let kept = letters(&shown);
        let meta = &thread.messages[1].meta;
        assert_eq!(meta.status, Status::Interrupted, "round {round}");
        let offered = (!kept.is_empty()).then_some(Unfinished::Interrupted);
        assert_eq!(meta.unfinished, offered, "round {round}");
        assert_eq!(letters(&words(&thread.messages[1])), kept, "round {round}");
        // The last thing told may have been told as the kill came: the task had not gone on from there.
        let [.., (now, _), _] = told[..] else {
            panic!("round {round}: {told:?}")
        };
        let lost = told.iter().find(|(_, count)| *count > kept.len());
        let lost = lost.map_or(0, |(ms, _)| now.saturating_sub(*ms));
        assert!(
            lost <= LOSS_MS,
            "round {round}: {} letters are stored, {lost} ms are lost of {told:?}",
            kept.len()
        );
        worst = worst.max(lost);
        if kept.len() > whole.len() {
            assert!(
                kept.starts_with(&whole),
                "round {round}: not the text that was said"
            );
            whole = kept;
        } else {
            assert!(
                whole.starts_with(&kept),
                "round {round}: not the text that was said"
            );
        }
    }
    println!("{ROUNDS} kills: at most {worst} ms of text lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_long_it_thought_is_told_as_soon_as_it_speaks() {
    let service = emulator().await;
    let key = service.issue_key("thinks", None);
    let details = [json!({"type": "reasoning.text", "text": "Let me think.", "index": 0})];
    service.inject(CHAT, Fault::Held(held(&details, "The tide", &json!([]))), 1);
    let folder = tempfile::tempdir().unwrap();
    let app = Profile::at(folder.path()).start(&service.origin()).await;
    app.core.connect_with_key(key).await.unwrap();
    app.connected().await;
    let question = ask(&app, None, "emulator/echo", "Think.").await.unwrap();
    let mirror = Mirror::open(&app, "main", &question.conversation).await;
    mirror
        .until("words and the time before them", |thread| {
            let answer = &thread.messages[1];
            let known = answer.meta.thought_ms.is_some();
            known && answer.meta.status == Status::Streaming && words(answer) == "The tide"
        })
        .await;
    app.core.stop(&question.answer).await.unwrap();
    let told = mirror.now().messages[1].meta.thought_ms;
    let ended = mirror.end_of(&question.answer).await;
    assert_eq!(ended.meta.thought_ms, told, "and does not grow after that");
    app.core.shut_down().await;
}

/// A stream that reasons, speaks and names a source, and then says no more.
fn held(details: &[Value], text: &str, annotations: &Value) -> String {
    let chunk = |delta: Value| {
        let chunk = json!({"id": "gen-1", "provider": "\u{202e}P", "choices": [{"delta": delta}]});
        format!("data: {chunk}\n\n")
    };
    let mut said: String = details
        .iter()
        .map(|detail| chunk(json!({"reasoning_details": [detail]})))
        .collect();
    said += &chunk(json!({"content": text}));
    said + &chunk(json!({"content": "", "annotations": annotations}))
}

#[test]
fn killed_in_the_middle_an_answer_keeps_the_reasoning_and_the_sources_that_have_to_be_sent_back() {
    let details = [
        json!({"type": "reasoning.text", "text": "Let me", "index": 0}),
        json!({"type": "reasoning.text", "text": " think.", "signature": "c2ln", "index": 0}),
        json!({"type": "reasoning.encrypted", "data": "AAEC", "format": "f-1"}),
    ];
    let annotations = json!([{"type": "url_citation", "url_citation": {
        "url": "https://example.org/a", "title": "A", "start_index": 0, "end_index": 3,
    }}]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let service = runtime.block_on(emulator());
    let key = service.issue_key("killed", None);
    let stream = held(&details, "The tide", &annotations);
    service.inject(CHAT, Fault::Held(stream), 1);
    let folder = tempfile::tempdir().unwrap();
    let mut child = begin(folder.path(), &service.origin(), &key);
    // Open until it is killed: it would end by itself when nobody listens to what it says.
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let answer = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let mut words = line.strip_prefix("answer ")?.split(' ').map(str::to_owned);
        words.next().zip(words.next())
    });
    let (conversation, message) = answer.expect("the process asked");
    // What came at once is saved at once: with the words there is all the rest.
    let began = Instant::now();
    while !stored_answer(folder.path(), &message).is_ok_and(|(stored, _)| !stored.text.is_empty()) {
        assert_eq!(child.try_wait().unwrap(), None, "it ended by itself");
        assert!(began.elapsed().as_secs() < 60, "nothing was saved");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();

    runtime.block_on(async {
        let app = Profile::at(folder.path()).start(&service.origin()).await;
        let shown = look(&app, &conversation).await.messages.remove(1);
        assert_eq!(shown.meta.status, Status::Interrupted);
        assert_eq!(
            (&*words(&shown), &*shown.reasoning),
            ("The tide", "Let me think.")
        );
        assert!(shown.meta.thought_ms.is_some(), "how long it thought");
        assert_eq!(shown.meta.provider.as_deref(), Some("P"), "as it is shown");
        let sources: Vec<_> = shown.meta.citations.iter().map(|c| &*c.url).collect();
        assert_eq!(sources, ["https://example.org/a"]);
        app.core.connect_with_key(key.clone()).await.unwrap();
        app.connected().await;
        let question = app.core.continue_answer(&message).await.unwrap();
        let mirror = Mirror::open(&app, "main", &conversation).await;
        mirror
            .until("more words", |thread| words(&thread.messages[1]).len() > 20)
            .await;
        let sent = asked(&service, "POST", CHAT).pop().unwrap().json().unwrap();
        let began = &sent["messages"][1];
        assert_eq!(began["content"], "The tide");
        assert_eq!(began["reasoning_details"], json!(details), "unchanged");
        assert_eq!(began["annotations"], annotations, "unchanged");
        app.core.stop(&question.answer).await.unwrap();
        let ended = mirror.end_of(&question.answer).await;
        assert_eq!(ended.meta.citations.len(), 1, "what goes on has them, too");
        app.core.shut_down().await;
    });
}
