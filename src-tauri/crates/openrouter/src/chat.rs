//! Asking a model: `POST /api/v1/chat/completions`, streaming (OpenRouter docs, "Streaming").

mod content;
mod extras;
mod routing;
mod stream;
mod tools;

use crate::{
    ApiError, ApiKey, Client, Error,
    client::{body, refusal, retry_after, sent},
};
use reqwest::{Method, Response, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{pin::pin, time::Duration};

pub use content::{Content, Media, Part};
pub use extras::{PdfEngine, PdfParser, Plugin, ServerTool, WebPlugin, WebTool};
pub use routing::{MaxPrice, ProviderPreferences};
pub use stream::{ChatEvent, ChatStream};
pub use tools::ToolCalls;

/// What to ask. Nothing is sent that is not set.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ChatRequest {
    /// The model's id.
    pub model: String,
    /// The ids of those to ask instead when that one can't answer, in this order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// The conversation so far, oldest first.
    #[serde(skip)]
    pub messages: Vec<ChatMessage>,
    /// Tokens of the answer, at most. Without it the service reserves the model's longest answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_completion_tokens: Option<u32>,
    /// 0 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Over 0, to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Texts that end the answer, at most four.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// The same seed makes the same answer likelier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// How much to reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<AskedReasoning>,
    /// Who may serve it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderPreferences>,
    /// At most 256 characters; keeps a conversation at one provider, for its prompt cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// What the service does to the request before the model sees it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<Plugin>,
    /// Tools that the service runs for the model.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<ServerTool>,
    /// What comes out, such as `image` and `text`; empty leaves it to the model.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub modalities: Vec<&'static str>,
}

/// How much to reason: one of the two, never both (OpenRouter docs, "Reasoning Tokens").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedReasoning {
    /// Such as `high`; `none` switches it off.
    Effort(&'static str),
    /// Tokens, at most.
    MaxTokens(u32),
}

/// One message of a conversation.
#[derive(Debug, Clone)]
pub struct ChatMessage {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: Content,
    /// A model's reasoning as it came, sent back unchanged and in order.
    pub reasoning_details: Option<Value>,
    /// A model's sources and read files as they came, sent back unchanged.
    pub annotations: Option<Value>,
    /// The pictures that a model made, for one that goes on from them.
    pub images: Vec<Media>,
}

impl ChatMessage {
    /// Words alone.
    #[must_use]
    pub fn words(role: Role, text: String) -> Self {
        Self {
            role,
            content: Content::Text(text),
            reasoning_details: None,
            annotations: None,
            images: Vec::new(),
        }
    }
}

/// Who speaks in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions before the conversation.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// Why a model stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FinishReason {
    /// It was done.
    Stop,
    /// The answer reached its longest.
    Length,
    /// It wants to call a tool.
    ToolCalls,
    /// A filter cut it off.
    ContentFilter,
    /// It failed; a [`ChatEvent::Failed`] says more.
    Error,
    /// A reason this version does not know.
    Other(String),
}

impl FinishReason {
    /// The service's word for it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
            Self::Error => "error",
            Self::Other(word) => word,
        }
    }

    fn read(word: &str) -> Self {
        match word {
            "stop" => Self::Stop,
            "length" => Self::Length,
            "tool_calls" => Self::ToolCalls,
            "content_filter" => Self::ContentFilter,
            "error" => Self::Error,
            other => Self::Other(other.chars().take(40).collect()),
        }
    }
}

/// Tokens and cost of one answer.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written, reasoning included.
    pub completion_tokens: u32,
    /// US dollars.
    pub cost: Option<f64>,
    /// Of the tokens read.
    pub prompt_tokens_details: Option<PromptDetails>,
    /// Of the tokens written.
    pub completion_tokens_details: Option<CompletionDetails>,
    /// Of the cost.
    pub cost_details: Option<CostDetails>,
    /// What the service's own tools did.
    pub server_tool_use_details: Option<ToolDetails>,
}

/// Of the cost.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct CostDetails {
    /// US dollars for the service's own tools.
    pub server_tool_cost: Option<f64>,
}

/// What the service's own tools did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ToolDetails {
    /// Searches of the web.
    pub web_search_requests: Option<u32>,
}

/// Of the tokens read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PromptDetails {
    /// Read from the provider's cache.
    pub cached_tokens: Option<u32>,
}

