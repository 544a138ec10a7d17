//! A new key that is refused, lost or not understood: what is said, and that the old one stays.

use crate::{
    harness::{connected, exchanges},
    renewal::{in_hand, key_in_use, wish},
};
use causeway_core::wire::ProblemCode as Code;
use emulator::Fault;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refusal_of_a_new_key_has_its_sentence_and_leaves_the_old_one() {
    let (emulator, app) = connected().await;
    let old = emulator.keys()[0].key.clone();
    let vault = std::fs::read(app.profile.vault_file()).unwrap();
    let status = |status: u16, message: &str, header: Option<(&str, &str)>| Fault::Status {
        status,
        body: format!(r#"{{"error":{{"code":{status},"message":"{message}"}}}}"#),
        headers: header
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect(),
    };
    let html = |code| Fault::Status {
        status: code,
        body: "<html><script>alert(1)</script>".into(),
        headers: Vec::new(),
    };
    let redirect = |to: String| Fault::Redirect { status: 307, to };
    let (code, keys) = ("/api/v1/auth/keys/code", "/api/v1/auth/keys");
    let settings =
        "OpenRouter did not accept these settings. Change them, or set them on your key's page.";
    let service = "OpenRouter has a problem on its side. Your key is as it was: try again in a moment, or use its page.";
    let broke = "The connection broke before a new key was made. Your key is as it was; try again.";
    let garbled = "OpenRouter's answer was not understood, so no new key was made. Set the limit on your key's page.";
    let elsewhere = crate::harness::emulator().await;
    let at_the_code = [
        (
            status(400, "Invalid request parameters", None),
            Code::KeyPage,
            settings,
        ),
        (
            status(401, "Missing Authentication header", None),
            Code::Reconnect,
            "OpenRouter does not accept your key any more. Connect again.",
        ),
        (
            status(403, "Forbidden", None),
            Code::KeyPage,
            "OpenRouter does not allow this with your key. Set the limit on your key's page.",
        ),
        (
            status(409, "Resource conflict. Please try again later.", None),
            Code::Again,
            "Your keys were being changed by something else. Nothing happened here: try again in a moment, or use your \
             key's page.",
        ),
        (
            status(429, "slow", Some(("retry-after", "7"))),
            Code::Wait,
            "OpenRouter asks to wait a moment. Then try again.",
        ),
        (
            status(500, "Internal Server Error", None),
            Code::Again,
            service,
        ),
        (html(502), Code::Again, service),
        (Fault::Drop, Code::Again, broke),
        (Fault::CutAfter(20), Code::Again, broke),
        (Fault::Endless, Code::KeyPage, garbled),
        (Fault::Garbage(b"{}".to_vec()), Code::KeyPage, garbled),
        (
            Fault::Garbage(br#"{"data":{"id":"two words"}}"#.to_vec()),
            Code::KeyPage,
            garbled,
        ),
        (
            redirect(format!("{}/api/v1/auth/keys/code", elsewhere.origin())),
            Code::KeyPage,
            garbled,
        ),
    ];
    let lost = "The connection broke while the new key was being made. It may exist: look at your keys on OpenRouter \
                and delete it there. The key of before is still in use.";
    let unclear = "OpenRouter's answer was not understood. A new key may exist: look at your keys on OpenRouter and \
                   delete it there. The key of before is still in use.";
    let refused = "OpenRouter did not accept the code for the new key. The key of before is still in use; try again.";
    let at_the_exchange = [
        (status(400, "Invalid code", None), Code::Again, refused),
        (
            status(403, "Authorization code expired", None),
            Code::Again,
            refused,
        ),
        (
            html(500),
            Code::Again,
            "OpenRouter has a problem on its side. The key of before is still in use; try again in a moment.",
        ),
        (Fault::Drop, Code::CheckKeys, lost),
        (Fault::CutAfter(20), Code::CheckKeys, lost),
        (Fault::Garbage(b"[]".to_vec()), Code::CheckKeys, unclear),
    ];
    let unchecked = "The new key was made but could not be checked, so it is not used. Delete it among your keys on \
                     OpenRouter, then try again. The key of before is still in use.";
    let at_the_check = [
        (
            status(401, "User not found.", None),
            Code::CheckKeys,
            unchecked,
        ),
        (Fault::Garbage(b"[]".to_vec()), Code::CheckKeys, unchecked),
    ];
    let cases = (at_the_code.into_iter().map(|case| (code, case)))
        .chain(at_the_exchange.into_iter().map(|case| (keys, case)))
        .chain(at_the_check.into_iter().map(|case| ("/api/v1/key", case)));
    for (path, (fault, code, message)) in cases {
        let why = format!("{path}: {fault:?}");
        let before = exchanges(&emulator).len();
        if path == keys {
            // Both paths begin alike: the first request, for the code, is to go through.
            emulator.inject(path, Fault::Delay(Duration::ZERO), 1);
        }
        emulator.inject(path, fault, 1);
        app.core.renew_key(&wish()).unwrap();
        let problem = app.not_renewed().await;
        assert_eq!((problem.code, &*problem.message), (code, message), "{why}");
        let wait = (code == Code::Wait).then_some(7000);
        assert_eq!(problem.retry_after_ms, wait, "{why}");
        assert!(!format!("{problem:?}").contains("script"), "{why}");
        let sent = usize::from(path != "/api/v1/auth/keys/code");
        assert_eq!(
            exchanges(&emulator).len(),
            before + sent,
            "{why}: sent once"
        );
        assert_eq!(key_in_use(&app, &emulator).await, old, "{why}");
        assert_eq!(
            std::fs::read(app.profile.vault_file()).unwrap(),
            vault,
            "{why}"
        );
        assert!(in_hand(&app.now()).unwrap().previous.is_none(), "{why}");
    }
    assert_eq!(elsewhere.requests(), []);
    app.core.renew_key(&wish()).unwrap();
    app.renewed().await;
    assert_eq!(emulator.violations(), Vec::<String>::new());
}
