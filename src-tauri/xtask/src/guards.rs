//! The `guards` command: takes each guard away in a copy of the tree and sees a test fail.
//!
//! A test that stays green when the thing it watches is gone watches nothing. The copy lies under
//! the build folder and keeps its own one, so that a run compiles only what a guard touches.

mod copy;
pub mod plan;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::app;
use crate::process::{self, Result};
use copy::Copy;
use plan::{Guard, Tests};

/// Longest time for the tests of one guard. One that never ends has caught nothing.
const TESTS: Duration = Duration::from_secs(5 * 60);
/// Longest time for the tests of all guards together.
const ALL_TESTS: Duration = Duration::from_secs(30 * 60);
/// Longest time to compile: the first time everything, on a computer that is busy.
const COMPILING: Duration = Duration::from_secs(60 * 60);

/// What became of a guard.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// Tests failed without it: their names.
    Caught(Vec<String>),
    /// The tests' program ended without a word; the signal or status.
    Crashed(String),
    /// All tests passed without it.
    Missed,
    /// The patch does not fit the tree any more.
    Stale(String),
    /// The tree without the guard does not compile, which shows nothing.
    NoBuild,
    /// The tests did not end.
    Endless,
}

impl Outcome {
    fn is_good(&self) -> bool {
        matches!(self, Self::Caught(_) | Self::Crashed(_))
    }

    fn words(&self) -> String {
        match self {
            Self::Caught(names) => match &names[..] {
                [one] => format!("caught by {one}"),
                [first, rest @ ..] => format!("caught by {first} and {} more", rest.len()),
                [] => "caught".to_owned(),
            },
            Self::Crashed(how) => format!("caught: the tests crashed ({how})"),
            Self::Missed => "NOT CAUGHT: every test passed".to_owned(),
            Self::Stale(why) => format!("NOT TRIED: {why}"),
            Self::NoBuild => "NOT TRIED: it does not compile without the guard".to_owned(),
            Self::Endless => "NOT CAUGHT: the tests did not end".to_owned(),
        }
    }
}

/// Takes away every guard whose name, file or tests contain `filter`, one after the other.
pub fn run(filter: Option<&str>) -> Result<()> {
    let mut guards = plan::all()?;
    if let Some(filter) = filter {
        guards.retain(|guard| concerns(guard, filter));
        if guards.is_empty() {
            return Err(format!("No guard is about `{filter}`."));
        }
    }
    // Guards of one file one after the other: what lies below it is compiled once for all of them.
    guards.sort_by_key(|g| {
        (
            g.tests.package.clone(),
            g.tests.target.clone(),
            g.changes[0].path.clone(),
        )
    });
    let copy = Copy::fresh()?;
    baseline(&copy, &guards)?;
    let mut rows = Vec::new();
    for (nth, guard) in (1..).zip(&guards) {
        let start = Instant::now();
        let outcome = without(&copy, guard)?;
        println!(
            "[{nth}/{}] {}: {} ({:.0} s)",
            guards.len(),
            guard.name,
            outcome.words(),
            start.elapsed().as_secs_f32()
        );
        rows.push((guard, outcome));
    }
    print_table(&rows);
    let bad = rows
        .iter()
        .filter(|(_, outcome)| !outcome.is_good())
        .count();
    if bad > 0 {
        return Err(format!(
            "{bad} of {} guards are not caught. What each run said is under {}.",
            rows.len(),
            copy.logs.display()
        ));
    }
    println!("All {} guards are caught.", rows.len());
    Ok(())
}

fn concerns(guard: &Guard, filter: &str) -> bool {
    let tests = &guard.tests;
    guard.part == filter
        || guard.name.contains(filter)
        || guard
            .changes
            .iter()
            .any(|change| change.path.contains(filter))
        || tests.filters.iter().any(|name| name.contains(filter))
}

/// With every guard in place all these tests exist and pass; otherwise their failing means nothing.
fn baseline(copy: &Copy, guards: &[Guard]) -> Result<()> {
    let mut groups: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for Guard { tests, .. } in guards {
        let group = groups.entry((&tests.package, &tests.target)).or_default();
        group.extend(tests.filters.iter().cloned());
    }
    for ((package, target), mut filters) in groups {
        filters.sort();
        filters.dedup();
        let tests = Tests {
            package: package.to_owned(),
            target: target.to_owned(),
            filters,
        };
        println!("── {package}/{target} with every guard in place");
        let log = format!("with-every-guard-{package}-{target}");
        if !matches!(build(copy, &tests, &log)?, Ended::Well) {
            return Err(format!(
                "{package}/{target} does not compile; see {}.",
                copy.logs.display()
            ));
        }
        let ended = execute(copy, &tests, &log, ALL_TESTS)?;
        let text = copy.log(&log)?;
        if !matches!(ended, Ended::Well) {
            let red = failed(&text).join(", ");
            return Err(format!(
                "{package}/{target} fails with every guard in place: {red}; see {}.",
                copy.logs.join(format!("{log}.log")).display()
            ));
        }
        for filter in &tests.filters {
            let runs = |line: &str| line.starts_with("test ") && line.contains(filter.as_str());
            if !text.lines().any(runs) {
                return Err(format!("{package}/{target} has no test called {filter}."));
            }
        }
    }
    Ok(())
}

