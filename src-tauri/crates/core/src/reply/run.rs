//! One task for each running answer: from the service's events to the stage and to the disk.
//!
//! What costs time is coalesced: windows hear every 25 ms, the disk every 200 ms, whatever the rate of tokens. The
//! cost of a token does not depend on the length of the answer or of the conversation.

mod again;
mod ending;
mod entries;
mod saving;
mod weight;

use crate::{
    Core,
    app::blocking,
    cited,
    files::{
        self, drawn,
        parts::{self, Pdfs, Takes},
    },
    options, problem, routing,
    wire::{Change, Options, Problem, ProblemCode as Code, Retrying},
};
use history::{ConversationId, MessageId, Served};
use openrouter::{
    ApiError, ApiKey, ChatEvent, ChatMessage, ChatRequest, Error, FinishReason, ToolCalls, Usage,
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::oneshot,
    time::{Instant, MissedTickBehavior},
};

use entries::Entries;
use saving::{Extent, Saving, written};
use weight::size;

pub(crate) use ending::usage;

const TO_WINDOW: Duration = Duration::from_millis(25);
/// With the time that a save takes, a crash costs less than a quarter of a second of words.
const TO_DISK: Duration = Duration::from_millis(200);
/// Largest answer with all that belongs to it, in bytes.
const ANSWER_MAX: usize = 50 * 1024 * 1024;

/// What a task is to ask.
pub(super) struct Job {
    parent: Option<MessageId>,
    options: Options,
    takes: Takes,
    /// The words and the reasoning of the answer that is continued.
    prefix: Option<ChatMessage>,
    /// The white space that was cut off its end.
    gap: String,
    details: Vec<Value>,
    annotations: Vec<Value>,
}

impl Job {
    pub fn new(answer: &history::Message, options: Options, takes: Takes) -> Self {
        Self {
            parent: answer.parent,
            options,
            takes,
            prefix: None,
            gap: String::new(),
            details: Vec::new(),
            annotations: Vec::new(),
        }
    }

    /// The answer begins with the words of the old one.
    pub fn continuing(
        answer: &history::Message,
        options: Options,
        takes: Takes,
        old: &history::Message,
    ) -> Self {
        let list = |json: Option<&str>| match options::json(json) {
            Some(Value::Array(list)) => list,
            _ => Vec::new(),
        };
        Self {
            prefix: Some(ChatMessage {
                reasoning_details: options::json(old.reasoning_details.as_deref()),
                annotations: options::json(old.annotations.as_deref()),
                ..ChatMessage::words(openrouter::Role::Assistant, answer.text.clone())
            }),
            gap: old.text[answer.text.len()..].to_owned(),
            details: list(old.reasoning_details.as_deref()),
            annotations: list(old.annotations.as_deref()),
            ..Self::new(answer, options, takes)
        }
    }
}

/// In milliseconds.
fn since(from: Instant, to: Instant) -> Option<i64> {
    i64::try_from((to - from).as_millis()).ok()
}

/// What one answer has gathered so far.
pub(super) struct Run {
    core: Core,
    id: MessageId,
    conversation: ConversationId,
    started: Instant,
    /// It goes on with words that were there.
    continued: bool,
    gap: String,
    /// Characters that were there before the words that come.
    before: u64,
    /// Came, and not yet on stage.
    text: String,
    reasoning: String,
    /// What is on disk of it.
    saved: Extent,
    saved_at: Instant,
    /// On its way to the disk.
    saving: Option<Saving>,
    /// Something came that is neither.
    unsaved: bool,
    /// Bytes of everything that came.
    size: usize,
    first: Option<Instant>,
    /// When it began to think.
    thinking: Option<Instant>,
    /// Words came, and not only thoughts.
    spoke: bool,
    details: Entries,
    annotations: Entries,
    /// Pictures that came and are not kept yet.
    images: Vec<Value>,
    /// Those that are kept.
    drawn: Vec<history::Attachment>,
    /// What came as pictures and is none that can be shown.
    odd: Vec<Value>,
    tools: ToolCalls,
    served: Served,
    /// Of it, what is on disk.
    noted: Served,
    finish: Option<FinishReason>,
    usage: Option<Usage>,
    /// The PDFs that were sent.
    pdfs: Pdfs,
}

/// How an answer ended.
struct Ended(history::Status, Option<Problem>);

/// How one attempt ended.
enum Attempt {
    Over(Ended),
    /// The service said no before the first token.
    Refused(ApiError),
}

impl Run {
    pub fn new(core: Core, answer: &history::Message) -> Self {
        let now = Instant::now();
        Self {
            core,
            id: answer.id,
            conversation: answer.conversation,
            started: now,
            continued: !answer.text.is_empty(),
            gap: String::new(),
            before: answer.text.chars().count() as u64,
            text: String::new(),
            reasoning: String::new(),
            saved: Extent {
                text: answer.text.len(),
                reasoning: answer.reasoning.len(),
                ..Extent::default()
            },
            saved_at: now,
            saving: None,
            unsaved: false,
            size: answer.text.len() + answer.reasoning.len(),
            first: None,
            thinking: None,
            spoke: false,
            details: Entries::default(),
            annotations: Entries::default(),
            images: Vec::new(),
            drawn: Vec::new(),
            odd: Vec::new(),
            tools: ToolCalls::default(),
            served: Served::default(),
            noted: Served::default(),
            finish: None,
            usage: None,
            pdfs: Pdfs::default(),
        }
    }

