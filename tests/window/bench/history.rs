//! A database that years have filled: how long it takes to search it, to add to it and to start with it, and how large
//! it is beside what it says.

use crate::{
    Options,
    harness::Desk,
    report::{Report, load, quantile, round},
};
use causeway_core::testing::{
    SEARCH_TITLES as TITLES,
    history::{ConversationId, History, NewConversation, NewMessage, Role, Status, Wanted},
    looks_on,
};
use emulator::Config;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

const FILE: &str = "conversations.db";
/// Hits that a window asks for at first.
const FIRST: usize = 30;
const BEGUN_MS: i64 = 1_600_000_000_000;
const HOUR_MS: i64 = 3_600_000;

pub async fn measure(options: &Options) -> Report {
    let mut report = Report::default();
    let conversations = options.number("conversations", "100000");
    let messages = options.number("messages", "10");
    let runs = options.number("runs", "5");
    // Kept for the next measurement: making it takes longer than all else.
    let name = format!("history-{conversations}x{messages}");
    let made = PathBuf::from(std::env::var_os("BENCH_DIR").unwrap_or_default()).join(name);
    let history = filled(&made, conversations, messages, &mut report);
    searches(&history, &mut report);
    drop(history);
    let copy = tempfile::tempdir_in(&made).unwrap();
    std::fs::copy(made.join(FILE), copy.path().join(FILE)).unwrap();
    // So that nothing else waits for the disk meanwhile.
    let file = std::fs::File::open(copy.path().join(FILE)).unwrap();
    file.sync_all().unwrap();
    let history = History::open(copy.path()).unwrap();
    appends(&history, &mut report);
    drop(history);
    if runs > 0 {
        compared(&copy.path().join(FILE), runs, &mut report).await;
    }
    report
}

/// Starts with nothing and with all of it.
async fn compared(file: &Path, runs: usize, report: &mut Report) {
    let mut desk = Desk::with(Config {
        tokens_per_second: 0.0,
        ..Config::default()
    })
    .await;
    desk.environment.push(("CAUSEWAY_LOG", Some("error")));
    // The vault and the settings of someone who is connected.
    desk.connected(None).await.quit().await;
    let empty = starts(&desk, runs).await;
    std::fs::copy(file, desk.profile().join(FILE)).unwrap();
    let full = starts(&desk, runs).await;
    for (what, times) in [("start, empty", &empty), ("start, full", &full)] {
        row(report, what, times, 1.0);
    }
    let (few, many) = (
        quantile(&empty, 0.5).unwrap(),
        quantile(&full, 0.5).unwrap(),
    );
    report.note(format!(
        "Starts, to the sidebar: full is {:.2} times empty.",
        many / few
    ));
}

/// From starting the program until the window shows the sidebar with its conversations, in milliseconds.
async fn starts(desk: &Desk, runs: usize) -> Vec<f64> {
    let mut times = Vec::new();
    // The first is not counted: it fills the system's caches.
    for run in 0..=runs {
        let began = Instant::now();
        let app = desk.start().await;
        app.sees("aside nav").await;
        app.sees("form textarea").await;
        if run > 0 {
            times.push(millis(began.elapsed()));
        }
        app.quit().await;
    }
    times
}

fn filled(folder: &Path, conversations: usize, messages: usize, report: &mut Report) -> History {
    let history = History::open(folder).unwrap();
    let began = Instant::now();
    if history.conversations(1, None).unwrap().is_empty() {
        let mut writer = Writer::new();
        let all: Vec<usize> = (0..conversations).collect();
        for some in all.chunks(1_000) {
            let some = some.iter().map(|n| writer.conversation(*n, messages));
            history.fill(some.collect::<Vec<_>>()).unwrap();
        }
        println!("filled in {:.0} s", began.elapsed().as_secs_f64());
    }
    let began = Instant::now();
    while history.index_up_to(8 << 20, 20_000).unwrap().left > 0 {}
    println!("indexed in {:.0} s", began.elapsed().as_secs_f64());
    history.checkpoint().unwrap();
    let size = std::fs::metadata(history.path()).unwrap().len();
    let text = u64::try_from(history.text_bytes().unwrap()).unwrap();
    report.note(format!(
        "{conversations} conversations of {messages} messages: {} MB of text, {} MB on the disk, {:.2} times the text.",
        text >> 20,
        size >> 20,
        size as f64 / text as f64
    ));
    history
}

