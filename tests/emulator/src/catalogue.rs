//! The models, and the routes that tell about them. All are keyless but `/models/user`.

mod emulated;
mod generate;
mod lines;
mod model;
mod offers;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) use model::Model;
pub(crate) use offers::{Offer, endpoints, private};

use crate::Recorded;
use crate::reply::{self, Answer, Reply};
use crate::state::hex;

const MODALITIES: [&str; 10] = [
    "text",
    "image",
    "embeddings",
    "audio",
    "video",
    "rerank",
    "decisions",
    "speech",
    "transcription",
    "all",
];

pub(crate) struct Catalogue {
    models: Vec<Model>,
}

impl Catalogue {
    /// The one catalogue: it is the same for every emulator, and takes a while to make.
    pub fn get() -> &'static Self {
        static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue {
            models: generate::models(),
        });
        &CATALOGUE
    }

    /// The model of an id: itself, what an alias or a dynamic variant (`:nitro`) stands for, or
    /// what an emulated pattern (`emulator/prose-700@90`) describes.
    pub fn find(&self, id: &str) -> Option<Model> {
        let listed = |id: &str| self.models.iter().find(|model| model.id == id);
        let base = || {
            let (base, variant) = id.rsplit_once(':')?;
            let is_dynamic = matches!(
                variant,
                "nitro" | "floor" | "exacto" | "online" | "thinking" | "extended"
            );
            listed(base).filter(|_| is_dynamic)
        };
        let found = listed(id).or_else(base);
        if let Some(target) = found.and_then(|model| model.alias_target.as_ref()) {
            return listed(&target.slug).cloned();
        }
        found.cloned().or_else(|| {
            let slug = id.strip_prefix("emulator/")?;
            crate::chat::is_pattern(slug)
                .then(|| generate::special(id, &format!("Emulator: {slug}"), "", 0))
        })
    }

    /// What a router sends the request to; other models serve themselves.
    pub fn routed(&self, model: Model) -> Model {
        let served = match model.id.as_str() {
            "openrouter/auto" => self.find("anthropic/claude-sonnet-4.6"),
            "openrouter/free" => self
                .models
                .iter()
                .find(|m| m.id.ends_with(":free") && m.writes_text())
                .cloned(),
            _ => None,
        };
        served.unwrap_or(model)
    }

    fn in_query(&self, request: &Recorded) -> Result<Vec<&Model>, Reply> {
        let csv = |name: &str| -> Option<Vec<String>> {
            Some(
                request
                    .parameter(name)?
                    .split(',')
                    .map(|word| word.trim().to_owned())
                    .collect(),
            )
        };
        let output = csv("output_modalities").unwrap_or_else(|| vec!["text".to_owned()]);
        let input = csv("input_modalities").unwrap_or_default();
        for (name, asked) in [("output_modalities", &output), ("input_modalities", &input)] {
            let is_known = |word: &String| {
                MODALITIES.contains(&word.as_str())
                    || (word == "file" && name == "input_modalities")
            };
            if !asked.iter().all(is_known) {
                return Err(reply::zod(name, "modality", "Invalid input"));
            }
        }
        let parameters = csv("supported_parameters").unwrap_or_default();
        let search = request.parameter("q").unwrap_or_default().to_lowercase();
        let is_asked = |model: &&Model| {
            let writes = &model.architecture.output_modalities;
            output
                .iter()
                .any(|kind| kind == "all" || writes.contains(&kind.as_str()))
                && input.iter().all(|kind| model.reads(kind))
                && parameters
                    .iter()
                    .all(|name| model.supported_parameters.contains(&name.as_str()))
                && (model.name.to_lowercase().contains(&search) || model.id.contains(&search))
        };
        let mut models: Vec<&Model> = self.models.iter().filter(is_asked).collect();
        let price = |model: &&Model| model.prices(0).0;
        match request.parameter("sort").as_deref() {
            Some("most-popular" | "top-weekly") => models.sort_by_key(|model| model.place),
            Some("pricing-low-to-high") => models.sort_by(|a, b| price(a).total_cmp(&price(b))),
            Some("pricing-high-to-low") => models.sort_by(|a, b| price(b).total_cmp(&price(a))),
            Some("context-high-to-low") => {
                models.sort_by_key(|model| std::cmp::Reverse(model.context_length));
            }
            _ => {}
        }
        Ok(models)
    }
}

/// Every model of every kind, as `GET /models?output_modalities=all` lists them: as many as the service had.
#[must_use]
pub fn whole() -> Vec<u8> {
    serde_json::to_vec(&json!({ "data": Catalogue::get().models })).unwrap_or_default()
}

/// `GET /models`, or what of it is left for a user without those whose id begins so.
pub(crate) fn list(request: &Recorded, catalogue: &Catalogue, barred: &[String]) -> Answer {
    let mut models = catalogue.in_query(request)?;
    models.retain(|model| !barred.iter().any(|start| model.id.starts_with(start)));
    let number = |name: &str| {
        request
            .parameter(name)
            .and_then(|text| text.parse::<usize>().ok())
    };
    let (offset, limit) = (number("offset"), number("limit"));
    let total = models.len();
    let start = offset.unwrap_or(0).min(total);
    // Pages are opt-in: without either parameter the list is whole.
    let length = match (offset, limit) {
        (None, None) => total,
        _ => limit.unwrap_or(100).min(1000),
    };
    let end = (start + length).min(total);
    let next = (end < total).then(|| format!("/api/v1/models?offset={end}&limit={length}"));
    #[derive(Serialize)]
    struct Page<'a> {
        data: &'a [&'a Model],
        total_count: usize,
        links: Value,
    }
    let page = Page {
        data: &models[start..end],
        total_count: total,
        links: json!({ "next": next }),
    };
    let body = serde_json::to_vec(&page).unwrap_or_default();
    let tag = format!("W/\"{}\"", &hex(&Sha256::digest(&body))[..16]);
    let is_known = request.header("if-none-match") == Some(tag.as_str());
    let mut reply = if is_known {
        reply::with(304, "application/json", Bytes::new())
    } else {
        reply::with(200, "application/json", body.into())
    };
    let age = "public, max-age=120, stale-while-revalidate=3600";
    reply::set_header(&mut reply, "cache-control", age);
    reply::set_header(&mut reply, "etag", &tag);
    Ok(reply)
}

/// `GET /models/count`
pub(crate) fn count(request: &Recorded, catalogue: &Catalogue) -> Answer {
    let count = catalogue.in_query(request)?.len();
    Ok(reply::json(200, &json!({ "data": { "count": count } })))
}

/// `GET /model/{author}/{slug}`
pub(crate) fn one(id: &str, catalogue: &Catalogue) -> Reply {
    match catalogue.find(id) {
        Some(model) => reply::json(200, &json!({ "data": model })),
        None => reply::error(404, "Model not found"),
    }
}

/// `GET /providers`
pub(crate) fn providers(catalogue: &Catalogue) -> Reply {
    let named: BTreeMap<&str, &str> = catalogue
        .models
        .iter()
        .map(|model| (model.author(), model.provider()))
        .collect();
    let data: Vec<Value> = named
        .into_iter()
        .map(|(slug, name)| {
            json!({
                "name": name, "slug": slug,
                "privacy_policy_url": format!("https://example.org/{slug}/privacy"),
                "terms_of_service_url": null, "status_page_url": null, "headquarters": "US",
                "datacenters": ["US"],
            })
        })
        .collect();
    reply::json(200, &json!({ "data": data }))
}
