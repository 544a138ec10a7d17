//! Asking a model: `POST /api/v1/chat/completions`, streaming (OpenRouter docs, "Streaming").

use crate::{
    ApiError, ApiKey, Client, Error,
    client::{body, refusal, retry_after, sent},
};
use bytes::Bytes;
use eventsource_stream::{EventStreamError, Eventsource};
use futures_util::{Stream, StreamExt};
use reqwest::{Method, Response, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::VecDeque, pin::Pin, time::Duration};

/// What to ask. Nothing is sent that is not set.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ChatRequest {
    /// The model's id.
    pub model: String,
    /// The conversation so far, oldest first.
    pub messages: Vec<ChatMessage>,
    /// Tokens of the answer, at most. Without it the service reserves the model's longest answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_completion_tokens: Option<u32>,
    /// At most 256 characters; keeps a conversation at one provider, for its prompt cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChatMessage {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
    /// A model's reasoning as it came, sent back unchanged and in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_details: Option<Value>,
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

/// What comes back, in the order it came.
#[derive(Debug, Clone, PartialEq)]
pub enum ChatEvent {
    /// Which model answers, and where. Sent once, with the first chunk that says so.
    Served {
        /// The model that was really asked.
        model: Option<String>,
        /// The provider's name.
        provider: Option<String>,
    },
    /// A piece of reasoning, for the eye.
    Reasoning(String),
    /// The same reasoning, to be kept and sent back.
    ReasoningDetails(Vec<Value>),
    /// A piece of the answer.
    Text(String),
    /// Citations and read files.
    Annotations(Vec<Value>),
    /// The model stopped. Usage may still follow. Sent once, however often the service repeats it.
    Finished(FinishReason),
    /// What it took, and what it cost.
    Usage(Usage),
    /// The answer broke off on the service's side; what came before stands.
    Failed(ApiError),
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
/// Longest line of a stream: an image comes in one.
const LINE_MAX: usize = 32 * 1024 * 1024;
/// Largest error body.
const ERROR_MAX: usize = 256 * 1024;
/// Largest reply of a service that did not stream although asked to.
const WHOLE_MAX: usize = 32 * 1024 * 1024;

type Events = Pin<Box<dyn Stream<Item = Result<String, Error>> + Send>>;

/// An answer being written. Dropping it closes the connection, which stops most providers' work.
pub struct ChatStream {
    generation: Option<String>,
    events: Events,
    ready: VecDeque<ChatEvent>,
    served: bool,
    finished: bool,
    over: bool,
}

impl Client {
    /// Asks, and returns as soon as the service begins to answer.
    ///
    /// Nothing is retried here: the caller knows whether asking twice may cost twice.
    ///
    /// # Errors
    /// [`Error::Api`] for every refusal, also for one in a 200 body; [`Error::Lost`] when the service is silent for
    /// 90 seconds.
    pub async fn chat(&self, key: &ApiKey, request: &ChatRequest) -> Result<ChatStream, Error> {
        let mut json =
            serde_json::to_value(request).map_err(|_| Error::Unexpected("the request"))?;
        json["stream"] = true.into();
        let request = self
            .request(Method::POST, "/api/v1/chat/completions")
            .header(header::ACCEPT, "text/event-stream")
            .json(&json);
        let sending = Self::bearer(request, key)?.send();
        let response = tokio::time::timeout(IDLE, sending)
            .await
            .map_err(|_| Error::Lost)?
            .map_err(sent)?;
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
            return Ok(ChatStream::new(generation, events(response)));
        }
        // A late failure of the provider comes as a 200 with nothing but an error; a whole answer is as good.
        let body = timed(body(response, WHOLE_MAX)).await?;
        let text = String::from_utf8(body).map_err(|_| Error::Unexpected("not text"))?;
        let json: Value = serde_json::from_str(&text)
            .map_err(|_| Error::Unexpected("neither a stream nor JSON"))?;
        if json["error"].is_object() {
            return Err(Error::Api(Box::new(ApiError::from_object(
                200,
                &json["error"],
            ))));
        }
        let whole = futures_util::stream::iter([Ok(text)]);
        Ok(ChatStream::new(generation, Box::pin(whole)))
    }
}

/// The answer in the body of a reply.
#[cfg(feature = "testing")]
pub(crate) fn stream(response: Response) -> ChatStream {
    ChatStream::new(None, events(response))
}

async fn timed<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::time::timeout(IDLE, work)
        .await
        .map_err(|_| Error::Lost)?
}

