//! A long answer as it is written: what it costs, whether it stutters, how late it is; beside it the same text as plain
//! as can be.

use crate::{
    Options,
    harness::{App, Desk},
    processes,
    report::{Report, Row, load, quantile, round},
};
use emulator::{Config, book};
use serde_json::{Value, json};
use std::time::{Duration, Instant, SystemTime};

/// The tokens at the end of an answer whose cost is compared between lengths.
const LAST: usize = 2000;
/// A gap between frames that the eye sees.
const GAP_MS: f64 = 50.0;

/// One point of the way: how much was sent, and what all had cost by then.
struct Sample {
    tokens: usize,
    cpu: f64,
}

struct Run {
    tokens: usize,
    rate: usize,
    renderer: String,
    /// The tokens of the answer that stands above it.
    below: usize,
    /// So many tokens come at once before the rate holds: how the end of a long answer goes is seen sooner.
    burst: usize,
}

pub async fn measure(options: &Options) -> Report {
    let mut report = Report::default();
    let floor = options.text("floor", "yes") == "yes";
    for renderer in options.words("renderer", "software") {
        for rate in options.numbers("rates", "200,0") {
            for tokens in options.numbers("sizes", "1000,5000,20000") {
                let run = Run {
                    tokens,
                    rate,
                    renderer: renderer.clone(),
                    below: options.number("below", "0"),
                    burst: options.number("burst", "0"),
                };
                report.row(run.answer().await);
                if floor {
                    report.row(run.floor().await);
                }
            }
        }
    }
    report.note(
        "CPU is that of all processes of the app, from /proc. `last` is the cost of a thousand tokens among the last two \
         thousand. The floor is the same text appended to a <pre> by a timer, without core, network and channel. \
         Renderer `software` is WEBKIT_DISABLE_DMABUF_RENDERER=1."
            .to_owned(),
    );
    report
}

impl Run {
    async fn window(&self) -> (Desk, App) {
        let config = Config {
            tokens_per_second: 0.0,
            credits: 1e6,
            burst: self.burst,
            ..Config::default()
        };
        let mut desk = Desk::with(config).await;
        desk.environment.push(("CAUSEWAY_LOG", Some("error")));
        if self.renderer != "software" {
            desk.environment
                .push(("WEBKIT_DISABLE_DMABUF_RENDERER", None));
        }
        let app = desk.connected(None).await;
        (desk, app)
    }

    /// The longest that it may take: three times what it should, and two minutes.
    fn patience(&self) -> Duration {
        let expected = self
            .tokens
            .checked_div(self.rate)
            .unwrap_or(self.tokens / 500);
        Duration::from_secs(expected as u64 * 3 + 120)
    }

    fn model(&self) -> String {
        match self.rate {
            0 => format!("emulator/book-{}", self.tokens),
            rate => format!("emulator/book-{}@{rate}", self.tokens),
        }
    }

