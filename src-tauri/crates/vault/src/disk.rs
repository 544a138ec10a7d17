//! The few things the vault does to a file system, as a port, so that tests can fail, cut or stop
//! each of them.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;

/// What lies at a path.
pub(crate) enum Found {
    Nothing,
    /// A file of at most the size asked for.
    File(Vec<u8>),
    /// A larger file, a directory, a link, a pipe: nothing we wrote.
    Foreign,
}

/// Held as long as the lock is; dropping it unlocks.
pub(crate) type Lock = Box<dyn Send>;

pub(crate) trait Disk: Send + Sync {
    /// Creates a folder that only its owner may enter, or makes an existing one so.
    fn prepare(&self, folder: &Path) -> io::Result<()>;
    fn read(&self, path: &Path, limit: u64) -> io::Result<Found>;
    /// Writes a file that did not exist, for its owner only.
    fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// The content of the file survives a power cut from here on.
    fn sync(&self, path: &Path) -> io::Result<()>;
    /// Replaces `to` in one step.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// What was renamed or removed in the folder survives a power cut from here on.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Removes a file, or a link and not what it points to.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Removes a folder and everything in it, following no link.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    fn names(&self, folder: &Path) -> io::Result<Vec<String>>;
    /// An exclusive lock between processes, or `None` when another holds it.
    fn try_lock(&self, path: &Path) -> io::Result<Option<Lock>>;
}

/// The real one.
pub(crate) struct System;

impl Disk for System {
    fn prepare(&self, folder: &Path) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
            builder.mode(0o700).create(folder)?;
            if fs::metadata(folder)?.permissions().mode() & 0o077 != 0 {
                fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
            }
            Ok(())
        }
        #[cfg(not(unix))]
        builder.create(folder)
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Found> {
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(error),
            // Looked at before it is opened: opening a pipe would wait for its other end.
            Ok(found) if !found.is_file() => return Ok(Found::Foreign),
            Ok(_) => {}
        }
        let mut bytes = Vec::new();
        match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            opened => opened?.take(limit + 1).read_to_end(&mut bytes)?,
        };
        Ok(if bytes.len() as u64 > limit {
            Found::Foreign
        } else {
            Found::File(bytes)
        })
    }

    fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)?.write_all(bytes)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        // Windows flushes only through a handle that may write.
        OpenOptions::new().write(true).open(path)?.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        // Windows has no handle for it; NTFS journals the rename.
        if cfg!(unix) {
            File::open(folder)?.sync_all()
        } else {
            Ok(())
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        fs::read_dir(folder)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Lock>> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
