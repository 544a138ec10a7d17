//! Finding what was said.

use history::{AttachmentDraft, Change, Finish, Matches, Older, Wanted};

use crate::*;

pub fn words(list: &[&str]) -> Wanted {
    Wanted {
        words: list.iter().map(ToString::to_string).collect(),
        ..Wanted::default()
    }
}

fn search(history: &History, wanted: &Wanted) -> Matches {
    history
        .search_messages(wanted, 20, None, &mut |_| true)
        .unwrap()
}

/// The hits as text, with what was looked for in brackets.
pub fn shown(matches: &Matches) -> Vec<String> {
    let pieces = matches.list.iter().map(|hit| hit.excerpt.iter());
    pieces
        .map(|pieces| {
            pieces
                .map(|piece| match piece.hit {
                    true => format!("[{}]", piece.text),
                    false => piece.text.clone(),
                })
                .collect()
        })
        .collect()
}

pub fn index(history: &History) {
    while history.index_some().unwrap().left > 0 {}
}

fn say(history: &History, texts: &[&str]) -> ConversationId {
    let id = begin(history, "t", 1).id;
    for text in texts {
        history.append(&user(id, None, text)).unwrap();
    }
    id
}

#[test]
fn a_substring_of_any_script_is_found_before_and_after_it_is_indexed() {
    let (_folder, history) = fresh();
    say(
        &history,
        &[
            "The Quarterly margin fell",
            "潮の満ち引きについて",
            "Grüße aus Köln",
            "a **bold**\nclaim about `margins`",
            "한국어 문장입니다",
        ],
    );
    for indexed in [false, true] {
        if indexed {
            index(&history);
        }
        for (wanted, hit) in [
            (&["quarterly"][..], "The [Quarterly] margin fell"),
            (&["arterl", "FELL"], "The Qu[arterl]y margin [fell]"),
            (&["満ち引き"], "潮の[満ち引き]について"),
            (&["満ち"], "潮の[満ち]引きについて"),
            (&["引"], "潮の満ち[引]きについて"),
            (&["て"], "潮の満ち引きについ[て]"),
            (&["いて"], "潮の満ち引きにつ[いて]"),
            (&["grusse"], ""),
            (&["koln"], "Grüße aus [Köln]"),
            (&["bold claim"], "a [bold claim] about margins"),
            (&["장입니"], "한국어 문[장입니]다"),
            (&["nowhere"], ""),
            (&["margin", "nowhere"], ""),
            (&["qz"], ""),
        ] {
            let found = shown(&search(&history, &words(wanted)));
            let expected: Vec<&str> = Some(hit)
                .filter(|hit| !hit.is_empty())
                .into_iter()
                .collect();
            assert_eq!(found, expected, "{wanted:?}, indexed: {indexed}");
        }
    }
}

#[test]
fn short_words_that_are_rare_are_found_far_down_by_the_index() {
    let (_folder, history) = fresh();
    let id = begin(&history, "t", 1).id;
    let rare = history.append(&user(id, None, "ends with 終わ")).unwrap();
    let filler = (0..9_000).map(|n| user(id, None, &format!("filler {n}")));
    history.append_chain(id, filler).unwrap();
    while history.index_up_to(1 << 24, 100_000).unwrap().left > 0 {}
    for wanted in ["終", "わ", "終わ"] {
        let found = search(&history, &words(&[wanted]));
        let ids: Vec<_> = found.list.iter().map(|hit| hit.message).collect();
        assert_eq!(ids, [rare.id], "{wanted}");
    }
    assert_eq!(search(&history, &words(&["zq"])).list, []);
    let dense = search(&history, &words(&["fi"]));
    assert_eq!(dense.list.len(), 4, "no more than four of one conversation");
}

#[test]
fn the_newest_come_first_and_the_older_ones_follow_without_gap_or_repetition() {
    let (_folder, history) = fresh();
    let mut all = Vec::new();
    for n in 0..60 {
        let id = begin(&history, "t", n).id;
        all.push(history.append(&user(id, None, "the tide")).unwrap().id);
        if n == 39 {
            index(&history);
        }
    }
    all.reverse();
    let mut seen = Vec::new();
    let mut older: Option<Older> = None;
    loop {
        let page = history
            .search_messages(&words(&["tide"]), 7, older, &mut |_| true)
            .unwrap();
        seen.extend(page.list.iter().map(|hit| hit.message));
        older = page.next;
        if older.is_none() {
            break;
        }
    }
    assert_eq!(seen, all);
}

