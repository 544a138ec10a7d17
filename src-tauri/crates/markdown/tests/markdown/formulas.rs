//! Formulas: which texts are one, and what becomes of them.

use crate::{checker, streamed};
use markdown::{Stream, code_text, plain, render};
use proptest::prelude::*;

fn html(text: &str) -> String {
    let html = render(text).join("\n");
    checker::check(&html);
    html
}

fn inline(math: &str) -> String {
    format!("<math>{math}</math>")
}

fn display(math: &str) -> String {
    format!("<span class=\"math\" tabindex=\"0\"><math display=\"block\">{math}</math></span>")
}

const X2: &str = "<msup><mi>x</mi><mn>2</mn></msup>";

#[test]
fn every_way_to_write_a_formula_gives_the_same_mathml() {
    for text in ["$x^2$", "\\(x^2\\)", "\\( x^2 \\)", "\\\\(x^2\\\\)"] {
        let expected = match text {
            // An escaped backslash before a bracket is no formula.
            "\\\\(x^2\\\\)" => "<p>\\(x^2\\)</p>".to_owned(),
            "\\( x^2 \\)" => format!("<p> {} </p>", inline(X2)),
            _ => format!("<p>{}</p>", inline(X2)),
        };
        assert_eq!(html(text), expected, "{text:?}");
    }
    for text in [
        "$$x^2$$",
        "$$\nx^2\n$$",
        "$$x^2\n$$",
        "\\[x^2\\]",
        "\\[\nx^2\n\\]",
        "\\[ x^2\n\\]",
        "  $$ x^2 $$",
    ] {
        assert_eq!(html(text), format!("<p>{}</p>", display(X2)), "{text:?}");
    }
}

#[test]
fn a_formula_stands_in_lists_quotes_and_tables_and_no_block_begins_in_it() {
    let sum = display("<mi>a</mi><mo>=</mo><mi>b</mi><mo>+</mo><mi>c</mi>");
    assert_eq!(
        html("1. Then\n   $$\n   a\n   = b\n   + c\n   $$\n2. next"),
        format!("<ol><li>Then\n{sum}</li><li>next</li></ol>")
    );
    assert_eq!(
        html("> \\[\n> a = b\n> + c\n> \\]"),
        format!("<blockquote><p>{sum}</p></blockquote>")
    );
    assert_eq!(
        html("$$\na\n=\nb\n+ c\n$$\n- item"),
        format!("<p>{sum}</p>\n<ul><li>item</li></ul>")
    );
    let table = html("|a|\n|-|\n|$x^2$ costs $5|");
    assert!(
        table.contains(&format!("<td>{} costs $5</td>", inline(X2))),
        "{table}"
    );
}

#[test]
fn a_dollar_in_prose_is_a_dollar() {
    for text in [
        "It costs $5 and $10.",
        "Between $5-$10, or $5–$10, or $5/$10.",
        "From $1,000 to 2,000$, they say.",
        "US$5 and CA$10 and 5$ and 10$.",
        "The shell knows $HOME and $PATH and $$ and $?.",
        "Set $HOME:$PATH first.",
        "I paid $5, you paid 10$.",
        "$ 5 $",
        "A lone $ and a pair $$ and $$$ and $$$$.",
        "$$ is what we earn.",
        "$5M in revenue and **$3M** in $cost$centre",
        "Escaped \\$5 and \\$10.",
    ] {
        let shown = text
            .replace("\\$", "$")
            .replace("**$3M**", "<strong>$3M</strong>");
        assert_eq!(html(text), format!("<p>{shown}</p>"));
    }
    assert_eq!(
        html("`$a` and `b$`"),
        "<p><code>$a</code> and <code>b$</code></p>"
    );
    assert_eq!(
        html("`$` and $x^2$ for $5"),
        format!("<p><code>$</code> and {} for $5</p>", inline(X2))
    );
    assert_eq!(
        html("[a](https://a.example/$b) <https://a.example/$c>"),
        "<p><a class=\"link\" role=\"link\" tabindex=\"0\" data-href=\"https://a.example/$b\">a</a> \
         <a class=\"link\" role=\"link\" tabindex=\"0\" data-href=\"https://a.example/$c\">https://a.example/$c</a></p>"
    );
}

#[test]
fn escaped_brackets_around_words_are_brackets() {
    for (text, shown) in [
        ("\\[not a link\\](/foo)", "[not a link](/foo)"),
        ("See \\[1\\] and \\(optional\\).", "See [1] and (optional)."),
        ("\\[later\\]", "[later]"),
        ("\\[never closed = x", "[never closed = x"),
        ("\\(never closed = x", "(never closed = x"),
    ] {
        assert_eq!(html(text), format!("<p>{shown}</p>"), "{text:?}");
    }
}

