//! A tokenizer that knows what the crate says it writes, and refuses everything else.

/// Start tags without a value from the text, and how they end.
const FIXED: &[(&str, &str)] = &[
    ("<p>", "</p>"),
    ("<h1>", "</h1>"),
    ("<h2>", "</h2>"),
    ("<h3>", "</h3>"),
    ("<h4>", "</h4>"),
    ("<h5>", "</h5>"),
    ("<h6>", "</h6>"),
    ("<blockquote>", "</blockquote>"),
    ("<blockquote class=\"more\">", "</blockquote>"),
    ("<ul>", "</ul>"),
    ("<ul class=\"more\">", "</ul>"),
    ("<ol>", "</ol>"),
    ("<ol class=\"more\">", "</ol>"),
    ("<li>", "</li>"),
    ("<li class=\"task\">", "</li>"),
    ("<em>", "</em>"),
    ("<strong>", "</strong>"),
    ("<del>", "</del>"),
    ("<table>", "</table>"),
    ("<thead>", "</thead>"),
    ("<tbody>", "</tbody>"),
    ("<tr>", "</tr>"),
    ("<div class=\"table\">", "</div>"),
    ("<div class=\"table more\">", "</div>"),
    ("<div class=\"wide\" tabindex=\"0\">", "</div>"),
    (
        "<button type=\"button\" class=\"table-copy\" data-csv>",
        "</button>",
    ),
    ("<div class=\"code\">", "</div>"),
    ("<div class=\"code-head\">", "</div>"),
    ("<span class=\"code-lang\">", "</span>"),
    (
        "<button type=\"button\" class=\"code-copy\" data-copy>",
        "</button>",
    ),
    ("<pre tabindex=\"0\">", "</pre>"),
    ("<code>", "</code>"),
    ("<code class=\"math\">", "</code>"),
    ("<code class=\"math display\">", "</code>"),
    ("<span class=\"link-off\">", "</span>"),
    ("<span class=\"image\">", "</span>"),
    ("<sup class=\"note-ref\">", "</sup>"),
    ("<span class=\"math\" tabindex=\"0\">", "</span>"),
    ("<math>", "</math>"),
    ("<math display=\"block\">", "</math>"),
    ("<mrow>", "</mrow>"),
    ("<mrow class=\"boxed\">", "</mrow>"),
    ("<mi>", "</mi>"),
    ("<mi mathvariant=\"normal\">", "</mi>"),
    ("<mn>", "</mn>"),
    ("<mtext>", "</mtext>"),
    ("<mo>", "</mo>"),
    ("<mo form=\"prefix\">", "</mo>"),
    ("<mo stretchy=\"true\">", "</mo>"),
    ("<mo stretchy=\"false\">", "</mo>"),
    ("<mo stretchy=\"true\" form=\"prefix\">", "</mo>"),
    ("<mo stretchy=\"true\" form=\"postfix\">", "</mo>"),
    ("<mo movablelimits=\"false\">", "</mo>"),
    ("<mo movablelimits=\"false\" largeop=\"false\">", "</mo>"),
    ("<msqrt>", "</msqrt>"),
    ("<mroot>", "</mroot>"),
    ("<mfrac>", "</mfrac>"),
    ("<mfrac linethickness=\"0\">", "</mfrac>"),
    ("<msub>", "</msub>"),
    ("<msup>", "</msup>"),
    ("<msubsup>", "</msubsup>"),
    ("<munder>", "</munder>"),
    ("<munder accentunder=\"true\">", "</munder>"),
    ("<mover>", "</mover>"),
    ("<mover accent=\"true\">", "</mover>"),
    ("<munderover>", "</munderover>"),
    ("<mtable>", "</mtable>"),
    ("<mtable class=\"left\">", "</mtable>"),
    ("<mtable class=\"right\">", "</mtable>"),
    ("<mtable class=\"pairs\">", "</mtable>"),
    (
        "<mstyle displaystyle=\"true\" scriptlevel=\"0\">",
        "</mstyle>",
    ),
    (
        "<mstyle displaystyle=\"false\" scriptlevel=\"0\">",
        "</mstyle>",
    ),
    (
        "<mstyle displaystyle=\"false\" scriptlevel=\"1\">",
        "</mstyle>",
    ),
    (
        "<mstyle displaystyle=\"false\" scriptlevel=\"2\">",
        "</mstyle>",
    ),
    ("<mtr>", "</mtr>"),
    ("<mtr class=\"rule\">", "</mtr>"),
    ("<mtd>", "</mtd>"),
    ("<br>", ""),
    ("<hr>", ""),
];

const TOKENS: &[&str] = &[
    "keyword",
    "string",
    "comment",
    "number",
    "constant",
    "function",
    "type",
    "variable",
    "tag",
    "attribute",
    "heading",
    "inserted",
    "deleted",
];

/// Tags in which a footnote's number stands, and how they end.
const NUMBERED: &[(&str, &str)] = &[
    (
        "<sup class=\"note-ref\" role=\"link\" tabindex=\"0\" aria-label=\"Footnote N\" data-note=\"N\">",
        "</sup>",
    ),
    (
        "<div class=\"note\" role=\"note\" tabindex=\"-1\" data-note=\"N\">",
        "</div>",
    ),
    (
        "<span class=\"note-number\" role=\"link\" tabindex=\"0\" aria-label=\"Back to footnote N\" data-back=\"N\">",
        "</span>",
    ),
];

