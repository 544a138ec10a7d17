//! From the start of the process to a field that can be typed in, and the memory that it then takes, beside a window
//! that has nothing but such a field.

use crate::{
    Options,
    harness::{App, Desk, patiently},
    processes,
    report::{Report, load, quantile, round},
};
use emulator::Config;
use serde_json::json;
use std::time::Duration;

/// When the field was usable, in milliseconds since 1970.
const USABLE: &str = "
    const mark = performance.getEntriesByName('composer')[0];
    return mark ? performance.timeOrigin + mark.startTime : null;";
/// Time for what a start leaves for later.
const SETTLE: Duration = Duration::from_secs(5);

/// Milliseconds and MiB.
async fn look(app: &App) -> (f64, f64, usize) {
    let usable = patiently("a field to type in", || async {
        app.run(USABLE).await.as_f64()
    })
    .await;
    let started = processes::started(app.parent()).expect("the program's process");
    tokio::time::sleep(SETTLE).await;
    (
        usable - started,
        processes::memory(app.parent()),
        processes::count(app.parent()),
    )
}

pub async fn measure(options: &Options) -> Report {
    let mut report = Report::default();
    let bare = std::env::var("BARE_BIN").expect("BARE_BIN: run this through `cargo xtask bench`");
    let mut desk = Desk::with(Config::default()).await;
    desk.environment.push(("CAUSEWAY_LOG", Some("error")));
    desk.connected(None).await.quit().await;
    let (mut times, mut sizes) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    // The first of each warms the disk's cache and does not count.
    for run in 0..=options.number("runs", "10") {
        for (nth, name) in ["causeway", "bare"].into_iter().enumerate() {
            let app = match nth {
                0 => desk.start().await,
                _ => desk.start_by(&bare, &[]).await,
            };
            let (time, memory, processes) = look(&app).await;
            if run > 0 {
                times[nth].push(time);
                sizes[nth].push(memory);
                report.row(vec![
                    ("run", json!(run)),
                    ("program", json!(name)),
                    ("start to field, ms", json!(round(time))),
                    ("memory (PSS), MiB", json!(round(memory))),
                    ("processes", json!(processes)),
                    ("load", json!(load())),
                ]);
            }
            match nth {
                0 => app.quit().await,
                _ => app.page.clone().close().await.unwrap(),
            }
        }
    }
    let median = |values: &[f64]| quantile(values, 0.5).unwrap();
    report.note(format!(
        "Medians: {} ms beside {} ms, {:.2} times; {} MiB beside {} MiB, {:.2} times.",
        round(median(&times[0])),
        round(median(&times[1])),
        median(&times[0]) / median(&times[1]),
        round(median(&sizes[0])),
        round(median(&sizes[1])),
        median(&sizes[0]) / median(&sizes[1]),
    ));
    report
}
