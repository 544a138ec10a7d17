//! Makes the catalogue: as many models as the service listed in October 2026, always the same.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::emulated::emulated;
use super::lines::{self, Line};
use super::model::{
    AliasTarget, Architecture, Links, Model, Override, Pricing, Reasoning, TopProvider, per_token,
};
use crate::chat::LISTED;
use crate::state::unix_day;

/// How many models the real list had in all, and how many of them write text.
const ALL: usize = 647;
const TEXT: usize = 466;
const FREE_TEXT: usize = 17;
const FREE_OTHERS: usize = 7;

const ALIASES: [(&str, &str, &str); 6] = [
    (
        "~anthropic/claude-sonnet-latest",
        "Anthropic: Claude Sonnet Latest",
        "anthropic/claude-sonnet-5.5",
    ),
    (
        "~anthropic/claude-opus-latest",
        "Anthropic: Claude Opus Latest",
        "anthropic/claude-opus-5",
    ),
    ("~openai/gpt-latest", "OpenAI: GPT Latest", "openai/gpt-6.1"),
    (
        "~openai/gpt-mini-latest",
        "OpenAI: GPT Mini Latest",
        "openai/gpt-6.1-mini",
    ),
    (
        "~google/gemini-pro-latest",
        "Google: Gemini Pro Latest",
        "google/gemini-3.5-pro",
    ),
    ("~x-ai/grok-latest", "xAI: Grok Latest", "x-ai/grok-5"),
];

/// Newest first, as the service lists them.
pub(super) fn models() -> Vec<Model> {
    let mut text: Vec<Model> = LISTED
        .iter()
        .map(|(slug, about)| emulated(slug, about))
        .collect();
    text.extend(
        crate::chat::case_slugs()
            .map(|slug| emulated(&slug, "Answers with the recorded shape that its name says.")),
    );
    text.extend(routers());
    let lines: Vec<Model> = lines::text().flat_map(|line| models_of(&line)).collect();
    let at_no_price: Vec<Model> = lines
        .iter()
        .filter(|model| {
            model
                .hugging_face_id
                .as_ref()
                .is_some_and(|id| !id.is_empty())
        })
        .step_by(7)
        .take(FREE_TEXT)
        .map(free)
        .collect();
    text.extend(ALIASES.iter().filter_map(|alias| aliased(alias, &lines)));
    text.extend(at_no_price);
    text.extend(lines);
    text.truncate(TEXT);

    let lines: Vec<Model> = lines::others().flat_map(|line| models_of(&line)).collect();
    text.extend(lines.iter().take(FREE_OTHERS).map(free));
    text.extend(lines);
    text.truncate(ALL);
    rank(&mut text);
    text.sort_by_key(|model| std::cmp::Reverse(model.created));
    text
}

/// What is best known is used most, and of a line its newest version; what is emulated least.
fn rank(models: &mut [Model]) {
    let line = |model: &Model| {
        let known = lines::text().position(|line| {
            model.author() == line.author && {
                let (start, end) = line.name.split_once("{}").unwrap_or((line.name, ""));
                let name = model
                    .name
                    .split_once(": ")
                    .map_or(&*model.name, |(_, name)| name);
                name.starts_with(start) && name.contains(end)
            }
        });
        let known = known.unwrap_or(if model.author() == "openrouter" {
            3
        } else {
            usize::MAX
        });
        let shape = model.id.contains([':', '~']) || model.name.split(' ').count() > 3;
        (known, shape, std::cmp::Reverse(version(&model.name)))
    };
    let mut order: Vec<usize> = (0..models.len()).collect();
    order.sort_by_cached_key(|at| line(&models[*at]));
    for (place, at) in order.into_iter().enumerate() {
        models[at].place = place;
    }
}

/// The first number in a name, as hundredths.
fn version(name: &str) -> u32 {
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    let start = name
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(name.len());
    let text: String = name[start..].chars().take_while(|c| digits(*c)).collect();
    (text.trim_end_matches('.').parse::<f64>().unwrap_or(0.0) * 100.0) as u32
}

