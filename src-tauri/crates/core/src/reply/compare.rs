//! Several models at once: one question, an answer each, every one on a branch and in a task of its own.

use super::{BUSY, Job, Model, Run, answer, enter, new, refuse, title, words};
use crate::{
    Core,
    conversations::conversation_id,
    files::{self, parts::can_take},
    options, routing,
    thread::Stage,
    wire::{Asked, Change, CompareQuestion, Conversation, Options, Problem},
};
use history::{ConversationId, FilesOf, MAX_COMPARED, Message, NewConversation, Role};
use openrouter::ApiKey;
use std::collections::HashMap;
use tokio::sync::{MutexGuard, oneshot};

/// An answer on stage whose task is still to be started.
struct Ready {
    key: ApiKey,
    model: String,
    answer: Message,
    job: Job,
    stopped: oneshot::Receiver<()>,
}

impl Core {
    /// Stores a question with an empty answer of each model, and begins to ask them all.
    ///
    /// # Errors
    /// As [`Core::ask`]; also for fewer than two models or more than four.
    pub async fn compare(&self, ask: CompareQuestion) -> Result<Asked, Problem> {
        let text = words(ask.text, ask.files.is_empty())?;
        let begun_with = options::checked(ask.options.unwrap_or_default())?;
        let known = ask
            .conversation
            .as_deref()
            .map(conversation_id)
            .transpose()?;
        if ask.temporary && !ask.files.is_empty() {
            return refuse(files::TEMPORARY);
        }
        let attached = self.attached(known, &ask.files).await?;
        let title = title(&text, attached.first().map(|file| file.name.as_str()));
        let mut stage = self.0.stage.lock().await;
        if known.is_some_and(|id| stage.answers_in(id)) {
            return refuse(BUSY);
        }
        let running = match known {
            Some(id) => self.stored(move |history| history.comparison(id)).await?,
            None => None,
        };
        let begins = running.is_none();
        let ids: Vec<String> = match running {
            Some(comparison) => comparison.models.into_iter().map(|one| one.model).collect(),
            None => ask.models,
        };
        if !(2..=MAX_COMPARED).contains(&ids.len()) {
            return refuse("Choose two to four models to compare.");
        }
        let mut models = Vec::new();
        for id in ids {
            let model = self.known(id).await?;
            can_take(&model.name, model.takes, &attached)?;
            models.push(model);
        }
        let attached = FilesOf::Draft(attached.into_iter().map(|file| file.id).collect());
        // As the person named them: the first in an order of chance would tell whose column that is.
        let first = models[0].id.clone();
        if begins && ask.blind {
            self.shuffle(&mut models);
        }
        let keys: Vec<ApiKey> = models
            .iter()
            .map(|_| self.key())
            .collect::<Result<_, _>>()?;
        let everywhere = self.settings().routing;
        let now_ms = self.0.ports.nature.now_ms();
        let begin = begins.then(|| models.iter().map(|m| m.id.clone()).collect::<Vec<_>>());
        let supports: HashMap<_, _> = models
            .iter()
            .map(|model| (model.id.clone(), model.supports.clone()))
            .collect();
        let store = self.stored(move |history| {
            let conversation = match (known, &begin) {
                (None, Some(_)) => {
                    let new = NewConversation {
                        title,
                        model: first,
                        now_ms,
                    };
                    let new = match ask.temporary {
                        true => history.create_temporary(&new)?,
                        false => history.create_conversation(&new)?,
                    };
                    match options::stored(&begun_with) {
                        Some(json) => history.set_options(new.id, Some(&json), None)?,
                        None => new,
                    }
                }
                (Some(id), _) => history.conversation(id)?,
                (None, None) => return Err(history::Error::NotFound { what: "comparison" }),
            };
            let id = conversation.id;
            let mut own = options::read(history.options(id)?.as_deref());
            own.routing = routing::merged(&everywhere, &own.routing);
            let asked_with = |model: &str| -> Options {
                let supports = supports.get(model).and_then(Option::as_ref);
                options::allowed(own.clone(), supports)
            };
            let question = new(id, None, Role::User, text, now_ms);
            let begin = begin.as_ref().map(|models| (&models[..], ask.blind));
            let asked = history.ask_all(id, begin, &question, &attached, |model| {
                answer(id, None, model, &asked_with(model), now_ms)
            })?;
            // A draft left behind is a smaller harm than a stored question that nobody asks.
            let _ = history.set_draft(known, "");
            let asked: Vec<_> = asked
                .into_iter()
                .map(|one| {
                    let model = one.answer.model.clone().unwrap_or_default();
                    (one.answer, asked_with(&model))
                })
                .collect();
            Ok((id, asked))
        });
        let (id, asked) = store.await?;
        let ready: Vec<Ready> = asked
            .into_iter()
            .zip(models)
            .zip(keys)
            .map(|(((answer, options), model), key)| {
                let (_, stopped) = enter(&mut stage, &answer, model.name);
                Ready {
                    key,
                    model: model.id,
                    job: Job::new(&answer, options, model.takes),
                    answer,
                    stopped,
                }
            })
            .collect();
        let begun = self.start_all(id, ready, stage).await;
        if !ask.files.is_empty() {
            self.tell_files(known).await;
        }
        begun
    }

