//! What those meet who do not see the screen or use no mouse: every screen, judged by axe-core in the real window.

use crate::{
    harness::{App, Desk, alone, patiently},
    journey::choose,
};
use emulator::Config;
use serde_json::{Value, json};
use std::{fs, path::Path};

/// Colours that are on their way to others are not judged, and neither is the order of the headings that a model wrote:
/// what it says is its own.
const JUDGE: &str = "
    const done = arguments[arguments.length - 1];
    const moving = document.getAnimations().filter((a) => a.effect.getTiming().iterations !== Infinity);
    Promise.allSettled(moving.map((a) => a.finished))
        .then(() => axe.run(document, { resultTypes: ['violations'] }))
        .then(
            (found) => done(found.violations.map((v) => [v, v.nodes.filter((n) =>
                v.id !== 'heading-order' || !document.querySelector(n.target[0])?.closest('.prose'))])
                .filter(([, nodes]) => nodes.length > 0)
                .map(([v, nodes]) => v.id + ': ' + v.help + ': ' + nodes
                .map((n) => n.target.join(' ') + ' (' + [...n.any, ...n.all, ...n.none].map((c) => c.message).join(', ') + ')')
                .join('; '))),
            (failed) => done('axe failed: ' + failed));";

/// Judges the screen as it stands, light and dark.
pub async fn judged(app: &App, screen: &str) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/node_modules/axe-core/axe.min.js");
    let axe = fs::read_to_string(&path).expect("axe-core: `npm ci` in ui/");
    for theme in ["light", "dark"] {
        app.theme(theme).await;
        if app.run("return typeof axe").await == json!("undefined") {
            app.run(&format!("{axe}; window.axe = axe")).await;
        }
        let found = app.page.execute_async(JUDGE, vec![]).await;
        let found = found.unwrap_or_else(|e| panic!("{screen}, {theme}: {e}"));
        assert_eq!(found, json!([]), "{screen}, {theme}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_the_screens_before_a_key_is_there() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.start().await;
    app.reads("Every model, one conversation").await;
    judged(&app, "connect").await;
    app.press("Connect with OpenRouter").await;
    app.reads(" left").await;
    judged(&app, "waiting").await;
    desk.emulator.deny(&desk.opened().await).unwrap();
    app.press("Cancel").await;
    app.press("Paste a sign-in code").await;
    app.reads(" left").await;
    judged(&app, "paste").await;
    app.press("Cancel").await;
    app.press("Use an API key instead").await;
    app.sees("#api-key").await;
    judged(&app, "API key").await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_the_screens_of_a_vault_without_a_keychain() {
    let _alone = alone().await;
    let mut desk = Desk::new().await;
    desk.keychain = false;
    let app = desk.start().await;
    app.give_key(&desk.emulator.issue_key("Journey", None))
        .await;
    app.reads("How should your key be kept?").await;
    judged(&app, "choose seal").await;
    for field in [
        "[aria-label='Passphrase']",
        "[aria-label='The passphrase again']",
    ] {
        let field = app.sees(field).await;
        field.send_keys("four words or more").await.unwrap();
    }
    app.press("Keep it with this passphrase").await;
    app.sees("form textarea").await;
    app.quit().await;
    let app = desk.start().await;
    app.reads("Your key is locked").await;
    judged(&app, "locked").await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_the_screens_of_the_chat() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(Some(20.0)).await;
    app.size(1240, 800).await;
    app.sees("form textarea").await;
    judged(&app, "empty").await;
    for (model, screen) in [
        ("claude sonnet 4.6", "chat"),
        ("emulator/reasoning", "reasoning"),
        ("emulator/error-account-has-no-credit", "problem"),
        ("emulator/markdown-tour", "markdown"),
    ] {
        app.press("New chat").await;
        choose(&app, model).await;
        app.ask("Show me.").await;
        app.answered().await;
        judged(&app, screen).await;
    }
    let field = app.sees("form textarea").await;
    field.send_keys("\u{e009}f\u{e000}").await.unwrap();
    app.sees("[role=search] input")
        .await
        .send_keys("the")
        .await
        .unwrap();
    app.reads(" of ").await;
    judged(&app, "find").await;
    app.press("Close find").await;
    app.press("Options").await;
    app.reads("Instructions").await;
    judged(&app, "options").await;
    app.run("document.querySelector('dialog[open]').close()")
        .await;
    let field = app.sees("form textarea").await;
    field.send_keys("\u{e013}").await.unwrap();
    app.sees("form[aria-label='Edit the question'] textarea")
        .await;
    judged(&app, "edit").await;
    app.press("Cancel").await;
    app.press("Model").await;
    app.sees("dialog input")
        .await
        .send_keys("sonnet")
        .await
        .unwrap();
    judged(&app, "picker").await;
    app.sees("dialog input")
        .await
        .send_keys("\u{e00c}")
        .await
        .unwrap();
    app.press("Settings").await;
    app.reads("Disconnect").await;
    for section in [
        "Account",
        "Security",
        "Chat",
        "Appearance",
        "Shortcuts",
        "About",
    ] {
        app.press(section).await;
        judged(&app, section).await;
    }
    app.press("Data").await;
    app.reads("Where your conversations lie").await;
    judged(&app, "data").await;
    app.press("Export all…").await;
    app.reads("Export all conversations").await;
    app.picture("export").await;
    judged(&app, "export").await;
    app.run(
        "for (const open of [...document.querySelectorAll('dialog[open]')].reverse()) open.close()",
    )
    .await;
    app.size(420, 800).await;
    judged(&app, "narrow").await;
    app.press("Show the sidebar").await;
    judged(&app, "drawer").await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_twice_the_size_nothing_is_lost_and_nothing_scrolls_sideways() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(Some(20.0)).await;
    choose(&app, "emulator/markdown-tour").await;
    app.ask("Show me everything.").await;
    app.answered().await;
    // A window of 1280 by 800 at 200 % has so much room.
    app.size(640, 400).await;
    let wide = "return [document.documentElement, document.querySelector('main'), \
                document.querySelector('[aria-label=Conversation]')].map((e) => e.scrollWidth - e.clientWidth)";
    assert_eq!(app.run(wide).await, json!([0, 0, 0]), "it scrolls sideways");
    let reachable = "
        const lost = [...document.querySelectorAll('main button, main textarea')].filter((e) => {
            if (e.closest('article')) return false;
            const r = e.getBoundingClientRect();
            return r.width === 0 || r.right > innerWidth + 1 || r.left < -1 || r.bottom > innerHeight + 1 || r.top < -1;
        });
        return lost.map((e) => e.getAttribute('aria-label') || e.textContent)";
    assert_eq!(
        app.run(reachable).await,
        Value::Array(vec![]),
        "out of reach"
    );
    app.picture("zoomed").await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_go_from_message_to_message_and_a_growing_answer_is_told_by_sentence() {
    let _alone = alone().await;
    // About two sentences a second, as a reader follows.
    let slow = Config {
        tokens_per_second: 20.0,
        ..Config::default()
    };
    let desk = Desk::with(slow).await;
    let app = desk.connected(None).await;
    choose(&app, "emulator/prose-5000").await;
    app.ask("Tell me at length.").await;
    app.sees("article").await;
    // What a screen reader is told: changed seldom, and always to whole sentences.
    app.run(
        "window.__told = [];
         const live = document.querySelector('.unseen[aria-live=polite]:not([role])');
         new MutationObserver(() => window.__told.push([performance.now(), live.textContent]))
             .observe(live, { childList: true, characterData: true, subtree: true })",
    )
    .await;
    let told = patiently("sentences", || async {
        let told = app.run("return window.__told").await;
        (told.as_array()?.len() >= 3).then_some(told)
    })
    .await;
    let told = told.as_array().unwrap();
    for words in told {
        let words = words[1].as_str().unwrap();
        assert!(
            words.ends_with(['.', '!', '?']),
            "half a sentence: {words:?}"
        );
    }
    let times: Vec<f64> = told.iter().map(|t| t[0].as_f64().unwrap()).collect();
    assert!(
        times.windows(2).all(|pair| pair[1] - pair[0] > 500.0),
        "told too often: {times:?}"
    );
    app.press("Stop").await;
    app.answered().await;

    let focused = "const e = document.activeElement; return e.tagName === 'ARTICLE' ? e.getAttribute('aria-label') : e.tagName";
    let region = app.sees("[aria-label=Conversation]").await;
    app.run("document.querySelector('[aria-label=Conversation]').focus()")
        .await;
    region.send_keys("k").await.unwrap();
    let last = app.run(focused).await;
    assert_ne!(last, json!("You"), "the last message is the answer");
    let article = app.sees("article:focus").await;
    article.send_keys("k").await.unwrap();
    assert_eq!(app.run(focused).await, json!("You"));
    let article = app.sees("article:focus").await;
    article.send_keys("j").await.unwrap();
    assert_eq!(app.run(focused).await, last);
    app.quit().await;
}
