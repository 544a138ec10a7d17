//! Cuts a growing text into blocks that are done and a tail that is not.
//!
//! Whole lines decide, so where the text was cut on its way does not matter. The lines of the open
//! region go to the parser; all its top-level blocks but the last are then done, for no later line
//! can reach back over the start of a block. Fenced code at top level needs no parser and grows by
//! its lines.

use crate::blocks::{cut, top_level};
use crate::code::{self, Fence};
use crate::escape::Escape;
use crate::source;
use crate::writer::{self, More, Shared, Spanned};
use pulldown_cmark::{CodeBlockKind, Event, Tag};

/// From this size on, a list, table or quote is sealed up to its last item. In bytes.
pub(crate) const PIECE: usize = 2 * 1024;
/// From this size on, anything is sealed as it stands; no line is longer. In bytes.
const LONGEST: usize = 8 * 1024;

/// A change to a copy of the document: its sealed blocks and its tail, both HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// This becomes the next sealed block, and the tail becomes empty.
    Seal(String),
    /// The tail is now this.
    Tail(String),
    /// This goes to the end of the `<code>` of the one code block that the tail is.
    TailAppend(String),
    /// The tail as it stands becomes the next sealed block.
    SealTail,
}

/// A text that grows, as blocks of HTML. Each push parses the open tail again, so pushing once a
/// frame what has come since is cheaper than pushing every token.
#[derive(Default)]
pub struct Stream {
    sealed: Vec<String>,
    tail: String,
    ops: Vec<Op>,
    /// The unfinished line.
    line: String,
    /// Whether the last character was a carriage return, which a line feed may follow.
    after_return: bool,
    /// The finished lines of the tail, prepared for the parser.
    region: String,
    /// Whether the region has grown since it was last examined.
    grown: bool,
    more: Option<More>,
    fence: Option<OpenFence>,
    shared: Shared,
    /// Bytes given to the parser, for tests of the work done.
    pub(crate) parsed: u64,
}

struct OpenFence {
    fence: Fence,
    /// Whether the unfinished line is already in the tail in part, uncoloured.
    partly: bool,
    escape: Escape,
}

impl Stream {
    /// An empty document.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds text and says what changes.
    pub fn push(&mut self, text: &str) -> Vec<Op> {
        self.feed(text);
        self.show_tail();
        std::mem::take(&mut self.ops)
    }

    /// Ends the text: what is open is closed and sealed. Text pushed later begins a new block.
    pub fn finish(&mut self) -> Vec<Op> {
        self.end_line("");
        self.after_return = false;
        match self.fence.take() {
            Some(_) => self.apply(Op::SealTail),
            None => self.seal_region(),
        }
        std::mem::take(&mut self.ops)
    }

    /// The document: its sealed blocks and its tail.
    pub fn blocks(&self) -> (&[String], String) {
        (&self.sealed, self.tail.clone())
    }

    fn feed(&mut self, mut text: &str) {
        while !text.is_empty() {
            if std::mem::take(&mut self.after_return)
                && let Some(rest) = text.strip_prefix('\n')
            {
                text = rest;
                continue;
            }
            let Some(at) = text.find(['\n', '\r']) else {
                return self.extend_line(text);
            };
            self.extend_line(&text[..at]);
            self.end_line("\n");
            self.after_return = text[at..].starts_with('\r');
            text = &text[at + 1..];
        }
    }

    fn extend_line(&mut self, mut part: &str) {
        loop {
            let limit = if self.fence.is_some() {
                code::LONGEST_LINE
            } else {
                LONGEST
            };
            if self.line.len() + part.len() <= limit {
                return self.line.push_str(part);
            }
            let (head, rest) = part.split_at(part.floor_char_boundary(limit - self.line.len()));
            self.line.push_str(head);
            part = rest;
            self.cut_line();
        }
    }

    /// The line is longer than a line may be.
    fn cut_line(&mut self) {
        if self.fence.is_some() {
            return self.append_partly("");
        }
        let space = self
            .line
            .trim_end()
            .rfind(' ')
            .filter(|at| *at > LONGEST / 2);
        let rest = self.line.split_off(space.unwrap_or(self.line.len()));
        let line = std::mem::replace(&mut self.line, rest.trim_start().to_owned());
        self.text_line(&line);
        if self.fence.is_none() {
            self.seal_region();
        }
    }

    fn end_line(&mut self, end: &str) {
        if self.fence.as_ref().is_some_and(|open| open.partly) {
            self.append_partly(end);
            if let Some(open) = &mut self.fence {
                open.partly = false;
            }
            return;
        }
        if self.line.is_empty() && end.is_empty() {
            return;
        }
        let mut line = std::mem::take(&mut self.line);
        let Some(open) = &mut self.fence else {
            return self.text_line(&line);
        };
        if open.fence.closed_by(&line) {
            self.fence = None;
            return self.apply(Op::SealTail);
        }
        line.push_str(end);
        let mut html = String::new();
        open.fence.code.line(open.fence.unindent(&line), &mut html);
        self.apply(Op::TailAppend(html));
    }

