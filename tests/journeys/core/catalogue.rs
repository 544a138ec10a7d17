//! Every model: with and without the service.

use crate::harness::{Profile, asked, emulator, eventually, fresh};
use causeway_core::wire::{AppEvent, ProblemCode as Code};
use emulator::Fault;
use std::time::Duration;

const MODELS: &str = "/api/v1/models";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_catalogue_is_listed_with_prices_and_names() {
    let (emulator, app) = fresh().await;
    let list = app.core.models().await;
    assert!(list.models.len() >= 460, "{}", list.models.len());
    assert_eq!(list.problem, None);
    assert!(list.fetched_ms.is_some());
    let sonnet = list
        .models
        .iter()
        .find(|m| m.id == "anthropic/claude-sonnet-4.5")
        .unwrap();
    assert_eq!(
        (&*sonnet.author, &*sonnet.name),
        ("Anthropic", "Claude Sonnet 4.5")
    );
    assert!(sonnet.input_price.is_some_and(|p| p > 0.0) && sonnet.images && sonnet.tools);
    assert!(
        list.models
            .iter()
            .any(|m| m.free && m.id.ends_with(":free"))
    );
    assert!(
        list.models
            .iter()
            .all(|m| !m.name.is_empty() && !m.author.is_empty())
    );
    let sent = asked(&emulator, "GET", MODELS);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].bearer(), None, "the list needs no key");
    app.core.models().await;
    assert_eq!(
        asked(&emulator, "GET", MODELS).len(),
        1,
        "a fresh list is not asked for again"
    );
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_service_the_last_copy_is_listed_and_says_why() {
    let emulator = emulator().await;
    let origin = emulator.origin();
    let profile = Profile::new();
    let list = profile.start(&origin).await.core.models().await;
    emulator.stop().await;
    let app = profile.start(&origin).await;
    let copy = app.core.models().await;
    assert_eq!(copy.models, list.models);
    assert_eq!(copy.fetched_ms, list.fetched_ms);
    let refreshed = app.core.refresh_models().await;
    assert_eq!(refreshed.models, list.models);
    let problem = refreshed.problem.unwrap();
    assert_eq!(problem.code, Code::Offline);
    assert_eq!(
        problem.message,
        "OpenRouter can't be reached. Check the connection and try again."
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_copy_is_shown_at_once_and_renewed_behind_it() {
    let (emulator, app) = fresh().await;
    let first = app.core.models().await;
    app.world.move_clock(Duration::from_secs(16 * 60));
    let old = app.core.models().await;
    assert_eq!(
        old.fetched_ms, first.fetched_ms,
        "nobody waits for the network"
    );
    eventually("the windows are told", || {
        let events = app.events.lock().unwrap();
        events.iter().filter(|e| **e == AppEvent::Models).count() == 2
    })
    .await;
    assert!(app.core.models().await.fetched_ms > first.fetched_ms);
    assert_eq!(asked(&emulator, "GET", MODELS).len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_keeps_the_old_list_and_says_so() {
    let (emulator, app) = fresh().await;
    let good = app.core.models().await.models;
    for garbage in [
        Fault::Garbage(b"<html>".to_vec()),
        Fault::Garbage(b"{\"data\":{}}".to_vec()),
        Fault::Garbage(b"\xff".to_vec()),
        Fault::CutAfter(5000),
        Fault::Redirect {
            status: 302,
            to: "/elsewhere".to_owned(),
        },
        Fault::Status {
            status: 503,
            body: String::new(),
            headers: Vec::new(),
        },
        Fault::Endless,
    ] {
        emulator.inject(MODELS, garbage.clone(), 1);
        let list = app.core.refresh_models().await;
        assert!(list.problem.is_some(), "{garbage:?}");
        assert_eq!(list.models, good, "{garbage:?}");
    }
    emulator.inject(MODELS, Fault::Garbage(b"{\"data\":[]}".to_vec()), 1);
    assert_eq!(
        app.core.refresh_models().await.models,
        good,
        "an empty list is no list"
    );
    let odd = br#"{"data":[7,{},{"id":""},{"id":"a b"},{"id":"x/y","name":9},{"id":"x/z","pricing":"free"}]}"#;
    emulator.inject(MODELS, Fault::Garbage(odd.to_vec()), 1);
    let ids: Vec<_> = app
        .core
        .refresh_models()
        .await
        .models
        .into_iter()
        .map(|m| m.id)
        .collect();
    assert_eq!(ids, ["x/z"], "entries that are no models are left out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_copy_is_as_good_as_none() {
    let emulator = emulator().await;
    let profile = Profile::new();
    profile.start(&emulator.origin()).await.core.models().await;
    std::fs::write(profile.folder().join("models.json"), b"{\"fetched").unwrap();
    let app = profile.start(&emulator.origin()).await;
    assert!(app.core.models().await.models.len() >= 460);
}
