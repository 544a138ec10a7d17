//! How much an answer weighs while it comes.

use openrouter::ChatEvent;
use serde_json::Value;

/// How many bytes an event adds to what is stored.
pub(super) fn size(event: &ChatEvent) -> usize {
    match event {
        ChatEvent::Text(text) | ChatEvent::Reasoning(text) => text.len(),
        ChatEvent::ReasoningDetails(list)
        | ChatEvent::Annotations(list)
        | ChatEvent::Images(list)
        | ChatEvent::Tools(list) => list.iter().map(weight).sum(),
        ChatEvent::Served { .. }
        | ChatEvent::Finished(_)
        | ChatEvent::Usage(_)
        | ChatEvent::Failed(_) => 0,
    }
}

/// As many bytes as a value takes as JSON, or a few more.
fn weight(value: &Value) -> usize {
    let text = |text: &str| {
        let escaped = text.bytes().map(|b| match b {
            0..0x20 => 6,
            b'"' | b'\\' => 2,
            _ => 1,
        });
        3 + escaped.sum::<usize>()
    };
    match value {
        Value::String(string) => text(string),
        Value::Array(list) => 3 + list.iter().map(weight).sum::<usize>(),
        Value::Object(map) => {
            let entries = map.iter().map(|(name, value)| text(name) + weight(value));
            3 + entries.sum::<usize>()
        }
        _ => 26,
    }
}
