//! What an answer cost, asked for afterwards: `GET /api/v1/generation`.

use crate::{
    ApiKey, Client, Error,
    chat::{CompletionDetails, PromptDetails, Usage},
};
use serde::Deserialize;

/// Largest record.
const RECORD_MAX: usize = 256 * 1024;

#[derive(Deserialize)]
struct Data {
    data: Record,
}

#[derive(Deserialize)]
struct Record {
    total_cost: Option<f64>,
    usage: Option<f64>,
    native_tokens_prompt: Option<u32>,
    native_tokens_completion: Option<u32>,
    tokens_prompt: Option<u32>,
    tokens_completion: Option<u32>,
    native_tokens_reasoning: Option<u32>,
    native_tokens_cached: Option<u32>,
}

impl Client {
    /// What the answer with this id took and cost, also one that was stopped. The service knows it only some minutes
    /// after the end and says 404 until then.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn generation(&self, key: &ApiKey, id: &str) -> Result<Usage, Error> {
        let request = self.request_about("/api/v1/generation", "id", id);
        let Data { data } = Self::json(Self::bearer(request, key)?, RECORD_MAX).await?;
        let reasoning = data.native_tokens_reasoning;
        let cached = data.native_tokens_cached;
        Ok(Usage {
            prompt_tokens: data
                .native_tokens_prompt
                .or(data.tokens_prompt)
                .unwrap_or(0),
            completion_tokens: data
                .native_tokens_completion
                .or(data.tokens_completion)
                .unwrap_or(0),
            cost: data.total_cost.or(data.usage),
            prompt_tokens_details: Some(PromptDetails {
                cached_tokens: cached,
            }),
            completion_tokens_details: Some(CompletionDetails {
                reasoning_tokens: reasoning,
            }),
            ..Usage::default()
        })
    }
}
