//! One whole session, at the loudest log level: no secret is in anything that was written or sent to the window.

use crate::{
    harness::{approved, connected, files, fresh},
    http,
    mirror::Mirror,
    replies::{ask, ask_and_wait},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use causeway_core::wire::{Phase, Way};
use emulator::Fault;
use std::{
    collections::BTreeSet,
    io,
    sync::{
        Mutex, Once,
        atomic::{AtomicBool, Ordering},
    },
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x16_s2_w5_a_whole_session_leaves_no_secret_in_logs_files_or_messages() {
    listen();
    let (emulator, app) = fresh().await;
    let mut wire = vec![serde_json::to_string(&app.core.snapshot().await).unwrap()];
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
        http::visit(&format!("{redirect}&code=twice")).await;
        http::visit(&redirect).await;
        app.ended().await;
    }
    app.sign_in(&emulator).await;
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
    // This one or the refresh after the last answer meets it.
    emulator.inject("/api/v1/key", Fault::Drop, 1);
    let _ = app.core.refresh_account().await;
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
    for target in [
        "hyper_util::client",
        "reqwest::connect",
        "rustls",
        "rusqlite_migration",
    ] {
        assert!(text.contains(target), "{target} is heard");
    }

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
        secrets.len() >= 12,
        "five codes, five verifiers, the keys: {}",
        secrets.len()
    );
    secrets.insert(("sealing key", sealing));
    let mut places = vec![
        ("the log".to_owned(), latin(&log)),
        ("the window".to_owned(), latin(wire.as_bytes())),
    ];
    for (path, bytes) in before.into_iter().chain(files(app.profile.folder())) {
        places.push((path.display().to_string(), latin(&bytes)));
    }
    for (name, secret) in &secrets {
        for (place, bytes) in &places {
            assert_eq!(found(bytes, secret), None, "a {name} is in {place}");
        }
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
