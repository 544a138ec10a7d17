//! Writes the parser's events as HTML. Closed: every tag and attribute is spelled out here or in
//! `code` and `escape`, and everything else goes through `escape`.

use crate::code::Cache;
use crate::escape::{self, Escape};
use crate::link;
use crate::math::{self, Formulas};
use crate::source::{self, Lines};
use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// Containers and emphasis nested deeper are flattened: a page has to lay them out.
const DEEPEST: usize = 24;

/// How a table ends that has no rows but its head.
const TABLE_END: &str = "</table></div></div>";

/// An event and where in the source it comes from.
pub(crate) type Spanned<'a> = (Event<'a>, Range<usize>);

/// Parses prepared text.
pub(crate) fn parse(text: &str) -> Vec<Spanned<'_>> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH;
    Parser::new_ext(text, options).into_offset_iter().collect()
}

/// The numbers of footnotes, by label.
#[derive(Default)]
pub(crate) struct Notes {
    settled: HashMap<String, usize>,
    /// Labels first seen in a tail, which may yet turn out otherwise.
    tentative: Vec<String>,
}

impl Notes {
    fn number(&mut self, label: &str) -> usize {
        let label = label.to_lowercase();
        if let Some(number) = self.settled.get(&label) {
            return *number;
        }
        let known = self.tentative.iter().position(|l| *l == label);
        let at = known.unwrap_or_else(|| {
            self.tentative.push(label);
            self.tentative.len() - 1
        });
        self.settled.len() + at + 1
    }

    /// Keeps the numbers given since the last call.
    pub(crate) fn settle(&mut self) {
        for label in std::mem::take(&mut self.tentative) {
            self.settled.insert(label, self.settled.len() + 1);
        }
    }

    /// Forgets the numbers given since the last call.
    pub(crate) fn forget(&mut self) {
        self.tentative.clear();
    }
}

/// That a block goes on with what an earlier piece began.
#[derive(Clone, Copy)]
pub(crate) enum More {
    /// A quote, table or bullet list.
    Same,
    /// An ordered list, from this number on.
    From(u64),
}

/// What blocks share beyond their own text.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) notes: Notes,
    pub(crate) cache: Cache,
    pub(crate) formulas: Formulas,
}

