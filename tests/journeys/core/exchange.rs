//! From the code to the key: what the service may answer, and what is said then.

use crate::{
    harness::{App, approved, asked, assert_nothing_stored, exchanges, fresh},
    http,
};
use causeway_core::{
    KeychainError,
    testing::Call,
    wire::{Problem, ProblemCode as Code, Way},
};
use emulator::{Emulator, Fault};
use std::time::Duration;

const NOT_UNDERSTOOD: &str = "OpenRouter's answer was not understood, so nothing was stored. A key may exist: look at \
     your keys on OpenRouter, then connect again.";
const BROKE: &str = "The connection broke while your key was being made. It may exist: look at your keys on OpenRouter \
     and delete it there, then connect again.";
const EXPIRED: &str =
    "The sign-in took too long and its code expired. Connect again; it takes one click.";
const BAD_CODE: &str =
    "OpenRouter did not accept the sign-in code. Connect again; it takes one click.";

/// One sign-in that must fail: the problem that is shown, after everything that is always true was looked at.
async fn fails(app: &App, emulator: &Emulator, page_says: &str, why: &str) -> Problem {
    let before = exchanges(emulator).len();
    let auth = app.begin(Way::Browser).await;
    let redirect = approved(emulator, &auth);
    let page = http::visit(&redirect).await;
    assert!(page.body.contains(page_says), "{why}: {}", page.body);
    assert!(!page.body.contains("You are connected"), "{why}");
    let problem = app.ended().await;
    assert_eq!(
        exchanges(emulator).len(),
        before + 1,
        "{why}: a code is sent once"
    );
    assert_nothing_stored(app, why);
    assert_eq!(emulator.violations(), Vec::<String>::new());
    problem
}

