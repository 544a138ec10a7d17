//! The `check` command: everything that judges the code without running it for long.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::process::{self, Result};
use crate::{app, laws, setup, ui};

const BINDINGS: &str = "ui/src/bindings";

/// Runs every step, cheapest first, and stops at the first that fails.
pub fn run() -> Result<()> {
    setup::packages(&[setup::BUILD])?;
    step("formatting", "cargo fmt --all", || {
        process::run(&mut process::cargo(["fmt", "--all", "--check"]))
    })?;
    step("laws", "cargo xtask laws", laws::check)?;
    step("window packages", "cd ui && npm ci", ui::install)?;
    for script in ["check", "lint"] {
        let name = format!("window {script}");
        let again = format!("cd ui && npm run {script}");
        step(&name, &again, || {
            process::run(&mut ui::npm(&["run", script]))
        })?;
    }
    step("window bundle", "cd ui && npm run build", ui::build)?;
    let mut clippy = clippy();
    step("clippy", &process::shown(&clippy), || {
        process::run(&mut clippy)
    })?;
    step("bindings", "cargo xtask bindings", bindings)
}

/// The `bindings` command: replaces the committed types by the core's.
pub fn write_bindings() -> Result<()> {
    let fresh = generate()?;
    let committed = process::emptied(process::root().join(BINDINGS))?;
    for (name, content) in &fresh {
        process::write(&committed.join(name), content)?;
    }
    println!("Wrote {} file(s) to {BINDINGS}.", fresh.len());
    Ok(())
}

fn step(name: &str, again: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("── {name}");
    let start = Instant::now();
    let result = work();
    let word = if result.is_ok() { "ok" } else { "failed" };
    println!("   {name}: {word}, {:.1} s", start.elapsed().as_secs_f32());
    result.map_err(|e| format!("{e}\nTo repeat or repair this step alone: {again}"))
}

fn clippy() -> Command {
    let mut command = process::cargo(["clippy", "--workspace", "--all-targets"]);
    command.args(["--features", app::FEATURES, "--", "-D", "warnings"]);
    command
}

fn bindings() -> Result<()> {
    let committed = files(&process::root().join(BINDINGS))?;
    let drifted = differences(&committed, &generate()?);
    if drifted.is_empty() {
        return Ok(());
    }
    Err(format!(
        "Not what the core says, under {BINDINGS}: {}.",
        drifted.join(", ")
    ))
}

/// Has the core write its types into an empty folder. Written over the old ones, a type that the
/// core no longer has would stay for ever.
fn generate() -> Result<BTreeMap<String, Vec<u8>>> {
    let folder = process::emptied(process::target("xtask/bindings")?)?;
    let mut command = process::cargo(["test", "--quiet", "--workspace", "--lib"]);
    command.args(["--features", app::FEATURES, "export_bindings"]);
    process::output(command.env("TS_RS_EXPORT_DIR", &folder))?;
    files(&folder)
}

fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let failed = |e| format!("Cannot list {}: {e}.", folder.display());
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        found.insert(name, process::read(&entry.path())?);
    }
    Ok(found)
}

/// The names whose contents differ, with what is wrong about each.
fn differences(
    committed: &BTreeMap<String, Vec<u8>>,
    fresh: &BTreeMap<String, Vec<u8>>,
) -> Vec<String> {
    let stale = committed.keys().filter(|name| !fresh.contains_key(*name));
    let stale = stale.map(|name| format!("{name} (no longer made)"));
    let changed = fresh
        .iter()
        .filter_map(|(name, content)| match committed.get(name) {
            None => Some(format!("{name} (missing)")),
            Some(old) if old != content => Some(format!("{name} (differs)")),
            Some(_) => None,
        });
    stale.chain(changed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_stale_and_changed_bindings_are_each_named() {
        let folder = |files: &[(&str, &str)]| {
            files
                .iter()
                .map(|(n, c)| ((*n).to_owned(), c.as_bytes().to_vec()))
                .collect()
        };
        let committed = folder(&[("same.ts", "1"), ("old.ts", "2"), ("wire.ts", "3")]);
        let fresh = folder(&[("same.ts", "1"), ("new.ts", "2"), ("wire.ts", "4")]);
        assert_eq!(
            differences(&committed, &fresh),
            [
                "old.ts (no longer made)",
                "new.ts (missing)",
                "wire.ts (differs)"
            ]
        );
        assert_eq!(differences(&fresh, &fresh), Vec::<String>::new());
    }

    #[test]
    fn a_failed_step_says_how_to_repeat_it() {
        let told = step("a step", "cargo fmt --all", || Err("It broke.".to_owned()));
        let told = told.unwrap_err();
        assert!(
            told.contains("It broke.") && told.ends_with("alone: cargo fmt --all"),
            "{told}"
        );
    }
}
