//! `cargo run -p emulator -- --port 0`: the emulator as a process of its own.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool speaks here"
)]

use std::io::Write as _;
use std::process::ExitCode;

use emulator::{Config, Emulator};
use tokio::io::AsyncReadExt as _;

const HELP: &str = "\
OpenRouter on this computer, for tests and the demo. Not the real service.

Usage: emulator [--port PORT] [--rate TOKENS_PER_SECOND] [--until-stdin-closes]

  --port PORT              port on 127.0.0.1 (default 0: any free one)
  --rate TOKENS_PER_SECOND how fast models talk (default 60)
  --until-stdin-closes     also stop when standard input ends, as it does when the parent dies
  --help                   this text

Prints `listening on http://127.0.0.1:PORT` and serves until interrupted.";

struct Arguments {
    config: Config,
    until_stdin_closes: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match parse(std::env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("{message}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the emulator could not run: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> std::io::Result<()> {
    let emulator = Emulator::start(arguments.config).await?;
    println!("listening on {}", emulator.origin());
    std::io::stdout().flush()?;
    if !arguments.until_stdin_closes {
        return tokio::signal::ctrl_c().await;
    }
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        () = stdin_closed() => {}
    }
    // A read of standard input cannot be cancelled: waiting for it would outlive the interrupt.
    drop(emulator);
    std::process::exit(0)
}

async fn stdin_closed() {
    let mut stdin = tokio::io::stdin();
    let mut ignored = [0; 256];
    while matches!(stdin.read(&mut ignored).await, Ok(1..)) {}
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Option<Arguments>, String> {
    let mut arguments = Arguments {
        config: Config::default(),
        until_stdin_closes: false,
    };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--port" => arguments.config.port = value(&word, words.next())?,
            "--rate" => arguments.config.tokens_per_second = value(&word, words.next())?,
            "--until-stdin-closes" => arguments.until_stdin_closes = true,
            "--help" | "-h" => return Ok(None),
            other => return Err(format!("unknown argument {other}")),
        }
    }
    Ok(Some(arguments))
}

fn value<T: std::str::FromStr>(name: &str, word: Option<String>) -> Result<T, String> {
    word.and_then(|word| word.parse().ok())
        .ok_or_else(|| format!("{name} needs a number"))
}