#[test]
fn what_was_no_formula_after_all_is_as_it_was_written() {
    assert_eq!(
        html("$$\nx^2\n\n- a"),
        "<p>$$\nx^2</p>\n<ul><li>a</li></ul>"
    );
    assert_eq!(html("\\[\nx^2\n\ny"), "<p>[\nx^2</p>\n<p>y</p>");
    assert_eq!(html("\\( \\sqrt{a \\)"), "<p>( \\sqrt{a )</p>");
    // In code everything stays.
    for code in [
        "$$\n- a\n$$",
        "\\( x^2 \\)",
        "\\[ x^2 \\]",
        "echo $$ $HOME",
        "\\[\na",
    ] {
        for (fence, indent) in [("```\n", ""), ("- a\n  ```\n", "  ")] {
            let lines = code.lines().map(|l| format!("{indent}{l}\n"));
            let text = format!("{fence}{}{indent}```\n", lines.collect::<String>());
            let found = code_text(&text, 0).expect("a block of code");
            assert_eq!(found.text, code, "{text:?}");
        }
    }
    assert_eq!(
        html("- a\n  ```\n  $$\n  ```\n- b"),
        "<ul><li>a<div class=\"code\"><div class=\"code-head\"><span class=\"code-lang\">text</span>\
         <button type=\"button\" class=\"code-copy\" data-copy>Copy</button></div>\
         <pre tabindex=\"0\"><code>$$\n</code></pre></div></li><li>b</li></ul>"
    );
}

#[test]
fn w28_a_formula_that_cannot_be_read_is_shown_as_code() {
    for source in ["\\nosuch{x}", "\\frac{a}", "\\def\\a{\\a\\a}\\a"] {
        assert_eq!(
            html(&format!("\\({source} ^\\)")),
            format!("<p><code class=\"math\">{source} ^</code></p>")
        );
    }
    // What defines commands is a program, even one that the parser could follow.
    for source in ["\\def\\a{b}\\a", "\\newcommand{\\a}{b}\\a", "\\let\\a=b\\a"] {
        assert_eq!(
            html(&format!("\\({source}\\)")),
            format!("<p><code class=\"math\">{source}</code></p>")
        );
    }
    assert_eq!(
        html("$$\n\\nosuch{<b>}\n$$"),
        "<p><code class=\"math display\">\\nosuch{&lt;b&gt;}</code></p>"
    );
    // Diagrams are code like any other.
    assert!(html("```mermaid\ngraph TD;\n```").contains("<code>graph TD;\n</code>"));
}

#[test]
fn what_people_write_in_formulas_becomes_mathml() {
    for source in [
        "e^{i\\pi} + 1 = 0",
        "\\int_{-\\infty}^{\\infty} e^{-x^2}\\,dx = \\sqrt{\\pi}",
        "\\sum_{n=1}^{\\infty} \\frac{1}{n^2} = \\frac{\\pi^2}{6}",
        "\\lim_{x \\to 0} \\frac{\\sin x}{x} = 1",
        "\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}",
        "\\begin{bmatrix} 1 & 0 \\\\ 0 & 1 \\end{bmatrix}",
        "f(x) = \\begin{cases} x & \\text{if } x > 0 \\\\ 0 & \\text{otherwise} \\end{cases}",
        "\\begin{aligned} a &= b + c \\\\ &= d \\end{aligned}",
        "\\begin{align*} a &= b \\\\ c &= d \\end{align*}",
        "\\begin{array}{c|c} a & b \\\\ \\hline c & d \\end{array}",
        "\\left( \\frac{a}{b} \\right)^2",
        "\\left. \\frac{df}{dx} \\right|_{x=0}",
        "\\mathbb{R}^n \\subseteq \\mathcal{H}",
        "\\mathbf{v} \\cdot \\vec{w} = \\hat{x} + \\bar{y} + \\tilde{z} + \\dot{q}",
        "\\overline{AB} \\perp \\underline{CD}",
        "\\underbrace{a + b}_{n} \\overbrace{c}^{m}",
        "\\binom{n}{k} = \\frac{n!}{k!(n-k)!}",
        "P(A \\mid B) = \\frac{P(B \\mid A)\\,P(A)}{P(B)}",
        "\\nabla \\times \\mathbf{E} = -\\frac{\\partial \\mathbf{B}}{\\partial t}",
        "\\operatorname{softmax}(z)_i = \\frac{e^{z_i}}{\\sum_j e^{z_j}}",
        "A \\xrightarrow{f} B \\implies C \\iff D \\Rightarrow E",
        "\\forall \\epsilon > 0\\ \\exists \\delta > 0 : |x - a| < \\delta",
        "a \\equiv b \\pmod{n}, \\quad a \\neq b, \\quad x \\notin S",
        "\\boxed{E = mc^2} \\tag{1}",
        "\\sqrt[3]{x^2 + 1} \\approx \\ln(x) \\log_2 n",
        "\\text{Attention}(Q, K, V) = \\text{softmax}\\left(\\frac{QK^T}{\\sqrt{d_k}}\\right)V",
        "x_{1,2} = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}",
        "\\displaystyle \\prod_{i=1}^n x_i \\le \\bigl( \\max_i x_i \\bigr)^n",
        "\\substack{a \\\\ b} \\dfrac{1}{2} \\tfrac{1}{2} \\bm{x} \\boldsymbol{\\alpha}",
        "90^\\circ, 5\\%, \\$3, \\{a, b\\}, \\langle u, v \\rangle, \\|x\\|, \\ldots, \\cdots",
    ] {
        let html = html(&format!("$$\n{source}\n$$"));
        assert!(
            html.contains("<math display=\"block\">"),
            "{source}: {html}"
        );
    }
}

