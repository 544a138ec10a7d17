//! What a hostile model writes, in the real window: nothing of it runs, loads or leaves its message.

use crate::{
    harness::{App, Desk, alone, patiently},
    journey::choose,
};
use emulator::Config;
use fantoccini::{
    actions::{InputSource, KeyAction, KeyActions},
    key::Key,
};
use serde_json::{Value, json};
use std::process::Command;

/// Places, `@` being the payload. Each stands in a quote of its own, so that none is swallowed by an open fence before.
const PLACES: [&str; 8] = [
    "@",
    "- item\n- @",
    "| a | b |\n|---|---|\n| @ | x |",
    "```html\n@\n```",
    "[@](https://a.example)",
    "[a](https://a.example \"@\")",
    "![@](https://a.example/i.png)",
    "# @",
];

/// What must never run.
const SENTINEL: &str = "window.boom = () => { window.__pwned = 1 };";

/// Everything in the answers that is not on the list, and everything that ran or was asked for.
const LOOK: &str = r#"
    const elements = new Set(('p h1 h2 h3 h4 h5 h6 blockquote ul ol li br hr em strong del code pre div span sup a ' +
        'button table thead tbody tr th td math mrow mi mn mo mtext mspace mstyle msqrt mroot mfrac msub msup ' +
        'msubsup munder mover munderover mtable mtr mtd').split(' '));
    const attributes = new Set(('class role tabindex title type start display stretchy form movablelimits largeop ' +
        'symmetric minsize maxsize width displaystyle scriptlevel linethickness accent accentunder mathvariant ' +
        'aria-checked aria-disabled aria-label data-href data-copy data-csv data-note data-back').split(' '));
    const bad = [];
    for (const e of document.querySelectorAll('.prose *')) {
        if (!elements.has(e.localName)) bad.push(e.localName);
        for (const { name, value } of e.attributes) {
            if (!attributes.has(name)) bad.push(`${e.localName} ${name}`);
            if (name === 'data-href' && !/^(https?:\/\/|mailto:)/.test(value)) bad.push(value);
        }
        const place = getComputedStyle(e).position;
        if (place === 'fixed' || place === 'sticky') bad.push(`${e.localName} is ${place}`);
    }
    if (window.__pwned !== undefined) bad.push('a script ran');
    const ours = (name) => name.startsWith(location.origin) || name.startsWith('ipc:') || name.startsWith('http://ipc.localhost');
    for (const { name } of performance.getEntriesByType('resource')) if (!ours(name)) bad.push(`asked for ${name}`);
    return JSON.stringify([bad.slice(0, 20), document.querySelectorAll('.prose blockquote').length]);
"#;

fn corpus(place: &str) -> String {
    let payloads: Vec<String> =
        serde_json::from_str(include_str!("../fixtures/payloads.json")).unwrap();
    let quote = |payload: &String| {
        let text = place.replace('@', payload);
        text.lines()
            .map(|line| format!("> {line}\n"))
            .collect::<String>()
    };
    payloads.iter().map(quote).collect::<Vec<_>>().join("\n")
}

