//! The rules of the house that no compiler holds.
//!
//! Each law is a pure function from what was read to the list of what breaks it, so that a test
//! can plant a violation. A law that has never been seen to fail holds nothing.

mod packages;
mod text;
mod window;

use serde_json::Value;

use crate::process::{self, Result};

/// A text file of the project: its path from the top with `/` between folders, and its content.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    fn is(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.path.ends_with(ending))
    }

    /// The folder below the window's sources, `host` of `ui/src/host/ipc.ts`; empty for the files
    /// beside the folders, nothing for a file elsewhere.
    fn window_folder(&self) -> Option<&str> {
        let below = self.path.strip_prefix("ui/src/")?;
        Some(below.split_once('/').map_or("", |(folder, _)| folder))
    }
}

/// Reads the project and fails with every violation, one a line.
pub fn check() -> Result<()> {
    let files = files()?;
    let metadata = process::output(&mut process::cargo([
        "metadata",
        "--no-deps",
        "--offline",
        "--format-version=1",
    ]))?;
    let metadata: Value = serde_json::from_str(&metadata)
        .map_err(|e| format!("Cannot read what `cargo metadata` says: {e}."))?;
    let root = process::root().to_string_lossy().replace('\\', "/");
    let members = packages::members(&metadata, &root);

    let mut broken = packages::violations(&members);
    broken.extend(window::violations(&files));
    broken.extend(text::violations(&files));
    match broken.len() {
        0 => {
            println!(
                "{} packages and {} files keep the laws.",
                members.len(),
                files.len()
            );
            Ok(())
        }
        1 => Err(broken.remove(0)),
        n => Err(format!(
            "{n} violations of the laws:\n{}",
            broken.join("\n")
        )),
    }
}

/// The project's texts. A new file obeys before it is committed.
fn files() -> Result<Vec<File>> {
    let list =
        process::tracked().map_err(|e| format!("{e} The laws are checked in a git work tree."))?;
    // A file that is listed and gone has been deleted and not committed yet; one that is no
    // UTF-8 is no text.
    Ok(list
        .into_iter()
        .filter_map(|path| {
            let text = std::fs::read_to_string(process::root().join(&path)).ok()?;
            Some(File { path, text })
        })
        .collect())
}

#[cfg(test)]
fn file(path: &str, text: &str) -> File {
    File {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}
