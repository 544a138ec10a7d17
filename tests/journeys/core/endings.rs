//! How an attempt ends without a key: declined, cancelled, timed out, refused.

use crate::{
    harness::{approved, assert_nothing_stored, eventually, exchanges, fresh},
    http::{self, V4, V6},
};
use causeway_core::wire::{Phase, ProblemCode, Way};
use std::time::Duration;

const TIMED_OUT: &str = "Nobody answered for five minutes, so the sign-in was ended. Connect again; it takes one click.";

/// The port can be taken at once, on both families.
fn assert_port_free(port: u16) {
    for host in ["127.0.0.1", "::1"] {
        std::net::TcpListener::bind((host, port)).expect("the port is free again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l24_l32_declining_says_so_in_the_app_and_the_browser_and_stores_nothing() {
    let (emulator, app) = fresh().await;
    let auth = app.begin(Way::Browser).await;
    let redirect = emulator.deny(auth.as_str()).unwrap();
    assert!(!redirect.contains("state="), "as the service does");
    let page = http::visit(&redirect).await;
    assert!(
        page.body.contains("You declined the request"),
        "{}",
        page.body
    );
    let problem = app.ended().await;
    assert_eq!(problem.code, ProblemCode::Declined);
    assert_eq!(
        problem.message,
        "You declined the request. Nothing was shared and nothing was stored."
    );
    assert_port_free(app.profile.port);
    assert_nothing_stored(&app, "declined");
    assert_eq!(emulator.requests(), [], "nothing was asked of the service");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l25_a_denial_without_the_right_nonce_changes_nothing() {
    let (emulator, app) = fresh().await;
    app.begin(Way::Browser).await;
    let callback = app.callback();
    let wrong = "A".repeat(43);
    for path in ["/", "/cb", "/cb/", &format!("/cb/{wrong}")] {
        let mut url = callback.clone();
        url.set_path(path);
        let page = http::visit(&format!("{url}?error=access_denied")).await;
        assert_eq!(page.status, 404, "{path}");
    }
    assert!(matches!(app.now(), Phase::Connecting { .. }));
    app.sign_in(&emulator).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l26_every_error_of_the_service_gets_our_words_and_none_of_its_own() {
    let (emulator, app) = fresh().await;
    let script = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let long = "d".repeat(3000);
    for (query, detail) in [
        ("error=invalid_request".to_owned(), "invalid_request"),
        (
            "error=unauthorized_client".to_owned(),
            "unauthorized_client",
        ),
        (
            "error=unsupported_response_type".to_owned(),
            "unsupported_response_type",
        ),
        ("error=invalid_scope".to_owned(), "invalid_scope"),
        ("error=server_error".to_owned(), "server_error"),
        (
            "error=temporarily_unavailable".to_owned(),
            "temporarily_unavailable",
        ),
        ("error=grinch".to_owned(), "unknown error"),
        (
            format!("error={script}&error_description={script}"),
            "unknown error",
        ),
        (
            format!("error=server_error&error_description={long}"),
            "server_error",
        ),
        ("error=%E2%80%AEdlrow".to_owned(), "unknown error"),
    ] {
        app.begin(Way::Browser).await;
        let page = http::visit(&format!("{}?{query}", app.callback())).await;
        assert!(
            page.body.contains("That did not work"),
            "{query}: {}",
            page.body
        );
        for word in ["script", "alert", "grinch", "ddd", "dlrow", "server_error"] {
            assert!(!page.body.contains(word), "{query}: the page echoes {word}");
        }
        let problem = app.ended().await;
        assert_eq!(
            problem.message,
            "OpenRouter ended the sign-in with an error. Connect again; it takes one click."
        );
        assert_eq!(problem.detail.as_deref(), Some(detail), "{query}");
    }
    // A description beyond the bound is no answer at all.
    app.begin(Way::Browser).await;
    let huge = format!(
        "{}?error=x&error_description={}",
        app.callback(),
        "d".repeat(5000)
    );
    assert_eq!(http::visit(&huge).await.status, 400);
    app.sign_in(&emulator).await;
    assert_eq!(exchanges(&emulator).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l28_a_callback_after_cancelling_finds_nobody() {
    let (emulator, app) = fresh().await;
    let auth = app.begin(Way::Browser).await;
    let redirect = approved(&emulator, &auth);
    assert!(app.core.cancel_attempt());
    assert_eq!(app.now(), Phase::Disconnected { ended: None });
    let port = app.profile.port;
    eventually("the port is closed", || {
        std::net::TcpStream::connect(("127.0.0.1", port)).is_err()
    })
    .await;
    assert_port_free(port);
    for ip in [V4, V6] {
        assert_eq!(http::try_visit(ip, &redirect).await, None);
    }
    assert_eq!(emulator.requests(), []);
    assert_nothing_stored(&app, "cancelled");
    assert!(app.core.cancel_attempt(), "nothing is left to cancel");
}

#[tokio::test(start_paused = true)]
async fn l35_an_answer_after_four_minutes_fifty_nine_is_in_time() {
    let (emulator, app) = fresh().await;
    let auth = app.begin(Way::Browser).await;
    let redirect = approved(&emulator, &auth);
    tokio::time::advance(Duration::from_secs(299)).await;
    let page = http::visit(&redirect).await;
    assert!(page.body.contains("You are connected"), "{}", page.body);
    app.connected().await;
}

#[tokio::test(start_paused = true)]
async fn l28_l32_l35_after_five_minutes_the_port_is_closed_and_the_app_says_why() {
    let (emulator, app) = fresh().await;
    let auth = app.begin(Way::Browser).await;
    let Phase::Connecting { attempt } = app.now() else {
        panic!()
    };
    let redirect = approved(&emulator, &auth);
    tokio::time::advance(Duration::from_secs(301)).await;
    let problem = app.ended().await;
    assert_eq!(problem.code, ProblemCode::Again);
    assert_eq!(problem.message, TIMED_OUT);
    let over = causeway_core::ports::Nature::now_ms(&*app.world) - attempt.ends_at_ms;
    assert!(
        (0..2000).contains(&over),
        "the shown time was the real one: {over} ms off"
    );
    assert_port_free(app.profile.port);
    assert_eq!(http::try_visit(V4, &redirect).await, None);
    assert_eq!(emulator.requests(), []);
    assert_nothing_stored(&app, "timed out");
}

#[tokio::test(start_paused = true)]
async fn l36_a_computer_that_slept_ten_minutes_wakes_to_a_clean_end() {
    let (emulator, app) = fresh().await;
    app.begin(Way::Browser).await;
    // The wall clock jumps; the clock that counts uptime stood still.
    let before = tokio::time::Instant::now();
    app.world.move_clock(Duration::from_secs(600));
    assert_eq!(app.ended().await.message, TIMED_OUT);
    assert!(
        before.elapsed() < Duration::from_secs(2),
        "at the next look, not minutes later"
    );
    app.sign_in(&emulator).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l36_a_moved_clock_ends_an_attempt_and_one_moved_less_does_not() {
    let (emulator, app) = fresh().await;
    app.begin(Way::Browser).await;
    app.world.move_clock(Duration::from_secs(280));
    app.sign_in(&emulator).await;
    app.begin(Way::Browser).await;
    app.world.move_clock(Duration::from_secs(301));
    assert_eq!(app.noticed().await.message, TIMED_OUT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l37_quitting_while_waiting_frees_the_port_within_a_second() {
    let (_emulator, app) = fresh().await;
    app.begin(Way::Browser).await;
    let quitting = tokio::time::timeout(Duration::from_secs(1), app.core.shut_down());
    quitting.await.expect("quitting takes less than a second");
    let port = app.profile.port;
    eventually("the port is closed", || {
        std::net::TcpStream::connect(("127.0.0.1", port)).is_err()
    })
    .await;
    assert_port_free(port);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn declining_a_second_sign_in_leaves_the_first_one_in_use() {
    let (emulator, app) = crate::harness::connected().await;
    let auth = app.begin(Way::Browser).await;
    http::visit(&emulator.deny(auth.as_str()).unwrap()).await;
    let problem = app.noticed().await;
    assert_eq!(
        problem.message,
        "You declined the request. Nothing was shared and nothing was stored."
    );
    app.connected().await;
}