async fn say(app: &App, text: &str) {
    app.sees("form textarea").await;
    let script = "const field = document.querySelector('form textarea'); \
        Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(field, arguments[0]); \
        field.dispatchEvent(new Event('input', { bubbles: true }));";
    app.page
        .execute(script, vec![Value::from(text)])
        .await
        .unwrap();
    app.press("Send").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w6_w10_w24_a_hostile_answer_runs_nothing_loads_nothing_and_stays_in_its_message() {
    let _alone = alone().await;
    let desk = Desk::with(Config {
        tokens_per_second: 20_000.0,
        ..Config::default()
    })
    .await;
    let app = desk.connected(Some(20.0)).await;
    app.run(SENTINEL).await;
    choose(&app, "emulator/echo").await;
    let mut quotes = 0;
    for (at, place) in PLACES.iter().enumerate() {
        say(&app, &corpus(place)).await;
        patiently("the next answer", || async {
            let count = app
                .run("return document.querySelectorAll('article[aria-busy]').length")
                .await;
            (count == at + 1).then_some(())
        })
        .await;
        app.answered().await;
        let seen = app.run(LOOK).await;
        let (bad, count): (Vec<String>, u64) =
            serde_json::from_str(seen.as_str().unwrap()).unwrap();
        assert_eq!(bad, Vec::<String>::new(), "in {place:?}");
        assert!(
            count >= quotes + 200,
            "{count} quotes were drawn, {quotes} before {place:?}"
        );
        quotes = count;
    }
    // The page is still ours, and works.
    assert_eq!(
        app.run("return document.querySelectorAll('form textarea').length")
            .await,
        1
    );
    app.quit().await;
}

/// What lies in the clipboard as this kind, or the kinds there are (`TARGETS`). Empty where there is nothing.
fn clipboard(kind: &str) -> String {
    let read = Command::new("xclip")
        .args(["-selection", "clipboard", "-out", "-target", kind])
        .output();
    String::from_utf8_lossy(&read.expect("xclip").stdout).into_owned()
}

/// Everything in copied HTML that could run, or have whoever takes it ask somebody for something.
const COPIED: &str = r#"
    const bad = [];
    const page = new DOMParser().parseFromString(arguments[0], 'text/html');
    const runs = 'script style link base img picture source video audio iframe object embed svg math form input'.split(' ');
    const asks = /^(on.*|src|srcset|href|xlink:href|poster|data|action|formaction|background|ping|cite|usemap|srcdoc)$/;
    for (const e of page.querySelectorAll('*')) {
        if (runs.includes(e.localName)) bad.push(e.localName);
        for (const { name, value } of e.attributes) {
            if (asks.test(name) || /url\s*\(|image-set|@import/i.test(name === 'style' ? value : '')) bad.push(`${e.localName} ${name}`);
        }
    }
    return [bad, page.body.textContent];
"#;

#[tokio::test(flavor = "multi_thread")]
async fn w35_a_copied_answer_is_words_and_form_and_asks_nobody_for_anything() {
    let _alone = alone().await;
    let desk = Desk::with(Config {
        tokens_per_second: 20_000.0,
        ..Config::default()
    })
    .await;
    let app = desk.connected(None).await;
    choose(&app, "emulator/echo").await;
    let words = "first **bold** ![a picture](https://evil.example/1.png) [a link](https://evil.example/2) \
        <img src=https://evil.example/3.png onerror=boom()> <style>@import url(https://evil.example/4)</style> \
        `code` <svg><image href=https://evil.example/5></svg> <a href=https://evil.example/6 ping=https://evil.example/7>raw</a> last";
    say(&app, words).await;
    app.sees(".prose [data-href]").await;
    app.answered().await;

    // By the button: the words alone.
    app.press("Copy").await;
    patiently("the words in the clipboard", || async {
        clipboard("UTF8_STRING").contains("last").then_some(())
    })
    .await;
    assert!(!clipboard("TARGETS").contains("text/html"));

    // By hand: what is marked, with its form.
    app.run("getSelection().selectAllChildren(document.querySelector('.prose')); document.activeElement?.blur()")
        .await;
    let keys = KeyActions::new("keys".into())
        .then(KeyAction::Down {
            value: Key::Control.into(),
        })
        .then(KeyAction::Down { value: 'c' })
        .then(KeyAction::Up { value: 'c' })
        .then(KeyAction::Up {
            value: Key::Control.into(),
        });
    app.page.perform_actions(keys).await.unwrap();
    let html = patiently("a form in the clipboard", || async {
        Some(clipboard("text/html")).filter(|html| html.contains("last"))
    })
    .await;
    assert!(html.contains("bold</strong>"), "{html}");
    let seen = app.page.execute(COPIED, vec![json!(html)]).await.unwrap();
    assert_eq!(seen[0], json!([]), "{html}");
    let plain = clipboard("UTF8_STRING");
    for text in [plain.as_str(), seen[1].as_str().unwrap()] {
        let text = text.replace('\u{a0}', " ");
        assert!(text.contains("first bold"), "{text}");
        assert!(
            text.contains("a picture") && text.contains("onerror=boom()"),
            "{text}"
        );
    }
    app.quit().await;
}
