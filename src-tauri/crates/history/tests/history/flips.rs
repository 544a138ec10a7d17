//! A byte of the file changes by itself.

use std::fs;

use history::{Error, FILE, Kept, Shelf, Wanted, put_back};

use crate::*;

const NOW: i64 = 1_700_000_000_000;

/// Everything that a window would ask for.
fn read_all(history: &History) -> Result<usize, Error> {
    let mut read = 0;
    for conversation in history.shelf(Shelf::Open, 100, None)? {
        read += history.thread(conversation.id, None)?.len();
    }
    let wanted = Wanted {
        words: vec!["needle".into()],
        ..Wanted::default()
    };
    let found = history.search_messages(&wanted, 20, None, &mut |_| true)?;
    read += found.list.len() + history.search_titles(&wanted, 5, &mut || true)?.len();
    history.counts()?;
    Ok(read)
}

#[test]
fn a_flipped_byte_in_any_page_is_told_or_harmless_and_a_copy_brings_all_back() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path());
    for n in 0..6 {
        let id = begin(&history, &format!("needles {n}"), n).id;
        for m in 0..8 {
            let text = format!("needle {m} {}", "straw and hay ".repeat(30));
            history.append(&user(id, None, &text)).unwrap();
        }
    }
    while history.index_some().unwrap().left > 0 {}
    history.back_up(NOW).unwrap();
    let all = read_all(&history).unwrap();
    drop(history);
    let file = folder.path().join(FILE);
    let sound = fs::read(&file).unwrap();
    let pages = sound.len() / 4096;
    assert!(pages > 20, "too small to mean anything: {pages}");

    let (mut refused, mut later, mut harmless) = (0, 0, 0);
    for page in 0..pages {
        // The page's head, its list of cells, its middle, its end: what a sum over it would notice.
        for (nth, offset) in [0, 5, 9, 1_700, 4_090].into_iter().enumerate() {
            let mut bytes = sound.clone();
            bytes[page * 4096 + offset] ^= 1 << ((page + nth) % 8);
            fs::write(&file, &bytes).unwrap();
            for suffix in ["-wal", "-shm"] {
                let _ = fs::remove_file(folder.path().join(format!("{FILE}{suffix}")));
            }
            let what = format!("page {page}, byte {offset}");
            match History::open(folder.path()) {
                // Whatever is wrong, it is one of the states that have a sentence and a way out.
                Err(
                    Error::Corrupt { .. }
                    | Error::NewerSchema { .. }
                    | Error::ReadOnly
                    | Error::Storage { .. },
                ) => {
                    assert!(fs::read(&file).unwrap() == bytes, "{what}: it was changed");
                    refused += 1;
                }
                Err(other) => panic!("{what}: {other:?}"),
                Ok(history) => match read_all(&history) {
                    Ok(_) => harmless += 1,
                    Err(_) => later += 1,
                },
            }
        }
    }
    println!("{pages} pages: {refused} refused at open, {later} told later, {harmless} read on");
    assert!(refused > pages, "damage to the structure is not noticed");

    // The worst of all pages.
    let mut bytes = sound;
    bytes[..4096].fill(0xa5);
    fs::write(&file, &bytes).unwrap();
    put_back(folder.path(), Kept::Last, NOW).unwrap();
    assert_eq!(read_all(&open(folder.path())).unwrap(), all);
}