/// A number that belongs to the name: stable between runs and machines.
pub(super) fn chance(name: &str, below: u64) -> u64 {
    let hash: [u8; 32] = Sha256::digest(name).into();
    let number = hash
        .iter()
        .take(7)
        .fold(0, |number, byte| number << 8 | u64::from(*byte));
    number % below
}

fn models_of(line: &Line) -> Vec<Model> {
    let pairs = line
        .versions
        .iter()
        .flat_map(|version| line.tiers.iter().map(move |t| (version, t)));
    let count = (line.versions.len() * line.tiers.len()).max(1);
    pairs
        .enumerate()
        .map(|(nth, (version, tier))| {
            let name = line.name.replace("{}", version);
            let name = if tier.is_empty() {
                name
            } else {
                format!("{name} {tier}")
            };
            model(line, &name, tier, age(line, nth, count))
        })
        .collect()
}

/// Unix seconds: a line's models came one after the other from 2024 to the autumn of 2026.
fn age(line: &Line, nth: usize, count: usize) -> i64 {
    let (start, end) = (unix_day(2024, 3, 1), unix_day(2026, 11, 1));
    let share = (nth as f64 + 1.0) / count as f64;
    let jitter = chance(&format!("{}{nth}", line.name), 60 * 86_400) as i64;
    start + ((end - start) as f64 * share) as i64 - jitter
}

/// How much dearer than the line's price a tier is. For open weights it is the size that counts.
fn tier_factor(tier: &str) -> f64 {
    let billions = tier
        .split(' ')
        .find_map(|word| word.strip_suffix('B')?.parse::<f64>().ok());
    match (billions, tier) {
        (Some(billions), _) => (2.0 * billions.powf(0.75)).ceil() / 100.0,
        (None, "Pro" | "Ultra") => 6.0,
        (None, "Mini" | "Fast" | "Turbo" | "Small") => 0.2,
        (None, "Lite" | "Flash" | "Nano" | "Micro" | "Air") => 0.1,
        (None, _) => 1.0,
    }
}

fn model(line: &Line, name: &str, tier: &str, created: i64) -> Model {
    let has = |kind: char| line.traits.contains(kind);
    let id = format!("{}/{}", line.author, name.to_lowercase().replace(' ', "-"));
    let canonical_slug = format!("{id}-{}", day(created).replace('-', ""));
    let inputs: Vec<&'static str> = [
        ('t', "text"),
        ('i', "image"),
        ('f', "file"),
        ('a', "audio"),
        ('v', "video"),
    ]
    .into_iter()
    .filter(|(kind, _)| *kind == 't' || has(*kind))
    .map(|(_, modality)| modality)
    .collect();
    let price = line.price * tier_factor(tier);
    let reasons = (has('r') || has('R')).then(|| reasoning(&id, has('R')));
    let is_closed = !has('o');
    Model {
        place: 0,
        hugging_face_id: match (has('o'), chance(&id, 5)) {
            (true, _) => Some(format!("{}/{}", line.author, name.replace(' ', "-"))),
            (false, 0) => Some(String::new()),
            (false, _) => None,
        },
        name: format!("{}: {name}", line.display),
        created,
        description: description(line, name, &inputs),
        context_length: Some(line.context),
        pricing: pricing(line, &id, price),
        top_provider: TopProvider {
            context_length: Some(line.context).filter(|length| *length > 0),
            max_completion_tokens: line.longest,
            is_moderated: is_closed && chance(line.author, 3) == 0,
        },
        per_request_limits: None,
        supported_parameters: parameters(line, reasons.is_some()),
        default_parameters: defaults(&id),
        supported_voices: line
            .output
            .contains(&"speech")
            .then(|| vec!["alloy", "ash", "sage"]),
        knowledge_cutoff: (is_closed && line.longest.is_some())
            .then(|| day(created - 240 * 86_400)),
        expiration_date: (chance(&id, 60) == 7).then(|| "2027-03-31".to_owned()),
        alias_target: None,
        links: Links {
            details: format!("/api/v1/models/{canonical_slug}/endpoints"),
        },
        canonical_slug,
        reasoning: reasons,
        benchmarks: (line.output.contains(&"text") && chance(&id, 4) > 0).then(|| benchmarks(&id)),
        architecture: Architecture {
            modality: format!("{}->{}", inputs.join("+"), line.output.join("+")),
            input_modalities: inputs,
            output_modalities: line.output.to_vec(),
            tokenizer: line.tokenizer,
            instruct_type: match line.tokenizer {
                "Llama3" => Some("llama3"),
                "Mistral" if has('o') => Some("mistral"),
                _ => None,
            },
        },
        id,
    }
}

