//! Keychains that hang, answer late, forget or fail.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::bench::{KEY, content, limits, secret};
use crate::keychain::bounded::Bounded;
use crate::testing::{Call, MemoryKeychain, memory_keychain};
use crate::{Error, Keychain, KeychainError, SealWith, State, Vault};

fn limited(keychain: &Arc<MemoryKeychain>, milliseconds: u64) -> Arc<dyn Keychain> {
    let limits = limits(milliseconds);
    keychain.with_limits(limits.probe, limits.call)
}

fn wait_for_calls(keychain: &MemoryKeychain, calls: usize) {
    while keychain.calls() < calls {
        thread::yield_now();
    }
}

#[test]
fn s15_a_keychain_that_hangs_holds_up_neither_the_window_nor_the_exit() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = memory_keychain();
    Vault::new(folder.path(), keychain.clone())
        .seal(secret(KEY), SealWith::Keychain)
        .unwrap();
    keychain.hang();

    // Without a limit, to see that only the caller of `load` waits.
    let vault = Arc::new(Vault::new(folder.path(), keychain.clone()));
    vault.hold_for_session(secret(KEY));
    vault.lock();
    let calls = keychain.calls();
    let loading = thread::spawn({
        let vault = Arc::clone(&vault);
        move || vault.load()
    });
    wait_for_calls(&keychain, calls + 1);
    assert_eq!((vault.state(), content(&vault)), (State::Empty, None));
    assert!(!loading.is_finished());

    // With limits, everything ends, and dropping does not wait for the thread that hangs.
    let begun = Instant::now();
    let other = tempfile::tempdir().unwrap();
    let hung = Vault::new(other.path(), limited(&keychain, 20));
    assert_eq!(hung.probe_keychain(), Err(KeychainError::Timeout));
    let refused = hung.seal(secret(KEY), SealWith::Keychain);
    assert_eq!(refused, Err(Error::Keychain(KeychainError::Timeout)));
    assert!(!other.path().join("vault.json").exists());
    drop(hung);
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );

    keychain.heal();
    assert_eq!(loading.join().unwrap(), State::Open);
}

#[test]
fn s15_a_probe_has_a_shorter_limit_than_a_call() {
    // A probe that hangs ends after the shorter limit, a call after the longer one.
    let keychain = memory_keychain();
    keychain.hang();
    let short = Duration::from_millis(10);
    let long = Duration::from_millis(200);
    let limited = keychain.with_limits(short, long);
    let begun = Instant::now();
    assert_eq!(limited.probe(), Err(KeychainError::Timeout));
    assert!(begun.elapsed() < long);
    let begun = Instant::now();
    assert_eq!(limited.get("x").err(), Some(KeychainError::Timeout));
    assert!(begun.elapsed() >= long);
}

#[test]
fn s16_an_answer_after_the_limit_is_discarded() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = memory_keychain();
    let limited = limited(&keychain, 50);
    let vault = Vault::new(folder.path(), limited.clone());
    vault.seal(secret(KEY), SealWith::Keychain).unwrap();
    vault.lock();
    let calls = keychain.calls();
    keychain.hang();
    assert_eq!(
        vault.load(),
        State::KeychainUnavailable(KeychainError::Timeout)
    );
    wait_for_calls(&keychain, calls + 1);
    // Given up before it began, because the thread still hangs: must never take effect.
    assert_eq!(limited.set("late", b"late"), Err(KeychainError::Timeout));
    keychain.heal();
    assert_eq!(
        limited.get("none").err(),
        Some(KeychainError::NoEntry),
        "in order, own answer"
    );
    assert_eq!(keychain.peek("late"), None);
    assert_eq!(
        vault.state(),
        State::KeychainUnavailable(KeychainError::Timeout)
    );
    assert_eq!(
        content(&vault),
        None,
        "the key that came late opened nothing"
    );
    assert_eq!(vault.load(), State::Open);
}

#[test]
fn s16_an_entry_made_after_the_limit_is_found_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = memory_keychain();
    let limited = limited(&keychain, 50);
    let vault = Vault::new(folder.path(), limited.clone());
    keychain.hang();
    let refused = vault.seal(secret(KEY), SealWith::Keychain);
    assert_eq!(refused, Err(Error::Keychain(KeychainError::Timeout)));
    wait_for_calls(&keychain, 1);
    keychain.heal();
    drop(limited.get("after the late one"));
    assert_eq!(
        keychain.entries().len(),
        1,
        "the call that had begun took effect"
    );
    assert_eq!(vault.load(), State::Empty);
    assert_eq!(keychain.entries(), Vec::<String>::new());
}

#[test]
fn s17_a_keychain_that_forgets_is_found_out_and_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = memory_keychain();
    keychain.forget_everything();
    let vault = Vault::new(folder.path(), keychain.clone());
    assert_eq!(vault.probe_keychain(), Err(KeychainError::Forgetful));
    let refused = vault.seal(secret(KEY), SealWith::Keychain);
    assert_eq!(refused, Err(Error::Keychain(KeychainError::Forgetful)));
    assert!(!folder.path().join("vault.json").exists());
}

#[test]
fn s17_a_probe_passes_a_working_keychain_and_leaves_nothing_in_it() {
    let keychain = memory_keychain();
    assert_eq!(keychain.probe(), Ok(()));
    assert_eq!(keychain.entries(), Vec::<String>::new());
    keychain.fail(Call::Delete, KeychainError::NoAccess);
    assert_eq!(
        keychain.probe(),
        Err(KeychainError::NoAccess),
        "all three calls count"
    );
    keychain.heal();
    for call in [Call::Get, Call::Set] {
        keychain.fail(call, KeychainError::NoAccess);
        assert_eq!(keychain.probe(), Err(KeychainError::NoAccess));
        keychain.heal();
    }
}

#[test]
fn a_keychain_that_panics_is_unavailable() {
    struct Panics;
    impl Keychain for Panics {
        fn get(&self, _: &str) -> Result<crate::Secret, KeychainError> {
            std::panic::resume_unwind(Box::new("a bug in a keychain library"))
        }
        fn set(&self, _: &str, _: &[u8]) -> Result<(), KeychainError> {
            Ok(())
        }
        fn delete(&self, _: &str) -> Result<(), KeychainError> {
            Ok(())
        }
    }
    let bounded = Bounded::new(Panics, limits(60_000));
    assert_eq!(bounded.get("x").err(), Some(KeychainError::Unavailable));
    assert_eq!(bounded.set("x", b"x"), Err(KeychainError::Unavailable));
}
