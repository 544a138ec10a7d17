//! What else anyone may call the app with: floods, options, forged words.

use crate::{
    harness::{exchanges, fresh},
    links::{nonce, waiting},
};
use causeway_core::wire::Phase;
use std::{sync::atomic::Ordering, time::Duration};

#[tokio::test(start_paused = true)]
async fn d6_a_flood_of_links_costs_little_and_the_window_comes_once_a_second() {
    let (emulator, app, right) = waiting().await;
    let huge = format!("{right}&x={}", "y".repeat(1 << 20));
    let other = right.replace(nonce(&right), &"A".repeat(43));
    for nth in 0..10_000 {
        app.core.called([[&huge, &other][nth % 2]]);
    }
    assert_eq!(app.window.0.load(Ordering::SeqCst), 1, "once in a second");
    for second in 2..=5 {
        tokio::time::advance(Duration::from_millis(1000)).await;
        app.core.called([&other]);
        app.core.called([&other]);
        assert_eq!(app.window.0.load(Ordering::SeqCst), second);
    }
    assert!(matches!(app.now(), Phase::Connecting { .. }));
    app.core.called([&right]);
    app.connected().await;
    assert_eq!(exchanges(&emulator).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d8_of_all_words_only_the_first_link_counts() {
    let (emulator, app, right) = waiting().await;
    let other = right.replace(nonce(&right), &"A".repeat(43));
    let hostile = [
        "/usr/bin/causeway",
        "--remote-debugging-port=9222",
        "--service",
        "http://127.0.0.1:9",
        "--data-dir=/tmp/evil",
        "|",
        "\u{fffd}\u{fffd}",
        "",
    ];
    // The first that is one is the one: what stands behind it is not looked at.
    app.core
        .called(hostile.into_iter().chain([&*other, &*right]));
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(matches!(app.now(), Phase::Connecting { .. }));
    // Nor is anything after so many words.
    let many = ["--x"; 1000];
    app.core.called(many.into_iter().chain([&*right]));
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(matches!(app.now(), Phase::Connecting { .. }));
    let behind = ["--remote-debugging-port=9222", &*other, "|"];
    app.core
        .called(hostile.into_iter().chain([&*right]).chain(behind));
    app.connected().await;
    assert_eq!(exchanges(&emulator).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d11_d12_starting_the_app_again_brings_its_window_and_nothing_else() {
    let (emulator, app) = fresh().await;
    let events = app.events.lock().unwrap().len();
    app.core.called(["causeway"]);
    assert_eq!(app.window.0.load(Ordering::SeqCst), 1);
    for nth in 0..10_000 {
        let forged = format!("--data-dir=/tmp/{nth}");
        app.core
            .called(["/bin/sh", "-c", "id", &forged, "causeway://"]);
    }
    assert!(
        app.window.0.load(Ordering::SeqCst) <= 10,
        "a storm of windows"
    );
    assert_eq!(app.events.lock().unwrap().len(), events);
    assert_eq!(app.now(), Phase::Disconnected { ended: None });
    assert_eq!(emulator.requests(), []);
}
