//! Deleting and restoring messages, options, personas, titles, and costs that come later.

use history::{Error, Finish, Message, MessageId, Served, Status, Usage};

use crate::*;

fn ids(thread: &[Message]) -> Vec<MessageId> {
    thread.iter().map(|m| m.id).collect()
}

/// A question with two answers, and a turn below the first: the first answer's branch is shown.
fn forked(history: &History) -> (ConversationId, [Message; 5]) {
    let id = begin(history, "t", 1).id;
    let add = |parent: Option<MessageId>, text| history.append(&user(id, parent, text)).unwrap();
    let question = add(None, "question");
    let first = add(Some(question.id), "first");
    let second = add(Some(question.id), "second");
    let below = add(Some(first.id), "below");
    let leaf = add(Some(below.id), "leaf");
    (id, [question, first, second, below, leaf])
}

#[test]
fn a_deleted_message_goes_with_what_follows_and_comes_back_as_it_was() {
    let (folder, history) = fresh();
    let (id, [question, first, second, below, leaf]) = forked(&history);
    let shown = history.thread(id, None).unwrap();
    assert_eq!(ids(&shown), [question.id, first.id, below.id, leaf.id]);

    // The last: the branch ends before it.
    history.delete_message(leaf.id, 50).unwrap();
    assert_eq!(
        ids(&history.thread(id, None).unwrap()),
        [question.id, first.id, below.id]
    );
    history.restore_message(leaf.id).unwrap();
    assert_eq!(history.thread(id, None).unwrap(), shown);

    // One of two versions: the other is shown, and nothing counts the deleted one.
    history.delete_message(first.id, 60).unwrap();
    let other = history.thread(id, None).unwrap();
    assert_eq!(ids(&other), [question.id, second.id]);
    assert_eq!((other[1].sibling_index, other[1].sibling_count), (0, 1));
    assert_eq!(history.siblings(second.id).unwrap(), [second.id]);
    assert!(history.message(first.id).unwrap().deleted);
    for refused in [
        history.set_leaf(id, first.id).map(drop),
        history.set_leaf(id, leaf.id).map(drop),
        history.append(&user(id, Some(first.id), "x")).map(drop),
        history.append(&user(id, Some(leaf.id), "x")).map(drop),
        history.delete_message(first.id, 61).map(drop),
    ] {
        assert!(
            matches!(refused, Err(Error::NotFound { what: "message" })),
            "{refused:?}"
        );
    }
    drop(history);
    let history = open(folder.path());
    history.restore_message(first.id).unwrap();
    assert_eq!(history.thread(id, None).unwrap(), shown);
    assert_eq!(history.conversation(id).unwrap().message_count, 5);
}

#[test]
fn deleting_what_is_not_shown_changes_nothing_on_screen() {
    let (_folder, history) = fresh();
    let (id, [question, first, second, below, leaf]) = forked(&history);
    history.delete_message(second.id, 50).unwrap();
    let shown = [question.id, first.id, below.id, leaf.id];
    assert_eq!(ids(&history.thread(id, None).unwrap()), shown);
    history.restore_message(second.id).unwrap();
    assert_eq!(ids(&history.thread(id, None).unwrap()), shown);
}

#[test]
fn deletions_inside_each_other_are_undone_in_any_order() {
    let (_folder, history) = fresh();
    let (id, [question, first, second, below, leaf]) = forked(&history);
    let all = [question.id, first.id, below.id, leaf.id];
    history.delete_message(below.id, 50).unwrap();
    history.delete_message(question.id, 60).unwrap();
    assert_eq!(
        history.conversation(id).unwrap().leaf,
        None,
        "nothing is left"
    );
    // The inner one first: it is still below a deleted one, so the screen stays as it is.
    history.restore_message(below.id).unwrap();
    assert_eq!(history.thread(id, None).unwrap(), []);
    history.restore_message(question.id).unwrap();
    assert_eq!(ids(&history.thread(id, None).unwrap()), all[..2]);
    history.set_leaf(id, below.id).unwrap();
    assert_eq!(ids(&history.thread(id, None).unwrap()), all);
    // What was shown was deleted on its own meanwhile.
    history.delete_message(first.id, 70).unwrap();
    history.set_leaf(id, second.id).unwrap();
    history.restore_message(first.id).unwrap();
    assert_eq!(ids(&history.thread(id, None).unwrap()), all);
}

