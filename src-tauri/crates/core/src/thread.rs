//! What is on stage: the threads that windows show, and the answers being written.
//!
//! One lock covers both, so that a snapshot and the numbered changes after it never miss each other.

mod find;
mod pages;
mod side;

use crate::{
    Core,
    app::blocking,
    cited,
    meta::meta,
    problem,
    wire::{
        Change, Copied, Message, MessageMeta, Model, Op, Part, PartKind, Problem, ProblemCode,
        Status, ThreadEvent,
    },
};
use history::{ConversationId, MessageId};
use std::collections::HashMap;
use tokio::sync::oneshot;

/// Largest patch, in bytes of HTML: a larger message takes a slower way to the window.
const PATCH_MAX: usize = 7 * 1024;

/// The threads on screen and the answers being written.
#[derive(Default)]
pub(crate) struct Stage {
    windows: HashMap<String, Open>,
    live: HashMap<MessageId, Live>,
}

type Sink = Box<dyn Fn(ThreadEvent) + Send>;

struct Open {
    conversation: ConversationId,
    seq: u64,
    /// Who answers is not told.
    blind: bool,
    sink: Sink,
}

/// An answer being written. It lives here, not in a window.
pub(crate) struct Live {
    pub conversation: ConversationId,
    pub meta: MessageMeta,
    pub text: String,
    pub reasoning: String,
    pub stream: markdown::Stream,
    pub stop: Option<oneshot::Sender<()>>,
}

impl Live {
    fn show(&self) -> Message {
        let (blocks, tail) = self.stream.blocks();
        Message {
            meta: self.meta.clone(),
            text: String::new(),
            blocks: blocks.to_vec(),
            tail: tail.to_owned(),
            line: self.stream.open_line().to_owned(),
            reasoning: self.reasoning.clone(),
        }
    }

    fn writing(&self) -> bool {
        matches!(self.meta.status, Status::Waiting | Status::Streaming)
    }
}

impl Stage {
    /// Sends a change to every window that shows this conversation.
    pub fn send(&mut self, conversation: ConversationId, change: &Change) {
        for open in self
            .windows
            .values_mut()
            .filter(|open| open.conversation == conversation)
        {
            open.seq += 1;
            (open.sink)(ThreadEvent {
                seq: open.seq,
                change: Self::seen(change, open.blind),
            });
        }
    }

    /// The conversation that a window shows.
    pub fn shown_in(&self, window: &str) -> Option<ConversationId> {
        self.windows.get(window).map(|open| open.conversation)
    }

    pub fn add(&mut self, id: MessageId, live: Live) {
        self.live.insert(id, live);
    }

    pub fn live(&mut self, id: MessageId) -> Option<&mut Live> {
        self.live.get_mut(&id)
    }

    pub fn remove(&mut self, id: MessageId) {
        self.live.remove(&id);
    }

    /// Lets an answer grow and tells the windows, in patches of bounded size.
    pub fn grow(&mut self, id: MessageId, text: &str, reasoning: &str, thought_ms: Option<i64>) {
        let Some(live) = self.live.get_mut(&id) else {
            return;
        };
        live.text.push_str(text);
        live.reasoning.push_str(reasoning);
        let mut ops = Vec::new();
        if !reasoning.is_empty() {
            ops.push(Op::Reasoning {
                text: reasoning.to_owned(),
            });
        }
        if !text.is_empty() {
            ops.extend(live.stream.push(text).into_iter().map(op));
        }
        let news = live.meta.status == Status::Waiting || live.meta.thought_ms != thought_ms;
        live.meta.status = Status::Streaming;
        live.meta.thought_ms = thought_ms;
        let conversation = live.conversation;
        // The rest of it does not change with every piece: it is not sent with every piece.
        if news {
            live.meta.retrying = None;
            let meta = live.meta.clone();
            self.send(conversation, &Change::Meta { meta });
        }
        self.patch(conversation, id, ops);
    }

    /// Closes an answer's text.
    pub fn close(&mut self, id: MessageId) {
        let Some(live) = self.live.get_mut(&id) else {
            return;
        };
        let ops = live.stream.finish().into_iter().map(op).collect();
        let conversation = live.conversation;
        self.patch(conversation, id, ops);
    }

    /// Puts the marks of its sources into a closed answer: these are its blocks with them.
    pub fn mark(&mut self, id: MessageId, marked: Vec<String>) {
        let Some(live) = self.live.get(&id) else {
            return;
        };
        let (shown, _) = live.stream.blocks();
        let blocks = (0..).zip(shown.iter().zip(marked));
        let ops = blocks
            .filter(|(_, (shown, marked))| *shown != marked)
            .map(|(block, (_, html))| Op::Mark { block, html })
            .collect();
        self.patch(live.conversation, id, ops);
    }

