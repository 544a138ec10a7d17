//! Calls of tools, which come in pieces.

use serde_json::{Value, json};

/// Most calls that are kept.
const MOST: usize = 128;

/// The tools that a model calls: pieces with the same index are one call, and its arguments one text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToolCalls(Vec<Value>);

impl ToolCalls {
    /// Takes the next pieces. A piece without an index is the call at its place in the list.
    pub fn push(&mut self, pieces: Vec<Value>) {
        for (place, piece) in pieces.into_iter().enumerate() {
            let index = piece["index"].as_u64().unwrap_or(place as u64);
            let known = self.0.iter().position(|call| call["index"] == index);
            match known {
                Some(at) => merge(&mut self.0[at], &piece),
                None if self.0.len() < MOST => {
                    let mut call =
                        json!({"index": index, "function": {"name": "", "arguments": ""}});
                    merge(&mut call, &piece);
                    self.0.push(call);
                }
                None => {}
            }
        }
    }

    /// True when no tool was called.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The calls as a JSON array; none when there are none.
    #[must_use]
    pub fn to_json(&self) -> Option<String> {
        (!self.is_empty()).then(|| Value::Array(self.0.clone()).to_string())
    }
}

fn merge(call: &mut Value, piece: &Value) {
    for name in ["id", "type"] {
        if let Some(text) = piece[name].as_str().filter(|text| !text.is_empty()) {
            call[name] = text.into();
        }
    }
    for name in ["name", "arguments"] {
        if let Some(text) = piece["function"][name].as_str()
            && let Value::String(known) = &mut call["function"][name]
        {
            known.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_become_calls_by_their_index() {
        let mut calls = ToolCalls::default();
        assert_eq!(calls.to_json(), None);
        for pieces in [
            json!([{"index": 0, "id": "a", "type": "function", "function": {"name": "one", "arguments": ""}}]),
            json!([{"index": 1, "id": "b", "function": {"name": "two", "arguments": "{"}},
                   {"index": 0, "function": {"arguments": "{\"x\":"}}]),
            json!([{"index": 0, "function": {"arguments": "1}"}}, {"index": 1, "function": {"arguments": "}"}}]),
            json!(["nonsense"]),
        ] {
            calls.push(pieces.as_array().unwrap().clone());
        }
        let read: Value = serde_json::from_str(&calls.to_json().unwrap()).unwrap();
        let expected = json!([
            {"index": 0, "id": "a", "type": "function", "function": {"name": "one", "arguments": "{\"x\":1}"}},
            {"index": 1, "id": "b", "function": {"name": "two", "arguments": "{}"}}
        ]);
        assert_eq!(read, expected);
    }
}
