//! The lists that conversations stand in: pinned, open, a folder, the archive, the trash.
//!
//! A conversation stands in one of them. The schema says in which, so that each list is read along
//! an index, a page at the same cost wherever it is.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::conversations::{COLUMNS, at_most, conversation, found};
use crate::store::Survives;
use crate::{
    Conversation, ConversationId, Error, FolderId, History, MAX_LABEL, MAX_MANY, MessageId,
};

/// One of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shelf {
    /// Kept at the top.
    Pinned,
    /// Neither pinned nor in a folder.
    Open,
    /// In a folder, and not pinned.
    Folder(FolderId),
    /// Put away.
    Archive,
    /// Deleted; in the order of deletion.
    Trash,
}

/// A place in a list; stays valid when the one it was taken from moves away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// When it was used or, in the trash, deleted: milliseconds since 1970 UTC.
    pub ms: i64,
    /// Tells apart those of the same millisecond.
    pub id: ConversationId,
}

impl Conversation {
    /// Where this one stands in its list, to ask for what comes after it.
    pub fn listed(&self) -> Listed {
        Listed {
            ms: self.deleted_ms.unwrap_or(self.updated_ms),
            id: self.id,
        }
    }
}

/// A named list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Its name for programs.
    pub id: FolderId,
    /// Its name for people: 1 to [`MAX_LABEL`] bytes.
    pub name: String,
    /// How many conversations are listed in it.
    pub count: u32,
}

/// How many conversations are out of sight. The open list is not counted: of a hundred thousand that takes its time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// In the archive.
    pub archive: u32,
    /// In the trash.
    pub trash: u32,
}

/// What is done to several conversations at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Pins or unpins; what was in the archive comes back.
    Pinned(bool),
    /// Into the archive or out of it.
    Archived(bool),
    /// Into a folder or out of any; what was pinned or in the archive is no longer.
    Folder(Option<FolderId>),
    /// Into the trash, at this time in milliseconds since 1970 UTC.
    Deleted(i64),
    /// Out of the trash, to where it was.
    Restored,
}