fn pricing(line: &Line, id: &str, price: f64) -> Pricing {
    let has = |kind: char| line.traits.contains(kind);
    let is_cached = line.output.contains(&"text") && !has('o') && price > 0.0;
    let is_long = line.context >= 1_000_000 && price > 0.5;
    Pricing {
        prompt: per_token(price),
        completion: per_token(price * line.output_factor),
        request: (line.author == "perplexity").then(|| "0.005".to_owned()),
        image: (has('i') && chance(id, 4) == 0).then(|| per_token(price)),
        image_output: line.output.contains(&"image").then(|| "0.00003".to_owned()),
        audio: has('a').then(|| per_token(price * 2.0)),
        web_search: (is_cached && chance(line.author, 2) == 0).then(|| "0.01".to_owned()),
        internal_reasoning: (has('r') && chance(id, 9) == 0)
            .then(|| per_token(price * line.output_factor)),
        input_cache_read: is_cached.then(|| per_token(price / 10.0)),
        input_cache_write: (is_cached && has('f')).then(|| per_token(price * 1.25)),
        discount: (chance(id, 20) == 3).then_some(0.25),
        overrides: if is_long {
            vec![Override {
                min_prompt_tokens: 200_000,
                prompt: per_token(price * 2.0),
                completion: per_token(price * line.output_factor * 1.5),
            }]
        } else {
            Vec::new()
        },
    }
}

pub(super) fn reasoning(id: &str, mandatory: bool) -> Reasoning {
    let has_efforts = chance(id, 3) > 0;
    Reasoning {
        mandatory,
        default_enabled: (chance(id, 4) > 0).then_some(mandatory || chance(id, 2) == 0),
        supports_max_tokens: (chance(id, 5) == 0).then_some(true),
        supported_efforts: has_efforts.then(|| vec!["high", "medium", "low", "minimal"]),
        default_effort: has_efforts.then_some("medium"),
    }
}

fn parameters(line: &Line, reasons: bool) -> Vec<&'static str> {
    if !line.output.contains(&"text") {
        return Vec::new();
    }
    let mut names = vec!["max_tokens", "seed", "stop", "temperature", "top_p"];
    if line.longest.is_some() {
        names.push("max_completion_tokens");
    }
    if line.traits.contains('t') {
        names.extend([
            "tool_choice",
            "tools",
            "response_format",
            "structured_outputs",
        ]);
    }
    if reasons {
        names.extend(["include_reasoning", "reasoning", "reasoning_effort"]);
    }
    if line.traits.contains('o') {
        names.extend([
            "frequency_penalty",
            "presence_penalty",
            "repetition_penalty",
            "top_k",
        ]);
        names.extend(["min_p", "logit_bias", "logprobs", "top_logprobs"]);
    }
    names.sort_unstable();
    names
}

fn defaults(id: &str) -> Value {
    match chance(id, 4) {
        0 => Value::Null,
        1 => json!({
            "temperature": 0.6, "top_p": 0.95, "top_k": 20, "frequency_penalty": null,
            "presence_penalty": null, "repetition_penalty": null,
        }),
        _ => json!({}),
    }
}

fn benchmarks(id: &str) -> Value {
    let index = |what: &str| 20.0 + chance(&format!("{id}{what}"), 600) as f64 / 10.0;
    let arena = |category: &str| {
        json!({
            "arena": "models", "category": category,
            "elo": 1000.0 + chance(&format!("{id}{category}"), 4000) as f64 / 10.0,
            "rank": 1 + chance(category, 80), "win_rate": index(category),
        })
    };
    json!({
        "artificial_analysis": {
            "intelligence_index": index("i"), "coding_index": index("c"), "agentic_index": index("a"),
        },
        "design_arena": [
            arena("website"), arena("dataviz"), arena("gamedev"), arena("uicomponent"), arena("3d"), arena("logo"),
        ],
    })
}

