//! One whole session, at the loudest log level: no secret is in anything that was written, sent to the window, shown
//! by the browser, said by a panic, or given to another process.

use crate::{
    harness::{approved, connected, eventually, exchanges, files, fresh},
    http,
    mirror::Mirror,
    replies::{ask, ask_and_wait},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use causeway_core::wire::{NewKey, Page, Phase, Renewal, Way};
use emulator::Fault;
use std::{
    collections::BTreeSet,
    io,
    process::Command,
    sync::{
        Arc, Mutex, Once,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tracing_subscriber::{filter::LevelFilter, util::SubscriberInitExt as _};

/// Everything that any crate of this process said while a test listened.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static LISTENING: AtomicBool = AtomicBool::new(false);

struct Ear;

impl io::Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if LISTENING.load(Ordering::Relaxed) {
            LOG.lock().unwrap().extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(|| Ear)
            .finish()
            .init();
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let trace = std::backtrace::Backtrace::force_capture();
            let _ = io::Write::write_all(&mut Ear, format!("{panic}\n{trace}").as_bytes());
            usual(panic);
        }));
    });
    LISTENING.store(true, Ordering::Relaxed);
}

/// The ways in which a secret could be written.
fn spellings(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex: String = secret.iter().map(|b| format!("{b:02x}")).collect();
    let list = format!("{secret:?}");
    let mut all = vec![
        ("plain", secret.to_vec()),
        ("hex", hex.to_uppercase().into_bytes()),
        ("hex", hex.into_bytes()),
        ("UTF-16", secret.iter().flat_map(|b| [*b, 0]).collect()),
        (
            "a list of bytes",
            list.trim_matches(['[', ']']).as_bytes().to_vec(),
        ),
    ];
    // In base64 a text looks different at each of three offsets; the ends depend on the neighbours.
    for offset in 0..3 {
        let padded = [&vec![0; offset][..], secret].concat();
        for alphabet in [&STANDARD, &URL_SAFE] {
            let text = alphabet.encode(&padded).into_bytes();
            all.push(("base64", text[4..text.len() - 4].to_vec()));
        }
    }
    all
}

/// Bytes as a text of as many characters: the search in texts is the fast one.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

fn found(haystack: &str, secret: &[u8]) -> Option<&'static str> {
    let mut all = spellings(secret).into_iter();
    all.find(|(_, needle)| haystack.contains(&latin(needle)))
        .map(|(how, _)| how)
}

#[test]
fn the_search_finds_a_secret_in_every_spelling() {
    let secret = b"sk-or-v1-0123456789abcdef";
    for (how, needle) in spellings(secret) {
        let haystack = [b"before ", &needle[..], b" after"].concat();
        assert!(found(&latin(&haystack), secret).is_some(), "{how}");
    }
    let inside = STANDARD.encode(b"xysk-or-v1-0123456789abcdefz");
    assert_eq!(found(&inside, secret), Some("base64"));
    assert_eq!(found("sk-or-v1-012…def", secret), None);
}

/// What a process gets that is started as the browser is: by this process, with an address.
fn child_of(url: &url::Url) -> String {
    let mut listing = if cfg!(windows) {
        let mut command = Command::new("cmd");
        command.args(["/c", "set"]);
        command
    } else {
        Command::new("env")
    };
    let listed = listing.output().unwrap();
    assert!(listed.status.success());
    format!("{url}\n{}", String::from_utf8_lossy(&listed.stdout))
}

