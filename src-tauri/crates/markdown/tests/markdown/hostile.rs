//! Payloads times the places they can stand in.

use crate::{checker, dom, streamed};
use markdown::{code_text, plain, render};
use std::sync::LazyLock;

/// One for each way in that we know: elements, handlers, foreign content, parsers that disagree,
/// addresses, references, formulas, characters. The real window is shown the same.
static PAYLOADS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let json = include_str!("../../../../../tests/fixtures/payloads.json");
    serde_json::from_str(json).expect("a list of texts")
});

/// Places, `@` being the payload.
const PLACES: &[&str] = &[
    "@",
    "words @ words",
    "- item\n- @\n  - @",
    "> @\n> > @",
    "| a | b |\n|---|:-:|\n| @ | x |\n",
    "```rust\n@\n```",
    "```@\ncode\n```",
    "    @",
    "`@`",
    "# @",
    "[@](https://a.example)",
    "[a](@)",
    "[a](https://a.example \"@\")",
    "![@](https://a.example/i.png)",
    "![a](@)",
    "![a](https://a.example/i.png \"@\")",
    "**@** ~~@~~",
    "1. step\n\n   ```sh\n   @\n   ```",
    "[^1]: @\n\n[^1]",
    "$@$",
    "$$\n@\n$$",
    "\\(\\text{@}\\)",
    "<@>",
];

fn corpus() -> impl Iterator<Item = String> {
    PLACES
        .iter()
        .flat_map(|place| PAYLOADS.iter().map(move |p| place.replace('@', p)))
}

fn blocks(text: &str) -> Vec<String> {
    let blocks = render(text);
    blocks.iter().for_each(|block| {
        checker::check(block);
        dom::check(block);
    });
    blocks
}

#[test]
fn w6_w26_w27_nothing_hostile_gets_past_the_writer() {
    assert!(PAYLOADS.len() >= 200, "{}", PAYLOADS.len());
    for text in corpus() {
        blocks(&text);
    }
}

#[test]
fn w12_no_cut_of_a_hostile_text_shows_more_than_the_whole() {
    for text in corpus().filter(|text| text.len() < 160) {
        let each = text
            .char_indices()
            .map(|(at, c)| &text[at..at + c.len_utf8()]);
        assert_eq!(streamed(each), render(&text), "{text:?}");
    }
    for text in PAYLOADS.iter() {
        for (at, _) in text.char_indices() {
            let (head, rest) = text.split_at(at);
            assert_eq!(streamed([head, rest]), render(text), "at {at} of {text:?}");
        }
    }
}

#[test]
fn w13_line_ends_and_entities_survive_being_cut() {
    for text in [
        "a\r\nb\rc\n\r\nd",
        "a &amp; b &#x1F600; &copy",
        "e\u{301} 🏴\u{E0067}\u{E007F} 𝔘\u{FE0F}",
    ] {
        for (at, _) in text.char_indices() {
            let (head, rest) = text.split_at(at);
            assert_eq!(streamed([head, rest]), render(text), "at {at} of {text:?}");
        }
    }
    assert_eq!(render("a\r\nb\rc"), ["<p>a\nb\nc</p>"]);
    assert_eq!(
        render("&amp;lt; &#0; &#x110000;"),
        ["<p>&amp;lt; \u{FFFD} \u{FFFD}</p>"]
    );
}

#[test]
fn w7_only_plain_web_and_mail_addresses_can_be_opened() {
    let open = |text: &str| render(text).concat().contains("data-href");
    // What follows the target is a title, which is dropped, or text.
    let known = [
        "[a](https://a.example \"title\\\" onload=boom()\")",
        "[a](<https://a.example/><script>boom()</script>)",
        "[x](https://a.example 'onmouseover=window.__pwned=1')",
        "[x](https://a.example (onmouseover=window.__pwned=1))",
        "[x](http://tauri.localhost/)",
        // Its true host is shown: a.example.evil.example.
        "[x](https://a.example\u{3002}evil.example/)",
    ];
    for payload in PAYLOADS
        .iter()
        .filter(|p| p.starts_with("[a](") || p.starts_with("[x](") || p.starts_with("<javascript"))
    {
        let html = render(payload).concat();
        // A bare address in the text of a refused one is still one, and shows itself.
        let bare = html.contains("//https://a.example") || payload.contains("%00@");
        assert!(
            !open(payload) || known.contains(&&**payload) || bare,
            "{payload:?} {html}"
        );
        assert!(!html.contains("data-href=\"javascript"), "{payload:?}");
    }
    for good in [
        "[a](https://a.example)",
        "<http://a.example/x?y#z>",
        "<mailto:a@b.example>",
        "<a@b.example>",
        "see https://a.example.",
    ] {
        assert!(open(good), "{good:?}");
    }
    assert!(
        !open(&format!("[a](https://a.example/{})", "x".repeat(2048))),
        "over 2 KiB"
    );
}

#[test]
fn w8_the_address_that_opens_is_the_one_that_shows_its_true_host() {
    let opened = |text: &str| {
        let html = render(text).concat();
        let rest = html.split_once("data-href=\"")?.1.to_owned();
        Some(rest.split_once('"')?.0.to_owned())
    };
    let cases = [
        (
            "[ok](https://ex\u{0430}mple.com)",
            Some("https://xn--exmple-4nf.com/"),
        ),
        (
            "[ok](https://xn--exmple-4nf.com)",
            Some("https://xn--exmple-4nf.com/"),
        ),
        (
            "[https://good.example](https://evil.example)",
            Some("https://evil.example/"),
        ),
        ("[ok](https://good.example@evil.example)", None),
        ("[ok](https://a.example/\u{202E}gpj)", None),
        ("[ok](https://a.example%00.evil.example)", None),
    ];
    for (text, address) in cases {
        assert_eq!(opened(text).as_deref(), address, "{text:?}");
    }
}

