//! Conversations found by their titles.
//!
//! Sorting all that fit by when they were used would cost the more the more there are. So those in
//! use last are looked through first, in their order; only where they do not suffice, the index is
//! asked, which gives the newest first.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::filter::Filter;
use super::{TitleMatch, Wanted, excerpt, fold, short, trigrams};
use crate::Error;
use crate::conversations::{COLUMNS, conversation};

/// So many of those in use last are looked through one by one.
const IN_USE: usize = 1_000;
/// So many that wait for being indexed are looked at.
const WAITING: usize = 2_000;

pub(super) fn find(
    connection: &Connection,
    wanted: &Wanted,
    words: &[String],
    limit: usize,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Vec<TitleMatch>, Error> {
    let mut titles = Titles {
        connection,
        filter: Filter::of_conversations(wanted),
        words,
        limit,
        found: Vec::new(),
        stopped: false,
    };
    // Without words the index can't help: all are looked through, as long as there is time.
    let most = if words.is_empty() { usize::MAX } else { IN_USE };
    for pinned in [1_i64, 0] {
        titles.take(
            "conversation c INDEXED BY conversation_listed",
            "c.pinned = ? AND c.deleted_ms IS NULL ORDER BY c.updated_ms DESC, c.id DESC",
            &pinned.into(),
            most,
            go_on,
        )?;
    }
    if titles.found.len() < limit && !words.is_empty() {
        titles.take(
            "to_index w CROSS JOIN conversation c ON c.key = w.row",
            "w.part = ? ORDER BY w.row DESC",
            &Value::Text("title".into()),
            WAITING,
            go_on,
        )?;
        let query = match trigrams(words) {
            Some(query) => Some(query),
            None => short::query(connection, "title_terms", words)?,
        };
        if let Some(query) = query {
            titles.take(
                "titles CROSS JOIN conversation c ON c.key = titles.rowid",
                "titles MATCH ? ORDER BY titles.rowid DESC",
                &query.into(),
                usize::MAX,
                go_on,
            )?;
        }
    }
    titles.shown()
}

struct Titles<'a> {
    connection: &'a Connection,
    filter: Filter,
    words: &'a [String],
    limit: usize,
    /// When each was used, and its key.
    found: Vec<(i64, i64)>,
    /// There is no more time.
    stopped: bool,
}

impl Titles<'_> {
    /// Looks at `most` of what `source` gives, until it gave enough.
    fn take(
        &mut self,
        source: &str,
        condition: &str,
        value: &Value,
        most: usize,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT c.key, c.title, c.updated_ms, (c.deleted_ms IS NULL {}) IS TRUE
             FROM {source} WHERE {condition}",
            self.filter.sql
        ))?;
        let values = self.filter.values.iter().chain([value]);
        let mut rows = statement.query(params_from_iter(values))?;
        let (mut looked, mut taken) = (0, 0);
        while looked < most
            && taken < self.limit
            && !self.stopped
            && let Some(row) = rows.next()?
        {
            self.stopped = looked % 64 == 63 && !go_on();
            looked += 1;
            let key: i64 = row.get(0)?;
            let title = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            if !row.get::<_, bool>(3)? || self.found.iter().any(|(_, known)| *known == key) {
                continue;
            }
            let title = fold::fold(title);
            if self.words.iter().all(|word| title.contains(word)) {
                self.found.push((row.get(2)?, key));
                taken += 1;
            }
        }
        Ok(())
    }

    fn shown(mut self) -> Result<Vec<TitleMatch>, Error> {
        self.found
            .sort_unstable_by_key(|found| std::cmp::Reverse(*found));
        self.found.truncate(self.limit);
        let mut read = self
            .connection
            .prepare_cached(&format!("{COLUMNS} WHERE c.key = ?1"))?;
        let mut shown = Vec::new();
        for (_, key) in self.found {
            let conversation = read.query_row([key], conversation)?;
            let title = excerpt::marked(&conversation.title, self.words);
            shown.push(TitleMatch {
                conversation,
                title,
            });
        }
        Ok(shown)
    }
}
