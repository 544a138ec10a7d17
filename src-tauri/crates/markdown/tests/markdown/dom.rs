//! The output as a browser sees it: parsed by the rules of HTML, then held against the elements and
//! attributes that the crate says it writes. Knows nothing of how the writer spells them.

use dom_query::{Document, NodeRef};

/// Elements, and the attributes each may have.
const ALLOWED: &[(&str, &[&str])] = &[
    ("p", &[]),
    ("h1", &[]),
    ("h2", &[]),
    ("h3", &[]),
    ("h4", &[]),
    ("h5", &[]),
    ("h6", &[]),
    ("blockquote", &["class"]),
    ("ul", &["class"]),
    ("ol", &["class", "start"]),
    ("li", &["class"]),
    ("br", &[]),
    ("hr", &[]),
    ("em", &[]),
    ("strong", &[]),
    ("del", &[]),
    ("code", &["class"]),
    ("pre", &["tabindex"]),
    ("div", &["class", "role", "tabindex", "data-note"]),
    (
        "span",
        &[
            "class",
            "role",
            "tabindex",
            "title",
            "aria-checked",
            "aria-disabled",
            "aria-label",
            "data-back",
            "data-cite",
        ],
    ),
    (
        "sup",
        &["class", "role", "tabindex", "aria-label", "data-note"],
    ),
    ("a", &["class", "role", "tabindex", "data-href"]),
    ("button", &["type", "class", "data-copy", "data-csv"]),
    ("table", &[]),
    ("thead", &[]),
    ("tbody", &[]),
    ("tr", &[]),
    ("th", &["class"]),
    ("td", &["class"]),
    ("math", &["display"]),
    ("mrow", &["class"]),
    ("mi", &["mathvariant"]),
    ("mn", &[]),
    (
        "mo",
        &[
            "stretchy",
            "form",
            "movablelimits",
            "largeop",
            "symmetric",
            "minsize",
            "maxsize",
        ],
    ),
    ("mtext", &[]),
    ("mspace", &["width"]),
    ("mstyle", &["displaystyle", "scriptlevel"]),
    ("msqrt", &[]),
    ("mroot", &[]),
    ("mfrac", &["linethickness"]),
    ("msub", &[]),
    ("msup", &[]),
    ("msubsup", &[]),
    ("munder", &["accentunder"]),
    ("mover", &["accent"]),
    ("munderover", &[]),
    ("mtable", &["class"]),
    ("mtr", &["class"]),
    ("mtd", &["class"]),
];

/// Classes, all of them.
const CLASSES: &[&str] = &[
    "more",
    "task",
    "table",
    "wide",
    "table-copy",
    "code",
    "code-head",
    "code-lang",
    "code-copy",
    "math",
    "display",
    "link",
    "link-off",
    "image",
    "note",
    "note-ref",
    "note-number",
    "cite",
    "hidden-char",
    "box",
    "left",
    "center",
    "right",
    "pairs",
    "rule",
    "rule-before",
    "rule-after",
    "boxed",
];

/// Panics unless a browser would see allowed elements and attributes and nothing else.
pub fn check(html: &str) {
    let page = Document::fragment(html);
    let mut elements = 0;
    for node in page.root().descendants() {
        assert!(
            !node.is_comment() && !node.is_doctype(),
            "neither text nor element in {html:?}"
        );
        if !node.is_element() {
            continue;
        }
        let name = node.node_name().unwrap_or_default().to_string();
        if name == "html" && node.attrs().is_empty() {
            // The fragment's own frame.
            continue;
        }
        elements += 1;
        element(&node, &name, html);
    }
    // A parser that closes, moves or invents an element has read something we did not write.
    let written = html.matches('<').count() - html.matches("</").count();
    assert_eq!(
        elements, written,
        "the parser sees other elements in {html:?}"
    );
}

fn element(node: &NodeRef<'_>, name: &str, html: &str) {
    let (_, attributes) = ALLOWED
        .iter()
        .find(|(allowed, _)| *allowed == name)
        .unwrap_or_else(|| panic!("<{name}> in {html:?}"));
    for attribute in node.attrs() {
        let (key, value) = (&*attribute.name.local, &*attribute.value);
        assert!(attributes.contains(&key), "{key} on <{name}> in {html:?}");
        let fits = match key {
            "class" => value
                .split(' ')
                .all(|class| CLASSES.contains(&class) || class.starts_with("tok-")),
            "data-href" => ["https://", "http://", "mailto:"]
                .iter()
                .any(|scheme| value.starts_with(scheme)),
            "title" => value.starts_with("U+"),
            "aria-label" => {
                value == "Task"
                    || value.starts_with("Source ")
                    || value.starts_with("Footnote ")
                    || value.starts_with("Back to footnote ")
            }
            _ => {
                value.len() < 20
                    && value
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
            }
        };
        assert!(fits, "{key}={value:?} on <{name}> in {html:?}");
    }
}
