//! The `test` command, and the counting of what the runners themselves report.

use std::path::Path;
use std::process::Command;

use crate::process::{self, Result};
use crate::session::Session;
use crate::{app, setup, ui};

/// Every test, or those whose name contains `filter`. The last line is the sum of what the
/// runners said.
pub fn run(filter: Option<&str>) -> Result<()> {
    setup::packages(&[setup::BUILD, setup::WINDOW])?;
    app::build()?;
    let mut cargo = process::cargo(["test", "--workspace", "--no-fail-fast"]);
    cargo.args(["--features", app::FEATURES]).args(filter);
    let mut npm = ui::npm(&["test"]);
    if let Some(filter) = filter {
        npm.args(["--", "-t", filter]);
    }
    let shots = process::emptied(process::target("test/shots")?)?;

    let (mut sum, rust) = in_session(cargo, &shots, &process::program("causeway")?)?;
    let (window, typescript) = Count::of(&mut npm);
    sum.add(window);
    println!("\n{} passed, {} failed", sum.passed, sum.failed);
    rust.and(typescript)?;
    match (sum, filter) {
        (
            Count {
                passed: 0,
                failed: 0,
            },
            Some(filter),
        ) => Err(format!("No test's name contains `{filter}`.")),
        (Count { failed: 0, .. }, _) => Ok(()),
        // A runner that ends well after a failure is a broken runner.
        _ => Err("A test failed although its runner ended well.".to_owned()),
    }
}

/// Runs tests where a window can open: in a session of their own on Linux, whose window the
/// journeys drive, and as they are elsewhere.
///
/// All tests run there and not the journeys alone: one that reached for a screen or a keychain by
/// mistake finds none of the developer's. `program` is the app that they start.
pub fn in_session(command: Command, shots: &Path, program: &Path) -> Result<(Count, Result<()>)> {
    let session = if cfg!(target_os = "linux") {
        Some(Session::start()?)
    } else {
        None
    };
    let mut command = match &session {
        Some(session) => session.around(&command),
        None => command,
    };
    command.env("CAUSEWAY_BIN", program).env("SHOTS_DIR", shots);
    Ok(Count::of(&mut command))
}

/// How many tests passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub passed: u32,
    pub failed: u32,
}

impl Count {
    /// Runs a test runner to its end: what it counted, and whether it ended well. The two are
    /// apart because a runner that does not compile has failed without counting.
    pub fn of(command: &mut Command) -> (Self, Result<()>) {
        let mut sum = Self::default();
        let status = process::listen(command, |line| sum.add(Self::in_line(line)));
        (
            sum,
            status.and_then(|status| process::ended(Ok(status), command)),
        )
    }

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Reads a runner's result line; any other line counts nothing.
    ///
    /// libtest: `test result: ok. 12 passed; 0 failed; 1 ignored; …`,
    /// vitest: `      Tests  2 failed | 10 passed (12)`.
    fn in_line(line: &str) -> Self {
        let line = without_colours(line);
        let line = line.trim();
        let results = line
            .strip_prefix("test result: ")
            .or_else(|| line.strip_prefix("Tests "));
        let words: Vec<&str> = results.unwrap_or_default().split_whitespace().collect();
        let mut count = Self::default();
        for pair in words.windows(2) {
            let Ok(number) = pair[0].parse::<u32>() else {
                continue;
            };
            match pair[1].trim_end_matches(';') {
                "passed" => count.passed += number,
                "failed" => count.failed += number,
                _ => {}
            }
        }
        count
    }
}

fn without_colours(line: &str) -> String {
    let mut pieces = line.split("\u{1b}[");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        plain.push_str(piece.split_once('m').map_or("", |(_, rest)| rest));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(line: &str) -> (u32, u32) {
        let count = Count::in_line(line);
        (count.passed, count.failed)
    }

    #[test]
    fn a_result_line_of_libtest_is_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; \
                    7 filtered out; finished in 0.52s\n";
        assert_eq!(counted(line), (12, 3));
    }

    #[test]
    fn a_result_line_of_vitest_is_counted_with_and_without_colours() {
        assert_eq!(
            counted("      Tests  2 failed | 10 passed | 1 skipped (13)"),
            (10, 2)
        );
        let coloured = "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m12 passed\u{1b}[39m\
                        \u{1b}[22m\u{1b}[90m (12)\u{1b}[39m";
        assert_eq!(counted(coloured), (12, 0));
    }

    #[test]
    fn every_other_line_counts_nothing() {
        for line in [
            " Test Files  3 passed (3)",
            "running 12 tests",
            "test a_name ... ok",
            "the test result: ok. 5 passed; 0 failed",
            "",
        ] {
            assert_eq!(counted(line), (0, 0), "{line}");
        }
    }

    #[test]
    fn a_runner_that_fails_without_counting_is_a_failure() {
        let (count, ended) = Count::of(&mut process::cargo(["no-such-command-here"]));
        assert_eq!(count, Count::default());
        assert!(ended.is_err());
    }
}
