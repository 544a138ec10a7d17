//! From the click on Authorize to a composer that can be typed in.

use crate::{
    Options,
    browser::Browser,
    harness::{Desk, patiently},
    report::{Report, load, quantile, round},
};
use emulator::{Config, Recorded};
use serde_json::json;
use std::time::SystemTime;

/// Notes when the composer can be used and has been painted, in milliseconds since 1970.
const WATCH: &str = "
    window.__usable = null;
    const look = () => {
        const field = document.querySelector('form textarea');
        if (!field || field.disabled || window.__usable !== null) return;
        window.__usable = 0;
        requestAnimationFrame(() => setTimeout(() => {
            window.__usable = performance.timeOrigin + performance.now();
        }));
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });";

fn ms(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs_f64()
        * 1000.0
}

fn took(request: &Recorded) -> f64 {
    request.took.map_or(0.0, |took| took.as_secs_f64() * 1000.0)
}

pub async fn measure(options: &Options) -> Report {
    let mut report = Report::default();
    let (mut all, mut own) = (Vec::new(), Vec::new());
    let browser = Browser::start().await;
    for run in 1..=options.number("runs", "20") {
        let mut desk = Desk::with(Config {
            tokens_per_second: 0.0,
            ..Config::default()
        })
        .await;
        desk.environment.push(("CAUSEWAY_LOG", Some("error")));
        let app = desk.start().await;
        app.run(WATCH).await;
        app.press("Connect with OpenRouter").await;
        browser.decide(&desk.opened().await, "authorize").await;
        let usable = patiently("a composer", || async {
            app.run("return window.__usable")
                .await
                .as_f64()
                .filter(|at| *at > 0.0)
        })
        .await;
        assert_eq!(browser.ending().await, "You are connected");
        // The navigation that the click began ends, over the emulator's redirect, at the app's own page.
        let click = browser
            .page
            .execute("return performance.timeOrigin", vec![])
            .await
            .unwrap();
        let click = click.as_f64().unwrap();

        let requests = desk.emulator.requests();
        let decided = requests
            .iter()
            .find(|r| r.method == "POST" && r.path == "/auth")
            .unwrap();
        let redirected = ms(decided.at) + took(decided);
        let ended = |request: &&Recorded| ms(request.at) + took(request) <= usable;
        let service: f64 = requests
            .iter()
            .filter(|r| matches!(r.path.as_str(), "/api/v1/auth/keys" | "/api/v1/key"))
            .filter(ended)
            .map(took)
            .sum();
        all.push(usable - click);
        own.push(usable - redirected - service);
        report.row(vec![
            ("run", json!(run)),
            ("click to composer, ms", json!(round(usable - click))),
            (
                "redirect to composer without the service, ms",
                json!(round(usable - redirected - service)),
            ),
            ("service, ms", json!(round(service + took(decided)))),
            ("load", json!(load())),
        ]);
        app.quit().await;
    }
    browser.close().await;
    let median = |values: &[f64]| round(quantile(values, 0.5).unwrap());
    report.note(format!(
        "Median of {}: {} ms from the click on Authorize to a composer that is painted and takes words; {} ms of them \
         after the service has sent the browser back, without the time that the service took for key and check. The \
         browser's own way back is in both.",
        all.len(),
        median(&all),
        median(&own)
    ));
    report
}