    /// The answer through all of the app.
    async fn answer(&self) -> Row {
        let (desk, app) = self.window().await;
        // The picker lists no such long ones.
        let asked = app
            .page
            .execute_async(
                "const [model, done] = arguments;
                 const call = window.__TAURI_INTERNALS__.invoke;
                 call('send', { question: { conversation: null, text: 'Write a book.', model } })
                     .then((asked) => done(asked.conversation), (why) => done('refused: ' + JSON.stringify(why)))",
                vec![Value::String(match self.below {
                    0 => "emulator/echo".to_owned(),
                    tokens => format!("emulator/book-{tokens}"),
                })],
            )
            .await
            .unwrap();
        assert!(!asked.as_str().unwrap().starts_with("refused"), "{asked}");
        app.press("Write a book.").await;
        app.answered().await;
        app.run(include_str!("frames.js")).await;
        // Channels are heard from here on. What an app does once, at its first answer (it reads the grammars of
        // languages), is over after that, and is no answer's cost.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let mut samples = vec![Sample {
            tokens: 0,
            cpu: processes::cpu(app.parent()),
        }];
        let begun = Instant::now();
        let arguments = vec![asked, Value::String(self.model())];
        let ask = "const [conversation, model] = arguments;
                   const question = { conversation, text: 'Write another.', model };
                   window.__TAURI_INTERNALS__.invoke('send', { question })
                       .catch((why) => (window.__seen.refused = JSON.stringify(why)))";
        app.page.execute(ask, arguments).await.unwrap();
        loop {
            let sent = desk.emulator.pace().len();
            samples.push(Sample {
                tokens: sent,
                cpu: processes::cpu(app.parent()),
            });
            if sent >= self.tokens && app.run("return window.__seen.done").await.is_number() {
                break;
            }
            let refused = if sent == 0 {
                app.run("return window.__seen.refused ?? null").await
            } else {
                Value::Null
            };
            assert!(refused.is_null(), "{refused}");
            assert!(
                begun.elapsed() < self.patience(),
                "{} tokens after {:?}",
                sent,
                begun.elapsed()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // What was painted last is seen a frame later.
        tokio::time::sleep(Duration::from_millis(100)).await;
        let cpu = processes::cpu(app.parent());
        samples.push(Sample {
            tokens: self.tokens,
            cpu,
        });
        let seen = app
            .run("window.__seen.stop = true; return window.__seen")
            .await;
        // Only now: to count its pages holds a process up for some 20 ms.
        let memory = processes::memory(app.parent());
        let row = self.row(
            "app",
            &seen,
            &samples,
            &desk.emulator.pace(),
            (memory, app.parent()),
        );
        app.quit().await;
        row
    }

    /// The same text appended to a `<pre>`.
    async fn floor(&self) -> Row {
        let (_desk, app) = self.window().await;
        let pieces = book(self.tokens);
        let begun = Instant::now();
        let mut samples = vec![Sample {
            tokens: 0,
            cpu: processes::cpu(app.parent()),
        }];
        let arguments = vec![json!(pieces), json!(self.rate)];
        app.page
            .execute(include_str!("floor.js"), arguments)
            .await
            .unwrap();
        while !app.run("return window.__seen.done").await.is_number() {
            assert!(begun.elapsed() < self.patience(), "the floor did not end");
            let passed = begun.elapsed().as_secs_f64() * self.rate as f64;
            samples.push(Sample {
                tokens: (passed as usize).min(self.tokens),
                cpu: processes::cpu(app.parent()),
            });
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        samples.push(Sample {
            tokens: self.tokens,
            cpu: processes::cpu(app.parent()),
        });
        let seen = app
            .run("window.__seen.stop = true; return window.__seen")
            .await;
        let memory = processes::memory(app.parent());
        let row = self.row("floor", &seen, &samples, &[], (memory, app.parent()));
        app.quit().await;
        row
    }

    fn row(
        &self,
        what: &str,
        seen: &Value,
        samples: &[Sample],
        sent: &[SystemTime],
        (memory, parent): (f64, u32),
    ) -> Row {
        let numbers = |name: &str| -> Vec<f64> {
            seen[name]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(Value::as_f64)
                .collect()
        };
        let done = seen["done"].as_f64().unwrap();
        let start = sent.first().map(|at| ms(*at));
        let frames: Vec<f64> = numbers("frames")
            .into_iter()
            .filter(|at| start.is_none_or(|s| *at >= s) && *at <= done)
            .collect();
        let gaps: Vec<f64> = frames.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let late = lateness(&seen["parts"], sent);
        let (first, last) = (&samples[0], &samples[samples.len() - 1]);
        let cpu = last.cpu - first.cpu;
        let seconds = (done - start.or(frames.first().copied()).unwrap_or(done)) / 1000.0;
        let of = |values: &[f64], share| quantile(values, share).map(round);
        vec![
            ("what", json!(what)),
            ("renderer", json!(self.renderer)),
            ("tokens", json!(self.tokens)),
            ("tok/s asked", json!(self.rate)),
            ("tok/s painted", json!(round(self.tokens as f64 / seconds))),
            ("seconds", json!(round(seconds))),
            ("CPU s", json!(cpu)),
            (
                "CPU ms per 1k",
                json!(round(cpu * 1e6 / self.tokens as f64)),
            ),
            (
                "CPU ms per 1k, last",
                json!(ending(samples, self.tokens).map(round)),
            ),
            ("frames", json!(gaps.len())),
            ("gap p50", json!(of(&gaps, 0.5))),
            ("p95", json!(of(&gaps, 0.95))),
            ("max", json!(of(&gaps, 1.0))),
            (
                "over 50 ms",
                json!(gaps.iter().filter(|gap| **gap > GAP_MS).count()),
            ),
            ("wire to paint p50", json!(of(&late, 0.5))),
            ("wire to paint p95", json!(of(&late, 0.95))),
            ("wire to paint max", json!(of(&late, 1.0))),
            ("IPC bytes", json!(seen["bytes"])),
            ("IPC messages", json!(seen["messages"])),
            ("processes", json!(processes::count(parent))),
            ("MiB", json!(round(memory))),
            ("load", json!(load())),
        ]
    }
}

/// How long each numbered part took from the wire to the screen, in milliseconds. Parts that were on the screen before
/// the next frame could tell are as late as that frame.
fn lateness(parts: &Value, sent: &[SystemTime]) -> Vec<f64> {
    if sent.is_empty() {
        return Vec::new();
    }
    let pieces = book(sent.len());
    let mut ends = Vec::new();
    let mut length = 0;
    for piece in &pieces {
        length += piece.len();
        ends.push(length);
    }
    let text = pieces.concat();
    let late = |part: &Value| {
        let (number, painted) = (part[0].as_u64()?, part[1].as_f64()?);
        let found = ["(part N)", "Part N:"].iter().find_map(|shape| {
            let words = shape.replace('N', &number.to_string());
            text.find(&words).map(|at| at + words.len())
        })?;
        let token = ends.partition_point(|end| *end < found);
        Some(painted - ms(*sent.get(token)?))
    };
    parts
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(late)
        .collect()
}

/// The cost of a thousand tokens among the last ones, in milliseconds; none when the samples do not show it.
fn ending(samples: &[Sample], tokens: usize) -> Option<f64> {
    let from = tokens.saturating_sub(LAST);
    let before = samples.iter().rev().find(|sample| sample.tokens <= from)?;
    let last = samples.last()?;
    let count = tokens
        .checked_sub(before.tokens)
        .filter(|count| *count > 0)?;
    Some((last.cpu - before.cpu) * 1e6 / count as f64)
}

fn ms(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs_f64()
        * 1000.0
}