#[test]
fn a_search_that_is_told_to_stop_says_where_to_go_on() {
    let (_folder, history) = fresh();
    for n in 0..100 {
        let id = begin(&history, "t", n).id;
        history.append(&user(id, None, "the tide")).unwrap();
    }
    index(&history);
    let mut seen = 0;
    let mut older = None;
    for _ in 0..50 {
        let mut asked = 0;
        let page = history.search_messages(&words(&["tide"]), 1_000, older, &mut |_| {
            asked += 1;
            asked < 2
        });
        let page = page.unwrap();
        seen += page.list.len();
        older = page.next;
        if older.is_none() {
            break;
        }
    }
    assert_eq!((seen, older), (100, None));
}

#[test]
fn an_answer_is_found_when_it_ended_and_not_twice_when_it_ends_again() {
    let (_folder, history) = fresh();
    let (_, answer) = asked(&history);
    history
        .save_progress(answer.id, &said(from(0, "half a needle"), NOTHING))
        .unwrap();
    index(&history);
    assert_eq!(search(&history, &words(&["needle"])).list, []);
    history.recover(1).unwrap();
    index(&history);
    let mut end = Finish::new(Status::Done, 9);
    end.text = Some("a whole needle".into());
    history.finish(answer.id, &end).unwrap();
    for _ in 0..2 {
        let found = search(&history, &words(&["needle"]));
        assert_eq!(shown(&found), ["a whole [needle]"]);
        assert_eq!(search(&history, &words(&["half a needle"])).list, []);
        index(&history);
    }
}

#[test]
fn a_message_on_another_branch_is_brought_on_screen() {
    let (_folder, history) = fresh();
    let (id, answer) = asked(&history);
    history
        .finish(answer.id, &Finish::new(Status::Done, 1))
        .unwrap();
    let below = history.append(&user(id, Some(answer.id), "below")).unwrap();
    let other = history.append(&pending(id, answer.parent)).unwrap();
    assert_eq!(
        history.thread(id, None).unwrap().last().unwrap().id,
        other.id
    );
    assert_eq!(history.reveal(answer.parent.unwrap()).unwrap(), (id, false));
    assert_eq!(history.reveal(answer.id).unwrap(), (id, true));
    assert_eq!(
        history.thread(id, None).unwrap().last().unwrap().id,
        below.id
    );
    assert_eq!(history.reveal(answer.id).unwrap(), (id, false));
    history.delete_message(answer.id, 1).unwrap();
    assert!(
        history.reveal(below.id).is_err(),
        "it hangs below a deleted one"
    );
}

#[test]
fn what_is_deleted_is_not_found_and_what_is_restored_is() {
    let (_folder, history) = fresh();
    let id = begin(&history, "needles", 1).id;
    let first = history.append(&user(id, None, "one needle")).unwrap();
    let second = history
        .append(&user(id, Some(first.id), "two needles"))
        .unwrap();
    index(&history);
    let count = || search(&history, &words(&["needle"])).list.len();
    let named = || {
        let found = history
            .search_titles(&words(&["needles"]), 9, &mut || true)
            .unwrap();
        found.len()
    };
    assert_eq!((count(), named()), (2, 1));
    history.delete_message(second.id, 5).unwrap();
    assert_eq!(count(), 1);
    history.restore_message(second.id).unwrap();
    history.delete_message(first.id, 5).unwrap();
    assert_eq!(count(), 0, "what follows a deleted one is deleted, too");
    history.restore_message(first.id).unwrap();
    history.delete(id, 5).unwrap();
    assert_eq!((count(), named()), (0, 0));
    history.restore(id).unwrap();
    history.change_all(&[id], Change::Archived(true)).unwrap();
    assert_eq!((count(), named()), (2, 1), "the archive is searched");
}

