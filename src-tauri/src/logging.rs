//! Log lines go to standard error: warnings, or what `CAUSEWAY_LOG` asks for. No line holds a secret, at any level, and
//! neither do the words of a crash.

use crate::redact::redact;
use std::{
    backtrace::{Backtrace, BacktraceStatus},
    io::{self, Write},
    panic::PanicHookInfo,
    thread,
};
use tracing_subscriber::EnvFilter;

/// Starts logging. A second call changes nothing.
pub fn start() {
    let filter = EnvFilter::try_from_env("CAUSEWAY_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| Fence)
        .with_ansi(false)
        .try_init();
    std::panic::set_hook(Box::new(crashed));
}

/// Standard error behind the fence. A line comes in one piece.
struct Fence;

impl Write for Fence {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        io::stderr().lock().write_all(redact(&text).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Tells of a panic as the standard library does: its message may quote what was at hand.
fn crashed(info: &PanicHookInfo<'_>) {
    let name = thread::current().name().unwrap_or("unnamed").to_owned();
    let trace = Backtrace::capture();
    let mut text = format!("thread '{name}' {info}\n");
    if trace.status() == BacktraceStatus::Captured {
        text.push_str(&format!("{trace}\n"));
    }
    // Nobody is left to be told that it could not be told.
    let _ = Fence.write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use std::{env, hint::black_box, process::Command};

    const KEY: &str = "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";
    const ROLE: &str = "CAUSEWAY_LOGGING_TEST_CHILD";

    #[test]
    #[ignore = "started by another test as a process of its own"]
    fn child() {
        if env::var(ROLE).as_deref() == Ok("fenced") {
            super::start();
        }
        let held = KEY.to_owned();
        tracing::error!(header = format!("Bearer {held}"), "asked with {held}");
        let reply: Result<(), String> = black_box(Err(format!("{{\"key\":\"{held}\"}}")));
        let ended = std::thread::Builder::new()
            .name("a worker".into())
            .spawn(move || reply.unwrap())
            .unwrap();
        assert!(ended.join().is_err());
        let task = tauri::async_runtime::spawn(async move { panic!("a task held {held}") });
        assert!(tauri::async_runtime::block_on(task).is_err());
    }

    fn said(role: &str) -> String {
        let output = Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "logging::tests::child",
                "--ignored",
                "--nocapture",
            ])
            .env(ROLE, role)
            .env("RUST_BACKTRACE", "1")
            .env("CAUSEWAY_LOG", "trace")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    #[test]
    fn s30_neither_a_crash_nor_a_log_line_shows_the_key_that_was_held() {
        assert!(said("plain").contains(KEY), "the control shows it");
        let said = said("fenced");
        assert!(!said.contains(&KEY[9..]), "{said}");
        for told in [
            "thread 'a worker' panicked at",
            "a task held [redacted]",
            "asked with [redacted]",
            "logging.rs",
        ] {
            assert!(said.contains(told), "{told:?} is missing: {said}");
        }
    }
}
