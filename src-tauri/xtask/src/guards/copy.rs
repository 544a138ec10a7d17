//! The tree that guards are taken from: a copy, so that the real one is never without them.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::plan::Change;
use crate::process::{self, Result};

/// A copy of what git knows, with a build folder of its own.
pub struct Copy {
    pub source: PathBuf,
    pub target: PathBuf,
    pub logs: PathBuf,
    /// A second run would put back what this one takes away.
    _alone: File,
}

impl Copy {
    /// Brings the copy up to date. A file that is the same already is left alone, its time with it,
    /// so that cargo does not compile it again.
    pub fn fresh() -> Result<Self> {
        let lock = process::target("guards/lock")?;
        process::write(&lock, b"")?;
        let alone =
            File::open(&lock).map_err(|e| format!("Cannot open {}: {e}.", lock.display()))?;
        if alone.try_lock().is_err() {
            return Err("`cargo xtask guards` runs here already. Wait for it to end.".to_owned());
        }
        let copy = Self {
            _alone: alone,
            source: process::target("guards/source")?,
            target: process::target("guards/target")?,
            logs: process::emptied(process::target("guards/logs")?)?,
        };
        let listed = process::tracked()?;
        for path in &listed {
            copy.update(path)?;
        }
        copy.remove_others(&listed.into_iter().collect())?;
        // The shell embeds the window when it compiles; these tests need none, but cargo looks.
        process::write(&copy.source.join("ui/dist/index.html"), b"<!doctype html>")?;
        Ok(copy)
    }

    /// Makes the changes of one guard. What the files were before is kept in `before`.
    pub fn patch(&self, changes: &[Change], before: &mut Vec<(PathBuf, Vec<u8>)>) -> Result<()> {
        for change in changes {
            let path = self.source.join(&change.path);
            let bytes = process::read(&path)?;
            let text = change.apply(&String::from_utf8_lossy(&bytes))?;
            before.push((path.clone(), bytes));
            process::write(&path, text.as_bytes())?;
        }
        Ok(())
    }

    /// Makes the files what they were: not those of the real tree, which may have moved on.
    pub fn restore(&self, before: Vec<(PathBuf, Vec<u8>)>) -> Result<()> {
        let mut last_first = before.into_iter().rev();
        last_first.try_for_each(|(path, bytes)| process::write(&path, &bytes))
    }

    /// What a run printed.
    pub fn log(&self, name: &str) -> Result<String> {
        let bytes = process::read(&self.logs.join(format!("{name}.log")))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn update(&self, path: &str) -> Result<()> {
        let to = self.source.join(path);
        match std::fs::read(process::root().join(path)) {
            Ok(bytes) if std::fs::read(&to).is_ok_and(|old| old == bytes) => Ok(()),
            Ok(bytes) => process::write(&to, &bytes),
            // Deleted and not committed yet.
            Err(_) => remove(&to),
        }
    }

    /// Removes files that the tree no longer has: a test's file that was renamed would run twice.
    fn remove_others(&self, listed: &BTreeSet<String>) -> Result<()> {
        let mut folders = vec![self.source.clone()];
        while let Some(folder) = folders.pop() {
            let failed = |e| format!("Cannot list {}: {e}.", folder.display());
            for entry in std::fs::read_dir(&folder).map_err(failed)? {
                let path = entry.map_err(failed)?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(below) = path.strip_prefix(&self.source)
                    && !listed.contains(&below.to_string_lossy().replace('\\', "/"))
                {
                    remove(&path)?;
                }
            }
        }
        Ok(())
    }
}

fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("Cannot remove {}: {e}.", path.display()))
        }
        _ => Ok(()),
    }
}
