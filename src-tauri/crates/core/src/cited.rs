//! The sources of an answer: the list of them, and the marks at what rests on them.

use crate::{
    links,
    wire::{Citation, Link},
};
use markdown::Cited;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use url::Url;

/// Most sources that are listed.
const CITATIONS_MAX: usize = 100;
/// Most places that are marked.
const MARKS_MAX: usize = 300;
/// Longest title and excerpt of a source, in characters.
const TITLE_MAX: usize = 200;
const EXCERPT_MAX: usize = 400;

/// The web pages among an answer's annotations (OpenRouter docs, "Web Search": `url_citation`).
pub(crate) fn citations(annotations: Option<&str>) -> Vec<Citation> {
    listed(&pages(annotations))
}

fn listed(pages: &[(Value, Link)]) -> Vec<Citation> {
    let mut known = HashSet::new();
    let mut found = Vec::new();
    for (source, link) in pages {
        if found.len() == CITATIONS_MAX || !known.insert(&link.url) {
            continue;
        }
        let text = |value: &Value, max| links::clean(value.as_str().unwrap_or_default(), max);
        let title = text(&source["title"], TITLE_MAX);
        found.push(Citation {
            number: u32::try_from(found.len() + 1).unwrap_or(u32::MAX),
            title: if title.is_empty() {
                link.host.clone()
            } else {
                title
            },
            url: link.url.clone(),
            excerpt: text(&source["content"], EXCERPT_MAX),
        });
    }
    found
}

/// The blocks of an answer's text with marks of the sources that no link in it leads to, where their annotations say;
/// none if there is nothing to mark.
pub(crate) fn marked(text: &str, annotations: Option<&str>) -> Option<Vec<String>> {
    let pages = pages(annotations);
    let numbers: HashMap<String, u32> = listed(&pages)
        .into_iter()
        .map(|citation| (citation.url, citation.number))
        .collect();
    let places = pages.into_iter().filter_map(|(source, link)| {
        let (_, end) = range(&source)?;
        Some((end, *numbers.get(&link.url)?, link.url))
    });
    let mut places: Vec<(u32, u32, String)> = places.collect();
    if places.is_empty() {
        return None;
    }
    let linked = linked(&markdown::render(text));
    places.retain(|(_, _, url)| page(url).is_none_or(|page| !linked.contains(&page)));
    places.sort_unstable();
    places.truncate(MARKS_MAX);
    // The service counts characters; one walk finds them all.
    let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let mut reached = None;
    let mut cited = Vec::new();
    for (end, number, _) in places {
        let ahead = match reached {
            Some((before, at)) if before == end => Some(at),
            Some((before, _)) => ends.nth((end - before - 1) as usize),
            None => ends.nth(end as usize),
        };
        let Some(at) = ahead else { break };
        reached = Some((end, at));
        cited.push(Cited { at, number });
    }
    (!cited.is_empty()).then(|| markdown::render_cited(text, &cited))
}

/// The places of sources in what goes on with an answer, counted from the beginning of the whole: the service counts
/// from where it went on, `by` characters later.
pub(crate) fn moved(mut annotation: Value, by: u64) -> Value {
    for name in ["start_index", "end_index"] {
        if let Some(at) = annotation["url_citation"][name].as_u64() {
            annotation["url_citation"][name] = at.saturating_add(by).into();
        }
    }
    annotation
}

fn pages(annotations: Option<&str>) -> Vec<(Value, Link)> {
    let list: Vec<Value> = annotations
        // A cheap look first: what was read in a file may be long, and is none of it.
        .filter(|json| json.contains("\"url_citation\""))
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default();
    list.into_iter()
        .filter_map(|mut annotation| {
            let source = annotation.get_mut("url_citation")?.take();
            let (_, link) = links::inspect(source["url"].as_str()?).ok()?;
            Some((source, link))
        })
        .collect()
}

/// From the first character to behind the last. An empty one says that the service does not know.
fn range(source: &Value) -> Option<(u32, u32)> {
    let place = |value: &Value| value.as_u64().and_then(|at| u32::try_from(at).ok());
    place(&source["start_index"])
        .zip(place(&source["end_index"]))
        .filter(|(from, to)| from < to)
}

/// The pages that links in these blocks lead to.
fn linked(blocks: &[String]) -> HashSet<String> {
    let addresses = blocks.iter().flat_map(|html| {
        let behind = html.split("data-href=\"").skip(1);
        behind.filter_map(|rest| rest.split_once('"'))
    });
    addresses
        .filter_map(|(address, _)| page(&address.replace("&amp;", "&")))
        .collect()
}