    /// Asks, receives, stores; always ends with a stored ending.
    pub async fn answer(
        mut self,
        key: ApiKey,
        model: String,
        job: Job,
        stop: oneshot::Receiver<()>,
    ) {
        let ended = match self.request(model, job).await {
            Ok(request) => self.receive(&key, &request, stop).await,
            Err(problem) => Ended(self.broken(), Some(problem)),
        };
        drop(key);
        self.store(ended).await;
    }

    /// The conversation up to the question, as the service takes it.
    async fn request(&mut self, model: String, job: Job) -> Result<ChatRequest, Problem> {
        let (conversation, parent) = (self.conversation, job.parent);
        let (history, options, takes) = (self.core.history().await?, job.options, job.takes);
        let reading = blocking(move || {
            let thread = history
                .thread(conversation, parent)
                .map_err(|e| problem::history(&e))?;
            let prepared = parts::prepare(&history, &thread, takes, &options)?;
            Ok::<_, Problem>((prepared, options))
        });
        let (said, options) = reading.await??;
        let system = options.system.clone();
        let system = system.map(|text| ChatMessage::words(openrouter::Role::System, text));
        let messages = system.into_iter().chain(said.messages).chain(job.prefix);
        let mut request = ChatRequest {
            model,
            messages: messages.collect(),
            session_id: Some(conversation.to_string()),
            ..ChatRequest::default()
        };
        options::apply(&options, &mut request);
        parts::extras(&options, takes, !said.pdfs.files.is_empty(), &mut request);
        self.pdfs = said.pdfs;
        self.gap = job.gap;
        self.details.extend(job.details);
        self.annotations.extend(job.annotations);
        // Those of the answer that is continued belong to the words that are there already.
        if self.details.json().is_some() || self.annotations.json().is_some() {
            self.save().await;
        }
        Ok(request)
    }

    async fn receive(
        &mut self,
        key: &ApiKey,
        request: &ChatRequest,
        mut stop: oneshot::Receiver<()>,
    ) -> Ended {
        for attempt in 1.. {
            let mut error = match self.attempt(key, request, &mut stop).await {
                Attempt::Over(ended) => return ended,
                Attempt::Refused(error) => error,
            };
            self.read_in_files(&mut error);
            let random = self
                .core
                .0
                .ports
                .nature
                .random()
                .map_or(128, |bytes| bytes[0]);
            let reason = problem::answer_api(&error);
            let reason = routing::explain(&error, request, &reason).unwrap_or(reason);
            let Some(wait) = again::wait(&error, attempt, self.started.elapsed(), random) else {
                return Ended(self.broken(), Some(reason));
            };
            let at_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
            let retrying = Retrying {
                at_ms: self.core.0.ports.nature.now_ms().saturating_add(at_ms),
                attempt: attempt + 1,
                of: again::ATTEMPTS,
                reason: reason.message,
            };
            self.announce(Some(retrying)).await;
            tokio::select! {
                biased;
                _ = &mut stop => return Ended(history::Status::Stopped, None),
                () = tokio::time::sleep(wait) => {}
            }
            self.announce(None).await;
            (self.served, self.finish, self.usage) = (Served::default(), None, None);
        }
        Ended(self.broken(), None)
    }

    /// Tells the windows whether it is asked again by itself.
    async fn announce(&self, retrying: Option<Retrying>) {
        let mut stage = self.core.0.stage.lock().await;
        if let Some(live) = stage.live(self.id) {
            live.meta.retrying = retrying;
            let meta = live.meta.clone();
            stage.send(self.conversation, &Change::Meta { meta });
        }
    }

