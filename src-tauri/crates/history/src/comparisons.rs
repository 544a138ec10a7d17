//! Models side by side: one question, an answer each, every model on a branch of its own.

use rusqlite::{Connection, params};

use crate::conversations::{at_most, find, key};
use crate::messages::{add, key_in};
use crate::store::Survives;
use crate::{
    Conversation, ConversationId, Error, FilesOf, History, MAX_LABEL, Message, MessageId,
    NewMessage, threads,
};

/// The most models in one comparison.
pub const MAX_COMPARED: usize = 4;

/// One model of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Its place from the left, from 0.
    pub place: u32,
    /// Its id.
    pub model: String,
    /// The end of its branch.
    pub leaf: MessageId,
}

/// A comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// From the left.
    pub models: Vec<Compared>,
    /// Who answers is not told before the choice.
    pub blind: bool,
}

/// A question to one model of a comparison, and its answer that is still to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedOne {
    /// Where the model stands.
    pub place: u32,
    /// The same message for models that are on the same branch so far.
    pub question: Message,
    /// Below the question.
    pub answer: Message,
}

impl History {
    /// The comparison that a conversation is; `None` when it is none.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the conversation is not there.
    pub fn comparison(&self, id: ConversationId) -> Result<Option<Comparison>, Error> {
        self.at(id)?.read(|connection| {
            let conversation = key(connection, id)?;
            read(connection, conversation)
        })
    }

    /// Asks every model of a comparison the same, all or none. `begin` makes the conversation one, of models that
    /// start at the end of the branch last shown; it is not looked at where it is one already. What is asked and
    /// answered is made by `question` and `answer`, whose conversation and parent are not looked at. Where the question
    /// stands on several branches, each has the attachments.
    ///
    /// # Errors
    /// [`Error::Invalid`] for fewer than two models or more than [`MAX_COMPARED`]; as [`History::append`];
    /// [`Error::NotFound`] also for an attachment.
    pub fn ask_all(
        &self,
        id: ConversationId,
        begin: Option<(&[String], bool)>,
        question: &NewMessage,
        files: &FilesOf,
        answer: impl Fn(&str) -> NewMessage,
    ) -> Result<Vec<AskedOne>, Error> {
        self.at(id)?.write(Survives::PowerCut, |transaction| {
            let conversation = key(transaction, id)?;
            let (models, blind) = match (read(transaction, conversation)?, begin) {
                (Some(comparison), _) => (
                    comparison
                        .models
                        .into_iter()
                        .map(|one| (one.model, Some(one.leaf)))
                        .collect::<Vec<_>>(),
                    comparison.blind,
                ),
                (None, Some((models, blind))) => {
                    let leaf = find(transaction, id)?.leaf;
                    let models = models.iter().map(|model| (model.clone(), leaf));
                    (models.collect(), blind)
                }
                (None, None) => (Vec::new(), false),
            };
            if !(2..=MAX_COMPARED).contains(&models.len()) {
                return Err(Error::Invalid { what: "comparison" });
            }
            let mut questions: Vec<(Option<MessageId>, Message)> = Vec::new();
            let mut asked = Vec::new();
            for (place, (model, leaf)) in (0u32..).zip(models) {
                at_most(MAX_LABEL, "model", &model)?;
                let known = questions.iter().find(|(below, _)| *below == leaf);
                let question = match known {
                    Some((_, question)) => question.clone(),
                    None => {
                        let new = NewMessage {
                            conversation: id,
                            parent: leaf,
                            ..question.clone()
                        };
                        let question = add(transaction, &new)?;
                        let files = match questions.first() {
                            Some((_, first)) => &first.same_files(),
                            None => files,
                        };
                        let question = files.give(transaction, question, new.now_ms)?;
                        questions.push((leaf, question.clone()));
                        question
                    }
                };
                let answer = NewMessage {
                    conversation: id,
                    parent: Some(question.id),
                    ..answer(&model)
                };
                let answer = add(transaction, &answer)?;
                transaction.execute(
                    "INSERT INTO comparison (conversation, place, model, leaf, blind)
                     VALUES (?1, ?2, ?3, (SELECT key FROM message WHERE id = ?4), ?5)
                     ON CONFLICT (conversation, place) DO UPDATE SET leaf = excluded.leaf",
                    params![conversation, place, model, answer.id, blind],
                )?;
                asked.push(AskedOne {
                    place,
                    question,
                    answer,
                });
            }
            // Those that came first have more beside them by now.
            for one in &mut asked {
                one.answer = threads::find(transaction, one.answer.id)?;
            }
            Ok(asked)
        })
    }