/// Goes where the service sends the browser, and keeps what it shows.
async fn shown(pages: &mut String, url: &str) {
    pages.push_str(&format!("{:?}\n", http::visit(url).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x16_s2_w5_a_whole_session_leaves_no_secret_in_logs_files_or_messages() {
    listen();
    let (emulator, app) = fresh().await;
    let children = Arc::new(Mutex::new(String::new()));
    let given = Arc::clone(&children);
    *app.browser.at_open.lock().unwrap() = Some(Box::new(move |url| {
        given.lock().unwrap().push_str(&child_of(url));
    }));
    let mut wire = vec![serde_json::to_string(&app.core.snapshot().await).unwrap()];
    let mut pages = String::new();
    // Attempts that go wrong in every place first, then one that works.
    for (path, fault) in [
        ("/api/v1/auth/keys", Fault::Drop),
        ("/api/v1/auth/keys", Fault::CutAfter(60)),
        (
            "/api/v1/auth/keys",
            Fault::Garbage(b"{\"key\":\"sk or\"}".to_vec()),
        ),
        ("/api/v1/key", Fault::Garbage(b"[]".to_vec())),
    ] {
        emulator.inject(path, fault, 1);
        let auth = app.begin(Way::Browser).await;
        let redirect = approved(&emulator, &auth);
        shown(&mut pages, &format!("{redirect}&code=twice")).await;
        shown(&mut pages, &redirect).await;
        app.ended().await;
    }
    let auth = app.begin(Way::Browser).await;
    shown(&mut pages, &approved(&emulator, &auth)).await;
    app.connected().await;
    app.core.models().await;
    let (first, _) = ask_and_wait(&app, "anthropic/claude-sonnet-4.5", "hello").await;
    let mirror = Mirror::open(&app, "main", &first.conversation).await;
    for model in [
        "emulator/reasoning",
        "emulator/error-provider-failed",
        "emulator/case-mid-stream-error",
    ] {
        let asked = ask(&app, Some(&first.conversation), model, "more")
            .await
            .unwrap();
        mirror.end_of(&asked.answer).await;
    }

    // A tighter key: lost, refused by its check, cancelled, made.
    let wish = NewKey {
        label: "Laptop".into(),
        limit_usd: Some(2.0),
        reset: None,
        expires_at_ms: None,
    };
    let asks = Fault::Delay(Duration::ZERO);
    for fault in [Fault::CutAfter(60), Fault::Delay(Duration::from_secs(60))] {
        let slow = fault == Fault::Delay(Duration::from_secs(60));
        // The first of the two requests, for the code, goes through.
        emulator.inject("/api/v1/auth/keys", asks.clone(), 1);
        emulator.inject("/api/v1/auth/keys", fault, 1);
        let before = exchanges(&emulator).len();
        app.core.renew_key(&wish).unwrap();
        eventually("the code is sent", || exchanges(&emulator).len() > before).await;
        if slow {
            assert!(app.core.cancel_renewal());
        }
        app.phase(|p| matches!(p, Phase::Connected { account } if matches!(account.renewal, Some(Renewal::Ended { .. }))))
            .await;
    }
    app.core.renew_key(&wish).unwrap();
    app.phase(|p| matches!(p, Phase::Connected { account } if account.previous.is_some()))
        .await;
    app.core.open_page(Page::PreviousKey).await.unwrap();

    // Connected again: a third key takes the place of the second.
    let auth = app.begin(Way::Browser).await;
    shown(&mut pages, &approved(&emulator, &auth)).await;
    app.connected().await;

    // This one or the refresh after the last answer meets it.
    emulator.inject("/api/v1/key", Fault::Drop, 1);
    let _ = app.core.refresh_account().await;
    // Something breaks where the key is at hand.
    app.core
        .subscribe("broken", |_| panic!("a window that breaks"));
    app.world.move_clock(Duration::from_secs(1));
    let core = app.core.clone();
    let broken = tokio::spawn(async move { core.refresh_account().await }).await;
    assert!(broken.is_err(), "it was to panic");
    app.core.subscribe("broken", |_| {});
    let before = files(app.profile.folder());
    let keychain = app.profile.keychain.entries();
    let sealing = app.profile.keychain.peek(&keychain[0]).unwrap();
    wire.push(serde_json::to_string(&app.core.snapshot().await).unwrap());
    let again = app.profile.start(&emulator.origin()).await;
    again.connected().await;
    drop(again);
    app.core.disconnect().await.unwrap();
    assert_eq!(app.now(), Phase::Disconnected { ended: None });
    app.core.shut_down().await;
    LISTENING.store(false, Ordering::Relaxed);

    wire.extend(mirror.wire());
    let events = app.events.lock().unwrap().clone();
    wire.extend(
        events
            .iter()
            .map(|event| serde_json::to_string(event).unwrap()),
    );
    let wire = wire.join("\n");
    let log = std::mem::take(&mut *LOG.lock().unwrap());
    let text = String::from_utf8_lossy(&log);
    for heard in [
        "hyper_util::client",
        "reqwest::connect",
        "rustls",
        "rusqlite_migration",
        "a window that breaks",
    ] {
        assert!(text.contains(heard), "{heard} is heard");
    }
    assert!(pages.matches("200").count() >= 6, "{pages}");
    let children = std::mem::take(&mut *children.lock().unwrap());
    assert!(children.contains("PATH="), "{children}");

    let mut secrets = BTreeSet::new();
    for request in emulator.requests() {
        let Ok(body) = request.json() else { continue };
        secrets.extend(
            ["code", "code_verifier"]
                .iter()
                .filter_map(|f| Some((*f, body[f].as_str()?.as_bytes().to_vec()))),
        );
    }
    secrets.extend(
        emulator
            .keys()
            .into_iter()
            .map(|key| ("key", key.key.into_bytes())),
    );
    assert!(
        secrets.len() >= 23,
        "nine codes, nine verifiers, the keys: {}",
        secrets.len()
    );
    secrets.insert(("sealing key", sealing));
    secrets.insert(("user id", b"user_EXAMPLE".to_vec()));
    let opened = app.browser.opened.lock().unwrap().clone();
    // A browser is told where to come back to, and nobody else is.
    let nonces: BTreeSet<_> = opened
        .iter()
        .filter_map(|url| {
            let mut pairs = url.query_pairs();
            let (_, nonce) = pairs.find(|(name, _)| name == "state")?;
            Some(("nonce", nonce.as_bytes().to_vec()))
        })
        .collect();
    assert_eq!(nonces.len(), 6, "one for each attempt");
    let mut places = vec![
        ("the log".to_owned(), latin(&log)),
        ("the window".to_owned(), latin(wire.as_bytes())),
        ("the browser's pages".to_owned(), latin(pages.as_bytes())),
    ];
    for (path, bytes) in before.into_iter().chain(files(app.profile.folder())) {
        places.push((path.display().to_string(), latin(&bytes)));
    }
    for (name, secret) in secrets.iter().chain(&nonces) {
        for (place, bytes) in &places {
            assert_eq!(found(bytes, secret), None, "a {name} is in {place}");
        }
    }
    let children = latin(children.as_bytes());
    for (name, secret) in &secrets {
        assert_eq!(
            found(&children, secret),
            None,
            "a {name} is given to the browser"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_but_the_masked_key_crosses_to_the_window() {
    let (emulator, app) = connected().await;
    let key = emulator.keys()[0].key.clone();
    let snapshot = serde_json::to_string(&app.core.snapshot().await).unwrap();
    assert!(
        snapshot.contains(&key[9..12]),
        "the masked key is there to be recognised"
    );
    for length in 4..=8 {
        let part = &key[9..9 + length];
        assert!(!snapshot.contains(part), "more than three characters cross");
    }
}
