//! Words of one or two characters: shorter than what the index holds.
//!
//! They are a name in Chinese, or half a word. What the index holds is in order, so those of three
//! characters which begin with them lie together. An end of three characters is added to every
//! text, so that its last two begin something, too.

use rusqlite::Connection;

use crate::Error;

/// Each word may begin so many different groups of three; with more of them, it is everywhere.
const GROUPS: i64 = 200;

/// What the index is asked for words that are all too short for it. `None` when there are none, or
/// when a word stands nowhere.
pub(super) fn query(
    connection: &Connection,
    terms: &str,
    words: &[String],
) -> Result<Option<String>, Error> {
    let mut parts = Vec::new();
    let mut statement = connection.prepare_cached(&format!(
        "SELECT term FROM {terms} WHERE term >= ?1 AND term < ?2 LIMIT {GROUPS}"
    ))?;
    for word in words {
        // Nothing sorts after this character.
        let end = format!("{word}\u{10ffff}");
        let groups: Vec<String> = statement
            .query_map([word, &end], |row| row.get::<_, String>(0))?
            .collect::<Result<_, _>>()?;
        if groups.is_empty() {
            return Ok(None);
        }
        let groups: Vec<String> = groups.iter().map(|group| quoted(group)).collect();
        parts.push(format!("({})", groups.join(" OR ")));
    }
    Ok((!parts.is_empty()).then(|| parts.join(" AND ")))
}

pub(super) fn quoted(term: &str) -> String {
    format!("\"{}\"", term.replace('"', "\"\""))
}
