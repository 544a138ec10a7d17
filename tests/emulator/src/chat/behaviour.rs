//! What a model does, by its id.

use std::time::Duration;

use super::answer;
use crate::cases::{self, ErrorCase};

/// The emulated models that are in the catalogue, with what they do. Others follow the patterns
/// `prose-<tokens>`, `book-<tokens>`, `reasoning-<tokens>` and `slow-start-<seconds>`; each may end in
/// `@<tokens per second>`.
pub(crate) const LISTED: [(&str, &str); 14] = [
    ("echo", "Says what it is told."),
    ("painter", "Says what it is told, and paints."),
    (
        "blind-echo",
        "Says what it is told; reads no files, sees and hears nothing.",
    ),
    ("hearing-echo", "Says what it is told, and takes sound."),
    ("toolless-echo", "Says what it is told, and calls no tools."),
    ("prose", "Writes 400 tokens of prose."),
    ("prose-5000", "Writes 5000 tokens of prose."),
    (
        "prose-5000@200",
        "Writes 5000 tokens of prose, 200 a second.",
    ),
    (
        "prose-100000@1000",
        "Writes 100000 tokens of prose, 1000 a second.",
    ),
    ("markdown-tour", "Shows every element of Markdown once."),
    ("book", "Writes 2000 tokens with lists, tables and code."),
    ("reasoning", "Thinks for 80 tokens, then answers."),
    ("reasoning-600", "Thinks for 600 tokens, then answers."),
    (
        "slow-start",
        "Keeps the connection alive for 10 seconds, then answers.",
    ),
];

/// The models of the recorded streams and errors: `case-…` and `error-…`.
pub(crate) fn case_slugs() -> impl Iterator<Item = String> {
    let streams = cases::all()
        .streams
        .keys()
        .map(|name| format!("case-{}", name.replace('_', "-")));
    let errors = cases::all().errors.iter();
    streams.chain(errors.map(|case| format!("error-{}", cases::slug(&case.when))))
}

/// Whether a slug of the author `emulator` means something without being listed.
pub(crate) fn is_pattern(slug: &str) -> bool {
    Behaviour::emulated(slug).is_some()
}

#[derive(Clone, Copy)]
pub(super) enum Behaviour {
    Speak(Speech),
    /// A recorded stream, byte for byte.
    Recorded(&'static str, &'static [String]),
    /// A recorded error, before anything is streamed.
    Error(&'static ErrorCase),
}

#[derive(Clone, Copy)]
pub(super) struct Speech {
    pub says: Says,
    /// How long only keep-alive comments come.
    pub silence: Duration,
    /// Tokens of reasoning that come although nobody asked; 0 for none.
    pub reasoning: usize,
    /// Tokens a second, if the model's name says so.
    pub rate: Option<f64>,
}

#[derive(Clone, Copy)]
pub(super) enum Says {
    Answer,
    Echo,
    Prose(usize),
    Book(usize),
    Tour,
}

impl Behaviour {
    pub fn of(id: &str) -> Self {
        let emulated = id.strip_prefix("emulator/").and_then(Self::emulated);
        emulated.unwrap_or(Self::Speak(Speech {
            says: Says::Answer,
            silence: Duration::ZERO,
            reasoning: 0,
            rate: None,
        }))
    }

    fn emulated(slug: &str) -> Option<Self> {
        if let Some(name) = slug.strip_prefix("case-") {
            let (name, frames) = cases::all()
                .streams
                .get_key_value(&name.replace('-', "_"))?;
            return Some(Self::Recorded(name, frames));
        }
        if let Some(when) = slug.strip_prefix("error-") {
            let found = cases::all()
                .errors
                .iter()
                .find(|case| cases::slug(&case.when) == when);
            return found.map(Self::Error);
        }
        let (slug, rate) = match slug.split_once('@') {
            Some((slug, rate)) => (slug, Some(rate.parse().ok().filter(|rate| *rate > 0.0)?)),
            None => (slug, None),
        };
        let mut speech = Speech {
            says: Says::Answer,
            silence: Duration::ZERO,
            reasoning: 0,
            rate,
        };
        let number = |prefix: &str, otherwise: usize| match slug.strip_prefix(prefix)? {
            "" => Some(otherwise),
            rest => rest
                .strip_prefix('-')?
                .parse()
                .ok()
                .filter(|number| *number <= 1_000_000),
        };
        if matches!(
            slug,
            "echo" | "painter" | "blind-echo" | "hearing-echo" | "toolless-echo"
        ) {
            speech.says = Says::Echo;
        } else if slug == "markdown-tour" {
            speech.says = Says::Tour;
        } else if let Some(tokens) = number("prose", 400) {
            speech.says = Says::Prose(tokens);
        } else if let Some(tokens) = number("book", 2000) {
            speech.says = Says::Book(tokens);
        } else if let Some(tokens) = number("reasoning", 80) {
            speech.reasoning = tokens;
        } else {
            speech.silence = Duration::from_secs(number("slow-start", 10)? as u64);
        }
        Some(Self::Speak(speech))
    }
}

impl Says {
    /// What is said, cut into tokens.
    pub fn tokens(self, question: &str, model: &str) -> Vec<String> {
        match self {
            Self::Answer => tokens(&answer::answer(question, model)),
            Self::Echo => tokens(question),
            Self::Prose(count) => prose(count),
            Self::Book(count) => super::book::book(count),
            Self::Tour => tokens(include_str!("tour.md")),
        }
    }
}

/// Cuts text into pieces of about four characters, before a space where one is near. Joined, they
/// are the text.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for letter in text.chars() {
        match pieces.last_mut() {
            Some(piece) if piece.chars().count() < 6 && !(letter == ' ' && piece.len() > 2) => {
                piece.push(letter);
            }
            _ => pieces.push(letter.to_string()),
        }
    }
    pieces
}

/// Exactly so many tokens of paragraphs.
pub(super) fn prose(count: usize) -> Vec<String> {
    const SENTENCES: [&str; 9] = [
        "The harbour was quiet when the first boats came in.",
        "Nobody had expected the wind to turn so early in the year.",
        "She counted the crates twice and wrote the number on her sleeve.",
        "A gull, bolder than the others, walked along the rail.",
        "Later they would say that the light had been different that morning.",
        "The old engine coughed, caught, and settled into its rhythm.",
        "There is a word for this in the northern dialects, but it does not translate.",
        "By noon the market had sold everything except the smallest fish.",
        "He folded the letter along its old creases and put it back.",
    ];
    let mut pieces = Vec::with_capacity(count);
    for nth in 0.. {
        if pieces.len() >= count {
            break;
        }
        let sentence = SENTENCES[(nth * 5 + nth / 7) % SENTENCES.len()];
        let end = if nth % 5 == 4 { "\n\n" } else { " " };
        pieces.extend(tokens(&format!("{sentence}{end}")));
    }
    pieces.truncate(count);
    pieces
}