#[test]
fn the_parts_of_a_formula_keep_their_meaning() {
    for (source, math) in [
        ("-x", "<mo form=\"prefix\">−</mo><mi>x</mi>"),
        ("a<b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
        (
            "\\frac{1}{2}",
            "<mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac>",
        ),
        ("a \\neq b", "<mi>a</mi><mo>≠</mo><mi>b</mi>"),
        ("\\mathbb{R}", "<mrow><mi>ℝ</mi></mrow>"),
        ("\\text{a <b>}", "<mtext>a\u{a0}&lt;b&gt;</mtext>"),
        (
            "\\sin x",
            "<mi>sin</mi><mspace width=\"0.167em\"></mspace><mi>x</mi>",
        ),
        (
            "\\hat x",
            "<mover accent=\"true\"><mi>x</mi><mo stretchy=\"false\">^</mo></mover>",
        ),
    ] {
        assert_eq!(
            html(&format!("\\({source}\\)")),
            format!("<p>{}</p>", inline(math))
        );
    }
}

#[test]
fn a_formula_that_is_still_written_is_shown_as_code() {
    let mut stream = Stream::new();
    stream.push("$$\n\\frac{1}{");
    assert_eq!(
        stream.blocks().1,
        "<p><code class=\"math display\">\\frac{1}{</code></p>"
    );
    stream.push("2}\n$$\n");
    assert!(
        stream.blocks().1.contains("<math display"),
        "{}",
        stream.blocks().1
    );
}

#[test]
fn a_preview_shows_the_formula_as_it_was_written() {
    assert_eq!(plain("For $5: \\(x^2\\) and $y$"), "For $5: x^2 and y");
}

/// Pieces of LaTeX, good and bad, in every order.
fn latex() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "x",
        "2",
        "{",
        "}",
        "^",
        "_",
        "\\frac",
        "\\sqrt",
        "[",
        "]",
        "\\left(",
        "\\right)",
        "\\left.",
        "\\begin{matrix}",
        "\\end{matrix}",
        "\\begin{array}{c|c}",
        "\\end{array}",
        "&",
        "\\\\",
        "\\hline",
        "\\text",
        "\\text{a}",
        "\\sum",
        "\\limits",
        "\\not",
        "\\hat",
        "\\mathbf",
        "%",
        "\\%",
        "#",
        "~",
        " ",
        "\n",
        "\\",
        "\\,",
        "'",
        "\\color{red}",
        "\\tag{1}",
        "\\label{x}",
        "\\middle|",
        "\\displaystyle",
        "\\kern1em",
        "\\hspace{-99999999999em}",
        "\\rule{1em}{1em}",
        "\\char65",
        "\\operatorname",
        "\\overset",
        "é",
        "∑",
        "<",
        "\\begin{cases}",
        "\\end{cases}",
        "\\substack",
        "\\sideset",
        "\\begin",
        "\\end",
        "\\genfrac",
        "\\cfrac",
        "\\over",
        "\\def",
        "\\xrightarrow",
        "\\boxed",
        "\\bm",
        "\\big",
        "\\prime",
        "^\\prime",
        "\\mathrm{d}",
        "\"",
        "\u{0}",
        "\u{202E}",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn w28_no_formula_gets_past_the_writer(source in latex()) {
        for text in [
            format!("$${source}$$"),
            format!("\\({}\\)", source.replace('\n', " ")),
            format!("\\[\n{source}\n\\]"),
        ] {
            render(&text).iter().for_each(|block| checker::check(block));
        }
    }
}

#[test]
fn a_cut_anywhere_in_a_formula_changes_nothing() {
    for text in [
        "a $x^2$ b\n\n$$\n- y\n$$\n\\(z\\) for $5\n",
        "1. \\[\n   a = b\n   \\]\n\n> $$\n> x\n\nend $$",
    ] {
        for at in 0..text.len() {
            let (head, rest) = text.split_at(at);
            assert_eq!(streamed([head, rest]), render(text), "at {at} of {text:?}");
        }
        let each = text
            .char_indices()
            .map(|(at, c)| &text[at..at + c.len_utf8()]);
        assert_eq!(streamed(each), render(text));
    }
}
