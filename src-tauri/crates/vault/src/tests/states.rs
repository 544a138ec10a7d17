//! Where the vault stands after what.

use std::io;
use std::time::Duration;

use super::bench::{Bench, KEY, OTHER, Plan, content, passphrase, secret};
use crate::testing::Call;
use crate::{Error, KeychainError, SealWith, Sealing, State, Wiped};

#[test]
fn s1_a_secret_comes_back_in_both_modes_and_after_switching_both_ways() {
    let bench = Bench::sealed(SealWith::Keychain);
    let first = bench.file();
    let vault = bench.loaded();
    assert_eq!(
        (vault.state(), vault.sealing()),
        (State::Open, Some(Sealing::Keychain))
    );
    assert_eq!(content(&vault).as_deref(), Some(KEY));

    vault.change_sealing(passphrase("one"), None).unwrap();
    let second = bench.file();
    assert_eq!(vault.sealing(), Some(Sealing::Passphrase));
    assert_eq!(bench.keychain.entries(), Vec::<String>::new());
    bench.plant(&first);
    assert_eq!(
        bench.vault().load(),
        State::KeyLost,
        "the old file no longer opens"
    );

    bench.plant(&second);
    let vault = bench.vault();
    assert_eq!(vault.load(), State::Locked);
    assert_eq!(content(&vault), None);
    vault.unlock(secret("one")).unwrap();
    assert_eq!(content(&vault).as_deref(), Some(KEY));

    let file = bench.file();
    assert_eq!(
        vault.change_sealing(passphrase("two"), None),
        Err(Error::PassphraseEmpty),
        "who finds it open cannot change it"
    );
    assert_eq!(bench.file(), file);
    vault
        .change_sealing(passphrase("two"), Some(secret("one")))
        .unwrap();
    let vault = bench.loaded();
    let refused = vault.unlock(secret("one"));
    assert!(
        matches!(refused, Err(Error::WrongPassphraseOrDamaged { .. })),
        "{refused:?}"
    );
    bench.clock.advance(Duration::from_secs(1));
    vault.unlock(secret("two")).unwrap();

    vault
        .change_sealing(SealWith::Keychain, Some(secret("two")))
        .unwrap();
    let vault = bench.loaded();
    assert_eq!(content(&vault).as_deref(), Some(KEY));
    assert_eq!(bench.keychain.entries().len(), 1);
    assert_eq!(vault.unlock(secret("two")), Err(Error::NothingToUnlock));
}

#[test]
fn s6_a_file_of_an_earlier_sign_in_does_not_open() {
    let bench = Bench::sealed(SealWith::Keychain);
    let earlier = bench.file();
    bench
        .loaded()
        .seal(secret(OTHER), SealWith::Keychain)
        .unwrap();
    bench.plant(&earlier);
    let vault = bench.vault();
    assert_eq!(vault.load(), State::KeyLost);
    assert_eq!(content(&vault), None);

    // The documented limit: who has an old file and its passphrase has what was in it.
    let bench = Bench::sealed(passphrase("one"));
    let earlier = bench.file();
    bench
        .loaded()
        .seal(secret(OTHER), passphrase("two"))
        .unwrap();
    bench.plant(&earlier);
    let vault = bench.loaded();
    vault.unlock(secret("one")).unwrap();
    assert_eq!(content(&vault).as_deref(), Some(KEY));
}

#[test]
fn s10_a_wrong_passphrase_delays_the_next_attempt_and_the_right_one_opens() {
    let bench = Bench::sealed(passphrase("right"));
    let file = bench.file();
    let vault = bench.loaded();
    for (attempt, seconds) in [1, 2, 4, 8, 16, 32, 60, 60].into_iter().enumerate() {
        let retry_in = Duration::from_secs(seconds);
        let wrong = Err(Error::WrongPassphraseOrDamaged { retry_in });
        assert_eq!(vault.unlock(secret("wrong")), wrong, "attempt {attempt}");
        assert_eq!(vault.state(), State::WrongPassphraseOrDamaged { retry_in });
        assert_eq!(
            vault.unlock(secret("right")),
            Err(Error::TooSoon { retry_in })
        );
        bench.clock.advance(retry_in - Duration::from_millis(1));
        let retry_in = Duration::from_millis(1);
        assert_eq!(
            vault.unlock(secret("right")),
            Err(Error::TooSoon { retry_in })
        );
        bench.clock.advance(retry_in);
    }
    let retry_in = Duration::ZERO;
    assert_eq!(vault.state(), State::WrongPassphraseOrDamaged { retry_in });
    assert_eq!(bench.file(), file, "untouched");
    assert_eq!(vault.unlock(secret("right")), Ok(()));
    assert_eq!(vault.state(), State::Open);
    vault.lock();
    let wrong = Err(Error::WrongPassphraseOrDamaged {
        retry_in: Duration::from_secs(1),
    });
    assert_eq!(
        vault.unlock(secret("wrong")),
        wrong,
        "success starts the count anew"
    );
}

