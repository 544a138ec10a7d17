//! A reply on its way: at its pace, until it is done or nobody listens any more, and paid for.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::behaviour::{Behaviour, Says, Speech, prose};
use super::extras::Extras;
use super::wire::{COMMENT, DONE, Finish, Head, Usage};
use super::{Asked, stream_headers};
use crate::account::{Generation, dollars};
use crate::reply::{self, Cut, Reply};
use crate::state::Shared;
use crate::{Recorded, cases};

/// So many bytes of what is due already are sent together.
const TOGETHER: usize = 4096;
/// How often a silent connection gets a comment: 17 were recorded in 10 seconds, 76 in 43.
const COMMENT_EVERY: Duration = Duration::from_millis(580);

pub(super) struct Job {
    asked: Asked,
    head: Head,
    generation: Generation,
    extras: Extras,
    shared: Arc<Shared>,
}

/// What will be said, cut into tokens and already cut to the longest answer.
struct Script {
    reasoning: Vec<String>,
    content: Vec<String>,
    finish: Finish,
}

type Sender = mpsc::Sender<Result<Bytes, Cut>>;

impl Job {
    pub fn new(asked: Asked, key: String, request: &Recorded, shared: Arc<Shared>) -> Self {
        let mut state = shared.lock();
        let now = state.now();
        let head = Head {
            id: state.generation_id(),
            created: now.unix_timestamp(),
            model: asked.model.id.clone(),
            provider: asked.provider.clone(),
        };
        let extras = Extras::of(&asked.body, &asked.model, &mut state);
        drop(state);
        let generation = Generation {
            id: head.id.clone(),
            model: head.model.clone(),
            provider: head.provider.clone(),
            created: now,
            ended: now,
            streamed: asked.body["stream"] == true,
            cancelled: false,
            finish_reason: None,
            native_finish_reason: None,
            prompt_tokens: asked.prompt_tokens,
            completion_tokens: 0,
            reasoning_tokens: 0,
            cost: 0.0,
            referer: request.header("http-referer").map(str::to_owned),
            user_agent: request.header("user-agent").map(str::to_owned),
            key,
            asked: 0,
        };
        Self {
            asked,
            head,
            generation,
            extras,
            shared,
        }
    }

    pub fn stream(self) -> Reply {
        let mut reply = reply::with(200, "text/event-stream", Bytes::new());
        let id = matches!(self.asked.behaviour, Behaviour::Speak(_)).then_some(&*self.head.id);
        stream_headers(&mut reply, id);
        // One chunk waits at most: what a client does not read is not made, nor paid for.
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(self.tell(sender));
        let frames = stream::unfold(receiver, |mut receiver| async move {
            let chunk: Result<Bytes, Cut> = receiver.recv().await?;
            if chunk.is_err() {
                // The server writes what it holds when a body is not ready; without this pause the
                // chunks before the cut would be lost with it.
                tokio::task::yield_now().await;
            }
            Some((chunk.map(Frame::data), receiver))
        });
        *reply.body_mut() = StreamBody::new(frames).boxed_unsync();
        reply
    }

    /// A reply in one piece takes as long as a stream would. It cannot be cancelled, so it is paid
    /// before it is waited for.
    pub async fn whole(mut self) -> Reply {
        let speech = match self.asked.behaviour {
            Behaviour::Speak(speech) => speech,
            Behaviour::Recorded(..) => {
                return reply::json(200, &cases::all().chat_nonstream_200);
            }
            Behaviour::Error(case) => return reply::case_reply(case),
        };
        let script = self.script(speech);
        let (thought, said) = (script.reasoning.len(), script.content.len());
        let usage = self.settle(thought, said, Some(script.finish));
        let seconds = (thought + said) as f64 / self.rate(speech);
        tokio::time::sleep(speech.silence + Duration::from_secs_f64(seconds)).await;
        let reasoning = script.reasoning.concat();
        let shown = !reasoning.is_empty() && !self.asked.hides_reasoning();
        let reasoning = shown.then_some(reasoning.as_str());
        let content = script.content.concat();
        reply::json(
            200,
            &self.head.whole(&content, reasoning, script.finish, &usage),
        )
    }

    async fn tell(self, sender: Sender) {
        match self.asked.behaviour {
            Behaviour::Speak(speech) => self.speak(speech, &sender).await,
            Behaviour::Recorded(name, frames) => self.replay(name, frames, &sender).await,
            Behaviour::Error(_) => {}
        }
    }

