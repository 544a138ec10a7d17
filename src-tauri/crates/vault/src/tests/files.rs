//! What happens to the files: power cuts, full disks, strange things in their place.

use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use super::bench::{Bench, KEY, OTHER, Plan, content, passphrase, secret};
use crate::disk::{Disk, Found, System};
use crate::testing::memory_keychain;
use crate::{SealWith, State, Vault};

type With = fn() -> SealWith;
const KINDS: [With; 2] = [|| SealWith::Keychain, || passphrase("a passphrase")];

/// Opens as the user would, after a start.
fn opened(bench: &Bench) -> Option<String> {
    let vault = bench.vault();
    if vault.load() == State::Locked {
        vault.unlock(secret("a passphrase")).unwrap();
    }
    content(&vault)
}

#[test]
fn s19_a_power_cut_at_any_step_leaves_the_old_or_the_new_vault() {
    for (before, after) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        for keep_names in [false, true] {
            let mut at = 0;
            loop {
                at += 1;
                let bench = Bench::sealed(KINDS[before]());
                let vault = bench.vault();
                bench.steps.plan(Plan::Cut(at));
                let with = KINDS[after]();
                let seal = AssertUnwindSafe(|| vault.seal(secret(OTHER), with).unwrap());
                let finished = catch_unwind(seal).is_ok();
                bench.steps.plan(Plan::Run);
                bench.disk.lose_power(keep_names);
                let found = opened(&bench);
                let place = format!("{before}→{after}, step {at}, names kept: {keep_names}");
                if finished {
                    assert_eq!(found.as_deref(), Some(OTHER), "{place}: said done");
                } else {
                    assert!(
                        [KEY, OTHER].contains(&found.as_deref().unwrap_or("")),
                        "{place}"
                    );
                }
                let keys =
                    usize::from(bench.file().windows(10).any(|part| part == b"\"keychain\""));
                assert_eq!(
                    bench.keychain.entries().len(),
                    keys,
                    "{place}: orphans collected"
                );
                if finished {
                    break;
                }
            }
            assert!(at > 8, "only {at} steps were cut");
        }
    }
}

#[test]
fn s20_a_failing_disk_is_an_error_and_the_old_vault_still_opens() {
    for (before, after) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        for kind in [
            ErrorKind::StorageFull,
            ErrorKind::PermissionDenied,
            ErrorKind::Other,
        ] {
            let mut errors = 0;
            for at in 1.. {
                let bench = Bench::sealed(KINDS[before]());
                let vault = bench.vault();
                bench.steps.plan(Plan::Fail(at, at, kind));
                let outcome = vault.seal(secret(OTHER), KINDS[after]());
                let reached = bench.steps.count() >= at;
                bench.steps.plan(Plan::Run);
                let expected = if outcome.is_ok() { OTHER } else { KEY };
                errors += usize::from(outcome.is_err());
                let place = format!("{before}→{after}, step {at}, {kind}: {outcome:?}");
                assert_eq!(opened(&bench).as_deref(), Some(expected), "{place}");
                let temps = bench.disk.paths().iter().any(|path| path.ends_with(".tmp"));
                assert!(!temps, "{place}: a temporary file stayed");
                if !reached {
                    break;
                }
            }
            assert!(errors >= 6, "only {errors} steps led to an error");
        }
    }
}

#[test]
fn s20_a_failed_sign_in_keeps_the_secret_that_is_open() {
    let bench = Bench::sealed(SealWith::Keychain);
    let vault = bench.loaded();
    bench
        .steps
        .plan(Plan::Fail(1, usize::MAX, ErrorKind::StorageFull));
    let refused = vault.seal(secret(OTHER), SealWith::Keychain);
    assert_eq!(refused, Err(crate::Error::Storage(ErrorKind::StorageFull)));
    assert_eq!(
        (vault.state(), content(&vault).as_deref()),
        (State::Open, Some(KEY))
    );
    assert_eq!(bench.keychain.entries().len(), 1);
}

#[test]
fn s20_a_disk_that_cannot_be_read_is_not_an_empty_vault() {
    let bench = Bench::sealed(SealWith::Keychain);
    let vault = bench.vault();
    bench
        .steps
        .plan(Plan::Fail(1, usize::MAX, ErrorKind::PermissionDenied));
    assert_eq!(vault.load(), State::Unreadable(ErrorKind::PermissionDenied));
    bench.steps.plan(Plan::Run);
    assert_eq!(bench.keychain.entries().len(), 1);
    assert_eq!(vault.load(), State::Open);
}

