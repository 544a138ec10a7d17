//! Opening a comparison: the end of each model's branch, side by side.

use super::{Open, Stage, pages::pages};
use crate::{
    Core,
    conversations::{conversation_id, show},
    options,
    wire::{
        Change, CompareColumn, Comparison, Message, MessageMeta, Problem, ProblemCode as Code,
        Retrying, Role, ThreadEvent,
    },
};
use history::Place;

/// Messages of each branch: a comparison is short, and longer ones show their end.
const EACH: usize = 40;

impl Core {
    /// Opens a comparison in a window, instead of a thread: what its models say now; every change after that goes to
    /// `sink`, numbered.
    ///
    /// # Errors
    /// It is none, not there, or can't be read.
    pub async fn open_comparison(
        &self,
        window: &str,
        id: &str,
        sink: impl Fn(ThreadEvent) + Send + 'static,
    ) -> Result<Comparison, Problem> {
        let id = conversation_id(id)?;
        let mut stage = self.0.stage.lock().await;
        let read = self.stored(move |history| {
            let comparison = history.comparison(id)?.into_iter();
            let blind = comparison.clone().any(|comparison| comparison.blind);
            let branches = comparison
                .flat_map(|comparison| comparison.models)
                .map(|one| {
                    let stretch = history.stretch(id, Place::EndOf(one.leaf), pages(EACH))?;
                    Ok((one, stretch))
                })
                .collect::<Result<Vec<_>, history::Error>>()?;
            let own = options::read(history.options(id)?.as_deref());
            Ok((history.conversation(id)?, own, blind, branches))
        });
        let (conversation, options, blind, branches) = read.await?;
        if branches.is_empty() {
            let text = "This conversation is no comparison any more.";
            return Err(Problem::new(Code::Again, text));
        }
        let mut columns = Vec::new();
        for (one, stretch) in branches {
            let older = stretch.older;
            let messages = self.render(stage.writing_in(&stretch), stretch).await?;
            let (name, _) = self.known_model(&one.model).await;
            columns.push(CompareColumn {
                place: one.place,
                model: (!blind).then_some(one.model),
                name: if blind { letter(one.place) } else { name },
                messages: messages
                    .into_iter()
                    .map(|message| Message {
                        meta: if blind {
                            masked(message.meta)
                        } else {
                            message.meta
                        },
                        ..message
                    })
                    .collect(),
                older,
            });
        }
        let open = Open {
            conversation: id,
            seq: 0,
            blind,
            sink: Box::new(sink),
        };
        stage.windows.insert(window.to_owned(), open);
        let answering = stage.answers_in(id);
        Ok(Comparison {
            conversation: show(&conversation, answering),
            options,
            blind,
            columns,
            seq: 0,
        })
    }
}

/// `Model A` for the first.
fn letter(place: u32) -> String {
    let letter = char::from_u32(u32::from('A') + place).unwrap_or('?');
    format!("Model {letter}")
}

/// What does not tell who answers: no name, no provider, and no figure that gives it away.
fn masked(meta: MessageMeta) -> MessageMeta {
    if meta.role == Role::User {
        return meta;
    }
    MessageMeta {
        model: String::new(),
        model_name: String::new(),
        provider: None,
        tokens_in: None,
        tokens_out: None,
        tokens_per_second: None,
        cost_usd: None,
        cost_pending: false,
        first_token_ms: None,
        took_ms: None,
        thought_ms: None,
        problem: meta.problem.map(nameless),
        retrying: meta.retrying.map(|wait| Retrying {
            reason: "No answer came just now.".to_owned(),
            ..wait
        }),
        search_cost_usd: None,
        notes: Vec::new(),
        options: None,
        ..meta
    }
}

/// What stands against an answer, without those who would be named in it: the provider that failed, with its own words,
/// and models to ask instead.
fn nameless(problem: Problem) -> Problem {
    let message = match problem.code {
        Code::Again | Code::OtherModel => {
            "This model gave no answer. Ask it again, or reveal the names to read why.".to_owned()
        }
        _ => problem.message,
    };
    Problem {
        message,
        detail: None,
        instead: Vec::new(),
        ..problem
    }
}

impl Stage {
    /// A change as a window may see it.
    pub(super) fn seen(change: &Change, blind: bool) -> Change {
        match change.clone() {
            Change::Meta { meta } if blind => Change::Meta { meta: masked(meta) },
            change => change,
        }
    }
}
