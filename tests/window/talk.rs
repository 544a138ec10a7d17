//! What a person does with messages: edit, branch, delete, go on, and set how they are answered.

use crate::{
    harness::{App, Desk, alone, patiently},
    journey::choose,
};
use serde_json::{Value, json};

const ENTER: &str = "\u{e007}";
const UP: &str = "\u{e013}";
const ESCAPE: &str = "\u{e00c}";

/// What was last sent to the model.
fn asked(desk: &Desk) -> Value {
    let all = desk.emulator.requests();
    let last = all
        .iter()
        .rev()
        .find(|r| r.path == "/api/v1/chat/completions");
    last.expect("nothing was asked").json().unwrap()
}

/// The questions on the screen.
async fn questions(app: &App) -> Value {
    app.run("return [...document.querySelectorAll('article[aria-label=You] .text')].map((e) => e.textContent)")
        .await
}

async fn until_questions(app: &App, wanted: Value) {
    patiently(&format!("the questions {wanted}"), || async {
        (questions(app).await == wanted).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_question_is_a_version_beside_the_first_and_both_can_be_read() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(None).await;
    choose(&app, "emulator/echo").await;
    app.ask("the first words").await;
    app.answered().await;

    // An empty composer and the arrow up: the last question, to be written anew.
    app.sees("form textarea").await.send_keys(UP).await.unwrap();
    let editor = app
        .sees("form[aria-label='Edit the question'] textarea")
        .await;
    editor.clear().await.unwrap();
    editor.send_keys("other words").await.unwrap();
    editor.send_keys(ENTER).await.unwrap();
    app.sees("[aria-label='Version 2 of 2']").await;
    app.answered().await;
    until_questions(&app, json!(["other words"])).await;
    assert_eq!(
        asked(&desk)["messages"],
        json!([{"role": "user", "content": "other words"}])
    );

    app.press("Previous version").await;
    app.sees("[aria-label='Version 1 of 2']").await;
    until_questions(&app, json!(["the first words"])).await;

    // Esc leaves it as it was.
    app.sees("form textarea").await.send_keys(UP).await.unwrap();
    let editor = app
        .sees("form[aria-label='Edit the question'] textarea")
        .await;
    editor.send_keys(" never sent").await.unwrap();
    editor.send_keys(ESCAPE).await.unwrap();
    until_questions(&app, json!(["the first words"])).await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_question_after_an_answer_is_a_branch() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(None).await;
    choose(&app, "emulator/echo").await;
    app.ask("one").await;
    app.answered().await;
    app.ask("two").await;
    app.answered().await;
    app.press("Branch").await;
    let editor = app
        .sees("form[aria-label='Ask something else here'] textarea")
        .await;
    editor.send_keys("three").await.unwrap();
    editor.send_keys(ENTER).await.unwrap();
    app.sees("[aria-label='Version 2 of 2']").await;
    app.answered().await;
    until_questions(&app, json!(["one", "three"])).await;
    let said: Vec<_> = asked(&desk)["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["role"].clone())
        .collect();
    assert_eq!(
        said,
        ["user", "assistant", "user"],
        "the branch begins after the first answer"
    );
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_message_is_gone_with_what_followed_and_comes_back_whole() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(None).await;
    choose(&app, "emulator/echo").await;
    for (words, answers) in [("one", 1), ("two", 2)] {
        app.ask(words).await;
        patiently("its answer", || async {
            let done = app
                .run("return document.querySelectorAll('article[aria-busy=false]').length")
                .await;
            (done == json!(answers)).then_some(())
        })
        .await;
    }
    // The tools of a question are seen when it is pointed at; the keyboard reaches them always.
    app.run("[...document.querySelectorAll('article[aria-label=You]')].at(-1).querySelector('[aria-label=Delete]').click()")
        .await;
    until_questions(&app, json!(["one"])).await;
    app.reads("The message and what followed it are deleted.")
        .await;
    app.press("Undo").await;
    until_questions(&app, json!(["one", "two"])).await;
    let answers = "return document.querySelectorAll('article[aria-busy=false]').length";
    assert_eq!(app.run(answers).await, json!(2), "the answer is back, too");
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_a_crash_cut_off_goes_on_where_it_ended() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(None).await;
    choose(&app, "emulator/prose-5000@200").await;
    app.ask("Tell me at length.").await;
    let length =
        "return document.querySelector('article[aria-busy] .prose')?.textContent.length ?? 0";
    patiently("some words", || async {
        (app.run(length).await.as_u64()? > 400).then_some(())
    })
    .await;
    desk.kill();
    drop(app);

    let app = desk.start().await;
    app.press("Tell me at length.").await;
    app.reads("This answer broke off. What came is kept.").await;
    let kept = app
        .run("return document.querySelector('.prose').textContent")
        .await;
    let kept = kept.as_str().unwrap();
    assert!(kept.len() > 100, "only {kept:?} was kept");
    app.press("Continue").await;
    app.sees("[aria-busy=true]").await;
    patiently("the answer to go on", || async {
        let now = app
            .run("return document.querySelector('.prose')?.textContent ?? ''")
            .await;
        let now = now.as_str()?;
        // From where it ended: the beginning is what was kept.
        (now.len() > kept.len() + 50 && now.starts_with(&kept[..60])).then_some(())
    })
    .await;
    app.press("Stop").await;
    app.answered().await;
    app.sees("[aria-label='Version 2 of 2']").await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn instructions_and_settings_go_with_the_next_question_and_a_persona_keeps_them() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(None).await;
    choose(&app, "claude sonnet 4.6").await;
    app.press("Options").await;
    let field = app.sees("dialog textarea").await;
    field.send_keys("Answer in one word.").await.unwrap();
    let field = app.sees("[aria-describedby=option-temperature]").await;
    field.send_keys("9\t").await.unwrap();
    app.reads("From 0 to 2.").await;
    let field = app.sees("[aria-describedby=option-temperature]").await;
    field.clear().await.unwrap();
    field.send_keys("0.5\t").await.unwrap();
    app.press("Keep these settings as a persona").await;
    let name = app.sees("[aria-label='Name of the persona']").await;
    name.send_keys("Laconic").await.unwrap();
    name.send_keys(ENTER).await.unwrap();
    app.sees(".chip[aria-pressed=true]").await;
    app.picture("options").await;
    app.press("Close").await;
    app.ask("Why?").await;
    app.answered().await;
    let sent = asked(&desk);
    assert_eq!(sent["temperature"], json!(0.5));
    assert_eq!(
        sent["messages"],
        json!([
            {"role": "system", "content": "Answer in one word."},
            {"role": "user", "content": "Why?"}
        ])
    );

    // A new chat begins without them; the persona brings them back.
    app.press("New chat").await;
    app.press("Options").await;
    app.press("Laconic").await;
    app.sees(".chip[aria-pressed=true]").await;
    app.press("Close").await;
    app.ask("And?").await;
    app.answered().await;
    assert_eq!(
        asked(&desk)["messages"][0]["content"],
        "Answer in one word."
    );
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_paste_is_folded_kept_as_a_draft_and_sent_as_a_fenced_block() {
    const PASTE: &str = "
        const data = new DataTransfer();
        data.setData('text/plain', arguments[0]);
        document.querySelector('form textarea').dispatchEvent(
            new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))";
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(None).await;
    choose(&app, "emulator/echo").await;
    let log = vec!["a line of a log"; 60].join("\n");
    app.sees("form textarea")
        .await
        .send_keys("Why?")
        .await
        .unwrap();
    app.page.execute(PASTE, vec![json!(log)]).await.unwrap();
    app.reads("Pasted text").await;
    app.reads("60 lines").await;
    app.quit().await;

    let app = desk.start().await;
    app.reads("60 lines").await;
    app.press("Send").await;
    app.answered().await;
    let sent = asked(&desk)["messages"][0]["content"].clone();
    assert_eq!(sent, json!(format!("Why?\n\n```pasted\n{log}\n```")));
    app.picture("pasted").await;
    app.quit().await;
}