#[test]
fn s21_orphans_are_collected_and_the_rest_is_left_alone() {
    let bench = Bench::sealed(SealWith::Keychain);
    let orphan = "vault/00112233445566778899aabbccddeeff";
    let foreign = [
        "vault/ffffffffffffffffffffffffffffffff",
        "another program",
        "probe/1",
    ];
    for entry in foreign.into_iter().chain([orphan]) {
        bench.keychain.plant(entry, Some(vec![1; 32]));
    }
    let note = [
        bench.disk.bytes("v/vault.pending").unwrap(),
        b"nonsense\nentry 12\n".to_vec(),
    ];
    let orphan_line = format!("entry {}\n", orphan.strip_prefix("vault/").unwrap());
    bench.disk.plant(
        "v/vault.pending",
        &[note.concat(), orphan_line.into_bytes()].concat(),
    );
    let kept = [
        "v/history.db",
        "v/notes.tmp",
        "v/.vault-notes",
        "other/.vault-1.tmp",
    ];
    for path in kept
        .into_iter()
        .chain(["v/.vault-0011.tmp", "v/.vault-.tmp"])
    {
        bench.disk.plant(path, b"x");
    }
    assert_eq!(bench.vault().load(), State::Open);
    let entries = bench.keychain.entries();
    assert_eq!(entries.len(), 4, "{entries:?}");
    assert!(
        foreign
            .iter()
            .all(|entry| entries.iter().any(|found| found == entry))
    );
    let mut paths = kept.map(str::to_owned).to_vec();
    paths.extend(["v/vault.json".to_owned(), "v/vault.pending".to_owned()]);
    paths.sort();
    assert_eq!(bench.disk.paths(), paths);
}

#[test]
fn s21_nothing_is_collected_while_it_is_unknown_what_is_in_use() {
    let bench = Bench::sealed(SealWith::Keychain);
    let file = String::from_utf8(bench.file()).unwrap();
    let newer = file.replace("\"version\":1", "\"version\":2");
    let id = serde_json::from_str::<serde_json::Value>(&file).unwrap()["id"].to_string();
    let renamed = file.replace(&id, "\"AAAAAAAAAAAAAAAAAAAAAA==\"");
    for other in [newer, renamed] {
        bench.plant(other.as_bytes());
        assert!(matches!(
            bench.vault().load(),
            State::NewerVersion | State::KeyLost
        ));
        assert_eq!(bench.keychain.entries().len(), 1);
    }
    bench.plant(file.as_bytes());
    assert_eq!(bench.vault().load(), State::Open);
}

#[test]
fn s25_ten_thousand_writes_use_ten_thousand_nonces_and_at_most_two_entries() {
    let bench = Bench::new();
    let vault = bench.vault();
    let mut nonces = HashSet::new();
    for round in 0..10_000 {
        vault.seal(secret(KEY), SealWith::Keychain).unwrap();
        let file: serde_json::Value = serde_json::from_slice(&bench.file()).unwrap();
        assert!(
            nonces.insert(file["nonce"].to_string()),
            "a nonce came twice by round {round}"
        );
        assert!(bench.keychain.entries().len() <= 2);
    }
}

#[test]
fn a_damaged_or_newer_file_is_moved_aside_by_a_sign_in_and_not_overwritten() {
    for old in [
        &b"damaged"[..],
        br#"{"format":"causeway-vault","version":2}"#,
    ] {
        let bench = Bench::new();
        bench.plant(old);
        bench.vault().seal(secret(KEY), SealWith::Keychain).unwrap();
        assert_eq!(opened(&bench).as_deref(), Some(KEY));
        let aside = bench
            .disk
            .paths()
            .into_iter()
            .find(|path| path.contains("quarantine"));
        assert_eq!(bench.disk.bytes(&aside.unwrap()).as_deref(), Some(old));
    }
}

fn real(folder: &Path) -> Vault {
    Vault::new(folder, memory_keychain()).with_least_cost()
}

#[test]
fn s4_a_directory_in_place_of_the_file_is_moved_aside() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("vault.json");
    fs::create_dir(&place).unwrap();
    fs::write(place.join("inside"), "kept").unwrap();
    let vault = real(folder.path());
    let State::Damaged {
        moved_to: Some(moved),
    } = vault.load()
    else {
        panic!("accepted")
    };
    assert_eq!(fs::read_to_string(moved.join("inside")).unwrap(), "kept");
    vault.seal(secret(KEY), SealWith::Keychain).unwrap();
    assert_eq!(content(&vault).as_deref(), Some(KEY));
}

