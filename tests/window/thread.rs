//! Conversations that are longer than what is drawn of them.

use crate::harness::{App, Desk, alone, patiently};
use causeway_core::testing::held_conversation;
use emulator::Config;
use serde_json::{Value, json};

const MODEL: &str = "emulator/echo";

/// The window of somebody who is connected and has held a long conversation.
async fn with_a_long_conversation(count: usize) -> (Desk, App) {
    let desk = Desk::new().await;
    held_conversation(&desk.profile(), "Tides", MODEL, count).unwrap();
    let app = desk.connected(None).await;
    (desk, app)
}

/// The numbers of the first and the last message drawn, and how many there are.
const DRAWN: &str = "
    const all = [...document.querySelectorAll('article')];
    const number = (a) => Number(/(?:Question|Answer) (\\d+)/.exec(a?.textContent ?? '')?.[1]);
    return [number(all[0]), number(all.at(-1)), all.length]";

/// What is at the upper edge of the view and where it begins, after a scroll to `arguments[0]`.
const SCROLL: &str = "
    const scroll = document.querySelector('[aria-label=Conversation]');
    scroll.scrollTop = arguments[0];
    const edge = scroll.getBoundingClientRect().top;
    const seen = [...document.querySelectorAll('article')].find((a) => a.getBoundingClientRect().bottom > edge);
    window.__seen = seen;
    return seen.getBoundingClientRect().top - edge";

const SEEN_AT: &str = "
    const edge = document.querySelector('[aria-label=Conversation]').getBoundingClientRect().top;
    return window.__seen.isConnected ? window.__seen.getBoundingClientRect().top - edge : null";

/// How many pixels are below what is seen.
const FROM_END: &str = "
    const s = document.querySelector('[aria-label=Conversation]');
    return s.scrollHeight - s.clientHeight - s.scrollTop";

/// Whether the hit that find led to can be seen.
const HIT_IN_SIGHT: &str = "
    const s = document.querySelector('[aria-label=Conversation]').getBoundingClientRect();
    const r = [...(CSS.highlights.get('found-now') ?? [])][0]?.getBoundingClientRect();
    return Boolean(r) && r.height > 0 && r.top >= s.top && r.bottom <= s.bottom";

async fn drawn(app: &App, what: &str, holds: impl Fn(u64, u64) -> bool) -> (u64, u64, u64) {
    patiently(what, || async {
        let found = app.run(DRAWN).await;
        let number = |at: usize| found[at].as_u64();
        let (first, last, count) = (number(0)?, number(1)?, number(2)?);
        holds(first, last).then_some((first, last, count))
    })
    .await
}

async fn scrolled(app: &App, to: i64) -> f64 {
    let found = app.page.execute(SCROLL, vec![json!(to)]).await.unwrap();
    found.as_f64().unwrap()
}