#[test]
fn s10_a_wrong_passphrase_changes_no_sealing_and_delays_the_next_one() {
    let bench = Bench::sealed(passphrase("right"));
    let vault = bench.loaded();
    vault.unlock(secret("right")).unwrap();
    let file = bench.file();
    let change = |typed: &str| vault.change_sealing(SealWith::Keychain, Some(secret(typed)));
    for seconds in [1, 2, 4] {
        let retry_in = Duration::from_secs(seconds);
        let wrong = Err(Error::WrongPassphraseOrDamaged { retry_in });
        assert_eq!(change("wrong"), wrong);
        assert_eq!(change("right"), Err(Error::TooSoon { retry_in }));
        assert_eq!(
            (vault.state(), content(&vault).as_deref()),
            (State::Open, Some(KEY)),
            "it stays open"
        );
        assert_eq!(bench.file(), file);
        bench.clock.advance(retry_in);
    }
    assert_eq!(bench.keychain.entries(), Vec::<String>::new());
    assert_eq!(change("right"), Ok(()));
    assert_eq!(bench.loaded().state(), State::Open);
}

#[test]
fn s12_a_lost_key_is_reported_and_none_is_made() {
    let bench = Bench::sealed(SealWith::Keychain);
    let (file, entry) = (bench.file(), bench.keychain.entries()[0].clone());
    bench.keychain.plant(&entry, None);
    let vault = bench.vault();
    assert_eq!(vault.load(), State::KeyLost);
    assert_eq!(
        bench.keychain.entries(),
        Vec::<String>::new(),
        "no key was created"
    );
    assert_eq!(bench.file(), file);
    vault.seal(secret(OTHER), SealWith::Keychain).unwrap();
    assert_eq!(
        content(&bench.loaded()).as_deref(),
        Some(OTHER),
        "the way out: sign in"
    );
}

#[test]
fn s13_a_keychain_that_fails_is_not_a_lost_key() {
    let bench = Bench::sealed(SealWith::Keychain);
    let (file, entries) = (bench.file(), bench.keychain.entries());
    for error in [
        KeychainError::NoAccess,
        KeychainError::Unavailable,
        KeychainError::Timeout,
        KeychainError::BadValue,
        KeychainError::Ambiguous,
    ] {
        bench.keychain.fail_all(error);
        let vault = bench.vault();
        assert_eq!(vault.load(), State::KeychainUnavailable(error));
        assert_eq!(content(&vault), None);
        assert_eq!(
            (bench.file(), bench.keychain.entries()),
            (file.clone(), entries.clone())
        );
        bench.keychain.heal();
        assert_eq!(vault.load(), State::Open, "the way out: load again");
    }
}

#[test]
fn s14_a_keychain_value_that_is_no_key_of_ours_opens_nothing() {
    let bench = Bench::sealed(SealWith::Keychain);
    let (file, entry) = (bench.file(), bench.keychain.entries()[0].clone());
    let right = bench.keychain.peek(&entry);
    for length in [0, 1, 31, 33, 64, 100_000] {
        bench.keychain.plant(&entry, Some(vec![1; length]));
        assert_eq!(bench.vault().load(), State::KeyLost, "{length} bytes");
        assert_eq!(bench.file(), file);
    }
    bench.keychain.plant(&entry, Some(vec![1; 32]));
    let State::Damaged {
        moved_to: Some(path),
    } = bench.vault().load()
    else {
        panic!("another key opened it");
    };
    assert_eq!(bench.disk.bytes(path.to_str().unwrap()), Some(file.clone()));
    bench.plant(&file);
    bench.keychain.plant(&entry, right);
    assert_eq!(bench.vault().load(), State::Open);
}

