//! A conversation to be read: as Markdown, or as a page that needs nothing and can do nothing.

use crate::files::{picture, read::amount, sniff};
use base64::{Engine, engine::general_purpose::STANDARD, write::EncoderWriter};
use history::{History, Role, WholeConversation, WholeFile, WholeMessage};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{self, Write},
};
use time::{OffsetDateTime, macros::format_description};

const STYLE: &str = "
:root{color-scheme:light dark;--text:#1f2328;--soft:#66707c;--line:#d9dee4;--user:#eef1f5;--page:#fff}
@media(prefers-color-scheme:dark){:root{--text:#e6e9ee;--soft:#98a2af;--line:#343b45;--user:#242a33;--page:#16191e}}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.6 system-ui,sans-serif}
article{max-width:720px;margin:0 auto;padding:32px 20px}
h1{font-size:24px;line-height:1.3}.meta,.who{color:var(--soft);font-size:13px}
section{margin:24px 0;overflow-wrap:anywhere}.user{background:var(--user);border-radius:12px;padding:12px 16px}
pre{overflow:auto;padding:12px;border:1px solid var(--line);border-radius:8px}
code{font:14px/1.5 ui-monospace,monospace}blockquote{margin:0;padding-left:14px;border-left:3px solid var(--line)}
table{border-collapse:collapse}th,td{border:1px solid var(--line);padding:4px 10px}.wide,.math{overflow-x:auto}
button{display:none}.code-lang{color:var(--soft);font-size:12px}.link{text-decoration:underline}
.link::after{content:\" (\" attr(data-href) \")\";color:var(--soft);font-size:12px}
.hidden-char::before{content:attr(title);color:var(--soft)}details{color:var(--soft)}
figure{margin:12px 0}img{max-width:100%;border-radius:8px}";

/// Ends the page.
pub const END: &str = "</body>\n</html>\n";
/// Ends a conversation.
pub const CLOSE: &str = "</article>\n";

/// The start of the page. Nothing may be loaded or run, pictures lie in the page itself, and no style but the one of this
/// page holds.
pub fn head() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; \
         style-src 'sha256-{hash}'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>Causeway conversations</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    )
}

pub struct Page<'a> {
    pub html: bool,
    /// Where the bytes of pictures are.
    pub history: &'a History,
}

impl Page<'_> {
    /// What stands above the messages.
    pub fn conversation(&self, of: &WholeConversation, first: bool) -> String {
        let title = crate::import::title(&of.title);
        let day = day(of.created_ms);
        if self.html {
            let (title, model) = (escape(&title), escape(&of.model));
            return format!(
                "<article>\n<h1 dir=\"auto\">{title}</h1>\n<p class=\"meta\">{day} · {model}</p>\n"
            );
        }
        let rule = if first { "" } else { "\n---\n\n" };
        format!(
            "{rule}# {}\n\n{day} · {}\n",
            plain(&title),
            plain(&of.model)
        )
    }

    /// One message. Returns how many of its pictures were not there.
    pub fn message(&self, message: &WholeMessage, out: &mut impl Write) -> io::Result<u64> {
        let who = match message.role {
            Role::User => "You",
            Role::System => "Instructions",
            Role::Assistant => {
                let model = message.served_model.as_deref().or(message.model.as_deref());
                model.unwrap_or("Assistant")
            }
        };
        let cost = message
            .cost_nanos
            .map(crate::conversations::dollars)
            .map(|cost| format!(" · ${cost:.4}"));
        let cost = cost.unwrap_or_default();
        if !self.html {
            write!(out, "\n## {}{cost}\n\n", plain(who))?;
            if !message.reasoning.is_empty() {
                let quoted = message.reasoning.lines().map(|line| format!("> {line}\n"));
                writeln!(out, "{}", quoted.collect::<String>())?;
            }
            for file in &message.attached {
                writeln!(out, "*{}*\n", plain(&told(file)))?;
            }
            writeln!(out, "{}", message.text.trim_end())?;
            return Ok(0);
        }
        let class = if message.role == Role::User {
            "user"
        } else {
            "other"
        };
        writeln!(
            out,
            "<section class=\"{class}\" dir=\"auto\">\n<p class=\"who\">{}{cost}</p>",
            escape(who)
        )?;
        if !message.reasoning.is_empty() {
            writeln!(out, "<details><summary>Thoughts</summary>")?;
            blocks(&message.reasoning, out)?;
            writeln!(out, "</details>")?;
        }
        let mut missing = 0;
        for file in &message.attached {
            missing += u64::from(!self.file(file, out)?);
        }
        blocks(&message.text, out)?;
        writeln!(out, "</section>")?;
        Ok(missing)
    }

    /// A picture, or the name of what is none; false where a picture is not there.
    fn file(&self, file: &WholeFile, out: &mut impl Write) -> io::Result<bool> {
        let told = escape(&told(file));
        let is_picture = serde_json::from_str(&file.details)
            .is_ok_and(|details: serde_json::Value| details["kind"] == "image");
        let bytes = match is_picture {
            true => fs::read(self.history.file_of(file.content)).ok(),
            false => None,
        };
        let kind = bytes
            .as_deref()
            .and_then(|bytes| match sniff::sniff(bytes) {
                sniff::Found::Image(kind) if picture::can_be_shown(kind, bytes) => Some(kind),
                _ => None,
            });
        let Some((bytes, kind)) = bytes.zip(kind) else {
            writeln!(out, "<p class=\"meta\" dir=\"auto\">{told}</p>")?;
            return Ok(!is_picture);
        };
        write!(
            out,
            "<figure><img alt=\"{}\" src=\"data:{};base64,",
            escape(&file.name),
            kind.media_type()
        )?;
        let mut encoder = EncoderWriter::new(&mut *out, &STANDARD);
        encoder.write_all(&bytes)?;
        encoder.finish()?;
        drop(encoder);
        writeln!(
            out,
            "\"><figcaption class=\"meta\" dir=\"auto\">{told}</figcaption></figure>"
        )?;
        Ok(true)
    }
}

/// `Attached: q3-report.pdf, 2.4 MB`.
fn told(file: &WholeFile) -> String {
    let name = crate::import::title(&file.name);
    format!("Attached: {name}, {}", amount(file.size))
}

fn blocks(text: &str, out: &mut impl Write) -> io::Result<()> {
    for block in markdown::render(text) {
        writeln!(out, "{block}")?;
    }
    Ok(())
}

fn day(ms: i64) -> String {
    let format = format_description!("[year]-[month]-[day]");
    let at = OffsetDateTime::from_unix_timestamp(ms / 1000).ok();
    at.and_then(|at| at.format(format).ok()).unwrap_or_default()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// As itself in a heading of Markdown.
fn plain(text: &str) -> String {
    let special = |c: char| {
        matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '$' | '~' | '!'
        )
    };
    text.chars()
        .flat_map(|c| special(c).then_some('\\').into_iter().chain([c]))
        .collect()
}
