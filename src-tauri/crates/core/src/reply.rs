//! Asking: a question and its still-empty answer are stored together, then the answer gets a task of its own.

mod run;

use crate::{
    Core,
    conversations::conversation_id,
    thread::{Live, Stage, message_id, meta},
    wire::{Asked, Change, Message, MessageMeta, Problem, ProblemCode as Code, Question, Status},
};
use history::{NewConversation, NewMessage, Role};
use openrouter::ApiKey;
use run::Run;
use tokio::sync::{MutexGuard, oneshot};

/// Longest question, in bytes.
const QUESTION_MAX: usize = 4 * 1024 * 1024;
/// Longest title made from a question, in characters.
const TITLE_MAX: usize = 60;

impl Core {
    /// Stores a question with its empty answer, and begins to ask.
    ///
    /// # Errors
    /// Nothing to ask, no key in hand, or it can't be stored: then nothing was sent.
    pub async fn ask(&self, question: Question) -> Result<Asked, Problem> {
        let refuse = |text: &str| Err(Problem::new(Code::Refused, text));
        if question.text.trim().is_empty() {
            return refuse("Write something first.");
        }
        if question.text.len() > QUESTION_MAX {
            return refuse("This message is too long: 4 MB is the most.");
        }
        if question.model.is_empty() || question.model.len() > 200 {
            return Err(Problem::new(Code::OtherModel, "Choose a model first."));
        }
        let key = self.key()?;
        let known = question
            .conversation
            .as_deref()
            .map(conversation_id)
            .transpose()?;
        let name = self.model_name(&question.model).await;
        // Held until the answer is on stage: no second question slips in, and no window that opens the thread
        // meanwhile is told of these messages twice.
        let mut stage = self.0.stage.lock().await;
        if known.is_some_and(|id| stage.answers_in(id)) {
            return refuse("An answer is being written here. Stop it, or wait until it is done.");
        }
        let now_ms = self.0.ports.nature.now_ms();
        let Question { text, model, .. } = question;
        let asked_model = model.clone();
        let store = self.stored(move |history| {
            let conversation = match known {
                Some(id) => history.set_model(id, &model)?,
                None => history.create_conversation(&NewConversation {
                    title: title(&text),
                    model: model.clone(),
                    now_ms,
                })?,
            };
            let new = |role, text, model, status| NewMessage {
                conversation: conversation.id,
                parent: conversation.leaf,
                role,
                text,
                model,
                status,
                now_ms,
            };
            let question = new(Role::User, text, None, history::Status::Done);
            let answer = new(
                Role::Assistant,
                String::new(),
                Some(model),
                history::Status::Streaming,
            );
            let (question, answer) = history.exchange(&question, &answer)?;
            // A draft left behind is a smaller harm than a stored question that nobody asks.
            let _ = history.set_draft(known, "");
            Ok((question, answer))
        });
        let (question, answer) = store.await?;
        let message = bare(meta(&question, &[]), question.text.clone());
        let change = Change::Added { message };
        stage.send(question.conversation, &change);
        self.begin(key, (asked_model, name), &answer, stage, false)
            .await
    }

    /// Answers again, as a sibling of the answer named: by the same model or another one.
    ///
    /// # Errors
    /// It is no answer, one is being written, no key in hand, or it can't be stored.
    pub async fn retry(&self, message: &str, model: Option<String>) -> Result<Asked, Problem> {
        let id = message_id(message)?;
        let key = self.key()?;
        let old = self.stored(move |history| history.message(id)).await?;
        let model = model.or(old.model);
        let name = self.model_name(model.as_deref().unwrap_or_default()).await;
        let stage = self.0.stage.lock().await;
        if stage.answers_in(old.conversation) {
            let text = "An answer is being written here. Stop it, or wait until it is done.";
            return Err(Problem::new(Code::Refused, text));
        }
        let model = model.filter(|m| !m.is_empty() && m.len() <= 200);
        let (Role::Assistant, Some(model)) = (old.role, model) else {
            return Err(Problem::new(
                Code::Refused,
                "Only an answer can be asked for again.",
            ));
        };
        let new = NewMessage {
            conversation: old.conversation,
            parent: old.parent,
            role: Role::Assistant,
            text: String::new(),
            model: Some(model.clone()),
            status: history::Status::Streaming,
            now_ms: self.0.ports.nature.now_ms(),
        };
        let answer = self.stored(move |history| history.append(&new)).await?;
        self.begin(key, (model, name), &answer, stage, true).await
    }

    /// Puts an answer on stage and starts its task.
    async fn begin(
        &self,
        key: ApiKey,
        (model, name): (String, String),
        answer: &history::Message,
        mut stage: MutexGuard<'_, Stage>,
        branch: bool,
    ) -> Result<Asked, Problem> {
        let (id, conversation, parent) = (answer.id, answer.conversation, answer.parent);
        let (stop, stopped) = oneshot::channel();
        let mut shown = meta(answer, &[]);
        shown.status = Status::Waiting;
        shown.model_name = name;
        let live = Live {
            conversation,
            meta: shown.clone(),
            text: String::new(),
            reasoning: String::new(),
            stream: markdown::Stream::new(),
            stop: Some(stop),
        };
        stage.add(id, live);
        let message = bare(shown, String::new());
        let change = if branch {
            Change::Reload
        } else {
            Change::Added { message }
        };
        stage.send(conversation, &change);
        drop(stage);
        let run = Run::new(self.clone(), id, conversation);
        tokio::spawn(run.answer(key, model, parent, stopped));
        // It is being asked by now: a list that can't be read is no reason to say that it is not.
        let row = self.stored(move |history| history.conversation(conversation));
        if let Ok(row) = row.await {
            self.changed(&row).await;
        }
        Ok(Asked {
            conversation: conversation.to_string(),
            answer: id.to_string(),
        })
    }
}

/// A message that has no more than this to show.
fn bare(meta: MessageMeta, text: String) -> Message {
    Message {
        meta,
        text,
        blocks: Vec::new(),
        tail: String::new(),
        reasoning: String::new(),
    }
}

/// A title from the first words of a question; a model is never asked for it.
fn title(question: &str) -> String {
    let plain = markdown::plain(question);
    let line = plain
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("New chat");
    if line.chars().count() <= TITLE_MAX {
        return line.to_owned();
    }
    let cut: String = line.chars().take(TITLE_MAX).collect();
    let whole = cut
        .rsplit_once(' ')
        .map_or(cut.as_str(), |(words, _)| words);
    format!("{}…", whole.trim_end_matches([',', '.', ';', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_made_of_whole_first_words() {
        assert_eq!(title("# Hello **world**"), "Hello world");
        assert_eq!(title("  \n"), "New chat");
        let long = title(&"Quarterly report and where the margin went. ".repeat(4));
        assert_eq!(
            long,
            "Quarterly report and where the margin went. Quarterly…"
        );
        assert_eq!(title(&"語".repeat(90)).chars().count(), 61);
    }
}
