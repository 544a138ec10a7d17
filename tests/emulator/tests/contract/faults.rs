//! Injected faults, and what is told about clients.

use std::time::Duration;

use emulator::{Config, Emulator, Fault};
use serde_json::json;
use tokio::io::AsyncReadExt as _;

use crate::http::{get, open, send};

const KEY: &str = "/api/v1/key";

async fn start() -> (Emulator, String) {
    let emulator = Emulator::start(Config::default()).await.unwrap();
    let key = emulator.issue_key("test", None);
    (emulator, key)
}

#[tokio::test]
async fn a_fault_hits_its_path_as_often_as_it_was_told() {
    let (emulator, key) = start().await;
    let fault = Fault::Status {
        status: 429,
        body: r#"{"error":{"code":429,"message":"slow down"}}"#.to_owned(),
        headers: vec![("Retry-After".to_owned(), "7".to_owned())],
    };
    emulator.inject(KEY, fault, 2);
    assert_eq!(get(&emulator, "/api/v1/credits", &key).await.status, 200);
    for _ in 0..2 {
        let reply = get(&emulator, KEY, &key).await;
        assert_eq!(
            (reply.error().1.as_str(), reply.header("retry-after")),
            ("slow down", Some("7"))
        );
    }
    assert_eq!(get(&emulator, KEY, &key).await.status, 200);
}

#[tokio::test]
async fn replies_are_replaced_redirected_cut_and_dropped() {
    let (emulator, key) = start().await;
    emulator.inject(KEY, Fault::Garbage(vec![0xff, 0xfe, 0]), 1);
    assert_eq!(get(&emulator, KEY, &key).await.body, [0xff, 0xfe, 0]);
    let redirect = Fault::Redirect {
        status: 307,
        to: "http://elsewhere.example/".to_owned(),
    };
    emulator.inject(KEY, redirect, 1);
    let reply = get(&emulator, KEY, &key).await;
    assert_eq!(
        (reply.status, reply.header("location")),
        (307, Some("http://elsewhere.example/"))
    );
    let whole = get(&emulator, KEY, &key).await;
    for bytes in [0, 10] {
        emulator.inject(KEY, Fault::CutAfter(bytes), 1);
        let cut = get(&emulator, KEY, &key).await;
        assert_eq!(cut.body, whole.body[..bytes]);
        assert!(!cut.is_whole);
    }
    emulator.inject(KEY, Fault::Drop, 1);
    assert!(send(&emulator, "GET", KEY, &[], "").await.is_none());
    assert_eq!(
        emulator.requests().len(),
        6,
        "a dropped request was received all the same"
    );
}

#[tokio::test]
async fn an_exchange_whose_answer_is_cut_has_made_its_key() {
    let (emulator, _) = start().await;
    let url = format!(
        "{}/auth?callback_url=http://localhost:1/cb",
        emulator.origin()
    );
    for (fault, keys) in [(Fault::Drop, 1), (Fault::CutAfter(5), 2)] {
        let code = emulator.approve(&url, None).unwrap().code;
        emulator.inject("/api/v1/auth/keys", fault, 1);
        let body = json!({ "code": code }).to_string();
        send(&emulator, "POST", "/api/v1/auth/keys", &[], &body).await;
        assert_eq!(emulator.keys().len(), keys);
    }
}

#[tokio::test(start_paused = true)]
async fn slow_replies_are_whole_in_the_end() {
    let (emulator, key) = start().await;
    let whole = get(&emulator, "/api/v1/credits", &key).await.body;
    for (fault, seconds) in [
        (Fault::Delay(Duration::from_secs(90)), 90),
        (Fault::Trickle, whole.len() as u64),
    ] {
        emulator.inject("/api/v1/credits", fault, 1);
        let start = tokio::time::Instant::now();
        assert_eq!(get(&emulator, "/api/v1/credits", &key).await.body, whole);
        assert_eq!(start.elapsed().as_secs(), seconds);
    }
}

#[tokio::test]
async fn an_endless_reply_goes_on_for_as_long_as_it_is_read() {
    let (emulator, _) = start().await;
    emulator.inject(KEY, Fault::Endless, 1);
    let mut stream = open(&emulator, "GET", KEY, &[], "").await;
    let mut bytes = vec![0; 4 * 1024 * 1024];
    stream.read_exact(&mut bytes).await.unwrap();
}

#[tokio::test]
async fn a_client_without_fault_violates_nothing() {
    let (emulator, key) = start().await;
    let bearer = format!("Bearer {key}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("HTTP-Referer", "https://app.example"),
        ("X-OpenRouter-Title", "App"),
    ];
    send(&emulator, "GET", KEY, &headers, "").await;
    send(
        &emulator,
        "POST",
        "/api/v1/auth/keys",
        &headers[1..],
        r#"{"code":"c"}"#,
    )
    .await;
    send(&emulator, "GET", "/api/v1/models", &headers[1..], "").await;
    assert_eq!(emulator.violations(), [""; 0]);
    let recorded = emulator.requests().remove(0);
    assert_eq!(
        (recorded.bearer(), recorded.path.as_str()),
        (Some(key.as_str()), KEY)
    );
}

#[tokio::test]
async fn each_violation_is_told() {
    let (emulator, key) = start().await;
    let good = [
        ("HTTP-Referer", "https://app.example"),
        ("X-OpenRouter-Title", "App"),
    ];
    let with = |name, value| [good[0], good[1], (name, value)];
    send(&emulator, "GET", KEY, &good, "").await;
    send(&emulator, "GET", "/api/v1/models", &good[..1], "").await;
    send(&emulator, "GET", "/api/v1/models", &good[1..], "").await;
    send(
        &emulator,
        "GET",
        &format!("/api/v1/models?k={key}"),
        &good,
        "",
    )
    .await;
    send(
        &emulator,
        "GET",
        "/auth?code_challenge=the-verifier",
        &[],
        "",
    )
    .await;
    let body = r#"{"code":"c","code_verifier":"the-verifier"}"#;
    send(
        &emulator,
        "POST",
        "/api/v1/auth/keys",
        &with("Authorization", "Bearer x"),
        body,
    )
    .await;
    send(
        &emulator,
        "POST",
        "/api/v1/auth/keys",
        &with("Cookie", "a=b"),
        "{",
    )
    .await;
    assert_eq!(
        emulator.violations(),
        [
            "GET /api/v1/key: no bearer",
            "GET /api/v1/models: no X-OpenRouter-Title",
            "GET /api/v1/models: no HTTP-Referer",
            "GET /api/v1/models: a key in the URL",
            "GET /auth: a code verifier in the URL",
            "POST /api/v1/auth/keys: an Authorization header on the exchange",
            "POST /api/v1/auth/keys: a cookie",
            "POST /api/v1/auth/keys: a body that is not JSON",
        ]
    );
}

#[tokio::test]
async fn stopping_the_emulator_cuts_its_connections() {
    let (emulator, _) = start().await;
    emulator.inject(KEY, Fault::Endless, 1);
    let mut stream = open(&emulator, "GET", KEY, &[], "").await;
    let mut first = [0; 1024];
    stream.read_exact(&mut first).await.unwrap();
    emulator.stop().await;
    let mut rest = Vec::new();
    // Either end of the connection is fine, as long as it ends.
    let _ = stream.read_to_end(&mut rest).await;
}
