//! The key at rest: where it is kept, and what is said when it can't be.

use crate::{
    harness::{App, approved, asked, assert_nothing_stored, connected, eventually, files, fresh},
    http,
};
use causeway_core::{
    KeychainError,
    testing::Call,
    wire::{Kept, Phase, Problem, ProblemCode as Code, Seal, Way},
};
use emulator::Emulator;
use std::{fs, time::Duration};

/// A sign-in on a computer whose keychain fails: the app asks how to keep the key.
async fn asked_how(with: KeychainError) -> (Emulator, App, Problem) {
    let (emulator, app) = fresh().await;
    app.profile.keychain.fail_all(with);
    let auth = app.begin(Way::Browser).await;
    let redirect = approved(&emulator, &auth);
    let page = http::visit(&redirect).await;
    assert!(
        page.body.contains("One more step in Causeway"),
        "{}",
        page.body
    );
    let phase = app.phase(|p| matches!(p, Phase::ChooseSeal { .. })).await;
    let Phase::ChooseSeal { reason, account } = phase else {
        unreachable!()
    };
    assert_eq!(account.label, "Causeway");
    assert!(
        !app.profile.vault_file().exists(),
        "nothing is written before the choice"
    );
    (emulator, app, reason)
}

fn passphrase(text: &str) -> Seal {
    Seal::Passphrase {
        passphrase: text.to_owned(),
    }
}

