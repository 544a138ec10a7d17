//! The consent page and the exchange.

use std::time::Duration;

use emulator::{Config, Emulator, Refused};
use serde_json::{Value, json};

use crate::http::{Response, get, post, send};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const KEYS: &str = "/api/v1/auth/keys";

async fn start() -> Emulator {
    Emulator::start(Config::default()).await.unwrap()
}

fn auth_url(emulator: &Emulator, query: &str) -> String {
    format!("{}/auth?{query}", emulator.origin())
}

/// A code bound to the challenge of RFC 7636, appendix B.
fn code(emulator: &Emulator) -> String {
    let query = format!(
        "callback_url=http://localhost:3000/cb&code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    emulator
        .approve(&auth_url(emulator, &query), None)
        .unwrap()
        .code
}

async fn exchange(emulator: &Emulator, body: &Value) -> Response {
    send(emulator, "POST", KEYS, &[], &body.to_string())
        .await
        .unwrap()
}

fn s256(code: &str, verifier: &str) -> Value {
    json!({ "code": code, "code_verifier": verifier, "code_challenge_method": "S256" })
}

fn error(status: u16, message: &str) -> (u16, String) {
    (status, message.to_owned())
}

#[tokio::test]
async fn a_code_and_its_verifier_give_a_key_that_works() {
    let emulator = start().await;
    let reply = exchange(&emulator, &s256(&code(&emulator), VERIFIER)).await;
    assert_eq!(reply.status, 200);
    let key = reply.json()["key"].as_str().unwrap().to_owned();
    let digits = key.strip_prefix("sk-or-v1-").unwrap();
    assert!(digits.len() == 64 && digits.chars().all(|c| c.is_ascii_hexdigit()));
    assert_eq!(reply.json()["user_id"], "user_EXAMPLE");
    let data = get(&emulator, "/api/v1/key", &key).await.json()["data"].clone();
    let masked = format!("{}...{}", &key[..12], &key[key.len() - 3..]);
    assert_eq!(
        data["label"], masked,
        "a key without a label is shown masked"
    );
    assert_eq!(data["limit"], Value::Null);
}

#[tokio::test]
async fn a_code_works_once() {
    let emulator = start().await;
    let body = s256(&code(&emulator), VERIFIER);
    assert_eq!(exchange(&emulator, &body).await.status, 200);
    assert_eq!(
        exchange(&emulator, &body).await.error(),
        error(400, "Invalid code")
    );
    assert_eq!(emulator.keys().len(), 1);
}

#[tokio::test]
async fn a_wrong_verifier_gets_no_key_and_no_second_try() {
    let emulator = start().await;
    let code = code(&emulator);
    let wrong = exchange(&emulator, &s256(&code, &VERIFIER.replace('d', "e"))).await;
    assert_eq!(wrong.error(), error(403, "Invalid code or code_verifier"));
    let right = exchange(&emulator, &s256(&code, VERIFIER)).await;
    assert_eq!(right.error(), error(400, "Invalid code"));
    assert!(emulator.keys().is_empty());
}

#[tokio::test]
async fn the_challenge_itself_is_no_verifier() {
    let emulator = start().await;
    let reply = exchange(&emulator, &s256(&code(&emulator), CHALLENGE)).await;
    assert_eq!(reply.error(), error(403, "Invalid code or code_verifier"));
}

#[tokio::test]
async fn a_missing_verifier_is_a_wrong_one() {
    let emulator = start().await;
    let body = json!({ "code": code(&emulator), "code_challenge_method": "S256" });
    let refused = error(403, "Invalid code or code_verifier");
    assert_eq!(exchange(&emulator, &body).await.error(), refused);
}

#[tokio::test]
async fn the_method_must_be_the_one_the_code_was_made_with() {
    let emulator = start().await;
    let code = code(&emulator);
    for method in [json!("plain"), json!("S512"), Value::Null] {
        let body = json!({
            "code": code, "code_verifier": VERIFIER, "code_challenge_method": method,
        });
        let refused = error(400, "Invalid code_challenge_method");
        assert_eq!(
            exchange(&emulator, &body).await.error(),
            refused,
            "{method}"
        );
    }
    assert_eq!(
        exchange(&emulator, &s256(&code, VERIFIER)).await.status,
        200
    );
}

#[tokio::test]
async fn an_unknown_code_is_told_before_its_method_is_looked_at() {
    let emulator = start().await;
    let body = json!({ "code": "no-such-code", "code_challenge_method": "S512" });
    assert_eq!(
        exchange(&emulator, &body).await.error(),
        error(400, "Invalid code")
    );
}

#[tokio::test]
async fn plain_challenges_and_none_work_as_they_say() {
    let emulator = start().await;
    let callback = "callback_url=http://localhost:3000/cb";
    let plain = format!("{callback}&code_challenge={VERIFIER}&code_challenge_method=plain");
    for verifier in [VERIFIER, CHALLENGE] {
        let code = emulator
            .approve(&auth_url(&emulator, &plain), None)
            .unwrap()
            .code;
        let body = json!({
            "code": code, "code_verifier": verifier, "code_challenge_method": "plain",
        });
        let expected = if verifier == VERIFIER { 200 } else { 403 };
        assert_eq!(exchange(&emulator, &body).await.status, expected);
    }
    let code = emulator
        .approve(&auth_url(&emulator, callback), None)
        .unwrap()
        .code;
    assert_eq!(
        exchange(&emulator, &json!({ "code": code })).await.status,
        200
    );
}

#[tokio::test]
async fn a_code_lives_ten_minutes() {
    let emulator = start().await;
    let (early, late) = (code(&emulator), code(&emulator));
    emulator.advance(Duration::from_secs(9 * 60 + 50));
    assert_eq!(
        exchange(&emulator, &s256(&early, VERIFIER)).await.status,
        200
    );
    emulator.advance(Duration::from_secs(11));
    let reply = exchange(&emulator, &s256(&late, VERIFIER)).await;
    assert_eq!(reply.error(), error(403, "Authorization code expired"));
}

#[tokio::test]
async fn a_malformed_body_fails_validation_without_a_numeric_code() {
    let emulator = start().await;
    for body in [
        "",
        "not json",
        "[]",
        "{}",
        r#"{"code":7}"#,
        r#"{"code":"c","code_verifier":1}"#,
    ] {
        let reply = send(&emulator, "POST", KEYS, &[], body).await.unwrap();
        assert_eq!(reply.status, 400, "{body}");
        let told = reply.json();
        assert_eq!(told["success"], false);
        assert_eq!(told["error"]["name"], "ZodError");
        assert!(told["error"].get("code").is_none());
        let issues: Value =
            serde_json::from_str(told["error"]["message"].as_str().unwrap()).unwrap();
        assert_eq!(
            issues.as_array().unwrap().len(),
            1,
            "the message is a list in a string"
        );
    }
}

#[tokio::test]
async fn the_exchange_wants_a_post() {
    let emulator = start().await;
    let reply = send(&emulator, "GET", KEYS, &[], "").await.unwrap();
    assert_eq!(reply.error().0, 405);
}

#[tokio::test]
async fn callbacks_are_https_or_loopback_or_our_own_scheme() {
    let emulator = start().await;
    let strict = Config {
        allow_custom_scheme: false,
        ..Config::default()
    };
    let strict = Emulator::start(strict).await.unwrap();
    for (callback, allowed, allowed_strictly) in [
        ("https%3A%2F%2Fapp.example%2Fcb", true, true),
        ("http%3A%2F%2Flocalhost%3A3000%2Fcb%2Fnonce", true, true),
        ("http%3A%2F%2Flocalhost%2Fcb", true, true),
        ("http%3A%2F%2F127.0.0.1%3A49152%2Fcb", true, true),
        ("causeway%3A%2F%2Fcallback", true, false),
        ("http%3A%2F%2F%5B%3A%3A1%5D%3A3000%2Fcb", false, false),
        ("http%3A%2F%2Fapp.example%2Fcb", false, false),
        ("http%3A%2F%2Flocalhost.example%2Fcb", false, false),
        ("http%3A%2F%2Flocalhost%40app.example%2Fcb", false, false),
        ("http%3A%2F%2Fuser%40localhost%3A3000%2Fcb", false, false),
        ("http%3A%2F%2F0.0.0.0%3A3000%2Fcb", false, false),
        ("ftp%3A%2F%2Flocalhost%2Fcb", false, false),
        ("javascript%3Aalert(1)", false, false),
        ("vscode%3A%2F%2Fsomething", false, false),
        ("%2Fcb", false, false),
        ("", false, false),
    ] {
        let query = format!("callback_url={callback}&code_challenge=c&code_challenge_method=S256");
        for (emulator, allowed) in [(&emulator, allowed), (&strict, allowed_strictly)] {
            let approved = emulator.approve(&auth_url(emulator, &query), None);
            assert_eq!(approved.is_ok(), allowed, "{callback}");
            let page = send(emulator, "GET", &format!("/auth?{query}"), &[], "")
                .await
                .unwrap();
            assert_eq!(page.status, if allowed { 200 } else { 400 }, "{callback}");
            assert_eq!(
                page.text().contains("id=\"authorize\""),
                allowed,
                "{callback}"
            );
        }
    }
}

#[tokio::test]
async fn success_carries_the_state_and_denial_does_not() {
    let emulator = start().await;
    let query = "callback_url=http%3A%2F%2Flocalhost%3A3000%2Fcb%3Fa%3Db&state=s%2B1";
    let url = auth_url(&emulator, query);
    let approval = emulator.approve(&url, None).unwrap();
    let expected = format!(
        "http://localhost:3000/cb?a=b&code={}&state=s%2B1",
        approval.code
    );
    assert_eq!(approval.redirect, Some(expected));
    let denied = emulator.deny(&url).unwrap();
    assert_eq!(denied, "http://localhost:3000/cb?a=b&error=access_denied");
    let stateless = auth_url(&emulator, "callback_url=http://127.0.0.1:5/cb");
    let approval = emulator.approve(&stateless, None).unwrap();
    let expected = format!("http://127.0.0.1:5/cb?code={}", approval.code);
    assert_eq!(approval.redirect, Some(expected));
}

#[tokio::test]
async fn the_buttons_of_the_page_redirect_the_browser() {
    let emulator = start().await;
    let target =
        "/auth?callback_url=http%3A%2F%2Flocalhost%3A3000%2Fcb&state=s&key_label=%3Cb%3EApp";
    let page = send(&emulator, "GET", target, &[], "").await.unwrap();
    assert!(
        page.text()
            .contains("Emulated OpenRouter: not the real service")
    );
    assert!(page.text().contains("&lt;b&gt;App") && !page.text().contains("<b>App"));
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let yes = send(
        &emulator,
        "POST",
        target,
        &form,
        "limit=2.5&decision=authorize",
    )
    .await
    .unwrap();
    assert_eq!(yes.status, 303);
    let location = yes.header("location").unwrap();
    let code = location
        .strip_prefix("http://localhost:3000/cb?code=")
        .unwrap();
    let code = code.strip_suffix("&state=s").unwrap();
    assert!((16..=128).contains(&code.len()));
    let key = exchange(&emulator, &json!({ "code": code })).await.json()["key"].clone();
    let record = emulator.keys().remove(0);
    assert_eq!((json!(record.key), record.limit), (key, Some(2.5)));
    assert_eq!(record.label.as_deref(), Some("<b>App"));

    let no = send(&emulator, "POST", target, &form, "limit=&decision=deny")
        .await
        .unwrap();
    let denied = Some("http://localhost:3000/cb?error=access_denied");
    assert_eq!((no.status, no.header("location")), (303, denied));
    let odd = send(
        &emulator,
        "POST",
        target,
        &form,
        "limit=lots&decision=authorize",
    )
    .await
    .unwrap();
    assert_eq!(odd.status, 400, "what is no amount is refused");
}

#[tokio::test]
async fn an_app_without_a_label_is_called_by_its_port() {
    let emulator = start().await;
    let target = "/auth?callback_url=http%3A%2F%2F127.0.0.1%3A4567%2Fcb";
    let page = send(&emulator, "GET", target, &[], "").await.unwrap();
    assert!(page.text().contains(r#"<b id="app">localhost:4567</b>"#));
}

#[tokio::test]
async fn without_a_callback_the_page_shows_the_code_and_wants_a_challenge() {
    let emulator = start().await;
    let bare = auth_url(&emulator, "key_label=App");
    assert_eq!(
        emulator.approve(&bare, None),
        Err(Refused::ChallengeMissing)
    );
    let target = format!("/auth?code_challenge={CHALLENGE}&code_challenge_method=S256&state=s");
    assert_eq!(
        emulator.deny(&format!("{}{target}", emulator.origin())),
        Err(Refused::NoCallback)
    );
    let page = send(&emulator, "POST", &target, &[], "decision=authorize")
        .await
        .unwrap();
    assert_eq!(page.status, 200);
    let after = page.text().split_once("<code id=\"code\">").unwrap().1;
    let code = after.split_once("</code>").unwrap().0;
    assert_eq!(exchange(&emulator, &s256(code, VERIFIER)).await.status, 200);
}

#[tokio::test]
async fn a_key_can_ask_for_the_code_of_a_tighter_one() {
    let emulator = start().await;
    let key = emulator.issue_key("first", None);
    let mut body = json!({
        "callback_url": "http://localhost:3000/cb", "code_challenge": CHALLENGE,
        "code_challenge_method": "S256", "limit": 5, "usage_limit_type": "weekly",
        "expires_at": "2031-12-31T23:59:59Z", "key_label": "Tight",
    });
    let made = post(&emulator, "/api/v1/auth/keys/code", &key, &body).await;
    assert_eq!(made.status, 200);
    let code = made.json()["data"]["id"].as_str().unwrap().to_owned();
    assert!(
        made.json()["data"]["app_id"].is_i64() && made.json()["data"]["created_at"].is_string()
    );
    let tight = exchange(&emulator, &s256(&code, VERIFIER)).await.json()["key"].clone();
    let told = get(&emulator, "/api/v1/key", tight.as_str().unwrap())
        .await
        .json()["data"]
        .clone();
    assert_eq!(
        [
            &told["label"],
            &told["limit"],
            &told["limit_reset"],
            &told["expires_at"]
        ],
        [
            &json!("Tight"),
            &json!(5.0),
            &json!("weekly"),
            &json!("2031-12-31T23:59:59Z")
        ]
    );
    for (name, value) in [
        ("callback_url", json!("http://elsewhere.example/cb")),
        ("callback_url", Value::Null),
        ("code_challenge_method", json!("S512")),
        ("limit", json!("5")),
        ("limit", json!(-1)),
        ("usage_limit_type", json!("hourly")),
        ("expires_at", json!("2031-12-31T23:59Z")),
        ("expires_at", json!("2031-12-31T23:59:59+02:00")),
        ("key_label", json!("x".repeat(101))),
    ] {
        let good = std::mem::replace(&mut body[name], value);
        let reply = post(&emulator, "/api/v1/auth/keys/code", &key, &body).await;
        assert_eq!(reply.status, 400, "{name}: {}", body[name]);
        body[name] = good;
    }
}

#[tokio::test]
async fn codes_can_be_kept_for_management_keys() {
    let config = Config {
        code_needs_management_key: true,
        ..Config::default()
    };
    let emulator = Emulator::start(config).await.unwrap();
    let (plain, manager) = (
        emulator.issue_key("a", None),
        emulator.issue_management_key("b"),
    );
    let body = json!({ "callback_url": "http://localhost:3000/cb" });
    let refused = post(&emulator, "/api/v1/auth/keys/code", &plain, &body).await;
    let message = "Only management keys can perform this operation";
    assert_eq!(refused.error(), error(403, message));
    assert_eq!(
        post(&emulator, "/api/v1/auth/keys/code", &manager, &body)
            .await
            .status,
        200
    );
    let bare = send(
        &emulator,
        "POST",
        "/api/v1/auth/keys/code",
        &[],
        &body.to_string(),
    )
    .await;
    assert_eq!(bare.unwrap().status, 401);
}

#[tokio::test]
async fn revoked_expired_and_missing_keys_are_refused() {
    let emulator = start().await;
    let key = emulator.issue_key("k", None);
    assert_eq!(get(&emulator, "/api/v1/credits", &key).await.status, 200);
    emulator.revoke(&key);
    assert_eq!(
        get(&emulator, "/api/v1/key", &key).await.error(),
        error(401, "User not found.")
    );
    let bare = send(&emulator, "GET", "/api/v1/key", &[], "")
        .await
        .unwrap();
    assert_eq!(bare.error(), error(401, "No cookie auth credentials found"));
    assert_eq!(
        get(&emulator, "/api/v1/no/such", &key).await.error(),
        error(404, "Not Found")
    );
}
