//! Keeping the key in another way, locking, and what a sign-out leaves.

use crate::{
    harness::{App, assert_nothing_stored, connected, files},
    mirror::{Mirror, look},
    replies::{ask, ask_and_wait},
};
use causeway_core::{
    KeychainError,
    wire::{Kept, Phase, ProblemCode as Code, Seal, Settings, Status},
};
use std::{fs, time::Duration};
use tokio::time::{Instant, advance};

const MINUTE: Duration = Duration::from_secs(60);
const LOCKED: Phase = Phase::Locked {
    passphrase: false,
    problem: None,
};

fn passphrase(text: &str) -> Seal {
    Seal::Passphrase {
        passphrase: text.to_owned(),
    }
}

fn typed(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn lock_after(app: &App, minutes: u32) {
    let settings = Settings {
        lock_after_min: minutes,
        ..app.core.settings()
    };
    app.core.set_settings(settings).unwrap();
}

/// Waits on the test's own clock, which goes on when nothing else is to be done.
async fn locked(app: &App) {
    let from = Instant::now();
    while app.now() != LOCKED {
        assert!(from.elapsed() < 60 * MINUTE, "it is {:?}", app.now());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s1_s10_the_person_changes_how_the_key_is_kept_and_back() {
    let (emulator, app) = connected().await;
    let keychain = &app.profile.keychain;
    let change = async |seal, current| app.core.change_seal(seal, current).await;

    let short = change(passphrase("1234567"), None).await.unwrap_err();
    assert_eq!(short.message, "Choose at least eight characters.");
    change(passphrase("correct horse"), None).await.unwrap();
    assert_eq!(app.connected().await.kept, Kept::Passphrase);
    assert!(keychain.entries().is_empty(), "the old sealing key is gone");
    let again = app.profile.start(&emulator.origin()).await;
    again.core.unlock("correct horse".to_owned()).await.unwrap();
    again.connected().await;

    let file = fs::read(app.profile.vault_file()).unwrap();
    for (current, message) in [
        (None, "Enter the passphrase that you use now."),
        (typed(""), "Enter the passphrase that you use now."),
        (
            typed("wrong horse"),
            "That passphrase does not open it. Try again; if you are sure of it, the file may be damaged.",
        ),
        (
            typed("correct horse"),
            "This came too soon after a wrong passphrase and was not tried. Wait a moment.",
        ),
    ] {
        let refused = change(passphrase("battery staple"), current).await;
        assert_eq!(refused.unwrap_err().message, message);
        assert!(matches!(app.now(), Phase::Connected { .. }), "it goes on");
    }
    assert_eq!(fs::read(app.profile.vault_file()).unwrap(), file);
    let refused = change(Seal::Session, typed("correct horse"))
        .await
        .unwrap_err();
    assert_eq!(refused.code, Code::Refused);

    // The other process here never typed a wrong one, so it does not wait.
    let change = async |seal, current| again.core.change_seal(seal, current).await;
    change(passphrase("battery staple"), typed("correct horse"))
        .await
        .unwrap();
    keychain.fail_all(KeychainError::NoAccess);
    let refused = change(Seal::Keychain, typed("battery staple")).await;
    assert_eq!(refused.unwrap_err().code, Code::Keychain);
    assert_eq!(again.connected().await.kept, Kept::Passphrase);
    assert_eq!(
        again.core.probe_keychain().await.unwrap_err().code,
        Code::Keychain
    );
    keychain.heal();
    assert_eq!(again.core.probe_keychain().await, Ok(()));
    change(Seal::Keychain, typed("battery staple"))
        .await
        .unwrap();
    assert_eq!(again.connected().await.kept, Kept::Keychain);

    // The first one still holds what it read before the other wrote: it does not write over that.
    let late = app
        .core
        .change_seal(passphrase("a third one"), typed("correct horse"));
    let refused = late.await.unwrap_err();
    assert!(
        refused
            .message
            .starts_with("Another Causeway has changed the stored key."),
        "{}",
        refused.message
    );
    assert_eq!(app.connected().await.kept, Kept::Keychain);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_keychain_vault_that_was_locked_asks_the_keychain_again() {
    let (emulator, app) = connected().await;
    let calls = app.profile.keychain.calls();
    app.core.lock().await.unwrap();
    assert_eq!(app.now(), LOCKED);
    let before = emulator.requests().len();
    let refused = ask(&app, None, "emulator/echo", "hello").await.unwrap_err();
    assert_eq!(refused.code, Code::Reconnect);
    assert_eq!(emulator.requests().len(), before, "nothing was sent");
    app.profile.keychain.fail_all(KeychainError::NoAccess);
    app.core.retry_vault().await;
    assert!(matches!(app.now(), Phase::VaultTrouble { .. }));
    app.profile.keychain.heal();
    app.core.retry_vault().await;
    app.connected().await;
    assert!(app.profile.keychain.calls() > calls, "it was asked");
}

#[tokio::test(start_paused = true)]
async fn s34_nobody_there_locks_at_the_chosen_time_and_not_before() {
    let (_emulator, app) = connected().await;
    // Nothing was chosen, so nothing happens.
    for _ in 0..12 {
        advance(10 * MINUTE).await;
    }
    assert!(matches!(app.now(), Phase::Connected { .. }));
    lock_after(&app, 5);
    for _ in 0..3 {
        for _ in 0..29 {
            advance(Duration::from_secs(10)).await;
        }
        assert!(matches!(app.now(), Phase::Connected { .. }));
        app.core.active();
    }
    let away = Instant::now();
    locked(&app).await;
    let after = away.elapsed();
    assert!(
        (5 * MINUTE..5 * MINUTE + Duration::from_secs(3)).contains(&after),
        "{after:?}"
    );
    // Opened again, the time begins anew.
    app.core.retry_vault().await;
    app.connected().await;
    let away = Instant::now();
    locked(&app).await;
    assert!(away.elapsed() >= 5 * MINUTE, "{:?}", away.elapsed());
}

#[tokio::test(start_paused = true)]
async fn s34_a_computer_that_slept_wakes_to_a_locked_app() {
    let (_emulator, app) = connected().await;
    lock_after(&app, 15);
    let before = Instant::now();
    app.world.move_clock(16 * MINUTE);
    locked(&app).await;
    assert!(before.elapsed() < Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn s34_an_answer_that_is_being_written_ends_before_the_lock() {
    let (_emulator, app) = connected().await;
    lock_after(&app, 5);
    let away = Instant::now();
    // Seven minutes of talk.
    let asked = ask(&app, None, "emulator/prose-2100@5", "go on")
        .await
        .unwrap();
    let mirror = Mirror::open(&app, "main", &asked.conversation).await;
    locked(&app).await;
    let after = away.elapsed();
    assert!(after > 6 * MINUTE && after < 9 * MINUTE, "{after:?}");
    let answer = mirror.end_of(&asked.answer).await;
    assert_eq!(answer.meta.status, Status::Done, "it was not cut");
    let refused = ask(&app, None, "emulator/echo", "more").await.unwrap_err();
    assert_eq!(refused.code, Code::Reconnect);
}

#[tokio::test(start_paused = true)]
async fn s34_an_endless_answer_puts_the_lock_off_by_ten_minutes_at_most() {
    let (_emulator, app) = connected().await;
    lock_after(&app, 5);
    let away = Instant::now();
    // More than half an hour of talk.
    let asked = ask(&app, None, "emulator/prose-5000@2", "go on")
        .await
        .unwrap();
    locked(&app).await;
    let after = away.elapsed();
    assert!(
        after >= 15 * MINUTE && after < 16 * MINUTE,
        "five and ten: {after:?}"
    );
    let thread = look(&app, &asked.conversation).await;
    assert_eq!(thread.messages[1].meta.status, Status::Stopped);
    assert!(!thread.messages[1].text.is_empty() || !thread.messages[1].blocks.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s27_after_a_sign_out_nothing_on_disk_or_in_the_keychain_opens_anything() {
    let (emulator, app) = connected().await;
    ask_and_wait(&app, "emulator/echo", "hello").await;
    // Everything there ever was: a damaged one set aside, both kinds of seal.
    let good = fs::read(app.profile.vault_file()).unwrap();
    fs::write(app.profile.vault_file(), b"damaged").unwrap();
    drop(app.profile.start(&emulator.origin()).await);
    fs::write(app.profile.vault_file(), &good).unwrap();
    let mut vaults = vec![good];
    let change = async |seal, current| app.core.change_seal(seal, current).await.unwrap();
    change(passphrase("correct horse"), None).await;
    change(Seal::Keychain, typed("correct horse")).await;
    vaults.push(fs::read(app.profile.vault_file()).unwrap());
    let pending = fs::read(app.profile.folder().join("vault.pending")).unwrap();

    app.core.disconnect().await.unwrap();
    assert_eq!(app.now(), Phase::Disconnected { ended: None });
    assert_nothing_stored(&app, "signed out");
    let left: Vec<_> = files(app.profile.folder())
        .into_iter()
        .map(|(path, _)| path.file_name().unwrap().to_owned())
        .filter(|name| name.to_string_lossy().contains("vault"))
        .collect();
    assert_eq!(left, ["vault.lock"], "and that one is empty");
    let key = emulator.keys()[0].key.clone();
    let before = emulator.requests().len();
    for vault in vaults {
        fs::write(app.profile.vault_file(), vault).unwrap();
        fs::write(app.profile.folder().join("vault.pending"), &pending).unwrap();
        let again = app.profile.start(&emulator.origin()).await;
        let Phase::VaultTrouble { problem } = again.now() else {
            panic!("{:?}", again.now());
        };
        assert_eq!(problem.code, Code::VaultLost);
        assert!(app.profile.keychain.entries().is_empty(), "none was made");
    }
    let sent = emulator.requests().split_off(before);
    assert!(sent.iter().all(|request| request.bearer() != Some(&*key)));
}
