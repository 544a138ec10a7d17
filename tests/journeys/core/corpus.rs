//! What fuzzers have found worth keeping, given again to what they were found in: `cargo xtask fuzz` adds to it.

use causeway_core::fuzzing::{TARGETS, run};
use std::{collections::BTreeSet, path::Path};

fn corpora() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus")
}

#[test]
fn every_target_takes_what_its_fuzzer_kept() {
    for (target, _) in TARGETS {
        let files = std::fs::read_dir(corpora().join(target)).unwrap();
        let mut count = 0;
        for file in files {
            let path = file.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let outcome = std::panic::catch_unwind(|| run(target, &bytes));
            assert!(outcome.is_ok(), "{}", path.display());
            count += 1;
        }
        assert!(count > 1, "nothing is kept for {target}");
    }
}

#[test]
fn every_target_has_a_fuzzer_and_a_corpus_and_no_other() {
    let targets: BTreeSet<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    for (folder, ending) in [("corpus", ""), ("targets", ".rs")] {
        let found = std::fs::read_dir(corpora().join("..").join(folder)).unwrap();
        let name = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let found: BTreeSet<_> = found
            .map(|entry| name(entry.unwrap()).trim_end_matches(ending).to_owned())
            .collect();
        assert_eq!(found, targets, "{folder}");
    }
    let manifest = std::fs::read_to_string(corpora().join("../Cargo.toml")).unwrap();
    for name in targets {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}

/// Random bytes, and requests that random bytes were put into: none decides anything, none ends in a panic. The fuzzer
/// goes on from here for as long as it is let.
#[test]
fn l38_two_hundred_thousand_random_byte_strings_reach_no_decision() {
    // Marsaglia's xorshift: the same bytes in every run.
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 33).unwrap() % below
    };
    let head = b"GET /cb/CODE?code=abc&state= HTTP/1.1\r\nHost: localhost:3000\r\n\r\n";
    for nth in 0..200_000 {
        let mut bytes = if nth % 2 == 0 {
            head.to_vec()
        } else {
            Vec::new()
        };
        for _ in 0..1 + random(64) {
            let at = random(bytes.len() + 1);
            bytes.insert(at, u8::try_from(random(256)).unwrap());
        }
        // The target itself refuses a decision without the attempt's nonce, which is in none of these.
        run("request", &bytes);
    }
}