impl History {
    /// Up to `limit` conversations of a list, the newest first. For what comes after them, pass the
    /// last one's [`Conversation::listed`].
    ///
    /// # Errors
    /// [`Error::NotFound`] for a folder that is not there.
    pub fn shelf(
        &self,
        shelf: Shelf,
        limit: u32,
        after: Option<Listed>,
    ) -> Result<Vec<Conversation>, Error> {
        self.read(|connection| {
            let shelf = shelf_key(connection, shelf)?;
            let mut statement = connection.prepare_cached(&format!(
                "{COLUMNS} WHERE c.shelf = ?1 {} ORDER BY c.listed_ms DESC, c.id DESC LIMIT ?2",
                if after.is_some() {
                    "AND (c.listed_ms, c.id) < (?3, ?4)"
                } else {
                    ""
                }
            ))?;
            let rows = match after {
                Some(Listed { ms, id }) => {
                    statement.query_map(params![shelf, limit, ms, id], conversation)?
                }
                None => statement.query_map([shelf, i64::from(limit)], conversation)?,
            };
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Where a conversation stands in its list, also a deleted one.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn listed(&self, id: ConversationId) -> Result<Listed, Error> {
        self.read(|connection| {
            let sql = "SELECT listed_ms FROM conversation WHERE id = ?1";
            let ms = found(connection, "conversation", sql, &id)?;
            Ok(Listed { ms, id })
        })
    }

    /// How many conversations stand in the archive and in the trash.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Storage`].
    pub fn counts(&self) -> Result<Counts, Error> {
        self.read(|connection| {
            let sql = "SELECT
                (SELECT count(*) FROM conversation WHERE shelf = -2),
                (SELECT count(*) FROM conversation WHERE shelf = -3)";
            Ok(connection.query_row(sql, [], |row| {
                Ok(Counts {
                    archive: row.get(0)?,
                    trash: row.get(1)?,
                })
            })?)
        })
    }

    /// All folders, by name.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Storage`].
    pub fn folders(&self) -> Result<Vec<Folder>, Error> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT f.id, f.name, (SELECT count(*) FROM conversation c WHERE c.shelf = f.key)
                 FROM folder f ORDER BY f.name COLLATE NOCASE, f.key",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(Folder {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    count: row.get(2)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Makes a folder, at most `most` in all.
    ///
    /// # Errors
    /// [`Error::TooLarge`], also for one too many; [`Error::Invalid`] for an empty name,
    /// [`Error::Taken`] for one that another folder has; [`Error::DiskFull`], [`Error::Busy`].
    pub fn create_folder(&self, name: &str, now_ms: i64, most: u32) -> Result<FolderId, Error> {
        named(name)?;
        let id = FolderId::new(now_ms);
        self.write(Survives::PowerCut, |transaction| {
            free(transaction, name, None)?;
            let made = transaction.execute(
                "INSERT INTO folder (id, name, created_ms)
                 SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM folder) < ?4",
                params![id, name, now_ms, most],
            )?;
            if made == 0 {
                return Err(Error::TooLarge {
                    what: "list of folders",
                    limit: usize::try_from(most).unwrap_or(usize::MAX),
                });
            }
            Ok(id)
        })
    }

    /// Gives a folder another name.
    ///
    /// # Errors
    /// [`Error::NotFound`], else as [`History::create_folder`].
    pub fn rename_folder(&self, id: FolderId, name: &str) -> Result<(), Error> {
        named(name)?;
        self.write(Survives::PowerCut, |transaction| {
            let key = folder_key(transaction, id)?;
            free(transaction, name, Some(key))?;
            transaction.execute(
                "UPDATE folder SET name = ?2 WHERE key = ?1",
                params![key, name],
            )?;
            Ok(())
        })
    }

    /// Takes a folder away. What was in it is in the open list again.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn delete_folder(&self, id: FolderId) -> Result<(), Error> {
        self.write(Survives::PowerCut, |transaction| {
            let key = folder_key(transaction, id)?;
            transaction.execute("DELETE FROM folder WHERE key = ?1", [key])?;
            Ok(())
        })
    }

    /// Changes several conversations at once, all or none, at most [`MAX_MANY`]. Returns those that
    /// were changed: one that is not there, or not in the trash or in it as the change wants, is
    /// passed over.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a folder that is not there, [`Error::TooLarge`],
    /// [`Error::DiskFull`], [`Error::Busy`].
    pub fn change_all(
        &self,
        ids: &[ConversationId],
        change: Change,
    ) -> Result<Vec<Conversation>, Error> {
        bounded(ids)?;
        self.write(Survives::PowerCut, |transaction| {
            let (set, value) = match change {
                Change::Pinned(pinned) => (
                    "pinned = ?2, archived = archived AND NOT ?2",
                    Value::from(pinned),
                ),
                Change::Archived(archived) => ("archived = ?2", Value::from(archived)),
                Change::Folder(None) => ("folder = ?2, pinned = 0, archived = 0", Value::Null),
                Change::Folder(Some(id)) => (
                    "folder = ?2, pinned = 0, archived = 0",
                    Value::from(folder_key(transaction, id)?),
                ),
                Change::Deleted(now_ms) => ("deleted_ms = ?2", Value::from(now_ms)),
                Change::Restored => ("deleted_ms = ?2", Value::Null),
            };
            let gone = matches!(change, Change::Restored);
            let mut update = transaction.prepare_cached(&format!(
                "UPDATE conversation SET {set} WHERE id = ?1 AND (deleted_ms IS NOT NULL) = ?3"
            ))?;
            let mut read = transaction.prepare_cached(&format!("{COLUMNS} WHERE c.id = ?1"))?;
            let mut changed = Vec::new();
            for id in ids {
                if update.execute(params![id, value, gone])? > 0 {
                    changed.push(read.query_row([id], conversation)?);
                }
            }
            Ok(changed)
        })
    }

    /// Removes conversations that are in the trash, with all their messages, for good. What they
    /// cost goes on being counted. Returns how many there were.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn purge(&self, ids: &[ConversationId]) -> Result<usize, Error> {
        bounded(ids)?;
        self.write(Survives::PowerCut, |transaction| {
            let mut gone = 0;
            for id in ids {
                let key = transaction
                    .prepare_cached(
                        "SELECT key FROM conversation WHERE id = ?1 AND deleted_ms IS NOT NULL",
                    )?
                    .query_row([id], |row| row.get(0))
                    .optional()?;
                if let Some(key) = key {
                    remove(transaction, key)?;
                    gone += 1;
                }
            }
            Ok(gone)
        })
    }