    fn patch(&mut self, conversation: ConversationId, id: MessageId, ops: Vec<Op>) {
        let mut ops = ops.into_iter().peekable();
        while ops.peek().is_some() {
            let mut size = 0;
            let mut part = Vec::new();
            while let Some(op) = ops.next_if(|op| size == 0 || size + length(op) <= PATCH_MAX) {
                size += length(&op).max(1);
                part.push(op);
            }
            self.send(
                conversation,
                &Change::Patch {
                    message: id.to_string(),
                    ops: part,
                },
            );
        }
    }

    /// True while an answer is being written anywhere.
    pub fn answers(&self) -> bool {
        self.writes(|_, _| true)
    }

    /// True while an answer is being written in this conversation.
    pub fn answers_in(&self, conversation: ConversationId) -> bool {
        self.writing(conversation).is_some()
    }

    /// True while this answer is being written.
    pub fn writes_answer(&self, id: MessageId) -> bool {
        self.live.get(&id).is_some_and(Live::writing)
    }

    /// The answer that is being written in this conversation.
    fn writing(&self, conversation: ConversationId) -> Option<MessageId> {
        let writes = |live: &Live| live.conversation == conversation && live.writing();
        let mut live = self.live.iter();
        live.find_map(|(id, live)| writes(live).then_some(*id))
    }

    /// Asks answers to stop: all, those of a conversation, or one.
    pub fn stop(&mut self, which: impl Fn(MessageId, &Live) -> bool) {
        for (_, live) in self.live.iter_mut().filter(|(id, live)| which(**id, live)) {
            if let Some(stop) = live.stop.take() {
                // A task that is gone has nothing to stop.
                let _ = stop.send(());
            }
        }
    }

    /// The answers being written.
    fn written(&self) -> Vec<(MessageId, ConversationId)> {
        let written = self.live.iter().filter(|(_, live)| live.writing());
        written.map(|(id, live)| (*id, live.conversation)).collect()
    }

    fn writes(&self, which: impl Fn(MessageId, &Live) -> bool) -> bool {
        self.live
            .iter()
            .any(|(id, live)| live.writing() && which(*id, live))
    }
}

fn op(op: markdown::Op) -> Op {
    match op {
        markdown::Op::Seal(html) => Op::Seal { html },
        markdown::Op::Tail(html) => Op::Tail { html },
        markdown::Op::TailAppend { html, line } => Op::TailAppend { html, line },
        markdown::Op::SealTail => Op::SealTail,
    }
}

fn length(op: &Op) -> usize {
    match op {
        Op::Seal { html } | Op::Tail { html } | Op::Mark { html, .. } => html.len(),
        Op::TailAppend { html, line } => html.len() + line.len(),
        Op::Reasoning { text } => text.len(),
        Op::SealTail => 0,
    }
}

impl Core {
    /// The window shows no thread any more. Answers go on.
    pub async fn close_thread(&self, window: &str) {
        self.0.stage.lock().await.windows.remove(window);
    }

    /// Stops an answer. What came is kept.
    ///
    /// # Errors
    /// Not an id.
    pub async fn stop(&self, message: &str) -> Result<(), Problem> {
        let message = message_id(message)?;
        self.0.stage.lock().await.stop(|id, _| id == message);
        Ok(())
    }

    pub(crate) async fn stop_all(&self) {
        self.stop_and_wait(|_, _| true).await;
    }

    pub(crate) async fn stop_in(&self, conversation: ConversationId) {
        self.stop_and_wait(|_, live| live.conversation == conversation)
            .await;
    }

