//! From the click on a conversation to its painted end.

use crate::{
    Options,
    harness::{Desk, patiently},
    report::{Report, load, quantile, round},
};
use causeway_core::testing::held_conversation;
use emulator::Config;
use serde_json::{Value, json};

/// Presses the row whose title is given and notes how long it takes until the last message is in sight and painted.
const OPEN: &str = "
    const [title] = arguments;
    const row = [...document.querySelectorAll('button[title]')].find((b) => b.title === title);
    window.__opened = null;
    const start = performance.now();
    row.click();
    const look = () => {
        const all = document.querySelectorAll('[data-message]');
        const last = all[all.length - 1]?.getBoundingClientRect();
        const heading = document.querySelector('main h1')?.title;
        const shown = heading === title && last && last.height > 0 && last.top < innerHeight && last.bottom > 0;
        if (!shown) return requestAnimationFrame(look);
        setTimeout(() => (window.__opened = [performance.now() - start, all.length]));
    };
    requestAnimationFrame(look);";

pub async fn measure(options: &Options) -> Report {
    let mut report = Report::default();
    let sizes = options.numbers("sizes", "100,10000");
    let mut desk = Desk::with(Config {
        tokens_per_second: 0.0,
        ..Config::default()
    })
    .await;
    desk.environment.push(("CAUSEWAY_LOG", Some("error")));
    desk.connected(None).await.quit().await;
    let title = |size: usize| format!("{size} messages");
    for size in sizes.iter().chain([&2]) {
        held_conversation(&desk.profile(), &title(*size), "emulator/echo", *size).unwrap();
    }
    let app = desk.start().await;
    let open = async |size: usize| {
        let arguments = vec![Value::String(title(size))];
        app.page.execute(OPEN, arguments).await.unwrap();
        patiently("an open conversation", || async {
            let opened = app.run("return window.__opened").await;
            Some((opened[0].as_f64()?, opened[1].as_u64()?))
        })
        .await
    };
    app.sees("button[title='2 messages']").await;
    for size in &sizes {
        let mut times = Vec::new();
        let mut shown = 0;
        for _ in 0..options.number("runs", "5") {
            open(2).await;
            let (time, messages) = open(*size).await;
            times.push(time);
            shown = messages;
        }
        report.row(vec![
            ("messages", json!(size)),
            ("first, ms", json!(round(times[0]))),
            ("median, ms", json!(round(quantile(&times, 0.5).unwrap()))),
            ("slowest, ms", json!(round(quantile(&times, 1.0).unwrap()))),
            ("in the page", json!(shown)),
            ("load", json!(load())),
        ]);
    }
    app.quit().await;
    report.note("From the click on the row to the frame after the one in which the last message is in sight.".to_owned());
    report
}