    async fn speak(mut self, speech: Speech, sender: &Sender) {
        let script = self.script(speech);
        if let Says::Book(_) = speech.says {
            self.shared.lock().pace.clear();
        }
        let hides = self.asked.hides_reasoning();
        let start = Instant::now();
        let mut comment_at = Duration::ZERO;
        while comment_at < speech.silence {
            if !send_at(sender, start + comment_at, COMMENT).await {
                self.settle(0, 0, None);
                return;
            }
            comment_at += COMMENT_EVERY;
        }
        let rate = self.rate(speech);
        let thought = script.reasoning.len();
        // What is due already goes together, as from a service that is faster than the line.
        let mut due = BytesMut::new();
        for (nth, token) in script.reasoning.iter().chain(&script.content).enumerate() {
            let burst = self.shared.config.burst;
            let paced = nth.saturating_sub(burst);
            let at = start + speech.silence + Duration::from_secs_f64(paced as f64 / rate);
            let chunk = match nth < thought {
                true if hides => Bytes::new(),
                true => self.head.reasoning(token),
                false => self.head.content(token),
            };
            due.extend_from_slice(&chunk);
            let last = nth + 1 == thought + script.content.len();
            let at_once = nth < burst || rate.is_infinite();
            let more = at_once && !last && due.len() < TOGETHER;
            if !more && !send_at(sender, at, due.split().freeze()).await {
                self.settle(nth.min(thought), nth.saturating_sub(thought), None);
                return;
            }
            if let Says::Book(_) = speech.says {
                self.shared.lock().pace.push(SystemTime::now());
            }
        }
        let (images, annotations) = (
            std::mem::take(&mut self.extras.images),
            std::mem::take(&mut self.extras.annotations),
        );
        for chunk in [self.head.images(images), self.head.annotations(annotations)] {
            if !chunk.is_empty() && sender.send(Ok(chunk)).await.is_err() {
                self.settle(thought, script.content.len(), None);
                return;
            }
        }
        // Charged before the end is told, so that who has read the end finds it in `/key`.
        let usage = self.settle(thought, script.content.len(), Some(script.finish));
        for chunk in [
            self.head.finish(script.finish),
            self.head.usage(script.finish, usage),
            DONE,
        ] {
            if sender.send(Ok(chunk)).await.is_err() {
                return;
            }
        }
    }

    async fn replay(mut self, name: &str, frames: &[String], sender: &Sender) {
        let told = |frame: &String| serde_json::from_str(frame.strip_prefix("data: ")?).ok();
        let told: Vec<Value> = frames.iter().filter_map(told).collect();
        if let Some(id) = told.first().and_then(|chunk| chunk["id"].as_str()) {
            id.clone_into(&mut self.generation.id);
        }
        let cost = told
            .iter()
            .find_map(|chunk| chunk["usage"]["cost"].as_f64())
            .unwrap_or(0.0);
        self.keep(cost);
        for frame in frames {
            if sender
                .send(Ok(Bytes::from(format!("{frame}\n\n"))))
                .await
                .is_err()
            {
                return;
            }
        }
        if name == "connection_drops_without_done" {
            // Nobody left to cut off is as good as cut off.
            let _ = sender.send(Err(Cut)).await;
        }
    }

    fn rate(&self, speech: Speech) -> f64 {
        let rate = speech.rate.unwrap_or(self.shared.config.tokens_per_second);
        if rate > 0.0 { rate } else { f64::INFINITY }
    }

    fn script(&self, speech: Speech) -> Script {
        let question = self.asked.question();
        let name = &self.asked.model.name;
        let mut reasoning = match (speech.reasoning, speech.says) {
            (0, Says::Answer) if self.asked.reasons() => super::answer::thoughts(&question),
            (count, _) if count > 0 && !self.asked.reasoning_is_off() => prose(count),
            _ => Vec::new(),
        };
        let mut content = speech.says.tokens(&question, name);
        let longest = self.asked.longest().unwrap_or(u64::MAX);
        let longest = usize::try_from(longest).unwrap_or(usize::MAX);
        let is_cut = reasoning.len() + content.len() > longest;
        reasoning.truncate(longest);
        content.truncate(longest - reasoning.len());
        let finish = if is_cut {
            ("length", "max_tokens")
        } else {
            ("stop", "stop")
        };
        Script {
            reasoning,
            content,
            finish,
        }
    }

    /// Charges what was said and makes the reply known to `/generation`. Without a finish it was
    /// cancelled.
    fn settle(&mut self, thought: usize, said: usize, finish: Option<Finish>) -> Usage {
        let prompt = self.asked.prompt_tokens;
        let (thought, said) = (thought as u64, said as u64);
        let prices = self.asked.model.prices(prompt);
        let mut usage = Usage::new(prompt, thought + said, thought, prices);
        usage.add(&self.extras);
        let generation = &mut self.generation;
        generation.completion_tokens = thought + said;
        generation.reasoning_tokens = thought;
        generation.cancelled = finish.is_none();
        generation.finish_reason = finish.map(|(finish, _)| finish.to_owned());
        generation.native_finish_reason = finish.map(|(_, native)| native.to_owned());
        self.keep(usage.cost);
        usage
    }

    fn keep(&mut self, cost: f64) {
        let mut state = self.shared.lock();
        state.charge(&self.generation.key, cost);
        let generation = Generation {
            ended: state.now(),
            cost: dollars(cost),
            ..self.generation.clone()
        };
        state.generations.insert(generation.id.clone(), generation);
    }
}

/// Sends when it is time; false as soon as nobody listens any more.
async fn send_at(sender: &Sender, at: Instant, chunk: Bytes) -> bool {
    if at > Instant::now() {
        tokio::select! {
            () = sender.closed() => return false,
            () = sleep_until(at) => {}
        }
    }
    chunk.is_empty() || sender.send(Ok(chunk)).await.is_ok()
}
