//! The examples of the CommonMark and GFM specifications, held against our output by what a reader
//! sees: words, structure, addresses. The examples are not ours to copy: cargo fetches the
//! published packages that carry them (`tests/spec/Cargo.toml`).
//!
//! `tests/spec/deviations.txt` lists every example that ends otherwise, with its reason. The list is
//! exact: an example that newly deviates fails, and so does one that no longer does.

use crate::{checker, dom, streamed};
use dom_query::{Document, NodeRef};
use markdown::render;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

struct Example {
    source: String,
    html: String,
}

/// Where the sources of the packages are that carry the examples; fetches them if need be.
fn package(name: &str) -> PathBuf {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/spec/Cargo.toml");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let asked = Command::new(cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--manifest-path",
            manifest,
        ])
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&asked.stderr);
    assert!(
        asked.status.success(),
        "The published packages with the examples can't be fetched: {said}"
    );
    let metadata: serde_json::Value = serde_json::from_slice(&asked.stdout).expect("metadata");
    let packages = metadata["packages"].as_array().expect("packages");
    let found = packages.iter().find(|p| p["name"] == name);
    let manifest = found.and_then(|p| p["manifest_path"].as_str()).expect(name);
    Path::new(manifest).parent().expect(name).to_owned()
}

/// CommonMark 0.31.2, as pulldown-cmark's own tests have it.
fn common_mark() -> Vec<Example> {
    let file = package("pulldown-cmark").join("tests/suite/spec.rs");
    let file = std::fs::read_to_string(file).expect("the examples");
    let mut texts = file.split("r##\"").skip(1).map(|rest| {
        let (text, _) = rest.split_once("\"##").expect("an end");
        text.to_owned()
    });
    let mut examples = Vec::new();
    while let (Some(source), Some(html)) = (texts.next(), texts.next()) {
        examples.push(Example { source, html });
    }
    assert_eq!(examples.len(), 652, "all of CommonMark 0.31.2");
    examples
}

/// GFM 0.29, as cmark-gfm has it.
fn gfm() -> Vec<Example> {
    let file = package("cmark-gfm-sys").join("cmark-gfm/test/spec.txt");
    let file = std::fs::read_to_string(file).expect("the examples");
    let fence = "`".repeat(32);
    let mut examples = Vec::new();
    let mut lines = file.lines();
    while let Some(line) = lines.next() {
        if !line.starts_with(&format!("{fence} example")) {
            continue;
        }
        let until = |end: &str, lines: &mut std::str::Lines<'_>| {
            let part = lines.take_while(|line| *line != end);
            part.map(|line| line.replace('→', "\t") + "\n")
                .collect::<String>()
        };
        let source = until(".", &mut lines);
        let html = until(&fence, &mut lines);
        examples.push(Example { source, html });
    }
    assert_eq!(examples.len(), 673, "all of GFM 0.29");
    examples
}

