//! What the service does beside asking the model: it reads PDF files, searches the web, draws.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::parts;
use crate::catalogue::Model;
use crate::state::State;

/// US dollars for reading one page of a scan, and for one search.
const PAGE: f64 = 0.002;
const SEARCH: f64 = 0.02;

/// A picture of 16 by 16 pixels.
const PICTURE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAABlklEQVR42hXRURVEIQhFUSMYgQhGMAIRiGCEE8EIRiACEYhABCLMG7/ZrMt1jMEcyGAN9kAHNjgDBnfwBj6IQQ5q0IMxJnMikzXZE53Y5EyY3Mmb+CQmOalJzw8IUxBhCVtQwYQjIFzhCS6EkEIJLR9YzIUs1mIvdGGLs2BxF2/hi1jkoha9PrCZG9mszd7oxjZnw+Zu3sY3sclNbXp/QJmKKEvZiiqmHAXlKk9xJZRUSmn9gDENMZaxDTXMOAbGNZ7hRhhplNH2gcM8yGEd9kEPdjgHDvfwDn6IQx7q0OcD/wK/Sr4jv9hfkG/1N/x/Fx44BCQU9Pc94zIvclmXfdGLXc79j9/Lu/glLnmpS98PPOZDHuuxH/qwx3n/5ffxHv6IRz7q0e8DznTEWc521DHn+D/KdZ7jTjjplNP+gWAGEqxgBxpYcOIf/AYv8CCCDCro+EAyE0lWshNNLDn5P/MmL/Ekkkwq6fxAMQspVrELLaw49S/lFq/wIoosquj6QDMbaVazG22sOf2v8Dav8SaabKrp5geIAnAQC3NfwAAAAABJRU5ErkJggg==";

/// What comes with an answer, and what it costs.
#[derive(Default)]
pub(super) struct Extras {
    pub annotations: Vec<Value>,
    pub images: Vec<Value>,
    pub searches: u32,
    /// Of the cost, what the searches cost; in US dollars.
    pub search_cost: f64,
    /// In US dollars, searches included.
    pub cost: f64,
}

impl Extras {
    pub fn of(body: &Value, model: &Model, state: &mut State) -> Self {
        let mut extras = Self::default();
        extras.read(body, model, state);
        if searches(body) {
            extras.searches = 1;
            extras.search_cost = SEARCH;
            extras.cost += SEARCH;
            extras.annotations.extend(sources());
        }
        if draws(body, model) {
            extras
                .images
                .push(json!({"type": "image_url", "image_url": {"url": PICTURE}}));
        }
        extras
    }

    /// Reads each PDF that no annotation in the request brings already.
    fn read(&mut self, body: &Value, model: &Model, state: &mut State) {
        let named = plugin(body, "file-parser").map(|plugin| plugin["pdf"]["engine"].clone());
        let engine = match named.as_ref().and_then(Value::as_str) {
            Some("native") | None if model.reads("file") => return,
            Some("native") | None => "mistral-ocr",
            Some("pdf-text") => "cloudflare-ai",
            Some(other) => other,
        };
        let known: Vec<&Value> = annotations(body).map(|one| &one["file"]["hash"]).collect();
        for part in parts(body).filter(|part| part["type"] == "file") {
            let Some(bytes) = bytes(&part["file"]["file_data"]) else {
                continue;
            };
            let hash: [u8; 32] = Sha256::digest(&bytes).into();
            let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            if known.iter().any(|known| **known == hash) {
                continue;
            }
            let name = part["file"]["filename"].as_str().unwrap_or_default();
            state.readings.push((name.to_owned(), engine.to_owned()));
            if engine == "mistral-ocr" {
                self.cost += PAGE * pages(&bytes) as f64;
            }
            let content: Vec<Value> = [
                format!("<file name=\"{name}\">"),
                format!("### Page 1\n{}", shown(&bytes)),
                "</file>".to_owned(),
            ]
            .into_iter()
            .map(|text| json!({"type": "text", "text": text}))
            .collect();
            self.annotations.push(json!({
                "type": "file", "file": {"hash": hash, "name": name, "content": content}
            }));
        }
    }
}

/// Whether pictures come with the answer.
pub(super) fn draws(body: &Value, model: &Model) -> bool {
    let mut asked = body["modalities"].as_array().into_iter().flatten();
    model.architecture.output_modalities.contains(&"image")
        && asked.any(|modality| modality == "image")
}

fn plugin<'a>(body: &'a Value, id: &str) -> Option<&'a Value> {
    let plugins = body["plugins"].as_array()?;
    plugins
        .iter()
        .find(|plugin| plugin["id"] == id && plugin["enabled"] != false)
}

fn searches(body: &Value) -> bool {
    let tools = body["tools"].as_array().into_iter().flatten();
    plugin(body, "web").is_some()
        || tools
            .into_iter()
            .any(|tool| tool["type"] == "openrouter:web_search")
}

fn annotations(body: &Value) -> impl Iterator<Item = &Value> {
    let messages = body["messages"].as_array().into_iter().flatten();
    messages
        .filter_map(|message| message["annotations"].as_array())
        .flatten()
}

fn bytes(data_url: &Value) -> Option<Vec<u8>> {
    let (_, text) = data_url.as_str()?.split_once(";base64,")?;
    STANDARD.decode(text).ok()
}

fn pages(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    let counts = text.split("/Count ").skip(1);
    counts
        .filter_map(|rest| {
            rest.split(|c: char| !c.is_ascii_digit())
                .next()?
                .parse()
                .ok()
        })
        .max()
        .unwrap_or(1)
}

/// The strings that a plain PDF shows.
fn shown(pdf: &[u8]) -> String {
    let text = String::from_utf8_lossy(pdf);
    let strings = text
        .split(") Tj")
        .filter_map(|before| before.rsplit_once('(').map(|(_, words)| words));
    let shown: Vec<&str> = strings.take(100).collect();
    shown.join("\n")
}

fn sources() -> [Value; 2] {
    let source = |url: &str, title: &str, from: u32| {
        json!({"type": "url_citation", "url_citation": {
            "url": url, "title": title, "content": "What the page says about it, in short.",
            "start_index": from, "end_index": from + 10,
        }})
    };
    [
        source("https://example.org/tides", "Tide tables", 0),
        source("https://example.com/harbour", "The harbour", 12),
    ]
}
