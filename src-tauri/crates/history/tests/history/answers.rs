//! The life of an answer: begun, growing, ended, broken off.

use history::{Error, Finish, MAX_COST_NANOS, MAX_LABEL, MAX_TEXT, Message, Role, Status, Usage};

use crate::*;

#[test]
fn an_exchange_stores_a_question_and_its_answer_to_come() {
    let (_folder, history) = fresh();
    let id = begin(&history, "t", 1).id;
    let (question, answer) = history
        .exchange(&user(id, None, "why"), &pending(id, None))
        .unwrap();
    let expected = Message {
        id: question.id,
        conversation: id,
        parent: None,
        sibling_index: 0,
        sibling_count: 1,
        role: Role::User,
        status: Status::Done,
        text: "why".into(),
        reasoning: String::new(),
        model: None,
        served_model: None,
        provider: None,
        generation_id: None,
        finish_reason: None,
        error: None,
        reasoning_details: None,
        annotations: None,
        usage: Usage::default(),
        created_ms: 10,
        first_token_ms: None,
        thought_ms: None,
        ended_ms: None,
        options: None,
        tool_calls: None,
        image_count: 0,
        deleted: false,
        cost_pending: false,
        attachments: Vec::new(),
    };
    assert_eq!(question, expected);
    let expected = Message {
        id: answer.id,
        parent: Some(question.id),
        role: Role::Assistant,
        status: Status::Streaming,
        text: String::new(),
        model: Some("acme/prose-1".into()),
        ..expected
    };
    assert_eq!(answer, expected);
    assert_eq!(
        history.thread(id, None).unwrap(),
        [question, answer.clone()]
    );
    let conversation = history.conversation(id).unwrap();
    assert_eq!(
        (conversation.leaf, conversation.message_count),
        (Some(answer.id), 2)
    );
    assert_eq!(conversation.updated_ms, 10);
}

#[test]
fn an_exchange_is_stored_whole_or_not_at_all() {
    let (_folder, history) = fresh();
    let id = begin(&history, "t", 1).id;
    let answer = NewMessage {
        model: Some("x".repeat(MAX_LABEL + 1)),
        ..pending(id, None)
    };
    let refused = history.exchange(&user(id, None, "why"), &answer);
    assert!(
        matches!(refused, Err(Error::TooLarge { .. })),
        "{refused:?}"
    );
    assert_eq!(history.conversation(id).unwrap().message_count, 0);
    assert_eq!(history.thread(id, None).unwrap(), []);
}