#[test]
fn s18_without_a_keychain_nothing_is_written_and_two_ways_remain() {
    let bench = Bench::new();
    bench.keychain.fail_all(KeychainError::Unavailable);
    let vault = bench.vault();
    assert!(!vault.keychain_available());
    let refused = vault.seal(secret(KEY), SealWith::Keychain);
    assert_eq!(refused, Err(Error::Keychain(KeychainError::Unavailable)));
    assert_eq!((vault.state(), content(&vault)), (State::Empty, None));
    assert_eq!(bench.disk.bytes("v/vault.json"), None);

    vault.hold_for_session(secret(KEY));
    assert_eq!((vault.state(), vault.sealing()), (State::SessionOnly, None));
    assert_eq!(vault.load(), State::SessionOnly, "loading does not drop it");
    assert_eq!(content(&vault).as_deref(), Some(KEY));
    assert_eq!(bench.disk.bytes("v/vault.json"), None);

    vault
        .change_sealing(passphrase("a passphrase"), None)
        .unwrap();
    assert_eq!(bench.vault().load(), State::Locked);
}

#[test]
fn locking_forgets_the_secret_and_the_way_back_is_the_sealing() {
    let bench = Bench::sealed(SealWith::Keychain);
    let vault = bench.loaded();
    vault.lock();
    assert_eq!((vault.state(), content(&vault)), (State::Locked, None));
    assert_eq!(
        vault.change_sealing(SealWith::Keychain, None),
        Err(Error::NotOpen)
    );
    assert_eq!(vault.load(), State::Open);

    vault.hold_for_session(secret(OTHER));
    vault.lock();
    assert_eq!((vault.state(), content(&vault)), (State::Empty, None));
}

#[test]
fn a_vault_changed_elsewhere_is_not_overwritten_with_an_older_secret() {
    let bench = Bench::sealed(SealWith::Keychain);
    let here = bench.loaded();
    bench
        .loaded()
        .seal(secret(OTHER), SealWith::Keychain)
        .unwrap();
    assert_eq!(
        here.change_sealing(passphrase("x"), None),
        Err(Error::ChangedElsewhere)
    );
    assert_eq!(here.load(), State::Open);
    assert_eq!(content(&here).as_deref(), Some(OTHER));
    assert!(bench.loaded().wipe().unwrap().is_complete());
    assert_eq!(
        here.change_sealing(passphrase("x"), None),
        Err(Error::ChangedElsewhere)
    );
}

#[test]
fn s27_signing_out_leaves_nothing_that_opens() {
    const DONE: Wiped = Wiped {
        file_left: None,
        keychain_left: None,
    };
    for with in [SealWith::Keychain, passphrase("a passphrase")] {
        let bench = Bench::sealed(with);
        let before = bench.file();
        bench.plant(b"damaged");
        let vault = bench.loaded();
        bench.plant(&before);
        assert_eq!(vault.wipe(), Ok(DONE));
        assert_eq!((vault.state(), content(&vault)), (State::Empty, None));
        assert_eq!(
            bench.disk.paths(),
            Vec::<String>::new(),
            "the quarantine is gone too"
        );
        assert_eq!(bench.keychain.entries(), Vec::<String>::new());
        assert_eq!(bench.vault().load(), State::Empty);
    }
    let nothing = Bench::new();
    assert_eq!(nothing.vault().wipe(), Ok(DONE));
}

#[test]
fn s27_a_keychain_that_refuses_at_sign_out_is_named_and_tried_again() {
    let bench = Bench::sealed(SealWith::Keychain);
    let vault = bench.loaded();
    bench.keychain.fail(Call::Delete, KeychainError::NoAccess);
    let wiped = vault.wipe().unwrap();
    assert_eq!(wiped.keychain_left, Some(KeychainError::NoAccess));
    assert!(!wiped.is_complete());
    assert_eq!(bench.disk.bytes("v/vault.json"), None);
    assert_eq!(bench.vault().load(), State::Empty);
    assert_eq!(bench.keychain.entries().len(), 1, "still refused");
    bench.keychain.heal();
    assert_eq!(bench.vault().load(), State::Empty);
    assert_eq!(bench.keychain.entries(), Vec::<String>::new());
    assert_eq!(
        bench.disk.paths(),
        Vec::<String>::new(),
        "nothing left to remember"
    );
}

