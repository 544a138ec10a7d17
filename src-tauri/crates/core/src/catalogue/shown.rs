//! From the service's words to the window's. Texts are bounded and lose what could mislead the eye.

use crate::{
    links::clean,
    options,
    wire::{Model, Price, Provider, Tier},
};
use openrouter::Pricing;

/// Most parameters and tiers of one model.
const PARAMETERS_MAX: usize = 60;
const TIERS_MAX: usize = 8;

pub(crate) fn model(model: &openrouter::Model) -> Model {
    let takes = |what: &str| has(&model.architecture.input_modalities, what);
    let gives = |what: &str| has(&model.architecture.output_modalities, what);
    let can = |what: &str| has(&model.supported_parameters, what);
    let slug = model.id.split('/').next_back().unwrap_or(&model.id);
    let (author, name) = match model.name.split_once(": ") {
        Some((author, name)) => (author, name),
        None => (
            model
                .id
                .split('/')
                .next()
                .unwrap_or_default()
                .trim_start_matches('~'),
            model.name.as_str(),
        ),
    };
    let name = clean(name, 120);
    let reasoning = model.reasoning.as_ref();
    Model {
        id: model.id.clone(),
        name: if name.is_empty() {
            clean(slug, 120)
        } else {
            name
        },
        author: clean(author, 60),
        description: clean(&model.description, 1000),
        context: model.context_length.filter(|n| *n > 0),
        longest_answer: model.top_provider.max_completion_tokens.filter(|n| *n > 0),
        input_price: price(model.pricing.prompt.as_deref()),
        output_price: price(model.pricing.completion.as_deref()),
        cached_price: price(model.pricing.input_cache_read.as_deref()),
        other_prices: others(&model.pricing),
        tiers: tiers(&model.pricing),
        free: model.is_free(),
        images: takes("image"),
        files: takes("file"),
        audio: takes("audio"),
        video: takes("video"),
        draws: gives("image"),
        thinks: reasoning.is_some() || can("reasoning"),
        tools: can("tools"),
        supports: options::supports(model),
        usual_effort: reasoning.and_then(options::usual_effort),
        parameters: model
            .supported_parameters
            .iter()
            .take(PARAMETERS_MAX)
            .map(|name| clean(name, 40))
            .collect(),
        moderated: model.top_provider.is_moderated,
        private: None,
        barred: false,
        stands_for: model
            .alias_target
            .as_ref()
            .map(|target| {
                let name = target.name.split_once(": ").map_or(&*target.name, |n| n.1);
                clean(if name.is_empty() { &target.slug } else { name }, 120)
            })
            .filter(|name| !name.is_empty()),
        cutoff: model.knowledge_cutoff.as_deref().map(|day| clean(day, 10)),
        created_ms: model.created.saturating_mul(1000),
        expires: model.expiration_date.as_deref().map(|day| clean(day, 10)),
        gone_ms: None,
    }
}

/// A provider's offer; whether it keeps anything is told elsewhere.
pub(crate) fn provider(endpoint: &openrouter::Endpoint) -> Provider {
    let known = |text: &&String| !text.is_empty() && *text != "unknown";
    let number = |value: Option<f64>| value.filter(|n| n.is_finite() && *n >= 0.0);
    Provider {
        name: clean(&endpoint.provider_name, 60),
        slug: clean(&endpoint.tag, 100),
        input_price: price(endpoint.pricing.prompt.as_deref()),
        output_price: price(endpoint.pricing.completion.as_deref()),
        context: endpoint.context_length.filter(|n| *n > 0),
        longest_answer: endpoint.max_completion_tokens.filter(|n| *n > 0),
        quantization: endpoint
            .quantization
            .as_ref()
            .filter(known)
            .map(|text| clean(text, 20)),
        uptime: number(endpoint.uptime_last_1d),
        latency: number(endpoint.latency_last_30m.as_ref().and_then(|p| p.p50)),
        throughput: number(endpoint.throughput_last_30m.as_ref().and_then(|p| p.p50)),
        private: None,
        unwell: endpoint.status.is_some_and(|status| status < 0),
    }
}

