//! Copies of the database, each opened and checked before it takes the place of an older one.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::backup::{Backup as Copying, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::store::{at, check, configure, lock, make_private, migrate, refuse_newer};
use crate::{Content, Error, FILE, History, move_aside};

/// The folder of the copies, beside the database.
pub const BACKUPS: &str = "backups";
/// What is being made, and not checked yet.
const NEW: &str = "new.part";
const DAY_MS: i64 = 24 * 3_600_000;
const WEEK_MS: i64 = 7 * DAY_MS;

/// Which copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kept {
    /// The newest.
    Last,
    /// One that was the newest a day or more ago.
    Day,
    /// One that was the newest a week or more ago.
    Week,
    /// What was there before a copy was brought back.
    Before,
}

impl Kept {
    const ALL: [Self; 4] = [Self::Last, Self::Day, Self::Week, Self::Before];

    fn name(self) -> &'static str {
        match self {
            Self::Last => "last.db",
            Self::Day => "day.db",
            Self::Week => "week.db",
            Self::Before => "before.db",
        }
    }

    fn path(self, folder: &Path) -> PathBuf {
        folder.join(BACKUPS).join(self.name())
    }
}

/// Every content that the copies in `folder` refer to.
///
/// # Errors
/// A copy can't be read.
pub(crate) fn contents(folder: &Path) -> Result<HashSet<Content>, Error> {
    let mut contents = HashSet::new();
    for kept in Kept::ALL {
        let path = kept.path(folder);
        if !path.exists() {
            continue;
        }
        let copy = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        // One of an earlier version of the app knows no attachments.
        if copy.table_exists(None, "attachment")? {
            contents.extend(crate::attachments::contents(&copy)?);
        }
    }
    Ok(contents)
}

/// A copy that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Which.
    pub kept: Kept,
    /// When it was made, in milliseconds since 1970 UTC.
    pub taken_ms: i64,
    /// Its size.
    pub bytes: u64,
}

/// The copies of the database in `folder`, the newest first.
pub fn backups(folder: &Path) -> Vec<Backup> {
    let found = Kept::ALL.iter().filter_map(|kept| {
        let file = fs::metadata(kept.path(folder)).ok()?;
        let since = file.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH);
        Some(Backup {
            kept: *kept,
            taken_ms: i64::try_from(since.ok()?.as_millis()).ok()?,
            bytes: file.len(),
        })
    });
    let mut found: Vec<Backup> = found.collect();
    found.sort_by_key(|backup| std::cmp::Reverse(backup.taken_ms));
    found
}

/// Puts a copy in the place of a database that can't be opened, which is moved aside as by [`move_aside`]; no
/// [`History`] may be open on it. Returns the folder with what was there. Afterwards [`History::open`] opens the copy.
///
/// # Errors
/// [`Error::NotFound`] if there is no such copy, [`Error::Corrupt`], [`Error::NewerSchema`] if it is no use: then
/// nothing was moved. [`Error::DiskFull`], [`Error::Folder`].
pub fn put_back(folder: &Path, kept: Kept, now_ms: i64) -> Result<PathBuf, Error> {
    let copy = kept.path(folder);
    drop(sound(&copy)?);
    let fresh = folder.join(format!("{FILE}.part"));
    let result = fs::copy(&copy, &fresh).map_err(full(&fresh)).and_then(|_| {
        let file = File::open(&fresh).map_err(at(&fresh))?;
        file.sync_all().map_err(full(&fresh))?;
        let aside = move_aside(folder, now_ms)?;
        let place = folder.join(FILE);
        fs::rename(&fresh, &place).map_err(at(&place))?;
        sync_folder(folder);
        Ok(aside)
    });
    if result.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    result
}