#[test]
fn conditions_narrow_what_is_found() {
    let (_folder, history) = fresh();
    let (id, answer) = asked(&history);
    let mut end = Finish::new(Status::Done, 9);
    end.text = Some("tide\n```sql\nselect 1\n```".into());
    end.usage.cost_nanos = Some(200_000_000);
    end.images = Some(("[]".into(), 1));
    history.finish(answer.id, &end).unwrap();
    let other = begin(&history, "other", 500).id;
    let late = NewMessage {
        now_ms: 5_000,
        ..user(other, None, "tide again")
    };
    history.append(&late).unwrap();
    let folder = history.create_folder("Work trips", 1, 9).unwrap();
    history
        .change_all(&[other], Change::Folder(Some(folder)))
        .unwrap();
    index(&history);

    // A question with a file is found, too; the same words without one are not.
    let (content, size) = history.keep_bytes(b"abc").unwrap();
    let file = AttachmentDraft {
        name: "a.txt".into(),
        content,
        size,
        words: None,
        details: "{}".into(),
        picture: None,
    };
    let third = begin(&history, "third", 900).id;
    let question = history.append(&user(third, None, "sand")).unwrap();
    history.append(&user(third, None, "sand")).unwrap();
    history.attach_to(question.id, &file, 9).unwrap();
    index(&history);
    let sand = Wanted {
        file: true,
        ..words(&["sand"])
    };
    let with_file: Vec<_> = search(&history, &sand).list;
    assert_eq!(with_file.len(), 1);
    assert_eq!(with_file[0].message, question.id);

    let tide = words(&["tide"]);
    let found = |wanted: Wanted| {
        let found = search(&history, &wanted).list;
        found.iter().map(|hit| hit.conversation).collect::<Vec<_>>()
    };
    assert_eq!(found(tide.clone()), [other, id]);
    for (name, narrowed, expected) in [
        (
            "code",
            Wanted {
                code: true,
                ..tide.clone()
            },
            id,
        ),
        (
            "file",
            Wanted {
                file: true,
                ..tide.clone()
            },
            id,
        ),
        (
            "cost",
            Wanted {
                cost_from: Some(100_000_000),
                ..tide.clone()
            },
            id,
        ),
        (
            "model",
            Wanted {
                model: Some("PROSE".into()),
                ..tide.clone()
            },
            id,
        ),
        (
            "before",
            Wanted {
                before_ms: Some(5_000),
                ..tide.clone()
            },
            id,
        ),
        (
            "after",
            Wanted {
                after_ms: Some(5_000),
                ..tide.clone()
            },
            other,
        ),
        (
            "folder",
            Wanted {
                folder: Some("work".into()),
                ..tide.clone()
            },
            other,
        ),
        (
            "code alone",
            Wanted {
                code: true,
                ..Wanted::default()
            },
            id,
        ),
        (
            "cost alone",
            Wanted {
                cost_from: Some(1),
                ..Wanted::default()
            },
            id,
        ),
    ] {
        assert_eq!(found(narrowed), [expected], "{name}");
    }
    let percent = Wanted {
        model: Some("%".into()),
        ..tide
    };
    assert_eq!(
        found(percent),
        [],
        "a sign of the language of patterns is a letter here"
    );
    let in_folder = Wanted {
        folder: Some("Work".into()),
        ..Wanted::default()
    };
    let listed = history.search_titles(&in_folder, 9, &mut || true).unwrap();
    assert_eq!(listed[0].conversation.id, other);
}

#[test]
fn titles_are_found_by_parts_also_short_ones_and_in_use_last_first() {
    let (_folder, history) = fresh();
    let old = begin(&history, "Tide tables", 1).id;
    let new = begin(&history, "High tide", 2).id;
    begin(&history, "潮汐", 3);
    for _ in 0..2 {
        let found = |word: &str| {
            let found = history
                .search_titles(&words(&[word]), 9, &mut || true)
                .unwrap();
            found
                .iter()
                .map(|hit| hit.conversation.id)
                .collect::<Vec<_>>()
        };
        assert_eq!(found("tide"), [new, old]);
        assert_eq!(found("TIDE TAB"), [old]);
        assert_eq!(found("hi"), [new]);
        assert_eq!(found("汐").len(), 1);
        index(&history);
    }
    history.rename(old, "Ebb").unwrap();
    for _ in 0..2 {
        let left = history
            .search_titles(&words(&["tide"]), 9, &mut || true)
            .unwrap();
        assert_eq!(left.len(), 1, "the old title is still found");
        assert_eq!(
            history
                .search_titles(&words(&["ebb"]), 9, &mut || true)
                .unwrap()
                .len(),
            1
        );
        index(&history);
    }
}

#[test]
fn words_that_are_no_query_are_taken_as_they_are() {
    let (_folder, history) = fresh();
    say(&history, &[r#"say "AND" OR (NOT) NEAR/3 x^2 col:y"#]);
    index(&history);
    for word in [r#""and" or"#, "(not)", "near/3", "x^2", "col:y", r#"""#] {
        assert_eq!(search(&history, &words(&[word])).list.len(), 1, "{word}");
    }
    for nothing in ["*", "**", "\u{200b}"] {
        assert_eq!(search(&history, &words(&[nothing])).list, [], "{nothing:?}");
    }
    let many = vec!["x"; history::MAX_WORDS + 1];
    assert!(
        history
            .search_messages(&words(&many), 1, None, &mut |_| true)
            .is_err()
    );
}
