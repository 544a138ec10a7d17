//! Texts as they are compared: case, accents and the width of letters do not count, nor do line
//! ends, nor the signs that Markdown puts around words.

use unicode_normalization::char::decompose_compatible;

/// The text as it is compared.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(&mut folded, text);
    folded
}

/// The same, at the end of what is there, for many texts one after the other.
pub(crate) fn fold_into(folded: &mut String, text: &str) {
    for c in text.chars() {
        push(folded, c);
    }
}

/// A piece of text, as it is compared, and where each of its bytes came from.
pub(crate) fn fold_with_places(text: &str) -> (String, Vec<usize>) {
    let mut folded = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len() + 1);
    for (at, c) in text.char_indices() {
        push(&mut folded, c);
        places.resize(folded.len(), at);
    }
    places.push(text.len());
    (folded, places)
}

/// Where in `text` the folded text has its byte `at`.
pub(crate) fn place(text: &str, at: usize) -> usize {
    // White space is folded by what stands before it, so one buffer has to see all; it is emptied
    // as it goes.
    let (mut folded, mut gone) = (String::new(), 0);
    for (place, c) in text.char_indices() {
        push(&mut folded, c);
        if gone + folded.len() > at {
            return place;
        }
        if folded.len() > 4096 {
            gone += folded.len();
            let space = folded.ends_with(' ');
            folded.clear();
            if space {
                folded.push(' ');
                gone -= 1;
            }
        }
    }
    text.len()
}

fn push(folded: &mut String, c: char) {
    match c {
        // Markdown's signs: a word in bold is the same word.
        '*' | '`' => {}
        'a'..='z' => folded.push(c),
        c if c.is_ascii_graphic() => folded.push(c.to_ascii_lowercase()),
        c if c.is_whitespace() || c.is_control() => {
            if !folded.ends_with(' ') {
                folded.push(' ');
            }
        }
        // Invisible ones between letters.
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
        // Letters with accents, and forms that stand for others.
        '\u{80}'..='\u{24ff}' | '\u{fb00}'..='\u{ffff}' => {
            decompose_compatible(c, |part| {
                if !matches!(part, '\u{300}'..='\u{36f}') {
                    folded.extend(
                        part.to_lowercase()
                            .filter(|c| !matches!(c, '\u{300}'..='\u{36f}')),
                    );
                }
            });
        }
        c => folded.extend(c.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_accents_width_lines_and_marks_do_not_count() {
        for (text, folded) in [
            ("Grüße, ÀÉ", "gruße, ae"),
            ("a **bold**\n\tclaim", "a bold claim"),
            ("Ｔｏｋｙｏ 東京", "tokyo 東京"),
            ("Ёлка й", "елка и"),
            ("İstanbul", "istanbul"),
            ("ガ行", "ガ行"),
            ("so\u{ad}ft", "soft"),
            ("fn main() { x_y }", "fn main() { x_y }"),
            ("ﬁne", "fine"),
        ] {
            assert_eq!(fold(text), folded, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn the_two_ways_of_folding_agree(text in "\\PC{0,60}|[a-zé *\n]{0,9000}") {
            let (folded, places) = fold_with_places(&text);
            prop_assert_eq!(&folded, &fold(&text));
            prop_assert_eq!(places.len(), folded.len() + 1);
            // Each place is looked for from the beginning: of a long text one in so many will do.
            let step = 1 + folded.len() / 40;
            for (at, &expected) in places.iter().enumerate().step_by(step) {
                prop_assert_eq!(place(&text, at), expected);
            }
        }
    }
}
