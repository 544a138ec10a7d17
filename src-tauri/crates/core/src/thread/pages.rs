//! Opening a conversation: its end first, the rest page by page.
//!
//! Only what is sent is read and rendered, so opening costs the same at any length.

use super::{Open, Stage, message, message_id};
use crate::{
    Core,
    app::blocking,
    conversations::{conversation_id, show},
    options,
    wire::{
        Message, Options, Problem, ProblemCode as Code, Span, Thread, ThreadEvent, ThreadPage,
        ThreadPlace,
    },
};
use history::{Bound, ConversationId, MessageId, Place, Stretch};
use std::collections::HashMap;

/// Messages on a page, and in a window when it opens a thread.
const PAGE: usize = 40;
/// The most messages that a window that asks anew gets back at once.
const MOST: usize = 240;
/// No page goes on after so many bytes of Markdown: they have to be rendered before anything is seen.
const PAGE_BYTES: usize = 128 * 1024;

pub(super) fn pages(messages: usize) -> Bound {
    let messages = messages.clamp(PAGE, MOST);
    Bound {
        messages,
        bytes: PAGE_BYTES * messages.div_ceil(PAGE),
    }
}

impl Core {
    /// Opens a conversation in a window: the end of what it says now, or what it says from a message on; every change
    /// after that goes to `sink`, numbered. One window shows one thread at a time.
    ///
    /// # Errors
    /// It is not there, or can't be read.
    pub async fn open_thread(
        &self,
        window: &str,
        id: &str,
        span: Option<Span>,
        sink: impl Fn(ThreadEvent) + Send + 'static,
    ) -> Result<Thread, Problem> {
        let id = conversation_id(id)?;
        let (place, bound) = match span {
            None => (Place::End, pages(PAGE)),
            Some(Span { from, count }) => (
                Place::From(message_id(&from)?),
                pages(usize::try_from(count).unwrap_or(MOST)),
            ),
        };
        let mut stage = self.0.stage.lock().await;
        let (conversation, options, stretch) = self.read_stretch(id, place, bound).await?;
        let (older, newer) = (stretch.older, stretch.newer);
        let messages = self.render(stage.writing_in(&stretch), stretch).await?;
        stage.windows.insert(
            window.to_owned(),
            Open {
                conversation: id,
                seq: 0,
                blind: false,
                sink: Box::new(sink),
            },
        );
        let running = stage.writing(id);
        Ok(Thread {
            conversation: show(&conversation, running.is_some()),
            options,
            messages,
            older,
            newer,
            running: running.map(|id| id.to_string()),
            seq: 0,
        })
    }

    /// More of the conversation that a window has open.
    ///
    /// # Errors
    /// It is not what the window shows, the message is not there any more, or it can't be read.
    pub async fn thread_page(
        &self,
        window: &str,
        id: &str,
        place: ThreadPlace,
    ) -> Result<ThreadPage, Problem> {
        let id = conversation_id(id)?;
        let place = match place {
            ThreadPlace::Before { message } => Place::Before(message_id(&message)?),
            ThreadPlace::After { message } => Place::After(message_id(&message)?),
        };
        // Held, so that the number is that of the last change which is part of the page.
        let stage = self.0.stage.lock().await;
        let open = stage.windows.get(window);
        let Some(open) = open.filter(|open| open.conversation == id) else {
            let text = "This conversation is not open here any more.";
            return Err(Problem::new(Code::Again, text));
        };
        let seq = open.seq;
        let (_, _, stretch) = self.read_stretch(id, place, pages(PAGE)).await?;
        let (older, newer) = (stretch.older, stretch.newer);
        Ok(ThreadPage {
            messages: self.render(stage.writing_in(&stretch), stretch).await?,
            older,
            newer,
            seq,
        })
    }

    async fn read_stretch(
        &self,
        id: ConversationId,
        place: Place,
        bound: Bound,
    ) -> Result<(history::Conversation, Options, Stretch), Problem> {
        self.stored(move |history| {
            Ok((
                history.conversation(id)?,
                options::read(history.options(id)?.as_deref()),
                history.stretch(id, place, bound)?,
            ))
        })
        .await
    }

    pub(super) async fn render(
        &self,
        live: Live,
        stretch: Stretch,
    ) -> Result<Vec<Message>, Problem> {
        let names = self.known_models().await;
        blocking(move || {
            let shown = |m: &history::Message| {
                live.get(&m.id)
                    .cloned()
                    .unwrap_or_else(|| message(m, &names))
            };
            stretch
                .messages
                .iter()
                .filter(|m| m.role != history::Role::System)
                .map(shown)
                .collect()
        })
        .await
    }
}

/// Answers being written, as they stand.
pub(super) type Live = HashMap<MessageId, Message>;

impl Stage {
    pub(super) fn writing_in(&self, stretch: &Stretch) -> Live {
        let messages = stretch.messages.iter();
        messages
            .filter_map(|m| self.live.get(&m.id).map(|live| (m.id, live.show())))
            .collect()
    }
}
