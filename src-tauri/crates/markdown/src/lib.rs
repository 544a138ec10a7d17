//! A growing text in, safe HTML blocks out.
//!
//! A model's answer is hostile text that arrives a few characters at a time. This crate turns it
//! into HTML that can do nothing but be read, and never works through text it has already dealt
//! with. It reads no file, opens no socket, knows no clock.
//!
//! # Shape
//!
//! A document is a list of *sealed* blocks, which never change again, and one open *tail*.
//! [`Stream::push`] answers with the [`Op`]s that bring a copy of the document up to date;
//! [`render`] is the same stream fed at once, so both always agree. Only the tail is parsed again
//! when text arrives, and the tail is bounded, so a token costs the same at any length.
//!
//! # Profile
//!
//! CommonMark with tables, task lists, strikethrough, footnotes, bare links and math, except:
//!
//! * HTML is text. Tags show as they were written, and Markdown between them still works.
//! * Link reference definitions are shown as text and define nothing: they usually follow the text
//!   that uses them, and sealed text cannot change. Footnotes keep working, numbered in the order
//!   of first appearance; their labels have 1–64 letters, digits, `-`, `_` or `.`.
//! * A list, table or quote longer than 2 KiB goes on in a further block of class `more`: ordered
//!   lists continue their numbers, tables repeat their header row, and whether items are spaced is
//!   decided for each piece. Any other block, and any line outside a code block, is cut after
//!   8 KiB. A code block at top level has no bound.
//! * Containers and emphasis nested deeper than 24 are flattened.
//! * Lines of code over 1 KiB, and what follows 256 KiB of code, are not coloured.
//!
//! # Elements
//!
//! Nothing but these elements and attributes is ever written; no `id`, `name`, `href`, `src` or
//! `style`, and no value from the text except in `data-href`.
//!
//! | Markdown | HTML |
//! | --- | --- |
//! | paragraph | `<p>` |
//! | headings | `<h1>` … `<h6>` |
//! | quote | `<blockquote>`, or `<blockquote class="more">` |
//! | lists | `<ul>`, `<ol>`, `<ol start="7">`, each may have `class="more"`; `<li>` |
//! | task | `<li class="task"><span class="box" role="checkbox" aria-checked="true" aria-disabled="true"></span>` |
//! | rule, line break | `<hr>`, `<br>` |
//! | emphasis | `<em>`, `<strong>`, `<del>` |
//! | table | `<div class="table"><table><thead><tr><th>…<tbody><tr><td>`; `th`, `td` may have the class `left`, `center` or `right`; the `div` may be `table more` |
//! | inline code | `<code>` |
//! | code block | `<div class="code"><div class="code-head"><span class="code-lang">sql</span><button type="button" class="code-copy" data-copy>Copy</button></div><pre tabindex="0"><code>…</code></pre></div>` |
//! | inside code | `<span class="tok-…">`: `keyword`, `string`, `comment`, `number`, `constant`, `function`, `type`, `variable`, `tag`, `attribute`, `heading`, `inserted`, `deleted` |
//! | math | `<code class="math">` in a line, `<code class="math display">` for a formula of its own: the source |
//! | link | `<a class="link" role="link" tabindex="0" data-href="https://…">` |
//! | refused link | `<span class="link-off">text</span> (target)` |
//! | image | `<span class="image">alternative text <a class="link" …>host</a></span>`; never loaded |
//! | footnote mark | `<sup class="note-ref" data-note="1">1</sup>` |
//! | footnote | `<div class="note" data-note="1"><span class="note-number">1</span>…</div>` |
//! | hidden character | `<span class="hidden-char" title="U+202E"></span>`: empty, so that copied code leaves it out; show it with `::before { content: attr(title) }` |
//!
//! Control characters show as their symbols (`␛`). In code all bidirectional controls, zero-width,
//! tag and variation characters are hidden characters; in prose only those that reorder text or
//! carry an invisible message.
#![forbid(unsafe_code)]

mod blocks;
mod code;
mod escape;
mod link;
mod source;
mod stream;
mod writer;

pub use stream::{Op, Stream};

/// Renders a whole text: its top-level blocks as HTML, as a [`Stream`] would seal them.
pub fn render(text: &str) -> Vec<String> {
    stream::render(text)
}

/// The text without markup, on one line, for titles and previews: at most 400 characters, taken
/// from the first 4 KiB. Control and bidirectional characters are left out.
pub fn plain(text: &str) -> String {
    writer::plain(text)
}
