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
    ("<span class=\"note-number\">", "</span>"),
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
        "\" aria-disabled=\"true\">",
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
    for (start, end) in [
        ("<sup class=\"note-ref\" data-note=\"", "</sup>"),
        ("<div class=\"note\" data-note=\"", "</div>"),
    ] {
        if let Some(number) = inside(start, "\">") {
            return digits(&number).then(|| end.to_owned());
        }
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
        assert!(open.len() < 40, "nested too deep for a page");
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
