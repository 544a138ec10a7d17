//! Who serves a model: its author, and a company that serves all of them.

use serde_json::{Value, json};

use super::Catalogue;
use super::generate::chance;
use super::model::{Model, Pricing, per_token};
use crate::reply::{self, Reply};

/// A provider's offer of a model.
#[derive(Clone)]
pub(crate) struct Offer {
    pub provider: String,
    /// Its word in routing.
    pub tag: String,
    pub quantization: &'static str,
    /// US dollars for a token read and one written, in a short prompt.
    pub prices: (f64, f64),
    /// Seconds to the first token, and tokens a second.
    pub pace: (f64, f64),
    /// It keeps nothing.
    pub private: bool,
    /// It may train on what it is sent.
    pub trains: bool,
}

impl Model {
    pub fn offers(&self) -> [Offer; 2] {
        let (read, written) = self.prices(0);
        [
            Offer {
                provider: self.provider().to_owned(),
                tag: self.author().to_owned(),
                quantization: "unknown",
                prices: (read, written),
                pace: (0.6, 60.0),
                private: chance(&self.id, 3) == 0,
                trains: self.is_free(),
            },
            Offer {
                provider: "ExampleCo".to_owned(),
                tag: "exampleco".to_owned(),
                quantization: "fp8",
                prices: (read * 0.9, written * 0.9),
                pace: (0.9, 45.0),
                private: chance(&self.id, 4) > 0,
                trains: self.is_free(),
            },
        ]
    }

    fn endpoint(&self, offer: &Offer) -> Value {
        let (latency, throughput) = offer.pace;
        let pricing = match offer.quantization {
            "unknown" => self.pricing.clone(),
            _ => Pricing {
                prompt: per_token(offer.prices.0 * 1e6),
                completion: per_token(offer.prices.1 * 1e6),
                ..self.pricing.clone()
            },
        };
        json!({
            "name": format!("{} | {}", offer.provider, self.id), "model_id": self.id,
            "model_name": self.name, "provider_name": offer.provider, "tag": offer.tag,
            "quantization": offer.quantization, "context_length": self.context_length,
            "max_completion_tokens": self.top_provider.max_completion_tokens,
            "max_prompt_tokens": null, "pricing": pricing,
            "supported_parameters": self.supported_parameters,
            "supports_implicit_caching": false,
            "supports_tool_choice": {
                "auto": true, "function": true, "none": true, "required": true,
            },
            "native_tools": {}, "service_tier": null, "status": 0, "uptime_last_5m": 100,
            "uptime_last_30m": 99.9, "uptime_last_1d": 99.8,
            "latency_last_30m": {
                "p50": latency, "p75": latency * 1.4, "p90": latency * 2.0, "p99": latency * 4.0,
            },
            "throughput_last_30m": {
                "p50": throughput, "p75": throughput * 0.8, "p90": throughput * 0.6,
                "p99": throughput * 0.3,
            },
        })
    }
}

/// `GET /models/{author}/{slug}/endpoints`
pub(crate) fn endpoints(id: &str, catalogue: &Catalogue) -> Reply {
    let by_slug = || {
        catalogue
            .models
            .iter()
            .find(|model| model.canonical_slug == id)
            .cloned()
    };
    let Some(model) = catalogue.find(id).or_else(by_slug) else {
        return reply::error(404, "Model not found");
    };
    let endpoints: Vec<Value> = model.offers().iter().map(|o| model.endpoint(o)).collect();
    reply::json(
        200,
        &json!({ "data": {
            "id": model.id, "name": model.name, "created": model.created,
            "description": model.description, "architecture": model.architecture,
            "endpoints": endpoints,
        } }),
    )
}

/// `GET /endpoints/zdr`: those that keep nothing.
pub(crate) fn private(catalogue: &Catalogue) -> Reply {
    let listed = catalogue.models.iter().filter(|m| m.writes_text());
    let endpoints: Vec<Value> = listed
        .flat_map(|model| {
            let offers = model.offers().into_iter().filter(|offer| offer.private);
            offers
                .map(|offer| model.endpoint(&offer))
                .collect::<Vec<_>>()
        })
        .collect();
    reply::json(200, &json!({ "data": endpoints }))
}