    async fn attempt(
        &mut self,
        key: &ApiKey,
        request: &ChatRequest,
        stop: &mut oneshot::Receiver<()>,
    ) -> Attempt {
        let client = self.core.0.client.clone();
        let over = |status, problem| Attempt::Over(Ended(status, problem));
        let stopped = || over(history::Status::Stopped, None);
        let mut stream = tokio::select! {
            biased;
            _ = &mut *stop => return stopped(),
            answer = client.chat(key, request) => match answer {
                Ok(stream) => stream,
                Err(Error::Api(error)) => return Attempt::Refused(*error),
                Err(error) => return over(self.broken(), Some(problem::answer(&error))),
            },
        };
        let mut tick = tokio::time::interval(TO_WINDOW);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let generation = stream.generation();
            if generation.is_some() && self.served.generation_id.is_none() {
                self.served.generation_id = generation.map(str::to_owned);
                self.unsaved = true;
            }
            let waiting = !self.text.is_empty() || !self.reasoning.is_empty();
            let event = tokio::select! {
                // In this order: a stream that is always ready must starve neither the stop nor disk and window.
                biased;
                _ = &mut *stop => return stopped(),
                done = written(&mut self.saving) => {
                    self.written(done);
                    continue;
                }
                () = tokio::time::sleep_until(self.saved_at + TO_DISK), if self.unsaved && self.saving.is_none() => {
                    self.save().await;
                    continue;
                }
                _ = tick.tick(), if waiting => {
                    self.present().await;
                    continue;
                }
                event = stream.next() => event,
            };
            match event {
                Ok(Some(ChatEvent::Failed(error))) if self.nothing_came() => {
                    return Attempt::Refused(error);
                }
                Ok(Some(ChatEvent::Failed(mut error))) => {
                    self.read_in_files(&mut error);
                    return over(self.broken(), Some(problem::answer_api(&error)));
                }
                Ok(Some(event)) => {
                    // Before it is taken: what is kept must fit into the file.
                    self.size += size(&event);
                    if self.size > ANSWER_MAX {
                        let text = "The answer grew beyond 50 MB and was stopped there. What came is kept.";
                        let problem = Problem::new(Code::Again, text);
                        return over(history::Status::Interrupted, Some(problem));
                    }
                    self.take(event);
                    if !self.images.is_empty() {
                        self.keep_images().await;
                    }
                }
                Ok(None) => return Attempt::Over(self.ended()),
                // Everything was said; only the farewell got lost.
                Err(_) if self.finish.is_some() => return Attempt::Over(self.ended()),
                Err(error) => return over(self.broken(), Some(problem::answer(&error))),
            }
        }
    }

    fn take(&mut self, event: ChatEvent) {
        self.unsaved = true;
        match event {
            ChatEvent::Served { model, provider } => {
                (self.served.served_model, self.served.provider) = (model, provider);
            }
            ChatEvent::Reasoning(text) => {
                self.begun();
                self.thinking.get_or_insert_with(Instant::now);
                self.reasoning.push_str(&text);
            }
            ChatEvent::Text(text) => {
                self.begun();
                if !self.spoke {
                    self.spoke = true;
                    let now = Instant::now();
                    self.served.thought_ms = self.thinking.and_then(|from| since(from, now));
                }
                let gap = std::mem::take(&mut self.gap);
                if !text.starts_with(char::is_whitespace) {
                    self.before += gap.chars().count() as u64;
                    self.text.push_str(&gap);
                }
                self.text.push_str(&text);
            }
            ChatEvent::ReasoningDetails(list) => self.details.extend(list),
            ChatEvent::Annotations(list) => {
                let before = self.before;
                let list = list.into_iter().map(|one| cited::moved(one, before));
                self.annotations.extend(list);
            }
            ChatEvent::Images(list) => {
                self.begun();
                self.images.extend(list);
            }
            ChatEvent::Tools(pieces) => {
                self.begun();
                self.tools.push(pieces);
            }
            ChatEvent::Finished(reason) => self.finish = Some(reason),
            ChatEvent::Usage(usage) => self.usage = Some(usage),
            ChatEvent::Failed(_) => {}
        }
    }

    /// Pictures are kept, and shown, as they come.
    async fn keep_images(&mut self) {
        // Shared and not copied: they are large.
        let parts = Arc::new(std::mem::take(&mut self.images));
        let (id, now_ms) = (self.id, self.core.0.ports.nature.now_ms());
        let (before, given) = (self.drawn.clone(), Arc::clone(&parts));
        let keeping = self
            .core
            .stored(move |history| Ok(drawn::keep(history, id, &given, &before, now_ms)));
        let Ok((kept, odd)) = keeping.await else {
            self.odd.extend(Arc::unwrap_or_clone(parts));
            return;
        };
        self.odd.extend(odd);
        if kept.len() == self.drawn.len() {
            return;
        }
        self.drawn = kept;
        let mut stage = self.core.0.stage.lock().await;
        if let Some(live) = stage.live(self.id) {
            live.meta.attachments = self.drawn.iter().map(files::show).collect();
            let meta = live.meta.clone();
            stage.send(self.conversation, &Change::Meta { meta });
        }
    }

    /// What was read, and paid, before the model failed.
    fn read_in_files(&mut self, error: &mut ApiError) {
        let read = std::mem::take(&mut error.file_annotations);
        self.unsaved |= !read.is_empty();
        self.annotations.extend(read);
    }

    fn begun(&mut self) {
        self.first.get_or_insert_with(Instant::now);
    }

    /// Asking again costs nothing twice.
    fn nothing_came(&self) -> bool {
        self.first.is_none()
    }

    /// What came since the last time goes to the windows.
    async fn present(&mut self) {
        let (text, reasoning) = (
            std::mem::take(&mut self.text),
            std::mem::take(&mut self.reasoning),
        );
        if text.is_empty() && reasoning.is_empty() {
            return;
        }
        let mut stage = self.core.0.stage.lock().await;
        stage.grow(self.id, &text, &reasoning, self.served.thought_ms);
    }
}
