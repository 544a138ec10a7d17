//! One task for each running answer: from the service's events to the stage and to the disk.
//!
//! What costs time is coalesced: windows hear every 33 ms, the disk every 250 ms, whatever the rate of tokens. The
//! cost of a token does not depend on the length of the answer or of the conversation.

use crate::{
    Core, problem,
    thread::meta,
    wire::{Change, Problem, ProblemCode as Code, Status},
};
use history::{ConversationId, Delta, Finish, MessageId, Role};
use openrouter::{ApiKey, ChatEvent, ChatMessage, ChatRequest, FinishReason, Usage};
use serde_json::Value;
use std::time::Duration;
use tokio::{
    sync::oneshot,
    time::{Instant, MissedTickBehavior},
};

const TO_WINDOW: Duration = Duration::from_millis(33);
const TO_DISK: Duration = Duration::from_millis(250);

/// What one answer has gathered so far.
pub(super) struct Run {
    core: Core,
    id: MessageId,
    conversation: ConversationId,
    started: Instant,
    /// Came, and not yet on stage.
    text: String,
    reasoning: String,
    /// On stage and on disk, in bytes.
    saved: (usize, usize),
    saved_at: Instant,
    first: Option<Instant>,
    thought: (Option<Instant>, Option<Instant>),
    details: Vec<Value>,
    annotations: Vec<Value>,
    model: Option<String>,
    provider: Option<String>,
    generation: Option<String>,
    finish: Option<FinishReason>,
    usage: Option<Usage>,
}

/// How an answer ended.
struct Ended(history::Status, Option<Problem>);

impl Run {
    pub fn new(core: Core, id: MessageId, conversation: ConversationId) -> Self {
        let now = Instant::now();
        Self {
            core,
            id,
            conversation,
            started: now,
            text: String::new(),
            reasoning: String::new(),
            saved: (0, 0),
            saved_at: now,
            first: None,
            thought: (None, None),
            details: Vec::new(),
            annotations: Vec::new(),
            model: None,
            provider: None,
            generation: None,
            finish: None,
            usage: None,
        }
    }

    /// Asks, receives, stores; always ends with a stored ending.
    pub async fn answer(
        mut self,
        key: ApiKey,
        model: String,
        parent: Option<MessageId>,
        stop: oneshot::Receiver<()>,
    ) {
        let ended = match self.request(model, parent).await {
            Ok(request) => self.receive(&key, &request, stop).await,
            Err(problem) => Ended(history::Status::Failed, Some(problem)),
        };
        drop(key);
        self.store(ended).await;
    }

    /// The conversation up to the question, as the service takes it.
    async fn request(
        &self,
        model: String,
        parent: Option<MessageId>,
    ) -> Result<ChatRequest, Problem> {
        let conversation = self.conversation;
        let thread = self
            .core
            .stored(move |history| history.thread(conversation, parent))
            .await?;
        let messages = thread
            .into_iter()
            .filter(|m| !m.text.is_empty())
            .map(|m| ChatMessage {
                role: match m.role {
                    Role::User => openrouter::Role::User,
                    Role::Assistant => openrouter::Role::Assistant,
                    Role::System => openrouter::Role::System,
                },
                content: m.text,
                reasoning_details: m
                    .reasoning_details
                    .and_then(|json| serde_json::from_str(&json).ok()),
            });
        Ok(ChatRequest {
            model,
            messages: messages.collect(),
            max_completion_tokens: None,
            session_id: Some(conversation.to_string()),
        })
    }

