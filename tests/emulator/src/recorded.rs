//! What clients sent, and what they should not have.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde_json::Value;
use url::form_urlencoded;

/// One request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path, still percent-encoded, without the query.
    pub path: String,
    /// The query without its `?`.
    pub query: Option<String>,
    /// Names in lower case, and values; in the order of arrival.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Bytes,
    /// When the request had been read, on the system's clock.
    pub at: SystemTime,
    /// How long the answer took to begin; none while it has not.
    pub took: Option<Duration>,
}

impl Recorded {
    /// The first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// The parser's, when it is not.
    pub fn json(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    /// What follows `Bearer ` in the `Authorization` header.
    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }

    /// A parameter of the query, decoded; the first one if it comes twice.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_deref()?.as_bytes());
        pairs
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }
}

pub(crate) fn violations(requests: &[Recorded]) -> Vec<String> {
    let verifiers: Vec<String> = requests
        .iter()
        .filter_map(|request| {
            Some(
                request
                    .json()
                    .ok()?
                    .get("code_verifier")?
                    .as_str()?
                    .to_owned(),
            )
        })
        .filter(|verifier| !verifier.is_empty())
        .collect();
    requests
        .iter()
        .flat_map(|request| broken_by(request, &verifiers))
        .collect()
}

fn broken_by(request: &Recorded, verifiers: &[String]) -> Vec<String> {
    let mut broken = Vec::new();
    let url = format!(
        "{}?{}",
        request.path,
        request.query.as_deref().unwrap_or_default()
    );
    if url.contains("sk-or-") {
        broken.push("a key in the URL");
    }
    if verifiers
        .iter()
        .any(|verifier| url.contains(verifier.as_str()))
    {
        broken.push("a code verifier in the URL");
    }
    if let Some(route) = request.path.strip_prefix("/api/v1/") {
        if request.header("http-referer").is_none() {
            broken.push("no HTTP-Referer");
        }
        if request.header("x-openrouter-title").is_none() {
            broken.push("no X-OpenRouter-Title");
        }
        if request.header("cookie").is_some() {
            broken.push("a cookie");
        }
        if request.method == "POST" && request.json().is_err() {
            broken.push("a body that is not JSON");
        }
        if route == "auth/keys" && request.header("authorization").is_some() {
            broken.push("an Authorization header on the exchange");
        }
        if route == "chat/completions" && names_no_engine(request) {
            broken.push("a PDF, and no engine to read it: the dearest one would");
        }
        if needs_bearer(route) && request.bearer().is_none() {
            broken.push("no bearer");
        }
    }
    let name = |what: &str| format!("{} {}: {what}", request.method, request.path);
    broken.into_iter().map(name).collect()
}

fn names_no_engine(request: &Recorded) -> bool {
    // The text alone tells of nearly all requests that they have no file.
    let has = |bytes: &[u8], words: &[u8]| bytes.windows(words.len()).any(|some| some == words);
    if !has(&request.body, b"\"file_data\"") {
        return false;
    }
    let body = request.json().unwrap_or_default();
    let plugins = body["plugins"].as_array().into_iter().flatten();
    !plugins
        .into_iter()
        .any(|plugin| plugin["id"] == "file-parser" && plugin["pdf"]["engine"].is_string())
}

fn needs_bearer(route: &str) -> bool {
    matches!(
        route,
        "key"
            | "auth/key"
            | "credits"
            | "generation"
            | "models/user"
            | "endpoints/zdr"
            | "chat/completions"
            | "auth/keys/code"
    )
}
