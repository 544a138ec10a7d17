//! Real processes: killed while they write, writing at the same time, started with another umask.
//!
//! The test binary starts itself; what the child shall do is in the environment of the child only.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use super::bench::{
    FolderKeychain, Plan, Stepped, SteppedKeychain, Steps, TestClock, content, passphrase, secret,
};
use crate::disk::System;
use crate::{SealWith, State, Vault};

const ROLE: &str = "CAUSEWAY_VAULT_TEST_CHILD";
const PASSPHRASE: &str = "a passphrase";

fn vault(folder: &Path, steps: &Arc<Steps>) -> Vault {
    let keychain = Arc::new(FolderKeychain(folder.join("keychain")));
    let keychain = SteppedKeychain {
        inner: keychain,
        steps: Arc::clone(steps),
    };
    let disk = Stepped {
        inner: Box::new(System),
        steps: Arc::clone(steps),
    };
    let clock = Arc::new(TestClock::default());
    Vault::build(
        &folder.join("data"),
        Arc::new(keychain),
        clock,
        Arc::new(disk),
    )
    .with_least_cost()
}

fn opened(folder: &Path) -> Option<String> {
    let vault = vault(folder, &Arc::default());
    if vault.load() == State::Locked {
        vault.unlock(secret(PASSPHRASE)).unwrap();
    }
    content(&vault)
}

/// A folder in memory where there is one: these tests are about order, and thousands of real syncs
/// would take minutes.
fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        memory.into()
    } else {
        env::temp_dir()
    };
    let folder = tempfile::tempdir_in(folder).unwrap();
    fs::create_dir(folder.path().join("keychain")).unwrap();
    folder
}

fn command(folder: &Path, role: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([
        "--exact",
        "tests::processes::child",
        "--ignored",
        "--nocapture",
    ]);
    command.env(ROLE, format!("{role} {}", folder.to_str().unwrap()));
    command.stdout(Stdio::piped());
    command
}

/// What the child says first.
fn word(child: &mut Child) -> String {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut words = lines
        .map_while(Result::ok)
        .filter_map(|line| line.split_once("child: ").map(|(_, word)| word.to_owned()));
    words.next().expect("the child says something")
}

#[test]
#[ignore = "started by the other tests here"]
fn child() {
    let role = env::var(ROLE).expect("started by another test");
    let [kind, argument, folder] = role.splitn(3, ' ').collect::<Vec<_>>()[..] else {
        panic!("three parts")
    };
    let folder = PathBuf::from(folder);
    let steps = Arc::new(Steps::default());
    let vault = vault(&folder, &steps);
    match kind {
        "killed" => {
            let (round, at) = argument.split_once(':').unwrap();
            let round: usize = round.parse().unwrap();
            steps.plan(Plan::Park(at.parse().unwrap()));
            vault.load();
            let with = if round.is_multiple_of(3) {
                passphrase(PASSPHRASE)
            } else {
                SealWith::Keychain
            };
            vault.seal(secret(&format!("round {round}")), with).unwrap();
            println!("child: done after {}", steps.count());
        }
        #[cfg(target_os = "linux")]
        "memory" => memory::child(&vault),
        "writer" => {
            for round in 1..=1000 {
                vault
                    .seal(secret(&format!("{argument} {round}")), SealWith::Keychain)
                    .unwrap();
            }
            println!("child: done");
        }
        _ => {
            vault.seal(secret("once"), SealWith::Keychain).unwrap();
            println!("child: done");
        }
    }
}

#[test]
fn s19_a_process_killed_at_any_step_leaves_the_old_or_the_new_vault() {
    let folder = scratch();
    let folder = folder.path();
    vault(folder, &Arc::default())
        .seal(secret("round 0"), SealWith::Keychain)
        .unwrap();
    let (mut current, mut at, mut killed, mut complete) = ("round 0".to_owned(), 0, 0, 0);
    for round in 1..=200 {
        at += 1;
        let mut child = command(folder, &format!("killed {round}:{at}"))
            .spawn()
            .unwrap();
        let word = word(&mut child);
        child.kill().unwrap();
        child.wait().unwrap();
        let new = format!("round {round}");
        let found = opened(folder).unwrap_or_else(|| panic!("{new}, step {at}: neither opens"));
        if word == "parked" {
            assert!(
                found == current || found == new,
                "{new}, step {at}: {found}"
            );
            killed += 1;
        } else {
            assert_eq!(found, new, "the child said: {word}");
            complete += 1;
            at = 0;
        }
        current = found;
        let names = fs::read_dir(folder.join("data")).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert!(
            names.into_iter().all(|name| !name.ends_with(".tmp")),
            "step {at}"
        );
        assert!(
            FolderKeychain(folder.join("keychain")).entries() <= 1,
            "step {at}: an orphan"
        );
    }
    println!("{killed} killed, {complete} ran to their end");
    assert!(
        complete >= 4,
        "every step was reached, several times over: {complete}"
    );
}

