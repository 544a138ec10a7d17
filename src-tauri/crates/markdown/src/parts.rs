//! The parts of a text that can be taken out of it: its tables and its blocks of code.
//!
//! They are counted as the window shows them: the pieces of a long table are one table.

use crate::escape;
use crate::source;
use crate::writer::Spanned;
use pulldown_cmark::{Event, Tag, TagEnd};

/// A block of code, without what could harm where it is pasted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeText {
    /// The code, without line feeds at its end: a shell would run the last line unasked.
    pub text: String,
    /// How many characters that cannot be seen, or that command a terminal, were left out.
    pub left_out: usize,
}

/// What was gathered so far.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) tables: Vec<Vec<Vec<String>>>,
    pub(crate) codes: Vec<String>,
}

impl Parts {
    /// Gathers from the events of a block; `more` says that it goes on with the last one.
    pub(crate) fn add(&mut self, events: &[Spanned<'_>], more: bool) {
        let mut goes_on = more && matches!(events.first(), Some((Event::Start(Tag::Table(_)), _)));
        let mut head = false;
        let mut cell: Option<String> = None;
        let mut in_code = false;
        for (event, _) in events {
            match event {
                Event::Start(Tag::CodeBlock(_)) => {
                    self.codes.push(String::new());
                    in_code = true;
                }
                Event::End(TagEnd::CodeBlock) => in_code = false,
                Event::Text(text) if in_code => self.code(&source::restore_code(text)),
                Event::Start(Tag::Table(_)) if !goes_on => self.tables.push(Vec::new()),
                Event::Start(Tag::TableHead) => {
                    // A piece repeats the head of its table.
                    head = std::mem::take(&mut goes_on);
                    self.row(head);
                }
                Event::End(TagEnd::TableHead) => head = false,
                Event::Start(Tag::TableRow) => self.row(false),
                Event::Start(Tag::TableCell) => cell = Some(String::new()),
                Event::End(TagEnd::TableCell) => {
                    let words = cell.take().unwrap_or_default();
                    let row = self.tables.last_mut().and_then(|table| table.last_mut());
                    if let Some(row) = row.filter(|_| !head) {
                        row.push(source::restore(&words).trim().to_owned());
                    }
                }
                _ => {
                    if let Some(words) = &mut cell {
                        said(event, words);
                    }
                }
            }
        }
    }

    /// Adds to the last block of code.
    pub(crate) fn code(&mut self, text: &str) {
        if let Some(code) = self.codes.last_mut() {
            code.push_str(text);
        }
    }

    fn row(&mut self, repeated: bool) {
        if let Some(table) = self.tables.last_mut().filter(|_| !repeated) {
            table.push(Vec::new());
        }
    }
}

/// What a cell says, without its markup.
fn said(event: &Event<'_>, words: &mut String) {
    match event {
        Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => words.push_str(text),
        Event::Code(text) => words.push_str(&source::restore_code(text)),
        Event::InlineMath(text) => {
            words.push_str(&format!("${}$", source::restore_code(text).trim()));
        }
        Event::DisplayMath(text) => {
            words.push_str(&format!("$${}$$", source::restore_code(text).trim()));
        }
        Event::SoftBreak | Event::HardBreak => words.push(' '),
        _ => {}
    }
}

/// A table as RFC 4180 has it: commas, line ends of two characters, quotes where they are needed.
pub(crate) fn csv(table: &[Vec<String>]) -> String {
    let quoted = |cell: &String| {
        let cell: String = cell.chars().filter(|c| !harmful(*c)).collect();
        if cell.contains(['"', ',', '\n', '\r']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell
        }
    };
    table
        .iter()
        .map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n")
        .collect()
}

/// Code that can be pasted.
pub(crate) fn clean(code: &str) -> CodeText {
    let code = code.trim_end_matches(['\n', '\r']);
    let mut text = String::with_capacity(code.len());
    let mut left_out = 0;
    let mut last = '\0';
    for c in code.chars() {
        let out = harmful(c) || escape::hidden_in_code(c, last);
        left_out += usize::from(out);
        if !out {
            text.push(c);
        }
        last = c;
    }
    CodeText { text, left_out }
}

/// Whether the character commands a terminal or changes the order in which others are read.
fn harmful(c: char) -> bool {
    escape::reorders(c) || (c.is_control() && !matches!(c, '\n' | '\t'))
}
