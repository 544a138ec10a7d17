//! The leaves of a formula: letters, numbers, signs and words.

use super::font;
use super::writer::{Look, Writer};
use pulldown_latex::event::{Content, DelimiterSize, DelimiterType, Font};

impl Writer<'_> {
    /// Writes a leaf; `unary` is a sign with nothing before it, `negated` one struck through.
    pub(super) fn content(
        &mut self,
        content: &Content<'_>,
        look: Look,
        unary: bool,
        negated: bool,
    ) {
        let mut shown = String::new();
        let (start, end) = match content {
            Content::Text(text) => {
                shown = spoken(text, look.font);
                ("<mtext>".to_owned(), "</mtext>")
            }
            Content::Number(number) => {
                shown.extend(number.chars().map(|c| in_font(look.font, c)));
                ("<mn>".to_owned(), "</mn>")
            }
            Content::Function(name) => {
                shown.push_str(name);
                (mi(shown.chars().count() == 1), "</mi>")
            }
            Content::Ordinary {
                content,
                stretchy: true,
            } => {
                shown.push(*content);
                ("<mo stretchy=\"true\">".to_owned(), "</mo>")
            }
            Content::Ordinary { content, .. } => {
                let capital_greek = content.is_uppercase() && !content.is_ascii();
                shown.push(match (look.font, capital_greek) {
                    (Some(Font::BoldSymbol), true) => font::letter(Font::Bold, *content),
                    (of, _) => in_font(of, *content),
                });
                let upright = look.font == Some(Font::UpRight)
                    || (look.font.is_none()
                        && !content.is_ascii_alphabetic()
                        && !small_greek(*content));
                (mi(upright), "</mi>")
            }
            Content::LargeOp { content, small } => {
                shown.push(*content);
                let size = if *small { " largeop=\"false\"" } else { "" };
                (format!("<mo movablelimits=\"false\"{size}>"), "</mo>")
            }
            Content::BinaryOp { content, .. } => {
                shown.push(*content);
                let form = if unary { " form=\"prefix\"" } else { "" };
                (format!("<mo{form}>"), "</mo>")
            }
            Content::Relation { content, .. } => {
                let mut bytes = [0; 8];
                shown.push_str(&String::from_utf8_lossy(
                    content.encode_utf8_to_buf(&mut bytes),
                ));
                ("<mo>".to_owned(), "</mo>")
            }
            Content::Delimiter { content, size, ty } => {
                shown.push(*content);
                let start = match size.map(height) {
                    Some(em) => format!(
                        "<mo stretchy=\"true\" symmetric=\"true\" minsize=\"{em}em\" maxsize=\"{em}em\">"
                    ),
                    None => format!("<mo stretchy=\"{}\">", *ty == DelimiterType::Fence),
                };
                (start, "</mo>")
            }
            Content::Punctuation(content) => {
                shown.push(*content);
                ("<mo>".to_owned(), "</mo>")
            }
        };
        if negated {
            shown.push('\u{338}');
        }
        self.out.push_str(&start);
        self.characters(&shown);
        self.out.push_str(end);
    }
}

fn mi(upright: bool) -> String {
    let variant = if upright {
        " mathvariant=\"normal\""
    } else {
        ""
    };
    format!("<mi{variant}>")
}

fn small_greek(c: char) -> bool {
    matches!(
        c,
        'α'..='ω' | 'ϑ' | 'ϕ' | 'ϖ' | 'ϰ' | 'ϱ' | 'ϵ' | '∂' | 'ı' | 'ȷ'
    )
}

fn in_font(font: Option<Font>, c: char) -> char {
    font.map_or(c, |of| font::letter(of, c))
}

/// Words in a formula: spaces at their ends count, escaped signs are signs.
fn spoken(text: &str, font: Option<Font>) -> String {
    if text == "&nbsp;" {
        return "\u{A0}".to_owned();
    }
    let mut shown = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = c == '\\' && chars.peek().is_some_and(char::is_ascii_punctuation);
        if !escaped {
            let space = c.is_whitespace() || c == '~';
            shown.push(if space { '\u{A0}' } else { in_font(font, c) });
        } else if let Some(c) = chars.next() {
            shown.push(c);
        }
    }
    shown
}

fn height(size: DelimiterSize) -> &'static str {
    match size {
        DelimiterSize::Big => "1.2",
        DelimiterSize::BIG => "1.8",
        DelimiterSize::Bigg => "2.4",
        DelimiterSize::BIGG => "3",
    }
}