impl History {
    /// Makes a copy, checks it, and keeps it as the last one; what was the last one moves on when a day or a week has
    /// passed since the one after it. Others read and write meanwhile. Takes as long as writing and reading the file.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if what was copied is damaged, which is how damage is found in a large file;
    /// [`Error::DiskFull`], [`Error::Busy`], [`Error::Folder`]. The copies that are there stay as they are.
    pub fn back_up(&self, now_ms: i64) -> Result<Backup, Error> {
        let folder = self.folder()?;
        let new = self.copied(folder, now_ms)?;
        let taken = |kept: Kept| {
            let found = backups(folder).into_iter().find(|each| each.kept == kept);
            found.map(|each| each.taken_ms)
        };
        let moved = |from: Kept, to: Kept| match fs::rename(from.path(folder), to.path(folder)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(at(&from.path(folder))(error))
            }
            _ => Ok(()),
        };
        if taken(Kept::Day).is_none_or(|day| now_ms - day >= DAY_MS) {
            if taken(Kept::Week).is_none_or(|week| now_ms - week >= WEEK_MS) {
                moved(Kept::Day, Kept::Week)?;
            }
            moved(Kept::Last, Kept::Day)?;
        }
        let place = Kept::Last.path(folder);
        fs::rename(&new, &place).map_err(at(&place))?;
        sync_folder(&folder.join(BACKUPS));
        let bytes = fs::metadata(&place).map_err(at(&place))?.len();
        Ok(Backup {
            kept: Kept::Last,
            taken_ms: now_ms,
            bytes,
        })
    }

    /// True when something was written since the newest copy was made, or there is none.
    pub fn changed_since_backup(&self) -> bool {
        let Ok(folder) = self.folder() else {
            return false;
        };
        let last = backups(folder).into_iter().map(|each| each.taken_ms).max();
        let log = self.path().with_extension("db-wal");
        let written = [self.path(), log.as_path()].into_iter().filter_map(|file| {
            let file = fs::metadata(file).ok()?;
            // An empty log was written by nobody but its maker.
            (file.len() > 0).then(|| file.modified().ok()).flatten()
        });
        let written = written.max().and_then(|time| {
            let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
            i64::try_from(since.as_millis()).ok()
        });
        last.is_none_or(|last| written.is_none_or(|written| written > last))
    }

    /// Brings a copy back in place of what is there, all or nothing, also for other processes. What was there is kept
    /// as [`Kept::Before`] unless it is too damaged to be copied.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such copy, [`Error::Corrupt`] or [`Error::NewerSchema`] if it is no use;
    /// [`Error::DiskFull`], [`Error::Busy`].
    pub fn bring_back(&self, kept: Kept, now_ms: i64) -> Result<(), Error> {
        let folder = self.folder()?;
        // Opened before what was there takes its name, should it be that one.
        let copy = sound(&kept.path(folder))?;
        match self.copied(folder, now_ms) {
            Ok(new) => {
                let place = Kept::Before.path(folder);
                fs::rename(&new, &place).map_err(at(&place))?;
                sync_folder(&folder.join(BACKUPS));
            }
            Err(Error::Corrupt { .. }) => {}
            Err(error) => return Err(error),
        }
        let mut writer = lock(&self.0.disk.writer);
        copy_all(&copy, &mut writer)?;
        migrate(&mut writer)?;
        // What they know of the schema is of before.
        lock(&self.0.disk.readers).clear();
        Ok(())
    }

    fn folder(&self) -> Result<&Path, Error> {
        self.path()
            .parent()
            .ok_or(Error::NotFound { what: "folder" })
    }

    /// A checked copy of what is there now, under the name that new ones have.
    fn copied(&self, folder: &Path, now_ms: i64) -> Result<PathBuf, Error> {
        let backups = folder.join(BACKUPS);
        match make_private(&backups) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(full(&backups)(error));
            }
            _ => {}
        }
        let new = backups.join(NEW);
        discard(&new);
        let result = copy_to(self.path(), &new).and_then(|()| {
            drop(sound(&new)?);
            let file = File::options().write(true).open(&new).map_err(at(&new))?;
            let since = Duration::from_millis(u64::try_from(now_ms).unwrap_or(0));
            file.set_modified(SystemTime::UNIX_EPOCH + since)
                .map_err(at(&new))?;
            file.sync_all().map_err(full(&new))
        });
        if result.is_err() {
            discard(&new);
        }
        result.map(|()| new)
    }
}

pub(crate) fn copy_to(from: &Path, to: &Path) -> Result<(), Error> {
    let from = Connection::open_with_flags(
        from,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    configure(&from)?;
    crate::store::make_file(to).map_err(full(to))?;
    let mut to = Connection::open_with_flags(
        to,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    configure(&to)?;
    copy_all(&from, &mut to)?;
    // One file, without a log beside it.
    to.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    Ok(())
}

/// In one step: it reads one state, and a log lets others write meanwhile.
fn copy_all(from: &Connection, to: &mut Connection) -> Result<(), Error> {
    match Copying::new(from, to)?.step(-1)? {
        StepResult::Done => Ok(()),
        _ => Err(Error::Busy),
    }
}

/// Opens a copy, if it is sound and not of a newer version.
pub(crate) fn sound(path: &Path) -> Result<Connection, Error> {
    if !path.is_file() {
        return Err(Error::NotFound { what: "copy" });
    }
    let copy = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    configure(&copy)?;
    refuse_newer(&copy)?;
    check(&copy)?;
    Ok(copy)
}

fn discard(new: &Path) {
    let journal = new.with_extension("part-journal");
    for file in [new, &journal] {
        let _ = fs::remove_file(file);
    }
}

pub(crate) fn full(path: &Path) -> impl Fn(io::Error) -> Error {
    move |error| match error.kind() {
        io::ErrorKind::StorageFull => Error::DiskFull,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Error::ReadOnly,
        _ => at(path)(error),
    }
}

/// A name survives a power cut once its folder is written. Where folders can't be opened the system sees to it.
pub(crate) fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}
