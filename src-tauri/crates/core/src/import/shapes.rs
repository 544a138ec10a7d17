//! The conversations of other programs, each told by its own fields. `docs/export-and-import.md` says which versions were seen.
//!
//! Everything is read leniently: a field that is missing or of another type is as good as none. What has no words is
//! counted, not guessed at.

use super::{
    fields::{add, either, fenced, fields, flag, list, parts, role, some, text, when},
    tree::{Draft, Node},
};
use history::Role;
use serde_json::{Map, Value};

/// What this entry of a file says; none if no program is known that writes such entries.
pub fn read(entry: &Value) -> Option<Draft> {
    let entry = entry.as_object()?;
    let has = |field: &str| {
        entry
            .get(field)
            .is_some_and(|v| v.is_object() || v.is_array())
    };
    if has("mapping") {
        Some(chatgpt(entry))
    } else if has("chat_messages") {
        Some(claude(entry))
    } else if has("chat") {
        Some(open_webui(entry))
    } else if text(entry, "version").starts_with("orpg.") && has("messages") {
        Some(chatroom(entry))
    } else if entry.contains_key("conversationId") && (has("messages") || has("messagesTree")) {
        Some(libre_chat(entry))
    } else if has("messages") && entry.contains_key("id") {
        Some(chatbox(entry))
    } else {
        None
    }
}

fn chatgpt(entry: &Map<String, Value>) -> Draft {
    let mut draft = Draft {
        source: "ChatGPT",
        id: either(entry, &["conversation_id", "id", "title"]),
        title: text(entry, "title"),
        created_ms: when(entry.get("create_time")).unwrap_or(0),
        updated_ms: when(entry.get("update_time")).unwrap_or(0),
        leaf: some(text(entry, "current_node")),
        archived: flag(entry, "is_archived"),
        pinned: entry
            .get("is_starred")
            .and_then(Value::as_bool)
            .unwrap_or(false),
        ..Draft::default()
    };
    for (name, node) in fields(entry.get("mapping")) {
        let said = node.get("message").and_then(Value::as_object);
        let mut read = Node {
            id: name.clone(),
            parent: node
                .get("parent")
                .and_then(Value::as_str)
                .map(str::to_owned),
            ..Node::default()
        };
        if let Some(said) = said {
            let meta = said.get("metadata").and_then(Value::as_object);
            let hidden =
                meta.is_some_and(|meta| flag(meta, "is_visually_hidden_from_conversation"));
            let who = said
                .get("author")
                .and_then(|author| author.get("role"))
                .and_then(Value::as_str);
            let content = said.get("content");
            let kind = content
                .and_then(|c| c.get("content_type"))
                .and_then(Value::as_str)
                .unwrap_or_default();
            read.ms = when(said.get("create_time"));
            read.model = meta.map(|meta| text(meta, "model_slug")).and_then(some);
            if kind == "thoughts" {
                let thoughts = list(content.and_then(|c| c.get("thoughts")));
                let thoughts = thoughts.iter().filter_map(|t| t.get("content")?.as_str());
                read.reasoning = thoughts.collect::<Vec<_>>().join("\n\n");
            } else if !hidden && matches!(kind, "text" | "multimodal_text" | "code") {
                for part in list(content.and_then(|c| c.get("parts"))) {
                    // What was spoken is there as words, too.
                    let spoken = part.get("content_type").and_then(Value::as_str)
                        == Some("audio_transcription");
                    let spoken = part.get("text").filter(|_| spoken);
                    match part.as_str().or_else(|| spoken?.as_str()) {
                        Some(words) => add(&mut read.text, words),
                        None => draft.left_out += 1,
                    }
                }
                add(
                    &mut read.text,
                    content
                        .and_then(|c| c.get("text"))
                        .and_then(Value::as_str)
                        .unwrap_or_default(),
                );
                // What is addressed to a tool is no part of what was said.
                let to = said
                    .get("recipient")
                    .and_then(Value::as_str)
                    .unwrap_or("all");
                read.role = who
                    .and_then(role)
                    .filter(|_| to == "all" && !read.text.is_empty());
            }
        }
        draft.nodes.push(read);
    }
    // Fields of an object have no order that means anything: siblings are put in that of their making.
    draft.nodes.sort_by_key(|node| node.ms.unwrap_or(0));
    draft
}

