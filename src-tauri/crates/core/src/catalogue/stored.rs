//! The last copy, and what a newer list makes of it.

use super::shown;
use crate::wire::Model;
use openrouter::Listed;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

/// How long a model that is gone is remembered: its name stands in conversations.
const REMEMBERED_MS: i64 = 400 * 24 * 3_600_000;
/// Most that are remembered.
const GONE_MAX: usize = 1_000;
/// A file larger than this is none of ours.
const FILE_MAX: u64 = 64 * 1024 * 1024;

/// A list as it is kept between starts.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(super) struct Stored {
    pub fetched_ms: i64,
    /// For how long it need not be asked for again.
    #[serde(default)]
    pub fresh_ms: i64,
    #[serde(default)]
    pub tag: Option<String>,
    pub models: Vec<openrouter::Model>,
    #[serde(default)]
    pub gone: Vec<Gone>,
    /// What one key may use.
    #[serde(default)]
    pub mine: Option<Mine>,
    /// Who serves which model without keeping anything, by its id; none when that was never told.
    #[serde(default)]
    pub private: Option<BTreeMap<String, BTreeSet<String>>>,
}

/// A model that is not listed any more.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Gone {
    pub model: openrouter::Model,
    pub since_ms: i64,
}

/// What a key may use.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Mine {
    /// Which key: the beginning of its hash.
    pub key: String,
    #[serde(default)]
    pub tag: Option<String>,
    pub ids: BTreeSet<String>,
}

impl Stored {
    /// Takes over a list that has come.
    pub fn renew(&mut self, listed: Listed, now_ms: i64) {
        let there: HashSet<&str> = listed.models.iter().map(|model| &*model.id).collect();
        let left = std::mem::take(&mut self.models).into_iter();
        let left = left.map(|model| Gone {
            model,
            since_ms: now_ms,
        });
        let mut gone: Vec<Gone> = left
            .chain(std::mem::take(&mut self.gone))
            .filter(|gone| !there.contains(&*gone.model.id))
            .filter(|gone| now_ms - gone.since_ms < REMEMBERED_MS)
            .collect();
        gone.truncate(GONE_MAX);
        self.gone = gone;
        self.models = listed.models;
        self.tag = listed.tag;
        let fresh = listed.fresh.map(|age| i64::try_from(age.as_millis()));
        self.fresh_ms = fresh.and_then(Result::ok).unwrap_or_default();
    }

    /// As the window lists them, for this key.
    pub fn show(&self, key: Option<&str>) -> Vec<Model> {
        let mine = self
            .mine
            .as_ref()
            .filter(|mine| Some(&*mine.key) == key && !mine.ids.is_empty());
        let listed = self.models.iter().map(|raw| Model {
            private: self
                .private
                .as_ref()
                .map(|private| private.contains_key(&raw.id)),
            barred: mine.is_some_and(|mine| !mine.ids.contains(&raw.id)),
            ..shown::model(raw)
        });
        let gone = self.gone.iter().map(|gone| Model {
            gone_ms: Some(gone.since_ms),
            ..shown::model(&gone.model)
        });
        listed.chain(gone).collect()
    }

    pub fn read(path: &Path) -> Option<Self> {
        if fs::metadata(path).ok()?.len() > FILE_MAX {
            return None;
        }
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    pub fn write(&self, path: &Path) -> io::Result<()> {
        let next = path.with_extension("json.next");
        let mut file = File::create(&next)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        fs::rename(next, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(ids: &[&str]) -> Listed {
        let model = |id: &&str| openrouter::Model {
            id: (*id).to_owned(),
            ..openrouter::Model::default()
        };
        Listed {
            models: ids.iter().map(model).collect(),
            tag: None,
            fresh: None,
        }
    }

    fn gone(stored: &Stored) -> Vec<(String, i64)> {
        let shown = stored.show(None).into_iter();
        shown
            .filter_map(|model| Some((model.id, model.gone_ms?)))
            .collect()
    }

    #[test]
    fn a_model_that_is_gone_is_remembered_until_it_is_back_or_long_gone() {
        let mut stored = Stored::default();
        stored.renew(listed(&["a/a", "a/b", "a/c"]), 1);
        assert_eq!(gone(&stored), []);
        stored.renew(listed(&["a/a"]), 2);
        assert_eq!(gone(&stored), [("a/b".into(), 2), ("a/c".into(), 2)]);
        stored.renew(listed(&["a/a", "a/c"]), 3);
        assert_eq!(gone(&stored), [("a/b".into(), 2)], "one is back");
        stored.renew(listed(&["a/a", "a/c"]), 2 + REMEMBERED_MS);
        assert_eq!(gone(&stored), []);
    }

    #[test]
    fn what_the_account_bars_is_marked_for_its_key_alone() {
        let mut stored = Stored::default();
        stored.renew(listed(&["a/a", "a/b"]), 1);
        let barred = |stored: &Stored, key| -> Vec<bool> {
            stored.show(key).iter().map(|model| model.barred).collect()
        };
        stored.mine = Some(Mine {
            key: "k1".into(),
            tag: None,
            ids: BTreeSet::from(["a/a".into()]),
        });
        assert_eq!(barred(&stored, Some("k1")), [false, true]);
        assert_eq!(barred(&stored, Some("k2")), [false, false]);
        assert_eq!(barred(&stored, None), [false, false]);
    }
}
