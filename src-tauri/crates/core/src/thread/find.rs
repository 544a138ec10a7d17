//! Finding words in a conversation, all of it, though a window has only a piece.

use crate::{
    Core,
    conversations::conversation_id,
    wire::{Found, Hit, Problem},
};
use history::{Role, Said};

/// The most messages that are listed, those nearest to the end.
const MOST: usize = 1_000;
/// The longest words that are looked for, in characters.
const LONGEST: usize = 200;

impl Core {
    /// Where the branch shown says these words, whatever their case and the spaces between them. What is looked through
    /// is what is seen, or is once its reasoning is unfolded: no markup, no addresses behind links.
    ///
    /// # Errors
    /// The conversation is not there, or can't be read.
    pub async fn find_in_thread(&self, id: &str, words: &str) -> Result<Found, Problem> {
        let id = conversation_id(id)?;
        let wanted: String = folded(words).trim().chars().take(LONGEST).collect();
        if wanted.is_empty() {
            return Ok(Found {
                hits: Vec::new(),
                more: false,
            });
        }
        let mut found = self
            .stored(move |history| {
                let rough = rough(&wanted);
                let mut found = Found {
                    hits: Vec::new(),
                    more: false,
                };
                history.look_through(id, |said| {
                    let (thoughts, times) = times(&said, &wanted, &rough);
                    if (thoughts, times) == (0, 0) {
                        return true;
                    }
                    found.more = found.hits.len() == MOST;
                    if !found.more {
                        found.hits.push(Hit {
                            message: said.id.to_string(),
                            thoughts,
                            times,
                        });
                    }
                    !found.more
                })?;
                Ok(found)
            })
            .await?;
        found.hits.reverse();
        Ok(found)
    }
}

/// How often they stand in its reasoning, which is shown as it came, and in its words.
fn times(said: &Said, wanted: &str, rough: &str) -> (u32, u32) {
    let count = |shown: &str| {
        let times = folded(shown).matches(wanted).count();
        u32::try_from(times).unwrap_or(u32::MAX)
    };
    match said.role {
        Role::System => (0, 0),
        Role::User => (0, count(&said.text)),
        Role::Assistant => {
            // Rendering is the dear part, so only what may hold the words is rendered.
            let may = bare(&folded(&said.text)).contains(rough);
            let times = may.then(|| count(&seen(&markdown::render(&said.text))));
            (count(&said.reasoning), times.unwrap_or(0))
        }
    }
}

/// Lower case, and one space for each run of them, so that a line's end is no obstacle.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_whitespace() {
            folded.extend(c.to_lowercase());
        } else if !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded
}

/// The longest of the words, for telling cheaply which messages cannot hold them: between two words the Markdown may
/// have much that is not seen.
fn rough(words: &str) -> String {
    let words = words.split(' ').map(bare);
    words.max_by_key(String::len).unwrap_or_default()
}

/// Without what Markdown may put between two letters of a word, and without spaces.
fn bare(text: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || !c.is_ascii();
    text.chars().filter(kept).collect()
}

/// The text of blocks of HTML, as the writer makes them, but for the heads of code blocks. A block's end is a space.
fn seen(blocks: &[String]) -> String {
    let mut text = String::new();
    for block in blocks {
        let mut rest = block.as_str();
        while let Some(at) = rest.find('<') {
            text.push_str(&unescaped(&rest[..at]));
            let Some(end) = rest[at..].find('>') else {
                break;
            };
            let tag = &rest[at..=at + end];
            rest = &rest[at + end + 1..];
            if tag == "<div class=\"code-head\">" {
                rest = rest.split_once("</div>").map_or("", |(_, after)| after);
            }
            if !INLINE.iter().any(|inline| named(tag, inline)) {
                text.push(' ');
            }
        }
        text.push_str(&unescaped(rest));
        text.push(' ');
    }
    text
}

const INLINE: [&str; 7] = ["span", "em", "strong", "del", "code", "a", "sup"];

fn named(tag: &str, name: &str) -> bool {
    let inside = tag.trim_start_matches(['<', '/']);
    inside
        .strip_prefix(name)
        .is_some_and(|rest| rest.starts_with(['>', ' ']))
}

fn unescaped(text: &str) -> String {
    // The ampersand last: what it stands in is not to be read twice.
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(role: Role, text: &str, words: &str) -> u32 {
        let said = Said {
            id: "018f5e9b-8f4a-7cc0-8000-000000000000".parse().unwrap(),
            role,
            text: text.into(),
            reasoning: String::new(),
        };
        let wanted = folded(words);
        times(&said, &wanted, &rough(&wanted)).1
    }

    #[test]
    fn reasoning_is_searched_as_it_came_and_counted_apart() {
        let said = Said {
            id: "018f5e9b-8f4a-7cc0-8000-000000000000".parse().unwrap(),
            role: Role::Assistant,
            text: "The **tide** turns.".into(),
            reasoning: "A **tide**,\na Tide; tides.".into(),
        };
        let count = |words: &str| {
            let wanted = folded(words);
            times(&said, &wanted, &rough(&wanted))
        };
        assert_eq!(count("tide"), (3, 1));
        assert_eq!(count("**tide**, a"), (1, 0));
        assert_eq!(count("tides. the"), (0, 0), "it ends before the words");
    }

    #[test]
    fn what_is_seen_is_found_across_markup_lines_and_case() {
        let text =
            "A **bold** claim,\nmade *twice*: a bold\tclaim & `a <b>`.\n\n```sql\nselect 1\n```";
        for (words, times) in [
            ("bold claim", 2),
            ("BOLD  Claim,", 1),
            ("claim & a <b>.", 1),
            ("select", 1),
            ("sql", 0),
            ("copy", 0),
            ("**", 0),
            ("nowhere", 0),
        ] {
            assert_eq!(count(Role::Assistant, text, words), times, "{words:?}");
        }
    }

    #[test]
    fn the_address_behind_a_link_is_not_seen_and_not_found() {
        let text = "Read [the page](https://example.com/secret).";
        assert_eq!(count(Role::Assistant, text, "secret"), 0);
        assert_eq!(count(Role::Assistant, text, "read the page."), 1);
    }

    #[test]
    fn a_persons_words_are_searched_as_typed() {
        assert_eq!(count(Role::User, "two **stars** are typed", "**stars**"), 1);
        assert_eq!(count(Role::User, "Grüße, ÜBER", "grÜSSE"), 0);
        assert_eq!(count(Role::User, "Grüße, ÜBER über", "Über"), 2);
        assert_eq!(count(Role::System, "be brief", "brief"), 0);
    }

    #[test]
    fn words_of_signs_alone_are_found_too() {
        assert_eq!(count(Role::Assistant, "a -> b, c -> d", "->"), 2);
    }

    #[test]
    fn escapes_are_read_once() {
        assert_eq!(unescaped("&amp;lt; &lt;"), "&lt; <");
    }
}
