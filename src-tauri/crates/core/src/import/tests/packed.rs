//! ZIP files: as they are handed out, damaged, and made to do harm.

use super::*;
use std::io::{Cursor, Write};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

const CHAT: &str =
    r#"[{"id":"good","name":"Good","messages":[{"id":"1","role":"user","content":"Q"}]}]"#;

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in files {
        zip.start_file(*name, packed).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn other(id: &str) -> String {
    CHAT.replace("good", id)
}

fn whys(report: &ImportReport) -> String {
    let whys = report.skipped.iter().map(|each| each.why.as_str());
    whys.collect::<Vec<_>>().join("|")
}

#[test]
fn what_chatgpt_and_claude_hand_out_is_read_as_it_is() {
    // Pictures lie in it, and JSON that holds no conversations; the list may be in several files.
    let file = zip(&[
        ("user.json", b"{\"id\":\"u\",\"messages\":[]}"),
        ("x/dalle.webp", &[7; 3000]),
        ("x/conversations-001.json", other("b").as_bytes()),
        ("x/conversations-000.json", CHAT.as_bytes()),
        ("__MACOSX/conversations.json", b"\0\x05"),
    ]);
    let (_, report) = brought("export.zip", &file);
    assert_eq!((report.added, report.skipped_count), (2, 0), "{report:?}");
    // The name of the ZIP says nothing, and without names that are known every JSON in it is looked through.
    let (_, report) = brought(
        "export",
        zip(&[("a.json", CHAT.as_bytes()), ("b.txt", b"b")]),
    );
    assert_eq!((report.added, report.skipped_count), (1, 0), "{report:?}");
}

#[test]
fn a_zip_without_conversations_says_so() {
    for (files, why) in [
        (&[("a.txt", &b"x"[..])][..], "no conversations"),
        (
            &[("IndexedDB/x.ldb", b"x"), ("metadata.json", b"{}")],
            "own database",
        ),
        (&[], "no conversations"),
    ] {
        let (_, report) = brought("some.zip", zip(files));
        assert!(whys(&report).contains(why), "{report:?}");
    }
}

#[test]
fn a_large_zip_that_ends_early_is_called_damaged_and_not_too_full() {
    let mut seed = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        seed.to_be_bytes()[0]
    })
    .take(20 * 1024 * 1024)
    .collect();
    let mut file = zip(&[("conversations.json", CHAT.as_bytes()), ("b", &noise)]);
    file.truncate(file.len() - 100);
    let (_, report) = brought("cut.zip", file);
    assert!(whys(&report).contains("ends in the middle"), "{report:?}");
}

#[test]
fn a_zip_cut_anywhere_is_named_and_stores_nothing_wrong() {
    let file = zip(&[("conversations.json", CHAT.as_bytes()), ("b", &[1; 90])]);
    let place = Place::new();
    for end in 4..file.len() {
        let path = place.file("cut.zip", &file[..end]);
        let report = place.bring(&path, false);
        assert!(
            report.added + report.skipped_count >= 1,
            "cut at {end}: {report:?}"
        );
    }
    for at in 0..file.len() {
        let mut broken = file.clone();
        broken[at] ^= 0x55;
        let path = place.file("broken.zip", &broken);
        let report = place.bring(&path, false);
        assert!(report.added <= 1, "byte {at}: {report:?}");
    }
}

#[test]
fn a_bomb_is_left_before_it_bursts() {
    // A hundred megabytes of blanks in a list, in about a hundred kilobytes: no text is packed so tightly.
    let mut bomb = b"[".to_vec();
    bomb.resize(100 << 20, b' ');
    let file = zip(&[("conversations.json", &bomb)]);
    assert!(file.len() < 200_000, "{}", file.len());
    let (_, report) = brought("bomb.zip", &file);
    assert!(
        whys(&report).contains("far more than its size"),
        "{report:?}"
    );
    // Files in it that are each small enough are bounded together.
    let some = vec![b' '; 20 << 20];
    let names: Vec<String> = (0..5).map(|n| format!("conversations-{n}.json")).collect();
    let files: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), &some[..]))
        .collect();
    let (_, report) = brought("bombs.zip", zip(&files));
    assert!(
        whys(&report).contains("far more than its size"),
        "{report:?}"
    );
}

#[test]
fn a_list_of_very_many_files_is_not_read() {
    let mut file = zip(&[("conversations.json", CHAT.as_bytes())]);
    // One entry of the list, again and again, and an end that says so in the long form.
    let start = file
        .windows(4)
        .position(|four| four == b"PK\x01\x02")
        .unwrap();
    let end = file
        .windows(4)
        .position(|four| four == b"PK\x05\x06")
        .unwrap();
    let entry = file[start..end].to_vec();
    file.truncate(start);
    let count = (9 << 20) / entry.len() as u64;
    for _ in 0..count {
        file.extend_from_slice(&entry);
    }
    let (size, place) = (count * entry.len() as u64, file.len() as u64);
    file.extend_from_slice(b"PK\x06\x06");
    file.extend_from_slice(&44_u64.to_le_bytes());
    file.extend_from_slice(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [count, count, size, start as u64] {
        file.extend_from_slice(&number.to_le_bytes());
    }
    file.extend_from_slice(b"PK\x06\x07\0\0\0\0");
    file.extend_from_slice(&place.to_le_bytes());
    file.extend_from_slice(&1_u32.to_le_bytes());
    file.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    file.extend_from_slice(&[0xff; 12]);
    file.extend_from_slice(&[0, 0]);
    let (_, report) = brought("many.zip", &file);
    assert!(whys(&report).contains("too many files"), "{report:?}");
}