#[test]
fn s24_two_processes_that_write_at_once_lose_nothing() {
    let folder = scratch();
    let folder = folder.path();
    vault(folder, &Arc::default())
        .seal(secret("a 0"), SealWith::Keychain)
        .unwrap();
    let mut children =
        ["a", "b"].map(|name| command(folder, &format!("writer {name}")).spawn().unwrap());
    let mut newest = BTreeMap::new();
    let mut reads = 0;
    while children
        .iter_mut()
        .any(|child| child.try_wait().unwrap().is_none())
    {
        let found = opened(folder).expect("a vault opens at every moment");
        let (name, round) = found.split_once(' ').unwrap();
        let round: u32 = round.parse().unwrap();
        let before = newest.insert(name.to_owned(), round).unwrap_or(0);
        assert!(round >= before, "{name} went from {before} back to {round}");
        reads += 1;
    }
    for child in &mut children {
        assert!(child.wait().unwrap().success(), "a writer failed");
    }
    let last = opened(folder).unwrap();
    assert!(
        ["a 1000", "b 1000"].contains(&&*last),
        "{last} is nobody's last write"
    );
    assert_eq!(FolderKeychain(folder.join("keychain")).entries(), 1);
    println!("{reads} reads beside 2000 writes");
}

/// What of the secret is left in the memory of a process, searched from outside it.
#[cfg(target_os = "linux")]
mod memory {
    use std::fs::{self, File};
    use std::io::{BufRead, BufReader, Read, Write};
    use std::os::unix::fs::FileExt;
    use std::process::Stdio;

    use super::{PASSPHRASE, command, passphrase, scratch, secret};
    use crate::ledger::hex;
    use crate::{SealWith, Secret, Vault};

    /// Standard input without the buffer that the library puts before it.
    fn input() -> File {
        File::open("/dev/stdin").unwrap()
    }

    pub fn child(vault: &Vault) {
        let mut bytes = vec![0; 64];
        input().read_exact(&mut bytes).unwrap();
        let pause = |stage: &str| {
            println!("child: {stage}");
            input().read_exact(&mut [0]).unwrap();
        };
        vault.seal(Secret::new(bytes), SealWith::Keychain).unwrap();
        pause("open");
        vault.lock();
        pause("closed: locked");
        vault.load();
        pause("open");
        vault.change_sealing(passphrase(PASSPHRASE), None).unwrap();
        vault.lock();
        pause("closed: locked with a passphrase");
        vault.unlock(secret(PASSPHRASE)).unwrap();
        let held = vault.with_secret(<[u8]>::len);
        assert_eq!(held, Some(64));
        vault
            .change_sealing(SealWith::Keychain, Some(secret(PASSPHRASE)))
            .unwrap();
        pause("open");
        assert!(vault.wipe().unwrap().is_complete());
        pause("closed: signed out");
        println!("child: done");
    }

    fn copies(process: u32, secret: &str) -> usize {
        let memory = File::open(format!("/proc/{process}/mem")).expect("a child can be read");
        let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
        let mut found = 0;
        for line in maps.lines() {
            let mut parts = line.split_whitespace();
            let (from, to) = parts.next().unwrap().split_once('-').unwrap();
            let [from, to] = [from, to].map(|text| u64::from_str_radix(text, 16).unwrap());
            if !parts.next().unwrap().starts_with("rw") {
                continue;
            }
            let mut bytes = vec![0; (to - from) as usize];
            if memory.read_exact_at(&mut bytes, from).is_ok() {
                // The search in texts is the fast one without optimisation; the secret is ASCII.
                let rest = bytes.iter_mut().filter(|byte| !byte.is_ascii());
                rest.for_each(|byte| *byte = 0);
                found += String::from_utf8(bytes).unwrap().matches(secret).count();
            }
        }
        found
    }

    #[test]
    fn s28_a_vault_that_is_locked_or_signed_out_leaves_no_copy_in_memory() {
        let folder = scratch();
        let mut child = command(folder.path(), "memory -")
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let text = hex(Secret::random::<32>().unwrap().expose());
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(text.as_bytes()).unwrap();
        let mut closed = 0;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let Some((_, stage)) = line.split_once("child: ") else {
                continue;
            };
            if stage == "done" {
                // It ends by itself, and has its result to tell: nothing to search, all to read.
                continue;
            }
            // The start of a freed piece is the allocator's: only what comes after can be left.
            let found = copies(child.id(), &text[32..]);
            println!("{stage}: {found}");
            match stage.split(':').next() {
                Some("open") => assert!(found > 0, "the control: an open vault holds it"),
                Some("closed") => {
                    assert_eq!(found, 0, "{stage}");
                    closed += 1;
                }
                _ => panic!("the child failed: {stage}"),
            }
            stdin.write_all(b"\n").unwrap();
        }
        assert_eq!(closed, 3, "every stage was searched");
        assert!(child.wait().unwrap().success());
    }
}

#[cfg(unix)]
#[test]
fn s22_the_modes_do_not_depend_on_the_umask() {
    use std::os::unix::fs::PermissionsExt;
    for umask in ["000", "022", "077"] {
        let folder = scratch();
        let plain = command(folder.path(), "once -");
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("umask {umask}; exec \"$0\" \"$@\"")]);
        shell.arg(plain.get_program()).args(plain.get_args());
        for (name, value) in plain.get_envs() {
            shell.env(name, value.unwrap());
        }
        assert!(shell.stdout(Stdio::null()).status().unwrap().success());
        let data = folder.path().join("data");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&data), 0o700, "umask {umask}");
        let names: Vec<_> = fs::read_dir(&data)
            .unwrap()
            .map(|entry| entry.unwrap())
            .collect();
        assert_eq!(names.len(), 3, "vault, ledger and lock");
        for entry in names {
            assert_eq!(
                mode(&entry.path()),
                0o600,
                "umask {umask}: {:?}",
                entry.file_name()
            );
        }
    }
}
