//! Connecting in the browser, when all goes well or nearly.

use crate::{
    harness::{App, Profile, approved, connected, emulator, eventually, exchanges, fresh},
    http::{self, V4, V6},
};
use causeway_core::wire::{Kept, Phase, ProblemCode, Way};
use emulator::Emulator;
use serde_json::json;
use std::{collections::HashSet, sync::atomic::Ordering};
use url::Url;

/// Approves, comes back over this family, and looks at everything that must be true then.
async fn connect_over(ip: std::net::IpAddr) -> (Emulator, App) {
    let (emulator, app) = fresh().await;
    let auth = app.begin(Way::Browser).await;
    assert_eq!(
        auth.as_str().split('?').next(),
        Some(&*format!("{}/auth", emulator.origin()))
    );
    let approval = emulator.approve(auth.as_str(), Some(20.0)).unwrap();
    let page = http::visit_over(ip, &approval.redirect.unwrap()).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("You are connected"), "{}", page.body);

    let account = app.connected().await;
    assert_eq!(account.label, "Causeway");
    assert_eq!(account.limit_usd, Some(20.0));
    assert_eq!(account.remaining_usd, Some(20.0));
    assert_eq!(account.kept, Kept::Keychain);
    assert_eq!(
        app.window.0.load(Ordering::SeqCst),
        1,
        "the window comes forward once"
    );

    let sent = &exchanges(&emulator)[0];
    let body = sent.json().unwrap();
    let verifier = body["code_verifier"].as_str().unwrap();
    assert_eq!(
        body,
        json!({"code": approval.code, "code_verifier": verifier, "code_challenge_method": "S256"}),
        "three fields and no other"
    );
    assert_eq!(verifier.len(), 43);
    assert_eq!(sent.header("content-type"), Some("application/json"));
    assert_eq!(sent.header("authorization"), None);
    assert_eq!(sent.header("cookie"), None);
    let paths: Vec<_> = emulator.requests().iter().map(|r| r.path.clone()).collect();
    assert_eq!(paths[..2], ["/api/v1/auth/keys", "/api/v1/key"]);
    assert_eq!(emulator.violations(), Vec::<String>::new());
    (emulator, app)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l1_x4_x5_one_click_over_ipv4_connects_and_a_restart_is_still_connected() {
    let (emulator, app) = connect_over(V4).await;
    let key = &emulator.keys()[0].key;
    assert_eq!(emulator.keys().len(), 1);
    let before = emulator.requests().len();
    let again = app.profile.start(&emulator.origin()).await;
    again.connected().await;
    let sent = emulator.requests().split_off(before);
    assert!(
        sent.iter()
            .all(|r| r.path == "/api/v1/key" && r.bearer() == Some(key)),
        "the stored key is the one that was made"
    );
    assert!(again.browser.opened.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l1_a_browser_that_takes_localhost_for_ipv6_connects_too() {
    connect_over(V6).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_address_names_s256_a_fresh_nonce_and_the_preferred_port() {
    let (_emulator, app) = fresh().await;
    let mut seen = HashSet::new();
    for _ in 0..3 {
        let auth = app.begin(Way::Browser).await;
        let value = |name: &str| {
            let mut all = auth.query_pairs().filter(|(known, _)| known == name);
            let value = all.next().unwrap().1.into_owned();
            assert_eq!(all.next(), None, "{name} twice");
            value
        };
        assert_eq!(value("code_challenge_method"), "S256");
        assert_eq!(value("key_label"), "Causeway");
        let (challenge, state) = (value("code_challenge"), value("state"));
        assert_eq!((challenge.len(), state.len()), (43, 43));
        let callback = Url::parse(&value("callback_url")).unwrap();
        assert_eq!(
            http::authority(&callback),
            format!("localhost:{}", app.profile.port)
        );
        assert_eq!(callback.path(), format!("/cb/{state}"));
        assert!(
            seen.insert(challenge) && seen.insert(state),
            "a secret came twice"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_says_connected_only_after_the_key_is_sealed() {
    let (emulator, app) = fresh().await;
    let auth = app.begin(Way::Browser).await;
    let redirect = approved(&emulator, &auth);
    let calls = app.profile.keychain.calls();
    app.profile.keychain.hang();
    let page = tokio::spawn(async move { http::visit(&redirect).await });
    eventually("the key goes to the keychain", || {
        app.profile.keychain.calls() > calls
    })
    .await;
    let (spoke, phase, cancelled) = (page.is_finished(), app.now(), app.core.cancel_attempt());
    // A keychain that still hangs would keep a failing test from its end.
    app.profile.keychain.heal();
    assert!(!spoke, "the page spoke before the key was sealed");
    assert!(matches!(phase, Phase::Connecting { .. }), "{phase:?}");
    assert!(!cancelled, "sealing runs to its end");
    assert!(page.await.unwrap().body.contains("You are connected"));
    app.connected().await;
    assert!(app.profile.vault_file().exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l27_a_hundred_equal_callbacks_at_once_lead_to_one_exchange() {
    let (emulator, app) = fresh().await;
    let auth = app.begin(Way::Browser).await;
    let redirect = approved(&emulator, &auth);
    let visits: Vec<_> = (0..100)
        .map(|nth| {
            let (redirect, ip) = (redirect.clone(), if nth % 2 == 0 { V4 } else { V6 });
            tokio::spawn(async move { http::try_visit(ip, &redirect).await })
        })
        .collect();
    let mut pages = Vec::new();
    for visit in visits {
        pages.extend(visit.await.unwrap());
    }
    app.connected().await;
    let (good, others): (Vec<_>, Vec<_>) = pages.iter().partition(|page| page.status == 200);
    assert_eq!(good.len(), 1, "one of them is told how it ended");
    assert!(good[0].body.contains("You are connected"));
    assert!(others.iter().all(|page| page.status == 409), "{others:?}");
    assert_eq!(exchanges(&emulator).len(), 1);
    assert_eq!(emulator.keys().len(), 1);
    assert_eq!(
        http::try_visit(V4, &redirect).await,
        None,
        "the port is closed"
    );
    assert_eq!(exchanges(&emulator).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l27_a_second_callback_while_the_first_is_exchanged_starts_nothing() {
    let (emulator, app) = fresh().await;
    let auth = app.begin(Way::Browser).await;
    let redirect = approved(&emulator, &auth);
    let url = Url::parse(&redirect).unwrap();
    // Both are connected before either speaks: the port closes with the first decision.
    let late = tokio::net::TcpStream::connect(("127.0.0.1", url.port().unwrap()))
        .await
        .unwrap();
    assert!(
        http::visit(&redirect)
            .await
            .body
            .contains("You are connected")
    );
    let mut late = late;
    use tokio::io::AsyncWriteExt as _;
    let _ = late.write_all(http::request(&url, &[]).as_bytes()).await;
    let answer = http::answer(late).await;
    assert!(
        answer.is_none_or(|page| page.status == 409),
        "it is told of no success"
    );
    app.connected().await;
    assert_eq!(exchanges(&emulator).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l30_a_browser_that_leaves_while_it_is_kept_waiting_changes_nothing() {
    let (emulator, app) = fresh().await;
    let auth = app.begin(Way::Browser).await;
    let redirect = approved(&emulator, &auth);
    let calls = app.profile.keychain.calls();
    app.profile.keychain.hang();
    let page = tokio::spawn(async move { http::visit(&redirect).await });
    eventually("the key goes to the keychain", || {
        app.profile.keychain.calls() > calls
    })
    .await;
    page.abort();
    assert!(page.await.is_err_and(|e| e.is_cancelled()));
    app.profile.keychain.heal();
    app.connected().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l23_a_callback_without_state_is_taken_because_its_path_has_the_nonce() {
    let (emulator, app) = fresh().await;
    let auth = app.begin(Way::Browser).await;
    let code = emulator.approve(auth.as_str(), None).unwrap().code;
    let page = http::visit(&format!("{}?code={code}", app.callback())).await;
    assert!(page.body.contains("You are connected"));
    app.connected().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l29_a_new_attempt_takes_the_place_and_the_port_of_the_old_one() {
    let (emulator, app) = fresh().await;
    for _ in 0..5 {
        let old = app.begin(Way::Browser).await;
        let stale = approved(&emulator, &old);
        app.begin(Way::Browser).await;
        assert_eq!(
            http::authority(&app.callback()),
            format!("localhost:{}", app.profile.port),
            "the old attempt has given its port back"
        );
        assert_eq!(http::visit(&stale).await.status, 404);
    }
    assert_eq!(exchanges(&emulator), []);
    app.sign_in(&emulator).await;
    assert_eq!(exchanges(&emulator).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_browser_the_link_can_be_copied_and_works() {
    let (emulator, app) = fresh().await;
    app.browser.broken.store(true, Ordering::SeqCst);
    app.core.connect(Way::Browser).unwrap();
    let hinted = app
        .phase(|p| matches!(p, Phase::Connecting { attempt } if attempt.hint.is_some()))
        .await;
    let Phase::Connecting { attempt } = hinted else {
        unreachable!()
    };
    assert_eq!(
        attempt.hint.unwrap().message,
        "Your browser could not be opened. Copy the link and open it yourself."
    );
    assert_eq!(
        app.core.open_again().await.unwrap_err().code,
        ProblemCode::Again
    );
    app.core.copy_link().unwrap();
    let link = app.clipboard.0.lock().unwrap().remove(0);
    let redirect = emulator.approve(&link, None).unwrap().redirect.unwrap();
    assert!(
        http::visit(&redirect)
            .await
            .body
            .contains("You are connected")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_can_be_opened_again_and_is_the_same() {
    let (_emulator, app) = fresh().await;
    let first = app.begin(Way::Browser).await;
    app.core.open_again().await.unwrap();
    assert_eq!(*app.browser.opened.lock().unwrap(), [first.clone(), first]);
    app.core.cancel_attempt();
    let over = app.core.open_again().await.unwrap_err();
    assert_eq!(over.message, "This sign-in is over. Connect again.");
    assert_eq!(app.core.copy_link().unwrap_err(), over);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x3_without_randomness_no_attempt_begins() {
    let (_emulator, app) = fresh().await;
    app.world.no_randomness.store(true, Ordering::SeqCst);
    let problem = app.core.connect(Way::Browser).unwrap_err();
    assert_eq!(
        problem.message,
        "This computer gave no secure random numbers. Try again."
    );
    assert_eq!(app.now(), Phase::Disconnected { ended: None });
    assert!(app.browser.opened.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnecting_removes_the_key_here_and_opens_its_page() {
    let (emulator, app) = connected().await;
    let key = emulator.keys()[0].key.clone();
    app.core.disconnect().await.unwrap();
    assert_eq!(app.now(), Phase::Disconnected { ended: None });
    crate::harness::assert_nothing_stored(&app, "disconnected");
    let page = app.browser.opened.lock().unwrap().last().unwrap().clone();
    let hash = page.path().strip_prefix("/keys/").unwrap().to_owned();
    assert_eq!(hash.len(), 64, "the page of this key, named by its hash");
    assert!(!page.as_str().contains(&key[9..]));
    let again = app.profile.start(&emulator.origin()).await;
    assert_eq!(again.now(), Phase::Disconnected { ended: None });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_one_origin_is_never_sent_to_another() {
    let (first, app) = connected().await;
    let other = emulator().await;
    let there = app.profile.start(&other.origin()).await;
    let problem = there.ended().await;
    assert_eq!(problem.code, ProblemCode::Reconnect);
    assert_eq!(
        problem.message,
        "The stored key belongs to another service and was not used. Connect to this one."
    );
    assert!(there.core.refresh_account().await.is_err());
    assert!(
        other.requests().iter().all(|r| r.bearer().is_none()),
        "the key crossed over"
    );
    let back = app.profile.start(&first.origin()).await;
    back.connected().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offline_at_start_the_key_is_there_and_marked_unchecked() {
    let (emulator, app) = connected().await;
    let origin = emulator.origin();
    emulator.stop().await;
    let profile: Profile = app.profile.clone();
    let offline = profile.start(&origin).await;
    let Phase::Connected { account } = offline.now() else {
        panic!("{:?}", offline.now())
    };
    assert!(account.unchecked);
    let problem = offline.core.refresh_account().await.unwrap_err();
    assert_eq!(
        problem.message,
        "OpenRouter can't be reached. Check the connection and try again."
    );
}
