//! Replies: their framing, their pace, their price.

use std::time::Duration;

use emulator::{Config, Emulator};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use crate::http::{Response, get, open, post, send};

const CHAT: &str = "/api/v1/chat/completions";

fn cases() -> Value {
    serde_json::from_str(include_str!("../../../fixtures/openrouter/cases.json")).unwrap()
}

/// An emulator whose models say everything at once, and a key.
async fn start() -> (Emulator, String) {
    let config = Config {
        tokens_per_second: f64::INFINITY,
        ..Config::default()
    };
    let emulator = Emulator::start(config).await.unwrap();
    let key = emulator.issue_key("test", None);
    (emulator, key)
}

fn ask(model: &str, question: &str) -> Value {
    json!({
        "model": model, "stream": true, "messages": [{ "role": "user", "content": question }],
    })
}

fn chunks(reply: &Response) -> Vec<Value> {
    let lines = reply
        .text()
        .split("\n\n")
        .filter_map(|line| line.strip_prefix("data: "));
    lines
        .filter(|data| *data != "[DONE]")
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

fn said(chunks: &[Value], what: &str) -> String {
    let deltas = chunks
        .iter()
        .map(|chunk| &chunk["choices"][0]["delta"][what]);
    deltas.filter_map(Value::as_str).collect()
}

/// The names of a body in the order in which they are sent.
fn names(frame: &str) -> Vec<&str> {
    let parts: Vec<&str> = frame.split('"').collect();
    parts
        .windows(2)
        .filter(|pair| pair[1].starts_with(':'))
        .map(|pair| pair[0])
        .collect()
}

#[tokio::test]
async fn every_recorded_stream_is_sent_byte_for_byte() {
    let (emulator, key) = start().await;
    for (name, lines) in cases()["streams"].as_object().unwrap() {
        let lines: Vec<&str> = lines
            .as_array()
            .unwrap()
            .iter()
            .map(|l| l.as_str().unwrap())
            .collect();
        let model = format!("emulator/case-{}", name.replace('_', "-"));
        let reply = post(&emulator, CHAT, &key, &ask(&model, "?")).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.text(), lines.join("\n\n") + "\n\n", "{name}");
        assert_eq!(
            reply.is_whole,
            name != "connection_drops_without_done",
            "{name}"
        );
        for (header, value) in cases()["stream_response_headers"].as_object().unwrap() {
            assert_eq!(
                reply.header(&header.to_lowercase()),
                value.as_str(),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn every_recorded_error_is_sent_with_its_status_and_headers() {
    let (emulator, key) = start().await;
    let models = send(&emulator, "GET", "/api/v1/models?q=emulator/error", &[], "")
        .await
        .unwrap();
    let ids: Vec<String> = models.json()["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["id"].as_str().unwrap().to_owned())
        .collect();
    let mut left: Vec<Value> = cases()["errors"].as_array().unwrap().clone();
    assert_eq!(ids.len(), left.len());
    for id in ids {
        let reply = post(&emulator, CHAT, &key, &ask(&id, "?")).await;
        let known = left
            .iter()
            .position(|case| case["body"] == reply.json())
            .expect(&id);
        let case = left.remove(known);
        assert_eq!(case["status"], reply.status, "{id}");
        for (name, value) in case["headers"].as_object().into_iter().flatten() {
            assert_eq!(reply.header(&name.to_lowercase()), value.as_str(), "{id}");
        }
    }
}

#[tokio::test]
async fn a_made_stream_is_framed_like_a_recorded_one() {
    let (emulator, key) = start().await;
    let cases = cases();
    for (model, case) in [
        ("emulator/echo", "plain"),
        ("emulator/reasoning-2", "reasoning_then_text"),
    ] {
        let reply = post(&emulator, CHAT, &key, &ask(model, "Hello there")).await;
        let made: Vec<&str> = reply.text().split("\n\n").collect();
        let recorded: Vec<&str> = cases["streams"][case]
            .as_array()
            .unwrap()
            .iter()
            .map(|l| l.as_str().unwrap())
            .collect();
        assert_eq!(made.last(), Some(&""), "it ends in an empty line");
        assert_eq!(
            names(made[0]),
            names(recorded[0]),
            "{case}: the first chunk"
        );
        let end = made.len() - 1;
        for back in 1..=4 {
            let recorded = recorded[recorded.len() - back];
            assert_eq!(
                names(made[end - back]),
                names(recorded),
                "{case}: {back} before the end"
            );
        }
        assert_eq!(made[end - 1], "data: [DONE]");
        let chunks = chunks(&reply);
        assert!(
            chunks
                .iter()
                .all(|chunk| chunk["choices"][0]["delta"]["role"] == "assistant")
        );
        let id = chunks[0]["id"].as_str().unwrap();
        assert_eq!(reply.header("x-generation-id"), Some(id));
        assert!(
            id.starts_with("gen-") && id.rsplit('-').next().unwrap().len() == 20,
            "{id}"
        );
    }
}

#[tokio::test]
async fn models_do_what_their_names_say() {
    let (emulator, key) = start().await;
    let echo = post(
        &emulator,
        CHAT,
        &key,
        &ask("emulator/echo", "Grüße, 🦀 people\n"),
    )
    .await;
    assert_eq!(said(&chunks(&echo), "content"), "Grüße, 🦀 people\n");
    let prose = post(&emulator, CHAT, &key, &ask("emulator/prose-750@5000", "")).await;
    let prose = chunks(&prose);
    assert_eq!(
        (
            prose.len(),
            prose.last().unwrap()["usage"]["completion_tokens"].clone()
        ),
        (752, json!(750))
    );
    let tour = post(&emulator, CHAT, &key, &ask("emulator/markdown-tour", "")).await;
    assert_eq!(
        said(&chunks(&tour), "content"),
        include_str!("../../src/chat/tour.md")
    );
    let thinker = post(&emulator, CHAT, &key, &ask("emulator/reasoning-30", "hi")).await;
    let usage = chunks(&thinker).last().unwrap()["usage"].clone();
    assert_eq!(usage["completion_tokens_details"]["reasoning_tokens"], 30);
    assert!(!said(&chunks(&thinker), "reasoning").is_empty());
    let unknown = post(&emulator, CHAT, &key, &ask("emulator/poetry", "")).await;
    let message = "emulator/poetry is not a valid model ID".to_owned();
    assert_eq!(unknown.error(), (400, message));
}

#[tokio::test]
async fn ordinary_models_answer_with_a_document_about_the_question() {
    let (emulator, key) = start().await;
    let mut answers = std::collections::HashSet::new();
    for question in [
        "Why does my async Rust block?",
        "Plan a weekend trip",
        "What are kestrels?",
    ] {
        let reply = post(
            &emulator,
            CHAT,
            &key,
            &ask("anthropic/claude-sonnet-4.6", question),
        )
        .await;
        let text = said(&chunks(&reply), "content");
        assert!(text.starts_with(&format!("> {question}\n")), "{text}");
        assert!(text.contains("| --- |") && text.contains("```"), "{text}");
        answers.insert(text);
    }
    assert_eq!(answers.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_model_talks_at_the_pace_of_its_name_and_comments_fill_its_silence() {
    let emulator = Emulator::start(Config::default()).await.unwrap();
    let key = emulator.issue_key("test", None);
    let start = tokio::time::Instant::now();
    post(&emulator, CHAT, &key, &ask("emulator/prose-301@100", "")).await;
    assert_eq!(start.elapsed().as_millis() / 100, 30, "300 pauses of 10 ms");
    let slow = post(&emulator, CHAT, &key, &ask("emulator/slow-start", "hi")).await;
    let comments = slow.text().matches(": OPENROUTER PROCESSING\n\n").count();
    assert_eq!(comments, 18, "about two a second for ten seconds");
    assert!(slow.text().starts_with(": OPENROUTER PROCESSING\n\n"));
}

#[tokio::test]
async fn what_a_reply_costs_is_charged_to_its_key() {
    let (emulator, key) = start().await;
    let mut body = ask("emulator/prose-1000", &"word".repeat(100));
    body["max_completion_tokens"] = json!(600);
    let reply = post(&emulator, CHAT, &key, &body).await;
    let end = chunks(&reply).pop().unwrap();
    assert_eq!(
        end["choices"][0]["finish_reason"], "length",
        "cut at what the client allows"
    );
    let (usage, prompt) = (&end["usage"], 104);
    assert_eq!(
        [&usage["prompt_tokens"], &usage["completion_tokens"]],
        [prompt, 600]
    );
    let cost = 0.000104 + 0.003;
    assert_eq!(usage["cost"], cost, "$1 and $5 a million tokens");
    let data = get(&emulator, "/api/v1/key", &key).await.json()["data"].clone();
    for name in ["usage", "usage_daily", "usage_weekly", "usage_monthly"] {
        assert_eq!(data[name], cost, "{name}");
    }
    let credits = get(&emulator, "/api/v1/credits", &key).await.json();
    assert_eq!(
        credits,
        json!({ "data": { "total_credits": 25.0, "total_usage": cost } })
    );
    body["stream"] = json!(false);
    let whole = post(&emulator, CHAT, &key, &body).await.json();
    assert_eq!(whole["usage"], *usage, "the same without a stream");
    assert_eq!(
        whole["choices"][0]["message"]["content"],
        said(&chunks(&reply), "content")
    );
    assert_eq!(emulator.keys()[0].usage, 2.0 * cost);
}

#[tokio::test]
async fn limits_and_credit_are_kept() {
    let (emulator, _) = start().await;
    // Five tokens of prompt and two thousand of answer, to the cent's ten-thousandth.
    let poor = emulator.issue_key("poor", Some(0.010_005));
    let refused = post(&emulator, CHAT, &poor, &ask("emulator/prose-2000", "hi")).await;
    let (status, message) = refused.error();
    assert_eq!(status, 402, "the model's longest answer is what counts");
    assert!(
        message.contains("up to 131072 tokens, but can only afford 2000"),
        "{message}"
    );
    let mut small = ask("emulator/prose-2000", "hi");
    small["max_completion_tokens"] = json!(2001);
    assert_eq!(post(&emulator, CHAT, &poor, &small).await.status, 402);
    small["max_completion_tokens"] = json!(2000);
    assert_eq!(post(&emulator, CHAT, &poor, &small).await.status, 200);
    let told = get(&emulator, "/api/v1/key", &poor).await.json();
    assert_eq!(told["data"]["limit_remaining"], 0.0);
    let (status, message) = post(&emulator, CHAT, &poor, &small).await.error();
    assert_eq!(status, 403);
    assert!(
        message.starts_with("Key limit exceeded (total limit)"),
        "{message}"
    );
    let rich = emulator.issue_key("rich", None);
    emulator.set_credits(0.0);
    let (status, message) = post(&emulator, CHAT, &rich, &small).await.error();
    assert_eq!((status, &message[..20]), (402, "Insufficient credits"));
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_in_order() {
    let (emulator, key) = start().await;
    let bare = send(&emulator, "POST", CHAT, &[], "not json")
        .await
        .unwrap();
    assert_eq!(bare.status, 401, "the key comes first");
    let bearer = format!("Bearer {key}");
    let headers = [("Authorization", bearer.as_str())];
    let broken = send(&emulator, "POST", CHAT, &headers, "not json")
        .await
        .unwrap();
    assert_eq!(broken.error().1, "Input must have at least 1 token.");
    let empty = post(&emulator, CHAT, &key, &json!({ "model": "emulator/echo" })).await;
    assert_eq!(
        empty.error().1,
        "Input required: specify \"prompt\" or \"messages\""
    );
    let mut off = ask("google/gemini-3.5-pro", "hi");
    off["reasoning"] = json!({ "effort": "none" });
    let off = post(&emulator, CHAT, &key, &off).await.error();
    assert_eq!(
        off.1,
        "Reasoning is mandatory for this endpoint and cannot be disabled."
    );
    let mut image = ask("deepseek/deepseek-v4", "hi");
    image["messages"][0]["content"] = json!([{ "type": "image_url", "image_url": { "url": "" } }]);
    let blind = post(&emulator, CHAT, &key, &image).await.error();
    assert_eq!(
        blind,
        (
            404,
            "No endpoints found that support image input".to_owned()
        )
    );
    let mut fallback = ask("emulator/error-provider-failed", "hi");
    fallback["models"] = json!(["emulator/echo"]);
    let served = chunks(&post(&emulator, CHAT, &key, &fallback).await);
    assert_eq!(
        served[0]["model"], "emulator/echo",
        "the fallback serves and is named"
    );
}

#[tokio::test]
async fn a_generation_is_found_after_a_while_or_after_some_asking() {
    let (emulator, key) = start().await;
    let ask = ask("emulator/echo", "hi");
    for waits in [true, false] {
        let reply = post(&emulator, CHAT, &key, &ask).await;
        let id = reply.header("x-generation-id").unwrap();
        let target = format!("/api/v1/generation?id={id}");
        let missing = (404, format!("Generation {id} not found"));
        assert_eq!(get(&emulator, &target, &key).await.error(), missing);
        if waits {
            emulator.advance(Duration::from_secs(60));
        } else {
            assert_eq!(get(&emulator, &target, &key).await.status, 404);
            assert_eq!(get(&emulator, &target, &key).await.status, 404);
        }
        let found = get(&emulator, &target, &key).await.json()["data"].clone();
        assert_eq!([&found["cancelled"], &found["streamed"]], [false, true]);
        let usage = chunks(&reply).pop().unwrap()["usage"].clone();
        assert_eq!(found["total_cost"], usage["cost"]);
        let other = emulator.issue_key("other", None);
        assert_eq!(
            get(&emulator, &target, &other).await.status,
            404,
            "only its owner sees it"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_stopped_reply_is_charged_as_far_as_it_came() {
    let emulator = Emulator::start(Config::default()).await.unwrap();
    let key = emulator.issue_key("test", None);
    let bearer = format!("Bearer {key}");
    let body = ask("emulator/prose-5000@10", "hi").to_string();
    let headers = [("Authorization", bearer.as_str())];
    let mut stream = open(&emulator, "POST", CHAT, &headers, &body).await;
    let mut read = String::new();
    while read.matches("data: ").count() < 20 {
        let mut bytes = [0; 4096];
        let length = stream.read(&mut bytes).await.unwrap();
        read += std::str::from_utf8(&bytes[..length]).unwrap();
    }
    drop(stream);
    while emulator.keys()[0].usage == 0.0 {
        tokio::task::yield_now().await;
    }
    let id = read.split_once("gen-").unwrap().1;
    let target = format!(
        "/api/v1/generation?id=gen-{}",
        &id[..id.find("\r\n").unwrap()]
    );
    emulator.advance(Duration::from_secs(60));
    let found = get(&emulator, &target, &key).await.json()["data"].clone();
    assert_eq!(
        [&found["cancelled"], &found["finish_reason"]],
        [&json!(true), &Value::Null]
    );
    let tokens = found["tokens_completion"].as_u64().unwrap();
    assert!((20..100).contains(&tokens), "{tokens} tokens");
}
