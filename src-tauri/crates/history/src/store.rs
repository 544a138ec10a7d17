//! The file: opening, checking, migrating, and who may write when.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use rusqlite_migration::{M, Migrations};

use crate::{ConversationId, Error, MessageId};

/// The database's name inside its folder; SQLite puts `-wal` and `-shm` beside it.
pub const FILE: &str = "conversations.db";

const MIGRATIONS: &[M<'_>] = &[
    M::up(include_str!("../migrations/0001-conversations.sql")),
    M::up(include_str!("../migrations/0002-options.sql")),
    M::up(include_str!("../migrations/0003-shelves.sql")),
    M::up(include_str!("../migrations/0004-comparison.sql")),
    M::up(include_str!("../migrations/0005-files.sql")),
    M::up(include_str!("../migrations/0006-models.sql")),
    M::up(include_str!("../migrations/0007-revisions.sql")),
    M::up(include_str!("../migrations/0008-entries.sql")),
];
/// How the folders begin in which damaged databases are set aside.
pub(crate) const DAMAGED: &str = "conversations-damaged-";
/// How long another process on the same file is waited for.
const BUSY: Duration = Duration::from_secs(5);
/// Reading connections kept open; more are made when needed and closed after.
const READERS: usize = 4;
/// Up to this size the whole file is checked at open, which takes some tens of milliseconds. A
/// larger one would hold up the start: there [`History::check`] is for a quiet moment after it.
const CHECKED_AT_OPEN: u64 = 32 * 1024 * 1024;

/// The open file. Clones share it; the last one to go closes it.
#[derive(Clone)]
pub struct History(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    path: PathBuf,
    pub(crate) disk: Store,
    /// What is never written; made when it is first needed.
    pub(crate) memory: OnceLock<Store>,
    /// Held by who keeps or collects a file, so that none is collected that is just being kept.
    pub(crate) files: Mutex<()>,
}

/// One database, and who may use it when.
pub(crate) struct Store {
    /// None in memory, where one connection does all.
    path: Option<PathBuf>,
    // Before the writer: the last connection to close folds the log into the file, and a reader
    // may not.
    pub(crate) readers: Mutex<Vec<Connection>>,
    pub(crate) writer: Mutex<Connection>,
    /// All of it is elsewhere now: nothing is written here any more.
    pub(crate) moved: AtomicBool,
}

/// What a finished write must survive.
#[derive(Clone, Copy)]
pub(crate) enum Survives {
    /// The death of the process: the system has the bytes.
    Kill,
    /// A power cut: the disk has the bytes.
    PowerCut,
}

impl History {
    /// Opens or makes the database in `folder`, and brings an older schema up to date.
    ///
    /// A new folder is readable by its owner only, and so is the file, on systems with such modes.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::NewerSchema`] (both leave the file as it is),
    /// [`Error::ReadOnly`], [`Error::DiskFull`], [`Error::Busy`], [`Error::Folder`].
    pub fn open(folder: &Path) -> Result<Self, Error> {
        make_folder(folder).map_err(at(folder))?;
        let path = folder.join(FILE);
        let size = make_file(&path).map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Error::ReadOnly,
            io::ErrorKind::StorageFull => Error::DiskFull,
            _ => at(&path)(error),
        })?;
        let mut writer = Connection::open_with_flags(
            &path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        configure(&writer)?;
        refuse_newer(&writer)?;
        // Known only once something was read, as it was just now.
        if writer.is_readonly("main")? {
            return Err(Error::ReadOnly);
        }
        if size <= CHECKED_AT_OPEN {
            check(&writer)?;
        }
        // Answers with the mode it is in. Where a file system cannot do WAL that is the old one,
        // in which everything holds but that readers wait for the writer.
        writer.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        migrate(&mut writer)?;
        Ok(Self(Arc::new(Inner {
            disk: Store {
                path: Some(path.clone()),
                readers: Mutex::new(Vec::new()),
                writer: Mutex::new(writer),
                moved: AtomicBool::new(false),
            },
            path,
            memory: OnceLock::new(),
            files: Mutex::default(),
        })))
    }

    /// Where the database lies.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Reads the whole file and checks its structure, without keeping anyone from reading or
    /// writing. Takes as long as reading the file.
    ///
    /// # Errors
    /// [`Error::Corrupt`] with the first thing found.
    pub fn check(&self) -> Result<(), Error> {
        self.read(check)
    }

    /// Moves what the log holds into the file, so that the file alone is complete, for a copy.
    /// Closing does this by itself.
    ///
    /// # Errors
    /// [`Error::Busy`] when another process reads or writes for too long.
    pub fn checkpoint(&self) -> Result<(), Error> {
        let blocked: bool =
            lock(&self.0.disk.writer)
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if blocked { Err(Error::Busy) } else { Ok(()) }
    }

    /// [`Store::read`] of the file.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.0.disk.read(work)
    }

    /// [`Store::write`] to the file.
    pub(crate) fn write<T>(
        &self,
        survives: Survives,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.0.disk.write(survives, work)
    }

    /// The database that has what is named so.
    pub(crate) fn at(&self, named: impl Named) -> Result<&Store, Error> {
        if named.temporary() {
            let what = named.what();
            self.0.memory.get().ok_or(Error::NotFound { what })
        } else {
            Ok(&self.0.disk)
        }
    }

    /// The database in memory, made now if there is none.
    pub(crate) fn in_memory(&self) -> Result<&Store, Error> {
        if self.0.memory.get().is_none() {
            let mut writer = Connection::open_in_memory()?;
            configure(&writer)?;
            // What does not fit into its cache would go to a file.
            writer.pragma_update(None, "temp_store", "MEMORY")?;
            migrate(&mut writer)?;
            let fresh = Store {
                path: None,
                readers: Mutex::new(Vec::new()),
                writer: Mutex::new(writer),
                moved: AtomicBool::new(false),
            };
            // Another call may have been faster: then that one's is used.
            drop(self.0.memory.set(fresh));
        }
        let what = "conversation";
        self.0.memory.get().ok_or(Error::NotFound { what })
    }
}

