//! Threads, siblings and leaves.

use history::Error;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::*;

fn texts(thread: &[Message]) -> Vec<&str> {
    thread.iter().map(|m| m.text.as_str()).collect()
}

#[test]
fn an_edit_is_a_branch_beside_the_first_and_both_stay() {
    let (_folder, history) = fresh();
    let id = begin(&history, "t", 1).id;
    let add = |parent: Option<&Message>, text| {
        history
            .append(&user(id, parent.map(|m| m.id), text))
            .unwrap()
    };
    let first = add(None, "question");
    let a = add(Some(&first), "a");
    let a1 = add(Some(&a), "a1");
    let b = add(Some(&first), "b");
    let edited = add(None, "question, edited");

    assert_eq!(
        texts(&history.thread(id, None).unwrap()),
        ["question, edited"]
    );
    let thread = history.thread(id, Some(a1.id)).unwrap();
    assert_eq!(texts(&thread), ["question", "a", "a1"]);
    let places: Vec<_> = thread
        .iter()
        .map(|m| (m.sibling_index, m.sibling_count))
        .collect();
    assert_eq!(places, [(0, 2), (0, 2), (0, 1)]);
    assert_eq!(history.siblings(a.id).unwrap(), [a.id, b.id]);
    assert_eq!(history.siblings(edited.id).unwrap(), [first.id, edited.id]);

    // The newest below the first question is b, below a it is a1.
    assert_eq!(history.set_leaf(id, first.id).unwrap(), b.id);
    assert_eq!(history.set_leaf(id, a.id).unwrap(), a1.id);
    assert_eq!(history.conversation(id).unwrap().leaf, Some(a1.id));
    assert_eq!(history.thread(id, None).unwrap(), thread);
}

#[test]
fn messages_of_another_conversation_are_not_found_in_this_one() {
    let (_folder, history) = fresh();
    let (here, _) = asked(&history);
    let (_, other) = asked(&history);
    let before = history.conversation(here).unwrap();
    let results = [
        history.append(&user(here, Some(other.id), "x")).map(drop),
        history.thread(here, Some(other.id)).map(drop),
        history.set_leaf(here, other.id).map(drop),
    ];
    for result in results {
        assert!(
            matches!(result, Err(Error::NotFound { what: "message" })),
            "{result:?}"
        );
    }
    assert_eq!(history.conversation(here).unwrap(), before);
}

#[test]
fn names_of_nothing_are_not_found() {
    let (_folder, history) = fresh();
    let (_, elsewhere) = fresh();
    let (conversation, message) = asked(&elsewhere);
    let results = [
        history.conversation(conversation).map(drop),
        history.thread(conversation, None).map(drop),
        history.restore(conversation).map(drop),
        history.message(message.id).map(drop),
        history.siblings(message.id).map(drop),
        history.save_progress(message.id, &said(from(0, "x"), NOTHING)),
        history
            .finish(message.id, &history::Finish::new(Status::Done, 1))
            .map(drop),
    ];
    for result in results {
        assert!(matches!(result, Err(Error::NotFound { .. })), "{result:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Any tree: each message is added under any earlier one or at the root.
    #[test]
    fn every_thread_follows_parents_and_every_place_is_true(
        parents in vec(proptest::option::weighted(0.9, any::<Index>()), 1..25)
    ) {
        let (_folder, history) = fresh();
        let id = begin(&history, "t", 1).id;
        let mut tree: Vec<(MessageId, Option<usize>)> = Vec::new();
        for (n, parent) in parents.iter().enumerate() {
            let parent = parent.filter(|_| n > 0).map(|index| index.index(n));
            let new = user(id, parent.map(|p| tree[p].0), &n.to_string());
            tree.push((history.append(&new).unwrap().id, parent));
        }
        for (n, &(message, _)) in tree.iter().enumerate() {
            let mut path = vec![n];
            while let Some(parent) = tree[path[path.len() - 1]].1 {
                path.push(parent);
            }
            path.reverse();
            let thread = history.thread(id, Some(message)).unwrap();
            let ids: Vec<_> = thread.iter().map(|m| m.id).collect();
            prop_assert_eq!(&ids, &path.iter().map(|&p| tree[p].0).collect::<Vec<_>>());
            for (m, &p) in thread.iter().zip(&path) {
                let siblings: Vec<_> =
                    tree.iter().filter(|(_, parent)| *parent == tree[p].1).map(|s| s.0).collect();
                prop_assert_eq!(&history.siblings(m.id).unwrap(), &siblings);
                prop_assert_eq!(siblings[m.sibling_index as usize], m.id);
                prop_assert_eq!(m.sibling_count as usize, siblings.len());
            }
            let newest = (n..tree.len())
                .rev()
                .find(|&d| std::iter::successors(Some(d), |&d| tree[d].1).any(|up| up == n))
                .unwrap();
            prop_assert_eq!(history.set_leaf(id, message).unwrap(), tree[newest].0);
            let shown = history.thread(id, None).unwrap();
            prop_assert!(shown.iter().any(|m| m.id == message));
            prop_assert_eq!(shown.last().map(|m| m.id), Some(tree[newest].0));
        }
        prop_assert_eq!(history.conversation(id).unwrap().message_count as usize, tree.len());
    }

    /// Any cut of a text into saves, with any of them repeated, is that text.
    #[test]
    fn any_pieces_join_to_the_text_they_were_cut_from(
        text in "\\PC{0,60}",
        cuts in vec((any::<Index>(), any::<Index>()), 0..12),
        finished in any::<bool>(),
    ) {
        let (_folder, history) = fresh();
        let (_, answer) = asked(&history);
        let places: Vec<usize> =
            text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let mut stored = 0;
        for (from_index, to_index) in cuts {
            let starts: Vec<usize> = places.iter().copied().filter(|&p| p <= stored).collect();
            let start = starts[from_index.index(starts.len())];
            let ends: Vec<usize> = places.iter().copied().filter(|&p| p >= start).collect();
            let end = ends[to_index.index(ends.len())];
            let piece = from(start, &text[start..end]);
            history.save_progress(answer.id, &said(piece, piece)).unwrap();
            stored = stored.max(end);
        }
        if finished {
            history.finish(answer.id, &history::Finish::new(Status::Stopped, 1)).unwrap();
        }
        let message = history.message(answer.id).unwrap();
        prop_assert_eq!(&message.text, &text[..stored]);
        prop_assert_eq!(&message.reasoning, &text[..stored]);
    }
}