#[cfg(unix)]
#[test]
fn s4_a_link_in_place_of_the_file_is_moved_aside_and_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let victim = folder.path().join("victim");
    let vault = Vault::new(folder.path(), memory_keychain());
    vault.seal(secret(KEY), SealWith::Keychain).unwrap();
    fs::rename(folder.path().join("vault.json"), &victim).unwrap();
    let bytes = fs::read(&victim).unwrap();
    std::os::unix::fs::symlink(&victim, folder.path().join("vault.json")).unwrap();
    vault.lock();
    let State::Damaged {
        moved_to: Some(moved),
    } = vault.load()
    else {
        panic!("followed")
    };
    assert!(fs::symlink_metadata(moved).unwrap().is_symlink());
    assert_eq!(fs::read(&victim).unwrap(), bytes);
}

#[test]
fn s9_a_file_of_a_gibibyte_is_damage_and_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("vault.json");
    fs::File::create(&place).unwrap().set_len(1 << 30).unwrap();
    let State::Damaged {
        moved_to: Some(moved),
    } = real(folder.path()).load()
    else {
        panic!("accepted")
    };
    assert_eq!(fs::metadata(moved).unwrap().len(), 1 << 30);
    let found = System.read(&folder.path().join("none"), 10).unwrap();
    assert!(matches!(found, Found::Nothing));
}

#[test]
fn s20_a_folder_that_cannot_be_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let vault = real(&file.join("below"));
    assert!(vault.seal(secret(KEY), SealWith::Keychain).is_err());
    assert_eq!(content(&vault), None);
}

#[cfg(unix)]
#[test]
fn s22_a_folder_that_others_may_enter_is_closed() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let vault = real(folder.path());
    vault.seal(secret(KEY), SealWith::Keychain).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder.path()), 0o700);
    let place = folder.path().join("vault.json");
    fs::set_permissions(&place, fs::Permissions::from_mode(0o666)).unwrap();
    vault.seal(secret(KEY), SealWith::Keychain).unwrap();
    assert_eq!(mode(&place), 0o600, "rewriting closes the file too");
}

/// Puts a link to a victim at every path just before it is written.
#[cfg(unix)]
struct Trap(std::path::PathBuf);

#[cfg(unix)]
impl Disk for Trap {
    fn prepare(&self, folder: &Path) -> std::io::Result<()> {
        System.prepare(folder)
    }
    fn read(&self, path: &Path, limit: u64) -> std::io::Result<Found> {
        System.read(path, limit)
    }
    fn write_new(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        std::os::unix::fs::symlink(&self.0, path)?;
        System.write_new(path, bytes)
    }
    fn sync(&self, path: &Path) -> std::io::Result<()> {
        System.sync(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        System.rename(from, to)
    }
    fn sync_folder(&self, folder: &Path) -> std::io::Result<()> {
        System.sync_folder(folder)
    }
    fn remove(&self, path: &Path) -> std::io::Result<()> {
        System.remove(path)
    }
    fn remove_folder(&self, path: &Path) -> std::io::Result<()> {
        System.remove_folder(path)
    }
    fn names(&self, folder: &Path) -> std::io::Result<Vec<String>> {
        System.names(folder)
    }
    fn try_lock(&self, path: &Path) -> std::io::Result<Option<crate::disk::Lock>> {
        System.try_lock(path)
    }
}

#[cfg(unix)]
#[test]
fn s23_a_link_in_place_of_the_temporary_file_is_not_written_through() {
    let folder = tempfile::tempdir().unwrap();
    for (name, existing) in [("victim", Some("untouched")), ("missing", None)] {
        let victim = folder.path().join(name);
        if let Some(text) = existing {
            fs::write(&victim, text).unwrap();
        }
        let vault = Vault::build(
            &folder.path().join("data"),
            memory_keychain(),
            Arc::new(super::bench::TestClock::default()),
            Arc::new(Trap(victim.clone())),
        );
        let refused = vault.with_least_cost().seal(secret(KEY), KINDS[1]());
        assert_eq!(
            refused,
            Err(crate::Error::Storage(ErrorKind::AlreadyExists))
        );
        assert_eq!(fs::read_to_string(&victim).ok().as_deref(), existing);
    }
}
