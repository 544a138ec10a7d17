//! Tests of the work done, in bytes and not in time.

use super::Stream;

/// Bytes parsed and coloured for each byte of the text, pushed in pieces of so many characters.
fn work(text: &str, piece: usize) -> u64 {
    let mut stream = Stream::new();
    let chars: Vec<char> = text.chars().collect();
    for piece in chars.chunks(piece) {
        stream.push(&piece.iter().collect::<String>());
    }
    stream.finish();
    (stream.parsed + stream.shared.cache.coloured + stream.shared.formulas.read) / text.len() as u64
}

fn answer(sections: usize) -> String {
    let section = |n: usize| {
        let list: String = (1..12)
            .map(|i| format!("{i}. Point {i} with `code` and **weight**.\n"))
            .collect();
        let rows: String = (1..9)
            .map(|i| format!("| {i} | row {n} | ${i}.00 |\n"))
            .collect();
        let code: String = (1..20)
            .map(|i| format!("    let x{i} = f({i}); // n\n"))
            .collect();
        format!(
            "## Section {n}\n\nA paragraph that explains, in *some* detail, what follows, and \
             ends with a link to https://example.org/{n}.\n\n{list}\n| a | b | c |\n|---|:-:|--:|\n\
             {rows}\n```rust\nfn main() {{\n{code}}}\n```\n\n> Quoted.\n\n"
        )
    };
    (0..sections).map(section).collect()
}

#[test]
fn w18_a_token_costs_the_same_in_a_long_answer_as_in_a_short_one() {
    let (short, long) = (answer(8), answer(330));
    assert!(
        long.len() > 400_000,
        "100k tokens of four characters, not {}",
        long.len()
    );
    let (short, long) = (work(&short, 4), work(&long, 4));
    assert!(
        long <= short + short / 10 + 1,
        "{long} times the text, but {short} when short"
    );
    assert!(long <= 150, "{long} times the text");
}

#[test]
fn w17_no_text_makes_the_work_grow_with_its_length() {
    let item = "- an item of a list that goes on and on and on\n";
    let hostile = [
        ("quotes", "> ".repeat(50_000)),
        ("quotes without spaces", ">".repeat(50_000)),
        ("brackets", "[".repeat(50_000)),
        ("bracket pairs", "[a](".repeat(20_000)),
        ("images", "![".repeat(30_000)),
        ("stars", "*a **a ".repeat(10_000)),
        ("lone stars", "*".repeat(50_000)),
        ("backticks", (1..300).map(|n| "`".repeat(n) + " ").collect()),
        ("dollars", "$ $$ ".repeat(10_000)),
        ("tags", "<a ".repeat(20_000)),
        ("autolinks", "<http://".repeat(8_000)),
        ("addresses", "http://".repeat(8_000)),
        ("entities", "&".repeat(50_000)),
        ("list items", item.repeat(2_000)),
        ("list items with spaces", format!("{item}\n").repeat(2_000)),
        (
            "nested list",
            (0..300).map(|n| " ".repeat(n) + "- a\n").collect(),
        ),
        (
            "table",
            format!("|a|b|\n|-|-|\n{}", "| 1 | 2 |\n".repeat(8_000)),
        ),
        ("paragraph", "word ".repeat(20_000)),
        ("paragraph of lines", "some words\n".repeat(8_000)),
        ("one word", "a".repeat(100_000)),
        (
            "fence",
            format!("```rust\n{}", "let a = 1;\n".repeat(1_000)),
        ),
        ("fence of one line", format!("```\n{}", "x".repeat(100_000))),
        ("fences in items", "- a\n  ```\n  b\n  ```\n".repeat(2_000)),
        (
            "long fence in an item",
            format!("- ```rust\n{}", "  let a = 1;\n".repeat(1_000)),
        ),
        (
            "tags never closed",
            format!("<script>\n{}", "a\n\n".repeat(10_000)),
        ),
        ("footnotes", "[^a]: b\n".repeat(6_000)),
        (
            "footnotes of their own",
            (0..6_000).map(|n| format!("[^{n}]: b\n\n")).collect(),
        ),
        ("formulas", "$x$ ".repeat(12_000)),
        (
            "formulas of their own",
            (0..4_000).map(|n| format!("$x_{{{n}}}$ ")).collect(),
        ),
        ("formulas never closed", "\\\\[ x\n\n".repeat(6_000)),
        ("brackets of formulas", "\\\\(".repeat(20_000)),
        (
            "braces in formulas",
            format!("${}$ ", "{".repeat(2_000)).repeat(20),
        ),
        ("mail signs", "a@".repeat(30_000)),
        ("mail domains", "a@b.".repeat(15_000)),
        ("addresses without scheme", "www.".repeat(15_000)),
    ];
    for (name, text) in &hostile {
        let once = work(text, text.len());
        assert!(once <= 600, "{name}: {once} times the text at once");
        let pieces = work(text, 64);
        assert!(
            pieces <= 900,
            "{name}: {pieces} times the text in pieces of 64"
        );
    }
}

#[test]
fn nested_code_is_coloured_once() {
    let lines: String = (0..40).map(|n| format!("   let a{n} = {n};\n")).collect();
    let text = format!("1. Do:\n\n   ```rust\n{lines}   ```\n");
    let mut stream = Stream::new();
    for c in text.chars() {
        stream.push(&c.to_string());
    }
    let coloured = stream.shared.cache.coloured;
    // A line is also coloured while it grows: on average half of it for each character.
    assert!(
        coloured < 20 * text.len() as u64,
        "{coloured} bytes for {}",
        text.len()
    );
}
