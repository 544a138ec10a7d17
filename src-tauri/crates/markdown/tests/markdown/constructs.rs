//! Each construct, as the window gets it.

use markdown::{Op, Stream, plain, render};

fn html(text: &str) -> String {
    render(text).join("\n")
}

fn link(address: &str) -> String {
    format!("<a class=\"link\" role=\"link\" tabindex=\"0\" data-href=\"{address}\">")
}

fn code(lang: &str, body: &str) -> String {
    format!(
        "<div class=\"code\"><div class=\"code-head\"><span class=\"code-lang\">{lang}</span>\
         <button type=\"button\" class=\"code-copy\" data-copy>Copy</button></div>\
         <pre tabindex=\"0\"><code>{body}</code></pre></div>"
    )
}

#[test]
fn prose_is_written_as_common_mark_has_it() {
    let cases = [
        (
            "# One *two*\n\nThree\n===",
            "<h1>One <em>two</em></h1>\n<h1>Three</h1>",
        ),
        ("a\nb  \nc\\\nd", "<p>a\nb<br>\nc<br>\nd</p>"),
        (
            "**a** ~~b~~ `c < d` \\*",
            "<p><strong>a</strong> <del>b</del> <code>c &lt; d</code> *</p>",
        ),
        (
            "> a\n> > b",
            "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>",
        ),
        ("a\n\n---\n\nb", "<p>a</p>\n<hr>\n<p>b</p>"),
        (
            "- a\n- b\n  - c",
            "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>",
        ),
        (
            "3. a\n\n4. b",
            "<ol start=\"3\"><li><p>a</p></li><li><p>b</p></li></ol>",
        ),
        ("&copy; &amp;lt; AT&T", "<p>© &amp;lt; AT&amp;T</p>"),
    ];
    for (text, expected) in cases {
        assert_eq!(html(text), expected, "{text:?}");
    }
}

#[test]
fn tags_are_text_and_markdown_between_them_still_works() {
    assert_eq!(
        html("<div>\n*a* <b>c</b>\n</div>\n\n<script>\n\n**d**"),
        "<p>&lt;div&gt;\n<em>a</em> &lt;b&gt;c&lt;/b&gt;\n&lt;/div&gt;</p>\n<p>&lt;script&gt;</p>\n\
         <p><strong>d</strong></p>"
    );
}

#[test]
fn tables_keep_their_alignment_and_tasks_their_state() {
    assert_eq!(
        html("|a|b|c|\n|:-|:-:|-:|\n|1|*2*|`3`|"),
        "<div class=\"table\"><button type=\"button\" class=\"table-copy\" data-csv>Copy CSV</button>\
         <div class=\"wide\" tabindex=\"0\"><table><thead><tr><th class=\"left\">a</th><th class=\"center\">b</th>\
         <th class=\"right\">c</th></tr></thead><tbody><tr><td class=\"left\">1</td>\
         <td class=\"center\"><em>2</em></td><td class=\"right\"><code>3</code></td></tr></tbody>\
         </table></div></div>"
    );
    let task = |done| {
        format!(
            "<li class=\"task\"><span class=\"box\" role=\"checkbox\" aria-checked=\"{done}\" \
             aria-disabled=\"true\" aria-label=\"Task\"></span>"
        )
    };
    assert_eq!(
        html("- [x] a\n- [ ] b\n- c"),
        format!(
            "<ul>{}a</li>{}b</li><li>c</li></ul>",
            task(true),
            task(false)
        )
    );
}

#[test]
fn footnotes_are_numbered_in_the_order_of_appearance_before_and_after_sealing() {
    let mark = |n| {
        format!(
            "<sup class=\"note-ref\" role=\"link\" tabindex=\"0\" aria-label=\"Footnote {n}\" \
             data-note=\"{n}\">{n}</sup>"
        )
    };
    let note = |n, text| {
        format!(
            "<div class=\"note\" role=\"note\" tabindex=\"-1\" data-note=\"{n}\"><span class=\"note-number\" \
             role=\"link\" tabindex=\"0\" aria-label=\"Back to footnote {n}\" data-back=\"{n}\">{n}</span>\
             <p>{text}</p></div>"
        )
    };
    assert_eq!(
        html("a[^late] b[^1]\n\nc[^late]\n\n[^1]: one\n\n[^late]: two"),
        format!(
            "<p>a{}b{}</p>\n<p>c{}</p>\n{}\n{}",
            mark(1) + " ",
            mark(2),
            mark(1),
            note(2, "one"),
            note(1, "two")
        )
    );
}

