//! A picture of every screen, light and dark, narrow and wide.

use crate::{
    harness::{App, Desk, alone},
    journey::choose,
};

pub async fn both(app: &App, name: &str) {
    for theme in ["light", "dark"] {
        app.theme(theme).await;
        app.picture(&format!("{name}-{theme}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn shots_of_every_screen() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.start().await;
    app.size(1240, 800).await;
    app.reads("Every model, one conversation").await;
    both(&app, "connect").await;
    app.press("Connect with OpenRouter").await;
    app.reads(" left").await;
    both(&app, "waiting").await;
    desk.emulator.deny(&desk.opened().await).unwrap();
    app.press("Cancel").await;
    app.press("Paste a sign-in code").await;
    app.reads(" left").await;
    both(&app, "paste").await;
    app.press("Cancel").await;
    app.press("Settings").await;
    app.reads("App link").await;
    both(&app, "settings-connection").await;
    app.quit().await;

    let app = desk.connected(Some(20.0)).await;
    app.size(1240, 800).await;
    both(&app, "empty").await;
    choose(&app, "claude sonnet 4.6").await;
    app.ask("Summarise the margin change and give me a query to check it.")
        .await;
    app.answered().await;
    both(&app, "chat").await;
    app.press("Retry").await;
    app.press("With Claude Sonnet 4.6").await;
    app.sees("[aria-label='Version 2 of 2']").await;
    app.answered().await;
    app.size(760, 800).await;
    both(&app, "chat-narrow").await;
    app.size(1440, 880).await;
    both(&app, "chat-wide").await;
    app.size(1240, 800).await;
    app.press("New chat").await;
    choose(&app, "emulator/reasoning").await;
    app.ask("Think about it.").await;
    app.answered().await;
    both(&app, "reasoning").await;
    app.press("New chat").await;
    choose(&app, "emulator/error-account-has-no-credit").await;
    app.ask("What happens without credits?").await;
    app.answered().await;
    both(&app, "problem").await;
    app.press("New chat").await;
    choose(&app, "emulator/markdown-tour").await;
    app.ask("Show me everything.").await;
    app.answered().await;
    both(&app, "markdown").await;
    app.run("[...document.querySelectorAll('math')].at(-1).scrollIntoView({ block: 'center' })")
        .await;
    both(&app, "formulas").await;
    app.press("Model").await;
    app.sees("dialog input")
        .await
        .send_keys("sonnet")
        .await
        .unwrap();
    both(&app, "picker").await;
    for (width, name) in [(800, "picker-800"), (1440, "picker-1440")] {
        app.size(width, 880).await;
        both(&app, name).await;
    }
    app.size(1240, 800).await;
    app.sees("dialog input")
        .await
        .send_keys("\u{e00c}")
        .await
        .unwrap();
    app.press("Settings").await;
    app.reads("Disconnect").await;
    both(&app, "settings").await;
    app.quit().await;
}
