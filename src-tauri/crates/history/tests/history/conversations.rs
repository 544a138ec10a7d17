//! The list, its entries, drafts and sums.

use history::{Conversation, ConversationId, Error, Finish, MAX_LABEL, Status, Usage};

use crate::*;

fn not_found<T: std::fmt::Debug>(result: Result<T, Error>) {
    let result = result.map(drop);
    assert!(matches!(result, Err(Error::NotFound { .. })), "{result:?}");
}

#[test]
fn a_conversation_is_as_it_was_begun_also_after_a_restart() {
    let (folder, history) = fresh();
    let begun = begin(&history, "'; DROP TABLE message; -- \u{202e}\0<b>", 5);
    let expected = Conversation {
        id: begun.id,
        title: "'; DROP TABLE message; -- \u{202e}\0<b>".into(),
        model: "acme/prose-1".into(),
        created_ms: 5,
        updated_ms: 5,
        pinned: false,
        cost_nanos: 0,
        leaf: None,
        message_count: 0,
        folder: None,
        archived: false,
        deleted_ms: None,
        comparing: false,
    };
    assert_eq!(begun, expected);
    drop(history);
    assert_eq!(
        open(folder.path()).conversation(begun.id).unwrap(),
        expected
    );
}

#[test]
fn the_list_has_the_pinned_first_then_the_newest_and_pages_through_all_once() {
    let (_folder, history) = fresh();
    let mut ids: Vec<ConversationId> = (0..25)
        .map(|n| begin(&history, &n.to_string(), n / 2).id)
        .collect();
    history.set_pinned(ids[3], true).unwrap();
    history
        .append(&NewMessage {
            now_ms: 99,
            ..user(ids[7], None, "hello")
        })
        .unwrap();
    history.delete(ids[20], 100).unwrap();

    let mut listed = Vec::new();
    let mut before = None;
    loop {
        let page = history.conversations(4, before).unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.cursor());
        listed.extend(page.iter().map(|c| c.id));
    }

    let (pinned, active, gone) = (ids[3], ids[7], ids[20]);
    ids.retain(|id| ![pinned, active, gone].contains(id));
    assert_eq!(listed[..2], [pinned, active]);
    let mut rest = listed[2..].to_vec();
    assert!(
        rest.windows(2).all(|w| w[0] > w[1]),
        "ids of one clock fall with the time"
    );
    rest.reverse();
    ids.sort();
    assert_eq!(rest, ids);
}

#[test]
fn changing_title_model_and_pin_is_no_activity() {
    let (_folder, history) = fresh();
    let begun = begin(&history, "old", 5);
    history.rename(begun.id, "new").unwrap();
    history.set_model(begun.id, "acme/other").unwrap();
    let changed = history.set_pinned(begun.id, true).unwrap();
    let expected = Conversation {
        title: "new".into(),
        model: "acme/other".into(),
        pinned: true,
        ..begun.clone()
    };
    assert_eq!(changed, expected);
    assert_eq!(history.conversation(begun.id).unwrap(), expected);
    assert!(!history.set_pinned(begun.id, false).unwrap().pinned);
}

#[test]
fn a_deleted_conversation_is_gone_for_every_call_until_it_is_restored_whole() {
    let (_folder, history) = fresh();
    let (id, answer) = asked(&history);
    history.set_draft(Some(id), "typed").unwrap();
    let before = history.conversation(id).unwrap();
    history.delete(id, 50).unwrap();

    assert_eq!(history.conversations(10, None).unwrap(), []);
    not_found(history.conversation(id));
    not_found(history.thread(id, None));
    not_found(history.rename(id, "x"));
    not_found(history.set_model(id, "x"));
    not_found(history.set_pinned(id, true));
    not_found(history.append(&user(id, None, "x")));
    not_found(history.set_leaf(id, answer.id));
    not_found(history.draft(Some(id)));
    not_found(history.set_draft(Some(id), "x"));
    not_found(history.delete(id, 51));

    assert_eq!(history.restore(id).unwrap(), before);
    assert_eq!(history.conversations(10, None).unwrap(), [before]);
    assert_eq!(history.draft(Some(id)).unwrap(), "typed");
    assert_eq!(history.thread(id, None).unwrap().len(), 2);
}

