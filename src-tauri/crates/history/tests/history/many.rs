//! Finding a few among thousands.

use history::{Older, Wanted};

use crate::search::{index, shown, words};
use crate::*;

#[test]
fn a_condition_that_few_or_many_meet_finds_the_same_page_by_page() {
    let (_folder, history) = fresh();
    let id = begin(&history, "t", 1).id;
    let of = |model: &str, n: usize| NewMessage {
        role: Role::Assistant,
        model: Some(model.into()),
        ..user(id, None, &format!("tide {n}"))
    };
    // More of one than are looked at one by one, and a few of another among them, in conversations of their own.
    for n in 0..2_010 {
        history.append(&of("lab/often", n)).unwrap();
    }
    for n in 0..3 {
        let other = begin(&history, "few", 2).id;
        let message = NewMessage {
            conversation: other,
            ..of("lab/seldom_x", n)
        };
        history.append(&message).unwrap();
    }
    index(&history);
    let found = |model: &str, text: &[&str]| {
        let wanted = Wanted {
            model: Some(model.into()),
            ..words(text)
        };
        let (mut all, mut older) = (Vec::new(), None::<Older>);
        loop {
            let page = history
                .search_messages(&wanted, 2, older, &mut |_| true)
                .unwrap();
            all.extend(shown(&page));
            match page.next {
                Some(next) => older = Some(next),
                None => return all,
            }
        }
    };
    assert_eq!(
        found("SELDOM_", &["tide"]),
        ["[tide] 2", "[tide] 1", "[tide] 0"]
    );
    assert_eq!(found("seldom", &[]), ["tide 2", "tide 1", "tide 0"]);
    assert_eq!(found("often", &["2009"]), ["tide [2009]"]);
    assert_eq!(found("lab", &["tide 1", "lab"]), [""; 0]);
    assert_eq!(found("none", &["tide"]), [""; 0]);
    assert_eq!(
        found("seldom%", &["tide"]),
        [""; 0],
        "a sign of SQL is a sign"
    );
    assert!(found("often", &["tide"]).len() >= 4);
}

#[test]
fn of_many_titles_those_in_use_come_first_and_old_ones_are_found_too() {
    let (_folder, history) = fresh();
    for n in 0..1_200 {
        let title = match n {
            0 => "the oldest reef".into(),
            n => format!("harbour {n}"),
        };
        begin(&history, &title, n);
    }
    let found = |text: &str, go_on: bool| {
        let found = history.search_titles(&words(&[text]), 3, &mut || go_on);
        let titles = found.unwrap().into_iter().map(|hit| hit.conversation.title);
        titles.collect::<Vec<_>>()
    };
    for indexed in [false, true] {
        if indexed {
            index(&history);
        }
        assert_eq!(
            found("arbour", true),
            ["harbour 1199", "harbour 1198", "harbour 1197"]
        );
        assert_eq!(found("our", true).len(), 3);
        assert_eq!(found("a", true).len(), 3);
        assert_eq!(found("reef", true), ["the oldest reef"]);
        assert_eq!(found("reef", false), [""; 0], "it ends when it is told to");
    }
    assert_eq!(found("ee", true), ["the oldest reef"]);
}
