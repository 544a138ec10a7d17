//! A model as `GET /models` describes it.

use serde::Serialize;
use serde_json::Value;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Model {
    /// How many are used more.
    #[serde(skip)]
    pub place: usize,
    pub id: String,
    pub canonical_slug: String,
    pub hugging_face_id: Option<String>,
    pub name: String,
    pub created: i64,
    pub description: String,
    pub context_length: Option<u32>,
    pub architecture: Architecture,
    pub pricing: Pricing,
    pub top_provider: TopProvider,
    pub per_request_limits: Option<()>,
    pub supported_parameters: Vec<&'static str>,
    pub default_parameters: Value,
    pub supported_voices: Option<Vec<&'static str>>,
    pub knowledge_cutoff: Option<String>,
    pub expiration_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias_target: Option<AliasTarget>,
    pub links: Links,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Reasoning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benchmarks: Option<Value>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Architecture {
    pub modality: String,
    pub input_modalities: Vec<&'static str>,
    pub output_modalities: Vec<&'static str>,
    pub tokenizer: &'static str,
    pub instruct_type: Option<&'static str>,
}

/// Decimal strings: US dollars per token, or per unit. A router says `-1`.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Pricing {
    pub prompt: String,
    pub completion: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_output: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_search: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal_reasoning: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_cache_read: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_cache_write: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
}

/// Other prices for long prompts.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Override {
    pub min_prompt_tokens: u64,
    pub prompt: String,
    pub completion: String,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct TopProvider {
    pub context_length: Option<u32>,
    pub max_completion_tokens: Option<u32>,
    pub is_moderated: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct AliasTarget {
    pub name: String,
    pub slug: String,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Links {
    pub details: String,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Reasoning {
    pub mandatory: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supports_max_tokens: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported_efforts: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_effort: Option<&'static str>,
}

impl Model {
    pub fn author(&self) -> &str {
        self.id
            .split('/')
            .next()
            .unwrap_or_default()
            .trim_start_matches('~')
    }

    /// What the model's provider is called: the part of the name before the colon.
    pub fn provider(&self) -> &str {
        self.name
            .split_once(": ")
            .map_or("OpenRouter", |(provider, _)| provider)
    }

    pub fn writes_text(&self) -> bool {
        self.architecture.output_modalities.contains(&"text")
    }

    pub fn reads(&self, modality: &str) -> bool {
        self.architecture.input_modalities.contains(&modality)
    }

    pub fn is_free(&self) -> bool {
        self.id.ends_with(":free") || self.id == "openrouter/free"
    }

    /// US dollars for one token read and one written, in a prompt of this length.
    pub fn prices(&self, prompt_tokens: u64) -> (f64, f64) {
        let pricing = &self.pricing;
        let long = pricing
            .overrides
            .iter()
            .rfind(|o| o.min_prompt_tokens <= prompt_tokens);
        let (prompt, completion) = long.map_or((&pricing.prompt, &pricing.completion), |long| {
            (&long.prompt, &long.completion)
        });
        let amount = |text: &str| text.parse::<f64>().unwrap_or(0.0).max(0.0);
        (amount(prompt), amount(completion))
    }
}

/// A price per million tokens as the decimal string per token, without exponent or idle zeros.
pub(super) fn per_token(per_million: f64) -> String {
    let text = format!("{:.12}", per_million / 1e6);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}
