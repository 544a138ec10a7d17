//! Fakes of what is outside, and profiles that would take long to make, for tests of other packages.

pub use history;
pub use vault::testing::*;

use crate::wire::{ImportReport, Problem};
use history::{History, NewConversation, NewMessage, Role, Status};
use std::{path::Path, sync::atomic::AtomicBool, time::Duration};

/// Loads what colours code, which is large and else loaded behind the first question.
pub fn warm() {
    markdown::warm();
}

/// So long it looks at titles, at most.
pub const SEARCH_TITLES: Duration = crate::search::TITLES_SOON;

/// Whether the search box looks for more, with so many found in so long.
#[must_use]
pub fn looks_on(found: usize, since: Duration) -> bool {
    crate::search::looks_on(found, since)
}

/// Imports a file into the conversations in `folder`, which the app must not have open, or only looks at it.
///
/// # Errors
/// The conversations can't be opened, or the disk is full.
pub fn import(folder: &Path, file: &Path, keep: bool) -> Result<ImportReport, Problem> {
    let history = History::open(folder).map_err(|error| crate::problem::history(&error))?;
    let order = crate::import::Order {
        keep,
        model: "openrouter/auto".to_owned(),
        now_ms: 1_790_000_000_000,
        stop: &AtomicBool::new(false),
    };
    crate::import::run(&history, &[file.to_owned()], &order, &|_| {})
}

/// Puts a conversation into the profile in `folder`, as if it had been held: questions and answers in turn, `count` of
/// them in all. Each begins with its number; the answers have a list, code, a table and
/// reasoning now and then. The app must not be running.
///
/// # Errors
/// The database can't be written.
pub fn held_conversation(
    folder: &Path,
    title: &str,
    model: &str,
    count: usize,
) -> Result<(), history::Error> {
    let history = History::open(folder)?;
    let begun_ms = 1_790_000_000_000;
    let conversation = history.create_conversation(&NewConversation {
        title: title.to_owned(),
        model: model.to_owned(),
        now_ms: begun_ms,
    })?;
    let messages = (0..count).map(|n| {
        let asked = n % 2 == 0;
        let number = n + 1;
        NewMessage {
            conversation: conversation.id,
            parent: None,
            role: if asked { Role::User } else { Role::Assistant },
            text: if asked {
                format!("Question {number}: how does the tide at mooring {n} compare with the one before?")
            } else {
                answer(number)
            },
            // What find has to unfold.
            reasoning: match number % 100 {
                20 => format!("On day {number} the wind may outweigh the moon."),
                _ => String::new(),
            },
            model: (!asked).then(|| model.to_owned()),
            options: None,
            status: Status::Done,
            now_ms: begun_ms + 1_000 * i64::try_from(number).unwrap_or(0),
        }
    });
    history.append_chain(conversation.id, messages)
}

/// An answer as it lies in the profile in `folder`, and its images; the app may be running.
///
/// # Errors
/// It is not there, or the database can't be read.
pub fn stored_answer(
    folder: &Path,
    id: &str,
) -> Result<(history::Message, Option<String>), history::Error> {
    let (history, id) = (History::open(folder)?, id.parse()?);
    Ok((history.message(id)?, history.images(id)?))
}

fn answer(number: usize) -> String {
    let turn = number / 2;
    let mut text = format!(
        "Answer {number}. It comes **{} minutes later** and stands *higher* by a hand, as the chart for the day says. \
         Moorings further in feel it last, and the current turns before the water does.",
        number % 60
    );
    for n in 0..turn % 4 {
        text.push_str(&format!(
            "\n\nThe reading at stake {n} was taken at low water, and again an hour after."
        ));
    }
    if turn % 6 == 1 {
        text.push_str("\n\n- near: 1.2 m\n- middle: 1.4 m\n- far: 1.9 m");
    }
    if turn % 10 == 3 {
        text.push_str("\n\n```sql\nselect mooring, max(height) from tides\ngroup by mooring;\n```");
    }
    if turn % 14 == 5 {
        text.push_str("\n\n| Mooring | Height |\n| --- | --- |\n| 1 | 1.2 m |\n| 2 | 1.4 m |");
    }
    text
}
