//! Asking: a question and its still-empty answer are stored together, then the answer gets a task of its own.
//!
//! Nothing is overwritten: an edited question, an answer asked for again and a continued answer are each a sibling of
//! the old one. So one stored answer is one request, with its own cost, and a conversation costs the sum of all.

mod compare;
mod run;

use crate::{
    Core,
    conversations::conversation_id,
    files::{
        self,
        parts::{Takes, can_take},
    },
    meta::{meta, unfinished},
    options, routing,
    thread::{Live, Stage, message_id},
    wire::{
        Asked, Change, Edit, Message, MessageMeta, Options, Problem, ProblemCode as Code, Question,
        Routing, Status, Supports,
    },
};
use history::{ConversationId, FilesOf, MessageId, NewConversation, NewMessage, Role};
use openrouter::ApiKey;
use run::{Job, Run};
use tokio::sync::{MutexGuard, oneshot};

pub(crate) use run::usage;

/// Longest question, in bytes.
const QUESTION_MAX: usize = 4 * 1024 * 1024;
/// Longest title made from a question, in characters.
const TITLE_MAX: usize = 60;
/// Longest id of a model, in bytes.
const MODEL_MAX: usize = 200;
const BUSY: &str = "An answer is being written here. Stop it, or wait until it is done.";

/// A model and what is known of it.
struct Model {
    id: String,
    name: String,
    supports: Option<Supports>,
    takes: Takes,
}

fn refuse<T>(text: &str) -> Result<T, Problem> {
    Err(Problem::new(Code::Refused, text))
}

impl Core {
    /// Stores a question with its empty answer, and begins to ask.
    ///
    /// # Errors
    /// Nothing to ask, no key in hand, or it can't be stored: then nothing was sent.
    pub async fn ask(&self, question: Question) -> Result<Asked, Problem> {
        let text = words(question.text, question.files.is_empty())?;
        let model = self.known(question.model).await?;
        let begun_with = options::checked(question.options.unwrap_or_default())?;
        let key = self.key()?;
        let known = question
            .conversation
            .as_deref()
            .map(conversation_id)
            .transpose()?;
        if question.temporary && !question.files.is_empty() {
            return refuse(files::TEMPORARY);
        }
        let attached = self.attached(known, &question.files).await?;
        can_take(&model.name, model.takes, &attached)?;
        let title = title(&text, attached.first().map(|file| file.name.as_str()));
        let attached = FilesOf::Draft(attached.iter().map(|file| file.id).collect());
        // Held until the answer is on stage: no second question slips in, and no window that opens the thread
        // meanwhile is told of these messages twice.
        let mut stage = self.0.stage.lock().await;
        if known.is_some_and(|id| stage.answers_in(id)) {
            return refuse(BUSY);
        }
        let now_ms = self.0.ports.nature.now_ms();
        let (id, supports) = (model.id.clone(), model.supports.clone());
        let everywhere = self.settings().routing;
        let store = self.stored(move |history| {
            let conversation = match known {
                Some(conversation) => history.set_model(conversation, &id)?,
                None => {
                    let new = NewConversation {
                        title,
                        model: id.clone(),
                        now_ms,
                    };
                    let new = match question.temporary {
                        true => history.create_temporary(&new)?,
                        false => history.create_conversation(&new)?,
                    };
                    match options::stored(&begun_with) {
                        Some(json) => history.set_options(new.id, Some(&json), None)?,
                        None => new,
                    }
                }
            };
            let options = asked_with(history, conversation.id, supports.as_ref(), &everywhere)?;
            let question = new(conversation.id, conversation.leaf, Role::User, text, now_ms);
            let answer = answer(conversation.id, None, &id, &options, now_ms);
            let (question, answer) = history.exchange_with(&question, &attached, &answer)?;
            // A draft left behind is a smaller harm than a stored question that nobody asks.
            let _ = history.set_draft(known, "");
            Ok((question, answer, options))
        });
        let (question, answer, options) = store.await?;
        let message = bare(meta(&question, &[]), question.text.clone());
        let change = Change::Added { message };
        stage.send(question.conversation, &change);
        let job = Job::new(&answer, options, model.takes);
        let asked = self.begin(key, model, &answer, job, stage, false).await;
        if !question.attachments.is_empty() {
            self.tell_files(known).await;
        }
        asked
    }

