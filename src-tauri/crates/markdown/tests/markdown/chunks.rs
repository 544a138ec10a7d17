//! Any cut of a text ends in the same document.

use crate::{checker, streamed};
use markdown::render;
use proptest::prelude::*;

/// Pieces of Markdown that meet in every order: line starts, line ends, marks, words.
pub fn fragment() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "\n",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "word ",
        "two words",
        "# ",
        "## ",
        "- ",
        "* ",
        "+ ",
        "1. ",
        "2) ",
        "7. ",
        "  ",
        "    ",
        "\t",
        "> ",
        ">",
        "```",
        "```rust\n",
        "```\n",
        "~~~",
        "`",
        "``",
        "*",
        "**",
        "_",
        "~~",
        "---",
        "***",
        "===",
        "\n===\n",
        "\n---\n",
        "| a | b |",
        "\n|---|---|\n",
        "|",
        "[",
        "]",
        "](https://a.example)",
        "[a](",
        ")",
        "![",
        "[^1]",
        "[^1]: ",
        "[^x]: note\n",
        "[a]: https://a.example\n",
        "[a]: /u\n\"title",
        "\"",
        "[a]:\n",
        "<",
        ">",
        "<b>",
        "<script>\n",
        "<!--",
        "-->",
        "<https://a.example>",
        "https://a.example/x_y",
        "&amp;",
        "&",
        "\\",
        "\\\n",
        "  \n",
        "$",
        "$$",
        "$$\n",
        "\n$$\n",
        "$x^2$",
        "\\(",
        "\\)",
        "\\[",
        "\\]",
        "\\[\nx\n",
        "\\frac{1}{2}",
        "$5 and $10",
        "www.a.example",
        "a@b.example",
        "[^1]: a\n\n    b\n",
        "  $$\n",
        "> $$\n",
        "- [ ] ",
        "- [x] ",
        "let a = \"b\";\n",
        "/* ",
        "*/",
        "é",
        "\u{202E}",
        "\u{1F3F4}",
        "\u{200D}",
        "\x1b[31m",
        "\u{FDD0}",
        "\u{FDD1}",
        "<div>\n",
        "- a\n\n  b\n",
        "- a\n- b\n\n- c\n",
        "> a\nlazy\n",
        "1. a\n   - b\n",
        "  ```\n",
        "   ```\n",
    ]);
    prop_oneof![
        12 => fixed.prop_map(str::to_owned),
        1 => "\\PC{0,12}",
        1 => (1..700usize).prop_map(|n| "- item of a list\n".repeat(n)),
        1 => (1..900usize).prop_map(|n| "| a | b |\n".repeat(n)),
        1 => (1..700usize).prop_map(|n| "> quoted\n>\n".repeat(n)),
        1 => (1..3000usize).prop_map(|n| "long line ".repeat(n)),
        1 => (1..3000usize).prop_map(|n| "é".repeat(n)),
        1 => (1..400usize).prop_map(|n| "3. numbered item\n\n".repeat(n)),
    ]
}

fn document() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(fragment(), 0..40).prop_map(|f| f.concat()),
        1 => any::<String>(),
    ]
}

/// The text in pieces, cut by the sizes in turn.
fn pieces<'a>(text: &'a str, sizes: &[usize]) -> Vec<&'a str> {
    let mut rest = text;
    let mut pieces = Vec::new();
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let at = rest
            .char_indices()
            .nth(*size)
            .map_or(rest.len(), |(at, _)| at);
        let (piece, more) = rest.split_at(at);
        pieces.push(piece);
        rest = more;
    }
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn w12_any_cut_of_a_text_ends_in_the_same_blocks(
        text in document(),
        sizes in prop::collection::vec(prop_oneof![3 => 1..12usize, 1 => 12..3000usize], 1..8),
    ) {
        let whole = render(&text);
        whole.iter().for_each(|block| checker::check(block));
        // A step costs a check of all the tail: long texts take fewer and longer ones.
        let scale = 1 + text.len() / 2000;
        let sizes: Vec<usize> = sizes.iter().map(|s| s * scale).collect();
        prop_assert_eq!(streamed(pieces(&text, &sizes)), whole);
    }

    #[test]
    fn w12_short_texts_survive_being_cut_everywhere(
        fragments in prop::collection::vec(fragment(), 0..14).prop_filter("short", |f| f.concat().len() < 400),
    ) {
        let text = fragments.concat();
        prop_assert_eq!(streamed(pieces(&text, &[1])), render(&text));
    }
}
