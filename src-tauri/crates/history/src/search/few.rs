//! Conditions that few messages meet: those are looked at themselves, whatever they say. Walking
//! through all that say it until one of them is met would read everything there is.

use rusqlite::{Connection, params};

use super::Wanted;
use super::filter::like;
use crate::Error;

/// So many are few.
const FEW: usize = 2_000;
/// The most models that may have what is asked for in their names.
const MODELS: usize = 1_000;

/// The messages that meet a condition which few of them meet, the newest first. There may be some
/// that do not meet the others. `None` when each is met by many, or there is none.
pub(super) fn keys(connection: &Connection, wanted: &Wanted) -> Result<Option<Vec<i64>>, Error> {
    let mut best: Option<Vec<i64>> = None;
    let mut offer = |keys: Option<Vec<i64>>| {
        if let Some(keys) = keys
            && best.as_ref().is_none_or(|best| keys.len() < best.len())
        {
            best = Some(keys);
        }
    };
    if let Some(model) = &wanted.model {
        offer(of_models(connection, model)?);
    }
    if let Some(from) = wanted.cost_from.filter(|from| *from > 0) {
        offer(of_cost(connection, from, wanted.cost_to)?);
    }
    if let Some(keys) = &mut best {
        keys.sort_unstable_by(|a, b| b.cmp(a));
        keys.dedup();
    }
    Ok(best)
}

fn of_models(connection: &Connection, part: &str) -> Result<Option<Vec<i64>>, Error> {
    let mut keys = Vec::new();
    for column in ["model", "served_model"] {
        // From one name to the next, along the index: their number counts, not that of messages.
        let mut names = connection.prepare_cached(&format!(
            "WITH RECURSIVE each (name) AS (
                 SELECT min({column}) FROM message WHERE {column} IS NOT NULL
                 UNION ALL
                 SELECT (SELECT min({column}) FROM message WHERE {column} > each.name)
                 FROM each WHERE each.name IS NOT NULL
             )
             SELECT name FROM each WHERE name LIKE ?1 ESCAPE '\\' LIMIT {MODELS}"
        ))?;
        let names = names.query_map([like(part)], |row| row.get::<_, String>(0))?;
        let mut of = connection.prepare_cached(&format!(
            "SELECT key FROM message WHERE {column} = ?1 LIMIT ?2"
        ))?;
        for name in names {
            let room = i64::try_from(FEW + 1 - keys.len()).unwrap_or(1);
            for key in of.query_map(params![name?, room], |row| row.get(0))? {
                keys.push(key?);
            }
            if keys.len() > FEW {
                return Ok(None);
            }
        }
    }
    Ok(Some(keys))
}

fn of_cost(connection: &Connection, from: i64, to: Option<i64>) -> Result<Option<Vec<i64>>, Error> {
    let keys: Vec<i64> = connection
        .prepare_cached(&format!(
            "SELECT key FROM message INDEXED BY message_spent
             WHERE cost_nanos > 0 AND cost_nanos BETWEEN ?1 AND ?2 LIMIT {}",
            FEW + 1
        ))?
        .query_map([from, to.unwrap_or(i64::MAX)], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok((keys.len() <= FEW).then_some(keys))
}
