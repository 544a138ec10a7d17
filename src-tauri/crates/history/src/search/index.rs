//! Filling the index, a little at a time, while nobody waits for it.

use rusqlite::{Transaction, params};

use super::fold::fold;
use crate::store::Survives;
use crate::{Error, History};

/// The most text that is indexed in one transaction, in bytes: others may have to wait for it.
const BATCH: usize = 96 * 1024;
/// And the most rows.
const ROWS: u32 = 200;
/// Of a longer text the beginning is indexed, so many bytes. No answer is so long.
const MOST: usize = 4 * 1024 * 1024;
/// The last characters begin a group of three, too.
const END: &str = "   ";

/// How far the index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indexed {
    /// Texts that still wait.
    pub left: u32,
}

impl History {
    /// Indexes some of what was written since, the newest first. To be called until nothing is
    /// left, with pauses in which others can write.
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::Busy`], [`Error::Corrupt`].
    pub fn index_some(&self) -> Result<Indexed, Error> {
        self.index_up_to(BATCH, ROWS)
    }

    /// As [`History::index_some`], up to so many bytes and rows at once.
    ///
    /// # Errors
    /// As [`History::index_some`].
    pub fn index_up_to(&self, bytes: usize, rows: u32) -> Result<Indexed, Error> {
        let waiting = "SELECT EXISTS (SELECT 1 FROM to_index)";
        let some: bool =
            self.read(|connection| Ok(connection.query_row(waiting, [], |row| row.get(0))?))?;
        if !some {
            return Ok(Indexed { left: 0 });
        }
        self.write(Survives::Kill, |transaction| {
            let mut room = bytes;
            index(transaction, "title", &mut room, rows)?;
            index(transaction, "message", &mut room, rows)?;
            let left = transaction
                .prepare_cached("SELECT count(*) FROM to_index")?
                .query_row([], |row| row.get(0))?;
            Ok(Indexed { left })
        })
    }
}

fn index(
    transaction: &Transaction<'_>,
    part: &str,
    room: &mut usize,
    rows: u32,
) -> Result<(), Error> {
    let (table, text) = match part {
        "title" => ("titles", "SELECT title FROM conversation WHERE key = ?1"),
        _ => (
            "said",
            // An answer that began to grow again is indexed when it ends.
            "SELECT text FROM message WHERE key = ?1 AND status <> 'streaming'",
        ),
    };
    let mut waiting = transaction
        .prepare_cached("SELECT row FROM to_index WHERE part = ?1 ORDER BY row DESC LIMIT ?2")?;
    let waiting: Vec<i64> = waiting
        .query_map(params![part, rows], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut read = transaction.prepare_cached(text)?;
    let mut drop_old =
        transaction.prepare_cached(&format!("DELETE FROM {table} WHERE rowid = ?1"))?;
    let mut put = transaction.prepare_cached(&format!(
        "INSERT INTO {table} (rowid, {}) VALUES (?1, ?2)",
        match part {
            "title" => "title",
            _ => "text",
        }
    ))?;
    let mut done =
        transaction.prepare_cached("DELETE FROM to_index WHERE part = ?1 AND row = ?2")?;
    for row in waiting {
        if *room == 0 {
            break;
        }
        let mut rows = read.query([row])?;
        let folded = match rows.next()? {
            Some(row) => {
                let text = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
                *room = room.saturating_sub(text.len());
                Some(fold(&text[..text.floor_char_boundary(MOST)]) + END)
            }
            None => None,
        };
        drop(rows);
        drop_old.execute([row])?;
        if let Some(folded) = folded {
            put.execute(params![row, folded])?;
        }
        done.execute(params![part, row])?;
    }
    Ok(())
}
