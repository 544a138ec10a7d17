//! Every model: fetched, kept for the next start, shown at once from the last copy.

use crate::{
    Core,
    app::blocking,
    links::clean,
    options, problem,
    wire::{AppEvent, Model, Models, Problem, Supports},
};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::MutexGuard;

/// A copy older than this is shown and refreshed behind it, in milliseconds.
const FRESH_MS: i64 = 15 * 60 * 1000;

/// The models and when they were fetched.
pub(crate) struct Catalogue {
    path: PathBuf,
    /// The last copy was looked for on disk.
    read: bool,
    refreshing: bool,
    models: Arc<Vec<Model>>,
    fetched_ms: Option<i64>,
    problem: Option<Problem>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    fetched_ms: i64,
    models: Vec<openrouter::Model>,
}

impl Catalogue {
    pub fn new(folder: &Path) -> Self {
        Self {
            path: folder.join("models.json"),
            read: false,
            refreshing: false,
            models: Arc::default(),
            fetched_ms: None,
            problem: None,
        }
    }

    fn show(&self) -> Models {
        Models {
            models: self.models.to_vec(),
            fetched_ms: self.fetched_ms,
            problem: self.problem.clone(),
        }
    }
}

impl Core {
    /// The models as of the last copy. Without one, asks the service first; with an old one, asks behind it and tells
    /// the windows.
    pub async fn models(&self) -> Models {
        let catalogue = self.catalogue().await;
        let age = catalogue
            .fetched_ms
            .map(|at| self.0.ports.nature.now_ms() - at);
        if age.is_none() {
            drop(catalogue);
            return self.refresh_models().await;
        }
        if age.is_some_and(|age| age > FRESH_MS) {
            let core = self.clone();
            tokio::spawn(async move { core.refresh_models().await });
        }
        catalogue.show()
    }

    /// Asks the service. What was there stays when that fails, with the reason.
    pub async fn refresh_models(&self) -> Models {
        let mut catalogue = self.0.catalogue.lock().await;
        if std::mem::replace(&mut catalogue.refreshing, true) {
            return catalogue.show();
        }
        drop(catalogue);
        let answer = self.0.client.models().await;
        let mut catalogue = self.0.catalogue.lock().await;
        catalogue.refreshing = false;
        match answer {
            Ok(models) if models.is_empty() && !catalogue.models.is_empty() => {}
            Ok(models) => {
                let stored = Stored {
                    fetched_ms: self.0.ports.nature.now_ms(),
                    models,
                };
                catalogue.models = Arc::new(stored.models.iter().map(model).collect());
                catalogue.fetched_ms = Some(stored.fetched_ms);
                catalogue.problem = None;
                let path = catalogue.path.clone();
                // A copy that could not be written costs the next start a moment, nothing else.
                let _ = blocking(move || write(&path, &stored)).await;
            }
            Err(error) => catalogue.problem = Some(problem::request(&error)),
        }
        self.tell(&AppEvent::Models);
        catalogue.show()
    }

    /// A model's name as people know it, its id where the catalogue has none; and what it takes, if that is known.
    pub(crate) async fn known_model(&self, id: &str) -> (String, Option<Supports>) {
        let catalogue = self.catalogue().await;
        let known = catalogue.models.iter().find(|model| model.id == id);
        match known {
            Some(model) => (model.name.clone(), Some(model.supports.clone())),
            None => (id.to_owned(), None),
        }
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
            if let Ok(Some(stored)) = blocking(move || read(&path)).await {
                catalogue.models = Arc::new(stored.models.iter().map(model).collect());
                catalogue.fetched_ms = Some(stored.fetched_ms);
            }
        }
        catalogue
    }
}

fn read(path: &Path) -> Option<Stored> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn write(path: &Path, stored: &Stored) -> io::Result<()> {
    let next = path.with_extension("json.next");
    fs::write(&next, serde_json::to_vec(stored)?)?;
    fs::rename(next, path)
}

/// From the service's words to the window's. Texts are bounded and lose what could mislead the eye.
fn model(model: &openrouter::Model) -> Model {
    let takes = |what: &str| {
        model
            .architecture
            .input_modalities
            .iter()
            .any(|m| m == what)
    };
    let can = |what: &str| model.supported_parameters.iter().any(|p| p == what);
    let slug = model.id.split('/').next_back().unwrap_or(&model.id);
    let (author, name) = match model.name.split_once(": ") {
        Some((author, name)) => (author, name),
        None => (
            model.id.split('/').next().unwrap_or_default(),
            model.name.as_str(),
        ),
    };
    Model {
        id: model.id.clone(),
        name: clean(if name.trim().is_empty() { slug } else { name }, 120),
        author: clean(author, 60),
        description: clean(&model.description, 1000),
        context: model.context_length.filter(|n| *n > 0),
        longest_answer: model.top_provider.max_completion_tokens.filter(|n| *n > 0),
        input_price: price(model.pricing.prompt.as_deref()),
        output_price: price(model.pricing.completion.as_deref()),
        cached_price: price(model.pricing.input_cache_read.as_deref()),
        free: model.is_free(),
        images: takes("image"),
        files: takes("file"),
        thinks: model.reasoning.is_some() || can("reasoning"),
        tools: can("tools"),
        supports: options::supports(model),
        created_ms: model.created.saturating_mul(1000),
        expires: model.expiration_date.as_deref().map(|day| clean(day, 10)),
    }
}

/// Dollars for a token as a decimal string to dollars for a million; `-1` means that it varies.
fn price(text: Option<&str>) -> Option<f64> {
    let price: f64 = text?.parse().ok()?;
    (price.is_finite() && price >= 0.0).then_some(price * 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_and_prices_become_plain_ones() {
        let raw: openrouter::Model = serde_json::from_value(serde_json::json!({
            "id": "evil/m", "name": "Ev\u{202e}il:\u{20}<b>Model</b>\u{0007}",
            "pricing": {"prompt": "-1", "completion": "0.000015", "input_cache_read": "NaN"},
            "architecture": {"input_modalities": ["text", "image"]},
            "supported_parameters": ["reasoning"]
        }))
        .unwrap();
        let model = model(&raw);
        assert_eq!(
            (model.author.as_str(), model.name.as_str()),
            ("Evil", "<b>Model</b>")
        );
        assert_eq!((model.input_price, model.cached_price), (None, None));
        assert!(model.output_price.is_some_and(|p| (p - 15.0).abs() < 1e-9));
        assert!(model.images && model.thinks && !model.files && !model.tools && !model.free);
    }

    #[test]
    fn a_model_without_a_name_is_called_by_its_slug() {
        let raw: openrouter::Model = serde_json::from_str(r#"{"id":"a/b-c"}"#).unwrap();
        assert_eq!(model(&raw).name, "b-c");
    }
}