    /// Shows what there is of a line of code that is too long to wait for its end, and to colour.
    fn append_partly(&mut self, end: &str) {
        let Some(open) = &mut self.fence else { return };
        let text = if open.partly {
            &*self.line
        } else {
            open.fence.unindent(&self.line)
        };
        let mut html = String::new();
        open.escape.code(text, &mut html);
        open.escape.code(end, &mut html);
        open.partly = true;
        self.line.clear();
        if !html.is_empty() {
            self.apply(Op::TailAppend(html));
        }
    }

    fn text_line(&mut self, line: &str) {
        let fence = Fence::open(line);
        if self.region.is_empty() {
            if let Some(fence) = fence {
                return self.open_fence(fence);
            }
            if line.chars().all(|c| matches!(c, ' ' | '\t')) {
                return;
            }
        }
        let start = self.region.len();
        source::prepare(line, &mut self.region);
        self.region.push('\n');
        self.grown = true;
        if let Some(fence) = fence {
            if self.examine(Some(start)) {
                self.open_fence(fence);
            }
        } else if self.region.len() > PIECE {
            self.examine(None);
        }
    }

    fn open_fence(&mut self, fence: Fence) {
        let mut tail = String::new();
        fence.code.head(&mut tail);
        tail.push_str(code::TAIL_END);
        self.fence = Some(OpenFence {
            fence,
            partly: false,
            escape: Escape::default(),
        });
        if self.tail != tail {
            self.apply(Op::Tail(tail));
        }
    }

    /// Seals all blocks of the region but the last, and of that what makes it too long. If a fenced
    /// block of the top level starts at `fence`, takes it out of the region and says so.
    fn examine(&mut self, fence: Option<usize>) -> bool {
        self.grown = false;
        let region = std::mem::take(&mut self.region);
        let events = writer::parse(&region);
        self.parsed += region.len() as u64;
        let blocks = top_level(&events, &region);
        for pair in blocks.windows(2) {
            self.seal(&events[pair[0].1..pair[1].1]);
        }
        let Some(&(start, first)) = blocks.last() else {
            return false;
        };
        let fenced = matches!(
            events[first].0,
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_)))
        );
        if fence == Some(start) && fenced {
            return true;
        }
        if region.len() - start <= PIECE {
            region[start..].clone_into(&mut self.region);
            return false;
        }
        let events = &events[first..];
        if let Some(cut) = cut(events, &region, start, self.more) {
            self.seal(&events[..cut.event]);
            self.more = Some(cut.more);
            self.region = cut.head + &region[cut.at..];
        } else {
            region[start..].clone_into(&mut self.region);
        }
        if self.region.len() > LONGEST {
            self.seal_region();
        }
        false
    }

    fn seal_region(&mut self) {
        let region = std::mem::take(&mut self.region);
        self.grown = false;
        let events = writer::parse(&region);
        self.parsed += region.len() as u64;
        let mut blocks = top_level(&events, &region);
        blocks.push((region.len(), events.len()));
        for pair in blocks.windows(2) {
            self.seal(&events[pair[0].1..pair[1].1]);
        }
        self.more = None;
        if !self.tail.is_empty() {
            self.apply(Op::Tail(String::new()));
        }
    }

    fn seal(&mut self, events: &[Spanned<'_>]) {
        let html = writer::write(events, self.more.take(), &mut self.shared);
        self.shared.notes.settle();
        let op = if html == self.tail {
            Op::SealTail
        } else {
            Op::Seal(html)
        };
        self.apply(op);
    }

    fn show_tail(&mut self) {
        if self.fence.as_ref().is_some_and(|open| open.partly) {
            return self.append_partly("");
        }
        if self.fence.is_some() {
            return;
        }
        if self.grown {
            self.examine(None);
        }
        let mut text = self.region.clone();
        // Marks alone may yet become anything: a list's dash looks like a heading's underline.
        if !self
            .line
            .chars()
            .all(|c| c.is_ascii_punctuation() || c.is_ascii_digit() || c == ' ')
        {
            source::prepare(&self.line, &mut text);
        }
        let events = writer::parse(&text);
        self.parsed += text.len() as u64;
        let html = writer::write(&events, self.more, &mut self.shared);
        self.shared.notes.forget();
        if html != self.tail {
            self.apply(Op::Tail(html));
        }
    }

    /// Does to our own copy what everyone else is told to do.
    fn apply(&mut self, op: Op) {
        match &op {
            Op::Seal(html) => {
                self.sealed.push(html.clone());
                self.tail.clear();
            }
            Op::Tail(html) => html.clone_into(&mut self.tail),
            Op::TailAppend(html) => {
                let end = self.tail.len().saturating_sub(code::TAIL_END.len());
                self.tail.insert_str(end, html);
            }
            Op::SealTail => self.sealed.push(std::mem::take(&mut self.tail)),
        }
        self.ops.push(op);
    }
}