/// The `data` of each event. Silence and lines without end are errors, comments are sound but no events.
fn events(response: Response) -> Events {
    let mut line = 0;
    let bytes = futures_util::stream::unfold(Some(response), move |response| async move {
        let mut response = response?;
        match timed(async { response.chunk().await.map_err(|_| Error::Lost) }).await {
            Ok(Some(bytes)) => Some((Ok(bytes), Some(response))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    })
    .map(move |bytes: Result<Bytes, Error>| {
        let bytes = bytes?;
        line = match bytes.iter().rposition(|b| *b == b'\n') {
            Some(at) => bytes.len() - at - 1,
            None => line + bytes.len(),
        };
        if line > LINE_MAX {
            Err(Error::Unexpected("a line without end"))
        } else {
            Ok(bytes)
        }
    });
    Box::pin(bytes.eventsource().map(|event| match event {
        Ok(event) => Ok(event.data),
        Err(EventStreamError::Transport(error)) => Err(error),
        Err(_) => Err(Error::Unexpected("not an event stream")),
    }))
}

impl ChatStream {
    fn new(generation: Option<String>, events: Events) -> Self {
        let ready = VecDeque::new();
        Self {
            generation,
            events,
            ready,
            served: false,
            finished: false,
            over: false,
        }
    }

    /// The answer's id, known before its first word and valid after a failure.
    #[must_use]
    pub fn generation(&self) -> Option<&str> {
        self.generation.as_deref()
    }

    /// The next event; none at the end. An end without [`ChatEvent::Finished`] is an answer that broke off.
    ///
    /// # Errors
    /// The connection broke or was silent too long. What came before stands.
    pub async fn next(&mut self) -> Result<Option<ChatEvent>, Error> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some(event));
            }
            if self.over {
                return Ok(None);
            }
            match self.events.next().await {
                None => self.over = true,
                Some(Err(error)) => {
                    self.over = true;
                    return Err(error);
                }
                // The end is the connection's, but a server that leaves it open must not hold the answer.
                Some(Ok(data)) if data.trim() == "[DONE]" => self.over = true,
                Some(Ok(data)) => self.read(&data)?,
            }
        }
    }

    fn read(&mut self, data: &str) -> Result<(), Error> {
        let Ok(chunk) = serde_json::from_str::<Value>(data) else {
            self.over = true;
            return Err(Error::Unexpected("an event that is not JSON"));
        };
        if self.generation.is_none() {
            self.generation = chunk["id"]
                .as_str()
                .map(|id| id.chars().take(100).collect());
        }
        let word = |value: &Value| {
            value
                .as_str()
                .map(|s| s.chars().take(200).collect::<String>())
        };
        let (model, provider) = (word(&chunk["model"]), word(&chunk["provider"]));
        if !self.served && (model.is_some() || provider.is_some()) {
            self.served = true;
            self.ready.push_back(ChatEvent::Served { model, provider });
        }
        // `choices` may be empty; a whole reply has `message` where a stream has `delta`.
        let choice = &chunk["choices"][0];
        let delta = if choice["delta"].is_object() {
            &choice["delta"]
        } else {
            &choice["message"]
        };
        self.read_delta(delta);
        if chunk["error"].is_object() {
            self.finished = true;
            let error = ApiError::from_object(200, &chunk["error"]);
            self.ready.push_back(ChatEvent::Failed(error));
        } else if let Some(reason) = choice["finish_reason"].as_str()
            && !std::mem::replace(&mut self.finished, true)
        {
            self.ready
                .push_back(ChatEvent::Finished(FinishReason::read(reason)));
        }
        if chunk["usage"].is_object()
            && let Ok(usage) = Usage::deserialize(&chunk["usage"])
        {
            self.ready.push_back(ChatEvent::Usage(usage));
        }
        Ok(())
    }

    fn read_delta(&mut self, delta: &Value) {
        let details = delta["reasoning_details"]
            .as_array()
            .filter(|list| !list.is_empty());
        // Both fields hold the same words; the details alone may come, too.
        let reasoning = match delta["reasoning"].as_str() {
            Some(text) => text.to_owned(),
            None => details.map(|list| visible(list)).unwrap_or_default(),
        };
        if !reasoning.is_empty() {
            self.ready.push_back(ChatEvent::Reasoning(reasoning));
        }
        if let Some(list) = details {
            self.ready
                .push_back(ChatEvent::ReasoningDetails(list.clone()));
        }
        if let Some(text) = delta["content"].as_str().filter(|text| !text.is_empty()) {
            self.ready.push_back(ChatEvent::Text(text.to_owned()));
        }
        if let Some(list) = delta["annotations"]
            .as_array()
            .filter(|list| !list.is_empty())
        {
            self.ready.push_back(ChatEvent::Annotations(list.clone()));
        }
    }
}

/// The readable part of reasoning details.
fn visible(details: &[Value]) -> String {
    let text = |d: &Value| {
        d["text"]
            .as_str()
            .or(d["summary"].as_str())
            .map(str::to_owned)
    };
    details.iter().filter_map(text).collect()
}