/// What a reader sees of a page: each element by what it means, each run of words.
fn seen(html: &str) -> Vec<String> {
    let page = Document::fragment(html);
    let mut seen = Vec::new();
    for child in page.root().children() {
        look(&child, false, &mut seen);
    }
    let mut joined: Vec<String> = Vec::new();
    for part in seen {
        match joined.last_mut() {
            Some(last) if !part.starts_with('<') && !last.starts_with('<') => last.push_str(&part),
            _ => joined.push(part),
        }
    }
    let words = |part: &String| {
        if part.starts_with('<') {
            return part.clone();
        }
        part.split(|c: char| c.is_ascii_whitespace())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    joined
        .iter()
        .map(words)
        .filter(|part| !part.is_empty())
        .collect()
}

fn look(node: &NodeRef<'_>, exact: bool, seen: &mut Vec<String>) {
    if node.is_text() {
        let text = node.text().to_string();
        // Words never look like a mark of ours; where lines break matters in code alone.
        let text = text.replace('<', "‹");
        seen.push(if exact {
            text.replace('\n', "⏎").replace(' ', "·")
        } else {
            text
        });
        return;
    }
    let name = node.node_name().unwrap_or_default().to_string();
    let class = node.attr("class").unwrap_or_default().to_string();
    let inner = |seen: &mut Vec<String>, exact| {
        for child in node.children() {
            look(&child, exact, seen);
        }
    };
    match (&*name, &*class) {
        ("html" | "body", _) => inner(seen, exact),
        ("div", "code-head") | ("button", _) => {}
        ("div" | "thead" | "tbody", _) => inner(seen, exact),
        ("code", _) if exact => inner(seen, true),
        ("span", class) if class.starts_with("tok-") => inner(seen, exact),
        ("span", "hidden-char") => seen.push(node.attr("title").unwrap_or_default().to_string()),
        ("span", "box") => seen.push(task(node.attr("aria-checked").as_deref() == Some("true"))),
        ("input", _) => seen.push(task(node.has_attr("checked"))),
        ("a", _) => {
            let address = node.attr("data-href").or_else(|| node.attr("href"));
            let address = address.unwrap_or_default().to_string();
            match url::Url::parse(&address) {
                Ok(url) if ["https", "http", "mailto"].contains(&url.scheme()) => {
                    seen.push(format!("<a {url}>"));
                    inner(seen, exact);
                    seen.push("</a>".to_owned());
                }
                _ => refused(seen, &inner, &address),
            }
        }
        ("span", "link-off") => {
            seen.push("<off>".to_owned());
            inner(seen, exact);
            seen.push("</off>".to_owned());
        }
        ("img", _) => {
            seen.push("<image>".to_owned());
            seen.push(node.attr("alt").unwrap_or_default().to_string());
            let source = node.attr("src").unwrap_or_default();
            if let Ok(url) = url::Url::parse(&source)
                && let Some(host) = url.host_str()
            {
                seen.push(format!(" <a {url}>"));
                seen.push(host.to_owned());
                seen.push("</a>".to_owned());
            }
            seen.push("</image>".to_owned());
        }
        ("span", "image") => {
            seen.push("<image>".to_owned());
            inner(seen, exact);
            seen.push("</image>".to_owned());
        }
        ("th" | "td", _) => {
            let align = node.attr("align").map(|a| a.to_string()).unwrap_or(class);
            seen.push(format!("<{name} {align}>"));
            inner(seen, exact);
            seen.push(format!("</{name}>"));
        }
        ("ol", _) => {
            let start = node.attr("start").unwrap_or_default();
            seen.push(format!("<ol {start}>"));
            inner(seen, exact);
            seen.push("</ol>".to_owned());
        }
        _ => {
            seen.push(format!("<{name}>"));
            inner(seen, exact || name == "pre");
            seen.push(format!("</{name}>"));
        }
    }
}

fn task(done: bool) -> String {
    format!("[{}] ", if done { "x" } else { " " })
}

/// An address that is only shown, as our profile has it.
fn refused(seen: &mut Vec<String>, inner: &dyn Fn(&mut Vec<String>, bool), address: &str) {
    seen.push("<off>".to_owned());
    inner(seen, false);
    seen.push("</off>".to_owned());
    if !address.is_empty() {
        seen.push(format!(" ({address})"));
    }
}

/// The specification writes spaces and letters of other scripts in addresses as per cents.
fn plain(parts: &[String]) -> String {
    let text = parts.join("");
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let code = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The examples that end otherwise than the specification says.
fn deviating(examples: &[Example]) -> BTreeMap<usize, String> {
    let mut found = BTreeMap::new();
    for (at, example) in examples.iter().enumerate() {
        let blocks = render(&example.source);
        blocks.iter().for_each(|block| {
            checker::check(block);
            dom::check(block);
        });
        let each = example.source.char_indices();
        let each = each.map(|(at, c)| &example.source[at..at + c.len_utf8()]);
        assert_eq!(streamed(each), blocks, "streamed: {:?}", example.source);
        let (ours, theirs) = (
            plain(&seen(&blocks.join("\n"))),
            plain(&seen(&example.html)),
        );
        if ours != theirs {
            found.insert(
                at + 1,
                format!("{:?}\n  ours   {ours}\n  theirs {theirs}", example.source),
            );
        }
    }
    found
}

/// The list of deviations of a specification: example and the name of its reason.
fn listed(name: &str) -> BTreeMap<usize, &'static str> {
    let list = include_str!("../spec/deviations.txt");
    let reasons: Vec<&str> = list
        .lines()
        .filter_map(|line| line.strip_prefix("reason "))
        .filter_map(|line| line.split(':').next())
        .collect();
    let mut examples = BTreeMap::new();
    for line in list.lines().filter_map(|line| line.strip_prefix(name)) {
        let (reason, numbers) = line
            .trim_start()
            .split_once(' ')
            .expect("a reason and numbers");
        assert!(reasons.contains(&reason), "{reason:?} is not explained");
        for number in numbers.split_whitespace() {
            examples.insert(number.parse().expect("a number"), reason);
        }
    }
    examples
}

fn hold(name: &str, examples: &[Example]) {
    let (found, listed) = (deviating(examples), listed(name));
    let unlisted: Vec<_> = found
        .iter()
        .filter(|(number, _)| !listed.contains_key(number))
        .map(|(number, how)| format!("{number}: {how}"))
        .collect();
    let mended: Vec<_> = listed
        .keys()
        .filter(|number| !found.contains_key(number))
        .collect();
    assert!(
        unlisted.is_empty() && mended.is_empty(),
        "{} of {} as specified.\nDeviate without a reason:\n{}\nDo not deviate any more: {mended:?}",
        examples.len() - found.len(),
        examples.len(),
        unlisted.join("\n")
    );
}

#[test]
fn w19_common_mark_0_31_2_ends_as_specified_but_for_the_listed_examples() {
    hold("commonmark", &common_mark());
}

#[test]
fn w19_gfm_0_29_ends_as_specified_but_for_the_listed_examples() {
    hold("gfm", &gfm());
}
