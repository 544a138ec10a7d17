//! The recorded shapes in `tests/fixtures/openrouter/cases.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
pub(crate) struct Cases {
    pub stream_response_headers: BTreeMap<String, String>,
    pub streams: BTreeMap<String, Vec<String>>,
    pub errors: Vec<ErrorCase>,
    pub chat_nonstream_200: Value,
    pub key_200: Value,
}

/// An error reply and when it comes.
#[derive(Clone, Deserialize)]
pub(crate) struct ErrorCase {
    pub when: String,
    pub status: u16,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    pub body: Value,
}

#[expect(
    clippy::expect_used,
    reason = "the file is part of the program; a test parses it"
)]
static CASES: LazyLock<Cases> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../fixtures/openrouter/cases.json"))
        .expect("the fixtures parse")
});

pub(crate) fn all() -> &'static Cases {
    &CASES
}

pub(crate) fn error(when: &str) -> Option<&'static ErrorCase> {
    CASES.errors.iter().find(|case| case.when == when)
}

/// `words in any case (or so)` as part of a model id: `words-in-any-case-or-so`.
pub(crate) fn slug(words: &str) -> String {
    words
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '.')
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect::<Vec<_>>()
        .join("-")
}