/// A name that tells where the thing is.
pub(crate) trait Named: Copy {
    fn temporary(self) -> bool;
    fn what(self) -> &'static str;
}

impl Named for ConversationId {
    fn temporary(self) -> bool {
        self.is_temporary()
    }

    fn what(self) -> &'static str {
        "conversation"
    }
}

impl Named for MessageId {
    fn temporary(self) -> bool {
        self.is_temporary()
    }

    fn what(self) -> &'static str {
        "message"
    }
}

impl Store {
    /// Runs `work` on one consistent state of the database.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Some(path) = &self.path else {
            let writer = lock(&self.writer);
            let state = writer.unchecked_transaction()?;
            return work(&state);
        };
        let idle = lock(&self.readers).pop();
        let reader = match idle {
            Some(reader) => reader,
            None => {
                let reader = Connection::open_with_flags(
                    path,
                    OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
                )?;
                configure(&reader)?;
                reader
            }
        };
        let state = reader.unchecked_transaction()?;
        let result = work(&state);
        state.finish()?;
        let mut readers = lock(&self.readers);
        if readers.len() < READERS {
            readers.push(reader);
        }
        result
    }

    /// Runs `work` as one transaction: all of it is stored, or on an error none.
    pub(crate) fn write<T>(
        &self,
        survives: Survives,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut writer = lock(&self.writer);
        let synchronous = match survives {
            Survives::Kill => "NORMAL",
            Survives::PowerCut => "FULL",
        };
        writer.pragma_update(None, "synchronous", synchronous)?;
        // Immediate: a transaction that begins by reading could not wait for another writer later.
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Known for sure while nobody else can write.
        if self.moved.load(Ordering::Relaxed) {
            return Err(Error::Busy);
        }
        let result = work(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }
}

/// Renames the database, its log and its index into a new folder beside them, named by the time
/// `now_ms` (milliseconds since 1970 UTC), and returns that folder. Afterwards
/// [`History::open`] begins with an empty database. For a file that is [`Error::Corrupt`]; no
/// [`History`] may be open on it.
///
/// # Errors
/// [`Error::Folder`] names what could not be made or moved.
pub fn move_aside(folder: &Path, now_ms: i64) -> Result<PathBuf, Error> {
    let time: String = Connection::open_in_memory()?.query_row(
        "SELECT strftime('%Y-%m-%d-%H%M%S', ?1 / 1000, 'unixepoch') || format('-%03d', ?1 % 1000)",
        [now_ms],
        |row| row.get(0),
    )?;
    let aside = folder.join(format!("{DAMAGED}{time}"));
    make_private(&aside).map_err(at(&aside))?;
    // The log first: left behind, it would be taken for the log of the database that comes next.
    for suffix in ["-wal", "-shm", ""] {
        let name = format!("{FILE}{suffix}");
        let from = folder.join(&name);
        match fs::rename(&from, aside.join(&name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&from)(error)),
            _ => {}
        }
    }
    Ok(aside)
}