#[test]
fn s27_a_file_that_cannot_be_deleted_never_opens_again() {
    for with in [|| SealWith::Keychain, || passphrase("a passphrase")] {
        let bench = Bench::sealed(with());
        let vault = bench.loaded();
        // Every way to delete or move the vault fails, as for a file another program holds open.
        bench.disk.pin("v/vault.json");
        let wiped = vault.wipe().unwrap();
        assert_eq!(wiped.file_left, Some(io::ErrorKind::PermissionDenied));
        assert_eq!(bench.keychain.entries(), Vec::<String>::new());
        for _ in 0..2 {
            let vault = bench.vault();
            assert_eq!(vault.load(), State::Empty);
            assert_eq!(
                vault.unlock(secret("a passphrase")),
                Err(Error::NothingToUnlock)
            );
            assert_eq!(content(&vault), None);
        }
        bench.disk.unpin();
        assert_eq!(bench.vault().load(), State::Empty);
        assert_eq!(
            bench.disk.paths(),
            Vec::<String>::new(),
            "deleted at the next start"
        );
        bench.vault().seal(secret(OTHER), with()).unwrap();
        assert!(matches!(bench.vault().load(), State::Open | State::Locked));
    }
}

#[test]
fn s27_a_sign_out_cut_short_at_any_step_is_finished_at_the_next_start() {
    for with in [|| SealWith::Keychain, || passphrase("a passphrase")] {
        let mut at = 0;
        loop {
            at += 1;
            let bench = Bench::sealed(with());
            let vault = bench.loaded();
            bench.steps.plan(Plan::Cut(at));
            let wipe = std::panic::AssertUnwindSafe(|| vault.wipe().is_ok());
            let finished = std::panic::catch_unwind(wipe).is_ok();
            bench.steps.plan(Plan::Run);
            let after = bench.vault();
            let state = after.load();
            if bench.keychain.entries().is_empty() && state == State::Empty {
                assert!(
                    bench.disk.paths().is_empty(),
                    "step {at}: {:?}",
                    bench.disk.paths()
                );
            } else {
                // Cut before the note was in place: then it has not begun.
                assert!(!finished && at <= 9, "step {at}: {state:?}");
            }
            if finished {
                break;
            }
        }
        assert!(at > 10, "only {at} steps were cut");
    }
}

#[test]
fn s33_the_date_has_no_say() {
    let bench = Bench::sealed(passphrase("a passphrase"));
    for years in [0, 130] {
        bench
            .clock
            .advance(Duration::from_secs(years * 366 * 24 * 3600));
        let vault = bench.loaded();
        assert_eq!(vault.unlock(secret("a passphrase")), Ok(()));
    }
}

#[test]
fn s36_a_signed_out_vault_does_not_reappear() {
    let bench = Bench::sealed(SealWith::Keychain);
    let vault = bench.loaded();
    assert!(vault.wipe().unwrap().is_complete());
    vault.lock();
    vault.load();
    assert_eq!(
        vault.change_sealing(SealWith::Keychain, None),
        Err(Error::NotOpen)
    );
    drop(vault);
    assert_eq!(bench.disk.paths(), Vec::<String>::new());
}

/// A trait that is implemented twice for a type that can be shown or copied, and then cannot be
/// named without saying which one: so this compiles only as long as `Secret` can do neither.
#[test]
fn a_secret_cannot_be_shown_copied_or_serialised() {
    trait Cannot<Marker> {
        fn check() {}
    }
    struct Shown;
    struct Printed;
    struct Copied;
    struct Serialised;
    impl<T: ?Sized> Cannot<()> for T {}
    impl<T: ?Sized + std::fmt::Debug> Cannot<Shown> for T {}
    impl<T: ?Sized + std::fmt::Display> Cannot<Printed> for T {}
    impl<T: Clone> Cannot<Copied> for T {}
    impl<T: ?Sized + serde::Serialize> Cannot<Serialised> for T {}
    <crate::Secret as Cannot<_>>::check();
    <SealWith as Cannot<_>>::check();
    <crate::Vault as Cannot<_>>::check();
}
