//! The bodies of a reply. Field order is that of the recordings, which `serde_json`'s own maps
//! would not keep.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

use super::extras::Extras;
use crate::account::dollars;

/// What all chunks of a reply share.
pub(super) struct Head {
    pub id: String,
    pub created: i64,
    pub model: String,
    pub provider: String,
}

#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    model: &'a str,
    provider: &'a str,
    /// Present, as null, in the last chunk only.
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<()>,
    choices: [Choice<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    delta: Delta<'a>,
    finish_reason: Option<&'a str>,
    native_finish_reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Delta<'a> {
    content: &'a str,
    role: &'static str,
    /// Null in the first of the two chunks that end a reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_details: Option<[ReasoningText<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<Vec<Value>>,
}

impl Delta<'_> {
    const fn empty() -> Self {
        Self {
            content: "",
            role: "assistant",
            reasoning: None,
            reasoning_details: None,
            images: None,
            annotations: None,
        }
    }
}

#[derive(Serialize)]
struct ReasoningText<'a> {
    r#type: &'static str,
    text: &'a str,
    format: &'static str,
    index: u32,
}

/// Why a reply ended: in OpenRouter's words and in the provider's.
pub(super) type Finish = (&'static str, &'static str);

#[derive(Serialize, Clone)]
pub(super) struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    pub cost: f64,
    is_byok: bool,
    prompt_tokens_details: PromptDetails,
    cost_details: CostDetails,
    completion_tokens_details: CompletionDetails,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_tool_use_details: Option<ToolDetails>,
}

#[derive(Serialize, Clone)]
struct ToolDetails {
    web_search_requests: u32,
}

#[derive(Serialize, Clone)]
struct PromptDetails {
    cached_tokens: u64,
    cache_write_tokens: u64,
    audio_tokens: u64,
    video_tokens: u64,
}

#[derive(Serialize, Clone)]
struct CostDetails {
    upstream_inference_cost: f64,
    upstream_inference_prompt_cost: f64,
    upstream_inference_completions_cost: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_tool_cost: Option<f64>,
}

#[derive(Serialize, Clone)]
struct CompletionDetails {
    reasoning_tokens: u64,
    image_tokens: u64,
    audio_tokens: u64,
}

impl Usage {
    /// `read` and `written` are US dollars a token; reasoning is part of the completion.
    pub fn new(prompt: u64, completion: u64, reasoning: u64, (read, written): (f64, f64)) -> Self {
        let prompt_cost = dollars(read * prompt as f64);
        let completion_cost = dollars(written * completion as f64);
        let cost = dollars(prompt_cost + completion_cost);
        Self {
            prompt_tokens: prompt,
            completion_tokens: completion,
            total_tokens: prompt + completion,
            cost,
            is_byok: false,
            prompt_tokens_details: PromptDetails {
                cached_tokens: 0,
                cache_write_tokens: 0,
                audio_tokens: 0,
                video_tokens: 0,
            },
            cost_details: CostDetails {
                upstream_inference_cost: cost,
                upstream_inference_prompt_cost: prompt_cost,
                upstream_inference_completions_cost: completion_cost,
                server_tool_cost: None,
            },
            server_tool_use_details: None,
            completion_tokens_details: CompletionDetails {
                reasoning_tokens: reasoning,
                image_tokens: 0,
                audio_tokens: 0,
            },
        }
    }
}

impl Usage {
    /// Adds what was done beside asking the model.
    pub fn add(&mut self, extras: &Extras) {
        self.cost = dollars(self.cost + extras.cost);
        if extras.searches > 0 {
            self.cost_details.server_tool_cost = Some(dollars(extras.search_cost));
            self.server_tool_use_details = Some(ToolDetails {
                web_search_requests: extras.searches,
            });
        }
    }
}

pub(super) const COMMENT: Bytes = Bytes::from_static(b": OPENROUTER PROCESSING\n\n");
pub(super) const DONE: Bytes = Bytes::from_static(b"data: [DONE]\n\n");

impl Head {
    pub fn content(&self, text: &str) -> Bytes {
        let delta = Delta {
            content: text,
            ..Delta::empty()
        };
        self.frame(delta, None, None)
    }

    pub fn reasoning(&self, text: &str) -> Bytes {
        let detail = ReasoningText {
            r#type: "reasoning.text",
            text,
            format: "unknown",
            index: 0,
        };
        let delta = Delta {
            reasoning: Some(Some(text)),
            reasoning_details: Some([detail]),
            ..Delta::empty()
        };
        self.frame(delta, None, None)
    }

    /// The first of the two chunks that end a reply.
    pub fn finish(&self, finish: Finish) -> Bytes {
        let delta = Delta {
            reasoning: Some(None),
            ..Delta::empty()
        };
        self.frame(delta, Some(finish), None)
    }

    /// The second one.
    pub fn usage(&self, finish: Finish, usage: Usage) -> Bytes {
        self.frame(Delta::empty(), Some(finish), Some(usage))
    }

    /// Pictures; nothing for none.
    pub fn images(&self, images: Vec<Value>) -> Bytes {
        if images.is_empty() {
            return Bytes::new();
        }
        let delta = Delta {
            images: Some(images),
            ..Delta::empty()
        };
        self.frame(delta, None, None)
    }

    /// Sources and read files; nothing for none.
    pub fn annotations(&self, annotations: Vec<Value>) -> Bytes {
        if annotations.is_empty() {
            return Bytes::new();
        }
        let delta = Delta {
            annotations: Some(annotations),
            ..Delta::empty()
        };
        self.frame(delta, None, None)
    }

    fn frame(&self, delta: Delta<'_>, finish: Option<Finish>, usage: Option<Usage>) -> Bytes {
        let choice = Choice {
            index: 0,
            delta,
            finish_reason: finish.map(|(finish, _)| finish),
            native_finish_reason: finish.map(|(_, native)| native),
        };
        let chunk = Chunk {
            id: &self.id,
            object: "chat.completion.chunk",
            created: self.created,
            model: &self.model,
            provider: &self.provider,
            service_tier: usage.as_ref().map(|_| ()),
            choices: [choice],
            usage,
        };
        let json = serde_json::to_string(&chunk).unwrap_or_default();
        Bytes::from(format!("data: {json}\n\n"))
    }

    /// The reply of a request that does not stream.
    pub fn whole(
        &self,
        content: &str,
        reasoning: Option<&str>,
        (finish, native): Finish,
        usage: &Usage,
    ) -> Value {
        let mut message = json!({ "role": "assistant", "content": content, "refusal": null });
        if let Some(text) = reasoning {
            message["reasoning"] = json!(text);
            message["reasoning_details"] = json!([
                { "type": "reasoning.text", "text": text, "format": "unknown", "index": 0 }
            ]);
        }
        json!({
            "id": self.id, "object": "chat.completion", "created": self.created,
            "model": self.model, "provider": self.provider, "system_fingerprint": null,
            "service_tier": null, "usage": usage,
            "choices": [{
                "index": 0, "logprobs": null, "finish_reason": finish,
                "native_finish_reason": native, "message": message,
            }],
        })
    }
}
