//! Prepares a line for the parser: what the profile does not know is put out of its sight behind
//! noncharacters, which Unicode reserves for such private use and no text may contain.

use std::borrow::Cow;

/// Stands for a `<` that starts no autolink, so that the parser never sees a tag.
const LESS: char = '\u{FDD0}';
/// Stands for the `[^` of a footnote's mark: the parser would drop marks it knows no footnote for.
pub(crate) const NOTE: char = '\u{FDD1}';
/// Stands for the `]` of a footnote's mark.
pub(crate) const NOTE_END: char = '\u{FDD2}';
/// Stands for a `:` after a `]`, so that the parser never sees a link's definition.
const COLON: char = '\u{FDD3}';

/// Appends the line, prepared.
pub(crate) fn prepare(line: &str, out: &mut String) {
    let mut from = 0;
    while let Some(at) = line[from..].find([
        '<', '[', ']', '\u{FDD0}', '\u{FDD1}', '\u{FDD2}', '\u{FDD3}',
    ]) {
        let at = from + at;
        out.push_str(&line[from..at]);
        let rest = &line[at..];
        from = at + 1;
        if let Some(inner) = rest.strip_prefix('<') {
            let keep = is_autolink(inner) || line[..at].ends_with("](");
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
        } else if rest.starts_with(['[', ']']) {
            out.push_str(&rest[..1]);
        } else {
            out.push('\u{FFFD}');
            from = at + LESS.len_utf8();
        }
    }
    out.push_str(&line[from..]);
}

/// Puts back what [`prepare`] has put away.
pub(crate) fn restore(text: &str) -> Cow<'_, str> {
    if !text.contains([LESS, NOTE, NOTE_END, COLON]) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            LESS => out.push('<'),
            NOTE => out.push_str("[^"),
            NOTE_END => out.push(']'),
            COLON => out.push(':'),
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
