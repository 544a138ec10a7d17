//! Finds the formulas of a line, so that the parser sees no other dollar and no block inside one.
//!
//! Models write `$x$`, `$$x$$`, `\(x\)` and `\[x\]`; the parser knows the first two, and takes any
//! two dollars for the ends of a formula. So the last two are turned into the first two, and a
//! dollar that is money or a shell's is put out of sight.

use crate::source::{
    CLOSE_BRACKET, CLOSE_PAREN, DOLLAR, LINE, OPEN_BRACKET, OPEN_PAREN, blank, fences,
};

/// More braces are not closed for show.
const MOST_BRACES: usize = 100;

/// A formula of its own that goes on in the next line.
#[derive(Clone, Copy)]
pub(crate) struct Open {
    /// Whether `\[` opened it.
    bracket: bool,
    /// In how many quotes it stands.
    quotes: usize,
    /// How many braces are open.
    braces: usize,
}

impl Open {
    /// What would close it. The parser wants every brace closed.
    pub(crate) fn end(self) -> String {
        let close = if self.bracket {
            CLOSE_BRACKET.into()
        } else {
            String::new()
        };
        "}".repeat(self.braces) + "$$" + &close
    }

    /// Counts the braces of a line of it.
    fn count(&mut self, line: &str) {
        let mut escaped = false;
        for c in line.chars() {
            match c {
                '{' if !escaped => self.braces = (self.braces + 1).min(MOST_BRACES),
                '}' if !escaped => self.braces = self.braces.saturating_sub(1),
                _ => {}
            }
            escaped = c == '\\' && !escaped;
        }
    }
}

/// Copies the line with its formulas marked. `open` is what the line before left open.
pub(crate) fn mark(line: &str, open: &mut Option<Open>, out: &mut String) {
    let mut at = 0;
    if let Some(mut formula) = open.take() {
        let content = after_quotes(line, formula.quotes);
        // As in LaTeX, an empty line ends a formula; then it was none.
        if !blank(&line[content..]) && !fences(&line[content..]) {
            out.push_str(&line[..content]);
            // No list, heading or table begins in a formula.
            out.push(LINE);
            let close = if formula.bracket { "\\]" } else { "$$" };
            let Some(end) = line[content..].find(close) else {
                formula.count(&line[content..]);
                *open = Some(formula);
                return out.push_str(&line[content..]);
            };
            out.push_str(&line[content..content + end]);
            out.push_str("$$");
            out.extend(formula.bracket.then_some(CLOSE_BRACKET));
            at = content + end + close.len();
        }
    }
    Marker {
        line,
        at,
        copied: at,
        open,
        out,
    }
    .run();
}

struct Marker<'l, 'o> {
    line: &'l str,
    at: usize,
    /// Up to here the line has been copied.
    copied: usize,
    open: &'o mut Option<Open>,
    out: &'o mut String,
}

impl Marker<'_, '_> {
    fn run(mut self) {
        let (start, quotes) = content_start(self.line);
        let line = self.line;
        while let Some(found) = line[self.at..].find(['$', '\\', '`']) {
            let at = self.at + found;
            let rest = &line[at..];
            self.at = at + 1;
            if let Some(tail) = rest.strip_prefix('`') {
                self.at += after_code(tail);
            } else if rest.starts_with("\\(") {
                self.pair(at, "\\)", '(', start);
            } else if let Some(inner) = rest.strip_prefix("\\[") {
                if !self.pair(at, "\\]", '[', start) && at == start && opens(inner) {
                    self.put(at, 2, &format!("{OPEN_BRACKET}$$"));
                    return self.leave_open(true, quotes);
                }
            } else if let Some(escaped) = rest.strip_prefix('\\') {
                self.at += escaped.chars().next().map_or(0, char::len_utf8);
            } else if self.dollars(at, rest, at == start) {
                return self.leave_open(false, quotes);
            }
        }
        self.out.push_str(&line[self.copied..]);
    }

    /// Copies the rest of the line, which a formula fills.
    fn leave_open(self, bracket: bool, quotes: usize) {
        self.out.push_str(&self.line[self.copied..]);
        let mut open = Open {
            bracket,
            quotes,
            braces: 0,
        };
        open.count(&self.line[self.at..]);
        *self.open = Some(open);
    }

    /// Puts something in place of `length` bytes.
    fn put(&mut self, at: usize, length: usize, text: &str) {
        self.out.push_str(&self.line[self.copied..at]);
        self.out.push_str(text);
        self.copied = at + length;
    }

    /// Marks `\(…\)` or `\[…\]` at this place, if it is a formula.
    fn pair(&mut self, at: usize, close: &str, kind: char, start: usize) -> bool {
        let inner = &self.line[at + 2..];
        self.at = at + 2;
        let Some(end) = inner.find(close) else {
            return false;
        };
        let (inner, after) = (&inner[..end], &inner[end + 2..]);
        let whole = at == start && after.trim_matches([' ', '\t', '.', ',']).is_empty();
        let formula = inner.trim();
        let is_one = match kind {
            '(' => is_tex(formula) || !has_word(formula),
            _ => is_tex(formula) || (whole && !has_word(formula)),
        };
        if formula.is_empty() || inner.contains('$') || !is_one {
            return false;
        }
        let (opens, dollars, closes) = match kind {
            '(' => (OPEN_PAREN, "$", CLOSE_PAREN),
            _ => (OPEN_BRACKET, "$$", CLOSE_BRACKET),
        };
        let indent = &inner[..inner.len() - inner.trim_start().len()];
        let rest = &inner[inner.trim_end().len()..];
        self.put(at, 2, "");
        self.out.extend([opens]);
        self.out.push_str(indent);
        self.out.push_str(dollars);
        self.out.push_str(formula);
        self.out.push_str(dollars);
        self.out.push_str(rest);
        self.out.extend([closes]);
        self.copied = at + 2 + end + 2;
        self.at = self.copied;
        true
    }