fn trouble(app: &App) -> Problem {
    match app.now() {
        Phase::VaultTrouble { problem } => problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s10_s18_without_a_keychain_a_passphrase_keeps_the_key_over_restarts() {
    let (emulator, app, reason) = asked_how(KeychainError::Unavailable).await;
    assert_eq!(reason.code, Code::Keychain);
    assert_eq!(
        reason.message,
        "No working keychain was found on this computer. Start one and try again."
    );
    let short = app
        .core
        .choose_seal(passphrase("1234567"))
        .await
        .unwrap_err();
    assert_eq!(short.message, "Choose at least eight characters.");
    let still = app.core.choose_seal(Seal::Keychain).await.unwrap_err();
    assert_eq!(still.code, Code::Keychain, "the choice stays open");
    app.core
        .choose_seal(passphrase("correct horse"))
        .await
        .unwrap();
    assert_eq!(app.connected().await.kept, Kept::Passphrase);
    let key = emulator.keys()[0].key.clone();
    let file = fs::read_to_string(app.profile.vault_file()).unwrap();
    assert!(!file.contains(&key) && !file.contains("correct horse"));

    let again = app.profile.start(&emulator.origin()).await;
    let locked = Phase::Locked {
        passphrase: true,
        problem: None,
    };
    assert_eq!(again.now(), locked);
    let problem = again
        .core
        .unlock("wrong horse".to_owned())
        .await
        .unwrap_err();
    assert_eq!(problem.code, Code::WrongPassphrase);
    assert_eq!(
        problem.message,
        "That passphrase does not open it. Try again; if you are sure of it, the file may be damaged."
    );
    assert!(
        problem
            .retry_after_ms
            .is_some_and(|ms| (1..=1000).contains(&ms)),
        "{problem:?}"
    );
    let soon = again
        .core
        .unlock("correct horse".to_owned())
        .await
        .unwrap_err();
    assert_eq!(
        soon.message,
        "This came too soon after a wrong passphrase and was not tried. Wait a moment."
    );
    // A new start does not wait for the old one's delay.
    let third = app.profile.start(&emulator.origin()).await;
    third.core.unlock("correct horse".to_owned()).await.unwrap();
    assert_eq!(third.connected().await.kept, Kept::Passphrase);
    assert_eq!(emulator.requests().pop().unwrap().bearer(), Some(&*key));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_passphrase_vault_locks_and_opens_again() {
    let (_emulator, app, _) = asked_how(KeychainError::NoAccess).await;
    app.core
        .choose_seal(passphrase("correct horse"))
        .await
        .unwrap();
    app.core.lock().await.unwrap();
    assert_eq!(
        app.now(),
        Phase::Locked {
            passphrase: true,
            problem: None
        }
    );
    let question = causeway_core::wire::Question {
        conversation: None,
        text: "hello".into(),
        model: "emulator/echo".into(),
        options: None,
        temporary: false,
        files: Vec::new(),
    };
    let refused = app.core.ask(question).await.unwrap_err();
    assert_eq!(
        refused.message,
        "There is no key in hand. Connect to go on."
    );
    app.core.unlock("correct horse".to_owned()).await.unwrap();
    app.connected().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s17_a_key_kept_for_this_session_leaves_nothing_on_the_disk() {
    let (emulator, app) = fresh().await;
    app.profile.keychain.forget_everything();
    let auth = app.begin(Way::Browser).await;
    let redirect = approved(&emulator, &auth);
    http::visit(&redirect).await;
    let phase = app.phase(|p| matches!(p, Phase::ChooseSeal { .. })).await;
    let Phase::ChooseSeal { reason, .. } = phase else {
        unreachable!()
    };
    assert_eq!(
        reason.message,
        "The system's keychain keeps nothing beyond this session, so it can't guard a key."
    );
    app.core.choose_seal(Seal::Session).await.unwrap();
    assert_eq!(app.connected().await.kept, Kept::Session);
    crate::replies::ask_and_wait(&app, "emulator/echo", "it works").await;
    assert_nothing_stored(&app, "session");
    let refused = app.core.lock().await.unwrap_err();
    assert_eq!(
        refused.message,
        "This key is in memory alone, so locking would lose it. Choose how to keep it first, or disconnect."
    );
    assert!(matches!(app.now(), Phase::Connected { .. }));
    let again = app.profile.start(&emulator.origin()).await;
    assert_eq!(again.now(), Phase::Disconnected { ended: None });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_keychain_that_comes_back_can_be_chosen_after_all() {
    let (_emulator, app, reason) = asked_how(KeychainError::NoAccess).await;
    assert_eq!(
        reason.message,
        "The system's keychain is locked or refused access. Unlock it, then try again."
    );
    app.profile.keychain.heal();
    app.core.choose_seal(Seal::Keychain).await.unwrap();
    assert_eq!(app.connected().await.kept, Kept::Keychain);
    let gone = app.core.choose_seal(Seal::Session).await.unwrap_err();
    assert_eq!(
        gone.code,
        Code::Reconnect,
        "there is nothing left to choose for"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s12_a_lost_keychain_entry_is_told_and_no_key_is_made_in_its_place() {
    let (emulator, app) = connected().await;
    let file = fs::read(app.profile.vault_file()).unwrap();
    let entry = app.profile.keychain.entries().remove(0);
    app.profile.keychain.plant(&entry, None);
    let again = app.profile.start(&emulator.origin()).await;
    let problem = trouble(&again);
    assert_eq!(problem.code, Code::VaultLost);
    assert_eq!(
        problem.message,
        "The system's keychain no longer has what opens your stored key. Connect again; your conversations are still \
         here."
    );
    assert!(app.profile.keychain.entries().is_empty());
    assert_eq!(
        fs::read(app.profile.vault_file()).unwrap(),
        file,
        "the file is untouched"
    );
    again.sign_in(&emulator).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s13_a_keychain_out_of_reach_is_told_and_tried_again() {
    let (emulator, app) = connected().await;
    let file = fs::read(app.profile.vault_file()).unwrap();
    for (error, message) in [
        (
            KeychainError::NoAccess,
            "The system's keychain is locked or refused access. Unlock it, then try again.",
        ),
        (
            KeychainError::Unavailable,
            "No working keychain was found on this computer. Start one and try again.",
        ),
        (
            KeychainError::Timeout,
            "The system's keychain did not answer in time. It may be asking you something: look for its window, then try again.",
        ),
        (
            KeychainError::Ambiguous,
            "What the system's keychain holds for this key can't be used: it is unreadable, or there several times.",
        ),
        (
            KeychainError::BadValue,
            "What the system's keychain holds for this key can't be used: it is unreadable, or there several times.",
        ),
    ] {
        app.profile.keychain.fail_all(error);
        let again = app.profile.start(&emulator.origin()).await;
        let problem = trouble(&again);
        assert_eq!((problem.code, &*problem.message), (Code::Keychain, message));
        assert_eq!(fs::read(app.profile.vault_file()).unwrap(), file);
        app.profile.keychain.heal();
        again.core.retry_vault().await;
        again.connected().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s15_a_keychain_that_hangs_neither_holds_the_window_nor_quitting() {
    let (emulator, app) = connected().await;
    let keychain = &app.profile.keychain;
    let calls = keychain.calls();
    keychain.hang();
    let bounded = keychain.with_limits(Duration::from_millis(50), Duration::from_millis(50));
    let again = app.profile.launch(&emulator.origin(), bounded).await;
    eventually("the keychain is asked", || keychain.calls() > calls).await;
    assert_eq!(
        again.core.snapshot().await.conversations,
        [],
        "the window is answered meanwhile"
    );
    again
        .phase(|p| matches!(p, Phase::VaultTrouble { .. }))
        .await;
    assert_eq!(
        trouble(&again).message,
        "The system's keychain did not answer in time. It may be asking you something: look for its window, then try again."
    );
    let quitting = tokio::time::timeout(Duration::from_secs(1), again.core.shut_down());
    quitting
        .await
        .expect("quitting does not wait for the keychain");
    keychain.heal();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s4_s31_a_damaged_file_is_set_aside_with_its_bytes_and_told() {
    for garbage in [&b"{"[..], b"", b"\0\xff", b"[]"] {
        let (emulator, app) = connected().await;
        fs::write(app.profile.vault_file(), garbage).unwrap();
        let again = app.profile.start(&emulator.origin()).await;
        let problem = trouble(&again);
        assert_eq!(problem.code, Code::VaultLost, "{garbage:?}");
        assert_eq!(
            problem.message,
            "The file with your key is damaged and was set aside. Connect again; your conversations are still here."
        );
        again.core.shut_down().await;
        let kept = files(app.profile.folder());
        assert!(
            kept.iter().any(|(_, bytes)| bytes == garbage),
            "the original bytes are kept"
        );
        again.sign_in(&emulator).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s8_a_vault_of_a_newer_version_is_left_alone() {
    let (emulator, app) = connected().await;
    let text = fs::read_to_string(app.profile.vault_file()).unwrap();
    let mut file: serde_json::Value = serde_json::from_str(&text).unwrap();
    file["version"] = 2.into();
    let newer = file.to_string();
    fs::write(app.profile.vault_file(), &newer).unwrap();
    let again = app.profile.start(&emulator.origin()).await;
    let problem = trouble(&again);
    assert_eq!(problem.code, Code::Newer);
    assert_eq!(
        problem.message,
        "Your key was stored by a newer version of Causeway. Update, or connect again."
    );
    assert_eq!(fs::read_to_string(app.profile.vault_file()).unwrap(), newer);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s6_the_file_of_an_earlier_sign_in_never_opens_again() {
    let (emulator, app) = connected().await;
    let earlier = fs::read(app.profile.vault_file()).unwrap();
    app.sign_in(&emulator).await;
    assert_eq!(
        app.profile.keychain.entries().len(),
        1,
        "the old sealing key is gone"
    );
    let first = emulator.keys()[0].key.clone();
    fs::write(app.profile.vault_file(), earlier).unwrap();
    let before = emulator.requests().len();
    let again = app.profile.start(&emulator.origin()).await;
    assert_eq!(trouble(&again).code, Code::VaultLost);
    let sent = emulator.requests().split_off(before);
    assert!(sent.iter().all(|r| r.bearer() != Some(&*first)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s27_disconnecting_while_the_keychain_refuses_is_honest_and_finished_at_the_next_start() {
    let (emulator, app) = connected().await;
    app.profile
        .keychain
        .fail(Call::Delete, KeychainError::NoAccess);
    app.core.disconnect().await.unwrap();
    let problem = app.ended().await;
    assert_eq!(
        problem.message,
        "You are disconnected. Something of the key could not be removed yet; Causeway tries again at its next start."
    );
    assert!(
        !app.profile.vault_file().exists(),
        "what is left opens nothing"
    );
    app.profile.keychain.heal();
    let again = app.profile.start(&emulator.origin()).await;
    assert_eq!(again.now(), Phase::Disconnected { ended: None });
    assert_nothing_stored(&again, "the next start");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s27_disconnecting_offline_and_during_an_answer_leaves_nothing() {
    let (emulator, app) = connected().await;
    let asked_ = crate::replies::ask(&app, None, "emulator/prose-5000@200", "long")
        .await
        .unwrap();
    eventually("the answer begins", || {
        !asked(&emulator, "POST", "/api/v1/chat/completions").is_empty()
    })
    .await;
    emulator.stop().await;
    app.core.disconnect().await.unwrap();
    assert_nothing_stored(&app, "disconnected");
    let thread = crate::mirror::look(&app, &asked_.conversation).await;
    assert_ne!(
        thread.messages[1].meta.status,
        causeway_core::wire::Status::Streaming
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s22_the_vault_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_emulator, app) = connected().await;
    let mode = fs::metadata(app.profile.vault_file())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s20_x20_a_disk_that_takes_nothing_is_told_and_the_first_key_stays() {
    let (emulator, app) = connected().await;
    let file = fs::read(app.profile.vault_file()).unwrap();
    // A folder stands where writers lock each other out, so nothing can be written.
    let lock = app.profile.folder().join("vault.lock");
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    let auth = app.begin(Way::Browser).await;
    let redirect = approved(&emulator, &auth);
    assert!(
        http::visit(&redirect)
            .await
            .body
            .contains("That did not work")
    );
    let problem = app.noticed().await;
    app.connected().await;
    assert_eq!(
        problem.message,
        "The key could not be stored on this disk. Nothing was changed. Try again."
    );
    assert_eq!(fs::read(app.profile.vault_file()).unwrap(), file);
    fs::remove_dir(&lock).unwrap();
    let again = app.profile.start(&emulator.origin()).await;
    again.connected().await;
    let first = emulator.keys()[0].key.clone();
    assert_eq!(emulator.requests().pop().unwrap().bearer(), Some(&*first));
}
