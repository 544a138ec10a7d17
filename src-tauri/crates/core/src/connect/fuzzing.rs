//! Hostile bytes for the way back of a sign-in.

use super::{
    callback::{Answer, AppLink, Expected},
    code_in, listener,
};
use crate::fuzzing::{block_on, holds};

/// What stands for the nonce of the attempt; corpora are written with it.
const NONCE: &str = "NONCE-NONCE-NONCE-NONCE-NONCE-NONCE-NONCE-4";
const PROBE: &str = "PROBE-PROBE-PROBE-PROBE-PROBE-PROBE-PROBE-4";

fn expected() -> Expected {
    Expected {
        authority: "localhost:3000".to_owned(),
        nonce: NONCE.to_owned(),
        probe: PROBE.to_owned(),
    }
}

/// A connection's bytes: no decision without the nonce, the Host and GET; no page with a byte of the request.
pub fn request(bytes: &[u8]) {
    let (page, decision) = block_on(listener::answer(expected(), bytes));
    if let Some(decision) = decision {
        let proper = holds(bytes, NONCE.as_bytes())
            && holds(&bytes.to_ascii_lowercase(), b"localhost:3000")
            && bytes.trim_ascii_start().starts_with(b"GET /cb/");
        assert!(proper, "a decision without nonce, Host or method");
        known(&decision);
    }
    assert!(!holds(&page, NONCE.as_bytes()), "the nonce is echoed");
    let shown = page.starts_with(b"HTTP/1.") || page.is_empty();
    assert!(
        shown,
        "this is no HTTP: {:?}",
        String::from_utf8_lossy(&page)
    );
}

/// A text from a person's clipboard.
pub fn paste(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(code) = code_in(&text, &expected()) {
        known(&Answer::Code(code));
        assert!(
            text.len() <= super::PASTE_MAX,
            "a code out of a text too long"
        );
    }
}

/// A link that the system hands over: spelled in one way alone, and no decision without the nonce in its place.
pub fn link(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Some(link) = AppLink::read(&text) else {
        return;
    };
    assert!(text.is_ascii() && text.len() < 5_000, "{text:?}");
    let behind = text.strip_prefix("causeway://cb/").unwrap_or_default();
    let query = behind.get(NONCE.len()..);
    let exact = query.is_some_and(|query| query.is_empty() || query.starts_with('?'));
    assert!(exact, "read as a link: {text:?}");
    if let Some(decision) = expected().judge_link(&link) {
        assert!(behind.starts_with(NONCE), "a decision without the nonce");
        known(&decision);
    }
}

/// What is shown of an error is one of our own words.
fn known(decision: &Answer) {
    if let Answer::Refused(why) = decision {
        let ours = why
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b == b'_' || b == b' ');
        assert!(ours && why.len() < 40, "{why}");
    }
}
