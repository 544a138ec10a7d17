//! Four answers written at once: whether the window stutters, and how soon each stops.

use crate::{
    Options,
    harness::{Desk, patiently},
    report::{Report, load, quantile, round},
};
use emulator::Config;
use serde_json::{Value, json};
use std::time::Duration;

/// A gap between frames that the eye sees.
const GAP_MS: f64 = 50.0;

const ASK: &str = "
    const [models, done] = arguments;
    const question = { conversation: null, text: 'Write four books.', models, blind: false, options: null };
    window.__TAURI_INTERNALS__.invoke('compare', { question })
        .then(() => done(''), (why) => done(JSON.stringify(why)))";

const FRAMES: &str = "
    window.__frames = { gaps: [], stop: false };
    let last = performance.now();
    const frame = (now) => {
        window.__frames.gaps.push(now - last);
        last = now;
        if (!window.__frames.stop) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);";

/// Presses the stop of the first column that still writes, and notes how long it takes until it shows that it is over.
const STOP: &str = "
    const article = document.querySelector('article[aria-busy=true]');
    const button = article.parentElement.querySelector('footer button');
    const start = performance.now();
    window.__stopped = null;
    button.click();
    const look = () => {
        if (article.getAttribute('aria-busy') === 'true') return requestAnimationFrame(look);
        window.__stopped = performance.now() - start;
    };
    look();";

const BUSY: &str = "return document.querySelectorAll('article[aria-busy=true]').length";

pub async fn measure(options: &Options) -> Report {
    let mut report = Report::default();
    let tokens = options.number("tokens", "4000");
    for rate in options.numbers("rates", "200") {
        let config = Config {
            tokens_per_second: 0.0,
            credits: 1e6,
            ..Config::default()
        };
        let mut desk = Desk::with(config).await;
        desk.environment.push(("CAUSEWAY_LOG", Some("error")));
        let app = desk.connected(None).await;
        app.size(1440, 880).await;
        let model = format!("emulator/book-{tokens}@{rate}");
        let refused = app
            .page
            .execute_async(ASK, vec![json!([model, model, model, model])])
            .await
            .unwrap();
        assert_eq!(refused, "");
        app.press("Write four books.").await;
        patiently("four answers at once", || async {
            (app.run(BUSY).await == 4).then_some(())
        })
        .await;
        app.run(FRAMES).await;
        tokio::time::sleep(Duration::from_secs(options.number("seconds", "10") as u64)).await;
        let gaps = app
            .run("window.__frames.stop = true; return window.__frames.gaps")
            .await;
        let gaps: Vec<f64> = gaps
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_f64)
            .collect();
        assert_eq!(app.run(BUSY).await, 4, "they were written all the time");
        let mut stops = Vec::new();
        for left in (0..4).rev() {
            app.run(STOP).await;
            let stopped = patiently("the stop", || async {
                app.run("return window.__stopped").await.as_f64()
            });
            stops.push(stopped.await);
            assert_eq!(app.run(BUSY).await, left, "the others go on");
        }
        report.row(vec![
            ("tokens/s each", json!(rate)),
            ("frames", json!(gaps.len())),
            (
                "median gap, ms",
                json!(round(quantile(&gaps, 0.5).unwrap())),
            ),
            ("p99 gap, ms", json!(round(quantile(&gaps, 0.99).unwrap()))),
            (
                "longest gap, ms",
                json!(round(quantile(&gaps, 1.0).unwrap())),
            ),
            (
                "over 50 ms",
                json!(gaps.iter().filter(|gap| **gap > GAP_MS).count()),
            ),
            (
                "slowest stop, ms",
                json!(round(quantile(&stops, 1.0).unwrap())),
            ),
            ("load", json!(load())),
        ]);
        app.quit().await;
    }
    report.note(
        "Gaps are between frames while four answers are written. A stop is from the press on its button until the \
         column shows that it is over."
            .to_owned(),
    );
    report
}