fn searches(history: &History, report: &mut Report) {
    let vocabulary = Writer::new().words;
    let phrase = |words: &[&str]| Wanted {
        words: words.iter().map(ToString::to_string).collect(),
        ..Wanted::default()
    };
    let kinds: [(&str, Vec<Wanted>); 9] = [
        (
            "common word",
            ["tide", "the", "margin", "because"]
                .map(|w| phrase(&[w]))
                .to_vec(),
        ),
        (
            "rare word",
            (0..20).map(|n| phrase(&[&*rare(n * 37)])).collect(),
        ),
        (
            "seldom word",
            (0..20)
                .map(|n| phrase(&[&*vocabulary[10_000 + n * 500]]))
                .collect(),
        ),
        (
            "two words",
            vec![phrase(&["tide", "margin"]), phrase(&["harbour", "freight"])],
        ),
        (
            "phrase",
            vec![
                phrase(&["the tide of"]),
                phrase(&["margin because"]),
                phrase(&["select region from"]),
            ],
        ),
        (
            "within a word",
            vec![phrase(&["arbou"]), phrase(&["reigh"]), phrase(&["ecaus"])],
        ),
        (
            "one, two characters",
            ["汐", "満潮", "a", "of", "qz"]
                .map(|w| phrase(&[w]))
                .to_vec(),
        ),
        (
            "nowhere",
            vec![phrase(&["xyzzyplugh"]), phrase(&["tide of the nowhere"])],
        ),
        (
            "with conditions",
            vec![
                Wanted {
                    model: Some("two".into()),
                    ..phrase(&["tide"])
                },
                Wanted {
                    code: true,
                    ..phrase(&["region"])
                },
                Wanted {
                    after_ms: Some(BEGUN_MS),
                    cost_from: Some(4_000_000),
                    ..phrase(&["margin"])
                },
            ],
        ),
    ];
    let (mut all, mut all_pages) = (Vec::new(), Vec::new());
    for (what, wanted) in kinds {
        let (mut firsts, mut pages) = (Vec::new(), Vec::new());
        for _ in 0..10 {
            for wanted in &wanted {
                // What the window shows at first, as the app asks for it.
                let began = Instant::now();
                history
                    .search_titles(wanted, 8, &mut || began.elapsed() < TITLES)
                    .unwrap();
                history
                    .search_messages(wanted, FIRST, None, &mut |found| {
                        looks_on(found, began.elapsed())
                    })
                    .unwrap();
                firsts.push(millis(began.elapsed()));
                // And the whole first page, however long that takes.
                let began = Instant::now();
                history
                    .search_messages(wanted, FIRST, None, &mut |_| true)
                    .unwrap();
                pages.push(millis(began.elapsed()));
            }
        }
        row(report, &format!("search, {what}"), &firsts, 1.0);
        row(report, &format!("whole page, {what}"), &pages, 1.0);
        all.extend(firsts);
        all_pages.extend(pages);
    }
    row(report, "search, all", &all, 1.0);
    row(report, "whole page, all", &all_pages, 1.0);
}

fn appends(history: &History, report: &mut Report) {
    let mut writer = Writer::new();
    let (new, _) = writer.conversation(0, 0);
    let conversation = history.create_conversation(&new).unwrap().id;
    let mut parent = None;
    let mut times = Vec::new();
    for n in 0..500 {
        let message = writer.message(conversation, n, BEGUN_MS);
        let began = Instant::now();
        parent = Some(
            history
                .append(&NewMessage { parent, ..message })
                .unwrap()
                .id,
        );
        times.push(millis(began.elapsed()));
    }
    row(report, "append a message", &times, 1.0);
    let began = Instant::now();
    while history.index_some().unwrap().left > 0 {}
    report.note(format!(
        "Appending waits for the disk each time, as the app does. Indexing 500 messages afterwards: {:.0} ms.",
        millis(began.elapsed())
    ));
}

