//! The window's files: Node, its packages, and the bundle that the app carries.

use std::hash::{DefaultHasher, Hasher};
use std::path::Path;
use std::process::Command;

use crate::process::{self, Result};

/// Vite's floor.
const NODE: (u32, u32) = (20, 19);

/// `npm` in the window's folder.
pub fn npm(args: &[&str]) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(args).current_dir(process::root().join("ui"));
    command
}

/// A program that the window's packages brought along.
pub fn npx(program: &str) -> Command {
    let ending = if cfg!(windows) { ".cmd" } else { "" };
    let folder = process::root().join("ui/node_modules/.bin");
    Command::new(folder.join(format!("{program}{ending}")))
}

/// Makes sure of Node and of exactly the packages that the lock file names.
pub fn install() -> Result<()> {
    node()?;
    let ui = process::root().join("ui");
    let lock = ui.join("package-lock.json");
    let stamp = ui.join("node_modules/.installed-from");
    let now = fingerprint(&[(lock.clone(), process::read(&lock)?)]);
    if std::fs::read_to_string(&stamp).is_ok_and(|then| then == now) {
        return Ok(());
    }
    process::run(&mut npm(&["ci", "--no-fund", "--no-audit"]))?;
    process::write(&stamp, now.as_bytes())
}

/// Builds the bundle, unless nothing that it is made from has changed: an untouched bundle spares
/// the shell, which embeds it, a compilation.
pub fn build() -> Result<()> {
    install()?;
    let ui = process::root().join("ui");
    let mut sources = Vec::new();
    collect(&ui, &mut sources)?;
    sources.sort();
    let now = fingerprint(&sources);
    let stamp = process::target("xtask/ui-built-from")?;
    let built = ui.join("dist/index.html").is_file();
    if built && std::fs::read_to_string(&stamp).is_ok_and(|then| then == now) {
        return Ok(());
    }
    process::run(&mut npm(&["run", "build"]))?;
    process::write(&stamp, now.as_bytes())
}

fn node() -> Result<()> {
    let (major, minor) = NODE;
    let wanted = format!("Install Node.js {major}.{minor} or newer: https://nodejs.org");
    let answer = process::output(Command::new("node").arg("--version"))
        .map_err(|_| format!("Node.js was not found. {wanted}"))?;
    match version(&answer) {
        Some(found) if found >= NODE => Ok(()),
        _ => Err(format!("Node.js {} is too old. {wanted}", answer.trim())),
    }
}

/// Reads `v20.19.4`.
fn version(answer: &str) -> Option<(u32, u32)> {
    let mut parts = answer
        .trim()
        .strip_prefix('v')?
        .split('.')
        .map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

fn collect(folder: &Path, into: &mut Vec<(std::path::PathBuf, Vec<u8>)>) -> Result<()> {
    let failed = |e| format!("Cannot list {}: {e}.", folder.display());
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.ends_with("ui/node_modules") || path.ends_with("ui/dist") {
            continue;
        }
        if path.is_dir() {
            collect(&path, into)?;
        } else {
            let content = process::read(&path)?;
            into.push((path, content));
        }
    }
    Ok(())
}

fn fingerprint(files: &[(std::path::PathBuf, Vec<u8>)]) -> String {
    let mut hasher = DefaultHasher::new();
    for (path, content) in files {
        hasher.write(path.as_os_str().as_encoded_bytes());
        hasher.write_usize(content.len());
        hasher.write(content);
    }
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_not_by_letter() {
        assert_eq!(version("v20.19.4\n"), Some((20, 19)));
        assert!(version("v20.9.0") < Some(NODE));
        assert!(version("v100.0.0") > Some(NODE));
        assert_eq!(version("20.19.4"), None);
    }

    #[test]
    fn a_moved_byte_changes_the_fingerprint() {
        let file = |name: &str, text: &str| (name.into(), text.as_bytes().to_vec());
        let one = fingerprint(&[file("a", "xy"), file("b", "z")]);
        assert_eq!(one, fingerprint(&[file("a", "xy"), file("b", "z")]));
        assert_ne!(one, fingerprint(&[file("a", "x"), file("b", "yz")]));
        assert_ne!(one, fingerprint(&[file("a", "xy"), file("c", "z")]));
    }
}
