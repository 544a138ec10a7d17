//! The main job, end to end, and its endings.

use crate::{
    browser::Browser,
    harness::{Desk, alone},
    traces::{files, holds},
};
use std::fs;

const QUESTION: &str = "Summarise the margin change and give me a query to check it.";

/// Records what the page sends to the core and gets back, from here on.
pub const LISTEN: &str = "
    window.__heard = [];
    const real = window.fetch;
    window.fetch = async (...args) => {
        window.__heard.push(String(args[0]?.url ?? args[0]), String(args[1]?.body ?? ''));
        const answer = await real(...args);
        answer.clone().text().then((text) => window.__heard.push(text));
        return answer;
    };";

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_connects_asks_and_is_still_connected_after_a_restart() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.start().await;
    app.run(LISTEN).await;
    app.reads("Every model, one conversation").await;
    app.reads("This is an emulator on this computer").await;
    app.picture("1-connect").await;

    app.press("Connect with OpenRouter").await;
    app.reads("Finish in your browser").await;
    app.picture("2-waiting").await;
    let browser = Browser::start().await;
    let url = desk.opened().await;
    browser.decide(&url, "authorize").await;
    assert_eq!(browser.ending().await, "You are connected");
    browser.close().await;

    app.sees("textarea").await;
    app.picture("3-connected").await;
    choose(&app, "claude sonnet 4.6").await;
    app.ask(QUESTION).await;
    app.answered().await;
    app.picture("4-answer").await;
    let answer = app.sees("article[aria-busy] p").await.text().await.unwrap();
    assert!(answer.len() > 20, "the answer is {answer:?}");
    let heard = app.run("return JSON.stringify([window.__heard, document.documentElement.outerHTML, {...localStorage}, {...sessionStorage}, document.cookie])").await;
    app.quit().await;

    let app = desk.start().await;
    app.sees("textarea").await;
    app.reads("Summarise the margin change").await;
    app.press("Summarise the margin change").await;
    app.reads(&answer).await;
    app.picture("5-after-restart").await;

    app.quit().await;

    assert_eq!(desk.emulator.violations(), Vec::<String>::new());
    let key = &desk.emulator.keys()[0].key;
    let exchange = desk
        .emulator
        .requests()
        .into_iter()
        .find(|r| r.path == "/api/v1/auth/keys")
        .unwrap();
    let body = exchange.json().unwrap();
    let heard = heard.as_str().unwrap();
    assert!(
        heard.contains(QUESTION),
        "the page's messages were not recorded"
    );
    assert!(
        fs::metadata(desk.log()).unwrap().len() > 1000,
        "nothing was logged"
    );
    for secret in [
        key.as_str(),
        body["code"].as_str().unwrap(),
        body["code_verifier"].as_str().unwrap(),
    ] {
        assert!(
            !holds(heard.as_bytes(), secret),
            "a secret is in the page or its messages"
        );
        for (path, bytes) in files(desk.folder.path()) {
            assert!(!holds(&bytes, secret), "a secret is in {}", path.display());
        }
    }
    assert!(desk.profile().join("vault.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_in_the_browser_is_told_calmly_in_both_places() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.start().await;
    app.press("Connect with OpenRouter").await;
    let browser = Browser::start().await;
    browser.decide(&desk.opened().await, "deny").await;
    assert_eq!(browser.ending().await, "You declined the request");
    app.reads("You declined the request. Nothing was shared and nothing was stored.")
        .await;
    app.press("Connect again").await;
    app.reads("Finish in your browser").await;
    app.press("Cancel").await;
    app.reads("Every model, one conversation").await;
    browser.close().await;
    app.quit().await;
    assert!(!desk.profile().join("vault.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_code_connects_when_the_browser_is_elsewhere() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.start().await;
    app.press("Paste a sign-in code").await;
    let approval = desk
        .emulator
        .approve(&desk.opened().await, Some(20.0))
        .unwrap();
    assert_eq!(approval.redirect, None, "a code to paste has no way back");
    let field = app.sees("input").await;
    field.send_keys("no code").await.unwrap();
    field.clear().await.unwrap();
    field
        .send_keys(&format!("  \"{}\" ", approval.code))
        .await
        .unwrap();
    app.press("Continue").await;
    app.sees("textarea").await;
    app.reads("of $20.00").await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_a_passphrase_keeps_the_key_and_opens_it_again() {
    const PASSPHRASE: &str = "four words or more";
    let _alone = alone().await;
    let mut desk = Desk::new().await;
    desk.keychain = false;
    let app = desk.start().await;
    app.give_key(&desk.emulator.issue_key("Journey", None))
        .await;
    app.reads("How should your key be kept?").await;
    app.reads("No working keychain was found on this computer.")
        .await;
    app.picture("choose-seal").await;
    assert!(
        !desk.profile().join("vault.json").exists(),
        "stored before the person chose"
    );
    app.sees("[aria-label='Passphrase']")
        .await
        .send_keys(PASSPHRASE)
        .await
        .unwrap();
    let again = app.sees("[aria-label='The passphrase again']").await;
    again.send_keys(PASSPHRASE).await.unwrap();
    app.press("Keep it with this passphrase").await;
    app.sees("form textarea").await;
    app.quit().await;

    let app = desk.start().await;
    app.reads("Your key is locked").await;
    app.picture("locked").await;
    let field = app.sees("[aria-label='Passphrase']").await;
    field.send_keys("not this one").await.unwrap();
    app.press("Unlock").await;
    app.reads("That passphrase does not open it").await;
    let field = app.sees("[aria-label='Passphrase']").await;
    field.send_keys(PASSPHRASE).await.unwrap();
    // The button waits as long as the vault does after a wrong guess.
    app.press("Unlock").await;
    app.sees("form textarea").await;
    app.quit().await;
}

/// Chooses a model in the picker by its name.
pub async fn choose(app: &crate::harness::App, name: &str) {
    app.press("Model").await;
    let search = app.sees("dialog input").await;
    search.send_keys(name).await.unwrap();
    crate::harness::patiently("the picker to close", || async {
        // Nothing is chosen while the list is still on its way, and nothing is there to press once it was.
        let _ = search.clone().send_keys("\u{e007}").await;
        let open = app
            .run("return document.querySelectorAll('dialog[open]').length")
            .await;
        (open == 0).then_some(())
    })
    .await;
}
