//! The `fuzz` command: hostile bytes, made by a fuzzer, for everything that reads such bytes.
//!
//! The targets are functions of the core (`causeway_core::fuzzing`). What a run finds new joins the
//! corpus under `tests/fuzz/corpus`, made as small as it can be; ordinary tests replay it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{self, Result};

/// Largest input, in bytes.
const LARGEST: usize = 8 * 1024;
/// A single input that takes longer, in seconds, is a finding.
const SLOWEST: u32 = 10;

/// `[target] [seconds]`: one target or all of them, each for this long; a minute if nothing is said.
pub fn run(args: &[String]) -> Result<()> {
    let (target, seconds) = match args {
        [] => (None, 60),
        [one] => match one.parse() {
            Ok(seconds) => (None, seconds),
            Err(_) => (Some(one), 60),
        },
        [target, seconds] => {
            let number = seconds.parse();
            let number = number.map_err(|_| format!("`{seconds}` is no number of seconds."))?;
            (Some(target), number)
        }
        _ => return Err("`cargo xtask fuzz [target] [seconds]`".to_owned()),
    };
    let known = targets()?;
    let wanted: Vec<String> = match target {
        Some(name) if known.contains(name) => vec![name.clone()],
        Some(name) => {
            return Err(format!(
                "No target is called {name}; there are {}.",
                known.join(", ")
            ));
        }
        None => known,
    };
    install()?;
    // The versions that ship, not the newest ones.
    let lock = process::read(&process::root().join("Cargo.lock"))?;
    process::write(&folder().join("Cargo.lock"), &lock)?;
    for name in wanted {
        fuzz(&name, seconds)?;
    }
    Ok(())
}

fn folder() -> PathBuf {
    process::root().join("tests/fuzz")
}

fn targets() -> Result<Vec<String>> {
    let failed = |e| format!("Cannot list the targets: {e}.");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder().join("targets")).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        names.extend(
            path.file_stem()
                .map(|name| name.to_string_lossy().into_owned()),
        );
    }
    names.sort();
    Ok(names)
}

fn install() -> Result<()> {
    if process::on_path(&["cargo-fuzz"]) {
        return Ok(());
    }
    println!("Installing cargo-fuzz.");
    process::run(&mut process::cargo(["install", "cargo-fuzz", "--locked"]))
}

/// Fuzzes one target, and adds to its corpus what the run found and the corpus did not have.
fn fuzz(target: &str, seconds: u32) -> Result<()> {
    println!("── {target}, {seconds} s");
    let found = process::target(&format!("fuzz/found/{target}"))?;
    std::fs::create_dir_all(&found)
        .map_err(|e| format!("Cannot make {}: {e}.", found.display()))?;
    let kept = folder().join("corpus").join(target);
    let mut command = cargo_fuzz("run", target)?;
    command.arg(&found).arg(&kept).arg("--");
    command.args([
        format!("-max_total_time={seconds}"),
        format!("-max_len={LARGEST}"),
        format!("-timeout={SLOWEST}"),
        "-print_final_stats=1".to_owned(),
    ]);
    // What crashes stays where it is named, under the build folder.
    let crashes = process::target("fuzz/crashes")?;
    std::fs::create_dir_all(&crashes)
        .map_err(|e| format!("Cannot make {}: {e}.", crashes.display()))?;
    command.arg(format!("-artifact_prefix={}/{target}-", crashes.display()));
    process::run(&mut command)?;
    merge(target, &found, &kept)
}

/// Of what was found, the smallest inputs that reach what the corpus does not.
fn merge(target: &str, found: &Path, kept: &Path) -> Result<()> {
    let mut command = cargo_fuzz("run", target)?;
    command.arg(kept).arg(found).arg("--");
    command.args(["-merge=1".to_owned(), format!("-max_len={}", LARGEST / 8)]);
    process::output(command.stderr(std::process::Stdio::null()))?;
    let count = std::fs::read_dir(kept).map_or(0, Iterator::count);
    println!("   the corpus of {target} has {count} files");
    Ok(())
}

fn cargo_fuzz(action: &str, target: &str) -> Result<Command> {
    let mut command = Command::new("cargo");
    command
        .args(["+nightly", "fuzz", action, target])
        // It finds misuse of memory, and unsafe code is forbidden here: all it would do is halve the speed.
        .args(["--sanitizer", "none", "--fuzz-dir"])
        .arg(folder())
        .arg("--target-dir")
        .arg(process::target("fuzz/target")?)
        .current_dir(folder());
    // The outer cargo's choice of compiler would overrule the nightly one.
    for name in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN", "RUSTFLAGS"] {
        command.env_remove(name);
    }
    Ok(command)
}
