//! A key that the person already has.

use crate::harness::{assert_nothing_stored, connected, eventually, fresh};
use causeway_core::wire::{Kept, Phase, ProblemCode as Code, Way};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_key_is_checked_sealed_and_used() {
    let (emulator, app) = fresh().await;
    let key = emulator.issue_key("Mine", Some(5.0));
    app.core
        .connect_with_key(format!(" \"{key}\"\n"))
        .await
        .unwrap();
    let account = app.connected().await;
    assert_eq!(
        (&*account.label, account.limit_usd, account.kept),
        ("Mine", Some(5.0), Kept::Keychain)
    );
    let (start, end) = (&key[9..12], &key[key.len() - 3..]);
    assert_eq!(account.masked_key, format!("sk-or-v1-{start}…{end}"));
    assert_eq!(emulator.requests()[0].bearer(), Some(&*key));
    let again = app.profile.start(&emulator.origin()).await;
    again.connected().await;
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_cannot_work_is_refused_with_its_reason() {
    let (emulator, app) = fresh().await;
    let revoked = emulator.issue_key("Gone", None);
    emulator.revoke(&revoked);
    let unknown = "sk-or-v1-0000000000000000000000000000000000000000000000000000000000000000";
    let not_accepted = "OpenRouter does not accept this key. It may have been deleted or disabled.";
    for (key, code, message) in [
        (revoked, Code::Reconnect, not_accepted),
        (unknown.to_owned(), Code::Reconnect, not_accepted),
        (
            emulator.issue_management_key("Manager"),
            Code::Refused,
            "This is a management key: it can't chat. Use an ordinary key, or connect with one click.",
        ),
        (
            String::new(),
            Code::Refused,
            "This is not an API key: it is empty.",
        ),
        (
            " \n\"\"".to_owned(),
            Code::Refused,
            "This is not an API key: it is empty.",
        ),
        (
            "two words".to_owned(),
            Code::Refused,
            "This is not an API key: it has characters that do not belong there.",
        ),
        (
            "k".repeat(513),
            Code::Refused,
            "This is not an API key: it is too long.",
        ),
    ] {
        let problem = app.core.connect_with_key(key.clone()).await.unwrap_err();
        assert_eq!(
            (problem.code, &*problem.message),
            (code, message),
            "{key:?}"
        );
        assert!(
            !format!("{problem:?}").contains("sk-or-"),
            "the problem repeats the key"
        );
        assert_eq!(app.now(), Phase::Disconnected { ended: None });
        assert_nothing_stored(&app, &key);
    }
    assert_eq!(
        emulator.requests().len(),
        3,
        "what can't be a key is not sent anywhere"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pasting_a_key_ends_a_sign_in_that_waits() {
    let (emulator, app) = fresh().await;
    app.begin(Way::Browser).await;
    let key = emulator.issue_key("Mine", None);
    app.core.connect_with_key(key).await.unwrap();
    app.connected().await;
    let port = app.profile.port;
    eventually("the port is closed", || {
        std::net::TcpStream::connect(("127.0.0.1", port)).is_err()
    })
    .await;
    assert!(matches!(app.now(), Phase::Connected { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_revoked_later_is_told_when_it_is_used() {
    let (emulator, app) = connected().await;
    emulator.revoke(&emulator.keys()[0].key);
    let problem = app.core.refresh_account().await.unwrap_err();
    assert_eq!(problem.code, Code::Reconnect);
    assert!(
        matches!(app.now(), Phase::Connected { .. }),
        "the conversations stay in reach"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_account_shows_what_the_service_counts() {
    let (emulator, app) = fresh().await;
    app.core
        .connect_with_key(emulator.issue_key("Mine", Some(2.0)))
        .await
        .unwrap();
    crate::replies::ask_and_wait(&app, "emulator/prose-50", "hello").await;
    app.core.refresh_account().await.unwrap();
    let spent = emulator.keys()[0].usage;
    assert!(spent > 0.0);
    let account = app.connected().await;
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
    assert!(near(account.usage_usd, spent) && near(account.usage_today_usd, spent));
    assert!(
        near(account.remaining_usd.unwrap(), 2.0 - spent),
        "{account:?}"
    );
    emulator.advance(Duration::from_secs(32 * 24 * 3600));
    app.core.refresh_account().await.unwrap();
    let later = app
        .phase(|p| matches!(p, Phase::Connected { account } if account.usage_month_usd == 0.0))
        .await;
    assert!(matches!(later, Phase::Connected { account } if near(account.usage_usd, spent)));
}