fn status(status: u16, body: &str, headers: &[(&str, &str)]) -> Fault {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Fault::Status {
        status,
        body: body.to_owned(),
        headers: headers.iter().map(own).collect(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x6_a_reply_without_a_usable_key_is_not_understood() {
    let (emulator, app) = fresh().await;
    let huge = format!(r#"{{"key":"{}"}}"#, "k".repeat(513));
    let replies: [&[u8]; 14] = [
        b"{}",
        b"[]",
        b"null",
        b"",
        b"\"sk-or-v1-x\"",
        b"<!doctype html><p>Hello",
        b"\xff\xfe{\"key\":\"x\"}",
        br#"{"key":null}"#,
        br#"{"key":7}"#,
        br#"{"key":""}"#,
        br#"{"key":"sk or"}"#,
        br#"{"key":"sk\nor"}"#,
        br#"{"key":"sk\u202eor"}"#,
        huge.as_bytes(),
    ];
    for reply in replies {
        let why = String::from_utf8_lossy(reply)
            .chars()
            .take(40)
            .collect::<String>();
        emulator.inject("/api/v1/auth/keys", Fault::Garbage(reply.to_vec()), 1);
        let problem = fails(&app, &emulator, "That did not work", &why).await;
        assert_eq!(
            (problem.code, &*problem.message),
            (Code::CheckKeys, NOT_UNDERSTOOD),
            "{why}"
        );
    }
    assert_eq!(
        asked(&emulator, "GET", "/api/v1/key"),
        [],
        "there was no key to look at"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l31_x7_every_refusal_has_its_sentence_and_never_the_body() {
    let (emulator, app) = fresh().await;
    let zod = r#"{"success":false,"error":{"name":"ZodError","message":"[{\"code\":\"invalid_type\"}]"}}"#;
    let error = |code: u16, message: &str| {
        format!(r#"{{"error":{{"code":{code},"message":"{message}"}}}}"#)
    };
    let service =
        "OpenRouter has a problem on its side. Nothing was stored. Connect again in a moment.";
    let refused = "OpenRouter refused the sign-in. Nothing was stored. Connect again.";
    for (fault, page, code, message, wait) in [
        (
            status(400, &error(400, "Invalid code"), &[]),
            "That did not work",
            Code::Again,
            BAD_CODE,
            None,
        ),
        (
            status(400, zod, &[]),
            "That did not work",
            Code::Again,
            BAD_CODE,
            None,
        ),
        (
            status(403, &error(403, "Invalid code or code_verifier"), &[]),
            "That did not work",
            Code::Again,
            BAD_CODE,
            None,
        ),
        (
            status(403, &error(403, "Authorization code expired"), &[]),
            "This sign-in has expired",
            Code::Again,
            EXPIRED,
            None,
        ),
        (
            status(405, "", &[("allow", "POST")]),
            "That did not work",
            Code::Again,
            refused,
            None,
        ),
        (
            status(429, &error(429, "slow"), &[("retry-after", "7")]),
            "That did not work",
            Code::Wait,
            "OpenRouter asks to wait a moment. Connect again shortly.",
            Some(7000),
        ),
        (
            status(500, &error(500, "Internal Server Error"), &[]),
            "That did not work",
            Code::Again,
            service,
            None,
        ),
        (
            status(502, "<html><script>alert(1)</script>", &[]),
            "That did not work",
            Code::Again,
            service,
            None,
        ),
        (
            status(503, "", &[]),
            "That did not work",
            Code::Again,
            service,
            None,
        ),
        (
            status(204, "", &[]),
            "That did not work",
            Code::Again,
            refused,
            None,
        ),
    ] {
        let why = format!("{fault:?}");
        emulator.inject("/api/v1/auth/keys", fault, 1);
        let problem = fails(&app, &emulator, page, &why).await;
        assert_eq!((problem.code, &*problem.message), (code, message), "{why}");
        assert_eq!(problem.retry_after_ms, wait, "{why}");
        assert!(!format!("{problem:?}").contains("script"), "{why}");
    }
    app.sign_in(&emulator).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x8_no_redirect_is_followed() {
    let (emulator, app) = fresh().await;
    let elsewhere = crate::harness::emulator().await;
    for to in [
        format!("{}/api/v1/auth/keys", elsewhere.origin()),
        "/api/v1/auth/keys".to_owned(),
    ] {
        for code in [301, 302, 303, 307, 308] {
            let fault = Fault::Redirect {
                status: code,
                to: to.clone(),
            };
            emulator.inject("/api/v1/auth/keys", fault, 1);
            let problem = fails(
                &app,
                &emulator,
                "That did not work",
                &format!("{code} {to}"),
            )
            .await;
            assert_eq!(
                (problem.code, &*problem.message),
                (Code::CheckKeys, NOT_UNDERSTOOD)
            );
        }
    }
    assert_eq!(elsewhere.requests(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x9_an_endless_reply_is_cut_at_its_bound() {
    let (emulator, app) = fresh().await;
    emulator.inject("/api/v1/auth/keys", Fault::Endless, 1);
    let problem = fails(&app, &emulator, "That did not work", "endless").await;
    assert_eq!(&*problem.message, NOT_UNDERSTOOD);
    assert_eq!(problem.detail.as_deref(), Some("a reply beyond its bound"));
}

#[tokio::test(start_paused = true)]
async fn x10_a_service_that_never_answers_is_given_up_after_twenty_five_seconds() {
    let (emulator, app) = fresh().await;
    for fault in [Fault::Delay(Duration::from_secs(3600)), Fault::Trickle] {
        let why = format!("{fault:?}");
        emulator.inject("/api/v1/auth/keys", fault, 1);
        let before = tokio::time::Instant::now();
        let problem = fails(&app, &emulator, "That did not work", &why).await;
        assert_eq!(
            (problem.code, &*problem.message),
            (Code::CheckKeys, BROKE),
            "{why}"
        );
        let waited = before.elapsed().as_secs();
        assert!((25..27).contains(&waited), "{why}: {waited} s");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x11_a_connection_that_breaks_after_the_request_is_never_tried_again() {
    let (emulator, app) = fresh().await;
    // Once on a new connection, once on one that was used before: clients like to retry the latter.
    for warm in [false, true] {
        if warm {
            assert!(app.core.refresh_models().await.problem.is_none());
        }
        for fault in [Fault::Drop, Fault::CutAfter(0), Fault::CutAfter(20)] {
            let why = format!("{fault:?} warm: {warm}");
            emulator.inject("/api/v1/auth/keys", fault, 1);
            let problem = fails(&app, &emulator, "That did not work", &why).await;
            assert_eq!(
                (problem.code, &*problem.message),
                (Code::CheckKeys, BROKE),
                "{why}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offline_at_the_exchange_nothing_was_sent_and_the_app_says_so() {
    let (emulator, app) = fresh().await;
    let auth = app.begin(Way::Browser).await;
    let redirect = approved(&emulator, &auth);
    emulator.stop().await;
    assert!(
        http::visit(&redirect)
            .await
            .body
            .contains("That did not work")
    );
    let problem = app.ended().await;
    assert_eq!(problem.code, Code::Offline);
    assert_eq!(
        problem.message,
        "OpenRouter can't be reached, so the sign-in could not be finished. Check the connection and connect again."
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x14_cancelling_during_the_exchange_stores_nothing_and_tells_of_the_key() {
    let (emulator, app) = fresh().await;
    emulator.inject(
        "/api/v1/auth/keys",
        Fault::Delay(Duration::from_secs(60)),
        1,
    );
    let auth = app.begin(Way::Browser).await;
    let redirect = approved(&emulator, &auth);
    let page = tokio::spawn(async move { http::visit(&redirect).await });
    crate::harness::eventually("the code is sent", || exchanges(&emulator).len() == 1).await;
    assert!(app.core.cancel_attempt());
    let problem = app.ended().await;
    assert_eq!(problem.code, Code::CheckKeys);
    assert_eq!(
        problem.message,
        "You cancelled while your key was being made. It may exist: look at your keys on OpenRouter."
    );
    assert!(page.await.unwrap().body.contains("That did not work"));
    assert_nothing_stored(&app, "cancelled");
    app.sign_in(&emulator).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x15_a_key_that_its_own_check_refuses_is_not_stored() {
    let (emulator, app) = fresh().await;
    let body = r#"{"error":{"code":401,"message":"User not found."}}"#;
    emulator.inject("/api/v1/key", status(401, body, &[]), 1);
    let problem = fails(&app, &emulator, "That did not work", "401").await;
    assert_eq!(problem.code, Code::Reconnect);
    assert_eq!(
        problem.message,
        "OpenRouter does not accept this key. It may have been deleted or disabled."
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_that_breaks_once_is_asked_again_because_the_key_exists() {
    let (emulator, app) = fresh().await;
    emulator.inject("/api/v1/key", Fault::Drop, 1);
    app.sign_in(&emulator).await;
    assert_eq!(exchanges(&emulator).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x19_a_code_of_ten_minutes_has_expired_and_the_page_says_so() {
    let (emulator, app) = fresh().await;
    let auth = app.begin(Way::Browser).await;
    let redirect = approved(&emulator, &auth);
    emulator.advance(Duration::from_secs(601));
    let page = http::visit(&redirect).await;
    assert!(
        page.body.contains("This sign-in has expired"),
        "{}",
        page.body
    );
    let problem = app.ended().await;
    assert_eq!((problem.code, &*problem.message), (Code::Again, EXPIRED));
    app.sign_in(&emulator).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_verifier_gets_no_key_and_the_right_one_does() {
    let (emulator, app) = fresh().await;
    let auth = app.begin(Way::Browser).await;
    let code = emulator.approve(auth.as_str(), None).unwrap().code;
    let origin = url::Url::parse(&emulator.origin()).unwrap();
    let body = serde_json::json!({
        "code": code, "code_verifier": "A".repeat(43), "code_challenge_method": "S256"
    })
    .to_string();
    let head = format!(
        "POST /api/v1/auth/keys HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        http::authority(&origin),
        body.len()
    );
    let stolen = http::raw((http::V4, origin.port().unwrap()), head.as_bytes())
        .await
        .unwrap();
    assert_eq!(
        stolen.status, 403,
        "a stolen code is worth nothing without the verifier"
    );
    assert!(emulator.keys().is_empty());
    let page = http::visit(&format!("{}?code={code}", app.callback())).await;
    assert!(
        page.body.contains("That did not work"),
        "the code was used up by the thief"
    );
    assert_eq!(app.ended().await.message, BAD_CODE);
    app.sign_in(&emulator).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x20_a_second_sign_in_that_cannot_be_sealed_leaves_the_first_key() {
    let (emulator, app) = crate::harness::connected().await;
    let old = emulator.keys()[0].key.clone();
    let bytes = std::fs::read(app.profile.vault_file()).unwrap();
    app.profile
        .keychain
        .fail(Call::Set, KeychainError::NoAccess);
    let auth = app.begin(Way::Browser).await;
    let redirect = approved(&emulator, &auth);
    let page = http::visit(&redirect).await;
    assert!(
        page.body.contains("One more step in Causeway"),
        "{}",
        page.body
    );
    assert_eq!(
        std::fs::read(app.profile.vault_file()).unwrap(),
        bytes,
        "the old vault stands"
    );
    app.profile.keychain.heal();
    let again = app.profile.start(&emulator.origin()).await;
    again.connected().await;
    let last = emulator.requests().pop().unwrap();
    assert_eq!(
        last.bearer(),
        Some(&*old),
        "the first key is the one that is used"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x15_a_check_that_is_not_understood_stores_nothing() {
    let (emulator, app) = fresh().await;
    emulator.inject("/api/v1/key", Fault::Garbage(b"[]".to_vec()), 1);
    let problem = fails(&app, &emulator, "That did not work", "garbage").await;
    assert_eq!(
        problem.message,
        "OpenRouter's answer was not understood. Try again."
    );
}