#[test]
fn w11_w10_a_picture_is_words_and_a_host_whatever_its_address() {
    for (text, shown) in [
        (
            format!("![cat](data:image/png;base64,{})", "A".repeat(1 << 20)),
            "cat",
        ),
        (
            "![cat](data:image/svg+xml,<svg/onload=boom()>)".to_owned(),
            "cat",
        ),
        ("![cat](javascript:boom())".to_owned(), "cat"),
        ("![cat](//evil.example/x.png)".to_owned(), "cat"),
    ] {
        let html = blocks(&text).concat();
        assert!(html.len() < text.len().max(9 * 1024) * 2);
        assert!(
            html.contains(shown) && !html.contains("<img") && !html.contains("data-href"),
            "{text:.60}"
        );
    }
    assert_eq!(
        blocks("![cat](https://evil.example/x.png)"),
        [
            "<p><span class=\"image\">cat <a class=\"link\" role=\"link\" tabindex=\"0\" \
          data-href=\"https://evil.example/x.png\">evil.example</a></span></p>"
        ]
    );
}

#[test]
fn w14_w22_escape_sequences_are_seen_and_not_copied() {
    let text = "\u{1b}]52;c;Ym9vbQ==\u{7} \u{9b}31m a\u{8}b\u{7f} \u{85}";
    for place in ["@", "```\n@\n```", "`@`", "# @", "> @"] {
        let html = blocks(&place.replace('@', text)).concat();
        assert!(
            html.contains("␛]52;c;Ym9vbQ==␇") && html.contains("a␈b␡"),
            "{html}"
        );
        assert!(html.contains("title=\"U+009B\""), "{html}");
    }
    let copied = code_text(&format!("```sh\n{text}\n```"), 0).expect("code");
    assert_eq!(
        (&*copied.text, copied.left_out),
        ("]52;c;Ym9vbQ== 31m ab ", 6)
    );
    assert_eq!(plain(text), "]52;c;Ym9vbQ== 31m ab");
}

#[test]
fn w15_what_hides_or_reorders_is_flagged_in_code_and_left_out_of_its_copy() {
    for (hidden, points) in [
        ("\u{202E}", 1),
        ("\u{2066}\u{2069}", 2),
        ("\u{200B}", 1),
        ("\u{200F}", 1),
        ("\u{FEFF}", 1),
        ("\u{E0041}\u{E0042}", 2),
        ("\u{FE0F}", 1),
        ("\u{E0100}", 1),
        ("\u{AD}", 1),
        ("\u{3164}", 1),
        ("\u{2060}", 1),
        ("\u{61C}", 1),
        ("\u{180E}", 1),
        ("\u{2028}", 1),
    ] {
        let text = format!("```js\nif (admin{hidden}) x\n```");
        let html = blocks(&text).concat();
        assert_eq!(
            html.matches("class=\"hidden-char\"").count(),
            points,
            "{hidden:?}: {html}"
        );
        assert!(!html.contains(hidden), "{hidden:?}");
        let copied = code_text(&text, 0).expect("code");
        assert_eq!(
            (&*copied.text, copied.left_out),
            ("if (admin) x", points),
            "{hidden:?}"
        );
    }
}

#[test]
fn w16_marks_words_and_tables_without_end_are_bounded() {
    let zalgo = format!("e{}", "\u{301}".repeat(10_000));
    for place in ["@", "`@`", "```\n@\n```", "# @"] {
        let html = blocks(&place.replace('@', &zalgo)).concat();
        // A line is cut after eight kilobytes, so it begins anew.
        assert!(html.matches('\u{301}').count() <= 3 * 8, "{place}");
        assert!(html.contains("title=\"U+0301\""), "{place}");
    }
    assert_eq!(render("ế o\u{302}\u{301}"), ["<p>ế o\u{302}\u{301}</p>"]);
    let table = format!("|a|b|\n|-|-|\n{}", "|1|2|\n".repeat(100_000));
    for text in [zalgo, "x".repeat(1 << 20), table] {
        let blocks = render(&text);
        let longest = blocks.iter().map(String::len).max().unwrap_or(0);
        assert!(longest < 64 * 1024, "a block of {longest} bytes");
        assert!(blocks.iter().map(|b| b.matches('1').count()).max() < Some(2_000));
    }
}

#[test]
fn w18_an_answer_without_end_stays_in_bounded_pieces() {
    // Fifty megabytes, as one line and as many.
    for piece in ["word ", "- a\n"] {
        let text = piece.repeat(50_000_000 / piece.len());
        let blocks = render(&text);
        let longest = blocks.iter().map(String::len).max().unwrap_or(0);
        assert!(longest < 64 * 1024, "{piece:?}: a block of {longest} bytes");
        let total: usize = blocks.iter().map(String::len).sum();
        assert!(total < 6 * text.len(), "{piece:?}: {total} bytes");
    }
}

#[test]
fn w23_a_preview_of_anything_is_short_and_plain() {
    for text in corpus() {
        let line = plain(&text);
        assert!(
            line.chars().count() <= 400 && !line.contains(['\n', '\u{202E}', '\u{1b}']),
            "{line:?}"
        );
    }
}
