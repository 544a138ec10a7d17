//! The lists, the folders, and what happens to several conversations at once.

use history::{Change, Error, Finish, Shelf, Usage};

use crate::*;

fn titles(history: &History, shelf: Shelf) -> Vec<String> {
    let list = history.shelf(shelf, 100, None).unwrap();
    list.into_iter().map(|c| c.title).collect()
}

#[test]
fn each_conversation_stands_in_one_list() {
    let (_folder, history) = fresh();
    let ids: Vec<_> = (1..=5)
        .map(|n| begin(&history, &n.to_string(), n).id)
        .collect();
    let work = history.create_folder("Work", 1, 9).unwrap();
    let change = |at: usize, change| history.change_all(&ids[at..=at], change).unwrap();
    change(0, Change::Pinned(true));
    change(1, Change::Folder(Some(work)));
    change(2, Change::Archived(true));
    change(3, Change::Deleted(77));

    assert_eq!(titles(&history, Shelf::Pinned), ["1"]);
    assert_eq!(titles(&history, Shelf::Folder(work)), ["2"]);
    assert_eq!(titles(&history, Shelf::Archive), ["3"]);
    assert_eq!(titles(&history, Shelf::Trash), ["4"]);
    assert_eq!(titles(&history, Shelf::Open), ["5"]);
    let counts = history.counts().unwrap();
    assert_eq!((counts.archive, counts.trash), (1, 1));
    assert_eq!(history.folders().unwrap()[0].count, 1);

    // Out of the trash it is where it was, and what is asked in the archive comes back.
    change(1, Change::Deleted(78));
    assert_eq!(titles(&history, Shelf::Trash), ["2", "4"], "by deletion");
    change(1, Change::Restored);
    assert_eq!(titles(&history, Shelf::Folder(work)), ["2"]);
    history.append(&user(ids[2], None, "again")).unwrap();
    assert_eq!(titles(&history, Shelf::Archive), [""; 0]);

    // A pinned one that is put into a folder is there, not above.
    let moved = change(0, Change::Folder(Some(work)));
    assert_eq!((moved[0].pinned, moved[0].folder), (false, Some(work)));
    history.delete_folder(work).unwrap();
    assert_eq!(titles(&history, Shelf::Open), ["3", "5", "2", "1"]);
    let gone = history.shelf(Shelf::Folder(work), 1, None);
    assert!(matches!(gone, Err(Error::NotFound { .. })), "{gone:?}");
}

#[test]
fn pages_of_a_list_follow_each_other_without_gap_or_repetition() {
    let (_folder, history) = fresh();
    for n in 0..50 {
        begin(&history, &n.to_string(), n / 3);
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = history.shelf(Shelf::Open, 7, after).unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.listed());
        seen.extend(page);
    }
    assert_eq!(seen, history.shelf(Shelf::Open, 100, None).unwrap());
    assert_eq!(seen.len(), 50);
}

#[test]
fn a_change_of_many_passes_over_what_is_not_there() {
    let (_folder, history) = fresh();
    let (a, b) = (begin(&history, "a", 1).id, begin(&history, "b", 2).id);
    let gone = "018bcfe5-6800-7000-8000-00000000000a".parse().unwrap();
    let changed = history
        .change_all(&[a, gone, b], Change::Deleted(5))
        .unwrap();
    assert_eq!(changed.len(), 2);
    assert_eq!(
        history.change_all(&[a, b], Change::Pinned(true)).unwrap(),
        [],
        "what is in the trash is only restored"
    );
    assert_eq!(
        history
            .change_all(&[a, b], Change::Restored)
            .unwrap()
            .iter()
            .map(|c| c.pinned)
            .collect::<Vec<_>>(),
        [false, false]
    );
    let many = vec![a; history::MAX_MANY + 1];
    let refused = history.change_all(&many, Change::Archived(true));
    assert!(matches!(refused, Err(Error::TooLarge { .. })));
}

#[test]
fn folders_have_names_of_their_own_and_are_bounded() {
    let (_folder, history) = fresh();
    let work = history.create_folder("Work", 1, 2).unwrap();
    let made = history.create_folder("work", 1, 2);
    assert!(matches!(made, Err(Error::Taken { .. })), "{made:?}");
    let made = history.create_folder("", 1, 2);
    assert!(matches!(made, Err(Error::Invalid { .. })), "{made:?}");
    history.rename_folder(work, "WORK").unwrap();
    let home = history.create_folder("Home", 1, 2).unwrap();
    assert!(history.rename_folder(home, "work").is_err());
    assert!(matches!(
        history.create_folder("Third", 1, 2),
        Err(Error::TooLarge { .. })
    ));
    let names: Vec<_> = history.folders().unwrap();
    assert_eq!(
        names.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(),
        ["Home", "WORK"]
    );
}

#[test]
fn what_is_purged_is_gone_with_all_it_said_and_its_cost_stays() {
    let (folder, history) = fresh();
    let (id, answer) = asked(&history);
    let secret = "a most particular sentence";
    let mut end = Finish::new(Status::Done, 50);
    end.text = Some(secret.into());
    end.usage = Usage {
        cost_nanos: Some(700),
        ..Usage::default()
    };
    history.finish(answer.id, &end).unwrap();
    history.suggest_title(id, None, Some(30), 50).unwrap();
    while history.index_some().unwrap().left > 0 {}

    assert_eq!(history.purge(&[id]).unwrap(), 0, "it is not in the trash");
    history.delete(id, 100).unwrap();
    assert_eq!(history.purge_before(100, 9).unwrap(), 0, "not old enough");
    assert_eq!(history.purge_before(101, 9).unwrap(), 1);
    assert!(history.message(answer.id).is_err());
    assert!(history.restore(id).is_err());
    assert_eq!(history.cost_since(0).unwrap(), 730, "the money is spent");
    history.check().unwrap();
    history.checkpoint().unwrap();
    drop(history);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let there = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
        assert!(!there, "what was deleted for good is still in the file");
    }
}
