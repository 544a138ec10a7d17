//! Marks of sources: where they stand, and that nothing else changes.

use crate::{chunks::fragment, dom};
use markdown::{Cited, render, render_cited};
use proptest::prelude::*;

/// The blocks with each mark as `{number}`.
fn marked(text: &str, cited: &[Cited]) -> String {
    let html = render_cited(text, cited).concat();
    html.split("<span class=\"cite\"")
        .enumerate()
        .map(|(nth, piece)| match piece.split_once("data-cite=\"") {
            Some((_, rest)) if nth > 0 => {
                let (number, rest) = rest.split_once('"').expect("a number");
                let rest = rest.strip_prefix("></span>").expect("an empty element");
                format!("{{{number}}}{rest}")
            }
            _ => piece.to_owned(),
        })
        .collect()
}

/// The text has a `^` at each place; they are numbered in their order.
fn at_carets(text: &str) -> String {
    let mut plain = String::new();
    let mut cited = Vec::new();
    for piece in text.split('^') {
        if !cited.is_empty() || !plain.is_empty() || text.starts_with('^') {
            let number = u32::try_from(cited.len()).expect("few") + 1;
            let at = plain.len();
            cited.push(Cited { at, number });
        }
        plain.push_str(piece);
    }
    marked(&plain, &cited)
}

#[test]
fn a_mark_stands_where_the_text_has_come_to_its_place() {
    for (text, html) in [
        ("One^ two.^", "<p>One{1} two.{2}</p>"),
        ("One.^\n\nTwo^.", "<p>One.{1}</p><p>Two{2}.</p>"),
        ("One.\n\n^Two.\n^", "<p>One.{1}</p><p>Two.{2}</p>"),
        (
            "**One^ two**^ three",
            "<p><strong>One{1} two{2}</strong> three</p>",
        ),
        (
            "**One** and *two*^.",
            "<p><strong>One</strong> and <em>two{1}</em>.</p>",
        ),
        ("a & b^ <c>^ d", "<p>a &amp; b{1} &lt;c&gt;{2} d</p>"),
        (
            "\u{1f30a} tide^ \u{1f30a}",
            "<p>\u{1f30a} tide{1} \u{1f30a}</p>",
        ),
        (
            "- one^\n- two^\n",
            "<ul><li>one{1}</li><li>two{2}</li></ul>",
        ),
        (
            "# Head^\n\n> said^",
            "<h1>Head{1}</h1><blockquote><p>said{2}</p></blockquote>",
        ),
    ] {
        let squeezed = at_carets(text).replace('\n', "");
        assert_eq!(squeezed, html, "{text:?}");
    }
}

#[test]
fn what_is_to_stay_whole_has_its_mark_after_it() {
    let link = "<a class=\"link\" role=\"link\" tabindex=\"0\" data-href=\"https://a.example/\">";
    for (text, html) in [
        ("`a^b` c", "<p><code>ab</code>{1} c</p>".to_owned()),
        (
            "[pa^ge](https://a.example/) c",
            format!("<p>{link}page</a>{{1}} c</p>"),
        ),
        ("$x^+y$ c", at_carets("$x+y$^ c")),
    ] {
        assert_eq!(at_carets(text), html, "{text:?}");
    }
}

#[test]
fn a_table_has_its_marks_in_its_cells_also_in_its_further_pieces() {
    let mut text = "| a | b |\n|---|---|\n".to_owned();
    let mut cited = Vec::new();
    for number in 1..=300 {
        text.push_str(&format!("| row {number} is here"));
        cited.push(Cited {
            at: text.len(),
            number,
        });
        text.push_str(" | x |\n");
    }
    let html = marked(&text, &cited);
    assert!(html.contains("table more"), "one piece alone");
    for number in 1..=300 {
        let cell = format!("<td>row {number} is here{{{number}}}</td>");
        assert!(html.contains(&cell), "row {number}");
    }
}

#[test]
fn a_place_in_no_text_has_no_mark() {
    for text in [
        "```\nco^de\n```\n",
        "```\ncode\n^```\n",
        "```\ncode\n```^",
        "    co^de\n",
        "^words",
        "a [page](https://a.ex^ample/) b",
        "- a\n\n      co^de\n",
        "***\n^",
    ] {
        assert!(
            !at_carets(text).contains('{'),
            "{text:?}: {}",
            at_carets(text)
        );
    }
    let mixed = at_carets("- a\n\n      co^de\n\n  and^ words\n");
    assert!(
        !mixed.contains("{1}") && mixed.contains("and{2} words"),
        "{mixed}"
    );
}

#[test]
fn a_place_beyond_the_end_or_in_the_middle_of_a_letter_has_no_mark() {
    let text = "T\u{fc}r.";
    let cite = |at| Cited { at, number: 1 };
    for at in [2, 6, 100, usize::MAX] {
        assert_eq!(render_cited(text, &[cite(at)]), render(text), "{at}");
    }
    assert_eq!(
        marked(text, &[cite(5), cite(5), cite(3)]),
        "<p>T\u{fc}{1}r.{1}</p>"
    );
}

proptest! {
    #[test]
    fn whatever_the_places_marks_change_nothing_else(
        pieces in prop::collection::vec(fragment(), 0..60),
        places in prop::collection::vec((0..400_usize, 1..9_u32), 0..12),
    ) {
        let text = pieces.concat();
        let cited: Vec<_> = places.into_iter().map(|(at, number)| Cited { at, number }).collect();
        let blocks = render_cited(&text, &cited);
        let plain: Vec<String> = blocks.iter().map(|html| without_marks(html)).collect();
        prop_assert_eq!(&plain, &render(&text));
        for html in &blocks {
            dom::check(html);
        }
    }
}

fn without_marks(html: &str) -> String {
    let mut pieces = html.split("<span class=\"cite\"");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |plain, piece| {
        let (_, rest) = piece.split_once("></span>").expect("an empty element");
        plain + rest
    })
}
