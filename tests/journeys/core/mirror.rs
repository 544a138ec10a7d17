//! A window's copy of a thread, kept as the window keeps it: a snapshot, then numbered changes.

use crate::harness::App;
use causeway_core::wire::{Change, Message, Op, Status, Thread, ThreadEvent};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::watch, time::timeout};

pub struct Mirror {
    state: Arc<Mutex<State>>,
    changed: watch::Receiver<u64>,
}

#[derive(Default)]
struct State {
    /// None until the snapshot is here; events that come earlier wait.
    thread: Option<Thread>,
    early: Vec<ThreadEvent>,
    reload: bool,
    /// Everything that crossed, as the window would receive it.
    wire: Vec<String>,
}

impl State {
    fn hear(&mut self, event: ThreadEvent) {
        self.wire.push(serde_json::to_string(&event).unwrap());
        let Some(thread) = &mut self.thread else {
            self.early.push(event);
            return;
        };
        assert_eq!(event.seq, thread.seq + 1, "the numbers have a gap");
        thread.seq = event.seq;
        match event.change {
            Change::Added { message } => {
                let known = thread.messages.iter().any(|m| m.meta.id == message.meta.id);
                assert!(!known, "a message was added twice");
                thread.messages.push(message);
            }
            Change::Patch { message, ops } => {
                let size: usize = ops
                    .iter()
                    .map(|op| serde_json::to_string(op).unwrap().len())
                    .sum();
                assert!(
                    ops.len() == 1 || size < 16 * 1024,
                    "a patch of {size} bytes"
                );
                let mut all = thread.messages.iter_mut();
                match all.find(|m| m.meta.id == message) {
                    Some(found) => ops.into_iter().for_each(|op| apply(found, op)),
                    None => assert!(self.reload, "a patch of a message that is not shown"),
                }
            }
            Change::Meta { meta } => {
                let mut all = thread.messages.iter_mut();
                if let Some(found) = all.find(|m| m.meta.id == meta.id) {
                    found.meta = meta;
                }
            }
            Change::Options { options } => thread.options = options,
            Change::Reload => self.reload = true,
        }
    }
}

fn apply(message: &mut Message, op: Op) {
    if !matches!(op, Op::Reasoning { .. } | Op::Mark { .. }) {
        message.line.clear();
    }
    match op {
        Op::Seal { html } => {
            message.blocks.push(html);
            message.tail.clear();
        }
        Op::Tail { html } => message.tail = html,
        Op::TailAppend { html, line } => {
            let end = message
                .tail
                .rfind("</code>")
                .expect("the tail is a code block");
            message.tail.insert_str(end, &html);
            message.line = line;
        }
        Op::SealTail => message.blocks.push(std::mem::take(&mut message.tail)),
        Op::Mark { block, html } => message.blocks[block as usize] = html,
        Op::Reasoning { text } => message.reasoning.push_str(&text),
    }
}

impl Mirror {
    pub async fn open(app: &App, window: &str, conversation: &str) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let (sender, changed) = watch::channel(0);
        let (held, told) = (Arc::clone(&state), sender.clone());
        let sink = move |event| {
            held.lock().unwrap().hear(event);
            told.send_modify(|n| *n += 1);
        };
        let thread = app
            .core
            .open_thread(window, conversation, None, sink)
            .await
            .unwrap();
        let mut held = state.lock().unwrap();
        held.wire.push(serde_json::to_string(&thread).unwrap());
        held.thread = Some(thread);
        for event in std::mem::take(&mut held.early) {
            held.hear(event);
        }
        drop(held);
        sender.send_modify(|n| *n += 1);
        Self { state, changed }
    }

    pub fn now(&self) -> Thread {
        self.state.lock().unwrap().thread.clone().unwrap()
    }

    pub fn must_reload(&self) -> bool {
        self.state.lock().unwrap().reload
    }

    pub fn wire(&self) -> Vec<String> {
        self.state.lock().unwrap().wire.clone()
    }

    pub async fn until(&self, what: &str, holds: impl Fn(&Thread) -> bool) -> Thread {
        let mut changed = self.changed.clone();
        let waiting = changed.wait_for(|_| holds(&self.now()));
        // Longer than every wait before another attempt: where the clock is paused it flies.
        if timeout(Duration::from_secs(300), waiting).await.is_err() {
            panic!("{what} never came: {:#?}", self.now().messages.last());
        }
        self.now()
    }

    /// Waits for the end of an answer, and shows it.
    pub async fn end_of(&self, answer: &str) -> Message {
        let over = |m: &Message| !matches!(m.meta.status, Status::Waiting | Status::Streaming);
        let thread = self
            .until("the end of the answer", |thread| {
                thread
                    .messages
                    .iter()
                    .any(|m| m.meta.id == answer && over(m))
            })
            .await;
        let mut messages = thread.messages.into_iter();
        messages.find(|m| m.meta.id == answer).unwrap()
    }
}

/// What a window sees that opens the thread now.
pub async fn look(app: &App, conversation: &str) -> Thread {
    app.core
        .open_thread("another", conversation, None, |_| {})
        .await
        .unwrap()
}
