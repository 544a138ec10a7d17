//! Messages as another program names and links them, made into ours.

use history::{ConversationId, MessageId, Role, WholeConversation, WholeMessage};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// A conversation as it was read.
#[derive(Debug, Default)]
pub struct Draft {
    pub source: &'static str,
    /// Its name there.
    pub id: String,
    pub title: String,
    pub created_ms: i64,
    pub updated_ms: i64,
    pub model: Option<String>,
    pub pinned: bool,
    pub archived: bool,
    pub nodes: Vec<Node>,
    /// The end of the branch that is shown there.
    pub leaf: Option<String>,
    /// Parts that are no text.
    pub left_out: u64,
}

/// A message as it was read.
#[derive(Debug, Default, Clone)]
pub struct Node {
    pub id: String,
    pub parent: Option<String>,
    /// None for what only links others, such as what is hidden there.
    pub role: Option<Role>,
    pub text: String,
    pub reasoning: String,
    pub model: Option<String>,
    pub ms: Option<i64>,
}

const TITLE: usize = 200;
const LABEL: usize = 1000;

/// The same id for the same thing in the same program, so that a second import finds what the first brought in.
fn id(source: &str, conversation: &str, message: Option<&str>) -> String {
    let mut hash = Sha256::new();
    for part in [
        Some("causeway import"),
        Some(source),
        Some(conversation),
        message,
    ] {
        let part = part.unwrap_or("\u{0}");
        hash.update(u64::try_from(part.len()).unwrap_or(0).to_be_bytes());
        hash.update(part);
    }
    let hash = hash.finalize();
    let mut hex: Vec<char> = hash[..16]
        .iter()
        .flat_map(|b| format!("{b:02x}").chars().collect::<Vec<_>>())
        .collect();
    // A UUID made from a name: version 5 in RFC 9562, but for the hash.
    hex[12] = '5';
    hex[16] = 'a';
    for at in [20, 16, 12, 8] {
        hex.insert(at, '-');
    }
    hex.into_iter().collect()
}

/// One line without what reorders or hides text.
pub fn title(text: &str) -> String {
    let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| !hidden(*c))
        .collect();
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(TITLE).collect()
}

/// As it is stored here: every message after its parent, and no circle, whatever the links say.
pub fn whole(
    draft: Draft,
    model: &str,
    now_ms: i64,
) -> Option<(WholeConversation, Vec<WholeMessage>)> {
    let conversation: ConversationId = id(draft.source, &draft.id, None).parse().ok()?;
    let order = order(&draft.nodes);
    let mut kept: HashMap<usize, Option<MessageId>> = HashMap::new();
    let mut messages: Vec<WholeMessage> = Vec::new();
    let mut thought = String::new();
    for (at, parent) in order {
        let node = &draft.nodes[at];
        let above = parent.and_then(|parent| kept.get(&parent).copied().flatten());
        let Some(role) = node.role else {
            thought.push_str(&node.reasoning);
            kept.insert(at, above);
            continue;
        };
        let name: MessageId = id(draft.source, &draft.id, Some(&node.id)).parse().ok()?;
        let ms = node.ms.unwrap_or(draft.created_ms);
        let mut message = WholeMessage::new(name, above, role, node.text.clone(), ms);
        message.model = node
            .model
            .as_ref()
            .map(|model| model.chars().take(LABEL).collect());
        message.reasoning.clone_from(&node.reasoning);
        if role == Role::Assistant && message.reasoning.is_empty() {
            message.reasoning = std::mem::take(&mut thought);
        }
        thought.clear();
        kept.insert(at, Some(name));
        messages.push(message);
    }
    if messages.is_empty() {
        return None;
    }
    let place = |id: &String| draft.nodes.iter().position(|node| node.id == *id);
    let leaf = draft
        .leaf
        .as_ref()
        .and_then(place)
        .and_then(|at| kept.get(&at).copied().flatten());
    let first = messages
        .first()
        .map_or(now_ms, |message| message.created_ms);
    let created_ms = if draft.created_ms > 0 {
        draft.created_ms
    } else {
        first
    };
    let updated_ms = draft.updated_ms.max(created_ms);
    let title = match title(&draft.title) {
        empty if empty.is_empty() => format!("From {}", draft.source),
        title => title,
    };
    let known = draft
        .model
        .filter(|model| model.contains('/') && model.len() <= LABEL);
    let conversation = WholeConversation {
        id: conversation,
        title,
        titled: true,
        model: known.unwrap_or_else(|| model.to_owned()),
        created_ms,
        updated_ms,
        pinned: draft.pinned,
        archived: draft.archived,
        deleted_ms: None,
        folder: None,
        leaf: leaf.or_else(|| messages.last().map(|message| message.id)),
        options: None,
        draft: String::new(),
        charges: Vec::new(),
        comparison: Vec::new(),
        attached: Vec::new(),
    };
    Some((conversation, messages))
}