fn claude(entry: &Map<String, Value>) -> Draft {
    let mut draft = Draft {
        source: "Claude",
        id: either(entry, &["uuid", "name"]),
        title: text(entry, "name"),
        created_ms: when(entry.get("created_at")).unwrap_or(0),
        updated_ms: when(entry.get("updated_at")).unwrap_or(0),
        model: some(text(entry, "model")),
        leaf: some(text(entry, "current_leaf_message_uuid")),
        ..Draft::default()
    };
    let mut before: Option<String> = None;
    for (at, said) in list(entry.get("chat_messages")).iter().enumerate() {
        let Some(said) = said.as_object() else {
            draft.left_out += 1;
            continue;
        };
        let id = some(text(said, "uuid")).unwrap_or_else(|| at.to_string());
        let mut read = Node {
            parent: match said.get("parent_message_uuid").and_then(Value::as_str) {
                Some(parent) => Some(parent.to_owned()),
                None => before.clone(),
            },
            role: role(&text(said, "sender")),
            ms: when(said.get("created_at")),
            id: id.clone(),
            ..Node::default()
        };
        parts(said.get("content"), &mut read, &mut draft.left_out);
        if read.text.is_empty() {
            read.text = text(said, "text");
        }
        for file in list(said.get("attachments")) {
            match file.get("extracted_content").and_then(Value::as_str) {
                Some(words) if !words.is_empty() => add(&mut read.text, &fenced(words)),
                _ => draft.left_out += 1,
            }
        }
        draft.left_out += list(said.get("files")).len() as u64;
        before = Some(id);
        draft.nodes.push(read);
    }
    draft
}

fn open_webui(entry: &Map<String, Value>) -> Draft {
    let empty = Map::new();
    let chat = entry
        .get("chat")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let mut draft = Draft {
        source: "Open WebUI",
        id: either(entry, &["id"]),
        title: some(text(entry, "title")).unwrap_or_else(|| text(chat, "title")),
        created_ms: when(entry.get("created_at"))
            .or_else(|| when(chat.get("timestamp")))
            .unwrap_or(0),
        updated_ms: when(entry.get("updated_at")).unwrap_or(0),
        pinned: flag(entry, "pinned"),
        archived: flag(entry, "archived"),
        model: list(chat.get("models"))
            .first()
            .and_then(Value::as_str)
            .map(str::to_owned),
        ..Draft::default()
    };
    if draft.id.is_empty() {
        draft.id = either(chat, &["id", "title"]);
    }
    let history = chat.get("history").and_then(Value::as_object);
    let messages = history.and_then(|history| history.get("messages"));
    let said: Vec<&Value> = match messages {
        Some(Value::Object(messages)) => messages.values().collect(),
        _ => list(chat.get("messages")).iter().collect(),
    };
    // A list is in the order of what was said, and may tell no more than that.
    let listed = !matches!(messages, Some(Value::Object(_)));
    let mut before: Option<String> = None;
    for said in said.into_iter().filter_map(Value::as_object) {
        let id = some(text(said, "id")).unwrap_or_else(|| format!("at {}", draft.nodes.len()));
        let before = before.replace(id.clone()).filter(|_| listed);
        let mut read = Node {
            id,
            parent: some(text(said, "parentId")).or(before),
            role: role(&text(said, "role")),
            model: some(text(said, "model")),
            ms: when(said.get("timestamp")),
            ..Node::default()
        };
        parts(said.get("content"), &mut read, &mut draft.left_out);
        thoughts_in_details(&mut read);
        draft.left_out += list(said.get("files")).len() as u64;
        draft.nodes.push(read);
    }
    draft.leaf = history.and_then(|history| some(text(history, "currentId")));
    draft.nodes.sort_by_key(|node| node.ms.unwrap_or(0));
    draft
}

/// Open WebUI writes what was thought into the text, as a folded element at its start.
fn thoughts_in_details(read: &mut Node) {
    let Some(rest) = read.text.strip_prefix("<details type=\"reasoning\"") else {
        return;
    };
    let (Some(open), Some(close)) = (rest.find('>'), rest.find("</details>")) else {
        return;
    };
    let inside = rest.get(open + 1..close).unwrap_or_default();
    let inside = inside
        .split_once("</summary>")
        .map_or(inside, |(_, thought)| thought);
    let lines = inside
        .trim()
        .lines()
        .map(|line| line.trim_start_matches("&gt; ").trim_start_matches("> "));
    read.reasoning = lines.collect::<Vec<_>>().join("\n");
    read.text = rest
        .get(close + "</details>".len()..)
        .unwrap_or_default()
        .trim_start()
        .to_owned();
}

fn libre_chat(entry: &Map<String, Value>) -> Draft {
    let options = entry.get("options").and_then(Value::as_object);
    let mut draft = Draft {
        source: "LibreChat",
        id: either(entry, &["conversationId"]),
        title: text(entry, "title"),
        model: options.and_then(|options| some(text(options, "model"))),
        ..Draft::default()
    };
    // The recursive form nests the answers in what they answer; the other lists all with their parents.
    let all = entry.get("messagesTree").or_else(|| entry.get("messages"));
    let mut waiting: Vec<(&Value, Option<String>)> =
        list(all).iter().rev().map(|said| (said, None)).collect();
    let linear = entry.get("branches").and_then(Value::as_bool) == Some(false);
    let mut before: Option<String> = None;
    while let Some((said, above)) = waiting.pop() {
        let Some(said) = said.as_object() else {
            draft.left_out += 1;
            continue;
        };
        let id =
            some(text(said, "messageId")).unwrap_or_else(|| format!("at {}", draft.nodes.len()));
        let parent = some(text(said, "parentMessageId"))
            .or(above)
            .or_else(|| before.clone().filter(|_| linear));
        let user =
            flag(said, "isCreatedByUser") || text(said, "sender").eq_ignore_ascii_case("user");
        let mut read = Node {
            id: id.clone(),
            parent,
            role: Some(if user { Role::User } else { Role::Assistant }),
            text: text(said, "text"),
            model: some(text(said, "model")).filter(|_| !user),
            ms: when(said.get("createdAt")),
            ..Node::default()
        };
        if read.text.is_empty() {
            parts(said.get("content"), &mut read, &mut draft.left_out);
        }
        draft.left_out += list(said.get("files")).len() as u64;
        draft.updated_ms = draft.updated_ms.max(read.ms.unwrap_or(0));
        before = Some(id.clone());
        waiting.extend(
            list(said.get("children"))
                .iter()
                .rev()
                .map(|child| (child, Some(id.clone()))),
        );
        draft.nodes.push(read);
    }
    draft
}

