//! Words of every kind through the whole window: typed, sent, listed, stored, shown again.

use crate::{
    harness::{App, Desk, alone, patiently},
    journey::choose,
};
use emulator::Config;
use serde_json::{Value, json};

/// Typed as a person's input method does: the field gets its value and tells of it.
const TYPE: &str = "
    const field = document.querySelector('form textarea');
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(field, arguments[0]);
    field.dispatchEvent(new InputEvent('input', { bubbles: true }))";

fn hostile() -> Vec<String> {
    let own = [
        "\u{202e}gnp.exe\u{202c} and \u{2066}isolated\u{2069}",
        "zero\u{200b}width\u{200d}join\u{feff}ed\u{00ad}",
        "<img src=x onerror=\"window.__ran = 1\"><script>window.__ran = 1</script>",
        "%s %n {{7*7}} ${7*7} #{7*7} {0} <%= 7*7 %>",
        "'; DROP TABLE message; -- \" OR 1=1",
        "../../../../etc/passwd C:\\Windows\\System32 file:///etc/passwd",
        "\u{0639}\u{0631}\u{0628}\u{064a} mixed with English \u{05e2}\u{05d1}\u{05e8}\u{05d9}\u{05ea}",
        "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 e\u{301}",
        "__proto__ constructor toString",
    ];
    let mut all: Vec<String> = own.map(str::to_owned).to_vec();
    all.push(format!("z{}algo", "\u{0334}\u{0353}\u{030d}".repeat(300)));
    all.push("x".repeat(20_000));
    all
}

async fn shown(app: &App) -> Value {
    app.run("return [...document.querySelectorAll('article[aria-label=You] .text')].map((e) => e.textContent)")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn w22_hostile_words_are_shown_as_typed_and_come_back_whole() {
    let _alone = alone().await;
    // An echo of a long text would take its time.
    let fast = Config {
        tokens_per_second: 0.0,
        ..Config::default()
    };
    let desk = Desk::with(fast).await;
    let app = desk.connected(None).await;
    choose(&app, "emulator/echo").await;
    let mut sent = Vec::new();
    for words in hostile() {
        app.page.execute(TYPE, vec![json!(words)]).await.unwrap();
        app.press("Send").await;
        sent.push(words);
        patiently("the question to be shown", || async {
            (shown(&app).await.as_array()?.len() == sent.len()).then_some(())
        })
        .await;
        app.answered().await;
    }
    assert_eq!(shown(&app).await, json!(sent));
    let last = desk.emulator.requests();
    let last = last
        .iter()
        .rev()
        .find(|r| r.path.ends_with("/chat/completions"));
    let body = last.unwrap().json().unwrap();
    let asked: Vec<_> = body["messages"].as_array().unwrap().iter().collect();
    let asked: Vec<_> = asked
        .iter()
        .filter(|m| m["role"] == "user")
        .map(|m| &m["content"])
        .collect();
    assert_eq!(json!(asked), json!(sent), "something else was sent");
    let broken = "
        const wide = [...document.querySelectorAll('main, aside, article, nav li')].filter((e) => e.scrollWidth > e.clientWidth + 1);
        return [window.__ran ?? null, document.documentElement.scrollWidth > innerWidth, wide.length]";
    assert_eq!(
        app.run(broken).await,
        json!([null, false, 0]),
        "words ran, or burst the window"
    );
    app.quit().await;

    let app = desk.start().await;
    app.sees("nav li button.show").await.click().await.unwrap();
    patiently("the conversation", || async {
        (shown(&app).await == json!(sent)).then_some(())
    })
    .await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w22_w23_hostile_names_of_conversations_and_keys_are_text_and_stay_in_their_place() {
    const LABEL: &str = "<b onclick=\"window.__ran = 1\">\u{202e}label</b>";
    let _alone = alone().await;
    // An echo of a long text would take its time.
    let fast = Config {
        tokens_per_second: 0.0,
        ..Config::default()
    };
    let desk = Desk::with(fast).await;
    let app = desk.start().await;
    let key = desk.emulator.issue_key(LABEL, Some(20.0));
    app.give_key(&key).await;
    app.sees("form textarea").await;
    app.press("Settings").await;
    app.reads("<b onclick=").await;
    app.run("document.querySelector('dialog[open]').close()")
        .await;
    choose(&app, "emulator/echo").await;
    for title in hostile() {
        app.press("New chat").await;
        app.page.execute(TYPE, vec![json!(title)]).await.unwrap();
        app.press("Send").await;
        app.answered().await;
    }
    let names = "
        const rows = [...document.querySelectorAll('nav li .title')];
        return [window.__ran ?? null, document.querySelectorAll('nav img, nav script, nav b').length,
            rows.filter((e) => e.getBoundingClientRect().height > 40).length,
            rows.some((e) => /[\\u202a-\\u202e\\u2066-\\u2069]/.test(e.textContent))]";
    assert_eq!(app.run(names).await, json!([null, 0, 0, false]));
    app.quit().await;
}
