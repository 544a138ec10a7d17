//! Every model: with and without the service.

use crate::harness::{Profile, asked, connected, emulator, eventually, fresh};
use causeway_core::wire::{AppEvent, Model, ProblemCode as Code};
use emulator::Fault;
use serde_json::json;
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
    app.world.move_clock(Duration::from_secs(60));
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
    emulator.inject(MODELS, Fault::CutAfter(5000), 1);
    let cut = app.core.models().await;
    assert!(
        cut.problem.is_some() && cut.models.is_empty(),
        "half a list is none"
    );
    let good = app.core.models().await.models;
    for garbage in [
        Fault::Garbage(b"<html>".to_vec()),
        Fault::Garbage(b"{\"data\":{}}".to_vec()),
        Fault::Garbage(b"\xff".to_vec()),
        Fault::Garbage(b"{\"data\":[{\"id\":\"a/b\"},{\"id\":".to_vec()),
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
    // Entries that are no models are left out; a field that is wrong costs itself alone.
    let odd = br#"{"data":[7,{},{"id":""},{"id":"a b"},{"id":"x/y","name":9},{"id":"x/z","pricing":"free"}]}"#;
    emulator.inject(MODELS, Fault::Garbage(odd.to_vec()), 1);
    let ids: Vec<_> = app
        .core
        .refresh_models()
        .await
        .models
        .into_iter()
        .filter(|m| m.gone_ms.is_none())
        .map(|m| m.id)
        .collect();
    assert_eq!(ids, ["x/y", "x/z"]);
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

/// A list as the service would send it.
fn listing(ids: impl IntoIterator<Item = String>) -> Fault {
    let data: Vec<_> = ids.into_iter().map(|id| json!({"id": id})).collect();
    Fault::Garbage(json!({ "data": data }).to_string().into_bytes())
}

fn find<'a>(models: &'a [Model], id: &str) -> &'a Model {
    models.iter().find(|model| model.id == id).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_has_not_changed_is_not_sent_again() {
    let emulator = emulator().await;
    let profile = Profile::new();
    let app = profile.start(&emulator.origin()).await;
    let first = app.core.models().await;
    app.world.move_clock(Duration::from_secs(60));
    let second = app.core.refresh_models().await;
    assert_eq!(second.models, first.models);
    assert_eq!(second.problem, None);
    assert!(second.fetched_ms > first.fetched_ms, "it is as of now");
    let sent = asked(&emulator, "GET", MODELS);
    assert_eq!(sent[0].header("if-none-match"), None);
    let tag = sent[1].header("if-none-match").unwrap().to_owned();
    drop(app);
    let again = profile.start(&emulator.origin()).await;
    again.core.refresh_models().await;
    let sent = asked(&emulator, "GET", MODELS);
    assert_eq!(
        sent[2].header("if-none-match"),
        Some(&*tag),
        "also after a restart"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_knows_no_order_still_lists_its_models() {
    let (emulator, app) = fresh().await;
    let refused = Fault::Status {
        status: 400,
        body: r#"{"success":false,"error":{"name":"ZodError","message":"[]"}}"#.into(),
        headers: Vec::new(),
    };
    emulator.inject(MODELS, refused, 1);
    let list = app.core.models().await;
    assert!(list.models.len() >= 460 && list.problem.is_none());
    let sent = asked(&emulator, "GET", MODELS);
    let orders: Vec<_> = sent.iter().map(|r| r.query.as_deref()).collect();
    assert_eq!(orders, [Some("sort=most-popular"), None]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_models_are_listed_and_more_than_fit_are_refused() {
    let (emulator, app) = fresh().await;
    let many = |count: usize| listing((0..count).map(|n| format!("lab/model-{n}")));
    emulator.inject(MODELS, many(10_000), 1);
    assert_eq!(app.core.models().await.models.len(), 10_000);
    emulator.inject(MODELS, many(25_000), 1);
    let listed = app.core.refresh_models().await.models.into_iter();
    let there = listed.filter(|m| m.gone_ms.is_none()).count();
    assert_eq!(there, 20_000, "no list is without a bound");
    let long = format!(
        r#"{{"data":[{{"id":"a/b","name":"{}"}}]}}"#,
        "x".repeat(17 << 20)
    );
    emulator.inject(MODELS, Fault::Garbage(long.into_bytes()), 1);
    let list = app.core.refresh_models().await;
    assert!(list.problem.is_some(), "17 MB are too much");
    assert_eq!(
        list.models.iter().filter(|m| m.gone_ms.is_none()).count(),
        20_000
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_is_gone_keeps_its_name_and_says_since_when() {
    let emulator = emulator().await;
    let profile = Profile::new();
    let app = profile.start(&emulator.origin()).await;
    let first = app.core.models().await;
    let name = find(&first.models, "anthropic/claude-sonnet-4.5")
        .name
        .clone();
    emulator.inject(MODELS, listing(["a/new".to_owned()]), 1);
    let list = app.core.refresh_models().await;
    assert_eq!(list.models[0].id, "a/new");
    let gone = find(&list.models, "anthropic/claude-sonnet-4.5");
    assert_eq!((&gone.name, gone.gone_ms), (&name, list.fetched_ms));
    drop(app);
    let again = profile.start(&emulator.origin()).await;
    again.world.move_clock(Duration::from_secs(60));
    let kept = again.core.models().await;
    assert_eq!(kept.models, list.models, "also after a restart");
    let back = again.core.refresh_models().await;
    assert_eq!(
        find(&back.models, "anthropic/claude-sonnet-4.5").gone_ms,
        None
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_key_the_list_says_what_it_may_use_and_who_keeps_nothing() {
    let (emulator, app) = connected().await;
    emulator.bar("stepfun/");
    let list = app.core.models().await;
    let barred: Vec<_> = list.models.iter().filter(|m| m.barred).collect();
    assert!(!barred.is_empty());
    assert!(barred.iter().all(|m| m.id.starts_with("stepfun/")));
    let private = list
        .models
        .iter()
        .filter(|m| m.private == Some(true))
        .count();
    assert!((1..list.models.len()).contains(&private), "{private}");
    let sent = asked(&emulator, "GET", "/api/v1/models/user");
    assert!(sent[0].bearer().is_some());
    assert_eq!(emulator.violations(), Vec::<String>::new());

    // What only adds to the list costs nothing when it can't be had.
    let refused = Fault::Status {
        status: 500,
        body: String::new(),
        headers: Vec::new(),
    };
    emulator.inject("/api/v1/models/user", refused.clone(), 1);
    emulator.inject("/api/v1/endpoints/zdr", refused, 1);
    let same = app.core.refresh_models().await;
    assert_eq!((same.models, same.problem), (list.models, None));

    app.core.disconnect().await.unwrap();
    let without = app.core.models().await;
    assert!(
        without.models.iter().all(|m| !m.barred),
        "it was the key's, and the key is gone"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_providers_of_a_model_are_told_and_remembered_for_a_while() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    let id = "anthropic/claude-sonnet-4.5";
    let path = format!("{MODELS}/{id}/endpoints");
    let told = app.core.providers(id).await;
    assert_eq!(told.problem, None);
    let names: Vec<_> = told
        .providers
        .iter()
        .map(|p| (&*p.name, &*p.slug))
        .collect();
    assert_eq!(
        names,
        [("Anthropic", "anthropic"), ("ExampleCo", "exampleco")]
    );
    let other = &told.providers[1];
    assert_eq!(other.quantization.as_deref(), Some("fp8"));
    assert!(other.input_price.is_some_and(|p| (p - 2.7).abs() < 1e-9));
    assert!(other.private.is_some() && other.uptime.is_some() && !other.unwell);
    assert_eq!(
        app.core.providers(&format!("{id}:nitro")).await,
        told,
        "a variant chooses among the same"
    );
    assert_eq!(asked(&emulator, "GET", &path).len(), 1);
    app.world.move_clock(Duration::from_secs(6 * 60));
    emulator.inject(&path, Fault::Drop, 1);
    let offline = app.core.providers(id).await;
    assert_eq!(offline.providers, told.providers, "as of the last time");
    assert!(offline.problem.is_some());
    assert!(app.core.providers("no/such").await.problem.is_some());
    assert!(app.core.providers("../key").await.problem.is_some());
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_opened_of_listed_models_alone() {
    let (emulator, app) = connected().await;
    app.core.models().await;
    app.core
        .open_model("anthropic/claude-sonnet-4.5")
        .await
        .unwrap();
    let opened = app.browser.opened.lock().unwrap().last().unwrap().clone();
    let page = format!("{}/anthropic/claude-sonnet-4.5", emulator.origin());
    assert_eq!(opened.as_str(), page);
    assert!(app.core.open_model("evil.example/x").await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_that_leads_elsewhere_is_asked_about_nowhere() {
    let (emulator, app) = connected().await;
    let ids = ["a/..", "../key", "./b", "a/.", "/b", "a/", "alone"];
    emulator.inject(MODELS, listing(ids.map(str::to_owned)), 1);
    let list = app.core.refresh_models().await;
    assert_eq!(list.models.len(), ids.len(), "they can be shown");
    let before = emulator.requests().len();
    for id in ids {
        let told = app.core.providers(id).await;
        assert!(told.problem.is_some() && told.providers.is_empty(), "{id}");
    }
    assert_eq!(emulator.requests().len(), before, "nothing was sent");
}
