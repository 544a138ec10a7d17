//! Models side by side, and what becomes of their branches.

use history::{
    AskedOne, Bound, ConversationId, Error, FilesOf, History, NewMessage, Place, Role, Status,
};

use crate::{begin, fresh, says};

const THREE: [&str; 3] = ["a/one", "b/two", "c/three"];

fn models(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn answer(id: ConversationId) -> impl Fn(&str) -> NewMessage {
    move |model| NewMessage {
        model: Some(model.to_owned()),
        status: Status::Streaming,
        ..says(Role::Assistant, id, None, "")
    }
}

fn branch(history: &History, id: ConversationId, place: usize) -> Vec<String> {
    let leaf = history.comparison(id).unwrap().unwrap().models[place].leaf;
    let bound = Bound {
        messages: 100,
        bytes: 1 << 20,
    };
    let stretch = history.stretch(id, Place::EndOf(leaf), bound).unwrap();
    assert!(!stretch.newer && !stretch.older);
    let said = stretch.messages.into_iter();
    said.map(|m| m.model.unwrap_or(m.text)).collect()
}

/// Three models that were asked the same.
fn compared(history: &History, id: ConversationId) -> Vec<AskedOne> {
    let question = says(Role::User, id, None, "which?");
    let begin = Some((&models(&THREE)[..], false));
    let asked = history.ask_all(id, begin, &question, &FilesOf::Nothing, answer(id));
    asked.unwrap()
}

#[test]
fn one_question_has_an_answer_of_each_and_the_next_goes_on_from_each_answer() {
    let (_folder, history) = fresh();
    let id = begin(&history, "t", 1).id;
    history
        .append(&says(Role::User, id, None, "before"))
        .unwrap();
    let question = says(Role::User, id, None, "which?");
    let names = models(&THREE);
    let asked = history
        .ask_all(
            id,
            Some((&names, true)),
            &question,
            &FilesOf::Nothing,
            answer(id),
        )
        .unwrap();
    assert!(
        asked
            .iter()
            .all(|one| one.question.id == asked[0].question.id)
    );
    assert!(asked.iter().all(|one| one.answer.sibling_count == 3));
    assert!(history.conversation(id).unwrap().comparing);
    assert!(history.comparison(id).unwrap().unwrap().blind);
    let more = says(Role::User, id, None, "why?");
    let again = history
        .ask_all(id, None, &more, &FilesOf::Nothing, answer(id))
        .unwrap();
    assert_ne!(
        again[0].question.id, again[1].question.id,
        "each has its own by now"
    );
    for (place, model) in THREE.iter().enumerate() {
        assert_eq!(
            branch(&history, id, place),
            ["before", "which?", model, "why?", model]
        );
    }
    history.tell_names(id).unwrap();
    assert!(!history.comparison(id).unwrap().unwrap().blind);
}

#[test]
fn a_choice_ends_the_comparison_and_keeps_every_branch() {
    let (_folder, history) = fresh();
    let id = begin(&history, "t", 1).id;
    let asked = compared(&history, id);
    let chosen = history.go_on_with(id, 1).unwrap();
    assert_eq!((&*chosen.model, chosen.comparing), ("b/two", false));
    assert_eq!(chosen.leaf, Some(asked[1].answer.id));
    assert_eq!(history.comparison(id).unwrap(), None);
    assert_eq!(history.siblings(asked[1].answer.id).unwrap().len(), 3);
    let gone = history.go_on_with(id, 1).unwrap_err();
    assert!(matches!(gone, Error::NotFound { .. }), "{gone}");
}

#[test]
fn one_model_answers_again_on_its_own_branch() {
    let (_folder, history) = fresh();
    let id = begin(&history, "t", 1).id;
    let asked = compared(&history, id);
    let again = history.answer_again(id, 2, &answer(id)("x")).unwrap();
    assert_eq!(again.model.as_deref(), Some("c/three"));
    assert_eq!(again.parent, Some(asked[2].question.id));
    let comparison = history.comparison(id).unwrap().unwrap();
    assert_eq!(comparison.models[2].leaf, again.id);
    assert_eq!(comparison.models[1].leaf, asked[1].answer.id);
    assert!(history.answer_again(id, 3, &answer(id)("x")).is_err());
}

#[test]
fn one_model_is_no_comparison_and_five_are_too_many() {
    let (_folder, history) = fresh();
    let id = begin(&history, "t", 1).id;
    let question = says(Role::User, id, None, "which?");
    for names in [&THREE[..1], &["a", "b", "c", "d", "e"]] {
        let names = models(names);
        let refused = history.ask_all(
            id,
            Some((&names, false)),
            &question,
            &FilesOf::Nothing,
            answer(id),
        );
        assert!(matches!(refused.unwrap_err(), Error::Invalid { .. }));
    }
    assert_eq!(
        history.conversation(id).unwrap().message_count,
        0,
        "all or none"
    );
    assert!(
        history
            .ask_all(id, None, &question, &FilesOf::Nothing, answer(id))
            .is_err()
    );
}
