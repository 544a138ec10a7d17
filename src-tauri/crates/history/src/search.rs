//! Finding messages and conversations by what they say.
//!
//! The index knows which three characters follow each other in a text, not where. It says which
//! messages may hold the words, the newest first; each is looked at, until there are enough. So the
//! time goes with what is shown, not with what is stored, and nothing that is shown is a guess.

mod excerpt;
mod few;
mod filter;
mod fold;
mod index;
mod short;
mod titles;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params_from_iter};

use self::filter::Filter;
use crate::threads::visible;
use crate::{Conversation, ConversationId, Error, History, MessageId, Role};

pub use excerpt::Piece;
pub use index::Indexed;

/// The most words that are looked for at once.
pub const MAX_WORDS: usize = 16;
/// The longest word or phrase that is looked for, in bytes.
pub const MAX_WORD: usize = 400;
/// So many hits in one conversation are enough; whoever wants all of them opens it.
const PER_CONVERSATION: usize = 4;
/// So many of those that wait for being indexed are looked at one by one.
const WAITING: usize = 400;
/// Messages that are read between two looks at the clock, where no index leads.
const WINDOW: i64 = 2_000;
/// Three characters that follow each other, looked up in one search.
const TRIGRAMS: usize = 12;

/// What is looked for. What is not set does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Words and phrases, all of which must be there, in any order. At most [`MAX_WORDS`].
    pub words: Vec<String>,
    /// The model has this in its id.
    pub model: Option<String>,
    /// Written before this, in milliseconds since 1970 UTC.
    pub before_ms: Option<i64>,
    /// Written at this or after it, in milliseconds since 1970 UTC.
    pub after_ms: Option<i64>,
    /// In a folder whose name begins so.
    pub folder: Option<String>,
    /// With a block of code.
    pub code: bool,
    /// With a file or an image.
    pub file: bool,
    /// It cost at least so much, in nano-USD.
    pub cost_from: Option<i64>,
    /// It cost at most so much, in nano-USD.
    pub cost_to: Option<i64>,
}

impl Wanted {
    /// Nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Some single message is asked for, not only conversations as a whole.
    fn concerns_messages(&self) -> bool {
        let cost = self.cost_from.is_some() || self.cost_to.is_some();
        !self.words.is_empty() || self.model.is_some() || self.code || self.file || cost
    }
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Which.
    pub message: MessageId,
    /// Where.
    pub conversation: ConversationId,
    /// What that is called.
    pub title: String,
    /// Who speaks.
    pub role: Role,
    /// The model asked.
    pub model: Option<String>,
    /// When, in milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// What it says around the first hit.
    pub excerpt: Vec<Piece>,
}

/// What was found among the messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matches {
    /// The newest first.
    pub list: Vec<Match>,
    /// Where to look on: there may be older ones.
    pub next: Option<Older>,
}

/// A place in the order of search: what is older than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Older(pub i64);

/// A conversation whose title was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TitleMatch {
    /// Which.
    pub conversation: Conversation,
    /// Its title, with the hits.
    pub title: Vec<Piece>,
}

