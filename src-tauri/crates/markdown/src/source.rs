//! Prepares lines for the parser: what the profile does not know is put out of its sight behind
//! noncharacters, which Unicode reserves for such private use and no text may contain.

use crate::formulas::{self, Open};
use std::borrow::Cow;

/// Stands for a `<` that starts no autolink and is not escaped, so that the parser never sees a tag.
const LESS: char = '\u{FDD0}';
/// Stands for the `[^` of a footnote's mark: the parser would drop marks it knows no footnote for.
pub(crate) const NOTE: char = '\u{FDD1}';
/// Stands for the `]` of a footnote's mark.
pub(crate) const NOTE_END: char = '\u{FDD2}';
/// Stands for a `:` after a `]`, so that the parser never sees a link's definition.
const COLON: char = '\u{FDD3}';
/// Stands for `\(`, before the `$` that the parser knows.
pub(crate) const OPEN_PAREN: char = '\u{FDD4}';
/// Stands for `\)`, after the `$`.
pub(crate) const CLOSE_PAREN: char = '\u{FDD5}';
/// Stands for `\[`, before the `$$`.
pub(crate) const OPEN_BRACKET: char = '\u{FDD6}';
/// Stands for `\]`, after the `$$`.
pub(crate) const CLOSE_BRACKET: char = '\u{FDD7}';
/// Stands for a `$` that is no formula's.
pub(crate) const DOLLAR: char = '\u{FDD8}';
/// Stands before a line of a formula, so that the parser sees no block begin there.
pub(crate) const LINE: char = '\u{FDD9}';
/// Stands where a formula that is still being written ends so far.
pub(crate) const PENDING: char = '\u{FDDA}';

/// Prepares one line after another.
#[derive(Clone, Default)]
pub(crate) struct Lines {
    open: Option<Open>,
}

impl Lines {
    /// Appends the line, prepared.
    pub(crate) fn prepare(&mut self, line: &str, out: &mut String) {
        let clean;
        let mut line = line;
        if line.contains(is_private) {
            clean = line.replace(is_private, "\u{FFFD}");
            line = &clean;
        }
        let mut marked = String::new();
        if self.open.is_some() || line.contains('$') || line.contains("\\(") || line.contains("\\[")
        {
            formulas::mark(line, &mut self.open, &mut marked);
            line = &marked;
        }
        hide(line, out);
    }

    /// Closes, for show, a formula that is still being written.
    pub(crate) fn close(self, out: &mut String) {
        if let Some(open) = self.open {
            out.push(PENDING);
            out.push_str(&open.end());
        }
    }
}

fn is_private(c: char) -> bool {
    matches!(c, '\u{FDD0}'..='\u{FDEF}')
}

/// Whether there is nothing in the line.
pub(crate) fn blank(line: &str) -> bool {
    line.chars().all(|c| matches!(c, ' ' | '\t' | '>'))
}

/// Whether the words of a line are a fence's.
pub(crate) fn fences(line: &str) -> bool {
    line.starts_with("```") || line.starts_with("~~~")
}

/// Appends the line without tags, link definitions and footnote marks.
fn hide(line: &str, out: &mut String) {
    let mut from = 0;
    while let Some(at) = line[from..].find(['<', '[', ']']) {
        let at = from + at;
        out.push_str(&line[from..at]);
        let rest = &line[at..];
        from = at + 1;
        if let Some(inner) = rest.strip_prefix('<') {
            let slashes = at - line[..at].trim_end_matches('\\').len();
            let keep = slashes % 2 == 1 || is_autolink(inner) || line[..at].ends_with("](");
            out.push(if keep { '<' } else { LESS });
        } else if let Some(label) = note_label(rest) {
            let end = at + 2 + label.len() + 1;
            from = end;
            let defines = line[..at].chars().all(|c| matches!(c, ' ' | '>'));
            if defines && line[end..].starts_with(':') {
                out.push_str(&line[at..end]);
            } else {
                out.push(NOTE);
                out.push_str(label);
                out.push(NOTE_END);
            }
        } else if rest.starts_with("]:") {
            out.push(']');
            out.push(COLON);
            from = at + 2;
        } else {
            out.push_str(&rest[..1]);
        }
    }
    out.push_str(&line[from..]);
}

/// Puts back, in prose, what [`Lines::prepare`] has put away.
pub(crate) fn restore(text: &str) -> Cow<'_, str> {
    put_back(text, false)
}

/// Puts back, in code, what [`Lines::prepare`] has put away.
pub(crate) fn restore_code(text: &str) -> Cow<'_, str> {
    put_back(text, true)
}

fn put_back(text: &str, code: bool) -> Cow<'_, str> {
    if !text.contains(is_private) {
        return Cow::Borrowed(text);
    }
    // Where a formula is none after all, its dollars are ours and stand for nothing. In prose, a
    // backslash before a bracket is not shown.
    let slash = if code { "\\" } else { "" };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            LESS => out.push('<'),
            NOTE => out.push_str("[^"),
            NOTE_END => out.push(']'),
            COLON => out.push(':'),
            DOLLAR => out.push('$'),
            OPEN_PAREN | OPEN_BRACKET => {
                let (sign, dollars) = match c {
                    OPEN_PAREN => ('(', "$"),
                    _ => ('[', "$$"),
                };
                let after = rest.trim_start_matches([' ', '\t']);
                if let Some(left) = after.strip_prefix(dollars) {
                    out.push_str(slash);
                    out.push(sign);
                    out.push_str(&rest[..rest.len() - after.len()]);
                    rest = left;
                }
            }
            '$' => {
                let after = rest.strip_prefix('$').unwrap_or(rest);
                let after = after.trim_start_matches([' ', '\t']);
                let sign = match after.chars().next() {
                    Some(CLOSE_PAREN) => ')',
                    Some(CLOSE_BRACKET) => ']',
                    _ => {
                        out.push('$');
                        continue;
                    }
                };
                let spaces = rest.trim_start_matches('$');
                out.push_str(&spaces[..spaces.len() - after.len()]);
                out.push_str(slash);
                out.push(sign);
                rest = after.trim_start_matches([CLOSE_PAREN, CLOSE_BRACKET]);
            }
            CLOSE_PAREN | CLOSE_BRACKET | LINE | PENDING => {}
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The label, if this is a footnote's mark.
fn note_label(text: &str) -> Option<&str> {
    let text = text.strip_prefix("[^")?;
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')))?;
    ((1..=64).contains(&end) && text[end..].starts_with(']')).then(|| &text[..end])
}

/// Whether what follows a `<` is an address up to a `>`.
fn is_autolink(text: &str) -> bool {
    let Some(end) = text.find(|c: char| c == '<' || c == '>' || c.is_whitespace()) else {
        return false;
    };
    let inner = &text[..end];
    let scheme = |s: &str| {
        inner
            .get(..s.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(s))
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '@');
    text[end..].starts_with('>')
        && (scheme("https://")
            || scheme("http://")
            || scheme("mailto:")
            || (inner.contains('@') && inner.chars().all(plain)))
}
