//! How often the key is in the memory of a running app, before and after it is locked or signed out.
//!
//! The app is a process of its own, and it is searched from outside: a search in its own memory would find itself.
#![cfg(target_os = "linux")]

use crate::{
    harness::{Profile, emulator},
    http,
    replies::ask_and_wait,
};
use causeway_core::wire::Way;
use std::{
    env, fs,
    io::{BufRead, BufReader, Lines, Read, Write},
    os::unix::fs::FileExt,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

const ROLE: &str = "CAUSEWAY_MEMORY_TEST_ORIGIN";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by another test as a process of its own"]
async fn child() {
    let origin = env::var(ROLE).expect("started by another test");
    let pause = |what: &str| {
        println!("child: {what}");
        std::io::stdin().read_exact(&mut [0]).unwrap();
    };
    let app = Profile::new().start(&origin).await;
    let url = app.begin(Way::Browser).await;
    println!("child: {url}");
    app.connected().await;
    ask_and_wait(&app, "emulator/echo", "hello").await;
    pause("connected");
    app.core.lock().await.unwrap();
    pause("locked");
    app.core.retry_vault().await;
    app.connected().await;
    pause("unlocked");
    app.core.disconnect().await.unwrap();
    pause("signed out");
}

struct App {
    child: Child,
    stdin: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
}

/// Where copies were found: in our own form, as header of a request, as part of a reply, elsewhere.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    sealed: usize,
    header: usize,
    reply: usize,
    elsewhere: usize,
}

impl App {
    fn hears(&mut self) -> String {
        let lines = self.said.by_ref().map_while(Result::ok);
        let mut words =
            lines.filter_map(|line| line.split_once("child: ").map(|(_, word)| word.to_owned()));
        words.next().expect("the child says something")
    }

    fn go_on(&mut self) {
        self.stdin.write_all(b"\n").unwrap();
    }

    /// Searches all that the app may write to: heap, stacks, buffers.
    fn search(&self, key: &str) -> Found {
        let process = format!("/proc/{}", self.child.id());
        let memory = fs::File::open(format!("{process}/mem")).expect("a child can be read");
        let mut found = Found::default();
        for line in fs::read_to_string(format!("{process}/maps"))
            .unwrap()
            .lines()
        {
            let mut parts = line.split_whitespace();
            let (Some(range), Some(modes)) = (parts.next(), parts.next()) else {
                continue;
            };
            let (from, to) = range.split_once('-').unwrap();
            let [from, to] = [from, to].map(|text| u64::from_str_radix(text, 16).unwrap());
            if !modes.starts_with("rw") {
                continue;
            }
            let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
            if memory.read_exact_at(&mut bytes, from).is_err() {
                continue;
            }
            // The search in texts is the fast one, also without optimisation; a key is ASCII.
            bytes
                .iter_mut()
                .filter(|byte| !byte.is_ascii())
                .for_each(|byte| *byte = 0);
            let text = String::from_utf8(bytes).unwrap();
            for (at, _) in text.match_indices(key) {
                let (before, after) = (&text[..at], &text[at + key.len()..]);
                let place = if after.starts_with("\",\"origin\"") {
                    &mut found.sealed
                } else if before.ends_with("Bearer sk-or-v1-") {
                    &mut found.header
                } else if before.ends_with("\"key\":\"sk-or-v1-") {
                    &mut found.reply
                } else {
                    &mut found.elsewhere
                };
                *place += 1;
            }
        }
        found
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s28_after_locking_and_after_signing_out_no_copy_of_ours_is_in_memory() {
    let emulator = emulator().await;
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "memory::child", "--ignored", "--nocapture"]);
    command.env(ROLE, emulator.origin()).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines();
    let stdin = child.stdin.take().unwrap();
    let mut app = App { child, stdin, said };
    let url = app.hears();
    let redirect = emulator.approve(&url, None).unwrap().redirect.unwrap();
    http::visit(&redirect).await;
    let mut counts = Vec::new();
    for stage in ["connected", "locked", "unlocked", "signed out"] {
        assert_eq!(app.hears(), stage);
        let key = emulator.keys()[0].key.clone();
        let found = app.search(key.strip_prefix("sk-or-v1-").unwrap());
        println!("{stage}: {found:?}");
        counts.push(found);
        app.go_on();
    }
    assert!(counts[0].sealed > 0, "the control: an open vault holds it");
    assert_eq!(counts[1].sealed, 0, "locked: {:?}", counts[1]);
    assert_eq!(counts[3].sealed, 0, "signed out: {:?}", counts[3]);
    // What the HTTP library wrote and read is not ours to wipe. It is a handful; more would be a leak of ours.
    for left in [&counts[1], &counts[3]] {
        assert!(left.header + left.reply + left.elsewhere <= 6, "{left:?}");
    }
}
