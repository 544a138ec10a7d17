//! Several models side by side, in the real window.

use crate::{
    access::judged,
    files::{paste, pdf},
    harness::{App, Desk, alone, patiently},
};
use emulator::Config;
use fantoccini::key::Key;

/// Adds the best fit to the comparison, from the open picker.
async fn add(app: &App, words: &str) {
    let field = app.sees("dialog [role=combobox]").await;
    field.clear().await.unwrap();
    field.send_keys(words).await.unwrap();
    app.sees("dialog [role=option][aria-selected=true]").await;
    field
        .send_keys(&format!("{}{}{}", Key::Control, Key::Enter, Key::Null))
        .await
        .unwrap();
}

async fn names(app: &App) -> Vec<String> {
    let names = app
        .run("return [...document.querySelectorAll('section[aria-label]')].map((s) => s.ariaLabel)")
        .await;
    let names = names.as_array().unwrap().iter();
    names
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_models_answer_side_by_side_and_one_is_gone_on_with() {
    let _alone = alone().await;
    let desk = Desk::with(Config {
        tokens_per_second: 400.0,
        ..Config::default()
    })
    .await;
    let app = desk.connected(None).await;
    app.size(1240, 800).await;
    app.press("Model").await;
    add(&app, "emulator/echo").await;
    add(&app, "emulator/prose-5000@200").await;
    add(&app, "claude sonnet 4.6").await;
    app.press("Compare 3 models").await;
    app.reads("Blind mode").await;
    app.sees("textarea[aria-label='Ask all three']").await;
    app.ask("Which of you is it?").await;
    patiently("three columns", || async {
        (names(&app).await.len() == 3).then_some(())
    })
    .await;
    // One is stopped by itself; the others come to their ends.
    let stop = "const column = [...document.querySelectorAll('section[aria-label]')].find((s) => s.ariaLabel.includes('5000'));
        if (!column?.querySelector('.prose p')) return false;
        column.querySelector('footer button').click();
        return true";
    patiently("its first words, and its stop", || async {
        (app.run(stop).await == true).then_some(())
    })
    .await;
    app.reads("You stopped this answer.").await;
    patiently("the ends of all", || async {
        let busy = app
            .run("return document.querySelectorAll('article[aria-busy=true]').length")
            .await;
        (busy == 0).then_some(())
    })
    .await;
    app.picture("compare-journey").await;

    // In a narrow window they stand under tabs.
    app.size(560, 800).await;
    app.sees("[role=tablist][aria-label=Models] [role=tab]:nth-child(2)")
        .await
        .click()
        .await
        .unwrap();
    patiently("one column", || async {
        (names(&app).await.len() == 1).then_some(())
    })
    .await;
    app.size(1240, 800).await;

    app.press("Continue with this").await;
    app.sees("[aria-label='Version 1 of 3']").await;
    app.sees("textarea[aria-label='Ask a follow-up']").await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blind_answers_have_no_names_until_they_are_revealed() {
    let _alone = alone().await;
    let desk = Desk::with(Config {
        tokens_per_second: 0.0,
        ..Config::default()
    })
    .await;
    let app = desk.connected(None).await;
    app.size(1240, 800).await;
    app.press("Model").await;
    add(&app, "emulator/echo").await;
    add(&app, "emulator/prose").await;
    app.press("Compare 2 models").await;
    app.press("Blind mode").await;
    app.ask("Which of you is it?").await;
    app.press("Reveal the names").await;
    patiently("the names", || async {
        let mut names = names(&app).await;
        names.sort_unstable();
        (names == ["Echo", "Prose"]).then_some(())
    })
    .await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_with_a_comparison_and_stand_in_every_column() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(None).await;
    app.size(1240, 800).await;
    app.press("Model").await;
    add(&app, "emulator/echo").await;
    add(&app, "emulator/blind-echo").await;
    app.press("Compare 2 models").await;
    app.sees("textarea[aria-label='Ask both']").await;
    paste(&app, "q3.pdf", "application/pdf", &pdf(14, "It fell.")).await;
    // One reads it itself, for the other it is read.
    app.reads("14 pages · free to read").await;
    app.reads("goes to OpenRouter and to the models’ providers")
        .await;
    app.ask("Summarise it.").await;
    let cards = "return document.querySelectorAll('section [aria-label=\"q3.pdf\"]').length";
    patiently("the file in both columns", || async {
        (app.run(cards).await == 2).then_some(())
    })
    .await;
    let done = "return document.querySelectorAll('section article[aria-busy=false]').length";
    patiently("both answers", || async {
        (app.run(done).await == 2).then_some(())
    })
    .await;
    app.picture("compared-with-a-file").await;
    judged(&app, "a comparison with a file").await;
    let read = [("q3.pdf".to_owned(), "cloudflare-ai".to_owned())];
    assert_eq!(desk.emulator.readings(), read);
    assert_eq!(desk.emulator.violations(), Vec::<String>::new());
    app.quit().await;
}