fn row(report: &mut Report, what: &str, times: &[f64], unit: f64) {
    let at = |share| json!(round(quantile(times, share).unwrap() * unit * 100.0) / 100.0);
    report.row(vec![
        ("what", Value::String(what.to_owned())),
        ("times", json!(times.len())),
        ("median, ms", at(0.5)),
        ("p95, ms", at(0.95)),
        ("slowest, ms", at(1.0)),
        ("load", json!(load())),
    ]);
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// A word that few messages have.
fn rare(n: usize) -> String {
    format!("zeta{n}theta")
}

/// Writes as people and models do: few words often, many seldom, code and other scripts now and then. The same texts
/// each time.
struct Writer {
    state: u64,
    words: Vec<String>,
}

const COMMON: [&str; 40] = [
    "the", "of", "and", "to", "a", "in", "is", "that", "for", "it", "with", "as", "on", "because",
    "margin", "tide", "freight", "harbour", "query", "model", "which", "when", "table", "value",
    "report", "month", "region", "order", "answer", "question", "first", "second", "between",
    "under", "rather", "within", "result", "water", "moon", "price",
];
const SYLLABLES: [&str; 24] = [
    "ka", "lo", "mer", "ti", "no", "sel", "ru", "da", "vin", "es", "tor", "pa", "li", "gan", "be",
    "sto", "mi", "cra", "fen", "ul", "do", "rie", "sha", "wex",
];

impl Writer {
    fn new() -> Self {
        let mut writer = Self {
            state: 0x9e37_79b9_7f4a_7c15,
            words: COMMON.iter().map(ToString::to_string).collect(),
        };
        for _ in 0..20_000 {
            let count = 2 + writer.below(3);
            let word = (0..count).map(|_| SYLLABLES[writer.below(SYLLABLES.len())]);
            let word = word.collect::<String>();
            writer.words.push(word);
        }
        writer
    }

    /// A number below this one (xorshift64*).
    fn below(&mut self, most: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let number = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap() % most
    }

    fn word(&mut self) -> usize {
        // Half of all words are among the forty; the others the rarer the farther down.
        if self.below(2) == 0 {
            return self.below(COMMON.len());
        }
        let (a, b) = (self.below(self.words.len()), self.below(self.words.len()));
        a.min(b)
    }

    fn prose(&mut self, words: usize) -> String {
        let mut text = String::new();
        for n in 0..words {
            let word = self.word();
            text.push_str(&self.words[word]);
            text.push_str(match self.below(14) {
                0 if n + 1 < words => ". ",
                1 => ", ",
                2 if n % 40 == 0 => "\n\n",
                _ => " ",
            });
        }
        text
    }

    fn conversation(&mut self, n: usize, messages: usize) -> (NewConversation, Vec<NewMessage>) {
        let now_ms = BEGUN_MS + i64::try_from(n).unwrap() * HOUR_MS;
        let new = NewConversation {
            title: self.prose(5),
            model: format!("lab/{}", ["one", "two", "three"][self.below(3)]),
            now_ms,
        };
        let any = "018bcfe5-6800-7000-8000-00000000000a".parse().unwrap();
        let all = (0..messages).map(|at| self.message(any, at, now_ms));
        (new, all.collect())
    }

    fn message(&mut self, conversation: ConversationId, at: usize, now_ms: i64) -> NewMessage {
        let asked = at.is_multiple_of(2);
        let length = if asked {
            8 + self.below(50)
        } else {
            40 + self.below(260)
        };
        let mut text = self.prose(length);
        match self.below(40) {
            0 => text.push_str(&rare(self.below(1_000_000))),
            1 => text.push_str(
                "\n\n```sql\nselect region, sum(net) from orders group by region;\n```\n",
            ),
            2 => text.push_str("潮の満ち引きは月の引力による。満潮と干潮は一日に二度ずつある。"),
            3 => text.push_str("\n\n| Driver | Effect |\n|---|---|\n| Freight | **−1.6 pt** |\n"),
            _ => {}
        }
        NewMessage {
            conversation,
            parent: None,
            role: if asked { Role::User } else { Role::Assistant },
            text,
            reasoning: String::new(),
            model: (!asked).then(|| "lab/one".to_owned()),
            options: None,
            status: Status::Done,
            now_ms: now_ms + i64::try_from(at).unwrap() * 60_000,
        }
    }
}
