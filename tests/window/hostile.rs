//! What a hostile model writes, in the real window: nothing of it runs, loads or leaves its message.

use crate::{
    harness::{App, Desk, alone},
    journey::choose,
};
use emulator::Config;
use serde_json::Value;

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
        crate::harness::patiently("the next answer", || async {
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
