//! Every model: fetched, kept for the next start, shown at once from the last copy.

mod providers;
pub(crate) mod shown;
mod stored;
pub(crate) mod variants;

use crate::{
    Core,
    app::blocking,
    files::parts::Takes,
    problem,
    wire::{AppEvent, Model, Models, Problem, Supports},
};
use openrouter::key_hash;
use providers::Served;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};
use stored::{Mine, Stored};
use tokio::sync::MutexGuard;

/// A copy older than this is shown and refreshed behind it, in milliseconds; the service may allow a longer time, …
const FRESH_MS: i64 = 15 * 60 * 1000;
/// … but not longer than this.
const FRESH_MAX_MS: i64 = 24 * 3_600_000;
/// So much of a key's hash tells it apart from another.
const KEY_LENGTH: usize = 16;

/// The models and when they were fetched.
pub(crate) struct Catalogue {
    path: PathBuf,
    /// The last copy was looked for on disk.
    read: bool,
    refreshing: bool,
    stored: Option<Stored>,
    /// As the window lists them, for the key that they were last listed for.
    models: Arc<Vec<Model>>,
    shown_for: Option<String>,
    problem: Option<Problem>,
    /// Who serves which model, as far as it was asked.
    served: HashMap<String, Served>,
}

impl Catalogue {
    pub fn new(folder: &Path) -> Self {
        Self {
            path: folder.join("models.json"),
            read: false,
            refreshing: false,
            stored: None,
            models: Arc::default(),
            shown_for: None,
            problem: None,
            served: HashMap::new(),
        }
    }

    fn show(&self) -> Models {
        Models {
            models: self.models.to_vec(),
            fetched_ms: self.stored.as_ref().map(|stored| stored.fetched_ms),
            problem: self.problem.clone(),
        }
    }

    fn list(&mut self, key: Option<String>) {
        let listed = self.stored.as_ref();
        self.models = Arc::new(listed.map_or_else(Vec::new, |s| s.show(key.as_deref())));
        self.shown_for = key;
    }
}

impl Core {
    /// The models as of the last copy. Without one, asks the service first; with an old one, or one that was made for
    /// another key, asks behind it and tells the windows.
    pub async fn models(&self) -> Models {
        let key = self.key_mark();
        let mut catalogue = self.catalogue().await;
        let Some(stored) = &catalogue.stored else {
            drop(catalogue);
            return self.refresh_models().await;
        };
        let age = self.0.ports.nature.now_ms() - stored.fetched_ms;
        let fresh = stored.fresh_ms.clamp(FRESH_MS, FRESH_MAX_MS);
        let others = key.is_some() && stored.mine.as_ref().map(|mine| &mine.key) != key.as_ref();
        // A clock that was set back must not make a copy fresh for years.
        if !(0..=fresh).contains(&age) || others {
            let core = self.clone();
            tokio::spawn(async move { core.refresh_models().await });
        }
        if catalogue.shown_for != key {
            catalogue.list(key);
        }
        catalogue.show()
    }

    /// Asks the service. What was there stays when that fails, with the reason.
    pub async fn refresh_models(&self) -> Models {
        let mark = self.key_mark();
        let mut catalogue = self.catalogue().await;
        if std::mem::replace(&mut catalogue.refreshing, true) {
            return catalogue.show();
        }
        let old = catalogue.stored.clone().unwrap_or_default();
        drop(catalogue);
        let known = (!old.models.is_empty())
            .then_some(old.tag.as_deref())
            .flatten();
        let (listed, mine, private) = tokio::join!(
            self.0.client.models(known),
            self.mine(mark.as_deref(), old.mine.as_ref()),
            self.private_endpoints(),
        );
        let now_ms = self.0.ports.nature.now_ms();
        let mut fresh = old;
        // What only adds to the list leaves it as it was when it can't be had.
        fresh.mine = mine.or(fresh.mine);
        fresh.private = private.or(fresh.private);
        let problem = match listed {
            Ok(None) => None,
            // An empty list is no list.
            Ok(Some(listed)) if listed.models.is_empty() && !fresh.models.is_empty() => None,
            Ok(Some(listed)) => {
                fresh.renew(listed, now_ms);
                None
            }
            Err(error) => Some(problem::request(&error)),
        };
        let done = problem.is_none();
        if done {
            fresh.fetched_ms = now_ms;
        }
        let mut catalogue = self.0.catalogue.lock().await;
        catalogue.refreshing = false;
        catalogue.problem = problem;
        if done || catalogue.stored.is_some() {
            catalogue.stored = Some(fresh.clone());
            catalogue.list(mark);
        }
        let shown = catalogue.show();
        let path = catalogue.path.clone();
        drop(catalogue);
        if done {
            // A copy that could not be written costs the next start a moment, nothing else.
            let _ = blocking(move || fresh.write(&path)).await;
        }
        self.tell(&AppEvent::Models);
        shown
    }

    /// What the key in hand may use; none when that can't be told.
    async fn mine(&self, mark: Option<&str>, old: Option<&Mine>) -> Option<Mine> {
        let (mark, key) = (mark?, self.key().ok()?);
        let old = old.filter(|old| old.key == mark);
        let tag = old.and_then(|old| old.tag.as_deref());
        match self.0.client.user_models(&key, tag).await.ok()? {
            None => old.cloned(),
            Some(listed) => Some(Mine {
                key: mark.to_owned(),
                tag: listed.tag,
                ids: listed.models.into_iter().map(|model| model.id).collect(),
            }),
        }
    }

    async fn private_endpoints(
        &self,
    ) -> Option<std::collections::BTreeMap<String, std::collections::BTreeSet<String>>> {
        let key = self.key().ok()?;
        let told = self.0.client.private_endpoints(&key).await.ok()?;
        (!told.is_empty()).then_some(told)
    }

    /// What tells the key in hand apart from another; none without one.
    fn key_mark(&self) -> Option<String> {
        let mut hash = key_hash(&self.key().ok()?);
        hash.truncate(KEY_LENGTH);
        Some(hash)
    }

    /// A model's name as people know it, its id where the catalogue has none; and what it takes, if that is known.
    pub(crate) async fn known_model(&self, id: &str) -> (String, Option<Supports>) {
        let catalogue = self.catalogue().await;
        match variants::find(&catalogue.models, id) {
            Some((model, name)) => (name, Some(model.supports.clone())),
            None => (variants::name(&catalogue.models, id), None),
        }
    }

    /// What a model takes and gives beside words.
    pub(crate) async fn takes(&self, id: &str) -> Takes {
        let catalogue = self.catalogue().await;
        let known = variants::find(&catalogue.models, id);
        known.map_or(Takes::UNKNOWN, |(model, _)| Takes {
            images: model.images,
            files: model.files,
            audio: model.audio,
            tools: model.tools,
            draws: model.draws,
        })
    }

    /// Every model, for the names of a whole thread at once.
    pub(crate) async fn known_models(&self) -> Arc<Vec<Model>> {
        Arc::clone(&self.catalogue().await.models)
    }

    /// The catalogue, with the last copy in it.
    async fn catalogue(&self) -> MutexGuard<'_, Catalogue> {
        let mut catalogue = self.0.catalogue.lock().await;
        if !catalogue.read {
            catalogue.read = true;
            let path = catalogue.path.clone();
            if let Ok(Some(stored)) = blocking(move || Stored::read(&path)).await {
                catalogue.stored = Some(stored);
                let key = self.key_mark();
                catalogue.list(key);
            }
        }
        catalogue
    }
}
