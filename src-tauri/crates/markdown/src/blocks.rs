//! Where blocks start, and where one that is too long can be cut.

use crate::stream::PIECE;
use crate::writer::{More, Spanned};
use pulldown_cmark::{Event, Tag};

/// Where each top-level block starts, in the text (at the start of its line) and in the events.
pub(crate) fn top_level(events: &[Spanned<'_>], text: &str) -> Vec<(usize, usize)> {
    children(events, 0)
        .map(|(at, event)| (line_start(text, at), event))
        .collect()
}

/// Where the elements at this depth start.
fn children<'a>(
    events: &'a [Spanned<'_>],
    wanted: usize,
) -> impl Iterator<Item = (usize, usize)> + 'a {
    let mut depth = 0;
    events
        .iter()
        .enumerate()
        .filter_map(move |(at, (event, range))| {
            let here = depth;
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => {
                    depth -= 1;
                    return None;
                }
                _ => {}
            }
            (here == wanted).then_some((range.start, at))
        })
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |feed| feed + 1)
}

/// How to go on with a block that is too long.
pub(crate) struct Cut {
    /// The first event that is left.
    pub(crate) event: usize,
    /// Where the text that is left starts.
    pub(crate) at: usize,
    /// What has to stand before it.
    pub(crate) head: String,
    pub(crate) more: More,
}

/// Where the last item of a long list, table or quote starts, if it can stand alone.
pub(crate) fn cut(
    events: &[Spanned<'_>],
    text: &str,
    start: usize,
    more: Option<More>,
) -> Option<Cut> {
    let Some((Event::Start(block), _)) = events.first() else {
        return None;
    };
    let (at, event) = children(events, 1).last()?;
    let at = line_start(text, at);
    let line = text[at..].trim_start_matches(' ');
    if at <= start || text.len() - at - line.len() > 3 {
        return None;
    }
    let mut head = String::new();
    let more = match block {
        Tag::List(None) => More::Same,
        Tag::List(Some(first)) => {
            let first = if let Some(More::From(number)) = more {
                number
            } else {
                *first
            };
            More::From(first + children(events, 1).count() as u64 - 1)
        }
        Tag::BlockQuote(_) if line.starts_with('>') => More::Same,
        Tag::Table(_) => {
            let end = text[start..].match_indices('\n').nth(1)?.0 + 1;
            if end > PIECE / 2 || start + end > at {
                return None;
            }
            text[start..start + end].clone_into(&mut head);
            More::Same
        }
        _ => return None,
    };
    Some(Cut {
        event,
        at,
        head,
        more,
    })
}