    /// Removes up to `limit` conversations, which were deleted before `before_ms` (milliseconds
    /// since 1970 UTC), for good. Returns how many: fewer than `limit` when there are no more.
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::Busy`].
    pub fn purge_before(&self, before_ms: i64, limit: u32) -> Result<usize, Error> {
        self.write(Survives::PowerCut, |transaction| {
            let keys: Vec<i64> = transaction
                .prepare_cached(
                    "SELECT key FROM conversation WHERE shelf = -3 AND listed_ms < ?1 LIMIT ?2",
                )?
                .query_map([before_ms, i64::from(limit)], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            for &key in &keys {
                remove(transaction, key)?;
            }
            Ok(keys.len())
        })
    }

    /// The conversation of a message, also of a deleted one.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn conversation_of(&self, id: MessageId) -> Result<ConversationId, Error> {
        self.at(id)?.read(|connection| {
            let sql = "SELECT c.id FROM message m JOIN conversation c ON c.key = m.conversation
                       WHERE m.id = ?1";
            found(connection, "message", sql, &id)
        })
    }
}

fn remove(transaction: &Transaction<'_>, key: i64) -> Result<(), Error> {
    transaction
        .prepare_cached("DELETE FROM conversation WHERE key = ?1")?
        .execute([key])?;
    Ok(())
}

fn bounded(ids: &[ConversationId]) -> Result<(), Error> {
    if ids.len() > MAX_MANY {
        return Err(Error::TooLarge {
            what: "list of conversations",
            limit: MAX_MANY,
        });
    }
    Ok(())
}

fn named(name: &str) -> Result<(), Error> {
    at_most(MAX_LABEL, "name", name)?;
    if name.is_empty() {
        return Err(Error::Invalid { what: "name" });
    }
    Ok(())
}

/// Folders are told apart by their names, also where they are typed.
fn free(transaction: &Transaction<'_>, name: &str, but: Option<i64>) -> Result<(), Error> {
    let taken: bool = transaction.query_row(
        "SELECT EXISTS (SELECT 1 FROM folder WHERE name = ?1 COLLATE NOCASE AND key IS NOT ?2)",
        params![name, but],
        |row| row.get(0),
    )?;
    if taken {
        return Err(Error::Taken { what: "folder" });
    }
    Ok(())
}

pub(crate) fn folder_key(connection: &Connection, id: FolderId) -> Result<i64, Error> {
    let sql = "SELECT key FROM folder WHERE id = ?1";
    found(connection, "folder", sql, &id)
}

fn shelf_key(connection: &Connection, shelf: Shelf) -> Result<i64, Error> {
    Ok(match shelf {
        Shelf::Pinned => -1,
        Shelf::Open => 0,
        Shelf::Folder(id) => folder_key(connection, id)?,
        Shelf::Archive => -2,
        Shelf::Trash => -3,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_read_along_its_index() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::open(folder.path()).unwrap();
        let plan: Vec<String> = history
            .read(|connection| {
                let sql = format!(
                    "EXPLAIN QUERY PLAN {COLUMNS} WHERE c.shelf = 0 AND (c.listed_ms, c.id) < (5, x'00')
                     ORDER BY c.listed_ms DESC, c.id DESC LIMIT 200"
                );
                let mut statement = connection.prepare(&sql)?;
                let rows = statement.query_map([], |row| row.get(3))?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .unwrap();
        assert!(
            plan[0].starts_with("SEARCH c USING INDEX conversation_shelf"),
            "a page would cost more the more there are: {plan:?}"
        );
        assert!(
            !plan.iter().any(|step| step.contains("TEMP B-TREE")),
            "the list would be sorted at every page: {plan:?}"
        );
    }
}
