//! Who serves a model: asked when somebody looks, remembered for a while.

use super::shown;
use crate::{
    Core, links, problem,
    wire::{Problem, ProblemCode as Code, Provider, Providers},
};

/// So long an answer holds, in milliseconds: what is told is of the last half hour.
const FRESH_MS: i64 = 5 * 60 * 1000;
/// Most models that are remembered.
const MOST: usize = 100;

/// Who serves a model, as of a time.
pub(super) struct Served {
    at_ms: i64,
    providers: Vec<Provider>,
}

impl Core {
    /// Who serves a model. What was told before comes with the reason when it can't be asked again.
    pub async fn providers(&self, id: &str) -> Providers {
        // The ending of a variant chooses among the same providers.
        let models = self.known_models().await;
        let Some(id) = super::variants::find(&models, id).map(|(model, _)| model.id.clone()) else {
            let text = "The list of models does not know this one, so nobody can be named.";
            return none(Problem::new(Code::OtherModel, text));
        };
        let now = self.0.ports.nature.now_ms();
        let catalogue = self.catalogue().await;
        if let Some(served) = catalogue.served.get(&id)
            && (0..FRESH_MS).contains(&(now - served.at_ms))
        {
            return Providers {
                providers: served.providers.clone(),
                problem: None,
            };
        }
        drop(catalogue);
        let key = self.key().ok();
        let answer = self.0.client.endpoints(key.as_ref(), &id).await;
        let mut catalogue = self.0.catalogue.lock().await;
        match answer {
            Ok(endpoints) => {
                let stored = catalogue.stored.as_ref();
                let private = stored.and_then(|s| s.private.as_ref());
                let keeps_nothing = |tag: &str| {
                    private.map(|all| all.get(&id).is_some_and(|tags| tags.contains(tag)))
                };
                let providers: Vec<_> = endpoints
                    .iter()
                    .map(|endpoint| Provider {
                        private: keeps_nothing(&endpoint.tag),
                        ..shown::provider(endpoint)
                    })
                    .filter(|provider| !provider.name.is_empty())
                    .collect();
                if catalogue.served.len() >= MOST {
                    catalogue.served.clear();
                }
                let served = Served {
                    at_ms: now,
                    providers: providers.clone(),
                };
                catalogue.served.insert(id, served);
                Providers {
                    providers,
                    problem: None,
                }
            }
            Err(error) => {
                let known = catalogue.served.get(&id);
                Providers {
                    providers: known.map_or_else(Vec::new, |served| served.providers.clone()),
                    problem: Some(problem::request(&error)),
                }
            }
        }
    }
}

impl Core {
    /// Opens the page of a listed model in the browser.
    ///
    /// # Errors
    /// No such model, or no browser could be opened.
    pub async fn open_model(&self, id: &str) -> Result<(), Problem> {
        let models = self.known_models().await;
        let listed = super::variants::find(&models, id).map(|(model, _)| &*model.id);
        let url = listed.and_then(|id| links::model(self.0.client.origin(), id));
        let unknown = || {
            let text = "The list of models does not know this one, so it has no page.";
            Problem::new(Code::OtherModel, text)
        };
        self.open_in_browser(url.ok_or_else(unknown)?).await
    }
}

fn none(problem: Problem) -> Providers {
    Providers {
        providers: Vec::new(),
        problem: Some(problem),
    }
}
