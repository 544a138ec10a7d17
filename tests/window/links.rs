//! The app as the one that opens `causeway://` links: what the system hands over reaches it.

use crate::{
    harness::{Desk, alone, patiently},
    traces::{files, holds},
};
use fantoccini::Locator;
use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt};

async fn linked() -> Desk {
    let mut desk = Desk::new().await;
    desk.links = true;
    desk
}

/// Chooses the app link as the way back, in the settings, as a person does.
async fn choose_the_app_link(app: &crate::harness::App) {
    app.press("Settings").await;
    app.sees("input[value='appLink']")
        .await
        .click()
        .await
        .unwrap();
    app.press("Close").await;
    patiently("the settings to close", || async {
        app.page
            .find(Locator::Css("dialog[open]"))
            .await
            .is_err()
            .then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d1_d14_a_link_that_the_system_opens_finishes_the_sign_in() {
    let _alone = alone().await;
    let desk = linked().await;
    let app = desk.start().await;
    desk.registered().await;
    app.run(crate::journey::LISTEN).await;
    choose_the_app_link(&app).await;
    app.press("Connect with OpenRouter").await;
    app.reads("Ready to receive the answer through the app link")
        .await;
    app.reads("Paste a code instead").await;
    let approval = desk
        .emulator
        .approve(&desk.opened().await, Some(20.0))
        .unwrap();
    let link = approval.redirect.unwrap();
    assert!(link.starts_with("causeway://cb/"), "{link}");

    // Others may have tried before.
    let forged = format!("causeway://cb/{}?code=abcdefghijklmnop", "A".repeat(43));
    assert!(desk.system_opens(&forged).await.success());
    app.reads("Ready to receive the answer through the app link")
        .await;
    assert!(desk.system_opens(&link).await.success());
    app.sees("form textarea").await;
    app.reads("of $20.00").await;
    assert_eq!(desk.emulator.keys().len(), 1);
    assert_eq!(desk.emulator.violations(), Vec::<String>::new());

    // What the page could have heard: nothing with the code in it, and no event at all.
    let heard = app
        .run("return JSON.stringify([window.__heard, document.documentElement.outerHTML, {...localStorage}, {...sessionStorage}])")
        .await;
    assert!(heard.as_str().unwrap().len() > 1000, "nothing was recorded");
    assert!(
        !holds(heard.as_str().unwrap().as_bytes(), &approval.code),
        "the code is in the page or its messages"
    );
    let listening = app
        .page
        .execute_async(
            "const done = arguments[0]; \
             window.__TAURI_INTERNALS__.invoke('plugin:event|listen', {event: 'deep-link://new-url', target: {kind: 'Any'}, handler: 1}) \
             .then(() => done('it may listen'), () => done('refused'))",
            vec![],
        )
        .await
        .unwrap();
    assert_eq!(listening, "refused");
    app.quit().await;
    for (path, bytes) in files(desk.folder.path()) {
        assert!(
            !holds(&bytes, &approval.code),
            "the code is in {}",
            path.display()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d9_a_link_that_starts_the_app_signs_nobody_in_and_says_so() {
    let _alone = alone().await;
    let desk = linked().await;
    let app = desk.start().await;
    desk.registered().await;
    choose_the_app_link(&app).await;
    app.press("Connect with OpenRouter").await;
    let approval = desk.emulator.approve(&desk.opened().await, None).unwrap();
    app.quit().await;

    let app = desk
        .start_by("xdg-open", &[&approval.redirect.unwrap()])
        .await;
    app.reads("That sign-in is over, so its answer was not used.")
        .await;
    app.sees("main").await;
    assert_eq!(
        desk.emulator
            .requests()
            .iter()
            .filter(|r| r.path.starts_with("/api"))
            .count(),
        0
    );
    assert!(!desk.profile().join("vault.json").exists());
    // Starting again is one press, and works.
    app.press("Connect with OpenRouter").await;
    let again = desk.emulator.approve(&desk.opened().await, None).unwrap();
    assert!(desk.system_opens(&again.redirect.unwrap()).await.success());
    app.sees("form textarea").await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d8_d11_a_second_start_with_any_words_ends_and_the_first_goes_on() {
    let _alone = alone().await;
    let desk = linked().await;
    let app = desk.start().await;
    desk.registered().await;
    choose_the_app_link(&app).await;
    app.press("Connect with OpenRouter").await;
    let link = desk.emulator.approve(&desk.opened().await, None).unwrap();
    let link = link.redirect.unwrap();
    assert!(desk.start_again(&[]).await.success());
    let garbage = OsStr::from_bytes(b"\xff\xfe|");
    let other = OsStr::new("--remote-debugging-port=9222");
    assert!(desk.start_again(&[garbage, other, garbage]).await.success());
    app.reads("Finish in your browser").await;
    let behind = OsStr::new("--data-dir");
    let words = [
        garbage,
        other,
        OsStr::new(&link),
        behind,
        OsStr::new("/nonexistent"),
    ];
    assert!(desk.start_again(&words).await.success());
    app.sees("form textarea").await;
    assert_eq!(desk.emulator.keys().len(), 1);
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d13_a_scheme_of_another_app_is_left_to_it() {
    let _alone = alone().await;
    let desk = linked().await;
    let config = desk.folder.path().join("config/mimeapps.list");
    let taken =
        fs::read_to_string(&config).unwrap() + "x-scheme-handler/causeway=browser.desktop\n";
    fs::write(&config, &taken).unwrap();
    let app = desk.start().await;
    choose_the_app_link(&app).await;
    app.press("Connect with OpenRouter").await;
    app.reads("this computer does not open causeway:// links with this app")
        .await;
    app.press("Paste a sign-in code").await;
    app.reads("Paste the code").await;
    app.press("Cancel").await;
    app.quit().await;
    assert_eq!(
        fs::read_to_string(&config).unwrap(),
        taken,
        "the choice was changed"
    );
    let entry = desk
        .folder
        .path()
        .join("data/applications/causeway-link.desktop");
    assert!(!entry.exists());
}