/// Tags in which a length stands, with their ends.
const MEASURED: &[(&str, &str, &str)] = &[
    ("</mspace>", "<mspace width=\"", "em\">"),
    (
        "</mo>",
        "<mo stretchy=\"true\" symmetric=\"true\" minsize=\"1.2em\" maxsize=\"",
        "em\">",
    ),
    (
        "</mo>",
        "<mo stretchy=\"true\" symmetric=\"true\" minsize=\"1.8em\" maxsize=\"",
        "em\">",
    ),
    (
        "</mo>",
        "<mo stretchy=\"true\" symmetric=\"true\" minsize=\"2.4em\" maxsize=\"",
        "em\">",
    ),
    (
        "</mo>",
        "<mo stretchy=\"true\" symmetric=\"true\" minsize=\"3em\" maxsize=\"",
        "em\">",
    ),
];

/// The end tag of an allowed start tag.
fn end_of(tag: &str) -> Option<String> {
    if let Some((_, end)) = FIXED.iter().find(|(start, _)| *start == tag) {
        return Some((*end).to_owned());
    }
    let inside =
        |start: &str, end: &str| Some(tag.strip_prefix(start)?.strip_suffix(end)?.to_owned());
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let span = || Some("</span>".to_owned());
    if let Some(class) = inside("<span class=\"tok-", "\">") {
        return TOKENS.contains(&&*class).then(span)?;
    }
    if let Some(point) = inside("<span class=\"hidden-char\" title=\"U+", "\">") {
        let hex = (4..=6).contains(&point.len()) && point.bytes().all(|b| b.is_ascii_hexdigit());
        return hex.then(span)?;
    }
    if let Some(done) = inside(
        "<span class=\"box\" role=\"checkbox\" aria-checked=\"",
        "\" aria-disabled=\"true\" aria-label=\"Task\">",
    ) {
        return matches!(&*done, "true" | "false").then(span)?;
    }
    if let Some(address) = inside(
        "<a class=\"link\" role=\"link\" tabindex=\"0\" data-href=\"",
        "\">",
    ) {
        let known = ["https://", "http://", "mailto:"]
            .iter()
            .any(|s| address.starts_with(s));
        let clean = address.bytes().all(|b| b.is_ascii_graphic() && b != b'"');
        return (known && clean && address.len() < 16_384).then(|| "</a>".to_owned());
    }
    // The same number in every place.
    for (tag_of, end) in NUMBERED {
        let number: String = tag
            .chars()
            .filter(char::is_ascii_digit)
            .skip(
                usize::from(tag_of.contains("tabindex=\"0\""))
                    + usize::from(tag_of.contains("\"-1\"")),
            )
            .collect();
        let half = &number[..number.len() / tag_of.matches('N').count()];
        if digits(half) && tag == tag_of.replace('N', half) {
            return Some((*end).to_owned());
        }
    }
    for (name, start, end) in MEASURED {
        if let Some(em) = inside(start, end) {
            let number = em.bytes().all(|b| b.is_ascii_digit() || b == b'.') && em.len() < 8;
            return number.then(|| (*name).to_owned());
        }
    }
    if let Some(classes) = inside("<mtd class=\"", "\">") {
        let known = ["left", "right", "rule-before", "rule-after"];
        return classes
            .split(' ')
            .all(|class| known.contains(&class))
            .then(|| "</mtd>".to_owned());
    }
    if let Some(start) =
        inside("<ol start=\"", "\" class=\"more\">").or_else(|| inside("<ol start=\"", "\">"))
    {
        return digits(&start).then(|| "</ol>".to_owned());
    }
    for cell in ["th", "td"] {
        let aligned = [
            "",
            " class=\"left\"",
            " class=\"center\"",
            " class=\"right\"",
        ];
        if aligned
            .iter()
            .any(|class| tag == format!("<{cell}{class}>"))
        {
            return Some(format!("</{cell}>"));
        }
    }
    None
}

/// Panics unless the HTML is made of allowed elements, well nested, and escaped text.
pub fn check(html: &str) {
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let at = rest.find('<').unwrap_or(rest.len());
        text(&rest[..at], html);
        rest = &rest[at..];
        if rest.is_empty() {
            break;
        }
        let length = rest.find('>').expect("a tag has an end") + 1;
        let tag = &rest[..length];
        rest = &rest[length..];
        if tag.starts_with("</") {
            assert_eq!(
                open.pop().as_deref(),
                Some(tag),
                "ends something else in {html:?}"
            );
            continue;
        }
        let end = end_of(tag).unwrap_or_else(|| panic!("{tag:?} is not allowed in {html:?}"));
        let parent = open.last().map_or("", |p| p);
        match &*end {
            "</a>" => assert!(!open.contains(&end), "a link in a link in {html:?}"),
            "</li>" => assert!(
                matches!(parent, "</ul>" | "</ol>"),
                "an item alone in {html:?}"
            ),
            "</tr>" => assert!(
                matches!(parent, "</thead>" | "</tbody>"),
                "a row alone in {html:?}"
            ),
            "</td>" | "</th>" => assert_eq!(parent, "</tr>", "a cell alone in {html:?}"),
            _ => {}
        }
        if !end.is_empty() {
            open.push(end);
        }
        assert!(open.len() < 100, "nested too deep for a page");
    }
    assert_eq!(open, Vec::<String>::new(), "left open in {html:?}");
}

fn text(text: &str, html: &str) {
    for (at, _) in text.match_indices('&') {
        let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"]
            .iter()
            .any(|e| text[at..].starts_with(e));
        assert!(known, "a bare & in {html:?}");
    }
    let raw = |c: char| {
        matches!(c, '>' | '"' | '\'' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
            || (c.is_control() && c != '\n' && c != '\t')
    };
    assert!(
        !text.contains(raw),
        "a raw character in {text:?} of {html:?}"
    );
}
