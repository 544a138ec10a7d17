//! Finding and keeping in order what was said, in the real window.

use crate::{
    harness::{App, Desk, alone, patiently},
    journey::choose,
};
use causeway_core::testing::history::{History, NewConversation, NewMessage, Role, Status};
use emulator::Config;
use serde_json::{Value, json};

fn fast() -> Config {
    Config {
        tokens_per_second: 0.0,
        ..Config::default()
    }
}

async fn press_key(app: &App, key: &str) {
    let script = "window.dispatchEvent(new KeyboardEvent('keydown', \
                  { key: arguments[0], ctrlKey: true, bubbles: true, cancelable: true }))";
    app.page.execute(script, vec![json!(key)]).await.unwrap();
}

/// Waits until a script's answer is this.
async fn becomes(app: &App, script: &str, wanted: Value) {
    patiently(&format!("{script} to be {wanted}"), || async {
        (app.run(script).await == wanted).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_is_found_as_it_is_typed_and_shown_where_it_stands() {
    let _alone = alone().await;
    let desk = Desk::with(fast()).await;
    let app = desk.connected(None).await;
    choose(&app, "emulator/echo").await;
    app.ask("a needle in the straw").await;
    app.answered().await;
    app.press("New chat").await;
    app.ask("something else").await;
    app.answered().await;

    press_key(&app, "k").await;
    let field = app.sees("dialog [role=combobox]").await;
    app.picture("history-1-palette").await;
    field.send_keys("NEEDLE in").await.unwrap();
    becomes(
        &app,
        "return [...document.querySelectorAll('.entry.message mark')].map((m) => m.textContent)",
        json!(["needle", "in", "needle", "in"]),
    )
    .await;
    app.picture("history-2-found").await;
    // Past the conversation itself, to the first message.
    field.send_keys("\u{e015}\u{e007}").await.unwrap();
    app.reads("a needle in the straw").await;
    becomes(
        &app,
        "return document.querySelector('dialog[open]')",
        Value::Null,
    )
    .await;
    becomes(
        &app,
        "return document.querySelector('[role=search] input')?.value",
        json!("NEEDLE"),
    )
    .await;
    app.picture("history-3-shown").await;

    // The same box knows every command.
    press_key(&app, "k").await;
    let field = app.sees("dialog [role=combobox]").await;
    field.send_keys(">lock\u{e007}").await.unwrap();
    app.reads("locked").await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_are_put_into_folders_thrown_away_and_brought_back() {
    let _alone = alone().await;
    let desk = Desk::with(fast()).await;
    let app = desk.connected(None).await;
    choose(&app, "emulator/echo").await;
    for words in ["first of all", "second thoughts"] {
        app.press("New chat").await;
        app.ask(words).await;
        app.answered().await;
    }
    press_key(&app, "k").await;
    let field = app.sees("dialog [role=combobox]").await;
    field.send_keys("new folder\u{e007}").await.unwrap();
    let name = app.sees("dialog [aria-label='Name of a new folder']").await;
    name.send_keys("Work\u{e007}").await.unwrap();
    app.sees("nav .folder").await;

    // Dragged onto the folder, as a pointer does it.
    let drag = "
        const at = (e) => {
            const box = e.getBoundingClientRect();
            return { clientX: box.x + 40, clientY: box.y + box.height / 2, button: 0, bubbles: true };
        };
        const row = [...document.querySelectorAll('nav button.show')].find((b) => b.title.startsWith('first'));
        const to = document.querySelector('nav [data-drop^=folder]');
        row.dispatchEvent(new PointerEvent('pointerdown', at(row)));
        window.dispatchEvent(new PointerEvent('pointermove', at(to)));
        window.dispatchEvent(new PointerEvent('pointerup', at(to)));";
    app.run(drag).await;
    becomes(
        &app,
        "return document.querySelector('nav .folder small').textContent",
        json!("1"),
    )
    .await;
    app.sees("nav .folder").await.click().await.unwrap();
    becomes(
        &app,
        "return [...document.querySelectorAll('nav li.inside .title')].map((t) => t.textContent)",
        json!(["first of all"]),
    )
    .await;
    app.picture("history-4-folder").await;

    // By keys: the row that has the focus is thrown away, and undone.
    let row = "document.querySelector('nav li.inside button.show')";
    app.run(&format!("{row}.focus()")).await;
    let row = app.sees("nav li.inside button.show").await;
    row.send_keys("\u{e017}").await.unwrap();
    app.reads("“first of all” is deleted.").await;
    becomes(
        &app,
        "return document.querySelectorAll('nav li.inside').length",
        json!(0),
    )
    .await;
    app.press("Undo").await;
    app.sees("nav li.inside").await;

    app.sees("nav li.inside button.show")
        .await
        .send_keys("\u{e017}")
        .await
        .unwrap();
    app.press("Trash").await;
    app.reads("Kept for 30 days").await;
    app.picture("history-5-trash").await;
    app.press("Empty it").await;
    app.press("Delete for good").await;
    app.reads("The trash is empty.").await;
    app.quit().await;

    let app = desk.start().await;
    app.reads("second thoughts").await;
    assert!(!app.text().await.contains("first of all"));
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_thousands_of_conversations_a_few_are_drawn_and_all_can_be_reached() {
    const ALL: usize = 3_000;
    let _alone = alone().await;
    let desk = Desk::with(fast()).await;
    desk.connected(None).await.quit().await;
    let history = History::open(&desk.profile()).unwrap();
    let all = (0..ALL).map(|n| {
        let now_ms = 1_700_000_000_000 + i64::try_from(n).unwrap() * 3_600_000;
        let new = NewConversation {
            title: format!("Number {n}"),
            model: "emulator/echo".into(),
            now_ms,
        };
        let said = NewMessage {
            conversation: "018bcfe5-6800-7000-8000-00000000000a".parse().unwrap(),
            parent: None,
            role: Role::User,
            text: format!("words of {n}"),
            reasoning: String::new(),
            model: None,
            options: None,
            status: Status::Done,
            now_ms,
        };
        (new, vec![said])
    });
    history.fill(all).unwrap();
    drop(history);

    let app = desk.start().await;
    app.reads("Number 2999").await;
    patiently("the end of the list", || async {
        let seen = "
            const nav = document.querySelector('nav');
            nav.scrollTop = nav.scrollHeight;
            const titles = [...nav.querySelectorAll('.title')].map((t) => t.textContent);
            return [titles.length, titles.includes('Number 0')]";
        let seen = app.run(seen).await;
        let drawn = seen[0].as_u64().unwrap();
        assert!(drawn < 60, "{drawn} rows are drawn at once");
        (seen[1] == json!(true)).then_some(())
    })
    .await;
    app.press("Number 0").await;
    app.reads("words of 0").await;
    app.picture("history-6-end").await;
    app.quit().await;
}