    /// Stops answers and waits, for a second at most, until what they have is stored.
    async fn stop_and_wait(&self, which: impl Fn(MessageId, &Live) -> bool + Copy) {
        self.0.stage.lock().await.stop(which);
        for _ in 0..100 {
            if !self.0.stage.lock().await.writes(which) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// Shows another answer (or version) at a fork; `sibling` counts from 0.
    ///
    /// # Errors
    /// It is not there, or can't be stored.
    pub async fn select_branch(&self, message: &str, sibling: u32) -> Result<(), Problem> {
        let message = message_id(message)?;
        let select = self.stored(move |history| {
            let conversation = history.message(message)?.conversation;
            let siblings = history.siblings(message)?;
            let there = usize::try_from(sibling)
                .ok()
                .and_then(|at| siblings.get(at));
            let there = there.ok_or(history::Error::NotFound { what: "version" })?;
            history.set_leaf(conversation, *there)?;
            Ok(conversation)
        });
        self.reload(select.await?).await;
        Ok(())
    }

    /// Has the branch that a message is on be the one that is shown. Returns the message's conversation.
    ///
    /// # Errors
    /// It is not there any more, or that can't be stored.
    pub async fn reveal_message(&self, message: &str) -> Result<String, Problem> {
        let id = message_id(message)?;
        let (conversation, other) = self.stored(move |history| history.reveal(id)).await?;
        if other {
            self.reload(conversation).await;
        }
        Ok(conversation.to_string())
    }

    /// Takes a message with all that follows it away; it can be restored. An answer that is being written there is
    /// stopped, and what it cost goes on being counted.
    ///
    /// # Errors
    /// It is not there, or it can't be stored.
    pub async fn delete_message(&self, message: &str) -> Result<(), Problem> {
        let id = message_id(message)?;
        let written = self.0.stage.lock().await.written();
        for (answer, conversation) in written {
            let branch = self.stored(move |history| history.thread(conversation, Some(answer)));
            // One that can't be read is no longer there.
            let below = branch
                .await
                .is_ok_and(|branch| branch.iter().any(|m| m.id == id));
            if below {
                self.stop_and_wait(|running, _| running == answer).await;
            }
        }
        let now = self.0.ports.nature.now_ms();
        let gone = self.stored(move |history| history.delete_message(id, now));
        self.reload(gone.await?).await;
        Ok(())
    }

    /// Undoes a deletion, and shows what was shown before it.
    ///
    /// # Errors
    /// It is not there, or it can't be stored.
    pub async fn restore_message(&self, message: &str) -> Result<(), Problem> {
        let id = message_id(message)?;
        let back = self.stored(move |history| history.restore_message(id));
        self.reload(back.await?).await;
        Ok(())
    }

    /// Has the windows look at a conversation anew.
    async fn reload(&self, conversation: ConversationId) {
        let mut stage = self.0.stage.lock().await;
        stage.send(conversation, &Change::Reload);
    }

    /// Puts a message's own words, as markdown, on the clipboard.
    ///
    /// # Errors
    /// It is not there, or the clipboard is not.
    pub async fn copy_message(&self, message: &str) -> Result<(), Problem> {
        let text = self.words(message).await?;
        self.copy(&text)
    }

    /// Puts a part of a message on the clipboard: a table as CSV, or a block of code without what cannot be seen and
    /// without line feeds at its end. Says how many characters were left out.
    ///
    /// # Errors
    /// It is not there, or the clipboard is not.
    pub async fn copy_part(&self, message: &str, part: Part) -> Result<Copied, Problem> {
        let text = self.words(message).await?;
        let nth = usize::try_from(part.index).unwrap_or(usize::MAX);
        let taken = blocking(move || match part.kind {
            PartKind::Table => markdown::table_csv(&text, nth).map(|csv| (csv, 0)),
            PartKind::Code => markdown::code_text(&text, nth).map(|c| (c.text, c.left_out)),
        });
        let (text, left_out) = taken.await?.ok_or_else(|| {
            Problem::new(
                ProblemCode::Again,
                "This part of the answer has changed. Try again.",
            )
        })?;
        self.copy(&text)?;
        Ok(Copied {
            left_out: u32::try_from(left_out).unwrap_or(u32::MAX),
        })
    }

    /// A message's own words, also while it is written.
    async fn words(&self, message: &str) -> Result<String, Problem> {
        let id = message_id(message)?;
        let mut stage = self.0.stage.lock().await;
        if let Some(live) = stage.live(id) {
            return Ok(live.text.clone());
        }
        drop(stage);
        self.stored(move |history| Ok(history.message(id)?.text))
            .await
    }
}

/// Reads an id that came from the window.
pub(crate) fn message_id(id: &str) -> Result<MessageId, Problem> {
    id.parse().map_err(|e| problem::history(&e))
}

/// A stored message as the window shows it.
fn message(message: &history::Message, names: &[Model]) -> Message {
    let by_person = message.role == history::Role::User;
    Message {
        meta: meta(message, names),
        text: if by_person {
            message.text.clone()
        } else {
            String::new()
        },
        blocks: if by_person {
            Vec::new()
        } else {
            cited::marked(&message.text, message.annotations.as_deref())
                .unwrap_or_else(|| markdown::render(&message.text))
        },
        tail: String::new(),
        line: String::new(),
        reasoning: message.reasoning.clone(),
    }
}