#[test]
fn options_and_the_model_are_kept_for_the_next_questions() {
    let (folder, history) = fresh();
    let id = begin(&history, "t", 1).id;
    assert_eq!(history.options(id).unwrap(), None);
    history
        .set_options(id, Some(r#"{"seed":1}"#), None)
        .unwrap();
    let changed = history
        .set_options(id, Some(r#"{"seed":2}"#), Some("acme/other"))
        .unwrap();
    assert_eq!(changed.model, "acme/other");
    let refused = history.set_options(id, Some("{"), None);
    assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    drop(history);
    let history = open(folder.path());
    assert_eq!(
        history.options(id).unwrap().as_deref(),
        Some(r#"{"seed":2}"#)
    );
    history.set_options(id, None, None).unwrap();
    assert_eq!(history.options(id).unwrap(), None);
}

#[test]
fn personas_are_made_changed_listed_by_name_and_removed() {
    let (folder, history) = fresh();
    let make = |name: &str| history.create_persona(name, Some("acme/prose-1"), "{}", 5, 3);
    let (zoe, adam) = (make("zoe").unwrap(), make("Adam").unwrap());
    assert_eq!(history.personas().unwrap(), [adam.clone(), zoe.clone()]);
    make("one more").unwrap();
    assert!(matches!(
        make("too many"),
        Err(Error::TooLarge { limit: 3, .. })
    ));
    assert!(matches!(make(""), Err(Error::Invalid { what: "name" })));
    let changed = history::Persona {
        name: "Bea".into(),
        model: None,
        options: r#"{"seed":1}"#.into(),
        ..zoe.clone()
    };
    history.update_persona(&changed).unwrap();
    history.delete_persona(adam.id).unwrap();
    for gone in [
        history.delete_persona(adam.id),
        history.update_persona(&adam),
    ] {
        assert!(
            matches!(gone, Err(Error::NotFound { what: "persona" })),
            "{gone:?}"
        );
    }
    drop(history);
    assert_eq!(open(folder.path()).personas().unwrap()[0], changed);
}

#[test]
fn a_suggested_title_never_replaces_the_persons_own_and_its_cost_counts() {
    let (_folder, history) = fresh();
    let id = begin(&history, "first words", 1).id;
    let suggested = history
        .suggest_title(id, Some("Tides"), Some(40), 10)
        .unwrap();
    assert_eq!(
        (suggested.title.as_str(), suggested.cost_nanos),
        ("Tides", 40)
    );
    assert!(!history.is_titled(id).unwrap());
    history.rename(id, "Mine").unwrap();
    let late = history
        .suggest_title(id, Some("Neaps"), Some(2), 20)
        .unwrap();
    assert_eq!((late.title.as_str(), late.cost_nanos), ("Mine", 42));
    assert!(history.is_titled(id).unwrap());
    assert_eq!(
        (
            history.cost_since(0).unwrap(),
            history.cost_since(15).unwrap()
        ),
        (42, 2)
    );
    let strange = history.suggest_title(id, None, Some(-5), 30).unwrap();
    assert_eq!(strange.cost_nanos, 42);
}

#[test]
fn the_cost_of_a_broken_answer_is_asked_for_until_it_is_known() {
    let (folder, history) = fresh();
    let (id, stopped) = asked(&history);
    let finish = Finish {
        generation_id: Some("gen-1".into()),
        look_up_ms: Some(100),
        ..Finish::new(Status::Stopped, 90)
    };
    assert!(history.finish(stopped.id, &finish).unwrap().cost_pending);
    // One that a crash broke off, with its name noted before, and one that has none.
    let (_, crashed) = asked(&history);
    let served = Served {
        generation_id: Some("gen-2".into()),
        provider: Some("Acme".into()),
        thought_ms: Some(7),
        ..Served::default()
    };
    history.serve(crashed.id, &served).unwrap();
    let (_, nameless) = asked(&history);
    drop(history);
    let history = open(folder.path());
    assert_eq!(history.recover(95).unwrap(), 2);
    assert!(!history.message(nameless.id).unwrap().cost_pending);
    let crashed = history.message(crashed.id).unwrap();
    assert_eq!(
        (
            crashed.provider.as_deref(),
            crashed.thought_ms,
            crashed.cost_pending
        ),
        (Some("Acme"), Some(7), true)
    );

    let next = history.next_lookup().unwrap().unwrap();
    assert_eq!(
        (next.message, next.generation_id.as_str(), next.due_ms),
        (crashed.id, "gen-2", 95)
    );
    history.look_up_later(crashed.id, 200).unwrap();
    let next = history.next_lookup().unwrap().unwrap();
    assert_eq!((next.message, next.tries), (stopped.id, 0));
    let usage = Usage {
        prompt_tokens: Some(3),
        completion_tokens: Some(4),
        cost_nanos: Some(70),
        ..Usage::default()
    };
    let priced = history.end_lookup(stopped.id, Some(usage)).unwrap();
    assert_eq!((priced.usage, priced.cost_pending), (usage, false));
    assert_eq!(history.conversation(id).unwrap().cost_nanos, 70);
    let next = history.next_lookup().unwrap().unwrap();
    assert_eq!(
        (next.message, next.tries, next.due_ms),
        (crashed.id, 1, 200)
    );
    let given_up = history.end_lookup(crashed.id, None).unwrap();
    assert_eq!(
        (given_up.usage, given_up.cost_pending),
        (Usage::default(), false)
    );
    assert_eq!(history.next_lookup().unwrap(), None);
}
