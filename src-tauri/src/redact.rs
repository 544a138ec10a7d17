//! Secrets taken out of a text by their shape: the last fence before a log line or the words of a crash.
//!
//! Nothing of ours writes a secret in the first place. This is for what a library may say, and for a mistake.

use std::borrow::Cow;

/// What stands in the place of a secret.
const GONE: &str = "[redacted]";
/// How the keys of OpenRouter, and of most providers behind it, begin.
const PREFIX: &str = "sk-";
/// Words that announce a secret, as header, field or parameter.
const NAMES: [&str; 6] = [
    "bearer",
    "code",
    "code_verifier",
    "key",
    "state",
    "passphrase",
];
/// Fewer characters are a masked key, or an ordinary word.
const SECRET_MIN: usize = 16;
/// Longest gap between a name and its value, such as `\": \"`.
const GAP_MAX: usize = 6;

/// The text without what looks like a secret.
pub fn redact(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let (mut out, mut kept, mut at) = (String::new(), 0, 0);
    while at < bytes.len() {
        match secret_at(bytes, at) {
            // All of its bytes are ASCII, so both ends are between characters.
            Some((from, to)) => {
                out.push_str(&text[kept..from]);
                out.push_str(GONE);
                (kept, at) = (to, to);
            }
            None => at += 1,
        }
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[kept..]);
    Cow::Owned(out)
}

/// The secret that is announced here: where it begins and ends.
fn secret_at(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let rest = bytes.get(at..)?;
    if rest.starts_with(PREFIX.as_bytes()) {
        let from = at + PREFIX.len();
        let to = end(bytes, from, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
        });
        if is_secret(&bytes[from..to]) {
            return Some((at, to));
        }
    }
    if at > 0 && in_word(bytes[at - 1]) {
        return None;
    }
    NAMES.iter().find_map(|name| {
        let named = rest
            .get(..name.len())
            .is_some_and(|word| word.eq_ignore_ascii_case(name.as_bytes()));
        let gap = at + name.len();
        let from = end(bytes, gap, |byte| {
            matches!(byte, b' ' | b':' | b'=' | b'"' | b'\\' | b'(')
        });
        if !named || !(1..=GAP_MAX).contains(&(from - gap)) {
            return None;
        }
        let to = end(bytes, from, |byte| {
            in_word(byte) || matches!(byte, b'-' | b'.' | b'~' | b'+' | b'/' | b'=' | b'%')
        });
        is_secret(&bytes[from..to]).then_some((from, to))
    })
}

/// Long enough, and no word of a language: random characters have a digit among them.
fn is_secret(value: &[u8]) -> bool {
    value.len() >= SECRET_MIN && value.iter().any(u8::is_ascii_digit)
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn end(bytes: &[u8], from: usize, belongs: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| belongs(**byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-or-v1-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const CODE: &str = "auth_code_aB3dE5gH7jK9";
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn s30_every_shape_of_a_secret_is_taken_out() {
        for text in [
            KEY.to_owned(),
            format!("é{KEY}é"),
            format!("key={KEY}&x=1"),
            format!("Err({KEY:?})"),
            format!("authorization: Bearer {KEY}"),
            format!("BEARER {VERIFIER}"),
            format!("{{\"code\":\"{CODE}\",\"code_verifier\":\"{VERIFIER}\"}}"),
            format!("{:?}", format!("{{\"code_verifier\": \"{VERIFIER}\"}}")),
            format!("GET /cb/x?code={CODE}&state={VERIFIER} HTTP/1.1"),
            format!("code: {CODE:?}"),
            format!("{:?}", format!("\n{KEY}\n")),
        ] {
            let shown = redact(&text);
            assert!(shown.contains(GONE), "{shown}");
            for secret in [&KEY[9..], CODE, VERIFIER] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
        assert_eq!(
            redact(&format!("one {KEY}, two {KEY}.")),
            format!("one {GONE}, two {GONE}.")
        );
    }

    #[test]
    fn what_is_no_secret_stays_as_it_is() {
        for text in [
            "",
            "the key sk-or-v1-9f2…c41 was refused",
            "status code: 404 Not Found",
            "a key that cannot be decoded",
            "task-oriented-programming-language",
            "the keychain did not answer in time",
            "état=détaché",
            "vault/00112233445566778899aabbccddeeff",
        ] {
            assert_eq!(redact(text), text);
        }
    }
}
