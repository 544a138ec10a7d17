//! Conversations that are longer than a window shows at once.

use crate::{
    harness::{Profile, emulator},
    mirror::Mirror,
};
use causeway_core::{
    testing::held_conversation,
    wire::{Message, Problem, Span, Thread, ThreadPage, ThreadPlace},
};

const LENGTH: usize = 10_000;

async fn long() -> (emulator::Emulator, crate::harness::App, String) {
    let emulator = emulator().await;
    let profile = Profile::new();
    held_conversation(profile.folder(), "Tides", "emulator/echo", LENGTH).unwrap();
    let app = profile.start(&emulator.origin()).await;
    let id = app.core.snapshot().await.conversations.remove(0).id;
    (emulator, app, id)
}

/// The numbers that the messages begin with.
fn numbers(messages: &[Message]) -> Vec<usize> {
    let number = |m: &Message| {
        let said = if m.text.is_empty() {
            &m.blocks[0]
        } else {
            &m.text
        };
        let digits: String = (said.chars().skip_while(|c| !c.is_ascii_digit()))
            .take_while(char::is_ascii_digit)
            .collect();
        digits.parse().unwrap()
    };
    messages.iter().map(number).collect()
}

async fn page(
    app: &crate::harness::App,
    id: &str,
    place: ThreadPlace,
) -> Result<ThreadPage, Problem> {
    app.core.thread_page("main", id, place).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_of_ten_thousand_messages_opens_at_its_end_and_turns_its_pages() {
    let (_emulator, app, id) = long().await;
    let thread = Mirror::open(&app, "main", &id).await.now();
    assert_eq!(numbers(&thread.messages), Vec::from_iter(9_961..=10_000));
    assert_eq!((thread.older, thread.newer), (true, false));
    let wire = serde_json::to_string(&thread).unwrap();
    assert!(wire.len() < 100_000, "{} bytes to open it", wire.len());

    let message = thread.messages[0].meta.id.clone();
    let older = page(&app, &id, ThreadPlace::Before { message })
        .await
        .unwrap();
    assert_eq!(numbers(&older.messages), Vec::from_iter(9_921..=9_960));
    assert_eq!((older.older, older.newer), (true, true));
    let message = older.messages[39].meta.id.clone();
    let newer = page(&app, &id, ThreadPlace::After { message })
        .await
        .unwrap();
    assert_eq!(newer.messages, thread.messages);
    assert_eq!((newer.older, newer.newer), (true, false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_that_asks_anew_gets_what_it_shows_and_no_more_than_a_bound() {
    let (_emulator, app, id) = long().await;
    let open = async |span| -> Thread {
        let opened = app.core.open_thread("main", &id, span, |_| {}).await;
        opened.unwrap()
    };
    let end = open(None).await;
    let from = end.messages[10].meta.id.clone();
    let again = open(Some(Span { from, count: 30 })).await;
    assert_eq!(again.messages, end.messages[10..]);
    assert_eq!((again.older, again.newer), (true, false));

    let first = {
        let found = app.core.find_in_thread(&id, "question 1:").await.unwrap();
        found.hits[0].message.clone()
    };
    let all = open(Some(Span {
        from: first,
        count: u32::MAX,
    }))
    .await;
    assert_eq!(numbers(&all.messages), Vec::from_iter(1..=240));
    assert_eq!((all.older, all.newer), (false, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_are_found_in_the_whole_of_a_long_conversation() {
    let (_emulator, app, id) = long().await;
    let find = async |words: &str| app.core.find_in_thread(&id, words).await.unwrap();
    let found = find("ANSWER 44. It  comes").await;
    assert_eq!((found.hits.len(), found.more), (1, false));
    assert_eq!(found.hits[0].times, 1);
    let from = found.hits[0].message.clone();
    let opened = app
        .core
        .open_thread("main", &id, Some(Span { from, count: 40 }), |_| {});
    assert_eq!(
        numbers(&opened.await.unwrap().messages),
        Vec::from_iter(44..=83)
    );

    let thought = find("day 20 the wind").await.hits;
    assert_eq!(
        (thought.len(), thought[0].thoughts, thought[0].times),
        (1, 1, 0)
    );

    let many = find("higher by a hand").await;
    assert_eq!(
        (many.hits.len(), many.more),
        (1_000, true),
        "the nearest to the end"
    );
    assert_eq!(find("minutes later** and").await.hits, []);
    assert_eq!(find("  ").await.hits, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_for_the_thread_that_is_open_alone() {
    let (_emulator, app, id) = long().await;
    let refused = page(
        &app,
        &id,
        ThreadPlace::Before {
            message: id.clone(),
        },
    )
    .await;
    assert_eq!(
        refused.unwrap_err().message,
        "This conversation is not open here any more."
    );
    Mirror::open(&app, "main", &id).await;
    let gone = page(
        &app,
        &id,
        ThreadPlace::After {
            message: id.clone(),
        },
    )
    .await;
    assert_eq!(
        gone.unwrap_err().message,
        "This conversation or message is not there any more."
    );
}