#[test]
fn addresses_become_links_and_others_are_shown() {
    let cases = [
        (
            "[a](https://x.example/?a=1&b \"t\")",
            format!("{}a</a>", link("https://x.example/?a=1&amp;b")),
        ),
        (
            "<me@x.example>",
            format!("{}me@x.example</a>", link("mailto:me@x.example")),
        ),
        (
            "(see https://x.example/a_(b)_c).",
            format!(
                "(see {}https://x.example/a_(b)_c</a>).",
                link("https://x.example/a_(b)_c")
            ),
        ),
        (
            "[docs](/docs)",
            "<span class=\"link-off\">docs</span> (/docs)".to_owned(),
        ),
        (
            "[1]: https://x.example",
            format!("[1]: {}https://x.example</a>", link("https://x.example/")),
        ),
        ("[a][1]", "[a][1]".to_owned()),
        (
            "![a *b*](https://x.example/i.png)",
            format!(
                "<span class=\"image\">a b {}x.example</a></span>",
                link("https://x.example/i.png")
            ),
        ),
        (
            "www.x.example/a, mail a.b@x.example.",
            format!(
                "{}www.x.example/a</a>, mail {}a.b@x.example</a>.",
                link("https://www.x.example/a"),
                link("mailto:a.b@x.example")
            ),
        ),
        (
            "a.www.x.example a@b @c.d x@-.e",
            "a.www.x.example a@b @c.d x@-.e".to_owned(),
        ),
        (
            "![a](data:image/png;base64,AA)",
            "<span class=\"image\">a</span>".to_owned(),
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(html(text), format!("<p>{expected}</p>"), "{text:?}");
    }
}

#[test]
fn code_is_coloured_by_classes_and_named_from_our_list() {
    assert_eq!(
        html("```rust,ignore\nlet a = \"b\"; // c\n```"),
        code(
            "rust",
            "<span class=\"tok-keyword\">let</span> a = <span class=\"tok-string\">&quot;b&quot;</span>; \
             <span class=\"tok-comment\">// c</span>\n"
        )
    );
    assert_eq!(html("~~~x\" onload=\"y()\na < b"), code("text", "a &lt; b"));
    assert_eq!(html("    a\n\n    b"), code("text", "a\n\nb\n"));
}

#[test]
fn the_languages_people_paste_are_coloured() {
    let comment = [
        ("typescript", "// a"),
        ("toml", "# a"),
        ("kotlin", "// a"),
        ("swift", "// a"),
        ("dockerfile", "# a"),
        ("c#", "// a"),
        ("c++", "// a"),
        ("sql", "-- a"),
        ("python", "# a"),
        ("bash", "# a"),
        ("yaml", "# a"),
        ("css", "/* a */"),
        ("html", "<!-- a -->"),
        ("go", "// a"),
        ("java", "// a"),
        ("zig", "// a"),
        ("r", "# a"),
        ("tsx", "// a"),
        ("vue", "<!-- a -->"),
        ("svelte", "<!-- a -->"),
        ("graphql", "# a"),
        ("nix", "# a"),
        ("elixir", "# a"),
        ("hcl", "# a"),
        ("protobuf", "// a"),
        ("makefile", "# a"),
        ("cmake", "# a"),
        ("latex", "% a"),
        ("lua", "-- a"),
        ("haskell", "-- a"),
        ("julia", "# a"),
        ("dart", "// a"),
        ("scss", "// a"),
        ("perl", "# a"),
        ("ruby", "# a"),
        ("scala", "// a"),
        ("ocaml", "(* a *)"),
        ("erlang", "% a"),
        ("clojure", "; a"),
        ("matlab", "% a"),
        ("groovy", "// a"),
        ("ini", "; a"),
        ("c", "// a"),
        ("javascript", "// a"),
        ("rust", "// a"),
        ("xml", "<!-- a -->"),
        ("php", "<?php // a"),
    ];
    let mut unknown = Vec::new();
    for (lang, text) in comment {
        let block = html(&format!("```{lang}\n{text}\n```"));
        if !block.contains("tok-comment") || !block.contains(&format!("code-lang\">{lang}<")) {
            unknown.push(lang);
        }
    }
    assert_eq!(unknown, Vec::<&str>::new());
}

#[test]
fn what_cannot_be_seen_is_shown() {
    let hidden = |p| format!("<span class=\"hidden-char\" title=\"U+{p}\"></span>");
    assert_eq!(
        html("`a\u{202E}b\u{200B}`"),
        format!("<p><code>a{}b{}</code></p>", hidden("202E"), hidden("200B"))
    );
    assert_eq!(
        html("a\u{202E}b\u{E0041}c"),
        format!("<p>a{}b{}c</p>", hidden("202E"), hidden("E0041"))
    );
    assert_eq!(
        html("\x1b[31mred\x07 \u{9b}"),
        format!("<p>␛[31mred␇ {}</p>", hidden("009B"))
    );
    // Persian needs its joiner, emoji theirs, and Scotland its tags.
    let honest = "می\u{200C}خواهم 👩\u{200D}💻 🏴\u{E0067}\u{E007F}";
    assert_eq!(html(honest), format!("<p>{honest}</p>"));
    assert_eq!(html("`👩\u{200D}💻`"), "<p><code>👩\u{200D}💻</code></p>");
}

#[test]
fn long_lists_and_tables_go_on_in_a_further_block() {
    let list = render(&"1. an item\n".repeat(1000));
    assert!(
        list.len() > 3 && list[1].starts_with("<ol start=\""),
        "{:?}",
        &list[1][..60]
    );
    let first = list[0].matches("<li>").count();
    assert!(list[1].starts_with(&format!("<ol start=\"{}\" class=\"more\">", first + 1)));
    assert_eq!(list.concat().matches("<li>").count(), 1000);

    let table = render(&format!("|a|b|\n|-|-|\n{}", "|1|2|\n".repeat(2000)));
    assert!(table.len() > 3);
    for piece in &table[1..] {
        assert!(piece.starts_with("<div class=\"table more\"><div class=\"wide\" tabindex=\"0\"><table><thead><tr><th>a</th>"));
    }
    assert_eq!(table.concat().matches("<td>1</td>").count(), 2000);

    let quote = render(&"> a line\n>\n".repeat(1000));
    assert!(quote.len() > 3 && quote[1].starts_with("<blockquote class=\"more\">"));
    assert_eq!(quote.concat().matches("a line").count(), 1000);
}

#[test]
fn deep_nesting_is_flattened_and_keeps_its_text() {
    let html = html(&format!("{}deep", "> ".repeat(3000)));
    assert_eq!(html.matches("<blockquote>").count(), 24);
    assert!(html.contains("deep"));
}

#[test]
fn code_grows_by_lines_and_its_unfinished_line_by_letters() {
    let append = |html: &str, line: &str| Op::TailAppend {
        html: html.to_owned(),
        line: line.to_owned(),
    };
    let mut stream = Stream::new();
    assert_eq!(stream.push("  ```rust\n"), [Op::Tail(code("rust", ""))]);
    assert_eq!(stream.push("   le"), [append("", " le")], "as indented");
    assert_eq!(stream.push("t"), [append("", " let")]);
    let coloured = " <span class=\"tok-keyword\">let</span> a;\n";
    assert_eq!(stream.push(" a;\n<"), [append(coloured, "&lt;")]);
    assert_eq!(stream.open_line(), "&lt;");
    // It may yet close the block.
    assert_eq!(stream.push("\n  ``"), [append("&lt;\n", "")]);
    assert_eq!(stream.push("`"), []);
    assert_eq!(stream.push(" "), []);
    assert_eq!(stream.push("x"), [append("", "``` x")]);
    assert_eq!(
        stream.push("\n```\n"),
        [append("``` x\n", ""), Op::SealTail]
    );
    assert_eq!(stream.finish(), []);
    let whole = format!("{coloured}&lt;\n``` x\n");
    assert_eq!(stream.blocks(), (&[code("rust", &whole)][..], ""));
}

#[test]
fn a_line_of_code_that_never_ends_is_kept() {
    let mut stream = Stream::new();
    stream.push("```text\na\nb");
    assert_eq!(stream.open_line(), "b");
    stream.finish();
    assert_eq!(stream.blocks(), (&[code("text", "a\nb")][..], ""));
    assert_eq!(stream.open_line(), "");
}

#[test]
fn a_block_is_sealed_when_the_next_one_starts() {
    let mut stream = Stream::new();
    assert_eq!(stream.push("# A"), [Op::Tail("<h1>A</h1>".to_owned())]);
    assert_eq!(
        stream.push("\n\nb\n"),
        [Op::SealTail, Op::Tail("<p>b</p>".to_owned())]
    );
    // Not yet a heading, and not shown as one.
    assert_eq!(stream.push("-"), []);
    assert_eq!(
        stream.push(" c"),
        [Op::Tail("<p>b</p><ul><li>c</li></ul>".to_owned())]
    );
    assert_eq!(
        stream.finish(),
        [
            Op::Seal("<p>b</p>".to_owned()),
            Op::Seal("<ul><li>c</li></ul>".to_owned())
        ]
    );
}

#[test]
fn a_preview_is_one_bounded_line_without_markup() {
    assert_eq!(
        plain("# A *b*c\n\n- [d](https://x.example) `e`\n- \u{202E}f <b>\n\n```rust\ng();\n```"),
        "A bc d e f <b> g();"
    );
    assert_eq!(plain(&"word ".repeat(10_000)).chars().count(), 400);
}
