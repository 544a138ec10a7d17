//! Bytes beside the database: each content once, in a file named by its SHA-256.
//!
//! A file is written under another name, flushed, and renamed: under its own name it is whole or not there. None is
//! ever changed. One that no attachment refers to is removed by [`History::collect_files`].

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::store::{DAMAGED, at, lock, make_private};
use crate::{Error, History, backups};

/// The folder beside the database.
pub const FILES: &str = "files";
/// A file that is younger than this may be about to be referred to.
const YOUNG: Duration = Duration::from_secs(60 * 60);

/// Names some bytes by their SHA-256; as text 64 hexadecimal digits in lower case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Content([u8; 32]);

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Content {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let mut bytes = [0; 32];
        let pairs = text.as_bytes().chunks_exact(2);
        if text.len() != 64 {
            return Err(Error::Invalid { what: "content" });
        }
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            let read = digit(pair[0]).zip(digit(pair[1]));
            let (high, low) = read.ok_or(Error::Invalid { what: "content" })?;
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

/// From a SHA-256.
impl From<[u8; 32]> for Content {
    fn from(hash: [u8; 32]) -> Self {
        Self(hash)
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl ToSql for Content {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
    }
}

impl FromSql for Content {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = value.as_blob()?.try_into();
        bytes.map(Self).map_err(FromSqlError::other)
    }
}

/// Bytes on their way into the store. Dropping it leaves nothing behind.
pub struct NewBlob {
    history: History,
    path: PathBuf,
    /// None once it has its own name.
    file: Option<File>,
    hash: Sha256,
    size: u64,
}

impl NewBlob {
    /// Adds bytes.
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::Folder`].
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if let Some(file) = &mut self.file {
            file.write_all(bytes)
                .map_err(|error| failed(&self.path, error))?;
        }
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }

    /// Makes the bytes safe on the disk under their own name, and says it with their number. They stay for an hour at
    /// least, and then as long as something refers to them.
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::ReadOnly`], [`Error::Folder`].
    pub fn finish(mut self) -> Result<(Content, u64), Error> {
        let content = Content(std::mem::take(&mut self.hash).finalize().into());
        let to = self.history.file_of(content);
        let folder = to.parent().unwrap_or(&to).to_owned();
        let keep = || -> io::Result<()> {
            // Nothing is collected between the look and the touch.
            let _held = lock(&self.history.0.files);
            if let Ok(there) = OpenOptions::new().write(true).open(&to)
                && there.metadata()?.len() == self.size
            {
                return there.set_modified(SystemTime::now());
            }
            if let Some(file) = &self.file {
                file.sync_all()?;
            }
            make_private(&folder).or_else(there_already)?;
            fs::rename(&self.path, &to)?;
            sync_folder(&folder)
        };
        keep().map_err(|error| failed(&to, error))?;
        Ok((content, self.size))
    }
}

impl Drop for NewBlob {
    fn drop(&mut self) {
        self.file = None;
        // Gone already when it has its own name.
        let _ = fs::remove_file(&self.path);
    }
}

impl History {
    /// Begins to store bytes: write them, then [`NewBlob::finish`].
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::ReadOnly`], [`Error::Folder`].
    pub fn new_blob(&self) -> Result<NewBlob, Error> {
        let folder = self.files();
        make_private(&folder)
            .or_else(there_already)
            .map_err(|error| failed(&folder, error))?;
        let path = folder.join(format!("{}.part", crate::ids::at(0).simple()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|error| failed(&path, error))?;
        Ok(NewBlob {
            history: self.clone(),
            path,
            file: Some(file),
            hash: Sha256::new(),
            size: 0,
        })
    }

    /// Stores bytes that are in memory; as [`NewBlob::finish`].
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::ReadOnly`], [`Error::Folder`].
    pub fn keep_bytes(&self, bytes: &[u8]) -> Result<(Content, u64), Error> {
        let mut blob = self.new_blob()?;
        blob.write(bytes)?;
        blob.finish()
    }

    /// Where these bytes lie, whether they are there or not: to be read, never written.
    #[must_use]
    pub fn file_of(&self, content: Content) -> PathBuf {
        let name = content.to_string();
        self.files().join(&name[..2]).join(name)
    }

    /// Removes the files that nothing refers to and that are an hour old, and forgets what was read in them. Returns
    /// how many. What a copy of the database refers to stays, and as long as a damaged database lies beside, everything
    /// does: nobody knows what that one refers to. `now` is the system's clock, which is also that of the files.
    ///
    /// # Errors
    /// [`Error::Folder`], [`Error::Busy`], [`Error::Corrupt`] also for a copy. What was removed before stays removed.
    pub fn collect_files(&self, now: SystemTime) -> Result<usize, Error> {
        let folder = self.files();
        let beside = folder.parent().unwrap_or(&folder);
        if names(beside)?.iter().any(|name| name.starts_with(DAMAGED)) {
            return Ok(0);
        }
        let copied = backups::contents(beside)?;
        let mut removed = 0;
        for entry in names(&folder)? {
            if entry.ends_with(".part") {
                removed += usize::from(remove_old(&folder.join(entry), now)?);
                continue;
            }
            for name in names(&folder.join(&entry))? {
                // What has no such name is not ours.
                let Ok(content) = name.parse::<Content>() else {
                    continue;
                };
                let _held = lock(&self.0.files);
                if !copied.contains(&content) && !self.refers_to(content)? {
                    removed += usize::from(remove_old(&folder.join(&entry).join(name), now)?);
                }
            }
        }
        self.forget_readings()?;
        Ok(removed)
    }

    fn files(&self) -> PathBuf {
        self.path().with_file_name(FILES)
    }
}

/// The names in a folder; none where it is not one.
fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(Vec::new());
        }
        Err(error) => return Err(at(folder)(error)),
    };
    let name = |entry: io::Result<fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
    Ok(entries.filter_map(name).collect())
}

fn remove_old(path: &Path, now: SystemTime) -> Result<bool, Error> {
    let old = |path: &Path| -> io::Result<bool> {
        let changed = fs::symlink_metadata(path)?.modified()?;
        Ok(now.duration_since(changed).is_ok_and(|age| age >= YOUNG))
    };
    let removed = old(path).and_then(|old| {
        if old {
            fs::remove_file(path)?;
        }
        Ok(old)
    });
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(path)(error)),
        done => Ok(done.unwrap_or(false)),
    }
}

fn there_already(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::AlreadyExists => Ok(()),
        _ => Err(error),
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    // Windows has no handle for it; NTFS journals the rename.
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

/// What an error of the disk means.
fn failed(path: &Path, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Error::ReadOnly,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::DiskFull,
        _ => at(path)(error),
    }
}