/// A panic while the lock was held has rolled its transaction back: what is behind it is sound.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn configure(connection: &Connection) -> Result<(), Error> {
    connection.busy_timeout(BUSY)?;
    // trusted_schema: the file may come from elsewhere, and its schema must not call functions.
    // secure_delete: what is gone for good is not left in pages that are written anyway.
    // cache_size: in kibibytes. A search looks at many pages, and comes back to them.
    // fullfsync: on macOS nothing less makes the disk write; elsewhere it has no effect.
    connection.execute_batch(
        "PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA secure_delete = FAST;
         PRAGMA cache_size = -12000;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;",
    )?;
    Ok(())
}

fn schema(connection: &Connection) -> Result<i64, Error> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

pub(crate) fn refuse_newer(connection: &Connection) -> Result<(), Error> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    match schema(connection)? {
        found if found > known => Err(Error::NewerSchema { found, known }),
        _ => Ok(()),
    }
}

pub(crate) fn check(connection: &Connection) -> Result<(), Error> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(Error::Corrupt { detail: verdict })
    }
}

pub(crate) fn migrate(connection: &mut Connection) -> Result<(), Error> {
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    loop {
        let before = schema(connection)?;
        match Migrations::from_slice(MIGRATIONS).to_latest(connection) {
            Ok(()) => return Ok(()),
            // Another process was faster: look again at what is left to do.
            Err(_) if schema(connection)? != before => refuse_newer(connection)?,
            Err(error) => return Err(error.into()),
        }
    }
}

pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> Error {
    move |source| Error::Folder {
        path: path.to_owned(),
        source,
    }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    match make_private(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        other => other,
    }
}

pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(false);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes sure that the file is there and its owner's alone, and says how large it is. SQLite gives
/// the files beside it the same mode.
pub(crate) fn make_file(path: &Path) -> io::Result<u64> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if metadata.permissions().mode() & 0o077 != 0 {
            file.set_permissions(fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(metadata.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NewConversation, NewMessage, Role, Status};

    fn message(conversation: ConversationId, text: String) -> NewMessage {
        NewMessage {
            conversation,
            parent: None,
            role: Role::User,
            text,
            reasoning: String::new(),
            model: None,
            options: None,
            status: Status::Done,
            now_ms: 1,
        }
    }

    #[test]
    fn the_migrations_are_sound() {
        Migrations::from_slice(MIGRATIONS).validate().unwrap();
    }

    #[test]
    fn a_full_disk_is_named_and_loses_nothing_that_was_stored() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::open(folder.path()).unwrap();
        let new = NewConversation {
            title: "t".into(),
            model: "m".into(),
            now_ms: 1,
        };
        let conversation = history.create_conversation(&new).unwrap().id;
        let kept = history
            .append(&message(conversation, "kept".into()))
            .unwrap();
        let pages = "PRAGMA max_page_count = 1"; // SQLite raises this to what the file has now.
        lock(&history.0.disk.writer)
            .query_row(pages, [], |_| Ok(()))
            .unwrap();

        let refused = history.append(&message(conversation, "x".repeat(100_000)));
        assert!(matches!(refused, Err(Error::DiskFull)), "{refused:?}");
        assert_eq!(history.thread(conversation, None).unwrap(), [kept]);

        let room = "PRAGMA max_page_count = 1000000";
        lock(&history.0.disk.writer)
            .query_row(room, [], |_| Ok(()))
            .unwrap();
        history
            .append(&message(conversation, "x".repeat(100_000)))
            .unwrap();
    }

    #[test]
    fn a_reader_does_not_wait_for_a_writer() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::open(folder.path()).unwrap();
        let new = NewConversation {
            title: "t".into(),
            model: "m".into(),
            now_ms: 1,
        };
        let conversation = history.create_conversation(&new).unwrap().id;
        history
            .write(Survives::PowerCut, |transaction| {
                transaction.execute("UPDATE conversation SET title = 'half'", [])?;
                assert_eq!(history.conversation(conversation)?.title, "t");
                Ok(())
            })
            .unwrap();
        assert_eq!(history.conversation(conversation).unwrap().title, "half");
    }

    #[test]
    fn another_writer_is_waited_for_and_then_named() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::open(folder.path()).unwrap();
        let other = Connection::open(history.path()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        // The bound itself would be a test that sleeps.
        lock(&history.0.disk.writer)
            .busy_timeout(Duration::ZERO)
            .unwrap();
        let refused = history.set_draft(None, "words");
        assert!(matches!(refused, Err(Error::Busy)), "{refused:?}");
        other.execute_batch("ROLLBACK").unwrap();
        history.set_draft(None, "words").unwrap();
    }
}
