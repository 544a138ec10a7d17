//! Formulas: LaTeX in, MathML out, in elements and attributes spelled out in `math/writer.rs`.
//!
//! The parser is a crate of its own; what it says is taken as a list of events and never as text.
//! Whatever it cannot read, or reads as something we have no element for, stays LaTeX, as code.

mod content;
mod font;
mod writer;

use crate::escape::{self, Escape};
use pulldown_latex::{Parser, Storage};
use std::borrow::Cow;
use std::collections::HashMap;
use std::panic::catch_unwind;

/// A longer formula stays LaTeX. In bytes.
const LONGEST: usize = 4 * 1024;
/// Groups nested deeper, or more commands in a row, stay LaTeX: the parser follows them on its
/// stack.
const DEEPEST: usize = 24;
/// A formula of more parts stays LaTeX.
const MOST_EVENTS: usize = 4 * 1024;
/// Formulas that are kept, in bytes: those of a tail are written again whenever it grows.
const KEPT: usize = 256 * 1024;

/// Commands that define others. A formula is a few words of a stranger, not a program.
const DEFINE: &[&str] = &[
    "def",
    "gdef",
    "edef",
    "xdef",
    "let",
    "futurelet",
    "newcommand",
    "renewcommand",
    "providecommand",
    "char",
];

/// Commands that the parser does not know and that can be said in others, or left out.
const ALIASES: &[(&str, &str)] = &[
    ("bm", "\\boldsymbol"),
    ("boxed", "\\fcolorbox{black}{white}"),
    ("mbox", "\\text"),
    ("hbox", "\\text"),
    ("lparen", "("),
    ("rparen", ")"),
    ("nonumber", ""),
    ("notag", ""),
    ("smash", ""),
    ("mathclap", ""),
    ("phantom", "\\quad "),
];

/// Commands that are left out with their argument.
const DROPPED: &[&str] = &["label", "vphantom"];

/// The formulas already written, by whether they stand alone and by their LaTeX.
#[derive(Default)]
pub(crate) struct Formulas {
    written: HashMap<(bool, String), String>,
    bytes: usize,
    /// Bytes of LaTeX read, for tests of the work done.
    pub(crate) read: u64,
}

impl Formulas {
    /// Writes a formula; `display` is one that stands alone.
    pub(crate) fn write(&mut self, source: &str, display: bool, out: &mut String) {
        let key = (display, source.to_owned());
        if let Some(html) = self.written.get(&key) {
            return out.push_str(html);
        }
        let html = html(source, display);
        out.push_str(&html);
        self.read += source.len() as u64;
        self.bytes += source.len() + html.len();
        if self.bytes > KEPT {
            self.bytes = 0;
            self.written.clear();
        }
        self.written.insert(key, html);
    }
}

/// The LaTeX itself.
pub(crate) fn code(source: &str, display: bool, out: &mut String) {
    let class = if display { "math display" } else { "math" };
    out.push_str(&format!("<code class=\"{class}\">"));
    Escape::default().code(source.trim(), out);
    out.push_str("</code>");
}

fn html(source: &str, display: bool) -> String {
    let mut out = String::new();
    match mathml(source, display) {
        Some(math) if display => {
            out.push_str("<span class=\"math\" tabindex=\"0\"><math display=\"block\">");
            out.push_str(&math);
            out.push_str("</math></span>");
        }
        Some(math) => {
            out.push_str("<math>");
            out.push_str(&math);
            out.push_str("</math>");
        }
        None => code(source, display, &mut out),
    }
    out
}

/// The inside of a `<math>`, if every part of the formula has an element.
fn mathml(source: &str, display: bool) -> Option<String> {
    let source = acceptable(source)?;
    // A crate that meets a stranger's text may hold a surprise; it must not cost the answer.
    let written = catch_unwind(|| {
        let storage = Storage::new();
        let mut events = Vec::new();
        for event in Parser::new(&source, &storage) {
            events.push(event.ok()?);
            if events.len() > MOST_EVENTS {
                return None;
            }
        }
        writer::write(&events, display)
    });
    written.ok().flatten()
}

/// The formula in words the parser knows, if it is small, flat and without tricks.
fn acceptable(source: &str) -> Option<Cow<'_, str>> {
    let hidden = |c: char| escape::invisible(c) || (c.is_control() && !matches!(c, '\n' | '\t'));
    if source.len() > LONGEST || source.trim().is_empty() || source.contains(hidden) {
        return None;
    }
    let mut out = String::new();
    let (mut copied, mut depth, mut run, mut at) = (0, 0_usize, 0, 0);
    let bytes = source.as_bytes();
    while at < bytes.len() {
        let start = at;
        at += 1;
        match bytes[start] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'\\' => {
                at += word(&source[at..]);
                run += 1;
            }
            _ => {}
        }
        if !matches!(bytes[start], b'\\' | b' ' | b'\n' | b'{') {
            run = 0;
        }
        if bytes[start] == b'\\' {
            let name = &source[start + 1..at];
            match name {
                "left" | "begin" => depth += 1,
                "right" | "end" => depth = depth.saturating_sub(1),
                _ if DEFINE.contains(&name) => return None,
                _ => {}
            }
            if let Some((put, taken)) = instead(name, &source[at..]) {
                out.push_str(&source[copied..start]);
                out.push_str(&put);
                at += taken;
                copied = at;
            }
        }
        if depth > DEEPEST || run > DEEPEST {
            return None;
        }
    }
    if copied == 0 {
        return Some(Cow::Borrowed(source));
    }
    out.push_str(&source[copied..]);
    Some(Cow::Owned(out))
}

/// The length of a command's name, which is letters or one other character.
fn word(text: &str) -> usize {
    let letters = text.bytes().take_while(|b| b.is_ascii_alphabetic()).count();
    match letters {
        0 => text.chars().next().map_or(0, char::len_utf8),
        _ => letters,
    }
}

/// What to put in place of a command, and how much of what follows it that takes.
fn instead(name: &str, rest: &str) -> Option<(Cow<'static, str>, usize)> {
    if let Some((_, put)) = ALIASES.iter().find(|(known, _)| *known == name) {
        return Some((Cow::Borrowed(put), 0));
    }
    let argument = || {
        let inner = rest.trim_start().strip_prefix('{')?;
        let end = inner
            .find(['{', '}'])
            .filter(|at| inner[*at..].starts_with('}'))?;
        Some((&inner[..end], rest.len() - inner.len() + end + 1))
    };
    if DROPPED.contains(&name) {
        let (_, taken) = argument()?;
        return Some((Cow::Borrowed(""), taken));
    }
    if name == "tag" {
        let (number, taken) = argument()?;
        return Some((format!("\\qquad\\text{{({number})}}").into(), taken));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_small_formula_stays_latex() {
        for source in [
            "\\def\\a{\\a\\a}\\a".to_owned(),
            "\\newcommand{\\x}{1}\\x".to_owned(),
            "x".repeat(LONGEST + 1),
            "{".repeat(30) + &"}".repeat(30),
            "\\sqrt".repeat(30),
            "\\sqrt{".repeat(30) + "x" + &"}".repeat(30),
            "\\left(".repeat(30) + &"\\right)".repeat(30),
            "a\u{202E}b".to_owned(),
            "\\nosuchcommand".to_owned(),
            "\\frac{a}".to_owned(),
            "x^".to_owned(),
            "\\".to_owned(),
            "&".to_owned(),
            String::new(),
        ] {
            assert_eq!(mathml(&source, false), None, "{source:?}");
        }
    }
}