    /// Has one model of a comparison answer the last question again; the others are left alone.
    ///
    /// # Errors
    /// It is still answering, there is no such model, no key in hand, or it can't be stored.
    pub async fn compare_again(&self, id: &str, place: u32) -> Result<Asked, Problem> {
        let id = conversation_id(id)?;
        let mut stage = self.0.stage.lock().await;
        let comparison = self.stored(move |history| history.comparison(id)).await?;
        let one = comparison
            .into_iter()
            .flat_map(|comparison| comparison.models)
            .find(|one| one.place == place);
        let Some(one) = one else {
            return refuse("This model is not compared any more.");
        };
        if stage.writes_answer(one.leaf) {
            return refuse(BUSY);
        }
        let model = self.known(one.model).await?;
        let key = self.key()?;
        let everywhere = self.settings().routing;
        let now_ms = self.0.ports.nature.now_ms();
        let (model_id, supports) = (model.id.clone(), model.supports.clone());
        let store = self.stored(move |history| {
            let options = super::asked_with(history, id, supports.as_ref(), &everywhere)?;
            let new = answer(id, None, &model_id, &options, now_ms);
            Ok((history.answer_again(id, place, &new)?, options))
        });
        let (answer, options) = store.await?;
        let (_, stopped) = enter(&mut stage, &answer, model.name);
        let ready = Ready {
            key,
            model: model.id,
            job: Job::new(&answer, options, model.takes),
            answer,
            stopped,
        };
        self.start_all(id, vec![ready], stage).await
    }

    /// Tells from now on who answers.
    ///
    /// # Errors
    /// It is not there, or it can't be stored.
    pub async fn compare_reveal(&self, id: &str) -> Result<(), Problem> {
        let id = conversation_id(id)?;
        self.stored(move |history| history.tell_names(id)).await?;
        self.0.stage.lock().await.send(id, &Change::Reload);
        Ok(())
    }

    /// Ends a comparison: the conversation goes on with the answers of this model. Those of others that are still
    /// being written are stopped; all stay beside it.
    ///
    /// # Errors
    /// There is no such model, or it can't be stored.
    pub async fn compare_choose(&self, id: &str, place: u32) -> Result<Conversation, Problem> {
        let id = conversation_id(id)?;
        let chosen = self
            .stored(move |history| history.go_on_with(id, place))
            .await?;
        let mut stage = self.0.stage.lock().await;
        stage.stop(|answer, live| live.conversation == id && Some(answer) != chosen.leaf);
        stage.send(id, &Change::Reload);
        drop(stage);
        Ok(self.changed(&chosen).await)
    }

    /// Starts the tasks of answers that are on stage.
    async fn start_all(
        &self,
        id: ConversationId,
        ready: Vec<Ready>,
        mut stage: MutexGuard<'_, Stage>,
    ) -> Result<Asked, Problem> {
        stage.send(id, &Change::Reload);
        drop(stage);
        let first = ready.first().map(|one| one.answer.id.to_string());
        for one in ready {
            let run = Run::new(self.clone(), &one.answer);
            tokio::spawn(run.answer(one.key, one.model, one.job, one.stopped));
        }
        // They are being asked by now: a list that can't be read is no reason to say that they are not.
        if let Ok(row) = self.stored(move |history| history.conversation(id)).await {
            self.changed(&row).await;
        }
        Ok(Asked {
            conversation: id.to_string(),
            answer: first.unwrap_or_default(),
        })
    }

    /// An order of chance (Fisher–Yates). Without randomness the given one stays.
    fn shuffle(&self, models: &mut [Model]) {
        let Ok(bytes) = self.0.ports.nature.random() else {
            return;
        };
        // Of 256 values the last few are a little likelier: four models in any order are no secret of that kind.
        for (last, byte) in (1..models.len()).rev().zip(bytes) {
            models.swap(last, usize::from(byte) % (last + 1));
        }
    }
}
