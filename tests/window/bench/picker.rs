//! The model picker over the whole catalogue: how long it takes to open, and from a letter to the painted list.

use crate::{
    Options,
    harness::{App, Desk, patiently},
    report::{Report, load, quantile, round},
};
use emulator::{Config, Fault};
use serde_json::{Value, json};

/// Tells when what was just changed is on the screen: a task that is posted in a frame runs once the frame is painted.
const PAINTED: &str = "
    const painted = (then) => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = then;
        port2.postMessage(null);
    });";

/// Opens the picker by its button and notes how long it takes until its rows are painted.
const OPEN: &str = "
    window.__opened = null;
    const button = [...document.querySelectorAll('main header button')].find((b) => b.ariaLabel?.startsWith('Model'));
    const start = performance.now();
    button.click();
    const look = () => painted(() => {
        const rows = document.querySelectorAll('[role=option]').length;
        if (rows === 0) return look();
        window.__opened = [performance.now() - start, rows];
    });
    look();";

/// Puts a field into the open dialog that nothing listens to: what typing costs by itself.
const BARE: &str = "document.querySelector('dialog').append(Object.assign(document.createElement('input'), { id: 'bare' }))";

const CLOSE: &str = "document.querySelector('dialog')?.close();";

/// Types words letter by letter, takes each away again, and notes for each letter how long it takes until the list is
/// painted. A letter is typed at the beginning of a frame, as browsers hand them to pages, and by the command that keys
/// give: to set the field's value while it has the focus costs WebKitGTK 6 ms more, which no typing does.
const TYPE: &str = "
    const [words, field] = [arguments[0], document.querySelector(arguments[1])];
    const steps = words.flatMap((word) => [...word, '']);
    field.focus();
    const times = [];
    window.__typed = null;
    const next = () => {
        const letter = steps.shift();
        if (letter === undefined) return (window.__typed = times);
        if (letter === '') field.select();
        requestAnimationFrame(() => {
            const start = performance.now();
            document.execCommand(letter === '' ? 'delete' : 'insertText', false, letter);
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => {
                times.push(performance.now() - start);
                setTimeout(next, 20);
            };
            port2.postMessage(null);
        });
    };
    next();";

const WORDS: [&str; 10] = [
    "sonnet",
    "gpt 5 mini",
    "deepseek",
    "anthropic/claude-opus",
    "qwen coder 30b",
    "gemini flash lite",
    "llama 70b",
    "cluade",
    "o3",
    "zzzz",
];

pub async fn measure(options: &Options) -> Report {
    let mut report = Report::default();
    let mut desk = Desk::with(Config::default()).await;
    desk.environment.push(("CAUSEWAY_LOG", Some("error")));
    desk.emulator
        .inject("/api/v1/models", Fault::Garbage(emulator::catalogue()), 1);
    let app = desk.connected(None).await;
    let width = u32::try_from(options.number("width", "1240")).unwrap();
    app.size(width, 800).await;
    let mut opened = Vec::new();
    let mut typed = Vec::new();
    let mut bare = Vec::new();
    let mut models = String::new();
    for _ in 0..options.number("runs", "5") {
        opened.push(open(&app).await);
        models = app
            .run("return document.querySelector('dialog .count').innerText")
            .await
            .as_str()
            .unwrap_or_default()
            .to_owned();
        typed.extend(type_words(&app, "[role=combobox]").await);
        app.run(BARE).await;
        bare.extend(type_words(&app, "#bare").await);
        app.run(CLOSE).await;
    }
    let row = |what: &'static str, times: &[f64]| {
        vec![
            ("what", json!(what)),
            ("times", json!(times.len())),
            ("median, ms", json!(round(quantile(times, 0.5).unwrap()))),
            ("p95, ms", json!(round(quantile(times, 0.95).unwrap()))),
            ("slowest, ms", json!(round(quantile(times, 1.0).unwrap()))),
            ("load", json!(load())),
        ]
    };
    report.row(row("open", &opened));
    report.row(row("a letter", &typed));
    report.row(row("a letter in a bare field", &bare));
    report.note(format!("Listed: {models}."));
    report.note(
        "Open: from the press on the button to its rows on the screen. A letter: from the event, at the beginning of a \
         frame, to the end of that frame's painting; the first letter and taking all away are among them. The bare field \
         stands in the same dialog, and nothing listens to it."
            .to_owned(),
    );
    app.quit().await;
    report
}

/// How long each letter took, in milliseconds.
async fn type_words(app: &App, field: &str) -> Vec<f64> {
    let mut times = Vec::new();
    for word in WORDS {
        app.page
            .execute(TYPE, vec![json!([word]), json!(field)])
            .await
            .unwrap();
        let typed = patiently("a word to be typed", || async {
            let typed = app.run("return window.__typed").await;
            typed.as_array().filter(|list| !list.is_empty()).cloned()
        });
        times.extend(typed.await.iter().filter_map(Value::as_f64));
    }
    times
}

async fn open(app: &App) -> f64 {
    app.run(&format!("{PAINTED}{OPEN}")).await;
    patiently("the open picker", || async {
        app.run("return window.__opened").await[0].as_f64()
    })
    .await
}