pub(crate) fn render(text: &str) -> Vec<String> {
    let mut stream = Stream::new();
    stream.feed(text);
    stream.finish();
    stream.sealed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes parsed and coloured for each byte of the text, pushed in pieces of so many characters.
    fn work(text: &str, piece: usize) -> u64 {
        let mut stream = Stream::new();
        let chars: Vec<char> = text.chars().collect();
        for piece in chars.chunks(piece) {
            stream.push(&piece.iter().collect::<String>());
        }
        stream.finish();
        (stream.parsed + stream.shared.cache.coloured) / text.len() as u64
    }

    fn answer(sections: usize) -> String {
        let section = |n: usize| {
            let list: String = (1..12)
                .map(|i| format!("{i}. Point {i} with `code` and **weight**.\n"))
                .collect();
            let rows: String = (1..9)
                .map(|i| format!("| {i} | row {n} | ${i}.00 |\n"))
                .collect();
            let code: String = (1..20)
                .map(|i| format!("    let x{i} = f({i}); // n\n"))
                .collect();
            format!(
                "## Section {n}\n\nA paragraph that explains, in *some* detail, what follows, and \
                 ends with a link to https://example.org/{n}.\n\n{list}\n| a | b | c |\n|---|:-:|--:|\n\
                 {rows}\n```rust\nfn main() {{\n{code}}}\n```\n\n> Quoted.\n\n"
            )
        };
        (0..sections).map(section).collect()
    }

    #[test]
    fn a_token_costs_the_same_in_a_long_answer_as_in_a_short_one() {
        let (short, long) = (answer(8), answer(330));
        assert!(
            long.len() > 400_000,
            "100k tokens of four characters, not {}",
            long.len()
        );
        let (short, long) = (work(&short, 4), work(&long, 4));
        assert!(
            long <= short + short / 10 + 1,
            "{long} times the text, but {short} when short"
        );
        assert!(long <= 150, "{long} times the text");
    }

    #[test]
    fn no_text_makes_the_work_grow_with_its_length() {
        let item = "- an item of a list that goes on and on and on\n";
        let hostile = [
            ("quotes", "> ".repeat(50_000)),
            ("quotes without spaces", ">".repeat(50_000)),
            ("brackets", "[".repeat(50_000)),
            ("bracket pairs", "[a](".repeat(20_000)),
            ("images", "![".repeat(30_000)),
            ("stars", "*a **a ".repeat(10_000)),
            ("lone stars", "*".repeat(50_000)),
            ("backticks", (1..300).map(|n| "`".repeat(n) + " ").collect()),
            ("dollars", "$ $$ ".repeat(10_000)),
            ("tags", "<a ".repeat(20_000)),
            ("autolinks", "<http://".repeat(8_000)),
            ("addresses", "http://".repeat(8_000)),
            ("entities", "&".repeat(50_000)),
            ("list items", item.repeat(2_000)),
            ("list items with spaces", format!("{item}\n").repeat(2_000)),
            (
                "nested list",
                (0..300).map(|n| " ".repeat(n) + "- a\n").collect(),
            ),
            (
                "table",
                format!("|a|b|\n|-|-|\n{}", "| 1 | 2 |\n".repeat(8_000)),
            ),
            ("paragraph", "word ".repeat(20_000)),
            ("paragraph of lines", "some words\n".repeat(8_000)),
            ("one word", "a".repeat(100_000)),
            (
                "fence",
                format!("```rust\n{}", "let a = 1;\n".repeat(1_000)),
            ),
            ("fence of one line", format!("```\n{}", "x".repeat(100_000))),
            ("fences in items", "- a\n  ```\n  b\n  ```\n".repeat(2_000)),
            (
                "long fence in an item",
                format!("- ```rust\n{}", "  let a = 1;\n".repeat(1_000)),
            ),
            (
                "tags never closed",
                format!("<script>\n{}", "a\n\n".repeat(10_000)),
            ),
            ("footnotes", "[^a]: b\n".repeat(6_000)),
        ];
        for (name, text) in &hostile {
            let once = work(text, text.len());
            assert!(once <= 600, "{name}: {once} times the text at once");
            let pieces = work(text, 64);
            assert!(
                pieces <= 900,
                "{name}: {pieces} times the text in pieces of 64"
            );
        }
    }

    #[test]
    fn nested_code_is_coloured_once() {
        let lines: String = (0..40).map(|n| format!("   let a{n} = {n};\n")).collect();
        let text = format!("1. Do:\n\n   ```rust\n{lines}   ```\n");
        let mut stream = Stream::new();
        for c in text.chars() {
            stream.push(&c.to_string());
        }
        let coloured = stream.shared.cache.coloured;
        // A line is also coloured while it grows: on average half of it for each character.
        assert!(
            coloured < 20 * text.len() as u64,
            "{coloured} bytes for {}",
            text.len()
        );
    }
}