    /// Deals with the dollars at this place. Says whether they open a formula of several lines.
    fn dollars(&mut self, at: usize, rest: &str, first: bool) -> bool {
        let run = rest.len() - rest.trim_start_matches('$').len();
        let inner = &rest[run..];
        self.at = at + run;
        if run == 2 {
            let end = ends(inner, |run| run == 2).find(|end| *end > 0);
            if let Some(end) = end {
                self.at += end + 2;
                return false;
            }
            if first && opens(inner) {
                return true;
            }
        }
        if run == 1
            && let Some(end) = inline(&self.line[..at], inner)
        {
            self.at += end + 1;
            return false;
        }
        self.put(at, run, &DOLLAR.to_string().repeat(run));
        false
    }
}

/// Where runs of dollars of the right length stand that no backslash escapes.
fn ends(text: &str, right: impl Fn(usize) -> bool) -> impl Iterator<Item = usize> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let found = at + text[at..].find(['$', '\\'])?;
            if text[found..].starts_with('\\') {
                at = found + 1 + text[found + 1..].chars().next().map_or(0, char::len_utf8);
                continue;
            }
            let run = text.len() - found - text[found..].trim_start_matches('$').len();
            at = found + run;
            if right(run) {
                return Some(found);
            }
        }
    })
}

/// Where the formula ends that a dollar opens, if it does: both dollars touch what is between them
/// and no word or number outside, and what is between them is not prose about money.
fn inline(before: &str, inner: &str) -> Option<usize> {
    if before.ends_with(char::is_alphanumeric) || inner.starts_with(char::is_whitespace) {
        return None;
    }
    let closes = |end: &usize| {
        *end > 0
            && !inner[..*end].ends_with(char::is_whitespace)
            && !inner[end + 1..].starts_with(char::is_alphanumeric)
    };
    let end = ends(inner, |run| run == 1).find(closes)?;
    (!is_prose(&inner[..end])).then_some(end)
}

/// Whether words follow one another, or a number is followed by words, as in a price.
fn is_prose(text: &str) -> bool {
    let price = text.starts_with(|c: char| c.is_ascii_digit());
    let (mut depth, mut words) = (0_usize, 0);
    for part in text.split(' ') {
        let outside = depth == 0;
        depth = (depth + part.matches('{').count()).saturating_sub(part.matches('}').count());
        let part = part.trim_end_matches(['.', ',', ';', ':', '?', '!']);
        let word = part.chars().count() > 1 && part.chars().all(char::is_alphabetic);
        words = if word && outside { words + 1 } else { 0 };
        if words > 1 || (words > 0 && price) {
            return true;
        }
    }
    false
}

/// Whether the rest of a line can be the beginning of a formula of several lines.
fn opens(rest: &str) -> bool {
    blank(rest) || is_tex(rest)
}

fn is_tex(text: &str) -> bool {
    let commands = |text: &str| {
        text.match_indices('\\')
            .any(|(at, _)| text[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    text.contains(['^', '_', '=', '{', '+', '<']) || commands(text)
}

fn has_word(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic())
        .any(|word| word.chars().count() > 2)
}

/// Where the words of a line start, after quotes and list marks, and how many quotes there are.
fn content_start(line: &str) -> (usize, usize) {
    let (mut at, mut quotes) = (0, 0);
    loop {
        let rest = line[at..].trim_start_matches([' ', '\t']);
        at = line.len() - rest.len();
        if rest.starts_with('>') {
            quotes += 1;
            at += 1;
            continue;
        }
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let mark = match digits {
            0 => rest.starts_with(['-', '*', '+']),
            1..=9 => rest[digits..].starts_with(['.', ')']),
            _ => false,
        };
        if !mark || !rest[digits + 1..].starts_with(' ') {
            return (at, quotes);
        }
        at += digits + 1;
    }
}

fn after_quotes(line: &str, quotes: usize) -> usize {
    let mut at = line.len() - line.trim_start_matches([' ', '\t']).len();
    for _ in 0..quotes {
        let Some(rest) = line[at..].strip_prefix('>') else {
            break;
        };
        at = line.len() - rest.trim_start_matches([' ', '\t']).len();
    }
    at
}

/// The length of a code span after its first backtick, if it ends in this line.
fn after_code(rest: &str) -> usize {
    let run = rest.len() - rest.trim_start_matches('`').len();
    let mut at = run;
    while let Some(found) = rest[at..].find('`') {
        let start = at + found;
        let length = rest.len() - start - rest[start..].trim_start_matches('`').len();
        at = start + length;
        if length == run + 1 {
            return at;
        }
    }
    run
}
