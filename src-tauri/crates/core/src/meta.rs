//! All of a stored message but its words, as the window shows it.

use crate::{
    catalogue::variants,
    cited::citations,
    conversations::dollars,
    files, links, options,
    wire::{
        Attachment, Finish, MessageMeta, Model, Note, NoteKind, Problem, Role, Status, Unfinished,
    },
};
use serde_json::Value;

/// Longest name of a provider, in characters.
const PROVIDER_MAX: usize = 80;
/// Most tools that are named.
const TOOLS_MAX: usize = 5;

/// All of a stored message but its words.
pub(crate) fn meta(message: &history::Message, names: &[Model]) -> MessageMeta {
    let model = message.model.clone().unwrap_or_default();
    let name = variants::name(names, &model);
    let problem: Option<Problem> = message
        .error
        .as_deref()
        .and_then(|json| serde_json::from_str(json).ok());
    let answer = message.role == history::Role::Assistant;
    MessageMeta {
        id: message.id.to_string(),
        role: match message.role {
            history::Role::Assistant => Role::Assistant,
            history::Role::User | history::Role::System => Role::User,
        },
        status: match message.status {
            history::Status::Streaming => Status::Streaming,
            history::Status::Done => Status::Done,
            history::Status::Stopped => Status::Stopped,
            history::Status::Interrupted => Status::Interrupted,
            history::Status::Failed => Status::Failed,
        },
        model,
        model_name: name,
        provider: message
            .provider
            .as_deref()
            .map(|name| links::clean(name, PROVIDER_MAX)),
        tokens_in: message.usage.prompt_tokens,
        tokens_out: message.usage.completion_tokens,
        tokens_per_second: speed(message),
        cost_usd: message.usage.cost_nanos.map(dollars),
        cost_pending: message.cost_pending,
        first_token_ms: message.first_token_ms,
        took_ms: message
            .ended_ms
            .map(|end| (end - message.created_ms).max(0)),
        thought_ms: message.thought_ms,
        problem,
        retrying: None,
        finish: message.finish_reason.as_deref().map(finish),
        unfinished: unfinished(message),
        citations: citations(message.annotations.as_deref()),
        attachments: attachments(message),
        searches: message.usage.searches,
        search_cost_usd: message.usage.search_cost_nanos.map(dollars),
        notes: notes(message),
        options: answer.then(|| options::read(message.options.as_deref())),
        sibling: message.sibling_index,
        siblings: message.sibling_count,
        created_ms: message.created_ms,
    }
}

fn attachments(message: &history::Message) -> Vec<Attachment> {
    let stored = message.attachments.iter().map(files::show);
    stored.chain(files::drawn::shown(message)).collect()
}

/// Tokens a second from the first token to the end; none for an answer that came at once.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of one answer")]
fn speed(message: &history::Message) -> Option<f64> {
    let took = message.ended_ms? - message.created_ms - message.first_token_ms?;
    let tokens = message.usage.completion_tokens?;
    (took > 50).then(|| f64::from(tokens) * 1000.0 / took as f64)
}

fn finish(word: &str) -> Finish {
    match word {
        "stop" => Finish::Stop,
        "length" => Finish::Length,
        "tool_calls" => Finish::Tools,
        "content_filter" => Finish::Filter,
        "error" => Finish::Error,
        _ => Finish::Other,
    }
}

/// Why an answer can be continued: it is not whole, and it has words to go on from.
pub(crate) fn unfinished(message: &history::Message) -> Option<Unfinished> {
    if message.role != history::Role::Assistant || message.text.trim().is_empty() {
        return None;
    }
    match message.status {
        history::Status::Stopped => Some(Unfinished::Stopped),
        history::Status::Interrupted => Some(Unfinished::Interrupted),
        history::Status::Done if message.finish_reason.as_deref() == Some("length") => {
            Some(Unfinished::Cut)
        }
        _ => None,
    }
}

fn notes(message: &history::Message) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |kind, text| notes.push(Note { kind, text });
    match message.image_count {
        // Those of a temporary chat are shown from where they are.
        _ if message.id.is_temporary() => {}
        0 => {}
        1 => note(
            NoteKind::Images,
            "A picture came with this answer in a form that can't be shown. It is kept.".to_owned(),
        ),
        n => note(
            NoteKind::Images,
            format!(
                "{n} pictures came with this answer in a form that can't be shown. They are kept."
            ),
        ),
    }
    let tools = tools(message.tool_calls.as_deref());
    if !tools.is_empty() {
        let text = format!(
            "The model asked to use {}. Causeway runs no tools, so nothing was done.",
            tools.join(", ")
        );
        note(NoteKind::Tools, text);
    }
    if message.status == history::Status::Stopped
        && let Some(provider) = message.provider.as_deref()
    {
        let name = links::clean(provider, 60);
        let text = match openrouter::stops_billing(provider) {
            Some(true) => {
                format!("{name} stopped working on it, and charges what came until then.")
            }
            Some(false) => format!("{name} goes on to the end, and charges the whole answer."),
            None => format!("Whether {name} charges only what came is not known."),
        };
        note(NoteKind::Billing, text);
    }
    notes
}

/// The names of the tools that were called.
fn tools(calls: Option<&str>) -> Vec<String> {
    let list: Vec<Value> = calls
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default();
    let name = |call: &Value| {
        let name = links::clean(call["function"]["name"].as_str().unwrap_or_default(), 60);
        if name.is_empty() {
            "a tool".to_owned()
        } else {
            name
        }
    };
    let mut names: Vec<String> = list.iter().map(name).take(TOOLS_MAX).collect();
    names.dedup();
    names
}
