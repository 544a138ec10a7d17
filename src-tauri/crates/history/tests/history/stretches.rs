//! Pieces of a branch, as a window reads them.

use history::{Bound, Error, Place};
use proptest::prelude::*;

use crate::*;

const FEW: Bound = Bound {
    messages: 3,
    bytes: 1_000_000,
};

fn texts(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|m| m.text.as_str()).collect()
}

/// Messages `0` to `count - 1` below each other.
fn chain(history: &History, count: usize) -> (ConversationId, Vec<MessageId>) {
    let id = begin(history, "t", 1).id;
    let mut chain: Vec<MessageId> = Vec::new();
    for n in 0..count {
        let new = user(id, chain.last().copied(), &n.to_string());
        chain.push(history.append(&new).unwrap().id);
    }
    (id, chain)
}

#[test]
fn a_conversation_without_a_message_has_an_empty_end() {
    let (_folder, history) = fresh();
    let (id, _) = chain(&history, 0);
    let end = history.stretch(id, Place::End, FEW).unwrap();
    assert_eq!((end.messages, end.older, end.newer), (vec![], false, false));
}

#[test]
fn the_end_comes_first_and_the_rest_piece_by_piece() {
    let (_folder, history) = fresh();
    let (id, chain) = chain(&history, 8);
    let read = |place| history.stretch(id, place, FEW).unwrap();

    let end = read(Place::End);
    assert_eq!(texts(&end.messages), ["5", "6", "7"]);
    assert_eq!((end.older, end.newer), (true, false));
    let before = read(Place::Before(chain[5]));
    assert_eq!(texts(&before.messages), ["2", "3", "4"]);
    assert_eq!((before.older, before.newer), (true, true));
    let first = read(Place::Before(chain[2]));
    assert_eq!(texts(&first.messages), ["0", "1"]);
    assert_eq!((first.older, first.newer), (false, true));
    assert_eq!(read(Place::Before(chain[0])).messages, []);

    let after = read(Place::After(chain[3]));
    assert_eq!(texts(&after.messages), ["4", "5", "6"]);
    assert_eq!((after.older, after.newer), (true, true));
    let last = read(Place::After(chain[6]));
    assert_eq!(texts(&last.messages), ["7"]);
    assert_eq!((last.older, last.newer), (true, false));
    assert_eq!(read(Place::After(chain[7])).messages, []);

    let from = read(Place::From(chain[5]));
    assert_eq!(from, end);
    let from = read(Place::From(chain[0]));
    assert_eq!(texts(&from.messages), ["0", "1", "2"]);
    assert_eq!((from.older, from.newer), (false, true));
}

#[test]
fn long_messages_make_short_pieces_and_one_is_always_read() {
    let (_folder, history) = fresh();
    let id = begin(&history, "t", 1).id;
    let mut last = None;
    for size in [10, 10, 600, 900] {
        last = Some(
            history
                .append(&user(id, last, &"x".repeat(size)))
                .unwrap()
                .id,
        );
    }
    let bound = |bytes| Bound {
        messages: 40,
        bytes,
    };
    let lengths = |bytes| {
        let end = history.stretch(id, Place::End, bound(bytes)).unwrap();
        end.messages
            .iter()
            .map(|m| m.text.len())
            .collect::<Vec<_>>()
    };
    assert_eq!(lengths(1), [900]);
    assert_eq!(lengths(901), [600, 900]);
    assert_eq!(lengths(1501), [10, 600, 900]);
    assert_eq!(lengths(2000), [10, 10, 600, 900]);
}

#[test]
fn a_message_of_another_branch_leads_to_where_the_branches_part() {
    let (_folder, history) = fresh();
    let (id, chain) = chain(&history, 4);
    let add = |parent, text| history.append(&user(id, parent, text)).unwrap().id;
    // Two messages beside the last two, and a root of their own.
    let beside = add(Some(chain[1]), "beside");
    let below = add(Some(beside), "below");
    let read = |place| history.stretch(id, place, FEW).unwrap();
    assert_eq!(
        texts(&read(Place::From(chain[3])).messages),
        ["1", "beside", "below"]
    );
    let gone = history.stretch(id, Place::After(chain[3]), FEW);
    assert!(
        matches!(gone, Err(Error::NotFound { what: "message" })),
        "{gone:?}"
    );
    // What stands above it does not depend on what is shown.
    assert_eq!(
        texts(&read(Place::Before(chain[3])).messages),
        ["0", "1", "2"]
    );

    let root = add(None, "root");
    for other in [chain[3], below] {
        let from = read(Place::From(other));
        assert_eq!(texts(&from.messages), ["root"]);
        assert_eq!((from.older, from.newer), (false, false));
    }
    assert_eq!(texts(&read(Place::From(root)).messages), ["root"]);
}

#[test]
fn looking_through_goes_from_the_end_along_the_branch_and_can_be_ended() {
    let (_folder, history) = fresh();
    let (id, chain) = chain(&history, 4);
    history
        .append(&user(id, Some(chain[2]), "instead of 3"))
        .unwrap();
    let running = history.append(&pending(id, Some(chain[2]))).unwrap();
    history
        .save_progress(running.id, &said(from(0, "so far"), NOTHING))
        .unwrap();
    let mut seen = Vec::new();
    history
        .look_through(id, |said| {
            seen.push((said.role, said.text));
            seen.len() < 3
        })
        .unwrap();
    let expected = [
        (Role::Assistant, "so far"),
        (Role::User, "2"),
        (Role::User, "1"),
    ];
    assert_eq!(seen, expected.map(|(role, text)| (role, text.to_owned())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    /// Page after page from either side is the whole branch, none missed and none twice.
    #[test]
    fn pieces_join_to_the_branch(count in 0usize..20, messages in 1usize..6) {
        let (_folder, history) = fresh();
        let (id, chain) = chain(&history, count);
        let bound = Bound { messages, bytes: usize::MAX };
        let ids = |m: &[Message]| m.iter().map(|m| m.id).collect::<Vec<_>>();

        let mut found = Vec::new();
        let mut piece = history.stretch(id, Place::End, bound).unwrap();
        loop {
            found.splice(0..0, ids(&piece.messages));
            if !piece.older { break; }
            piece = history.stretch(id, Place::Before(found[0]), bound).unwrap();
        }
        prop_assert_eq!(&found, &chain);

        if let Some(&first) = chain.first() {
            let mut piece = history.stretch(id, Place::From(first), bound).unwrap();
            let mut found = Vec::new();
            loop {
                found.extend(ids(&piece.messages));
                if !piece.newer { break; }
                piece = history.stretch(id, Place::After(found[found.len() - 1]), bound).unwrap();
            }
            prop_assert_eq!(&found, &chain);
        }
    }
}