impl History {
    /// Messages that say what is wanted, of all branches, the newest first; at most `limit`, and at
    /// most four of one conversation. `go_on` is asked again and again, with how many were
    /// found so far: at its first no, those are the answer, and [`Matches::next`] says where to go on.
    ///
    /// What is deleted or temporary is not searched.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for too many or too long words, [`Error::Corrupt`].
    pub fn search_messages(
        &self,
        wanted: &Wanted,
        limit: usize,
        older: Option<Older>,
        go_on: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Matches, Error> {
        let words = folded(&wanted.words)?;
        if !wanted.concerns_messages() || (words.is_empty() && !wanted.words.is_empty()) {
            return Ok(Matches::default());
        }
        self.read(|connection| {
            let mut search = Search {
                connection,
                wanted,
                filter: Filter::of_messages(wanted),
                words: &words,
                limit,
                found: Vec::new(),
                folded: String::new(),
                looked: 0,
                next: None,
            };
            search.run(older.map_or(i64::MAX, |Older(key)| key), go_on)?;
            search.into_matches()
        })
    }

    /// Conversations whose titles hold the words, and which are as wanted; those in use last come
    /// first. At most `limit`. Of very many that fit, those that were used or begun last. `go_on` is
    /// asked again and again: at its first no, what was found so far is the answer.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for too many or too long words, [`Error::Corrupt`].
    pub fn search_titles(
        &self,
        wanted: &Wanted,
        limit: usize,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<TitleMatch>, Error> {
        let words = folded(&wanted.words)?;
        // What concerns single messages is no property of a title.
        if wanted.is_empty() || wanted.code || wanted.file || words.len() < wanted.words.len() {
            return Ok(Vec::new());
        }
        self.read(|connection| titles::find(connection, wanted, &words, limit, go_on))
    }
}

fn folded(words: &[String]) -> Result<Vec<String>, Error> {
    if words.len() > MAX_WORDS || words.iter().any(|word| word.len() > MAX_WORD) {
        return Err(Error::TooLarge {
            what: "search",
            limit: MAX_WORDS,
        });
    }
    let words = words.iter().map(|word| fold::fold(word));
    Ok(words
        .filter(|word| !word.trim().is_empty())
        .map(|word| word.trim().to_owned())
        .collect())
}

/// What the index is asked: three characters that follow each other in the words, which all have to
/// be there. `None` when no word is so long.
fn trigrams(words: &[String]) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    for word in words {
        let chars: Vec<char> = word.chars().collect();
        parts.extend(
            chars
                .windows(3)
                .map(|three| three.iter().collect::<String>()),
        );
    }
    // Those that look rare tell the most, and are followed first. What is found is looked at anyway.
    parts.sort_unstable_by_key(|part| (part.chars().map(commonness).sum::<u32>(), part.clone()));
    parts.dedup();
    parts.truncate(TRIGRAMS);
    let quoted: Vec<String> = parts.iter().map(|part| short::quoted(part)).collect();
    (!quoted.is_empty()).then(|| quoted.join(" AND "))
}

/// How often a character is met, roughly, where most is written in Latin letters.
fn commonness(c: char) -> u32 {
    match c {
        ' ' | 'e' | 't' | 'a' | 'o' | 'i' | 'n' => 4,
        's' | 'r' | 'h' | 'l' | 'd' | 'u' | 'c' | 'm' => 3,
        'a'..='z' => 2,
        '0'..='9' | '.' | ',' => 1,
        _ => 0,
    }
}

/// A candidate: what is needed to judge and to show it.
struct Candidate {
    key: i64,
    conversation_key: i64,
    shown: Match,
    text: String,
}

/// What is shown of a message beside what it says, for the few that say what is wanted.
const SHOWN: &str = "SELECT m.id, c.id, c.title, m.role, m.model, m.created_ms
    FROM message m JOIN conversation c ON c.key = m.conversation
    WHERE m.key = ?1 AND c.deleted_ms IS NULL";

struct Search<'a> {
    connection: &'a Connection,
    wanted: &'a Wanted,
    filter: Filter,
    words: &'a [String],
    limit: usize,
    found: Vec<Candidate>,
    /// The text that is being looked at, as it is compared.
    folded: String,
    /// How many were looked at.
    looked: usize,
    /// Where the search stopped before its end.
    next: Option<i64>,
}