    /// Asks other words in place of a question that was sent: a version beside it, with an answer of its own.
    ///
    /// # Errors
    /// As [`Core::ask`]; also when it is no question, or an answer is being written.
    pub async fn edit(&self, edit: Edit) -> Result<Asked, Problem> {
        let (old, stage) = self.free(&edit.message).await?;
        if old.role != Role::User {
            return refuse("Only a question of yours can be edited.");
        }
        let attached: &[_] = if edit.keep_files {
            &old.attachments
        } else {
            &[]
        };
        let text = words(edit.text, attached.is_empty())?;
        let conversation = old.conversation;
        let model = match edit.model {
            Some(model) => model,
            None => {
                let row = self.stored(move |history| history.conversation(conversation));
                row.await?.model
            }
        };
        let model = self.known(model).await?;
        can_take(&model.name, model.takes, attached)?;
        let files = match edit.keep_files {
            true => old.same_files(),
            false => FilesOf::Nothing,
        };
        let key = self.key()?;
        let now_ms = self.0.ports.nature.now_ms();
        let (id, supports) = (model.id.clone(), model.supports.clone());
        let everywhere = self.settings().routing;
        let store = self.stored(move |history| {
            history.set_model(conversation, &id)?;
            let options = asked_with(history, conversation, supports.as_ref(), &everywhere)?;
            let question = new(conversation, old.parent, Role::User, text, now_ms);
            let answer = answer(conversation, None, &id, &options, now_ms);
            let (_, answer) = history.exchange_with(&question, &files, &answer)?;
            // Words left behind are a smaller harm than a stored question that nobody asks.
            let _ = history.set_revision(old.id, None);
            Ok((answer, options))
        });
        let (answer, options) = store.await?;
        let job = Job::new(&answer, options, model.takes);
        self.begin(key, model, &answer, job, stage, true).await
    }

    /// Answers again, as a sibling of the answer named: by the same model or another one, and in at most so many
    /// tokens, if that is said.
    ///
    /// # Errors
    /// It is no answer, one is being written, no key in hand, or it can't be stored.
    pub async fn retry(
        &self,
        message: &str,
        model: Option<String>,
        max_tokens: Option<u32>,
    ) -> Result<Asked, Problem> {
        let (old, stage) = self.free(message).await?;
        if old.role != Role::Assistant {
            return refuse("Only an answer can be asked for again.");
        }
        let model = self.known(model.or(old.model).unwrap_or_default()).await?;
        if let Some(question) = old.parent {
            let question = self.stored(move |history| history.message(question));
            can_take(&model.name, model.takes, &question.await?.attachments)?;
        }
        let key = self.key()?;
        let now_ms = self.0.ports.nature.now_ms();
        let (id, supports) = (model.id.clone(), model.supports.clone());
        let everywhere = self.settings().routing;
        let store = self.stored(move |history| {
            let mut options =
                asked_with(history, old.conversation, supports.as_ref(), &everywhere)?;
            options.max_tokens = max_tokens.filter(|n| *n > 0).or(options.max_tokens);
            let new = answer(old.conversation, old.parent, &id, &options, now_ms);
            Ok((history.append(&new)?, options))
        });
        let (answer, options) = store.await?;
        let job = Job::new(&answer, options, model.takes);
        self.begin(key, model, &answer, job, stage, true).await
    }

    /// Goes on with an answer that is not whole: a sibling that begins with its words. The old one stays as it is.
    ///
    /// # Errors
    /// It is whole, or has no words; else as [`Core::retry`].
    pub async fn continue_answer(&self, message: &str) -> Result<Asked, Problem> {
        let (old, stage) = self.free(message).await?;
        if unfinished(&old).is_none() {
            return refuse("Only an answer that was broken off can go on.");
        }
        let model = self.known(old.model.clone().unwrap_or_default()).await?;
        let key = self.key()?;
        let now_ms = self.0.ports.nature.now_ms();
        let (id, supports) = (model.id.clone(), model.supports.clone());
        let everywhere = self.settings().routing;
        let store = self.stored(move |history| {
            let options = asked_with(history, old.conversation, supports.as_ref(), &everywhere)?;
            let new = NewMessage {
                // White space at the end is refused by some providers; the run puts it back where it belongs.
                text: old.text.trim_end().to_owned(),
                reasoning: old.reasoning.clone(),
                ..answer(old.conversation, old.parent, &id, &options, now_ms)
            };
            Ok((history.append(&new)?, options, old))
        });
        let (answer, options, old) = store.await?;
        let job = Job::continuing(&answer, options, model.takes, &old);
        self.begin(key, model, &answer, job, stage, true).await
    }

    /// The message, and the stage with nothing being written in its conversation.
    async fn free(
        &self,
        message: &str,
    ) -> Result<(history::Message, MutexGuard<'_, Stage>), Problem> {
        let id = message_id(message)?;
        let stage = self.0.stage.lock().await;
        let old = self.stored(move |history| {
            let old = history.message(id)?;
            match old.deleted {
                true => Err(history::Error::NotFound { what: "message" }),
                false => Ok(old),
            }
        });
        let old = old.await?;
        if stage.answers_in(old.conversation) {
            return refuse(BUSY);
        }
        Ok((old, stage))
    }

