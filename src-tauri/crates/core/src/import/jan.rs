//! Jan keeps a folder a conversation: `thread.json`, and in `messages.jsonl` a message a line.

use super::{
    ENTRY, Stop, Work,
    fields::{parts, role, some, text, when},
    pace::Source,
    scan::Piece,
    tree::{Draft, Node},
};
use serde_json::{Map, Value};
use std::{fs::File, io::Read, path::Path};

impl Work<'_> {
    /// Lines of messages; beside them stands what they belong to.
    pub(super) fn jan(&mut self, path: &Path, mut scanner: Source<'_>) -> Result<(), Stop> {
        let (mut lines, mut bytes) = (Vec::new(), 0);
        while !scanner.ended()? {
            match scanner.piece(ENTRY)? {
                Piece::Whole(line) if bytes + line.len() <= ENTRY => {
                    bytes += line.len();
                    match serde_json::from_slice(&line) {
                        Ok(value) => lines.push(value),
                        Err(_) => {
                            self.skip(format!("Line {}", lines.len() + 1), "It is damaged.".into());
                        }
                    }
                }
                _ => {
                    return Err(Stop::Entry(
                        "It is too large to be one conversation.".into(),
                    ));
                }
            }
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut beside = Vec::new();
        if let Ok(file) = File::open(folder.join("thread.json")) {
            let _ = file.take(ENTRY as u64).read_to_end(&mut beside);
        }
        let thread = serde_json::from_slice(&beside).unwrap_or(Value::Null);
        let id = folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        self.draft(draft(&thread, &id.unwrap_or_default(), &lines), "This file")
    }
}

/// One conversation of Jan: its `thread.json`, and the lines of its `messages.jsonl`.
fn draft(thread: &Value, id: &str, lines: &[Value]) -> Draft {
    let empty = Map::new();
    let thread = thread.as_object().unwrap_or(&empty);
    let mut draft = Draft {
        source: "Jan",
        id: some(text(thread, "id")).unwrap_or_else(|| id.to_owned()),
        title: text(thread, "title"),
        created_ms: when(thread.get("created")).unwrap_or(0),
        updated_ms: when(thread.get("updated")).unwrap_or(0),
        ..Draft::default()
    };
    let mut before = None;
    for said in lines.iter().filter_map(Value::as_object) {
        let mut read = Node {
            id: some(text(said, "id")).unwrap_or_else(|| format!("at {}", draft.nodes.len())),
            parent: before.take(),
            role: role(&text(said, "role")),
            ms: when(said.get("created_at").or_else(|| said.get("created"))),
            ..Node::default()
        };
        parts(said.get("content"), &mut read, &mut draft.left_out);
        before = Some(read.id.clone());
        draft.nodes.push(read);
    }
    draft
}
