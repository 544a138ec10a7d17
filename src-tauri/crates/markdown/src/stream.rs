//! Cuts a growing text into blocks that are done and a tail that is not.
//!
//! Whole lines decide, so where the text was cut on its way does not matter. The lines of the open
//! region go to the parser; all its top-level blocks but the last are then done, for no later line
//! can reach back over the start of a block. Fenced code at top level needs no parser and grows by
//! its lines; its unfinished line is shown without colours, for a line is coloured once.

use crate::blocks::{cut, top_level};
use crate::code::{self, Fence};
use crate::escape::Escape;
use crate::parts::Parts;
use crate::source::Lines;
use crate::writer::{self, More, Shared, Spanned};
use pulldown_cmark::{CodeBlockKind, Event, Tag};

/// From this size on, a list, table or quote is sealed up to its last item. In bytes.
pub(crate) const PIECE: usize = 2 * 1024;
/// From this size on, anything is sealed as it stands; no line is longer. In bytes.
const LONGEST: usize = 8 * 1024;
/// A block that could not be cut is tried again when it has grown by this much. In bytes.
const STEP: usize = 512;

/// A change to a copy of the document: its sealed blocks and its tail, both HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// This becomes the next sealed block, and the tail becomes empty.
    Seal(String),
    /// The tail is now this.
    Tail(String),
    /// Both go to the end of the `<code>` of the one code block that the tail is; the line takes the place of the one
    /// that came before it.
    TailAppend {
        /// Lines that are done.
        html: String,
        /// The one that is not.
        line: String,
    },
    /// The tail, without its unfinished line, becomes the next sealed block.
    SealTail,
}

/// A text that grows, as blocks of HTML. Each push parses the open tail again, so pushing once a
/// frame what has come since is cheaper than pushing every token.
#[derive(Default)]
pub struct Stream {
    sealed: Vec<String>,
    tail: String,
    /// What is shown of the unfinished line of code.
    shown: String,
    ops: Vec<Op>,
    /// The unfinished line.
    line: String,
    /// Whether the last character was a carriage return, which a line feed may follow.
    after_return: bool,
    /// The finished lines of the tail, prepared for the parser.
    region: String,
    lines: Lines,
    /// Whether the region has grown since it was last examined.
    grown: bool,
    /// At which size of the region it is looked at for a place to cut.
    next: usize,
    more: Option<More>,
    fence: Option<OpenFence>,
    shared: Shared,
    /// Tables and code, if they are wanted.
    parts: Option<Parts>,
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
    pub fn blocks(&self) -> (&[String], &str) {
        (&self.sealed, &self.tail)
    }

    /// The unfinished line of code that belongs to the end of the tail's `<code>`.
    pub fn open_line(&self) -> &str {
        &self.shown
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
        let text = open.fence.unindent(&line);
        open.fence.code.line(text, &mut html);
        if let Some(parts) = &mut self.parts {
            parts.code(text);
        }
        self.append(html);
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
        if let Some(parts) = &mut self.parts {
            parts.code(text);
            parts.code(end);
        }
        open.partly = true;
        self.line.clear();
        if !html.is_empty() {
            self.append(html);
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
        self.lines.prepare(line, &mut self.region);
        self.region.push('\n');
        self.grown = true;
        if let Some(fence) = fence {
            if self.examine(Some(start), true) {
                self.open_fence(fence);
            }
        } else if self.region.len() > self.next.max(PIECE) {
            self.examine(None, true);
        }
    }

    fn open_fence(&mut self, fence: Fence) {
        let mut tail = String::new();
        fence.code.head(&mut tail);
        tail.push_str(code::TAIL_END);
        if let Some(parts) = &mut self.parts {
            parts.codes.push(String::new());
        }
        self.fence = Some(OpenFence {
            fence,
            partly: false,
            escape: Escape::default(),
        });
        if self.tail != tail {
            self.apply(Op::Tail(tail));
        }
    }

    /// Seals all blocks of the region but the last and, if `cutting`, of that what makes it too long.
    /// Only lines decide when to cut, so that it does not matter how the text came. If a fenced
    /// block of the top level starts at `fence`, takes it out of the region and says so.
    fn examine(&mut self, fence: Option<usize>, cutting: bool) -> bool {
        self.grown = false;
        let region = std::mem::take(&mut self.region);
        let events = writer::parse(&region);
        self.parsed += region.len() as u64;
        let blocks = top_level(&events, &region);
        for pair in blocks.windows(2) {
            self.seal(&events[pair[0].1..pair[1].1]);
            self.next = PIECE;
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
        if region.len() - start <= PIECE || !cutting {
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
        self.next = (self.region.len() + STEP).min(LONGEST);
        false
    }

    fn seal_region(&mut self) {
        let region = std::mem::take(&mut self.region);
        self.lines = Lines::default();
        self.next = PIECE;
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
        if let Some(parts) = &mut self.parts {
            parts.add(events, self.more.is_some());
        }
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
        if let Some(open) = &self.fence {
            let mut line = String::new();
            if !open.fence.may_close(&self.line) {
                Escape::default().code(open.fence.unindent(&self.line), &mut line);
            }
            return self.show_line(line);
        }
        if self.grown {
            self.examine(None, false);
        }
        let mut text = self.region.clone();
        let mut lines = self.lines.clone();
        // Marks alone may yet become anything: a list's dash looks like a heading's underline.
        if !self
            .line
            .chars()
            .all(|c| c.is_ascii_punctuation() || c.is_ascii_digit() || c == ' ')
        {
            lines.prepare(&self.line, &mut text);
        }
        lines.close(&mut text);
        let events = writer::parse(&text);
        self.parsed += text.len() as u64;
        let html = writer::write(&events, self.more, &mut self.shared);
        self.shared.notes.forget();
        if html != self.tail {
            self.apply(Op::Tail(html));
        }
    }

    fn append(&mut self, html: String) {
        let line = String::new();
        self.apply(Op::TailAppend { html, line });
    }

    fn show_line(&mut self, line: String) {
        if line == self.shown {
            return;
        }
        // What was appended just now had no line yet.
        if let Some(Op::TailAppend { line: last, .. }) = self.ops.last_mut() {
            self.shown.clone_from(&line);
            *last = line;
        } else {
            let html = String::new();
            self.apply(Op::TailAppend { html, line });
        }
    }

    /// Does to our own copy what everyone else is told to do.
    fn apply(&mut self, op: Op) {
        self.shown.clear();
        match &op {
            Op::Seal(html) => {
                self.sealed.push(html.clone());
                self.tail.clear();
            }
            Op::Tail(html) => html.clone_into(&mut self.tail),
            Op::TailAppend { html, line } => {
                let end = self.tail.len().saturating_sub(code::TAIL_END.len());
                self.tail.insert_str(end, html);
                self.shown.clone_from(line);
            }
            Op::SealTail => self.sealed.push(std::mem::take(&mut self.tail)),
        }
        self.ops.push(op);
    }
}

/// The tables and the code of a whole text.
pub(crate) fn parts(text: &str) -> Parts {
    let mut stream = Stream {
        parts: Some(Parts::default()),
        ..Stream::default()
    };
    stream.feed(text);
    stream.finish();
    stream.parts.unwrap_or_default()
}

pub(crate) fn render(text: &str) -> Vec<String> {
    let mut stream = Stream::new();
    stream.feed(text);
    stream.finish();
    stream.sealed
}

#[cfg(test)]
mod work;
