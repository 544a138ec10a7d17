//! Reading fields of JSON that another program wrote: one that is missing or of another type is as good as none.

use super::tree::Node;
use history::Role;
use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Adds what a text, or a list of parts, says.
pub fn parts(content: Option<&Value>, read: &mut Node, left_out: &mut u64) {
    match content {
        Some(Value::String(words)) => add(&mut read.text, words),
        Some(Value::Array(parts)) => {
            for part in parts {
                let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
                // Some write the words themselves, others an object around them.
                let words = part.get("text").and_then(|text| {
                    text.as_str()
                        .or_else(|| text.get("value").and_then(Value::as_str))
                });
                let thought = ["thinking", "think", "reasoning"]
                    .iter()
                    .find_map(|name| part.get(*name)?.as_str());
                match (kind, words.or(part.as_str()), thought) {
                    ("thinking" | "think" | "reasoning", words, thought) => {
                        add(&mut read.reasoning, thought.or(words).unwrap_or_default());
                    }
                    (_, Some(words), _) => add(&mut read.text, words),
                    _ => *left_out += 1,
                }
            }
        }
        _ => {}
    }
}

pub fn add(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(more);
}

/// As a block of code, whatever it holds.
pub fn fenced(words: &str) -> String {
    let longest = words
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or(0)
        .max(2);
    let fence = "`".repeat(longest + 1);
    format!("{fence}\n{words}\n{fence}")
}

pub fn role(word: &str) -> Option<Role> {
    match word {
        "user" | "human" => Some(Role::User),
        "assistant" | "model" => Some(Role::Assistant),
        "system" => Some(Role::System),
        _ => None,
    }
}

pub fn text(object: &Map<String, Value>, field: &str) -> String {
    object
        .get(field)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

pub fn either(object: &Map<String, Value>, names: &[&str]) -> String {
    names
        .iter()
        .map(|name| text(object, name))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

pub fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

pub fn flag(object: &Map<String, Value>, field: &str) -> bool {
    object.get(field).and_then(Value::as_bool).unwrap_or(false)
}

pub fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub fn fields(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

/// Milliseconds since 1970 of seconds, milliseconds or a written time.
pub fn when(value: Option<&Value>) -> Option<i64> {
    /// Later than this in seconds is the year 5138: such a number counts milliseconds.
    const SECONDS: f64 = 1e11;
    let ms = match value? {
        Value::Number(number) => {
            let number = number
                .as_f64()
                .filter(|n| n.is_finite() && (0.0..1e14).contains(n))?;
            let ms = if number < SECONDS {
                number * 1000.0
            } else {
                number
            };
            #[expect(clippy::cast_possible_truncation, reason = "between 0 and 10^14")]
            let ms = ms as i64;
            ms
        }
        Value::String(text) => {
            let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
            i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()?
        }
        _ => return None,
    };
    (ms > 0).then_some(ms)
}