#[test]
fn an_answer_that_runs_while_its_conversation_is_deleted_is_kept_and_paid_for() {
    let (_folder, history) = fresh();
    let (id, answer) = asked(&history);
    history.delete(id, 50).unwrap();
    history
        .save_progress(answer.id, &said(from(0, "still "), NOTHING))
        .unwrap();
    let usage = Usage {
        cost_nanos: Some(7),
        ..Usage::default()
    };
    let whole = Some("still here".into());
    let end = Finish {
        usage,
        text: whole,
        ..Finish::new(Status::Done, 60)
    };
    history.finish(answer.id, &end).unwrap();
    assert_eq!(history.cost_since(0).unwrap(), 7);
    assert_eq!(history.restore(id).unwrap().cost_nanos, 7);
    assert_eq!(history.thread(id, None).unwrap()[1].text, "still here");
}

#[test]
fn drafts_are_kept_apart_replaced_and_forgotten_when_empty() {
    let (folder, history) = fresh();
    let (a, b) = (begin(&history, "a", 1).id, begin(&history, "b", 2).id);
    assert_eq!(history.draft(None).unwrap(), "");
    for (place, text) in [
        (None, "one"),
        (Some(a), "two"),
        (Some(b), "three"),
        (None, "four"),
    ] {
        history.set_draft(place, text).unwrap();
    }
    history.set_draft(Some(b), "").unwrap();
    drop(history);
    let history = open(folder.path());
    let drafts = [None, Some(a), Some(b)].map(|place| history.draft(place).unwrap());
    assert_eq!(drafts, ["four", "two", ""]);
}

#[test]
fn costs_sum_by_conversation_over_all_branches_and_since_a_moment() {
    let (_folder, history) = fresh();
    let id = begin(&history, "t", 1).id;
    let question = history.append(&user(id, None, "why")).unwrap();
    // $0.1 + $0.2 is $0.3 here: nano-dollars are whole numbers.
    for (ended, cost) in [
        (100, Some(100_000_000)),
        (200, Some(200_000_000)),
        (300, None),
    ] {
        let answer = history.append(&pending(id, Some(question.id))).unwrap();
        let usage = Usage {
            cost_nanos: cost,
            ..Usage::default()
        };
        history
            .finish(
                answer.id,
                &Finish {
                    usage,
                    ..Finish::new(Status::Done, ended)
                },
            )
            .unwrap();
    }
    let conversation = history.conversation(id).unwrap();
    assert_eq!(
        (conversation.cost_nanos, conversation.message_count),
        (300_000_000, 4)
    );
    let since = [0, 100, 101, 201].map(|ms| history.cost_since(ms).unwrap());
    assert_eq!(since, [300_000_000, 300_000_000, 200_000_000, 0]);
}

#[test]
fn a_title_or_model_too_long_is_refused_and_the_longest_is_kept() {
    let (_folder, history) = fresh();
    let longest = "é".repeat(MAX_LABEL / 2);
    let id = begin(&history, &longest, 1).id;
    assert_eq!(history.conversation(id).unwrap().title, longest);
    let over = "x".repeat(MAX_LABEL + 1);
    for refused in [history.rename(id, &over), history.set_model(id, &over)] {
        assert!(
            matches!(
                refused,
                Err(Error::TooLarge {
                    limit: MAX_LABEL,
                    ..
                })
            ),
            "{refused:?}"
        );
    }
}

#[test]
fn a_clock_set_back_does_not_bury_the_conversation_in_use() {
    let (_folder, history) = fresh();
    let id = begin(&history, "t", 1_000).id;
    history
        .append(&NewMessage {
            now_ms: 5,
            ..user(id, None, "x")
        })
        .unwrap();
    assert_eq!(history.conversation(id).unwrap().updated_ms, 1_000);
    history
        .append(&NewMessage {
            now_ms: 2_000,
            ..user(id, None, "y")
        })
        .unwrap();
    assert_eq!(history.conversation(id).unwrap().updated_ms, 2_000);
}