    /// Has one model of a comparison answer again: a sibling of the end of its branch, which it becomes. The answer's
    /// conversation, parent and model are not looked at.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such model; as [`History::append`].
    pub fn answer_again(
        &self,
        id: ConversationId,
        place: u32,
        answer: &NewMessage,
    ) -> Result<Message, Error> {
        self.at(id)?.write(Survives::PowerCut, |transaction| {
            let conversation = key(transaction, id)?;
            let one = one(transaction, conversation, place)?;
            let old = threads::find(transaction, one.leaf)?;
            let answer = NewMessage {
                conversation: id,
                parent: old.parent,
                model: Some(one.model),
                ..answer.clone()
            };
            let answer = add(transaction, &answer)?;
            transaction.execute(
                "UPDATE comparison SET leaf = ?3 WHERE conversation = ?1 AND place = ?2",
                params![
                    conversation,
                    place,
                    key_in(transaction, conversation, answer.id)?
                ],
            )?;
            Ok(answer)
        })
    }

    /// From now on it is told who answers.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn tell_names(&self, id: ConversationId) -> Result<(), Error> {
        self.at(id)?.write(Survives::PowerCut, |transaction| {
            let conversation = key(transaction, id)?;
            transaction.execute(
                "UPDATE comparison SET blind = 0 WHERE conversation = ?1",
                [conversation],
            )?;
            Ok(())
        })
    }

    /// Ends a comparison: the conversation goes on with this model on its branch. The others' stay beside it.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such model; [`Error::DiskFull`], [`Error::Busy`].
    pub fn go_on_with(&self, id: ConversationId, place: u32) -> Result<Conversation, Error> {
        self.at(id)?.write(Survives::PowerCut, |transaction| {
            let conversation = key(transaction, id)?;
            let one = one(transaction, conversation, place)?;
            transaction.execute(
                "UPDATE conversation SET leaf = ?2, model = ?3 WHERE key = ?1",
                params![
                    conversation,
                    key_in(transaction, conversation, one.leaf)?,
                    one.model
                ],
            )?;
            transaction.execute(
                "DELETE FROM comparison WHERE conversation = ?1",
                [conversation],
            )?;
            find(transaction, id)
        })
    }
}

fn one(connection: &Connection, conversation: i64, place: u32) -> Result<Compared, Error> {
    let comparison = read(connection, conversation)?;
    let mut models = comparison
        .into_iter()
        .flat_map(|comparison| comparison.models);
    models
        .find(|one| one.place == place)
        .ok_or(Error::NotFound { what: "model" })
}

fn read(connection: &Connection, conversation: i64) -> Result<Option<Comparison>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT c.place, c.model, m.id, c.blind FROM comparison c JOIN message m ON m.key = c.leaf
         WHERE c.conversation = ?1 ORDER BY c.place",
    )?;
    let rows = statement.query_map([conversation], |row| {
        let one = Compared {
            place: row.get(0)?,
            model: row.get(1)?,
            leaf: row.get(2)?,
        };
        Ok((one, row.get::<_, bool>(3)?))
    })?;
    let rows: Vec<(Compared, bool)> = rows.collect::<Result<_, _>>()?;
    let blind = rows.iter().any(|(_, blind)| *blind);
    let models: Vec<_> = rows.into_iter().map(|(one, _)| one).collect();
    Ok((!models.is_empty()).then_some(Comparison { models, blind }))
}
