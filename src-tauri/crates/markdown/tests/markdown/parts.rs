//! What can be taken out of a message: tables and code.

use markdown::{CodeText, code_text, table_csv};

fn code(text: &str, left_out: usize) -> Option<CodeText> {
    Some(CodeText {
        text: text.to_owned(),
        left_out,
    })
}

#[test]
fn a_table_is_csv_of_what_its_cells_say() {
    let text = "|a|b|\n|-|-|\n|1|2|\n\n> | x | *y* |\n> |---|---|\n> | `c, d` | say \"hi\" \\| $z^2$ |\n> | -1 | |\n";
    assert_eq!(table_csv(text, 0).as_deref(), Some("a,b\r\n1,2\r\n"));
    assert_eq!(
        table_csv(text, 1).as_deref(),
        Some("x,y\r\n\"c, d\",\"say \"\"hi\"\" | $z^2$\"\r\n-1,\r\n")
    );
    assert_eq!(table_csv(text, 2), None);
}

#[test]
fn a_long_table_in_pieces_is_one_table() {
    let rows: String = (0..3000).map(|n| format!("| {n} | x |\n")).collect();
    let text = format!("| n | b |\n|---|---|\n{rows}\nend\n\n|q|\n|-|\n|r|\n");
    let csv = table_csv(&text, 0).unwrap_or_default();
    assert_eq!(csv.lines().count(), 3001);
    assert_eq!(
        (csv.lines().next(), csv.lines().last()),
        (Some("n,b"), Some("2999,x"))
    );
    assert_eq!(table_csv(&text, 1).as_deref(), Some("q\r\nr\r\n"));
}

#[test]
fn w25_copied_code_runs_nothing_by_itself_and_hides_nothing() {
    let text = "```sh\nls\nrm -r x\n\n\n```\n\n1. a\n\n   ```\n   b\u{200B}\u{202E}c\n   ```\n\n       d\u{1b}[31m\u{7}\n";
    assert_eq!(code_text(text, 0), code("ls\nrm -r x", 0));
    assert_eq!(code_text(text, 1), code("bc", 2));
    assert_eq!(code_text(text, 2), code("d[31m", 2));
    assert_eq!(code_text(text, 3), None);
    assert_eq!(
        code_text("```\n👩\u{200D}💻\n```", 0),
        code("👩\u{200D}💻", 0)
    );
}

#[test]
fn long_code_is_whole_and_an_open_block_counts() {
    let line = "x".repeat(5000);
    assert_eq!(
        code_text(&format!("```\n{line}\n{line}"), 0),
        code(&format!("{line}\n{line}"), 0)
    );
    assert_eq!(code_text("```sh\nls", 0), code("ls", 0));
}
