//! How long things take in the real window, and what they cost: the program that ships, in the web view it ships with,
//! beside the emulator. `cargo xtask bench` gives it a screen and a bus. Numbers, no judgement: nothing here fails
//! because a computer was slow.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement that can't be made ends, and speaks by printing"
)]

#[path = "../browser.rs"]
mod browser;
mod compare;
mod connect;
#[path = "../harness.rs"]
#[allow(dead_code, reason = "the journeys use all of it")]
mod harness;
mod history;
mod import;
mod open;
mod picker;
mod processes;
mod report;
mod start;
mod stream;

use std::process::ExitCode;

const HELP: &str = "\
start   [--runs 10]
connect [--runs 20]
stream  [--sizes 1000,5000,20000] [--rates 200,0] [--renderer software,system] [--floor yes,no] [--below 0] [--burst 0]
open    [--sizes 100,10000] [--runs 5]
picker  [--runs 5] [--width 1240]
compare [--rates 200] [--tokens 4000] [--seconds 10]
history [--conversations 100000] [--messages 10] [--runs 5]
import  [--megabytes 1024]

A rate is in tokens a second; 0 is as fast as it goes.";

/// What was asked for: `--name value`.
struct Options(Vec<String>);

impl Options {
    fn text(&self, name: &str, otherwise: &str) -> String {
        let given = self
            .0
            .iter()
            .position(|word| word.strip_prefix("--") == Some(name));
        let value = given.and_then(|at| self.0.get(at + 1)).map(String::as_str);
        value.unwrap_or(otherwise).to_owned()
    }

    fn words(&self, name: &str, otherwise: &str) -> Vec<String> {
        self.text(name, otherwise)
            .split(',')
            .map(|word| word.trim().to_owned())
            .collect()
    }

    fn numbers(&self, name: &str, otherwise: &str) -> Vec<usize> {
        let number = |word: &String| {
            word.parse()
                .unwrap_or_else(|_| panic!("--{name}: {word:?} is no number"))
        };
        self.words(name, otherwise).iter().map(number).collect()
    }

    fn number(&self, name: &str, otherwise: &str) -> usize {
        self.numbers(name, otherwise)[0]
    }
}

fn main() -> ExitCode {
    // cargo adds `--bench` by itself.
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let what = words.next().unwrap_or_default();
    let options = Options(words.collect());
    if what == import::CHILD {
        import::child(&options);
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let report = runtime.block_on(async {
        match what.as_str() {
            "connect" => Some(connect::measure(&options).await),
            "start" => Some(start::measure(&options).await),
            "stream" => Some(stream::measure(&options).await),
            "open" => Some(open::measure(&options).await),
            "compare" => Some(compare::measure(&options).await),
            "history" => Some(history::measure(&options).await),
            "import" => Some(import::measure(&options)),
            "picker" => Some(picker::measure(&options).await),
            _ => None,
        }
    });
    let Some(report) = report else {
        eprintln!("{HELP}");
        return ExitCode::from(2);
    };
    report.print();
    report.write(&what);
    ExitCode::SUCCESS
}
