//! Killed without warning in the middle of an answer, by a process of its own.

use crate::{
    harness::{Profile, emulator},
    mirror::{Mirror, look},
    replies::{ask, words},
};
use causeway_core::wire::{Status, Unfinished};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    time::Instant,
};

const ROUNDS: usize = 50;
/// What a kill may cost, in milliseconds of text.
const LOSS_MS: u64 = 250;
const FOLDER: &str = "CAUSEWAY_TEST_FOLDER";

/// The letters of an answer: what is seen and what is stored differ in white space.
fn letters(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The process that is killed. It says when the window had how many letters, as `milliseconds letters`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test below, in a process of its own"]
async fn doomed() {
    let var = |name| std::env::var(name).unwrap();
    let profile = Profile::at(Path::new(&var(FOLDER)));
    let app = profile.start(&var("CAUSEWAY_TEST_ORIGIN")).await;
    app.core
        .connect_with_key(var("CAUSEWAY_TEST_ANSWERS_WITH"))
        .await
        .unwrap();
    app.connected().await;
    let question = ask(&app, None, "emulator/prose-20000@400", "long")
        .await
        .unwrap();
    let mirror = Mirror::open(&app, "main", &question.conversation).await;
    println!("answer {} {}", question.conversation, question.answer);
    let started = Instant::now();
    mirror
        .until("it is killed", |thread| {
            let count = letters(&words(&thread.messages[1])).len();
            println!("{} {count}", started.elapsed().as_millis());
            std::io::stdout().flush().unwrap();
            false
        })
        .await;
}

fn begin(folder: &Path, origin: &str, key: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "killed::doomed", "--ignored", "--nocapture"]);
    command.env(FOLDER, folder);
    command.env("CAUSEWAY_TEST_ORIGIN", origin);
    command.env("CAUSEWAY_TEST_ANSWERS_WITH", key);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// What the process said until it was killed, after so many lines about its answer.
fn killed(mut child: Child, after: usize) -> (String, String, Vec<(u64, usize)>) {
    let mut answer = None;
    let mut told = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let parts: Vec<_> = line.split(' ').collect();
        match parts[..] {
            ["answer", conversation, message] => {
                answer = Some((conversation.to_owned(), message.to_owned()));
            }
            [ms, count] => {
                let (Ok(ms), Ok(count)) = (ms.parse(), count.parse()) else {
                    continue;
                };
                told.push((ms, count));
                if told.len() == after {
                    child.kill().unwrap();
                }
            }
            _ => {}
        }
    }
    child.wait().unwrap();
    let (conversation, message) = answer.expect("the process asked");
    (conversation, message, told)
}

#[test]
fn killed_at_fifty_random_moments_an_answer_loses_less_than_a_quarter_of_a_second() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let service = runtime.block_on(emulator());
    let key = service.issue_key("killed", None);
    let folder = tempfile::tempdir().unwrap();
    // Marsaglia's xorshift: the same moments in every run, as far as a kill has any.
    let mut seed = 0x9e37_79b9_u64;
    let (mut whole, mut worst) = (String::new(), 0);
    for round in 0..ROUNDS {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let after = 2 + usize::try_from(seed % 24).unwrap();
        let child = begin(folder.path(), &service.origin(), &key);
        let (conversation, answer, told) = killed(child, after);
        let (thread, shown) = runtime.block_on(async {
            let app = Profile::at(folder.path()).start(&service.origin()).await;
            let thread = look(&app, &conversation).await;
            let stored = app.stored_answer(&answer).text;
            app.core.shut_down().await;
            (thread, stored)
        });
        let kept = letters(&shown);
        let meta = &thread.messages[1].meta;
        assert_eq!(meta.status, Status::Interrupted, "round {round}");
        let offered = (!kept.is_empty()).then_some(Unfinished::Interrupted);
        assert_eq!(meta.unfinished, offered, "round {round}");
        assert_eq!(letters(&words(&thread.messages[1])), kept, "round {round}");
        // The last thing told may have been told as the kill came: the task had not gone on from there.
        let [.., (now, _), _] = told[..] else {
            panic!("round {round}: {told:?}")
        };
        let lost = told.iter().find(|(_, count)| *count > kept.len());
        let lost = lost.map_or(0, |(ms, _)| now.saturating_sub(*ms));
        assert!(
            lost <= LOSS_MS,
            "round {round}: {} letters are stored, {lost} ms are lost of {told:?}",
            kept.len()
        );
        worst = worst.max(lost);
        if kept.len() > whole.len() {
            assert!(
                kept.starts_with(&whole),
                "round {round}: not the text that was said"
            );
            whole = kept;
        } else {
            assert!(
                whole.starts_with(&kept),
                "round {round}: not the text that was said"
            );
        }
    }
    println!("{ROUNDS} kills: at most {worst} ms of text lost");
}