/// As long as the list shows them: cut at about 190 characters.
fn description(line: &Line, name: &str, inputs: &[&str]) -> String {
    const GOOD_AT: [&str; 8] = [
        "coding, analysis and long documents",
        "careful writing and editing in many languages",
        "quick answers at a low price",
        "agents that call tools for many steps in a row",
        "mathematics, science and step by step problems",
        "conversation, roleplay and storytelling",
        "summaries, extraction and structured output",
        "research over large collections of text",
    ];
    let good_at = |nth: u64| GOOD_AT[(chance(name, 8) + nth) as usize % GOOD_AT.len()];
    let mut text = format!(
        "{name} is a model by {} made for {}. It reads {} and writes {}. Compared with its \
         predecessor it is better at {} and holds a context of {} tokens without losing the thread",
        line.display,
        good_at(0),
        inputs.join(", "),
        line.output.join(", "),
        good_at(3),
        line.context,
    );
    let end = text
        .char_indices()
        .nth(190)
        .map_or(text.len(), |(end, _)| end);
    text.truncate(end);
    text + "..."
}

fn day(at: i64) -> String {
    OffsetDateTime::from_unix_timestamp(at)
        .map_or_else(|_| String::new(), |at| at.date().to_string())
}

fn free(paid: &Model) -> Model {
    let pricing = Pricing {
        prompt: "0".to_owned(),
        completion: "0".to_owned(),
        ..Pricing::default()
    };
    Model {
        id: format!("{}:free", paid.id),
        name: format!("{} (free)", paid.name),
        pricing,
        benchmarks: None,
        ..paid.clone()
    }
}

fn aliased((id, name, slug): &(&str, &str, &str), models: &[Model]) -> Option<Model> {
    let target = models.iter().find(|model| model.id == *slug)?;
    let alias_target = Some(AliasTarget {
        name: target.name.clone(),
        slug: target.id.clone(),
    });
    let mut alias = Model {
        id: (*id).to_owned(),
        canonical_slug: (*id).to_owned(),
        name: (*name).to_owned(),
        links: Links {
            details: format!("/api/v1/models/{id}/endpoints"),
        },
        alias_target,
        ..target.clone()
    };
    alias.architecture.tokenizer = "Router";
    Some(alias)
}

fn routers() -> [Model; 2] {
    let router = |id: &str, name: &str, price: &str, context, created| {
        let mut router = special(id, name, "Chooses a model for each request.", created);
        router.pricing = Pricing {
            prompt: price.to_owned(),
            completion: price.to_owned(),
            ..Pricing::default()
        };
        router.architecture.tokenizer = "Router";
        router.context_length = Some(context);
        router.top_provider.context_length = None;
        router.top_provider.max_completion_tokens = None;
        router
    };
    [
        router(
            "openrouter/auto",
            "Auto Router",
            "-1",
            2_000_000,
            unix_day(2023, 11, 8),
        ),
        router(
            "openrouter/free",
            "Free Models Router",
            "0",
            200_000,
            unix_day(2026, 2, 1),
        ),
    ]
}

/// A plain model that takes everything and costs $1 and $5 a million tokens.
pub(super) fn special(id: &str, name: &str, description: &str, created: i64) -> Model {
    let line = Line {
        author: "emulator",
        display: "Emulator",
        tokenizer: "Other",
        name: "",
        versions: &[],
        tiers: &[],
        price: 1.0,
        output_factor: 5.0,
        context: 262_144,
        longest: Some(131_072),
        traits: "ift",
        output: &["text"],
    };
    Model {
        id: id.to_owned(),
        canonical_slug: id.to_owned(),
        hugging_face_id: None,
        name: name.to_owned(),
        description: description.to_owned(),
        pricing: Pricing {
            prompt: per_token(1.0),
            completion: per_token(5.0),
            ..Pricing::default()
        },
        default_parameters: json!({}),
        knowledge_cutoff: None,
        expiration_date: None,
        benchmarks: None,
        links: Links {
            details: format!("/api/v1/models/{id}/endpoints"),
        },
        ..model(&line, id, "", created)
    }
}
