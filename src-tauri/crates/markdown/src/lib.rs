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
//! CommonMark with tables, task lists, strikethrough, footnotes, bare links and math. Formulas are
//! `$x$`, `\\(x\\)`, `$$x$$` and `\\[x\\]`, and become MathML. Except that:
//!
//! * HTML is text. Tags show as they were written, and Markdown between them still works.
//! * Link reference definitions are shown as text and define nothing: they usually follow the text
//!   that uses them, and sealed text cannot change. For the same reason a footnote stands where it
//!   is written, a mark is one whether or not its footnote follows, and both are numbered in the
//!   order of first appearance. Labels have 1–64 letters, digits, `-`, `_` or `.`.
//! * A dollar that is no formula's is a dollar: a formula in a line touches both its dollars, no
//!   word or number touches them from outside, and it is no price followed by words. It ends in its
//!   line. One of several lines begins its line and ends before the next empty one.
//! * A formula of over 4 KiB, nested deeper than 24, with definitions, hidden characters or
//!   anything we have no element for stays LaTeX. Colours in formulas are left out.
//! * `www.` gets `https`.
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
//! | task | `<li class="task"><span class="box" role="checkbox" aria-checked="true" aria-disabled="true" aria-label="Task"></span>` |
//! | rule, line break | `<hr>`, `<br>` |
//! | emphasis | `<em>`, `<strong>`, `<del>` |
//! | table | `<div class="table"><button type="button" class="table-copy" data-csv>Copy CSV</button><div class="wide" tabindex="0"><table><thead><tr><th>…<tbody><tr><td>`; `th`, `td` may have the class `left`, `center` or `right`; the `div` may be `table more`, without a button |
//! | inline code | `<code>` |
//! | code block | `<div class="code"><div class="code-head"><span class="code-lang">sql</span><button type="button" class="code-copy" data-copy>Copy</button></div><pre tabindex="0"><code>…</code></pre></div>` |
//! | inside code | `<span class="tok-…">`: `keyword`, `string`, `comment`, `number`, `constant`, `function`, `type`, `variable`, `tag`, `attribute`, `heading`, `inserted`, `deleted` |
//! | formula | `<math>`, or for one of its own `<span class="math" tabindex="0"><math display="block">`; inside, elements of MathML Core as `math/writer.rs` spells them out |
//! | formula that stays LaTeX | `<code class="math">`, `<code class="math display">` |
//! | link | `<a class="link" role="link" tabindex="0" data-href="https://…">` |
//! | refused link | `<span class="link-off">text</span> (target)` |
//! | image | `<span class="image">alternative text <a class="link" …>host</a></span>`; never loaded |
//! | footnote mark | `<sup class="note-ref" role="link" tabindex="0" aria-label="Footnote 1" data-note="1">1</sup>`; in a link `<sup class="note-ref">1</sup>` |
//! | footnote | `<div class="note" role="note" tabindex="-1" data-note="1"><span class="note-number" role="link" tabindex="0" aria-label="Back to footnote 1" data-back="1">1</span>…</div>` |
//! | source's mark | `<span class="cite" role="link" tabindex="0" aria-label="Source 1" data-cite="1"></span>`: empty, so that it is not copied; show it with `::after { content: attr(data-cite) }` |
//! | hidden character | `<span class="hidden-char" title="U+202E"></span>`: empty, so that copied code leaves it out; show it with `::before { content: attr(title) }` |
//!
//! Control characters show as their symbols (`␛`). Of more than eight marks on a letter one sign is
//! left. In code all bidirectional controls, zero-width,
//! tag and variation characters are hidden characters; in prose only those that reorder text or
//! carry an invisible message.
#![forbid(unsafe_code)]

mod blocks;
mod cite;
mod code;
mod escape;
mod formulas;
mod link;
mod math;
mod parts;
mod source;
mod stream;
mod writer;

pub use cite::Cited;
pub use parts::CodeText;
pub use stream::{Op, Stream};

/// Renders a whole text: its top-level blocks as HTML, as a [`Stream`] would seal them.
pub fn render(text: &str) -> Vec<String> {
    stream::render(text)
}

/// The same with marks of sources. A mark is an empty element and nothing else changes: it stands
/// where the text has come to its place, or after the link, the formula or the code in a line that
/// the place is in. One whose place is in no text, or cannot be told, is left out.
pub fn render_cited(text: &str, cited: &[Cited]) -> Vec<String> {
    cite::render(text, cited)
}

/// Makes ready what the first blocks of code would have to wait for: the syntaxes, and the patterns of those languages
/// that answers are full of. Takes a few tenths of a second, the first time: for a thread of its own.
pub fn warm() {
    code::warm();
}

/// The text without markup, on one line, for titles and previews: at most 400 characters, taken
/// from the first 4 KiB. Control and bidirectional characters are left out.
pub fn plain(text: &str) -> String {
    writer::plain(text)
}

/// A table of the text, counted from 0 as the window shows them, as CSV of RFC 4180: what its cells
/// say, without markup. A cell stays as it is even if a spreadsheet would take it for a formula:
/// the numbers of a table may begin with a minus.
pub fn table_csv(text: &str, nth: usize) -> Option<String> {
    let tables = stream::parts(text).tables;
    Some(parts::csv(tables.get(nth)?))
}

/// A block of code of the text, counted from 0 as the window shows them, fit to be pasted.
pub fn code_text(text: &str, nth: usize) -> Option<CodeText> {
    let codes = stream::parts(text).codes;
    Some(parts::clean(codes.get(nth)?))
}
