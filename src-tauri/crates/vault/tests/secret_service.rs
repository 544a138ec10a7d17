//! The keychain of this system for real: gnome-keyring in a D-Bus session of its own.
//!
//! The test starts itself again inside `dbus-run-session`, with an empty home; the environment is
//! set for that child only.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "Clippy's exception for tests does not reach the functions they share"
)]

use std::env;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use vault::{Error, Keychain, KeychainError, SealWith, Secret, State, SystemKeychain, Vault};

const SERVICE: &str = "dev.causeway.test";
const PASSWORD: &str = "the password of the keyring";
const PLACE: &str = "CAUSEWAY_VAULT_TEST_FOLDER";

/// A session bus that starts no service by itself: what runs is what a test started.
const BUS: &str = r#"<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"#;

/// Starts one of the tests marked as ignored below in a home of its own.
fn inside(test: &str, folder: &Path, session: bool) -> Output {
    let binary = env::current_exe().unwrap();
    let mut command = if session {
        let mut command = Command::new("dbus-run-session");
        let config = folder.join("bus.conf");
        std::fs::write(&config, BUS).unwrap();
        command
            .arg("--config-file")
            .arg(config)
            .arg("--")
            .arg(binary);
        command
    } else {
        Command::new(binary)
    };
    command
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(PLACE, folder);
    command.env("HOME", folder).env("XDG_RUNTIME_DIR", folder);
    command
        .env("XDG_DATA_HOME", folder.join("share"))
        .env("XDG_CONFIG_HOME", folder.join("etc"));
    for name in [
        "DBUS_SESSION_BUS_ADDRESS",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "GNOME_KEYRING_CONTROL",
    ] {
        command.env_remove(name);
    }
    command.output().unwrap()
}

fn passes(test: &str, session: bool) {
    let folder = tempfile::tempdir().unwrap();
    let output = inside(test, folder.path(), session);
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}\n{errors}"
    );
}

/// Skips where the programs are missing, but not where all of them must be there.
fn have_programs() -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let missing: Vec<_> = ["dbus-run-session", "gnome-keyring-daemon"]
        .into_iter()
        .filter(|program| !env::split_paths(&path).any(|folder| folder.join(program).is_file()))
        .collect();
    if !missing.is_empty() {
        assert!(
            env::var("CI").as_deref() != Ok("true"),
            "missing: {missing:?}"
        );
        println!("skipped: {missing:?} not found (Debian: dbus-x11, gnome-keyring)");
    }
    missing.is_empty()
}

