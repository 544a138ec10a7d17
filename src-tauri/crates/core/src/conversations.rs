//! The list of conversations, and the drafts.

use crate::{
    Core, folders, problem,
    thread::message_id,
    wire::{AppEvent, Conversation, Problem, Shelf, Shelves},
};
use history::ConversationId;

/// Conversations given to the window at once.
const PAGE: u32 = 200;
/// Longest title, in characters.
const TITLE_MAX: usize = 200;

impl Core {
    /// The conversations of a list, or those after the one named, whichever list that is in by now.
    ///
    /// # Errors
    /// They can't be read.
    pub async fn conversations(
        &self,
        shelf: Shelf,
        after: Option<&str>,
    ) -> Result<Vec<Conversation>, Problem> {
        let shelf = folders::shelf(&shelf)?;
        let after = after.map(conversation_id).transpose()?;
        let list = self.stored(move |history| {
            let after = after.map(|id| history.listed(id)).transpose()?;
            history.shelf(shelf, PAGE, after)
        });
        let list = list.await?;
        let stage = self.0.stage.lock().await;
        Ok(list
            .iter()
            .map(|c| show(c, stage.answers_in(c.id)))
            .collect())
    }

    /// What the sidebar begins with.
    pub(crate) async fn lists(&self) -> Result<(Vec<Conversation>, Shelves), Problem> {
        let mut list = self.conversations(Shelf::Pinned, None).await?;
        list.extend(self.conversations(Shelf::Open, None).await?);
        Ok((list, self.shelves().await?))
    }

    /// Gives a conversation another title.
    ///
    /// # Errors
    /// The title is empty, or it can't be stored.
    pub async fn rename(&self, id: &str, title: &str) -> Result<Conversation, Problem> {
        let id = conversation_id(id)?;
        let title: String = title.split_whitespace().collect::<Vec<_>>().join(" ");
        let title: String = title.chars().take(TITLE_MAX).collect();
        if title.is_empty() {
            let text = "A conversation needs a title.";
            return Err(Problem::new(crate::wire::ProblemCode::Refused, text));
        }
        let conversation = self
            .stored(move |history| history.rename(id, &title))
            .await?;
        Ok(self.changed(&conversation).await)
    }

    /// Chooses the model that answers next.
    ///
    /// # Errors
    /// It can't be stored.
    pub async fn set_model(&self, id: &str, model: String) -> Result<Conversation, Problem> {
        let id = conversation_id(id)?;
        let conversation = self
            .stored(move |history| history.set_model(id, &model))
            .await?;
        Ok(self.changed(&conversation).await)
    }

    /// Lets go of a temporary conversation; an answer in it is stopped.
    ///
    /// # Errors
    /// It is not there any more, or not temporary.
    pub async fn forget(&self, id: &str) -> Result<(), Problem> {
        let id = conversation_id(id)?;
        self.stop_in(id).await;
        self.stored(move |history| history.forget(id)).await
    }

    /// What was typed and not sent; none is the new conversation.
    ///
    /// # Errors
    /// It can't be read.
    pub async fn draft(&self, id: Option<&str>) -> Result<String, Problem> {
        let id = id.map(conversation_id).transpose()?;
        self.stored(move |history| history.draft(id)).await
    }

    /// Keeps what was typed and not sent.
    ///
    /// # Errors
    /// It can't be stored.
    pub async fn set_draft(&self, id: Option<&str>, text: String) -> Result<(), Problem> {
        let id = id.map(conversation_id).transpose()?;
        self.stored(move |history| history.set_draft(id, &text))
            .await
    }

    /// The other words that were begun for a question and not asked; none if there are none.
    ///
    /// # Errors
    /// They can't be read.
    pub async fn revision(&self, message: &str) -> Result<Option<String>, Problem> {
        let message = message_id(message)?;
        self.stored(move |history| history.revision(message)).await
    }

    /// Keeps them; none forgets them.
    ///
    /// # Errors
    /// They can't be stored.
    pub async fn set_revision(&self, message: &str, text: Option<String>) -> Result<(), Problem> {
        let message = message_id(message)?;
        self.stored(move |history| history.set_revision(message, text.as_deref()))
            .await
    }

    /// Tells the windows how a conversation is now.
    pub(crate) async fn changed(&self, conversation: &history::Conversation) -> Conversation {
        let answering = self.0.stage.lock().await.answers_in(conversation.id);
        let conversation = show(conversation, answering);
        self.tell(&AppEvent::Conversation {
            conversation: conversation.clone(),
        });
        self.0.unindexed.notify_one();
        conversation
    }
}

/// Reads an id that came from the window.
pub(crate) fn conversation_id(id: &str) -> Result<ConversationId, Problem> {
    id.parse().map_err(|e| problem::history(&e))
}

/// As the window lists it.
pub(crate) fn show(conversation: &history::Conversation, answering: bool) -> Conversation {
    Conversation {
        id: conversation.id.to_string(),
        title: conversation.title.clone(),
        model: conversation.model.clone(),
        updated_ms: conversation.updated_ms,
        cost_usd: dollars(conversation.cost_nanos),
        answering,
        pinned: conversation.pinned,
        folder: conversation.folder.map(|id| id.to_string()),
        archived: conversation.archived,
        deleted_ms: conversation.deleted_ms,
        temporary: conversation.id.is_temporary(),
        comparing: conversation.comparing,
    }
}

/// Nano-dollars as dollars. Exact enough for the eye: sums are made before.
#[expect(
    clippy::cast_precision_loss,
    reason = "2^53 nano-dollars are nine million dollars"
)]
pub(crate) fn dollars(nanos: i64) -> f64 {
    nanos as f64 / 1e9
}
