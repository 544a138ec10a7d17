//! The app among the things of its desktop: the size that it had, quick ask, and a window that stayed empty.

use crate::harness::{Desk, alone, patiently};
use serde_json::{Value, json};
use std::{ffi::OsStr, fs};

fn stored(desk: &Desk, name: &str) -> Option<Value> {
    serde_json::from_slice(&fs::read(desk.profile().join(name)).ok()?).ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_has_the_size_and_the_text_that_it_had() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.start().await;
    app.size(900, 640).await;
    app.press("Settings").await;
    app.press("Appearance").await;
    app.sees("input[value='125']").await.click().await.unwrap();
    patiently("larger text", || async {
        let zoom = app
            .run("return Math.round(outerWidth * 100 / innerWidth)")
            .await;
        (zoom.as_u64()? > 110 || app.run("return devicePixelRatio").await.as_f64()? > 1.1)
            .then_some(())
    })
    .await;
    let kept = || async {
        let place = stored(&desk, "window.json")?;
        let size = (&place["main"]["width"], &place["main"]["height"]);
        (size == (&json!(900), &json!(640))).then_some(())
    };
    patiently("the window's place to be stored", kept).await;
    app.quit().await;

    // What was stored may be damaged: it costs the one choice that it was.
    let mut settings = stored(&desk, "settings.json").unwrap();
    assert_eq!(settings["settings"]["textSize"], 125);
    settings["settings"]["theme"] = json!("dark");
    settings["settings"]["tray"] = json!({"from": "the future"});
    fs::write(desk.profile().join("settings.json"), settings.to_string()).unwrap();
    let app = desk.start().await;
    // The driver's clicks miss where a page is zoomed; the page's own do not.
    let click = async |what: &str| {
        app.sees(what).await;
        app.run(&format!("document.querySelector(\"{what}\").click()"))
            .await;
    };
    app.reads("Connect with OpenRouter").await;
    app.run("[...document.querySelectorAll('button')].find((b) => b.textContent.trim() === 'Settings').click()")
        .await;
    click("#tab-appearance").await;
    let chosen = "return [...document.querySelectorAll('[role=tabpanel] input:checked')].map((e) => e.value).join()";
    assert_eq!(app.run(chosen).await, "dark,125");
    click("#tab-desktop").await;
    app.sees("input[value='icon']:checked").await;
    crate::shots::both(&app, "settings-desktop").await;
    click("#tab-network").await;
    let field = app.sees("input[id$='-proxy']").await;
    field
        .send_keys("http://me:secret@proxy.example")
        .await
        .unwrap();
    click("[role=tabpanel] button[type=submit]").await;
    app.reads("they would lie on the disk in plain text").await;
    crate::shots::both(&app, "settings-network").await;
    let size = app.page.get_window_size().await.unwrap();
    assert_eq!(size, (900, 640), "as it was left");
    app.quit().await;
    assert_eq!(
        stored(&desk, "settings.json").unwrap()["settings"]["proxy"],
        Value::Null
    );
}

/// The titles of the windows on this screen.
fn titles() -> String {
    let tree = std::process::Command::new("xwininfo")
        .args(["-root", "-tree"])
        .output();
    String::from_utf8_lossy(&tree.expect("xwininfo").stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_with_quick_opens_the_small_window_once() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(None).await;
    assert!(!titles().contains("\"Quick Ask\""), "nobody asked for it");
    for _ in 0..3 {
        assert!(desk.start_again(&[OsStr::new("--quick")]).await.success());
    }
    patiently("quick ask", || async {
        titles().contains("\"Quick Ask\"").then_some(())
    })
    .await;
    assert_eq!(titles().matches("\"Quick Ask\"").count(), 1);
    app.sees("form textarea").await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_stayed_empty_is_drawn_in_a_gentler_way_and_says_so() {
    let _alone = alone().await;
    let mut desk = Desk::new().await;
    desk.environment
        .push(("WEBKIT_DISABLE_DMABUF_RENDERER", None));
    let app = desk.start().await;
    let noted = || async { stored(&desk, "drawing.json").filter(|note| note["begun"] == false) };
    let note = patiently("a painted window", noted).await;
    assert_eq!(note["drawing"], "usual");
    app.quit().await;

    for (step, drawing) in [("shared"), ("software"), ("software")]
        .into_iter()
        .enumerate()
    {
        let mut note = stored(&desk, "drawing.json").unwrap();
        note["begun"] = json!(true);
        fs::write(desk.profile().join("drawing.json"), note.to_string()).unwrap();
        let app = desk.start().await;
        let note = patiently("a painted window", noted).await;
        assert_eq!(note["drawing"], drawing);
        if step < 2 {
            app.reads("draws it in a gentler way now").await;
        }
        app.quit().await;
    }
    let app = desk.start().await;
    app.press("Settings").await;
    app.press("Appearance").await;
    app.press("Draw as usual again").await;
    app.reads("The next start draws as usual.").await;
    app.quit().await;
    let app = desk.start().await;
    assert_eq!(
        patiently("a painted window", noted).await["drawing"],
        "usual"
    );
    app.quit().await;
}