    async fn receive(
        &mut self,
        key: &ApiKey,
        request: &ChatRequest,
        mut stop: oneshot::Receiver<()>,
    ) -> Ended {
        let client = self.core.0.client.clone();
        let mut stream = tokio::select! {
            biased;
            _ = &mut stop => return Ended(history::Status::Stopped, None),
            answer = client.chat(key, request) => match answer {
                Ok(stream) => stream,
                Err(error) => return Ended(history::Status::Failed, Some(problem::answer(&error))),
            },
        };
        let mut tick = tokio::time::interval(TO_WINDOW);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let waiting = !self.text.is_empty() || !self.reasoning.is_empty();
            let event = tokio::select! {
                // In this order: a stream that is always ready must not starve the stop or the window.
                biased;
                _ = &mut stop => return Ended(history::Status::Stopped, None),
                _ = tick.tick(), if waiting => {
                    self.present().await;
                    continue;
                }
                event = stream.next() => event,
            };
            if self.generation.is_none() {
                self.generation = stream.generation().map(str::to_owned);
            }
            match event {
                Ok(Some(ChatEvent::Failed(error))) => {
                    let status = self.broken();
                    return Ended(status, Some(problem::answer_api(&error)));
                }
                Ok(Some(event)) => self.take(event),
                Ok(None) => return self.ended(),
                // Everything was said; only the farewell got lost.
                Err(_) if self.finish.is_some() => return self.ended(),
                Err(error) => return Ended(self.broken(), Some(problem::answer(&error))),
            }
        }
    }

    fn take(&mut self, event: ChatEvent) {
        match event {
            ChatEvent::Served { model, provider } => {
                (self.model, self.provider) = (model, provider);
            }
            ChatEvent::Reasoning(text) => {
                self.begun();
                self.thought.0.get_or_insert_with(Instant::now);
                self.reasoning.push_str(&text);
            }
            ChatEvent::Text(text) => {
                self.begun();
                self.thought.1.get_or_insert_with(Instant::now);
                self.text.push_str(&text);
            }
            ChatEvent::ReasoningDetails(list) => self.details.extend(list),
            ChatEvent::Annotations(list) => self.annotations.extend(list),
            ChatEvent::Finished(reason) => self.finish = Some(reason),
            ChatEvent::Usage(usage) => self.usage = Some(usage),
            ChatEvent::Failed(_) => {}
        }
    }

    fn begun(&mut self) {
        self.first.get_or_insert_with(Instant::now);
    }

    /// With words it was interrupted, without it failed.
    fn broken(&self) -> history::Status {
        if self.first.is_some() {
            history::Status::Interrupted
        } else {
            history::Status::Failed
        }
    }

    /// The stream ended by itself: well, cut short, or with a reason to explain.
    fn ended(&self) -> Ended {
        let explain = |code, text: &str| Some(Problem::new(code, text));
        let problem = match &self.finish {
            None => {
                let text =
                    "The connection ended before the answer was complete. What came is kept.";
                return Ended(self.broken(), explain(Code::Again, text));
            }
            Some(FinishReason::Length) if self.wordless() => explain(
                Code::Again,
                "The model used its whole budget for thinking and had none left to answer.",
            ),
            Some(FinishReason::Length) => explain(
                Code::Again,
                "The answer reached the model's longest and was cut there.",
            ),
            Some(FinishReason::ContentFilter) => explain(
                Code::OtherModel,
                "The provider's filter ended this answer. Another model may go on.",
            ),
            Some(FinishReason::Error) => {
                explain(Code::Again, "The provider broke off. What came is kept.")
            }
            _ if self.first.is_none() => {
                explain(Code::Again, "The model answered with nothing. Try again.")
            }
            _ => None,
        };
        Ended(history::Status::Done, problem)
    }

    fn wordless(&self) -> bool {
        self.thought.1.is_none()
    }

    /// What came since the last time goes to the windows, and now and then to the disk.
    async fn present(&mut self) {
        let (text, reasoning) = (
            std::mem::take(&mut self.text),
            std::mem::take(&mut self.reasoning),
        );
        let mut stage = self.core.0.stage.lock().await;
        stage.grow(self.id, &text, &reasoning);
        if self.saved_at.elapsed() < TO_DISK {
            return;
        }
        self.saved_at = Instant::now();
        let Some(live) = stage.live(self.id) else {
            return;
        };
        let at = self.saved;
        let new = (
            live.text[at.0..].to_owned(),
            live.reasoning[at.1..].to_owned(),
        );
        let all = (live.text.len(), live.reasoning.len());
        drop(stage);
        let id = self.id;
        let saving = self.core.stored(move |history| {
            let text = Delta {
                at: at.0,
                text: &new.0,
            };
            let reasoning = Delta {
                at: at.1,
                text: &new.1,
            };
            history.save_progress(id, text, reasoning)
        });
        // A full disk is told at the end; meanwhile the words are in memory and the next save begins here again.
        if saving.await.is_ok() {
            self.saved = all;
        }
    }

    async fn store(mut self, Ended(status, problem): Ended) {
        self.present().await;
        let mut stage = self.core.0.stage.lock().await;
        stage.close(self.id);
        let whole = stage
            .live(self.id)
            .map(|live| (live.text.clone(), live.reasoning.clone()));
        drop(stage);
        let (text, reasoning) = whole.unzip();
        let finish = self.ending(status, text, reasoning, problem.as_ref());
        let (id, conversation) = (self.id, self.conversation);
        let stored = self.core.stored(move |history| {
            history.finish(id, &finish)?;
            Ok((history.message(id)?, history.conversation(conversation)?))
        });
        let names = self.core.known_models().await;
        match stored.await {
            Ok((message, row)) => {
                let meta = meta(&message, &names);
                let mut stage = self.core.0.stage.lock().await;
                stage.remove(id);
                stage.send(conversation, &Change::Meta { meta });
                drop(stage);
                self.core.changed(&row).await;
            }
            Err(problem) => {
                // Not stored: the words stay on stage, with the reason, until the app quits.
                let mut stage = self.core.0.stage.lock().await;
                let Some(live) = stage.live(id) else { return };
                live.meta.status = Status::Interrupted;
                live.meta.problem = Some(problem);
                let meta = live.meta.clone();
                stage.send(conversation, &Change::Meta { meta });
            }
        }
        // What it cost shows in the key's meter; offline it simply stays as it was.
        let _ = self.core.refresh_account().await;
    }

    fn ending(
        &self,
        status: history::Status,
        text: Option<String>,
        reasoning: Option<String>,
        problem: Option<&Problem>,
    ) -> Finish {
        let json =
            |list: &[Value]| (!list.is_empty()).then(|| Value::Array(list.to_vec()).to_string());
        let since = |from: Instant, to: Instant| i64::try_from((to - from).as_millis()).ok();
        let (thinking, words) = self.thought;
        let thought = thinking.and_then(|from| since(from, words.unwrap_or_else(Instant::now)));
        Finish {
            text,
            reasoning,
            finish_reason: self
                .finish
                .as_ref()
                .map(|reason| reason.as_str().to_owned()),
            error: problem.and_then(|problem| serde_json::to_string(problem).ok()),
            usage: self.usage.as_ref().map(usage).unwrap_or_default(),
            generation_id: self.generation.clone(),
            provider: self.provider.clone(),
            served_model: self.model.clone(),
            reasoning_details: json(&self.details),
            annotations: json(&self.annotations),
            thought_ms: thought,
            first_token_ms: self.first.and_then(|first| since(self.started, first)),
            ..Finish::new(status, self.core.0.ports.nature.now_ms())
        }
    }
}

fn usage(usage: &Usage) -> history::Usage {
    history::Usage {
        prompt_tokens: Some(usage.prompt_tokens),
        completion_tokens: Some(usage.completion_tokens),
        reasoning_tokens: usage
            .completion_tokens_details
            .as_ref()
            .and_then(|d| d.reasoning_tokens),
        cached_tokens: usage
            .prompt_tokens_details
            .as_ref()
            .and_then(|d| d.cached_tokens),
        cost_nanos: usage.cost.and_then(nanos),
    }
}

/// Dollars as nano-dollars; nothing negative, nothing that is no amount.
#[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
fn nanos(dollars: f64) -> Option<i64> {
    let nanos = (dollars * 1e9).round();
    (0.0..=1e15).contains(&nanos).then_some(nanos as i64)
}
