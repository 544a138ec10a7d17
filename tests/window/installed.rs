//! The app as its Debian package installs it: found by its desktop entry, opened by its links, connected through a real
//! browser. `cargo xtask test --installed` plays these, because they need the package on this computer.

use crate::{
    browser::Browser,
    harness::{App, Desk, alone, patiently},
};
use std::{fs, path::Path, process::Command};

/// Starts an entry as a desktop does. The driver takes a program that ends for a failed one, and this ends at once.
const LAUNCH: &str = "gio launch \"$0\"; exec sleep 300";
const ENTRY: &str = "/usr/share/applications/Causeway.desktop";

/// The app's processes, however they were started.
fn running() -> Vec<String> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let ids = all.filter_map(|entry| entry.file_name().into_string().ok());
    let ours = |id: &String| {
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let program = line.split(|byte| *byte == 0).next().unwrap_or_default();
        id.bytes().all(|b| b.is_ascii_digit())
            && (program == b"causeway" || program == b"/usr/bin/causeway")
    };
    ids.filter(ours).collect()
}

/// Ends the app as the system does at the end of a session.
async fn end(app: App) {
    let _ = app.page.clone().close().await;
    for id in running() {
        let _ = Command::new("kill").arg(id).status();
    }
    patiently("the app to end", || async {
        running().is_empty().then_some(())
    })
    .await;
}

/// A person's computer on which nothing was set but the browser; the package alone says who opens the links.
async fn fresh() -> Desk {
    assert!(running().is_empty(), "another Causeway is running");
    Desk::new().await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the package installed: cargo xtask test --installed"]
async fn installed_the_desktop_entry_starts_it_and_links_reach_it() {
    let _alone = alone().await;
    let desk = fresh().await;
    let app = desk.start_by("sh", &["-c", LAUNCH, ENTRY]).await;
    app.reads("Every model, one conversation").await;
    let link = format!("causeway://cb/{}?code=abcdefghijklmnop", "A".repeat(43));
    assert!(desk.system_opens(&link).await.success());
    app.reads("That sign-in is over, so its answer was not used.")
        .await;
    assert_eq!(running().len(), 1, "the second start handed over and ended");
    end(app).await;

    let app = desk.start_by("xdg-open", &[&link]).await;
    app.reads("That sign-in is over, so its answer was not used.")
        .await;
    end(app).await;
    // The package's own registration was enough, and the data is where the documents say.
    let data = desk.folder.path().join("data");
    assert!(!data.join("applications/causeway-link.desktop").exists());
    assert!(data.join("dev.causeway.desktop/conversations.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the package installed: cargo xtask test --installed"]
async fn installed_it_connects_through_the_browser_and_through_its_link() {
    let _alone = alone().await;
    let desk = fresh().await;
    // The person's own copy of the entry, as desktops make it when a command is changed: the service is the emulator.
    let own = desk
        .folder
        .path()
        .join("data/applications/Causeway.desktop");
    let options = format!("causeway --links --service {} %u", desk.emulator.origin());
    let entry = fs::read_to_string(ENTRY).unwrap();
    assert!(entry.contains("\nExec=causeway %u\n"), "{entry}");
    fs::write(&own, entry.replace("causeway %u", &options)).unwrap();
    let own = own.to_str().unwrap();

    let app = desk.start_by("sh", &["-c", LAUNCH, own]).await;
    app.reads("Every model, one conversation").await;
    app.press("Connect with OpenRouter").await;
    let browser = Browser::start().await;
    browser.decide(&desk.opened().await, "authorize").await;
    assert_eq!(browser.ending().await, "You are connected");
    browser.close().await;
    app.sees("form textarea").await;
    app.picture("installed").await;
    crate::journey::choose(&app, "emulator/echo").await;
    app.ask("Is it installed?").await;
    app.answered().await;
    end(app).await;

    let app = desk.start_by("sh", &["-c", LAUNCH, own]).await;
    app.reads("Is it installed?").await;
    app.press("Settings").await;
    app.press("Connection").await;
    app.sees("input[value='appLink']")
        .await
        .click()
        .await
        .unwrap();
    app.press("Account").await;
    app.press("Connect again…").await;
    app.press("Connect again").await;
    app.reads("through the app link").await;
    let approval = desk.emulator.approve(&desk.opened().await, None).unwrap();
    assert!(
        desk.system_opens(&approval.redirect.unwrap())
            .await
            .success()
    );
    app.sees("form textarea").await;
    assert_eq!(desk.emulator.keys().len(), 2);
    assert_eq!(desk.emulator.violations(), Vec::<String>::new());
    end(app).await;
    assert!(
        Path::new(
            &desk
                .folder
                .path()
                .join("data/dev.causeway.desktop/emulated/vault.json")
        )
        .exists()
    );
}
