//! From the events of a stream to what they mean.

use super::{FinishReason, Usage, more};
use crate::{ApiError, Error, sse::Parser};
use reqwest::Response;
use serde::Deserialize;
use serde_json::Value;
use std::collections::VecDeque;

/// What comes back, in the order it came.
#[derive(Debug, Clone, PartialEq)]
pub enum ChatEvent {
    /// Which model answers, and where. Sent once, with the first chunk that says so.
    Served {
        /// The model that was really asked.
        model: Option<String>,
        /// The provider's name.
        provider: Option<String>,
    },
    /// A piece of reasoning, for the eye.
    Reasoning(String),
    /// The same reasoning, to be kept and sent back.
    ReasoningDetails(Vec<Value>),
    /// A piece of the answer, or of what the model says instead of one.
    Text(String),
    /// Images, as they came.
    Images(Vec<Value>),
    /// Pieces of calls of tools: for [`ToolCalls`](super::ToolCalls).
    Tools(Vec<Value>),
    /// Citations and read files.
    Annotations(Vec<Value>),
    /// The model stopped. Usage may still follow. Sent once, however often the service repeats it.
    Finished(FinishReason),
    /// What it took, and what it cost.
    Usage(Usage),
    /// The answer broke off on the service's side; what came before stands.
    Failed(ApiError),
}

/// Longest event: an image comes in one.
const EVENT_MAX: usize = 32 * 1024 * 1024;

/// An answer being written. Dropping it closes the connection, which stops most providers' work.
pub struct ChatStream {
    generation: Option<String>,
    /// None for an answer in one piece.
    source: Option<(Response, Parser)>,
    events: VecDeque<String>,
    ready: VecDeque<ChatEvent>,
    served: bool,
    finished: bool,
    over: bool,
    broken: Option<Error>,
    text: Halves,
    reasoning: Halves,
}

impl ChatStream {
    pub(super) fn new(generation: Option<String>, response: Response) -> Self {
        Self::from(generation, Some((response, Parser::new(EVENT_MAX))))
    }

    /// A service that did not stream.
    pub(super) fn whole(generation: Option<String>, reply: &Value) -> Self {
        let mut stream = Self::from(generation, None);
        stream.read(reply);
        stream
    }

    fn from(generation: Option<String>, source: Option<(Response, Parser)>) -> Self {
        Self {
            generation,
            source,
            events: VecDeque::new(),
            ready: VecDeque::new(),
            served: false,
            finished: false,
            over: false,
            broken: None,
            text: Halves::default(),
            reasoning: Halves::default(),
        }
    }

    /// The answer's id, known before its first word and valid after a failure.
    #[must_use]
    pub fn generation(&self) -> Option<&str> {
        self.generation.as_deref()
    }

    /// The next event; none at the end. An end without [`ChatEvent::Finished`] is an answer that broke off.
    ///
    /// # Errors
    /// The connection broke or was silent too long. What came before stands.
    pub async fn next(&mut self) -> Result<Option<ChatEvent>, Error> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some(event));
            }
            if self.over {
                return Ok(None);
            }
            if let Some(data) = self.events.pop_front() {
                // The end is the connection's, but a server that leaves it open must not hold the answer.
                if data.trim() == "[DONE]" {
                    self.over = true;
                } else if let Some(chunk) = parsed(&data) {
                    self.read(&chunk);
                } else {
                    self.over = true;
                    return Err(Error::Unexpected("an event that is not JSON"));
                }
                continue;
            }
            if let Some(error) = self.broken.take() {
                self.over = true;
                return Err(error);
            }
            let Some((response, parser)) = &mut self.source else {
                self.over = true;
                continue;
            };
            let pushed = match more(response).await {
                Ok(Some(bytes)) => parser.push(&bytes, &mut self.events),
                Ok(None) => {
                    self.over = true;
                    Ok(())
                }
                Err(error) => Err(error),
            };
            if let Err(error) = pushed {
                // What was complete before it is still told.
                self.broken = Some(error);
            }
        }
    }

    fn read(&mut self, chunk: &Value) {
        if self.generation.is_none() {
            self.generation = chunk["id"]
                .as_str()
                .map(|id| id.chars().take(100).collect());
        }
        let word = |value: &Value| {
            value
                .as_str()
                .map(|s| s.chars().take(200).collect::<String>())
        };
        let (model, provider) = (word(&chunk["model"]), word(&chunk["provider"]));
        if !self.served && (model.is_some() || provider.is_some()) {
            self.served = true;
            self.ready.push_back(ChatEvent::Served { model, provider });
        }
        // `choices` may be empty; a whole reply has `message` where a stream has `delta`.
        let choice = &chunk["choices"][0];
        let delta = if choice["delta"].is_object() {
            &choice["delta"]
        } else {
            &choice["message"]
        };
        self.read_delta(delta);
        if !chunk["error"].is_null() {
            self.finished = true;
            let error = ApiError::from_object(200, &chunk["error"]);
            self.ready.push_back(ChatEvent::Failed(error));
        } else if let Some(reason) = choice["finish_reason"].as_str()
            && !std::mem::replace(&mut self.finished, true)
        {
            self.ready
                .push_back(ChatEvent::Finished(FinishReason::read(reason)));
        }
        if chunk["usage"].is_object()
            && let Ok(usage) = Usage::deserialize(&chunk["usage"])
        {
            self.ready.push_back(ChatEvent::Usage(usage));
        }
    }

    fn read_delta(&mut self, delta: &Value) {
        let details = delta["reasoning_details"]
            .as_array()
            .filter(|list| !list.is_empty());
        // Both fields hold the same words; the details alone may come, too.
        let reasoning = match delta["reasoning"].as_str() {
            Some(text) => text.to_owned(),
            None => details.map(|list| visible(list)).unwrap_or_default(),
        };
        let reasoning = self.reasoning.join(reasoning);
        if !reasoning.is_empty() {
            self.ready.push_back(ChatEvent::Reasoning(reasoning));
        }
        if let Some(list) = details {
            self.ready
                .push_back(ChatEvent::ReasoningDetails(list.clone()));
        }
        let said = |name: &str| delta[name].as_str().filter(|text| !text.is_empty());
        if let Some(text) = said("content").or_else(|| said("refusal")) {
            let text = self.text.join(text.to_owned());
            if !text.is_empty() {
                self.ready.push_back(ChatEvent::Text(text));
            }
        }
        for (name, event) in [
            ("images", ChatEvent::Images as fn(Vec<Value>) -> ChatEvent),
            ("tool_calls", ChatEvent::Tools),
            ("annotations", ChatEvent::Annotations),
        ] {
            if let Some(list) = delta[name].as_array().filter(|list| !list.is_empty()) {
                self.ready.push_back(event(list.clone()));
            }
        }
    }
}