fn has(list: &[String], what: &str) -> bool {
    list.iter().any(|known| known == what)
}

/// Dollars as a decimal string; `-1` means that it varies.
fn dollars(text: Option<&str>) -> Option<f64> {
    let price: f64 = text?.trim().parse().ok()?;
    (price.is_finite() && price >= 0.0).then_some(price)
}

/// Dollars for a token to dollars for a million.
fn price(text: Option<&str>) -> Option<f64> {
    dollars(text).map(|price| price * 1e6)
}

fn others(pricing: &Pricing) -> Vec<Price> {
    let all = [
        ("Cache writing", &pricing.input_cache_write, true),
        ("Thinking", &pricing.internal_reasoning, true),
        ("Sound", &pricing.audio, true),
        ("A request", &pricing.request, false),
        ("A web search", &pricing.web_search, false),
    ];
    let shown = all.into_iter().filter_map(|(name, text, per_million)| {
        let usd = dollars(text.as_deref()).filter(|usd| *usd > 0.0)?;
        Some(Price {
            name: name.to_owned(),
            usd: if per_million { usd * 1e6 } else { usd },
            per_million,
        })
    });
    shown.collect()
}

fn tiers(pricing: &Pricing) -> Vec<Tier> {
    let mut tiers: Vec<Tier> = pricing
        .overrides
        .iter()
        .filter_map(|tier| {
            Some(Tier {
                from: tier.min_prompt_tokens.filter(|n| *n > 0)?,
                input_price: price(tier.prompt.as_deref()),
                output_price: price(tier.completion.as_deref()),
            })
        })
        .take(TIERS_MAX)
        .collect();
    tiers.sort_by_key(|tier| tier.from);
    tiers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: serde_json::Value) -> Model {
        model(&serde_json::from_value(json).unwrap())
    }

    #[test]
    fn hostile_names_and_prices_become_plain_ones() {
        let model = read(serde_json::json!({
            "id": "evil/m", "name": "Ev\u{202e}il:\u{20}<b>Model</b>\u{0007}",
            "pricing": {"prompt": "-1", "completion": "0.000015", "input_cache_read": "NaN", "request": "1e999"},
            "architecture": {"input_modalities": ["text", "image"]},
            "supported_parameters": ["reasoning"], "expiration_date": "2027-01-01T00:00:00Z and more"
        }));
        assert_eq!(
            (model.author.as_str(), model.name.as_str()),
            ("Evil", "<b>Model</b>")
        );
        assert_eq!((model.input_price, model.cached_price), (None, None));
        assert!(model.output_price.is_some_and(|p| (p - 15.0).abs() < 1e-9));
        assert!(model.images && model.thinks && !model.files && !model.tools && !model.free);
        assert_eq!(model.other_prices, []);
        assert_eq!(model.expires.as_deref(), Some("2027-01-01"));
    }

    #[test]
    fn a_model_without_a_name_is_called_by_its_slug() {
        assert_eq!(read(serde_json::json!({"id": "a/b-c"})).name, "b-c");
        let unseen = read(serde_json::json!({"id": "a/b-c", "name": "\u{202e}\u{200b}"}));
        assert_eq!(unseen.name, "b-c", "a name that nobody sees is none");
    }

    #[test]
    fn an_alias_tells_what_it_stands_for_and_a_long_prompt_what_it_costs() {
        let model = read(serde_json::json!({
            "id": "~a/b-latest", "alias_target": {"name": "A: B 2", "slug": "a/b-2"},
            "pricing": {"audio": "0.00001", "web_search": "0.01", "overrides": [
                {"min_prompt_tokens": 200_000, "prompt": "0.000006"}, {"utc_start": "00:00", "prompt": "0"}
            ]}
        }));
        assert_eq!(model.author, "a");
        assert_eq!(model.stands_for.as_deref(), Some("B 2"));
        let names: Vec<_> = model.other_prices.iter().map(|p| &*p.name).collect();
        assert_eq!(names, ["Sound", "A web search"]);
        assert_eq!(model.tiers.len(), 1, "an hour of the day is no tier");
        assert_eq!(model.tiers[0].from, 200_000);
    }
}
