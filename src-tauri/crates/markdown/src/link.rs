//! Which addresses may be opened, and where they hide in text.

use url::Url;

/// The longest address that can be opened, in bytes.
const LONGEST: usize = 2048;

/// The address in its normal form (host in punycode), if it may be opened: `https`, `http` or
/// `mailto`, no user or password before the host, and nothing in it that could deceive the eye.
pub(crate) fn allowed(address: &str) -> Option<Url> {
    let deceives = |c: char| {
        c.is_control() || c.is_whitespace() || crate::escape::invisible(c) || "\\<>\"'`".contains(c)
    };
    if address.len() > LONGEST || address.contains(deceives) {
        return None;
    }
    let url = Url::parse(address).ok()?;
    let (_, rest) = address.split_once(':')?;
    let fits = match url.scheme() {
        "https" | "http" => {
            rest.starts_with("//")
                && !rest.starts_with("///")
                && url.username().is_empty()
                && url.password().is_none()
                // An empty user leaves no trace in the parsed address.
                && !rest[2..].split(['/', '?', '#']).next().unwrap_or_default().contains('@')
        }
        "mailto" => url.path().contains('@'),
        _ => false,
    };
    (fits && url.as_str().len() <= LONGEST).then_some(url)
}

/// A bare address in a text.
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) url: Url,
}

/// The first bare address in the text, as GFM has it: what starts with `https://`, `http://` or
/// `www.`, or is a mail address. Closing punctuation is not part of it. `www.` gets `https`.
pub(crate) fn find(text: &str) -> Option<Found> {
    let mut from = 0;
    // Where the last address that was none has ended: none holds another.
    let mut done = 0;
    while let Some(at) = text[from..].find(['h', 'w', '@']) {
        let start = from + at;
        from = start + 1;
        let rest = &text[start..];
        let (head, scheme) = if rest.starts_with("https://") {
            (8, "")
        } else if rest.starts_with("http://") {
            (7, "")
        } else if rest.starts_with("www.") {
            (4, "https://")
        } else if let Some(domain) = rest.strip_prefix('@') {
            if let Some(found) = mail(text, done, start, domain) {
                return Some(found);
            }
            done = from;
            continue;
        } else {
            continue;
        };
        let joined = |c: char| c.is_alphanumeric() || (head == 4 && "./-@:".contains(c));
        if text[..start].ends_with(joined) {
            continue;
        }
        let stop = |c: char| {
            c.is_whitespace()
                || c.is_control()
                || crate::escape::invisible(c)
                || "<>\"`".contains(c)
        };
        let body = &rest[head..];
        let run = body.find(stop).unwrap_or(body.len());
        // A run that is no address holds none further on either: looking again would cost the
        // square of its length.
        from = start + head + run;
        done = from;
        let end = head + trimmed(&body[..run]);
        if end > head
            && let Some(url) = allowed(&format!("{scheme}{}", &rest[..end]))
        {
            let end = start + end;
            return Some(Found { start, end, url });
        }
    }
    None
}

/// The mail address around the `@` at this place, no part of which lies before `from`.
fn mail(text: &str, from: usize, at: usize, domain: &str) -> Option<Found> {
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let before = &text[from..at];
    let start = from + before.trim_end_matches(name).len();
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let run = domain.find(|c| !inner(c)).unwrap_or(domain.len());
    let host = domain[..run].trim_end_matches('.');
    let dotted = host.split('.').count() > 1
        && host
            .split('.')
            .all(|part| part.starts_with(|c: char| c.is_ascii_alphanumeric()));
    let whole = !text[..start].ends_with(char::is_alphanumeric)
        && !domain[run..].starts_with(char::is_alphanumeric);
    if start == at || !dotted || !whole || host.ends_with(['-', '_']) || host.len() > 253 {
        return None;
    }
    let end = at + 1 + host.len();
    let url = allowed(&format!("mailto:{}", &text[start..end]))?;
    Some(Found { start, end, url })
}

/// The length without punctuation that belongs to the sentence.
fn trimmed(address: &str) -> usize {
    let mut end = address.len().min(LONGEST + 1);
    end = address.floor_char_boundary(end);
    let count = |end: usize, c: u8| {
        address.as_bytes()[..end]
            .iter()
            .filter(|b| **b == c)
            .count()
    };
    let mut surplus = count(end, b')').saturating_sub(count(end, b'('));
    while let Some(last) = address[..end].chars().next_back() {
        match last {
            '?' | '!' | '.' | ',' | ':' | ';' | '*' | '_' | '~' | '\'' | ']' => {}
            ')' if surplus > 0 => surplus -= 1,
            _ => break,
        }
        end -= last.len_utf8();
        // What looks like an entity is the sentence's as well.
        let name = address[..end].trim_end_matches(|c: char| c.is_ascii_alphanumeric());
        if last == ';' && name.len() < end && name.ends_with('&') {
            end = name.len() - 1;
        }
    }
    end
}