    async fn known(&self, model: String) -> Result<Model, Problem> {
        if model.is_empty() || model.len() > MODEL_MAX {
            return Err(Problem::new(Code::OtherModel, "Choose a model first."));
        }
        let (name, supports) = self.known_model(&model).await;
        Ok(Model {
            takes: self.takes(&model).await,
            id: model,
            name,
            supports,
        })
    }

    /// Puts an answer on stage and starts its task.
    async fn begin(
        &self,
        key: ApiKey,
        model: Model,
        answer: &history::Message,
        job: Job,
        mut stage: MutexGuard<'_, Stage>,
        branch: bool,
    ) -> Result<Asked, Problem> {
        let (id, conversation) = (answer.id, answer.conversation);
        let (shown, stopped) = enter(&mut stage, answer, model.name);
        let message = bare(shown, String::new());
        let change = if branch {
            Change::Reload
        } else {
            Change::Added { message }
        };
        stage.send(conversation, &change);
        drop(stage);
        // The service takes longer to say its first word.
        tokio::task::spawn_blocking(markdown::warm);
        let run = Run::new(self.clone(), answer);
        tokio::spawn(run.answer(key, model.id, job, stopped));
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

/// Puts an answer on stage; what stops it.
fn enter(
    stage: &mut Stage,
    answer: &history::Message,
    name: String,
) -> (MessageMeta, oneshot::Receiver<()>) {
    let (stop, stopped) = oneshot::channel();
    let mut shown = meta(answer, &[]);
    shown.status = Status::Waiting;
    shown.model_name = name;
    let mut stream = markdown::Stream::new();
    // A continued answer has words already; whoever opens the thread sees them in the snapshot.
    stream.push(&answer.text);
    let live = Live {
        conversation: answer.conversation,
        meta: shown.clone(),
        text: answer.text.clone(),
        reasoning: answer.reasoning.clone(),
        stream,
        stop: Some(stop),
    };
    stage.add(answer.id, live);
    (shown, stopped)
}

/// A person's words, if there are any where they are needed, and not too many.
fn words(text: String, needed: bool) -> Result<String, Problem> {
    if needed && text.trim().is_empty() {
        return refuse("Write something first.");
    }
    if text.len() > QUESTION_MAX {
        return refuse("This message is too long: 4 MB is the most.");
    }
    Ok(text)
}

/// The conversation's options, as far as the model takes them, with what is asked of providers everywhere.
fn asked_with(
    history: &history::History,
    conversation: ConversationId,
    supports: Option<&Supports>,
    everywhere: &Routing,
) -> Result<Options, history::Error> {
    let mut options = options::read(history.options(conversation)?.as_deref());
    options.routing = routing::merged(everywhere, &options.routing);
    Ok(options::allowed(options, supports))
}

fn new(
    conversation: ConversationId,
    parent: Option<MessageId>,
    role: Role,
    text: String,
    now_ms: i64,
) -> NewMessage {
    NewMessage {
        conversation,
        parent,
        role,
        text,
        reasoning: String::new(),
        model: None,
        options: None,
        status: history::Status::Done,
        now_ms,
    }
}

/// An answer that is still to come.
fn answer(
    conversation: ConversationId,
    parent: Option<MessageId>,
    model: &str,
    options: &Options,
    now_ms: i64,
) -> NewMessage {
    NewMessage {
        model: Some(model.to_owned()),
        // Without the instructions: they may be long, and the conversation has them.
        options: options::stored(&Options {
            system: None,
            ..options.clone()
        }),
        status: history::Status::Streaming,
        ..new(conversation, parent, Role::Assistant, String::new(), now_ms)
    }
}
/// A message that has no more than this to show.
fn bare(meta: MessageMeta, text: String) -> Message {
    Message {
        meta,
        text,
        blocks: Vec::new(),
        tail: String::new(),
        line: String::new(),
        reasoning: String::new(),
    }
}

/// A title from the first line of a question that says something, or else from what is attached: what was pasted below
/// is no part of it.
fn title(question: &str, attached: Option<&str>) -> String {
    let mut plain = question.lines().map(markdown::plain);
    let line = plain.find(|line| !line.is_empty());
    let line = line.as_deref().or(attached).unwrap_or("New chat");
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
    #[test]
    fn a_title_is_made_of_whole_first_words() {
        let title = |words: &str| super::title(words, None);
        assert_eq!(title("# Hello **world**"), "Hello world");
        assert_eq!(title("  \n"), "New chat");
        let pasted = "```pasted\nfn main() {}\n```";
        assert_eq!(
            title(&format!("What is wrong here?\n\n{pasted}")),
            "What is wrong here?"
        );
        assert_eq!(title(pasted), "fn main() {}");
        assert_eq!(super::title("", Some("q3.pdf")), "q3.pdf");
        let long = title(&"Quarterly report and where the margin went. ".repeat(4));
        assert_eq!(
            long,
            "Quarterly report and where the margin went. Quarterly…"
        );
        assert_eq!(title(&"語".repeat(90)).chars().count(), 61);
    }
}