/// Of the tokens written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CompletionDetails {
    /// Reasoning.
    pub reasoning_tokens: Option<u32>,
}

/// Longest silence; keep-alive comments count as sound.
const IDLE: Duration = Duration::from_secs(90);
/// Largest error body: it may bring what was read in a file.
const ERROR_MAX: usize = 8 * 1024 * 1024;
/// Largest reply of a service that did not stream although asked to.
const WHOLE_MAX: usize = 32 * 1024 * 1024;

impl Client {
    /// Asks, and returns as soon as the service begins to answer.
    ///
    /// Nothing is retried here: the caller knows whether asking twice may cost twice.
    ///
    /// # Errors
    /// [`Error::Api`] for every refusal, also for one in a 200 body; [`Error::Lost`] when the service is silent for
    /// 90 seconds.
    pub async fn chat(&self, key: &ApiKey, request: &ChatRequest) -> Result<ChatStream, Error> {
        self.ask(key, request, true).await
    }

    /// Asks for an answer in one piece, within 90 seconds.
    ///
    /// # Errors
    /// As [`Client::chat`].
    pub async fn complete(
        &self,
        key: &ApiKey,
        request: &ChatRequest,
    ) -> Result<(String, Option<Usage>), Error> {
        let mut stream = self.ask(key, request, false).await?;
        let (mut text, mut usage) = (String::new(), None);
        while let Some(event) = timed(stream.next()).await? {
            match event {
                ChatEvent::Text(more) => text.push_str(&more),
                ChatEvent::Usage(told) => usage = Some(told),
                ChatEvent::Failed(error) => return Err(Error::Api(Box::new(error))),
                _ => {}
            }
        }
        Ok((text, usage))
    }

    async fn ask(
        &self,
        key: &ApiKey,
        request: &ChatRequest,
        stream: bool,
    ) -> Result<ChatStream, Error> {
        let progress = content::Progress::default();
        let question = content::Body::new(request, stream)?.sending(progress.clone());
        let accept = if stream {
            "text/event-stream"
        } else {
            "application/json"
        };
        let request = self
            .request(Method::POST, "/api/v1/chat/completions")
            .header(header::ACCEPT, accept)
            .header(header::CONTENT_TYPE, "application/json")
            .body(question);
        let mut sending = pin!(Self::bearer(request, key)?.send());
        // A large request takes its time: silence is counted from the last piece that went out.
        let response = loop {
            let before = progress.sent();
            match tokio::time::timeout(IDLE, &mut sending).await {
                Ok(response) => break response.map_err(sent)?,
                Err(_) if progress.sent() > before => {}
                Err(_) => return Err(Error::Lost),
            }
        };
        let status = response.status();
        let wait = retry_after(&response);
        if status != StatusCode::OK {
            let body = timed(body(response, ERROR_MAX)).await?;
            return Err(refusal(status, wait.as_deref(), &body));
        }
        let generation = response
            .headers()
            .get("x-generation-id")
            .and_then(|v| v.to_str().ok());
        let generation = generation.map(|id| id.chars().take(100).collect());
        let content_type = response.headers().get(header::CONTENT_TYPE);
        let streams = content_type
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| v.starts_with("text/event-stream"));
        if streams {
            return Ok(ChatStream::new(generation, response));
        }
        // A late failure of the provider comes as a 200 with nothing but an error; a whole answer is as good.
        let body = timed(body(response, WHOLE_MAX)).await?;
        let json: Value = serde_json::from_slice(&body)
            .map_err(|_| Error::Unexpected("neither a stream nor JSON"))?;
        if !json["error"].is_null() {
            let error = ApiError::from_object(200, &json["error"]);
            return Err(Error::Api(Box::new(error)));
        }
        if !json["choices"].is_array() {
            return Err(Error::Unexpected("JSON without an answer"));
        }
        Ok(ChatStream::whole(generation, &json))
    }
}

/// The answer in the body of a reply.
#[cfg(feature = "testing")]
pub(crate) fn stream(response: Response) -> ChatStream {
    ChatStream::new(None, response)
}

/// Waits no longer than for the longest silence.
async fn timed<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::time::timeout(IDLE, work)
        .await
        .map_err(|_| Error::Lost)?
}

/// The next bytes of a stream; none at its end.
async fn more(response: &mut Response) -> Result<Option<bytes::Bytes>, Error> {
    timed(async { response.chunk().await.map_err(|_| Error::Lost) }).await
}