async fn seen_at(app: &App) -> f64 {
    let found = app.run(SEEN_AT).await;
    found.as_f64().expect("what was read is gone")
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_messages_open_at_the_end_and_what_is_read_never_jumps() {
    let _alone = alone().await;
    let (_desk, app) = with_a_long_conversation(10_000).await;
    app.press("Tides").await;
    let (first, _, count) = drawn(&app, "the end", |_, last| last == 10_000).await;
    assert!(count <= 200, "{count} messages are drawn at once");
    let distance = app.run(FROM_END).await.as_f64().unwrap();
    assert!(distance < 24.0, "it opened {distance} pixels above its end");
    app.picture("long").await;

    // Back through the pages: each comes in above, and the message in sight stays where it is.
    let mut first = first;
    for _ in 0..6 {
        let before = scrolled(&app, 300).await;
        (first, ..) = drawn(&app, "an older page", |now, _| now < first).await;
        let after = seen_at(&app).await;
        assert!(
            (before - after).abs() < 2.0,
            "what is read moved from {before} to {after}"
        );
    }
    let (_, last, count) = drawn(&app, "the window", |_, _| true).await;
    assert!(count <= 200, "{count} messages are drawn at once");
    assert!(last < 10_000, "what is far below is still drawn");

    // A narrower window breaks the lines anew; the message in sight stays.
    let before = scrolled(&app, 3_000).await;
    app.size(700, 800).await;
    patiently("the lines to break anew", || async {
        let now = seen_at(&app).await;
        ((before - now).abs() < 2.0).then_some(())
    })
    .await;

    app.press("Jump to the end").await;
    drawn(&app, "the end again", |_, last| last == 10_000).await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn find_leads_to_every_hit_of_a_long_conversation() {
    let _alone = alone().await;
    let (_desk, app) = with_a_long_conversation(2_000).await;
    app.press("Tides").await;
    drawn(&app, "the end", |_, last| last == 2_000).await;
    let field = app.sees("form textarea").await;
    field.send_keys("\u{e009}f\u{e000}").await.unwrap();
    let field = app.sees("[role=search] input").await;
    field.send_keys("answer 44. it comes").await.unwrap();
    app.reads("1 of 1").await;
    let (first, ..) = drawn(&app, "the hit", |first, _| first <= 44).await;
    assert!(first >= 1);
    let marked = "return CSS.highlights.get('found-now')?.size === 1 && \
                  [...CSS.highlights.get('found-now')].map(String).join()";
    patiently("the hit to be marked", || async {
        let marked = app.run(marked).await;
        (marked == json!("Answer 44. It comes")).then_some(())
    })
    .await;
    let seen = app.run(HIT_IN_SIGHT).await;
    assert_eq!(seen, Value::Bool(true), "the hit is out of sight");
    app.picture("find").await;

    // Reasoning is folded until find leads into it.
    field.clear().await.unwrap();
    field.send_keys("the wind may outweigh").await.unwrap();
    app.reads("20 of 20").await;
    field.send_keys("\u{e007}").await.unwrap();
    app.reads("1 of 20").await;
    let unfolded = "const now = [...(CSS.highlights.get('found-now') ?? [])][0]; \
         const message = now?.startContainer.parentElement?.closest('article'); \
         const s = document.querySelector('[aria-label=Conversation]').getBoundingClientRect(); \
         const r = now?.getBoundingClientRect(); \
         return message && r.top >= s.top && r.bottom <= s.bottom && \
             [String(now), /Answer \\d+/.exec(message.textContent)[0]]";
    patiently("the reasoning to be unfolded", || async {
        let found = app.run(unfolded).await;
        (found == json!(["the wind may outweigh", "Answer 20"])).then_some(())
    })
    .await;
    app.picture("find-reasoning").await;

    field.clear().await.unwrap();
    field.send_keys("mooring 199").await.unwrap();
    // 199, 1990, 1992 … 1998: only questions name a mooring, and they have even ones.
    app.reads("5 of 5").await;
    field.send_keys("\u{e007}").await.unwrap();
    app.reads("1 of 5").await;
    field.send_keys("\u{e00c}").await.unwrap();
    patiently("find to close", || async {
        let open = app.run("return document.querySelector('[role=search]') === null && CSS.highlights.size === 0").await;
        (open == Value::Bool(true)).then_some(())
    })
    .await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_as_long_as_a_book_is_there_wherever_it_is_read() {
    let _alone = alone().await;
    let config = Config {
        tokens_per_second: 0.0,
        credits: 1e6,
        ..Config::default()
    };
    let desk = Desk::with(config).await;
    let app = desk.connected(None).await;
    app.run(
        "const question = { conversation: null, text: 'Write a book.', model: 'emulator/book-100000' };
         window.__TAURI_INTERNALS__.invoke('send', { question })",
    )
    .await;
    app.press("Write a book.").await;
    app.answered().await;
    // Chapters far above the end are not told apart any more, and what is near is.
    let away =
        "return [...document.querySelectorAll('.chapter')].map((c) => c.hasAttribute('data-away'))";
    let chapters = async |what: &str, holds: fn(&[bool]) -> bool| {
        patiently(what, || async {
            let found = app.run(away).await;
            let found: Vec<bool> = serde_json::from_value(found).ok()?;
            holds(&found).then_some(())
        })
        .await;
    };
    chapters("the first chapters to be far away", |away| {
        away.len() > 3 && away[..2] == [true, true] && away.last() == Some(&false)
    })
    .await;
    app.run("document.querySelector('[aria-label=Conversation]').scrollTop = 0")
        .await;
    chapters("the first chapter to be near", |away| {
        !away[0] && away[away.len() - 2]
    })
    .await;
    let read = "const s = document.querySelector('[aria-label=Conversation]').getBoundingClientRect(); \
                const at = document.elementFromPoint(s.left + s.width / 2, s.bottom - 150); \
                return at.closest('.blocks :is(p, li, table, pre, h2, h3)')?.innerText ?? ''";
    patiently("words where it is read", || async {
        let words = app.run(read).await;
        (!words.as_str()?.is_empty()).then_some(())
    })
    .await;
    app.picture("book").await;

    let field = app.sees("form textarea").await;
    field.send_keys("\u{e009}f\u{e000}").await.unwrap();
    let field = app.sees("[role=search] input").await;
    field.send_keys("(part 997)").await.unwrap();
    patiently("the hit to be in sight", || async {
        (app.run(HIT_IN_SIGHT).await == Value::Bool(true)).then_some(())
    })
    .await;
    // Of tens of thousands of hits, those are marked that can be seen.
    field.clear().await.unwrap();
    field.send_keys("a").await.unwrap();
    patiently("some of very many hits to be marked", || async {
        let marked = "return CSS.highlights.get('found')?.size ?? 0";
        let marked = app.run(marked).await.as_u64()?;
        (100..=400).contains(&marked).then_some(())
    })
    .await;
    app.press("Jump to the end").await;
    patiently("the end", || async {
        let distance = app.run(FROM_END).await.as_f64()?;
        (distance < 24.0).then_some(())
    })
    .await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_a_source_stands_where_the_words_rest_on_it_and_leads_to_its_page() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(None).await;
    crate::journey::choose(&app, "emulator/case-citations").await;
    app.ask("Where is that?").await;
    app.answered().await;
    let number = "const mark = document.querySelector('.prose .cite'); \
                  return mark && getComputedStyle(mark, '::after').content";
    patiently("the number of the source", || async {
        (app.run(number).await == json!("\"1\"")).then_some(())
    })
    .await;
    app.picture("cited").await;
    app.sees(".prose .cite").await.click().await.unwrap();
    app.reads("https://example.org/a").await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_followed_until_the_reader_scrolls_and_not_after() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(None).await;
    crate::journey::choose(&app, "emulator/prose-5000@200").await;
    app.ask("Tell me at length.").await;
    let room = "const s = document.querySelector('[aria-label=Conversation]'); return s && s.scrollHeight - s.clientHeight";
    let grown = async |more: f64| {
        patiently("the answer to grow", || async {
            let now = app.run(room).await.as_f64()?;
            (now > more).then_some(now)
        })
        .await
    };
    grown(400.0).await;
    let distance = app.run(FROM_END).await.as_f64().unwrap();
    assert!(distance < 40.0, "{distance} pixels behind");
    let place = app
        .run("const s = document.querySelector('[aria-label=Conversation]'); s.scrollTop -= 200; return s.scrollTop")
        .await;
    let now = app.run(room).await.as_f64().unwrap();
    grown(now + 200.0).await;
    let after = app
        .run("return document.querySelector('[aria-label=Conversation]').scrollTop")
        .await;
    assert_eq!(after, place, "the reader was pulled along");
    app.press("Jump to the end").await;
    let now = app.run(room).await.as_f64().unwrap();
    grown(now + 100.0).await;
    let distance = app.run(FROM_END).await.as_f64().unwrap();
    assert!(distance < 40.0, "{distance} pixels behind");
    app.press("Stop").await;
    app.answered().await;
    app.quit().await;
}
