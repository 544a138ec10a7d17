//! The key at rest, as the window shows it: every state with its words and its way out.

use crate::{
    harness::{App, Desk, alone},
    shots::both,
    traces::files,
};
use serde_json::{Value, json};
use std::{fs, path::PathBuf};

const FIRST: &str = "four words or more";
const SECOND: &str = "and four other words";

fn vault(desk: &Desk) -> PathBuf {
    desk.profile().join("vault.json")
}

fn edit(desk: &Desk, change: impl FnOnce(&mut Value)) {
    let mut file = serde_json::from_slice(&fs::read(vault(desk)).unwrap()).unwrap();
    change(&mut file);
    fs::write(vault(desk), serde_json::to_vec(&file).unwrap()).unwrap();
}

async fn type_into(app: &App, name: &str, text: &str) {
    let field = app.sees(&format!("input[aria-label='{name}']")).await;
    field.send_keys(text).await.unwrap();
}

async fn section(app: &App) {
    app.press("Settings").await;
    app.press("Security").await;
    app.reads("How your key is kept").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_chooses_how_the_key_is_kept_locks_and_unlocks() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(None).await;
    app.size(1240, 800).await;
    section(&app).await;
    app.reads("By your system’s keychain").await;
    both(&app, "security").await;
    app.press("Use a passphrase…").await;
    type_into(&app, "Passphrase", "password1").await;
    app.reads("It is a common password.").await;
    both(&app, "security-weak").await;
    let field = app.sees("input[aria-label='Passphrase']").await;
    field.clear().await.unwrap();
    field.send_keys(FIRST).await.unwrap();
    type_into(&app, "The passphrase again", FIRST).await;
    app.press("Keep it with this passphrase").await;
    app.reads("By your passphrase").await;
    app.press("Change the passphrase…").await;
    type_into(&app, "Current passphrase", FIRST).await;
    type_into(&app, "New passphrase", SECOND).await;
    type_into(&app, "The passphrase again", SECOND).await;
    both(&app, "security-change").await;
    app.press("Change the passphrase").await;
    app.reads("Your passphrase keeps your key now.").await;
    app.run("document.querySelector('[role=tabpanel] input[value=\"15\"]').click()")
        .await;
    app.press("Lock now").await;

    app.reads("Your key is locked").await;
    both(&app, "locked").await;
    type_into(&app, "Passphrase", FIRST).await;
    app.press("Unlock").await;
    app.reads("That passphrase does not open it.").await;
    both(&app, "locked-wrong").await;
    type_into(&app, "Passphrase", SECOND).await;
    // It can be pressed when the wait after a wrong one is over.
    app.press("Unlock").await;
    app.sees("form textarea").await;

    section(&app).await;
    let chosen = app
        .run("return document.querySelector('[role=tabpanel] input:checked').value")
        .await;
    assert_eq!(chosen, "15", "the choice was kept");
    app.press("Use the keychain…").await;
    type_into(&app, "Passphrase", SECOND).await;
    app.press("Use the keychain").await;
    app.reads("By your system’s keychain").await;
    app.press("Close").await;
    app.run(
        "window.dispatchEvent(new KeyboardEvent('keydown', {key: 'l', ctrlKey: true, bubbles: true}))",
    )
    .await;
    app.reads("Your key is locked").await;
    both(&app, "locked-keychain").await;
    app.press("Unlock").await;
    app.sees("form textarea").await;
    app.quit().await;
    for (path, bytes) in files(desk.folder.path()) {
        for secret in [FIRST, SECOND] {
            assert!(!crate::traces::holds(&bytes, secret), "{}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s31_a_damaged_vault_survives_a_start_and_a_quit() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    desk.connected(None).await.quit().await;
    let mut damaged = fs::read(vault(&desk)).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    fs::write(vault(&desk), &damaged).unwrap();
    for start in 0..2 {
        let app = desk.start().await;
        if start == 0 {
            app.reads("is damaged and was set aside").await;
            both(&app, "vault-damaged").await;
        } else {
            app.reads("Every model, one conversation").await;
        }
        app.quit().await;
        let kept = files(&desk.profile());
        let kept = kept.iter().filter(|(_, bytes)| *bytes == damaged).count();
        assert_eq!(kept, 1, "start {start}: its bytes are still there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_of_the_vault_has_its_words_and_its_way_out() {
    let _alone = alone().await;
    let mut desk = Desk::new().await;
    desk.connected(None).await.quit().await;
    let good = fs::read(vault(&desk)).unwrap();

    edit(&desk, |file| file["version"] = json!(2));
    let newer = fs::read(vault(&desk)).unwrap();
    let app = desk.start().await;
    app.reads("stored by a newer version of Causeway").await;
    app.reads("Nothing was changed or deleted.").await;
    both(&app, "vault-newer").await;
    app.press("Connect anew").await;
    app.reads("gives this app a fresh key").await;
    app.quit().await;
    assert_eq!(fs::read(vault(&desk)).unwrap(), newer, "untouched");

    fs::write(vault(&desk), &good).unwrap();
    edit(&desk, |file| file["id"] = json!("AAAAAAAAAAAAAAAAAAAAAA=="));
    let app = desk.start().await;
    app.reads("no longer has what opens your stored key").await;
    app.sees("div.anew button").await;
    both(&app, "vault-lost").await;
    app.quit().await;

    fs::write(vault(&desk), &good).unwrap();
    desk.keychain = false;
    let app = desk.start().await;
    app.reads("No working keychain was found on this computer.")
        .await;
    app.press("Try the keychain again").await;
    app.reads("No working keychain was found on this computer.")
        .await;
    both(&app, "vault-no-keychain").await;
    app.size(420, 700).await;
    both(&app, "vault-no-keychain-narrow").await;
    app.quit().await;
    desk.keychain = true;
    let app = desk.start().await;
    app.sees("form textarea").await;
    app.quit().await;
}

/// The window may call our commands and no plugin's; the store plugin, which loads and saves whole files and rewrites
/// them at exit, is the one that could harm a vault.
#[tokio::test(flavor = "multi_thread")]
async fn s37_s38_the_window_cannot_reach_the_vault_through_a_plugin() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(None).await;
    let before = fs::read(vault(&desk)).unwrap();
    let path = vault(&desk);
    let calls = json!([
        ["plugin:store|load", {"path": path, "options": {}}],
        ["plugin:store|get_store", {"path": path}],
        ["plugin:store|set", {"rid": 0, "key": "x", "value": 1}],
        ["plugin:store|get", {"rid": 0, "key": "settings"}],
        ["plugin:store|entries", {"rid": 0}],
        ["plugin:store|clear", {"rid": 0}],
        ["plugin:store|save", {"rid": 0}],
        ["plugin:store|reload", {"rid": 0}],
        ["plugin:resources|close", {"rid": 0}],
        ["plugin:event|listen", {"event": "store://change", "target": {"kind": "Any"}, "handler": 1}],
        ["plugin:opener|open_path", {"path": path}],
        ["plugin:clipboard-manager|read_text", {}],
    ]);
    let answers = app
        .page
        .execute_async(
            "const [calls, done] = arguments;
             window.__heard = [];
             Promise.all(calls.map(([name, args]) =>
                window.__TAURI_INTERNALS__.invoke(name, args).then(() => name, (why) => `no: ${why}`)
             )).then(done);",
            vec![calls.clone()],
        )
        .await
        .unwrap();
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), calls.as_array().unwrap().len());
    for answer in answers {
        let text = answer.as_str().unwrap();
        assert!(
            text.starts_with("no: ") && text.contains("not allowed"),
            "{text}"
        );
    }
    app.quit().await;
    assert_eq!(
        fs::read(vault(&desk)).unwrap(),
        before,
        "unchanged at exit too"
    );
}