/// The readable part of reasoning details.
fn visible(details: &[Value]) -> String {
    let text = |d: &Value| {
        d["text"]
            .as_str()
            .or(d["summary"].as_str())
            .map(str::to_owned)
    };
    details.iter().filter_map(text).collect()
}

/// An event's JSON. A character beyond the basic plane may be cut in two by a service that counts in UTF-16: half of
/// an escaped pair is no JSON, and becomes a placeholder that [`Halves`] puts together again.
fn parsed(data: &str) -> Option<Value> {
    serde_json::from_str(data)
        .or_else(|_| serde_json::from_str(&mend(data)))
        .ok()
}

/// Private characters stand for the halves, one for each of the 2,048.
const HALF: u32 = 0x10_f000;

fn mend(data: &str) -> String {
    let unit = |at: &str| {
        let hex = at.strip_prefix("\\u")?.get(..4)?;
        u32::from_str_radix(hex, 16).ok()
    };
    let mut mended = String::with_capacity(data.len());
    let mut rest = data;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let pair = unit(escape).zip(escape.get(6..).and_then(unit));
        let taken = match (unit(escape), pair) {
            (_, Some((0xd800..0xdc00, 0xdc00..0xe000))) => 12,
            (Some(half @ 0xd800..0xe000), _) => {
                mended.extend(char::from_u32(HALF + half - 0xd800));
                rest = &escape[6..];
                continue;
            }
            // The escaped character comes along: it may be a backslash itself.
            _ => 1 + escape[1..].chars().next().map_or(0, char::len_utf8),
        };
        mended.push_str(&escape[..taken]);
        rest = &escape[taken..];
    }
    mended + rest
}

/// The first half of a character whose second half is in the next piece.
#[derive(Default)]
struct Halves(Option<u32>);

impl Halves {
    fn join(&mut self, text: String) -> String {
        let half = |c: char| (u32::from(c)).checked_sub(HALF).filter(|n| *n < 0x800);
        if text.is_empty() || (self.0.is_none() && !text.contains(|c| half(c).is_some())) {
            return text;
        }
        let mut whole = String::with_capacity(text.len());
        for c in text.chars() {
            let first = self.0.take();
            match (first, half(c)) {
                (Some(high), Some(low @ 0x400..)) => {
                    whole.extend(char::from_u32(0x1_0000 + (high << 10) + (low - 0x400)));
                }
                (first, second) => {
                    whole.extend(first.map(|_| char::REPLACEMENT_CHARACTER));
                    match second {
                        Some(high @ ..0x400) => self.0 = Some(high),
                        Some(_) => whole.push(char::REPLACEMENT_CHARACTER),
                        None => whole.push(c),
                    }
                }
            }
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of chunks with these contents, as they stand in JSON.
    fn said(contents: &[&str]) -> String {
        let mut stream = ChatStream::from(None, None);
        for content in contents {
            let data = format!(r#"{{"choices":[{{"delta":{{"content":"{content}"}}}}]}}"#);
            stream.read(&parsed(&data).unwrap());
        }
        let texts = stream.ready.into_iter().map(|event| match event {
            ChatEvent::Text(text) => text,
            other => panic!("{other:?}"),
        });
        texts.collect()
    }

    #[test]
    fn w13_a_pair_of_escapes_is_one_character_also_across_two_chunks() {
        assert_eq!(said(&[r"a\ud83e\udd80b"]), "a🦀b");
        assert_eq!(said(&[r"a\ud83e", r"\udd80b"]), "a🦀b");
        assert_eq!(said(&[r"a\ud83e", "", r"\udd80\ud83e", r"\udd80"]), "a🦀🦀");
    }

    #[test]
    fn w13_half_a_pair_costs_one_character_and_nothing_else() {
        assert_eq!(said(&[r"a\ud83eb"]), "a\u{fffd}b");
        assert_eq!(said(&[r"a\udd80b"]), "a\u{fffd}b");
        assert_eq!(said(&[r"a\ud83e", "b"]), "a\u{fffd}b");
        assert_eq!(said(&[r"\ud83e\ud83e\udd80"]), "\u{fffd}🦀");
        // An escaped backslash before it: no escape at all.
        assert_eq!(said(&[r"\ud83e\\ud83e"]), "\u{fffd}\\ud83e");
        assert_eq!(said(&[r"\ud83e é\n\u00e9"]), "\u{fffd} é\né");
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for data in [
            "",
            "{",
            "<html>",
            r#"{"a":"\ud83"#,
            "\\",
            r"\u",
            "\"\\ud83e",
        ] {
            assert_eq!(parsed(data), None, "{data}");
        }
    }
}