/// Takes one guard away, runs its tests, and puts it back.
fn without(copy: &Copy, guard: &Guard) -> Result<Outcome> {
    let mut before = Vec::new();
    let log = slug(&guard.name);
    let outcome = match copy.patch(&guard.changes, &mut before) {
        Err(why) => Ok(Outcome::Stale(why)),
        Ok(()) => tried(copy, &guard.tests, &log),
    };
    copy.restore(before)?;
    outcome
}

fn tried(copy: &Copy, tests: &Tests, log: &str) -> Result<Outcome> {
    Ok(match build(copy, tests, log)? {
        Ended::Well => judge(execute(copy, tests, log, TESTS)?, &copy.log(log)?),
        _ => Outcome::NoBuild,
    })
}

fn judge(ended: Ended, log: &str) -> Outcome {
    match ended {
        Ended::Well => Outcome::Missed,
        Ended::Never => Outcome::Endless,
        Ended::Badly(how) => match failed(log) {
            names if names.is_empty() => Outcome::Crashed(how),
            names => Outcome::Caught(names),
        },
    }
}

/// The names in lines such as `test connect::l1_x ... FAILED`.
fn failed(log: &str) -> Vec<String> {
    let name = |line: &str| {
        let (name, end) = line.strip_prefix("test ")?.split_once(" ... ")?;
        end.contains("FAILED").then(|| name.to_owned())
    };
    log.lines().filter_map(name).collect()
}

enum Ended {
    Well,
    Badly(String),
    Never,
}

fn build(copy: &Copy, tests: &Tests, log: &str) -> Result<Ended> {
    let mut command = cargo_test(copy, tests);
    command.arg("--no-run");
    bounded(
        command,
        &copy.logs.join(format!("{log}.build.log")),
        COMPILING,
    )
}

fn execute(copy: &Copy, tests: &Tests, log: &str, time: Duration) -> Result<Ended> {
    let mut command = cargo_test(copy, tests);
    command.arg("--").args(&tests.filters);
    bounded(command, &copy.logs.join(format!("{log}.log")), time)
}

fn cargo_test(copy: &Copy, tests: &Tests) -> Command {
    let mut command = process::cargo(["test"]);
    if tests.target == "lib" {
        command.args(["-p", &tests.package, "--lib"]);
    } else {
        // As `cargo xtask test` chooses features, so that no package is compiled for both.
        command.args([
            "--workspace",
            "--features",
            app::FEATURES,
            "--test",
            &tests.target,
        ]);
    }
    command
        .current_dir(&copy.source)
        .env("CARGO_TARGET_DIR", &copy.target);
    command
}

/// Runs to the end, or to the end of its time: then it is ended with all that it started.
fn bounded(mut command: Command, log: &Path, time: Duration) -> Result<Ended> {
    let file = File::create(log).map_err(|e| format!("Cannot write {}: {e}.", log.display()))?;
    let second = file
        .try_clone()
        .map_err(|e| format!("Cannot write {}: {e}.", log.display()))?;
    command.stdin(Stdio::null()).stdout(file).stderr(second);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command
        .spawn()
        .map_err(|e| process::not_started(&command, &e))?;
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(Ended::Well),
            Ok(Some(status)) => return Ok(Ended::Badly(status.to_string())),
            Ok(None) if start.elapsed() < time => std::thread::sleep(Duration::from_millis(50)),
            Ok(None) => {
                end_group(child.id());
                let _ = child.kill();
                let _ = child.wait();
                return Ok(Ended::Never);
            }
            Err(e) => {
                return Err(format!(
                    "Lost sight of `{}`: {e}.",
                    process::shown(&command)
                ));
            }
        }
    }
}

/// Ends a process and those it started. Elsewhere than on Unix the first alone is ended.
fn end_group(leader: u32) {
    if cfg!(unix) {
        let group = format!("-{leader}");
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
    }
}

fn slug(name: &str) -> String {
    let letter = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    name.chars().map(letter).take(60).collect()
}

fn print_table(rows: &[(&Guard, Outcome)]) {
    println!("\n| Part | Guard | Without it |\n| --- | --- | --- |");
    for (guard, outcome) in rows {
        println!("| {} | {} | {} |", guard.part, guard.name, outcome.words());
    }
    println!();
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: &str = "running 2 tests\ntest a::l1_x ... ok\ntest a::l2_y ... FAILED\n\
                       test result: FAILED. 1 passed; 1 failed; 0 ignored\n";

    #[test]
    fn a_guard_is_caught_by_a_failing_test_and_by_nothing_else() {
        let red = || Ended::Badly("exit status: 101".to_owned());
        assert_eq!(
            judge(red(), RED),
            Outcome::Caught(vec!["a::l2_y".to_owned()])
        );
        assert!(matches!(judge(red(), "signal"), Outcome::Crashed(_)));
        assert_eq!(judge(Ended::Well, RED), Outcome::Missed);
        assert_eq!(judge(Ended::Never, RED), Outcome::Endless);
        for bad in [
            Outcome::Missed,
            Outcome::Endless,
            Outcome::NoBuild,
            Outcome::Stale(String::new()),
        ] {
            assert!(!bad.is_good(), "{bad:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let log = std::env::temp_dir().join(format!("causeway-endless-{}", std::process::id()));
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600 & sleep 600"]);
        let ended = bounded(command, &log, Duration::ZERO).unwrap();
        assert!(matches!(ended, Ended::Never));
        let mut command = Command::new("sh");
        command.args(["-c", "exit 3"]);
        assert!(matches!(
            bounded(command, &log, TESTS).unwrap(),
            Ended::Badly(_)
        ));
        std::fs::remove_file(&log).unwrap();
    }
}
