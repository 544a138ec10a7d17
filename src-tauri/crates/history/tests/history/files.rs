//! What is attached, and the files beside the database.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use history::{AttachmentDraft, Content, Error, FILES, FilesOf, History, Kept, move_aside};

use crate::{asked, begin, fresh, open, pending, user};

const HOUR: Duration = Duration::from_secs(3600);

fn draft(history: &History, name: &str, bytes: &[u8]) -> AttachmentDraft {
    let (content, size) = history.keep_bytes(bytes).unwrap();
    AttachmentDraft {
        name: name.into(),
        content,
        size,
        words: None,
        details: r#"{"kind":"text"}"#.into(),
        picture: Some(b"small".to_vec()),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder.join(FILES))
        .into_iter()
        .flatten()
        .flatten()
    {
        match entry.file_type().unwrap().is_dir() {
            true => found.extend(
                fs::read_dir(entry.path())
                    .unwrap()
                    .map(|file| file.unwrap().file_name().into_string().unwrap()),
            ),
            false => found.push(entry.file_name().into_string().unwrap()),
        }
    }
    found.sort();
    found
}

#[test]
fn the_same_bytes_are_kept_once_under_the_name_of_their_hash() {
    let (folder, history) = fresh();
    let (first, size) = history.keep_bytes(b"abc").unwrap();
    let (second, _) = history.keep_bytes(b"abc").unwrap();
    assert_eq!((first, size), (second, 3));
    let name = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(first.to_string(), name);
    assert_eq!(name.parse::<Content>().unwrap(), first);
    assert_eq!(names(folder.path()), [name]);
    assert_eq!(fs::read(history.file_of(first)).unwrap(), b"abc");
    for wrong in ["", "ba78", &name.to_uppercase(), &name.replace('b', "g")] {
        assert!(wrong.parse::<Content>().is_err(), "{wrong}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&history.file_of(first)), 0o600);
        assert_eq!(mode(&folder.path().join(FILES)), 0o700);
    }
    drop(history.new_blob().unwrap());
    assert_eq!(
        names(folder.path()),
        [name],
        "what was given up leaves nothing"
    );
}

#[test]
fn a_question_takes_what_waits_in_its_draft_and_keeps_its_order() {
    let (_folder, history) = fresh();
    let id = begin(&history, "t", 1).id;
    let new = |place, name: &str| {
        history
            .attach(place, &draft(&history, name, name.as_bytes()), 5)
            .unwrap()
    };
    let (a, b, other) = (new(Some(id), "a"), new(Some(id), "b"), new(None, "c"));
    history.arrange(&[b.id, a.id]).unwrap();
    assert_eq!(history.attached(Some(id)).unwrap(), [b.clone(), a.clone()]);
    let files = FilesOf::Draft(vec![b.id, a.id]);
    let (question, answer) = history
        .exchange_with(&user(id, None, "why"), &files, &pending(id, None))
        .unwrap();
    assert_eq!(question.attachments, [b.clone(), a.clone()]);
    assert_eq!(answer.attachments, []);
    assert_eq!(history.attached(Some(id)).unwrap(), []);
    assert_eq!(history.attached(None).unwrap()[0], other);
    assert_eq!(history.message(question.id).unwrap(), question);
    assert_eq!(history.thread(id, None).unwrap()[0], question);
    assert_eq!(history.whole_contents(id).unwrap(), [b.content, a.content]);
    assert!(b.pictured && history.picture(b.id).unwrap().unwrap() == b"small");
    // What a message has is not taken away by who clears a draft, nor taken again.
    assert!(matches!(history.detach(b.id), Err(Error::NotFound { .. })));
    let again = history.exchange_with(&user(id, None, "x"), &files, &pending(id, None));
    assert!(matches!(again, Err(Error::NotFound { .. })), "{again:?}");
    assert_eq!(
        history.thread(id, None).unwrap().len(),
        2,
        "nothing of it is stored"
    );
    // A version of the question has the same.
    let copies = FilesOf::Message(question.id);
    let (version, _) = history
        .exchange_with(&user(id, None, "how"), &copies, &pending(id, None))
        .unwrap();
    let contents: Vec<_> = version
        .attachments
        .iter()
        .map(|file| file.content)
        .collect();
    assert_eq!(contents, [b.content, draft(&history, "a", b"a").content]);
    assert_ne!(version.attachments[0].id, b.id);
    assert_eq!(history.detach(other.id).unwrap(), None);
}

#[test]
fn another_conversations_draft_is_nobody_elses() {
    let (_folder, history) = fresh();
    let (mine, yours) = (begin(&history, "a", 1).id, begin(&history, "b", 1).id);
    let file = history
        .attach(Some(yours), &draft(&history, "x", b"x"), 5)
        .unwrap();
    let taken = history.exchange_with(
        &user(mine, None, "?"),
        &FilesOf::Draft(vec![file.id]),
        &pending(mine, None),
    );
    assert!(matches!(taken, Err(Error::NotFound { .. })), "{taken:?}");
    assert_eq!(history.attached(Some(yours)).unwrap(), [file]);
}

#[test]
fn only_what_nothing_refers_to_is_collected_and_only_after_an_hour() {
    let (folder, history) = fresh();
    let (id, answer) = asked(&history);
    let kept = draft(&history, "kept", b"kept");
    let words = history.keep_bytes(b"words").unwrap().0;
    let with_words = AttachmentDraft {
        words: Some(words),
        ..kept.clone()
    };
    history.attach_to(answer.id, &with_words, 5).unwrap();
    let waiting = draft(&history, "waiting", b"waiting");
    history.attach(Some(id), &waiting, 5).unwrap();
    let loose = history.keep_bytes(b"loose").unwrap().0;
    history.set_reading(kept.content, "{}").unwrap();
    history.set_reading(loose, "{}").unwrap();
    fs::write(folder.path().join(FILES).join("1.part"), "torn").unwrap();
    fs::write(folder.path().join(FILES).join("not ours"), "x").unwrap();
    let now = SystemTime::now();
    assert_eq!(
        history.collect_files(now).unwrap(),
        0,
        "young ones may be about to be used"
    );
    assert_eq!(
        history.collect_files(now + 2 * HOUR).unwrap(),
        2,
        "the loose one and the torn one"
    );
    let mut left: Vec<_> = [kept.content, words, waiting.content]
        .map(|c| c.to_string())
        .into();
    left.push("not ours".into());
    left.sort();
    assert_eq!(names(folder.path()), left);
    assert_eq!(history.reading(kept.content).unwrap().unwrap(), "{}");
    assert_eq!(history.reading(loose).unwrap(), None);
    // One that is used again is young again.
    let used = history.keep_bytes(b"again").unwrap().0;
    let path = history.file_of(used);
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_modified(now - 5 * HOUR).unwrap();
    history.keep_bytes(b"again").unwrap();
    assert_eq!(history.collect_files(now + HOUR / 2).unwrap(), 0);
    assert!(path.exists());
}

#[test]
fn what_a_copy_or_a_damaged_database_may_refer_to_is_not_collected() {
    let (folder, history) = fresh();
    let later = SystemTime::now() + 9 * HOUR;
    let file = history
        .attach(None, &draft(&history, "a", b"abc"), 5)
        .unwrap();
    history.back_up(10).unwrap();
    history.detach(file.id).unwrap();
    assert_eq!(
        history.collect_files(later).unwrap(),
        0,
        "a copy refers to it"
    );
    history.bring_back(Kept::Last, 20).unwrap();
    assert_eq!(history.attached(None).unwrap()[0], file);
    assert_eq!(fs::read(history.file_of(file.content)).unwrap(), b"abc");
    drop(history);

    let (other, history) = fresh();
    let loose = history.keep_bytes(b"loose").unwrap().0;
    drop(history);
    move_aside(other.path(), 0).unwrap();
    let history = open(other.path());
    assert_eq!(history.collect_files(later).unwrap(), 0);
    assert!(history.file_of(loose).exists());
    drop(folder);
}