impl Search<'_> {
    fn run(&mut self, below: i64, go_on: &mut dyn FnMut(usize) -> bool) -> Result<(), Error> {
        if let Some(keys) = few::keys(self.connection, self.wanted)? {
            let keys: Vec<String> = keys.iter().map(i64::to_string).collect();
            let list = format!("[{}]", keys.join(","));
            let enough = self.limit;
            return self.take(
                "json_each(?) few CROSS JOIN message m ON m.key = few.value",
                "m.key < ?",
                &[list.into(), below.into()],
                enough,
                go_on,
            );
        }
        match trigrams(self.words) {
            Some(query) => {
                self.waiting(below, go_on)?;
                self.indexed(&query, below, go_on)
            }
            // Dense ones are soon found in the newest; rare ones by the index.
            None => self.short(below, go_on),
        }
    }

    /// Those that wait for being indexed, the newest of them.
    fn waiting(&mut self, below: i64, go_on: &mut dyn FnMut(usize) -> bool) -> Result<(), Error> {
        let source = format!(
            "(SELECT row FROM to_index WHERE part = 'message' AND row < ? ORDER BY row DESC
              LIMIT {WAITING}) w CROSS JOIN message m ON m.key = w.row"
        );
        let enough = self.limit;
        self.take(
            &source,
            "true ORDER BY m.key DESC",
            &[below.into()],
            enough,
            go_on,
        )?;
        Ok(())
    }

    fn indexed(
        &mut self,
        query: &str,
        below: i64,
        go_on: &mut dyn FnMut(usize) -> bool,
    ) -> Result<(), Error> {
        let enough = self.found.len() + self.limit;
        self.take(
            "said CROSS JOIN message m ON m.key = said.rowid",
            "said MATCH ? AND said.rowid < ? ORDER BY said.rowid DESC",
            &[query.to_owned().into(), below.into()],
            enough,
            go_on,
        )
    }

    /// Without a word that is long enough for the index: the newest are read one by one, window by
    /// window, and where the index has few of them, by it.
    fn short(&mut self, below: i64, go_on: &mut dyn FnMut(usize) -> bool) -> Result<(), Error> {
        let newest: i64 = self
            .connection
            .prepare_cached("SELECT coalesce(max(key), 0) FROM message")?
            .query_row([], |row| row.get(0))?;
        let mut top = below.min(newest.saturating_add(1));
        let mut windows = 0;
        while top > 0 {
            if windows == 2 && !self.words.is_empty() {
                match short::query(self.connection, "said_terms", self.words)? {
                    Some(query) => {
                        self.waiting(top, go_on)?;
                        return self.indexed(&query, top, go_on);
                    }
                    None => return self.waiting(top, go_on),
                }
            }
            let bottom = top.saturating_sub(WINDOW).max(0);
            let enough = self.limit;
            self.take(
                "message m",
                "m.key >= ? AND m.key < ? ORDER BY m.key DESC",
                &[bottom.into(), top.into()],
                enough,
                go_on,
            )?;
            if self.next.is_some() || self.found.len() >= self.limit {
                return Ok(());
            }
            top = bottom;
            windows += 1;
            if top > 0 && !go_on(self.found.len()) {
                self.next = Some(top);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Looks at what `source` gives, the newest first, until there are `enough` in all.
    fn take(
        &mut self,
        source: &str,
        condition: &str,
        values: &[Value],
        enough: usize,
        go_on: &mut dyn FnMut(usize) -> bool,
    ) -> Result<(), Error> {
        // Whether a row fits is a column: as a condition it would have SQLite look through all rows for one, and
        // nobody could end that.
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT m.key, m.conversation, m.text, (m.role <> 'system' {}) IS TRUE
             FROM {source} WHERE {condition}",
            self.filter.sql
        ))?;
        let values = self.filter.values.iter().chain(values);
        let mut rows =
            statement.query(params_from_iter(values.map(|value| value as &dyn ToSql)))?;
        while let Some(row) = rows.next()? {
            let key: i64 = row.get(0)?;
            if self.found.len() >= enough || (self.looked % 16 == 15 && !go_on(self.found.len())) {
                self.next = Some(self.next.map_or(key + 1, |next| next.max(key + 1)));
                break;
            }
            self.looked += 1;
            if row.get(3)?
                && let Some(candidate) = self.judge(row)?
            {
                self.found.push(candidate);
            }
        }
        Ok(())
    }

    fn judge(&mut self, row: &Row<'_>) -> Result<Option<Candidate>, Error> {
        let text = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        if !self.words.is_empty() {
            self.folded.clear();
            fold::fold_into(&mut self.folded, text);
            if !self.words.iter().all(|word| self.folded.contains(word)) {
                return Ok(None);
            }
        }
        let (key, conversation_key) = (row.get(0)?, row.get(1)?);
        let same = self.found.iter();
        let same = same.filter(|found| found.conversation_key == conversation_key);
        if same.clone().any(|found| found.key == key)
            || same.count() >= PER_CONVERSATION
            || !visible(self.connection, key)?
        {
            return Ok(None);
        }
        let shown = self
            .connection
            .prepare_cached(SHOWN)?
            .query_row([key], |row| {
                Ok(Match {
                    message: row.get(0)?,
                    conversation: row.get(1)?,
                    title: row.get(2)?,
                    role: row.get(3)?,
                    model: row.get(4)?,
                    created_ms: row.get(5)?,
                    excerpt: Vec::new(),
                })
            })
            .optional()?;
        Ok(shown.map(|shown| Candidate {
            key,
            conversation_key,
            shown,
            text: text.to_owned(),
        }))
    }

    fn into_matches(mut self) -> Result<Matches, Error> {
        self.found
            .sort_by_key(|candidate| std::cmp::Reverse(candidate.key));
        // Two sources may each have had enough: what is beyond the end of either comes later.
        let whole = |candidate: &Candidate| self.next.is_none_or(|next| candidate.key >= next);
        let mut next = self.next;
        let mut found: Vec<Candidate> = self.found.into_iter().filter(whole).collect();
        if found.len() > self.limit {
            found.truncate(self.limit);
            next = found.last().map(|last| last.key);
        }
        let code = self.wanted.code && self.words.is_empty();
        let list = found.into_iter().map(|candidate| Match {
            excerpt: excerpt::around(&candidate.text, self.words, code),
            ..candidate.shown
        });
        Ok(Matches {
            list: list.collect(),
            next: next.map(Older),
        })
    }
}