/// Writes events that may stop short of closing what they opened. `more` is about the first.
pub(crate) fn write(events: &[Spanned<'_>], more: Option<More>, shared: &mut Shared) -> String {
    let mut writer = Writer {
        shared,
        more,
        out: String::new(),
        text: String::new(),
        open: Vec::new(),
        aligned: &[],
        cell: 0,
        in_head: false,
        links: 0,
        code: None,
        image: None,
    };
    for (at, (event, _)) in events.iter().enumerate() {
        let next = || {
            events[at + 1..]
                .iter()
                .take(2)
                .any(|e| matches!(e.0, Event::TaskListMarker(_)))
        };
        writer.event(event, &next);
    }
    writer.flush();
    while let Some(end) = writer.open.pop() {
        writer.out.push_str(&end);
    }
    writer.out
}

struct Image {
    depth: usize,
    address: String,
    alt: String,
}

struct Writer<'e, 's> {
    shared: &'s mut Shared,
    more: Option<More>,
    out: String,
    /// Prose not yet written: the parser cuts it where it likes, and an address must be whole.
    text: String,
    /// How each open element ends; empty for one that is flattened.
    open: Vec<Cow<'static, str>>,
    aligned: &'e [Alignment],
    cell: usize,
    in_head: bool,
    links: usize,
    /// The info string and the text of the open code block.
    code: Option<(String, String)>,
    image: Option<Image>,
}

impl<'e> Writer<'e, '_> {
    fn event(&mut self, event: &'e Event<'_>, next_is_task: &dyn Fn() -> bool) {
        if self.image.is_some() {
            return self.in_image(event);
        }
        if let (Some((_, code)), Event::Text(text)) = (&mut self.code, event) {
            return code.push_str(text);
        }
        if let Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) = event {
            return self.text.push_str(text);
        }
        self.flush();
        match event {
            Event::Start(tag) => self.start(tag, next_is_task),
            Event::End(_) => self.end(),
            Event::Code(code) => {
                self.out.push_str("<code>");
                Escape::default().code(&source::restore_code(code), &mut self.out);
                self.out.push_str("</code>");
            }
            Event::InlineMath(math) => self.math(math, false),
            Event::DisplayMath(math) => self.math(math, true),
            Event::FootnoteReference(label) => self.note(label),
            Event::SoftBreak => self.out.push('\n'),
            Event::HardBreak => self.out.push_str("<br>\n"),
            Event::Rule => self.out.push_str("<hr>"),
            Event::TaskListMarker(done) => self.out.push_str(&format!(
                "<span class=\"box\" role=\"checkbox\" aria-checked=\"{done}\" \
                 aria-disabled=\"true\" aria-label=\"Task\"></span>"
            )),
            Event::Text(_) | Event::Html(_) | Event::InlineHtml(_) => {}
        }
    }

    fn start(&mut self, tag: &'e Tag<'_>, next_is_task: &dyn Fn() -> bool) {
        let more = self.more.take();
        let deep = self.open.len() >= DEEPEST;
        let class = if more.is_some() {
            " class=\"more\""
        } else {
            ""
        };
        match tag {
            Tag::BlockQuote(_) if !deep => {
                self.element(format!("<blockquote{class}>"), "</blockquote>");
            }
            Tag::List(_) if deep => self.element("", ""),
            Tag::List(None) => self.element(format!("<ul{class}>"), "</ul>"),
            Tag::List(Some(first)) => {
                let first = if let Some(More::From(number)) = more {
                    number
                } else {
                    *first
                };
                let start = if first == 1 {
                    String::new()
                } else {
                    format!(" start=\"{first}\"")
                };
                self.element(format!("<ol{start}{class}>"), "</ol>");
            }
            Tag::Item if self.open.last().is_none_or(|list| list.is_empty()) => {
                self.element("", "");
            }
            Tag::Item if next_is_task() => self.element("<li class=\"task\">", "</li>"),
            Tag::Item => self.element("<li>", "</li>"),
            Tag::Paragraph | Tag::HtmlBlock => self.element("<p>", "</p>"),
            Tag::Heading { level, .. } => self.element(format!("<{level}>"), format!("</{level}>")),
            Tag::CodeBlock(kind) => {
                let info = if let CodeBlockKind::Fenced(info) = kind {
                    &**info
                } else {
                    ""
                };
                self.code = Some((info.to_owned(), String::new()));
            }
            Tag::FootnoteDefinition(label) if !deep => {
                let number = self.shared.notes.number(&source::restore(label));
                let start = format!(
                    "<div class=\"note\" role=\"note\" tabindex=\"-1\" data-note=\"{number}\">\
                     <span class=\"note-number\" role=\"link\" tabindex=\"0\" \
                     aria-label=\"Back to footnote {number}\" data-back=\"{number}\">{number}</span>"
                );
                self.element(start, "</div>");
            }
            Tag::Table(aligned) => {
                self.aligned = aligned;
                self.out.push_str(if more.is_some() {
                    "<div class=\"table more\">"
                } else {
                    "<div class=\"table\"><button type=\"button\" class=\"table-copy\" data-csv>Copy CSV</button>"
                });
                self.element("<div class=\"wide\" tabindex=\"0\"><table>", TABLE_END);
            }
            Tag::TableHead => {
                self.cell = 0;
                self.in_head = true;
                self.element("<thead><tr>", "</tr></thead>");
            }
            Tag::TableRow => {
                self.cell = 0;
                // The parser has no event for the body: it begins with the first row.
                let table = self.open.len() - 1;
                let first = self.open[table] == TABLE_END;
                if first {
                    self.open[table] = Cow::Borrowed("</tbody></table></div></div>");
                }
                self.element(if first { "<tbody><tr>" } else { "<tr>" }, "</tr>");
            }
            Tag::TableCell => {
                let class = match self.aligned.get(self.cell) {
                    Some(Alignment::Left) => " class=\"left\"",
                    Some(Alignment::Center) => " class=\"center\"",
                    Some(Alignment::Right) => " class=\"right\"",
                    _ => "",
                };
                self.cell += 1;
                let name = if self.in_head { "th" } else { "td" };
                self.element(format!("<{name}{class}>"), format!("</{name}>"));
            }
            Tag::Emphasis if !deep => self.element("<em>", "</em>"),
            Tag::Strong if !deep => self.element("<strong>", "</strong>"),
            Tag::Strikethrough if !deep => self.element("<del>", "</del>"),
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => self.link(*link_type, dest_url),
            Tag::Image { dest_url, .. } => {
                let address = source::restore(dest_url).into_owned();
                self.image = Some(Image {
                    depth: 1,
                    address,
                    alt: String::new(),
                });
            }
            // Flattened, or of an extension that is not switched on.
            _ => self.element("", ""),
        }
    }

    fn element(&mut self, start: impl AsRef<str>, end: impl Into<Cow<'static, str>>) {
        self.out.push_str(start.as_ref());
        self.open.push(end.into());
    }

    fn end(&mut self) {
        if let Some((info, text)) = self.code.take() {
            return self.shared.cache.block(&info, &text, &mut self.out);
        }
        let Some(end) = self.open.pop() else { return };
        self.out.push_str(&end);
        match &*end {
            "</tr></thead>" => self.in_head = false,
            "</a>" => self.links -= 1,
            _ => {}
        }
    }

    fn link(&mut self, kind: LinkType, address: &CowStr<'_>) {
        let mut address = source::restore(address).into_owned();
        if kind == LinkType::Email {
            address.insert_str(0, "mailto:");
        }
        if self.links > 0 {
            // The parser lets an autolink stand in a link's text; a page cannot.
            return self.element("", "");
        }
        if let Some(url) = link::allowed(&address) {
            self.links += 1;
            return self.element(link_start(url.as_str()), "</a>");
        }
        if matches!(kind, LinkType::Autolink | LinkType::Email) {
            return self.element("", "");
        }
        let mut end = String::from("</span>");
        if !address.is_empty() {
            end.push_str(" (");
            shortened(&address, &mut end);
            end.push(')');
        }
        self.element("<span class=\"link-off\">", end);
    }

    fn math(&mut self, source: &str, display: bool) {
        if let Some((source, _)) = source.split_once(source::PENDING) {
            return math::code(&source::restore_code(source), display, &mut self.out);
        }
        let formulas = &mut self.shared.formulas;
        formulas.write(&source::restore_code(source), display, &mut self.out);
    }

    fn note(&mut self, label: &str) {
        let number = self.shared.notes.number(label);
        self.out.push_str(&if self.links > 0 {
            // A link in a link could not be pressed.
            format!("<sup class=\"note-ref\">{number}</sup>")
        } else {
            format!(
                "<sup class=\"note-ref\" role=\"link\" tabindex=\"0\" \
                 aria-label=\"Footnote {number}\" data-note=\"{number}\">{number}</sup>"
            )
        });
    }

    /// An image is its alternative text, whatever is in there, and where it would come from.
    fn in_image(&mut self, event: &Event<'_>) {
        let Some(image) = &mut self.image else { return };
        match event {
            Event::Start(_) => image.depth += 1,
            Event::End(_) => image.depth -= 1,
            Event::Text(text)
            | Event::Code(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text) => image.alt.push_str(text),
            Event::SoftBreak | Event::HardBreak => image.alt.push(' '),
            _ => {}
        }
        if image.depth > 0 {
            return;
        }
        let Some(image) = self.image.take() else {
            return;
        };
        self.out.push_str("<span class=\"image\">");
        escape::prose(&source::restore(&image.alt), &mut self.out);
        let url = link::allowed(&image.address).filter(|_| self.links == 0);
        if let Some((url, host)) = url.as_ref().and_then(|url| Some((url, url.host_str()?))) {
            self.out
                .push_str(if image.alt.is_empty() { "" } else { " " });
            self.out.push_str(&link_start(url.as_str()));
            escape::prose(host, &mut self.out);
            self.out.push_str("</a>");
        }
        self.out.push_str("</span>");
    }

    /// Writes the prose gathered so far, with its footnote marks and bare addresses.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        let mut escape = Escape::default();
        let mut rest = &*text;
        while let Some((before, after)) = rest.split_once(source::NOTE) {
            // Emphasis may have torn the mark apart: then it is text like any other.
            let Some((label, after)) = after.split_once(source::NOTE_END) else {
                break;
            };
            if label.contains(source::NOTE) {
                break;
            }
            self.prose(before, &mut escape);
            self.note(label);
            rest = after;
        }
        self.prose(rest, &mut escape);
    }

    fn prose(&mut self, text: &str, escape: &mut Escape) {
        let text = source::restore(text);
        let mut rest = &*text;
        while let Some(found) = link::find(rest).filter(|_| self.links == 0) {
            escape.prose(&rest[..found.start], &mut self.out);
            self.out.push_str(&link_start(found.url.as_str()));
            escape.prose(&rest[found.start..found.end], &mut self.out);
            self.out.push_str("</a>");
            rest = &rest[found.end..];
        }
        escape.prose(rest, &mut self.out);
    }
}

