//! The one search box: words and conditions, in what was said and in titles.

use crate::{
    Core,
    app::blocking,
    conversations::show,
    problem,
    search::query::{Query, read},
    wire::{FoundConversation, FoundMessage, FoundPiece, Problem, Role, SearchResult},
};
use history::{Match, Older, Piece, TitleMatch};
use std::time::{Duration, Instant};

mod query;

/// Hits given to the window at once.
const TITLES: usize = 8;
const MESSAGES: usize = 30;
/// What was found in so long is shown at once; the window asks for the rest behind it.
const SOON: Duration = Duration::from_millis(35);
/// Of that, the titles have so much.
pub(crate) const TITLES_SOON: Duration = Duration::from_millis(15);
/// So long is looked for a first one.
const PATIENCE: Duration = Duration::from_millis(400);

impl Core {
    /// Looks for words and conditions. `utc_offset_min` is the window's, east of Greenwich positive: days begin where
    /// the person is. `older` goes on where an earlier search ended, among the messages alone.
    ///
    /// A later search ends an earlier one that is still looking: nobody reads what comes of that.
    ///
    /// # Errors
    /// The conversations can't be read.
    pub async fn search(
        &self,
        text: &str,
        utc_offset_min: i32,
        older: Option<i64>,
    ) -> Result<SearchResult, Problem> {
        let now = self.0.ports.nature.now_ms();
        let Query { wanted, strange } = read(text, now, utc_offset_min);
        let history = self.history().await?;
        let round = self.0.searches.begin();
        let inner = self.0.clone();
        let words = wanted.words.clone();
        let looked = blocking(move || {
            let began = Instant::now();
            let mut go_on =
                |found| looks_on(found, began.elapsed()) && inner.searches.is_last(round);
            let titles = match older {
                None => {
                    history.search_titles(&wanted, TITLES, &mut || began.elapsed() < TITLES_SOON)?
                }
                Some(_) => Vec::new(),
            };
            let older = older.map(Older);
            let found = history.search_messages(&wanted, MESSAGES, older, &mut go_on)?;
            Ok((titles, found))
        });
        let (titles, found) = looked
            .await?
            .map_err(|e: history::Error| problem::history(&e))?;
        let stage = self.0.stage.lock().await;
        let title = |found: TitleMatch| FoundConversation {
            conversation: show(&found.conversation, stage.answers_in(found.conversation.id)),
            title: pieces(found.title),
        };
        Ok(SearchResult {
            words,
            strange,
            conversations: titles.into_iter().map(title).collect(),
            messages: found.list.into_iter().map(message).collect(),
            older: found.next.map(|Older(key)| key),
        })
    }
}

/// Whether to look for more, with so many found in so long.
pub(crate) fn looks_on(found: usize, since: Duration) -> bool {
    since < if found == 0 { PATIENCE } else { SOON }
}

fn message(found: Match) -> FoundMessage {
    FoundMessage {
        message: found.message.to_string(),
        conversation: found.conversation.to_string(),
        title: found.title,
        role: match found.role {
            history::Role::Assistant => Role::Assistant,
            history::Role::User | history::Role::System => Role::User,
        },
        model: found.model,
        created_ms: found.created_ms,
        excerpt: pieces(found.excerpt),
    }
}

fn pieces(pieces: Vec<Piece>) -> Vec<FoundPiece> {
    let piece = |Piece { text, hit }| FoundPiece { text, hit };
    pieces.into_iter().map(piece).collect()
}

/// Which search is the last.
#[derive(Default)]
pub(crate) struct Searches(std::sync::atomic::AtomicU64);

impl Searches {
    fn begin(&self) -> u64 {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1
    }

    fn is_last(&self, round: u64) -> bool {
        self.0.load(std::sync::atomic::Ordering::Relaxed) == round
    }
}
