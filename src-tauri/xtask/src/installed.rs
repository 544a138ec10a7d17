//! `test --installed`: the Debian package as a person meets it, and what it leaves behind; on this computer, or on a
//! Debian that has nothing else.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{self, Result};
use crate::{app, setup, test, ui};

const PACKAGE: &str = "causeway";

/// Installs the package that `cargo xtask package` made, plays the journeys of an installed app, removes it, and sees
/// that nothing but data is left. Needs root or `sudo`.
pub fn run() -> Result<()> {
    if !cfg!(target_os = "linux") || !process::on_path(&["dpkg"]) {
        return Err("The installed app is tested on Debian and Ubuntu.".to_owned());
    }
    let package = newest()?;
    if Path::new("/usr/bin/causeway").exists() {
        return Err(
            "Causeway is installed here. Remove it first: it would be replaced.".to_owned(),
        );
    }
    setup::packages(&[setup::BUILD, setup::WINDOW])?;
    app::build()?;
    let shots = process::emptied(process::target("test/installed")?)?;
    println!("Installing {}", package.display());
    process::run(setup::as_root("dpkg").arg("--install").arg(&package))?;
    let listed = process::output(Command::new("dpkg").args(["--listfiles", PACKAGE]))?;
    let mut journeys = process::cargo(["test", "--workspace", "--features", app::FEATURES]);
    journeys.args(["--test", "window", "--", "--ignored", "installed_"]);
    let played = test::in_session(journeys, &shots, Path::new("/usr/bin/causeway"));
    process::run(setup::as_root("dpkg").args(["--remove", PACKAGE]))?;
    let (count, ended) = played?;
    ended?;
    if count.passed == 0 {
        return Err("No journey of an installed app was played.".to_owned());
    }
    let left: Vec<&str> = listed
        .lines()
        .filter(|path| {
            Path::new(path).is_file() || path.contains("causeway") && Path::new(path).exists()
        })
        .collect();
    if !left.is_empty() {
        return Err(format!("Removing the package left {}.", left.join(", ")));
    }
    println!(
        "\n{} passed, 0 failed; nothing of the package is left.",
        count.passed
    );
    Ok(())
}

/// The same on a fresh Debian 12, made for it: what the package depends on is named right, or it does not start there.
/// Needs root or `sudo`.
pub fn run_on_fresh() -> Result<()> {
    let package = newest()?;
    setup::packages(&[setup::BUILD, setup::FRESH])?;
    ui::build()?;
    let journeys = journeys()?;
    let shots = process::emptied(process::target("test/installed")?)?;
    let mut fresh = setup::as_root("sh");
    fresh.arg(process::root().join("packaging/linux/fresh"));
    fresh.arg(process::target("test/fresh")?);
    process::run(fresh.args([package, journeys, shots]))
}

/// The program of the window's tests, compiled.
fn journeys() -> Result<PathBuf> {
    let mut build = process::cargo(["test", "--workspace", "--features", app::FEATURES]);
    build.args(["--test", "window", "--no-run", "--message-format=json"]);
    let made = process::output(&mut build)?;
    let program = made.lines().rev().find_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_it = line["target"]["name"] == "window" && line["target"]["kind"][0] == "test";
        let program = line["executable"].as_str().filter(|_| is_it)?;
        Some(program.into())
    });
    program.ok_or_else(|| "cargo did not say where the window's tests are.".to_owned())
}

fn newest() -> Result<PathBuf> {
    let folder = process::target("release/bundle/deb")?;
    let files = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let packages = files
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|e| e == "deb"));
    packages
        .max_by_key(|path| path.metadata().and_then(|found| found.modified()).ok())
        .ok_or_else(|| {
            format!(
                "No package under {}. `cargo xtask package deb` makes one.",
                folder.display()
            )
        })
}
