//! Taking the conversations, and all that lies beside them, to another folder.
//!
//! First everything is copied and the copy is checked; then the caller switches to it; only then is
//! removed what was there. Whatever ends this in between, one of the two places has all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::atomic::Ordering;

use rusqlite::TransactionBehavior;
use sha2::{Digest, Sha256};

use crate::backups::{copy_to, full, sound, sync_folder};
use crate::store::{at, lock, make_private};
use crate::{BACKUPS, Error, FILE, FILES, History};

/// What belongs to the conversations, by its name in their folder.
const ALL: [&str; 5] = [
    "conversations.db-wal",
    "conversations.db-shm",
    FILE,
    BACKUPS,
    FILES,
];

/// Whether something lies in `folder` that belongs to conversations.
pub fn holds_conversations(folder: &Path) -> bool {
    ALL.iter().any(|name| folder.join(name).exists())
}

impl History {
    /// Copies everything into `target`, a folder that is there and holds no conversations, checks the
    /// copy, and calls `switch`, which makes it the one that is used. Until that has returned others
    /// can read, but who writes waits, and after some seconds is told [`Error::Busy`].
    ///
    /// # Errors
    /// [`Error::Taken`] if there are conversations in `target`, [`Error::DiskFull`],
    /// [`Error::ReadOnly`], [`Error::Folder`], [`Error::Corrupt`], [`Error::Busy`], or that of
    /// `switch`: then `target` is as it was.
    pub fn relocate(
        &self,
        target: &Path,
        switch: impl FnOnce() -> Result<(), Error>,
    ) -> Result<(), Error> {
        if holds_conversations(target) {
            return Err(Error::Taken { what: "folder" });
        }
        let from = self.path().parent().unwrap_or(Path::new(""));
        let _files = lock(&self.0.files);
        let mut writer = lock(&self.0.disk.writer);
        // Ends without having changed anything; held so that nobody writes to what is left behind.
        let held = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let copied = || {
            let place = target.join(FILE);
            copy_to(self.path(), &place)?;
            drop(sound(&place)?);
            let file = File::options()
                .write(true)
                .open(&place)
                .map_err(at(&place))?;
            file.sync_all().map_err(full(&place))?;
            for name in [BACKUPS, FILES] {
                copy_folder(&from.join(name), &target.join(name))?;
            }
            sync_folder(target);
            switch()
        };
        let result = copied();
        if result.is_ok() {
            // Whoever still has this open must not write to what nobody reads again.
            self.0.disk.moved.store(true, Ordering::Relaxed);
        } else {
            remove_conversations(target);
        }
        drop(held);
        result
    }
}

/// Removes what belongs to conversations in `folder`, once they are elsewhere; no [`History`] may be
/// open on it. False when something could not be removed.
pub fn remove_conversations(folder: &Path) -> bool {
    let gone = |name: &&str| {
        let path = folder.join(name);
        let removed = match fs::symlink_metadata(&path) {
            Ok(there) if there.is_dir() => fs::remove_dir_all(&path),
            Ok(_) => fs::remove_file(&path),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) => error.kind() == io::ErrorKind::NotFound,
            Ok(()) => true,
        }
    };
    // Each is tried, whatever becomes of the others.
    let left = ALL.iter().filter(|name| !gone(name)).count();
    left == 0
}

/// Copies the files in a folder and in those below it; links are no files of ours.
fn copy_folder(from: &Path, to: &Path) -> Result<(), Error> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(at(from))?,
    };
    make_private(to).map_err(full(to))?;
    for entry in entries {
        let entry = entry.map_err(at(from))?;
        let (source, place) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(at(&source))?;
        if kind.is_dir() {
            copy_folder(&source, &place)?;
        } else if kind.is_file() {
            copy_file(&source, &place)?;
        }
    }
    sync_folder(to);
    Ok(())
}

/// Copies one file with its time, and reads the copy to see that it is the same.
fn copy_file(from: &Path, to: &Path) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut source = File::open(from).map_err(at(from))?;
    let mut place = options.open(to).map_err(full(to))?;
    let read = digest(&mut source, |bytes| place.write_all(bytes)).map_err(full(to))?;
    if let Ok(time) = source.metadata().and_then(|source| source.modified()) {
        place.set_modified(time).map_err(full(to))?;
    }
    place.sync_all().map_err(full(to))?;
    let mut copy = File::open(to).map_err(at(to))?;
    if digest(&mut copy, |_| Ok(())).map_err(at(to))? != read {
        let source = io::Error::other("the copy is not the same");
        return Err(at(to)(source));
    }
    Ok(())
}

fn digest(file: &mut File, mut each: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<[u8; 32]> {
    let (mut hash, mut bytes) = (Sha256::new(), vec![0; 256 * 1024]);
    loop {
        match file.read(&mut bytes)? {
            0 => return Ok(hash.finalize().into()),
            read => {
                hash.update(&bytes[..read]);
                each(&bytes[..read])?;
            }
        }
    }
}
