//! Building and starting the app: for real, beside the emulator, or unseen.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::process::{self, Result};
use crate::{setup, test, ui};

/// Every command compiles the workspace with these, so that none compiles it again for another:
/// the window's files inside the program even in a debug build, and the window's journeys where
/// they can run.
pub const FEATURES: &str = if cfg!(target_os = "linux") {
    "causeway/custom-protocol,journeys/window"
} else {
    "causeway/custom-protocol"
};

/// Builds the window and the two programs.
pub fn build() -> Result<()> {
    ui::build()?;
    let mut command = process::cargo(["build", "--workspace", "--features", FEATURES]);
    command.args(["--bin", "causeway", "--bin", "emulator"]);
    if cfg!(target_os = "linux") {
        // Naming a test makes cargo choose features as `cargo test` does; without it tokio and
        // all that stands on it would be compiled twice, once for here and once for there.
        command.args(["--test", "window"]);
    }
    process::run(&mut command)
}

/// The `run` command: the app against OpenRouter.
pub fn run(args: &[String]) -> Result<()> {
    setup::packages(&[setup::BUILD])?;
    build()?;
    process::run(Command::new(process::program("causeway")?).args(args))
}

/// The `demo` command: the app beside an emulated OpenRouter, on this screen or unseen.
pub fn demo() -> Result<()> {
    let seen = !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    if !seen {
        println!("No display here: playing the journey on an unseen one.");
        return pictures("demo", "demo/shots");
    }
    setup::packages(&[setup::BUILD])?;
    build()?;
    let emulator = Emulator::start()?;
    let profile = process::emptied(process::target("demo/profile")?)?;
    println!(
        "OpenRouter is emulated on {}. Close the window to end the demo.",
        emulator.origin
    );
    process::run(
        Command::new(process::program("causeway")?)
            .args(["--service", &emulator.origin, "--data-dir"])
            .arg(profile),
    )
}

/// The `shots` command: every screen, light and dark.
pub fn shots() -> Result<()> {
    pictures("shots", "shots")
}

/// Plays one journey of the window unseen and names the pictures it took.
fn pictures(journey: &str, below_target: &str) -> Result<()> {
    setup::packages(&[setup::BUILD, setup::WINDOW])?;
    build()?;
    let folder = process::emptied(process::target(below_target)?)?;
    let mut command = process::cargo([
        "test",
        "--workspace",
        "--features",
        FEATURES,
        "--test",
        "window",
    ]);
    command.args(["--", journey]);
    let (count, ended) = test::in_session(command, &folder, &process::program("causeway")?)?;
    ended?;
    if count.passed == 0 {
        return Err(format!("No journey of the window is called `{journey}`."));
    }
    let names = pngs(&folder)?;
    if names.is_empty() {
        return Err(format!(
            "The journey passed but left no picture in {}.",
            folder.display()
        ));
    }
    println!("Screenshots:");
    for name in names {
        println!("  {name}");
    }
    Ok(())
}

fn pngs(folder: &Path) -> Result<Vec<String>> {
    let failed = |e| format!("Cannot list {}: {e}.", folder.display());
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|ending| ending == "png") {
            names.push(path.display().to_string());
        }
    }
    names.sort();
    Ok(names)
}

/// A running emulator; it ends when this is dropped, or this program does, however that happens:
/// it watches its standard input.
struct Emulator {
    child: Child,
    origin: String,
}

impl Emulator {
    fn start() -> Result<Self> {
        let mut command = Command::new(process::program("emulator")?);
        command.args(["--port", "0", "--until-stdin-closes"]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| process::not_started(&command, &e))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            // What it may print later has no reader; closing the pipe on it is its own affair.
            BufReader::new(stdout)
                .read_line(&mut line)
                .map_err(|e| format!("No emulator: {e}."))?;
        }
        match line.trim().strip_prefix("listening on ") {
            Some(origin) => Ok(Self {
                child,
                origin: origin.to_owned(),
            }),
            None => Err(format!(
                "The emulator said {line:?} and not where it listens."
            )),
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // Nothing depends on how it ends; waiting only leaves no zombie.
        let _ = self.child.wait();
    }
}
