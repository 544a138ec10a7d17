//! Marks of sources at places of the text.
//!
//! A place is one of the Markdown, and a mark stands in the HTML. What lies between is settled by
//! letting the text grow to the place: what is seen then, of the open tail, is how the block
//! begins that the mark goes into. Signs of Markdown that are still open there are passed over.

use crate::stream::Stream;

/// A source that a place of the text rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cited {
    /// Behind so many bytes of the text.
    pub at: usize,
    /// The number of the source.
    pub number: u32,
}

/// Elements that a mark does not stand in but after.
const WHOLE: [&str; 5] = ["a", "code", "math", "span", "sup"];
/// What is shown and is no text: how it begins and ends. The last is so in the further pieces of a
/// table, which repeat its head.
const ASIDE: [(&str, &str); 3] = [
    ("<button", "</button>"),
    ("<div class=\"code-head\">", "</div>"),
    ("<thead>", "</thead>"),
];
const MORE_TABLE: &str = "<div class=\"table more\">";
const CODE: &str = "<div class=\"code\">";

pub(crate) fn render(text: &str, cited: &[Cited]) -> Vec<String> {
    let mut cited: Vec<Cited> = cited
        .iter()
        .copied()
        .filter(|one| text.is_char_boundary(one.at))
        .collect();
    cited.sort_unstable();
    cited.dedup();
    let end = text.trim_end().len();
    let mut stream = Stream::new();
    let mut fed = 0;
    let mut shown = Vec::new();
    for one in &cited {
        if one.at > fed {
            stream.push(&text[fed..one.at]);
            fed = one.at;
        }
        let (sealed, tail) = stream.blocks();
        // Code may be long, and no mark goes into it.
        let tail = (!tail.starts_with(CODE)).then(|| tail.to_owned());
        shown.push((one, sealed.len(), tail));
    }
    stream.push(&text[fed..]);
    stream.finish();
    let mut blocks = stream.blocks().0.to_vec();
    let mut marks: Vec<(usize, usize, u32)> = Vec::new();
    for (one, sealed, tail) in shown {
        let Some(tail) = tail else { continue };
        let found = if one.at >= end {
            last(&blocks)
        } else if Units::of(&tail).next().is_none() {
            last(&blocks[..sealed.min(blocks.len())])
        } else {
            follow(&tail, &blocks, sealed)
        };
        let place = found.and_then(|(block, at)| Some((block, place(&blocks[block], at)?)));
        if let Some((block, at)) = place {
            marks.push((block, at, one.number));
        }
    }
    // From the end, so that no mark moves the place of another; and those of one place in order.
    marks.sort_unstable();
    marks.dedup();
    for (block, at, number) in marks.into_iter().rev() {
        let mark = format!(
            "<span class=\"cite\" role=\"link\" tabindex=\"0\" aria-label=\"Source {number}\" data-cite=\"{number}\"></span>"
        );
        blocks[block].insert_str(at, &mark);
    }
    blocks
}

/// Where the last thing seen of these blocks ends: the block, and the byte in it.
fn last(blocks: &[String]) -> Option<(usize, usize)> {
    let html = blocks.last().filter(|html| !html.starts_with(CODE))?;
    let (_, end) = Units::of(html).last()?;
    Some((blocks.len() - 1, end))
}

/// Where that ends in the blocks from `block` on which is seen of the tail.
fn follow(tail: &str, blocks: &[String], mut block: usize) -> Option<(usize, usize)> {
    let mut units = Units::of(blocks.get(block)?);
    let mut next = None;
    let mut found = None;
    for (wanted, _) in Units::of(tail) {
        while next.is_none() {
            next = units.next();
            if next.is_none() {
                block += 1;
                let Some(html) = blocks.get(block) else { break };
                units = Units::of(html);
            }
        }
        match next {
            Some((unit, end)) if unit == wanted => {
                found = Some((block, end));
                next = None;
            }
            // A sign that meant something once the text went on.
            _ if wanted.starts_with(|c: char| c.is_ascii_punctuation()) => {}
            _ => return None,
        }
    }
    found
}

/// Where after this byte of a block a mark may stand; nowhere in a block of code.
fn place(html: &str, at: usize) -> Option<usize> {
    // The names of the elements that the place is in.
    let mut open: Vec<&str> = Vec::new();
    let mut from = 0;
    loop {
        let start = html[from..].find('<').map(|start| from + start);
        let there = start.is_none_or(|start| start >= at);
        if there && open.contains(&"pre") {
            return None;
        }
        if there && !open.iter().any(|name| WHOLE.contains(name)) {
            return Some(at.max(from));
        }
        let start = start?;
        let end = start + html[start..].find('>')? + 1;
        let name = html[start + 1..end - 1].split(' ').next()?;
        match name {
            "br" | "hr" => {}
            _ if name.starts_with('/') => {
                open.pop();
            }
            _ => open.push(name),
        }
        from = end;
    }
}

/// What is seen of a block but for white space: characters as they are spelled, and where each ends.
struct Units<'a> {
    html: &'a str,
    at: usize,
    aside: &'static [(&'static str, &'static str)],
}

impl<'a> Units<'a> {
    fn of(html: &'a str) -> Self {
        let repeats = html.starts_with(MORE_TABLE);
        Self {
            html,
            at: 0,
            aside: &ASIDE[..if repeats { 3 } else { 2 }],
        }
    }
}

impl<'a> Iterator for Units<'a> {
    type Item = (&'a str, usize);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = &self.html[self.at..];
            let first = rest.chars().next()?;
            let aside = self.aside.iter().find(|(tag, _)| rest.starts_with(tag));
            let to = |end: &str| rest.find(end).map_or(rest.len(), |at| at + end.len());
            let length = match (first, aside) {
                ('<', Some((_, end))) => to(end),
                ('<', None) => to(">"),
                ('&', _) => to(";"),
                _ => first.len_utf8(),
            };
            self.at += length;
            if first != '<' && !first.is_whitespace() {
                return Some((&rest[..length], self.at));
            }
        }
    }
}
