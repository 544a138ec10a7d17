//! XML, event by event. Documents of many makers are read, not judged.

use super::Wordless;
use quick_xml::{
    Reader, XmlVersion,
    events::{BytesRef, BytesStart, Event},
};
use std::io::BufRead;

/// Elements within elements.
const DEPTH_MAX: usize = 10_000;

/// What is met in a document; elements by their local names.
pub(super) enum Seen<'a> {
    Open(&'a str, &'a BytesStart<'a>),
    Close(&'a str),
    Words(&'a str),
}

/// Goes through a document but what is in elements of these names.
pub(super) fn each(
    source: &mut dyn BufRead,
    skipped: &[&str],
    mut see: impl FnMut(Seen<'_>) -> Result<(), Wordless>,
) -> Result<(), Wordless> {
    let mut reader = Reader::from_reader(source);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    config.expand_empty_elements = true;
    let (mut depth, mut hidden) = (0_usize, None);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        match event.map_err(|_| Wordless::Broken)? {
            Event::Eof => return Ok(()),
            Event::Start(start) => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return Err(Wordless::TooLarge);
                }
                let name = start.local_name();
                if hidden.is_none() && skipped.contains(&name.as_ref()) {
                    hidden = Some(depth);
                } else if hidden.is_none() {
                    see(Seen::Open(name.as_ref(), &start))?;
                }
            }
            Event::End(end) => {
                if hidden.is_none() {
                    see(Seen::Close(end.local_name().as_ref()))?;
                } else if hidden == Some(depth) {
                    hidden = None;
                }
                depth = depth.saturating_sub(1);
            }
            Event::Text(text) if hidden.is_none() => see(Seen::Words(&text.xml10_content()))?,
            Event::CData(data) if hidden.is_none() => see(Seen::Words(&data))?,
            Event::GeneralRef(entity) if hidden.is_none() => see(Seen::Words(&character(&entity)))?,
            _ => {}
        }
    }
}

/// A character that is written as an entity. Those that a document defines itself are left out: a few of them can stand
/// for gigabytes.
fn character(entity: &BytesRef<'_>) -> String {
    if let Ok(Some(c)) = entity.resolve_char_ref() {
        return c.to_string();
    }
    match &**entity {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
    .to_owned()
}

/// The value of an attribute, by its local name.
pub(super) fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    find(start, |key, _| key == name)
}

/// The link to another part: an `id` with a prefix, beside which there may be one without.
pub(super) fn reference(start: &BytesStart<'_>) -> Option<String> {
    find(start, |key, prefixed| key == "id" && prefixed)
}

fn find(start: &BytesStart<'_>, wanted: impl Fn(&str, bool) -> bool) -> Option<String> {
    let mut attributes = start.attributes();
    // The check for doubles looks at all of them for each.
    let mut found = attributes.with_checks(false).flatten();
    let found =
        found.find(|one| wanted(one.key.local_name().as_ref(), one.key.prefix().is_some()))?;
    let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(value.into_owned())
}