fn link_start(address: &str) -> String {
    let mut start = String::from("<a class=\"link\" role=\"link\" tabindex=\"0\" data-href=\"");
    escape::prose(address, &mut start);
    start.push_str("\">");
    start
}

/// An address that is only shown: a `data:` one may be megabytes.
fn shortened(address: &str, out: &mut String) {
    const LONGEST: usize = 120;
    escape::prose(&address[..address.floor_char_boundary(LONGEST)], out);
    out.push_str(if address.len() > LONGEST { "…" } else { "" });
}

pub(crate) fn plain(text: &str) -> String {
    const READ: usize = 4096;
    const LONGEST: usize = 400;
    let mut prepared = String::new();
    let mut lines = Lines::default();
    for line in text[..text.floor_char_boundary(READ)].lines() {
        lines.prepare(line, &mut prepared);
        prepared.push('\n');
    }
    let mut words = String::new();
    for (event, _) in parse(&prepared) {
        match event {
            Event::Text(text)
            | Event::Code(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text) => words.push_str(&source::restore(&text)),
            Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. }) => {}
            Event::End(end) if !ends_block(end) => {}
            _ => words.push(' '),
        }
    }
    let seen = |c: &char| !escape::reorders(*c) && (c.is_whitespace() || !c.is_control());
    let words: String = words.chars().filter(seen).collect();
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(LONGEST).collect()
}

fn ends_block(end: pulldown_cmark::TagEnd) -> bool {
    use pulldown_cmark::TagEnd::{Emphasis, Image, Link, Strikethrough, Strong};
    !matches!(end, Emphasis | Strong | Strikethrough | Link | Image)
}