/// The nodes, each after its parent. One that is named twice counts once; one whose parent is missing, and one of a
/// circle, begins anew.
fn order(nodes: &[Node]) -> Vec<(usize, Option<usize>)> {
    let mut names: HashMap<&str, usize> = HashMap::new();
    for (at, node) in nodes.iter().enumerate() {
        names.entry(&node.id).or_insert(at);
    }
    let mut below: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut roots = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        if names.get(node.id.as_str()) != Some(&at) {
            continue;
        }
        match node.parent.as_deref().and_then(|parent| names.get(parent)) {
            Some(&parent) => below.entry(parent).or_default().push(at),
            None => roots.push(at),
        }
    }
    let mut seen = HashSet::new();
    let mut order = Vec::new();
    // After the roots, whatever was not reached stands in a circle.
    let rest: Vec<usize> = (0..nodes.len())
        .filter(|at| names.get(nodes[*at].id.as_str()) == Some(at))
        .collect();
    for start in roots.into_iter().chain(rest) {
        let mut stack = vec![(start, None)];
        while let Some((at, parent)) = stack.pop() {
            if !seen.insert(at) {
                continue;
            }
            order.push((at, parent));
            let children = below.get(&at).map_or(&[][..], Vec::as_slice);
            stack.extend(children.iter().rev().map(|child| (*child, Some(at))));
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str, parent: Option<&str>) -> Node {
        Node {
            id: id.into(),
            parent: parent.map(Into::into),
            role: Some(Role::User),
            text: id.into(),
            ..Node::default()
        }
    }

    fn draft(nodes: Vec<Node>) -> Draft {
        Draft {
            source: "Test",
            id: "c".into(),
            nodes,
            ..Draft::default()
        }
    }

    #[test]
    fn circles_missing_parents_and_doubles_lose_no_message_and_hang_nothing() {
        let nodes = vec![
            node("a", Some("b")),
            node("b", Some("a")),
            node("self", Some("self")),
            node("lost", Some("nowhere")),
            node("lost", None),
            node("child", Some("lost")),
        ];
        let (_, messages) = whole(draft(nodes), "m/m", 5).unwrap();
        let mut texts: Vec<_> = messages.iter().map(|m| m.text.as_str()).collect();
        texts.sort_unstable();
        assert_eq!(texts, ["a", "b", "child", "lost", "self"]);
        let mut known = HashSet::new();
        for message in &messages {
            assert!(
                message.parent.is_none_or(|p| known.contains(&p)),
                "after its parent"
            );
            assert!(known.insert(message.id));
        }
    }

    #[test]
    fn what_is_hidden_links_its_children_to_its_parent() {
        let hidden = Node {
            role: None,
            ..node("h", Some("a"))
        };
        let (_, messages) = whole(
            draft(vec![node("a", None), hidden, node("b", Some("h"))]),
            "m/m",
            5,
        )
        .unwrap();
        assert_eq!(messages[1].parent, Some(messages[0].id));
    }

    #[test]
    fn a_title_neither_reorders_nor_hides() {
        assert_eq!(title("a\u{202e}b\n c\u{200b}"), "ab c");
        assert_eq!(title(&"x".repeat(1000)).len(), 200);
    }
}