/// OpenRouter's chatroom. Since the third version the words stand in items that messages refer to.
fn chatroom(entry: &Map<String, Value>) -> Draft {
    let model_of = |character: &str| {
        let character = entry.get("characters")?.get(character)?.as_object()?;
        some(text(character, "model"))
    };
    let mut draft = Draft {
        source: "OpenRouter",
        title: text(entry, "title"),
        ..Draft::default()
    };
    let mut before: Option<String> = None;
    let mut messages: Vec<(&String, &Map<String, Value>)> = fields(entry.get("messages"))
        .filter_map(|(id, said)| Some((id, said.as_object()?)))
        .collect();
    messages.sort_by_key(|(_, said)| when(said.get("createdAt")).unwrap_or(0));
    let linked = messages
        .iter()
        .any(|(_, said)| said.get("parentMessageId").is_some_and(Value::is_string));
    for (id, said) in messages {
        let character = text(said, "characterId");
        let user =
            character == "USER" || text(said, "type") == "user" || text(said, "role") == "user";
        let mut read = Node {
            id: id.clone(),
            parent: if linked {
                some(text(said, "parentMessageId"))
            } else {
                before.clone()
            },
            role: Some(if user { Role::User } else { Role::Assistant }),
            model: model_of(&character).filter(|_| !user),
            ms: when(said.get("createdAt")),
            ..Node::default()
        };
        parts(said.get("content"), &mut read, &mut draft.left_out);
        for item in list(said.get("items")) {
            let name = item.get("id").and_then(Value::as_str).unwrap_or_default();
            let data = entry
                .get("items")
                .and_then(|items| items.get(name)?.get("data")?.as_object());
            match data {
                Some(data) if text(data, "type") == "message" => {
                    parts(data.get("content"), &mut read, &mut draft.left_out);
                }
                Some(data) if text(data, "type") == "reasoning" => {
                    for part in list(data.get("content")) {
                        add(
                            &mut read.reasoning,
                            part.get("text").and_then(Value::as_str).unwrap_or_default(),
                        );
                    }
                }
                _ => draft.left_out += 1,
            }
        }
        if draft.model.is_none() {
            draft.model.clone_from(&read.model);
        }
        before = Some(id.clone());
        draft.updated_ms = draft.updated_ms.max(read.ms.unwrap_or(0));
        draft.nodes.push(read);
    }
    // The file gives the conversation no name of its own; its first message has one.
    draft.id = draft
        .nodes
        .first()
        .map_or_else(String::new, |node| node.id.clone());
    draft
}

fn chatbox(entry: &Map<String, Value>) -> Draft {
    let mut draft = Draft {
        source: "Chatbox",
        id: text(entry, "id"),
        title: text(entry, "name"),
        pinned: flag(entry, "starred"),
        ..Draft::default()
    };
    let mut chains: Vec<(Option<String>, &[Value])> = vec![(None, list(entry.get("messages")))];
    chains.extend(
        list(entry.get("threads"))
            .iter()
            .map(|thread| (None, list(thread.get("messages")))),
    );
    for (after, fork) in fields(entry.get("messageForksHash")) {
        let forks = list(fork.get("lists")).iter();
        chains.extend(forks.map(|fork| (Some(after.clone()), list(fork.get("messages")))));
    }
    for (at, (mut before, chain)) in chains.into_iter().enumerate() {
        for said in chain.iter().filter_map(Value::as_object) {
            let mut read = Node {
                id: some(text(said, "id")).unwrap_or_else(|| format!("at {}", draft.nodes.len())),
                parent: before.clone(),
                role: role(&text(said, "role")),
                model: some(text(said, "model")),
                ms: when(said.get("timestamp")),
                reasoning: text(said, "reasoningContent"),
                ..Node::default()
            };
            let words = said.get("contentParts").or_else(|| said.get("content"));
            parts(words, &mut read, &mut draft.left_out);
            draft.left_out +=
                list(said.get("files")).len() as u64 + list(said.get("pictures")).len() as u64;
            draft.updated_ms = draft.updated_ms.max(read.ms.unwrap_or(0));
            before = Some(read.id.clone());
            draft.nodes.push(read);
        }
        if at == 0 {
            draft.leaf = before;
        }
    }
    draft
}