/// One address for what leads to the same page, as the window compares them.
fn page(address: &str) -> Option<String> {
    let mut url = Url::parse(address).ok()?;
    url.set_fragment(None);
    let path = url.path();
    let path = path.strip_suffix('/').unwrap_or(path);
    let origin = url.origin().ascii_serialization();
    Some(format!(
        "{origin}{path}?{}",
        url.query().unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cite(url: &str, from: u64, to: u64) -> Value {
        json!({"type": "url_citation", "url_citation": {
            "url": url, "title": "T", "start_index": from, "end_index": to,
        }})
    }

    /// The blocks with each mark as `{number}`.
    fn shown(text: &str, annotations: &Value) -> Option<String> {
        let html = marked(text, Some(&annotations.to_string()))?.concat();
        let mut shown = html.clone();
        for number in 1..10 {
            let mark = format!(
                "<span class=\"cite\" role=\"link\" tabindex=\"0\" aria-label=\"Source {number}\" data-cite=\"{number}\"></span>"
            );
            shown = shown.replace(&mark, &format!("{{{number}}}"));
        }
        Some(shown)
    }

    #[test]
    fn a_source_without_a_link_is_marked_at_every_place_that_rests_on_it() {
        let (a, b) = ("https://a.example/x", "https://b.example/");
        let annotations = json!([cite(a, 0, 4), cite(b, 5, 9), cite(a, 5, 9), cite(a, 5, 9)]);
        // Characters are counted, not bytes.
        assert_eq!(
            shown("\u{dc}\u{1f30a}e. Two.", &annotations).as_deref(),
            Some("<p>\u{dc}\u{1f30a}e.{1} Two.{1}{2}</p>")
        );
    }

    #[test]
    fn a_source_that_a_link_leads_to_has_its_number_there_and_no_mark() {
        let text = "One ([a](https://a.example/x/?q=1&r=2#part)). Two.";
        let a = cite("https://a.example/x?q=1&r=2", 0, 3);
        assert_eq!(shown(text, &json!([a])), None);
        let both = shown(text, &json!([a, cite("https://b.example/", 0, 3)])).unwrap();
        assert!(both.starts_with("<p>One{2} ("), "{both}");
    }

    #[test]
    fn odd_places_and_odd_annotations_leave_the_words_alone() {
        let url = "https://a.example/";
        let text = "Nine letters.";
        for odd in [
            json!([cite(url, 0, 0), cite(url, 5, 5), cite(url, 9, 2)]),
            json!([
                cite(url, 0, 14),
                cite(url, 0, u64::from(u32::MAX)),
                cite(url, 0, u64::MAX)
            ]),
            json!([cite("javascript:alert(1)", 0, 4), cite("", 0, 4)]),
            json!([{"url_citation": {"url": url, "start_index": -1, "end_index": 4}}]),
            json!([{"url_citation": {"url": url, "start_index": 0.5, "end_index": "4"}}]),
            json!([{"url_citation": url}, {"url_citation": null}, null, 7, [[]], "url_citation"]),
            json!({"url_citation": {}}),
        ] {
            assert_eq!(shown(text, &odd), None, "{odd}");
        }
        assert_eq!(marked(text, Some("[{")), None);
        assert_eq!(marked(text, None), None);
        let end = shown(text, &json!([cite(url, 0, 13)])).unwrap();
        assert_eq!(end, "<p>Nine letters.{1}</p>");
    }

    #[test]
    fn more_places_than_anyone_reads_are_not_all_marked() {
        let text = "a ".repeat(5_000);
        let places: Vec<_> = (1..5_000)
            .map(|n| cite("https://a.example/", 0, 2 * n))
            .collect();
        let html = marked(&text, Some(&json!(places).to_string()))
            .unwrap()
            .concat();
        assert_eq!(html.matches("data-cite").count(), MARKS_MAX);
    }

    #[test]
    fn what_goes_on_counts_from_the_beginning_of_the_whole() {
        let url = "https://a.example/";
        assert_eq!(moved(cite(url, 2, 5), 10), cite(url, 12, 15));
        assert_eq!(moved(cite(url, 0, u64::MAX), 10), cite(url, 10, u64::MAX));
        for odd in [
            json!(null),
            json!("url_citation"),
            json!({"file": {}}),
            json!({"url_citation": [1]}),
        ] {
            assert_eq!(moved(odd.clone(), 10), odd);
        }
    }
}
