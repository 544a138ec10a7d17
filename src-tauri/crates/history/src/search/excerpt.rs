//! What is shown of a hit: the words around it, and which of them were looked for.

use super::fold::{fold, fold_with_places, place};

/// So much is shown before the first hit, and in all; in bytes, roughly characters.
const BEFORE: usize = 48;
const LENGTH: usize = 240;

/// A piece of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it says.
    pub text: String,
    /// It is what was looked for.
    pub hit: bool,
}

/// The text around its first hit, on one line. With `code`, around its first block of code.
pub(super) fn around(text: &str, words: &[String], code: bool) -> Vec<Piece> {
    let at = match words {
        [] if code => text.find("```").unwrap_or(0),
        [] => 0,
        words => {
            let folded = fold(text);
            let first = words.iter().filter_map(|word| folded.find(word)).min();
            place(text, first.unwrap_or(0))
        }
    };
    let mut start = text.floor_char_boundary(at.saturating_sub(BEFORE));
    if start > 0 {
        // From the beginning of a word, if one begins there.
        let space = text[start..at].find(char::is_whitespace);
        start += space.unwrap_or(0);
    }
    let end = text.floor_char_boundary(start + LENGTH);
    let mut pieces = marked(text[start..end].trim(), words);
    for piece in &mut pieces {
        piece.text = tidy(&piece.text);
    }
    if start > 0 {
        add(&mut pieces, 0, "…");
    }
    if end < text.trim_end().len() {
        let last = pieces.len();
        add(&mut pieces, last, "…");
    }
    pieces
}

/// The text in pieces: those that were looked for, and those between them.
pub(super) fn marked(text: &str, words: &[String]) -> Vec<Piece> {
    let (folded, places) = fold_with_places(text);
    let mut hits: Vec<(usize, usize)> = Vec::new();
    for word in words {
        for (at, found) in folded.match_indices(word) {
            hits.push((places[at], places[at + found.len()]));
        }
    }
    hits.sort_unstable();
    let mut pieces = Vec::new();
    let mut done = 0;
    let mut piece = |range: std::ops::Range<usize>, hit| {
        if !range.is_empty() {
            let text = text[range].to_owned();
            pieces.push(Piece { text, hit });
        }
    };
    for (start, end) in hits {
        let start = start.max(done);
        if end > start {
            piece(done..start, false);
            piece(start..end, true);
            done = end;
        }
    }
    piece(done..text.len(), false);
    pieces
}

/// On one line, and without the signs that are not compared either.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            if !tidy.ends_with(' ') {
                tidy.push(' ');
            }
        } else if !matches!(c, '*' | '`') {
            tidy.push(c);
        }
    }
    tidy
}

fn add(pieces: &mut Vec<Piece>, at: usize, text: &str) {
    let beside = at.min(pieces.len().saturating_sub(1));
    match pieces.get_mut(beside) {
        Some(piece) if !piece.hit && at == 0 => piece.text.insert_str(0, text),
        Some(piece) if !piece.hit => piece.text.push_str(text),
        _ => pieces.insert(
            at,
            Piece {
                text: text.to_owned(),
                hit: false,
            },
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, words: &[&str]) -> String {
        let words: Vec<String> = words.iter().map(|word| fold(word)).collect();
        let pieces = around(text, &words, false);
        let show = |piece: &Piece| match piece.hit {
            true => format!("[{}]", piece.text),
            false => piece.text.clone(),
        };
        pieces.iter().map(show).collect()
    }

    #[test]
    fn hits_are_marked_as_they_are_written() {
        assert_eq!(
            shown("Über die Gezeiten", &["uber", "zeit"]),
            "[Über] die Ge[zeit]en"
        );
        assert_eq!(
            shown("a **bold**\nclaim.", &["bold claim"]),
            "a [bold claim]."
        );
        assert_eq!(shown("潮の満ち引き", &["満ち"]), "潮の[満ち]引き");
        assert_eq!(shown("anana", &["ana", "nan"]), "[ana][n]a");
        assert_eq!(shown("nothing", &[]), "nothing");
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_hit_at_words_and_characters() {
        let text = format!("{} needle {}", "ä straw ".repeat(500), "häy ".repeat(500));
        let shown = shown(&text, &["needle"]);
        assert!(shown.starts_with('…') && shown.ends_with('…'), "{shown}");
        assert!(shown.contains("straw [needle] häy"), "{shown}");
        assert!(shown.len() < 320, "{shown}");
    }

    #[test]
    fn a_block_of_code_is_shown_from_its_beginning() {
        let text = format!("{}\n```rust\nfn main() {{}}\n```", "words ".repeat(100));
        let pieces = around(&text, &[], true);
        assert!(pieces[0].text.contains("rust fn main"), "{pieces:?}");
    }
}