fn daemon(argument: &str) {
    let mut daemon = Command::new("gnome-keyring-daemon")
        .args([argument, "--components=secrets", "--daemonize"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    daemon
        .stdin
        .take()
        .unwrap()
        .write_all(PASSWORD.as_bytes())
        .unwrap();
    assert!(daemon.wait().unwrap().success());
    // It says that it is ready a moment before the bus knows its name.
    let begun = Instant::now();
    while !on_the_bus() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn on_the_bus() -> bool {
    let asked = Command::new("dbus-send")
        .args([
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.DBus",
            "/",
        ])
        .args([
            "org.freedesktop.DBus.NameHasOwner",
            "string:org.freedesktop.secrets",
        ])
        .output()
        .unwrap();
    String::from_utf8_lossy(&asked.stdout).contains("boolean true")
}

fn content(vault: &Vault) -> Option<Vec<u8>> {
    vault.with_secret(<[u8]>::to_vec)
}

#[test]
fn s1_a_secret_comes_back_from_an_unlocked_keyring() {
    if have_programs() {
        passes("child_unlocked", true);
    }
}

#[test]
#[ignore = "started by another test in a session of its own"]
fn child_unlocked() {
    daemon("--unlock");
    let folder = Path::new(&env::var_os(PLACE).unwrap()).join("data");
    let keychain = Arc::new(SystemKeychain::new(SERVICE));
    assert_eq!(keychain.probe(), Ok(()));
    assert_eq!(keychain.get("x").err(), Some(KeychainError::NoEntry));
    keychain.set("x", &[0, 159, 146, 150]).unwrap();
    keychain.set("x", &[0, 255]).unwrap();
    assert_eq!(
        keychain.get("x").ok().map(|value| value.expose().to_vec()),
        Some(vec![0, 255])
    );
    assert_eq!(
        SystemKeychain::new("another").get("x").err(),
        Some(KeychainError::NoEntry)
    );
    keychain.delete("x").unwrap();
    assert_eq!(keychain.delete("x"), Err(KeychainError::NoEntry));

    let vault = Vault::new(&folder, keychain.clone());
    vault
        .seal(Secret::new(b"sk-or-v1-real".to_vec()), SealWith::Keychain)
        .unwrap();
    let vault = Vault::new(&folder, Arc::new(SystemKeychain::new(SERVICE)));
    assert_eq!(vault.load(), State::Open);
    assert_eq!(content(&vault).as_deref(), Some(&b"sk-or-v1-real"[..]));
    let file = std::fs::read(folder.join("vault.json")).unwrap();
    assert!(vault.wipe().unwrap().is_complete());
    std::fs::write(folder.join("vault.json"), file).unwrap();
    assert_eq!(vault.load(), State::KeyLost, "signing out deleted the key");
}

#[test]
fn s13_a_locked_keyring_is_reported_in_bounded_time() {
    if have_programs() {
        passes("child_locked", true);
    }
}

#[test]
#[ignore = "started by another test in a session of its own"]
fn child_locked() {
    daemon("--unlock");
    let folder = Path::new(&env::var_os(PLACE).unwrap()).join("data");
    let vault = Vault::new(&folder, Arc::new(SystemKeychain::new(SERVICE)));
    vault
        .seal(Secret::new(b"sk-or-v1-real".to_vec()), SealWith::Keychain)
        .unwrap();
    let file = std::fs::read(folder.join("vault.json")).unwrap();
    let lock = "/org/freedesktop/secrets/collection/login";
    let locked = Command::new("dbus-send")
        .args([
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.secrets",
        ])
        .args([
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.Lock",
        ])
        .arg(format!("array:objpath:{lock}"))
        .output()
        .unwrap();
    assert!(locked.status.success(), "{locked:?}");

    let begun = Instant::now();
    let vault = Vault::new(&folder, Arc::new(SystemKeychain::new(SERVICE)));
    let probed = vault.probe_keychain();
    assert!(
        begun.elapsed() < Duration::from_secs(6),
        "{:?}",
        begun.elapsed()
    );
    assert!(
        matches!(
            probed,
            Err(KeychainError::NoAccess | KeychainError::Timeout)
        ),
        "a keyring nobody can unlock here is not a working one: {probed:?}"
    );
    let state = vault.load();
    assert!(
        begun.elapsed() < Duration::from_secs(70),
        "{:?}",
        begun.elapsed()
    );
    assert!(
        matches!(
            state,
            State::KeychainUnavailable(KeychainError::NoAccess | KeychainError::Timeout)
        ),
        "{state:?}"
    );
    println!(
        "probe: {probed:?}, load: {state:?} after {:?}",
        begun.elapsed()
    );
    assert_eq!(content(&vault), None);
    assert_eq!(
        std::fs::read(folder.join("vault.json")).unwrap(),
        file,
        "untouched"
    );
}

#[test]
fn s17_a_session_collection_is_not_taken_for_a_keychain() {
    if have_programs() {
        passes("child_session_collection", true);
    }
}

#[test]
#[ignore = "started by another test in a session of its own"]
fn child_session_collection() {
    daemon("--unlock");
    let made_default = Command::new("dbus-send")
        .args([
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.secrets",
        ])
        .args([
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.SetAlias",
        ])
        .args([
            "string:default",
            "objpath:/org/freedesktop/secrets/collection/session",
        ])
        .output()
        .unwrap();
    assert!(made_default.status.success(), "{made_default:?}");
    let keychain = SystemKeychain::new(SERVICE);
    assert_eq!(keychain.probe(), Err(KeychainError::Forgetful));
    assert_eq!(keychain.set("x", b"x"), Err(KeychainError::Forgetful));
    assert_eq!(
        keychain.get("x").err(),
        Some(KeychainError::NoEntry),
        "it is taken out again"
    );
}

#[test]
fn s18_without_a_secret_service_the_keychain_is_unavailable_at_once() {
    passes("child_without_bus", false);
    if have_programs() {
        passes("child_without_bus", true);
    }
}

#[test]
#[ignore = "started by another test without a session"]
fn child_without_bus() {
    let folder = Path::new(&env::var_os(PLACE).unwrap()).join("data");
    let begun = Instant::now();
    let vault = Vault::new(&folder, Arc::new(SystemKeychain::new(SERVICE)));
    assert_eq!(vault.probe_keychain(), Err(KeychainError::Unavailable));
    let refused = vault.seal(Secret::new(b"x".to_vec()), SealWith::Keychain);
    assert_eq!(refused, Err(Error::Keychain(KeychainError::Unavailable)));
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    assert!(!folder.join("vault.json").exists());
}
