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

/// The first bare address in the text: where it starts and ends. The scheme is `https://` or
/// `http://`; as in GFM, closing punctuation is not part of it.
pub(crate) fn find(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(at) = text[from..].find("http") {
        let start = from + at;
        from = start + 4;
        let rest = &text[start..];
        let Some(body) = rest
            .strip_prefix("https://")
            .or_else(|| rest.strip_prefix("http://"))
        else {
            continue;
        };
        if text[..start].ends_with(|c: char| c.is_alphanumeric()) {
            continue;
        }
        let head = rest.len() - body.len();
        let stop = |c: char| {
            c.is_whitespace()
                || c.is_control()
                || crate::escape::invisible(c)
                || "<>\"`".contains(c)
        };
        let run = body.find(stop).unwrap_or(body.len());
        // A run that is no address holds none further on either: looking again would cost the
        // square of its length.
        from = start + head + run;
        let end = head + trimmed(&body[..run]);
        if end > head && allowed(&rest[..end]).is_some() {
            return Some((start, start + end));
        }
    }
    None
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
    }
    end
}
