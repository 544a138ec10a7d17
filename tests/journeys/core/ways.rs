//! The ways back of an answer: which one is taken, which one the person chose, and what happens when none works.

use crate::{
    harness::{App, fresh},
    http,
};
use causeway_core::wire::{Back, Phase, ProblemCode, Way, WayBack};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::atomic::Ordering,
};

fn choose(app: &App, way_back: WayBack) {
    let mut settings = app.core.settings();
    settings.way_back = way_back;
    app.core.set_settings(settings).unwrap();
}

/// What the window says about the way back.
fn shown(app: &App) -> Option<Back> {
    match app.now() {
        Phase::Connecting { attempt } => attempt.back,
        other => panic!("{other:?}"),
    }
}

fn port(address: impl Into<String>) -> Option<Back> {
    Some(Back::Port {
        address: address.into(),
    })
}

/// Connects on the preferred port, which must not be taken; the address that is used.
async fn beside_the_preferred_port(app: &App) -> String {
    app.begin(Way::Browser).await;
    let authority = http::authority(&app.callback());
    assert!(authority.starts_with("127.0.0.1:"), "{authority}");
    assert_ne!(authority, format!("127.0.0.1:{}", app.profile.port));
    assert_eq!(shown(app), port(authority.as_str()));
    authority
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_a_computer_without_ipv6_uses_localhost_over_ipv4() {
    let (emulator, app) = fresh().await;
    app.machine.no_ipv6.store(true, Ordering::SeqCst);
    app.begin(Way::Browser).await;
    let preferred = format!("localhost:{}", app.profile.port);
    assert_eq!(http::authority(&app.callback()), preferred);
    assert_eq!(shown(&app), port(preferred));
    let tried = app.machine.tried.lock().unwrap().clone();
    let families: Vec<_> = tried.iter().map(|at| at.ip()).collect();
    assert_eq!(
        families,
        [
            IpAddr::from(Ipv4Addr::LOCALHOST),
            Ipv6Addr::LOCALHOST.into()
        ],
        "both families were asked for"
    );
    assert_eq!(
        http::try_visit(http::V6, app.callback().as_str()).await,
        None
    );
    app.sign_in(&emulator).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l4_localhost_is_not_used_where_it_stands_for_another_computer() {
    let (emulator, app) = fresh().await;
    let loopback: IpAddr = Ipv4Addr::LOCALHOST.into();
    for names in [
        vec![IpAddr::from([192, 0, 2, 7])],
        vec![loopback, IpAddr::from([192, 0, 2, 7])],
        vec![loopback, "2001:db8::7".parse().unwrap()],
        vec!["::ffff:192.0.2.7".parse().unwrap()],
        vec![],
    ] {
        *app.machine.localhost.lock().unwrap() = Some(names.clone());
        app.machine.tried.lock().unwrap().clear();
        beside_the_preferred_port(&app).await;
        let tried = app.machine.tried.lock().unwrap().clone();
        assert!(
            tried.iter().all(|at| at.port() != app.profile.port),
            "the preferred port was touched although localhost is {names:?}"
        );
    }
    app.sign_in(&emulator).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l5_without_any_way_back_no_browser_opens_and_pasting_is_offered() {
    let (emulator, app) = fresh().await;
    app.machine.no_ports.store(true, Ordering::SeqCst);
    app.core.connect(Way::Browser).unwrap();
    let problem = app.ended().await;
    assert_eq!(problem.code, ProblemCode::PasteInstead);
    assert_eq!(
        problem.message,
        "No port on this computer could be opened for the answer. Paste a sign-in code instead."
    );
    assert!(app.browser.opened.lock().unwrap().is_empty());
    // What is offered works: it needs no port.
    let auth = app.begin(Way::Paste).await;
    let code = emulator.approve(auth.as_str(), None).unwrap().code;
    app.core.paste(&code).unwrap();
    app.connected().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d13_a_port_is_used_while_there_is_one_and_a_link_only_when_it_is_ours() {
    let (_emulator, app) = fresh().await;
    app.machine.opens_links.store(true, Ordering::SeqCst);
    app.begin(Way::Browser).await;
    assert_eq!(
        shown(&app),
        port(format!("localhost:{}", app.profile.port)),
        "a port comes before a link"
    );
    app.machine.no_ports.store(true, Ordering::SeqCst);
    app.begin(Way::Browser).await;
    assert_eq!(shown(&app), Some(Back::AppLink));
    assert_eq!(app.callback().scheme(), "causeway");
    // Another app's scheme, or nobody's.
    app.machine.opens_links.store(false, Ordering::SeqCst);
    let before = app.browser.opened.lock().unwrap().len();
    app.core.connect(Way::Browser).unwrap();
    assert_eq!(app.ended().await.code, ProblemCode::PasteInstead);
    assert_eq!(app.browser.opened.lock().unwrap().len(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d13_while_a_link_is_awaited_a_code_can_be_pasted() {
    let (emulator, app) = fresh().await;
    app.machine.opens_links.store(true, Ordering::SeqCst);
    choose(&app, WayBack::AppLink);
    // The browser opens nothing: the address it ended on is at hand.
    let auth = app.begin(Way::Browser).await;
    let approval = emulator.approve(auth.as_str(), None).unwrap();
    let redirect = approval.redirect.unwrap();
    let nonce = app.callback().path()[1..].to_owned();
    for wrong in [
        redirect.replace(&nonce, &"A".repeat(43)),
        redirect.replace("://cb/", "://CB/"),
        redirect.replace("://cb/", "://user@cb/"),
        redirect.replace("code=", "kode="),
    ] {
        let problem = app.core.paste(&wrong).unwrap_err();
        assert_eq!(problem.code, ProblemCode::Refused, "{wrong}");
    }
    app.core.paste(&redirect).unwrap();
    app.connected().await;
    app.core.disconnect().await.unwrap();
    // Or the page that shows a code, from the waiting screen.
    app.begin(Way::Browser).await;
    let auth = app.begin(Way::Paste).await;
    app.core
        .paste(&emulator.approve(auth.as_str(), None).unwrap().code)
        .unwrap();
    app.connected().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_chosen_way_back_is_the_only_one_and_holds_at_once() {
    let (emulator, app) = fresh().await;
    app.machine.opens_links.store(true, Ordering::SeqCst);
    let preferred = format!("localhost:{}", app.profile.port);
    choose(&app, WayBack::FreePort);
    beside_the_preferred_port(&app).await;
    choose(&app, WayBack::Localhost);
    app.begin(Way::Browser).await;
    assert_eq!(shown(&app), port(preferred));
    choose(&app, WayBack::AppLink);
    app.machine.tried.lock().unwrap().clear();
    app.begin(Way::Browser).await;
    assert_eq!(shown(&app), Some(Back::AppLink));
    choose(&app, WayBack::Paste);
    let auth = app.begin(Way::Browser).await;
    assert_eq!(shown(&app), None);
    assert!(!auth.query_pairs().any(|(name, _)| name == "callback_url"));
    assert_eq!(
        *app.machine.tried.lock().unwrap(),
        [],
        "a port was opened for a link or a code"
    );
    let code = emulator.approve(auth.as_str(), None).unwrap().code;
    app.core.paste(&code).unwrap();
    app.connected().await;
    let again = app.profile.start(&emulator.origin()).await;
    assert_eq!(again.core.settings().way_back, WayBack::Paste, "it is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chosen_way_back_that_does_not_work_is_named_with_the_way_out() {
    let (_emulator, app) = fresh().await;
    let other = tokio::net::TcpListener::bind(("127.0.0.1", app.profile.port))
        .await
        .unwrap();
    for (choice, words) in [
        (WayBack::Localhost, "Your settings ask for localhost:3000"),
        (WayBack::AppLink, "Your settings ask for the app link"),
    ] {
        choose(&app, choice);
        app.core.connect(Way::Browser).unwrap();
        let wanted = |phase: &Phase| {
            matches!(phase, Phase::Disconnected { ended: Some(p) }
                if p.message.starts_with(words) && p.code == ProblemCode::PasteInstead)
        };
        app.phase(wanted).await;
    }
    assert!(app.browser.opened.lock().unwrap().is_empty());
    let touched = tokio::time::timeout(std::time::Duration::from_millis(50), other.accept()).await;
    assert!(touched.is_err(), "whoever has the port was connected to");
}