#[test]
fn a_running_answer_reads_as_what_was_saved_and_ends_with_everything_known() {
    let (folder, history) = fresh();
    let (id, answer) = asked(&history);
    history
        .save_progress(answer.id, &said(NOTHING, from(0, "Let me ")))
        .unwrap();
    history
        .save_progress(answer.id, &said(from(0, "Nul \0 and "), from(7, "think.")))
        .unwrap();
    history
        .save_progress(answer.id, &said(from(10, "ünïcödé 🦀"), NOTHING))
        .unwrap();
    let growing = history.message(answer.id).unwrap();
    let expected = Message {
        text: "Nul \0 and ünïcödé 🦀".into(),
        reasoning: "Let me think.".into(),
        ..answer.clone()
    };
    assert_eq!(growing, expected);

    let usage = Usage {
        prompt_tokens: Some(1),
        completion_tokens: Some(u32::MAX),
        reasoning_tokens: Some(0),
        cached_tokens: Some(4),
        cost_nanos: Some(MAX_COST_NANOS),
        searches: Some(2),
        search_cost_nanos: Some(5),
    };
    let finish = Finish {
        status: Status::Done,
        text: None,
        reasoning: Some("Thought.".into()),
        finish_reason: Some("stop".into()),
        error: Some(r#"{"code":1}"#.into()),
        usage,
        generation_id: Some("gen-1".into()),
        provider: Some("Acme".into()),
        served_model: Some("acme/prose-1-2026".into()),
        reasoning_details: Some(r#"[{"z":1,"a":"é"}]"#.into()),
        annotations: Some("[ ]".into()),
        tool_calls: Some(r#"[{"index":0}]"#.into()),
        images: Some((r#"[{"b":1,"a":2}]"#.into(), 1)),
        thought_ms: Some(6_000),
        first_token_ms: Some(300),
        ended_ms: 99,
        look_up_ms: Some(100),
    };
    let ended = history.finish(answer.id, &finish).unwrap();
    let expected = Message {
        status: Status::Done,
        reasoning: "Thought.".into(),
        finish_reason: finish.finish_reason,
        error: finish.error,
        usage,
        generation_id: finish.generation_id,
        provider: finish.provider,
        served_model: finish.served_model,
        // Byte for byte: signatures are over the text as it came.
        reasoning_details: Some(r#"[{"z":1,"a":"é"}]"#.into()),
        annotations: Some("[ ]".into()),
        thought_ms: Some(6_000),
        first_token_ms: Some(300),
        ended_ms: Some(99),
        tool_calls: Some(r#"[{"index":0}]"#.into()),
        image_count: 1,
        // The cost is known: there is nothing to ask for.
        cost_pending: false,
        ..expected
    };
    let images = history.images(answer.id).unwrap();
    assert_eq!(images.as_deref(), Some(r#"[{"b":1,"a":2}]"#));
    assert_eq!(ended, expected);
    drop(history);
    assert_eq!(open(folder.path()).thread(id, None).unwrap()[1], expected);
}

#[test]
fn pieces_may_overlap_but_not_leave_a_gap_or_cut_a_character() {
    let (_folder, history) = fresh();
    let (_, answer) = asked(&history);
    let save = |at, text| history.save_progress(answer.id, &said(from(at, text), NOTHING));
    save(0, "abc").unwrap();
    save(0, "abc").unwrap();
    save(1, "b").unwrap();
    save(1, "bcdé").unwrap();
    assert_eq!(history.message(answer.id).unwrap().text, "abcdé");
    let gap = save(9, "x");
    assert!(matches!(gap, Err(Error::Gap { expected: 6 })), "{gap:?}");
    let torn = save(5, "é!");
    assert!(matches!(torn, Err(Error::Invalid { .. })), "{torn:?}");
    assert_eq!(history.message(answer.id).unwrap().text, "abcdé");
}

#[test]
fn a_save_with_one_bad_half_stores_neither() {
    let (_folder, history) = fresh();
    let (_, answer) = asked(&history);
    history
        .save_progress(answer.id, &said(from(0, "text"), from(5, "gap")))
        .unwrap_err();
    assert_eq!(history.message(answer.id).unwrap().text, "");
}

#[test]
fn an_ended_answer_does_not_change_any_more() {
    for status in [Status::Done, Status::Stopped, Status::Failed] {
        let (_folder, history) = fresh();
        let (_, answer) = asked(&history);
        let ended = history.finish(answer.id, &Finish::new(status, 20)).unwrap();
        let late = history.save_progress(answer.id, &said(from(0, "late"), NOTHING));
        assert!(matches!(late, Err(Error::Finished)), "{late:?}");
        let again = history.finish(answer.id, &Finish::new(Status::Done, 21));
        assert!(matches!(again, Err(Error::Finished)), "{again:?}");
        assert_eq!(history.message(answer.id).unwrap(), ended);
    }
}

#[test]
fn an_answer_cannot_end_as_running_nor_with_json_that_is_none() {
    let (_folder, history) = fresh();
    let (_, answer) = asked(&history);
    let endings = [
        Finish::new(Status::Streaming, 20),
        Finish {
            error: Some("{".into()),
            ..Finish::new(Status::Failed, 20)
        },
        Finish {
            annotations: Some(String::new()),
            ..Finish::new(Status::Done, 20)
        },
    ];
    for ending in endings {
        let refused = history.finish(answer.id, &ending);
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        assert_eq!(history.message(answer.id).unwrap(), answer);
    }
}

#[test]
fn strange_labels_and_prices_do_not_cost_the_answer_they_come_with() {
    for cost in [-1, MAX_COST_NANOS + 1, i64::MAX, i64::MIN] {
        let (_folder, history) = fresh();
        let (id, answer) = asked(&history);
        let finish = Finish {
            text: Some("kept".into()),
            provider: Some("é".repeat(MAX_LABEL)),
            usage: Usage {
                cost_nanos: Some(cost),
                ..Usage::default()
            },
            ..Finish::new(Status::Done, 20)
        };
        let ended = history.finish(answer.id, &finish).unwrap();
        assert_eq!(
            (ended.text.as_str(), ended.usage),
            ("kept", Usage::default())
        );
        assert_eq!(ended.provider, Some("é".repeat(MAX_LABEL / 2)));
        assert_eq!(history.conversation(id).unwrap().cost_nanos, 0);
    }
}

#[test]
fn texts_are_bounded_and_the_longest_is_kept() {
    let (_folder, history) = fresh();
    let (id, answer) = asked(&history);
    let longest = "x".repeat(MAX_TEXT);
    let over = format!("{longest}y");
    let too_large = |refused: Result<(), Error>| {
        assert!(
            matches!(
                refused,
                Err(Error::TooLarge {
                    limit: MAX_TEXT,
                    ..
                })
            ),
            "{refused:?}"
        );
    };
    too_large(history.append(&user(id, None, &over)).map(drop));
    too_large(history.set_draft(None, &over));
    too_large(history.save_progress(answer.id, &said(from(0, &over), NOTHING)));
    let finish = Finish {
        text: Some(over.clone()),
        ..Finish::new(Status::Done, 20)
    };
    too_large(history.finish(answer.id, &finish).map(drop));
    history
        .save_progress(answer.id, &said(from(0, &longest), NOTHING))
        .unwrap();
    too_large(history.save_progress(answer.id, &said(from(MAX_TEXT, "y"), NOTHING)));
    let ended = history
        .finish(answer.id, &Finish::new(Status::Done, 20))
        .unwrap();
    assert!(ended.text == longest, "64 MiB came back changed");
}

#[test]
fn what_an_earlier_run_left_is_interrupted_with_its_text_and_only_that() {
    let (folder, history) = fresh();
    let (_, done) = asked(&history);
    let done = history
        .finish(done.id, &Finish::new(Status::Done, 20))
        .unwrap();
    let (_, left) = asked(&history);
    history
        .save_progress(left.id, &said(from(0, "half a "), from(0, "hm")))
        .unwrap();
    drop(history);

    let history = open(folder.path());
    assert_eq!(history.recover(70).unwrap(), 1);
    assert_eq!(history.recover(71).unwrap(), 0);
    let expected = Message {
        status: Status::Interrupted,
        text: "half a ".into(),
        reasoning: "hm".into(),
        ended_ms: Some(70),
        ..left.clone()
    };
    assert_eq!(history.message(left.id).unwrap(), expected);
    assert_eq!(history.message(done.id).unwrap(), done);
}

#[test]
fn an_answer_declared_interrupted_by_another_process_goes_on_and_ends() {
    let (folder, history) = fresh();
    let (_, answer) = asked(&history);
    history
        .save_progress(answer.id, &said(from(0, "one "), NOTHING))
        .unwrap();
    assert_eq!(open(folder.path()).recover(50).unwrap(), 1);
    history
        .save_progress(answer.id, &said(from(4, "two"), NOTHING))
        .unwrap();
    assert_eq!(history.message(answer.id).unwrap().text, "one two");
    // Had it died here, the next start would find the rest as well.
    assert_eq!(open(folder.path()).recover(60).unwrap(), 1);
    let ended = history
        .finish(answer.id, &Finish::new(Status::Done, 70))
        .unwrap();
    assert_eq!(
        (ended.text.as_str(), ended.status),
        ("one two", Status::Done)
    );
}

/// What came of an answer's arrays.
fn listed<'a>(details: Delta<'a>, annotations: Delta<'a>) -> Progress<'a> {
    Progress {
        reasoning_details: details,
        annotations,
        ..Progress::default()
    }
}

#[test]
fn the_arrays_of_a_running_answer_grow_with_its_words_and_outlive_its_process() {
    let (folder, history) = fresh();
    let (_, answer) = asked(&history);
    let mut first = said(from(0, "half "), from(0, "hm"));
    first.reasoning_details = from(0, r#"{"b":1,"a":[2]}"#);
    history.save_progress(answer.id, &first).unwrap();
    // Saved anew after an error, a piece begins where the last good one ended.
    let second = listed(from(0, r#"{"b":1,"a":[2]},{"data":"x"}"#), from(0, "1,2"));
    history.save_progress(answer.id, &second).unwrap();
    let growing = history.message(answer.id).unwrap();
    let details = r#"[{"b":1,"a":[2]},{"data":"x"}]"#;
    assert_eq!(growing.reasoning_details.as_deref(), Some(details));
    assert_eq!(growing.annotations.as_deref(), Some("[1,2]"));
    drop(history);

    let history = open(folder.path());
    assert_eq!(history.recover(70).unwrap(), 1);
    let kept = Message {
        status: Status::Interrupted,
        ended_ms: Some(70),
        ..growing
    };
    assert_eq!(history.message(answer.id).unwrap(), kept);
    // Another process may have been wrong about it: it goes on, and is found again.
    history
        .save_progress(answer.id, &listed(NOTHING, from(3, ",3")))
        .unwrap();
    let annotations = |history: &History| history.message(answer.id).unwrap().annotations;
    assert_eq!(annotations(&history).as_deref(), Some("[1,2,3]"));
    assert_eq!(history.recover(71).unwrap(), 1);
    assert_eq!(annotations(&history).as_deref(), Some("[1,2,3]"));
    let finish = Finish {
        reasoning_details: Some("[7]".into()),
        ..Finish::new(Status::Done, 72)
    };
    let ended = history.finish(answer.id, &finish).unwrap();
    assert_eq!(ended.reasoning_details.as_deref(), Some("[7]"));
    assert_eq!(ended.annotations.as_deref(), Some("[1,2,3]"), "kept");
}

#[test]
fn what_is_no_entry_of_an_array_is_refused_at_once_and_nothing_of_that_save_is_stored() {
    let (_folder, history) = fresh();
    let (_, answer) = asked(&history);
    let save = |at, text| {
        let mut progress = listed(from(at, text), NOTHING);
        progress.text = from(0, "words");
        history.save_progress(answer.id, &progress)
    };
    for odd in ["{", ",1", "1,", "1]", "1]+[2", "x"] {
        let refused = save(0, odd);
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{odd}");
    }
    assert_eq!(history.message(answer.id).unwrap(), answer);
    save(0, "10").unwrap();
    for odd in ["2", ",", "0,2"] {
        let refused = save(2, odd);
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{odd}");
    }
    let gap = save(5, ",2");
    assert!(matches!(gap, Err(Error::Gap { expected: 2 })), "{gap:?}");
    save(2, ",2").unwrap();
    let ended = history
        .finish(answer.id, &Finish::new(Status::Done, 20))
        .unwrap();
    assert_eq!(ended.reasoning_details.as_deref(), Some("[10,2]"));
}
