//! Conversations that are never written.

use history::{Error, Finish, NewConversation, Shelf, Usage};

use crate::*;

#[test]
fn nothing_of_a_temporary_conversation_reaches_the_disk_or_a_list() {
    let (folder, history) = fresh();
    begin(&history, "kept", 1);
    let new = NewConversation {
        title: "hush-title".into(),
        model: "acme/prose-1".into(),
        now_ms: 5,
    };
    let id = history.create_temporary(&new).unwrap().id;
    assert!(id.is_temporary());
    let (question, answer) = history
        .exchange(&user(id, None, "hush-question"), &pending(id, None))
        .unwrap();
    assert!(question.id.is_temporary() && answer.id.is_temporary());
    history
        .save_progress(answer.id, &said(from(0, "hush-progress"), NOTHING))
        .unwrap();
    history.set_draft(Some(id), "hush-draft").unwrap();
    let mut end = Finish::new(Status::Done, 9);
    end.usage = Usage {
        cost_nanos: Some(11),
        ..Usage::default()
    };
    history.finish(answer.id, &end).unwrap();
    history
        .set_options(id, Some(r#"{"hush":1}"#), None)
        .unwrap();

    let thread = history.thread(id, None).unwrap();
    assert_eq!(thread[1].text, "hush-progress");
    assert_eq!(history.draft(Some(id)).unwrap(), "hush-draft");
    assert_eq!(history.shelf(Shelf::Open, 9, None).unwrap().len(), 1);
    assert_eq!(history.conversations(9, None).unwrap().len(), 1);
    assert_eq!(
        history.cost_since(0).unwrap(),
        11,
        "it is spent all the same"
    );
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(
            !bytes.windows(4).any(|part| part == b"hush"),
            "a temporary conversation was written"
        );
    }

    let kept = history.conversations(9, None).unwrap()[0].id;
    assert!(matches!(history.forget(kept), Err(Error::NotFound { .. })));
    history.forget(id).unwrap();
    let gone = history.thread(id, None);
    assert!(matches!(gone, Err(Error::NotFound { .. })), "{gone:?}");
    assert_eq!(history.cost_since(0).unwrap(), 11);
}

#[test]
fn a_temporary_name_of_another_run_is_not_found() {
    let (folder, history) = fresh();
    let new = NewConversation {
        title: "t".into(),
        model: "m".into(),
        now_ms: 5,
    };
    let id = history.create_temporary(&new).unwrap().id;
    drop(history);
    let again = open(folder.path());
    let gone = again.conversation(id);
    assert!(matches!(gone, Err(Error::NotFound { .. })), "{gone:?}");
    assert!(again.append(&user(id, None, "x")).is_err());
}
