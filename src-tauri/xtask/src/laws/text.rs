//! What no text of the project may be: too long, or unfinished.

use super::File;

/// A file over this has two subjects.
const LINES: usize = 500;

/// Marks of unfinished work, put together here so that this file does not break its own law.
const UNFINISHED: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

pub fn violations(files: &[File]) -> Vec<String> {
    let written = files.iter().filter(|file| !is_generated_or_copied(file));
    written
        .flat_map(|file| too_long(file).into_iter().chain(unfinished(file)))
        .collect()
}

/// Made by a tool, or kept as it was received.
fn is_generated_or_copied(file: &File) -> bool {
    file.path.starts_with("ui/src/bindings/")
        || file.path.contains("fixtures/")
        || file.path.contains("/corpus/")
        || file.is(&["Cargo.lock", "package-lock.json"])
}

fn too_long(file: &File) -> Option<String> {
    let lines = file.text.lines().count();
    (lines > LINES && file.is(&[".rs", ".ts", ".svelte", ".css"])).then(|| {
        format!(
            "{}: {lines} lines; split it by subject at {LINES}",
            file.path
        )
    })
}

fn unfinished(file: &File) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(file.text.lines()) {
        let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        for word in words.filter(|word| UNFINISHED.contains(word)) {
            found.push(format!(
                "{}:{number}: `{word}`; finish it or say it in words",
                file.path
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn a_file_of_501_lines_is_too_long_and_one_of_500_is_not() {
        let long = "x\n".repeat(501);
        assert_eq!(
            violations(&[
                file("ui/src/a.svelte", &long),
                file("src-tauri/b.rs", &long[2..])
            ]),
            ["ui/src/a.svelte: 501 lines; split it by subject at 500"]
        );
    }

    #[test]
    fn generated_and_received_files_may_be_long() {
        let long = "x\n".repeat(501);
        for path in [
            "ui/src/bindings/wire.ts",
            "tests/fixtures/a.ts",
            "README.md",
        ] {
            assert_eq!(
                violations(&[file(path, &long)]),
                Vec::<String>::new(),
                "{path}"
            );
        }
    }

    #[test]
    fn each_mark_of_unfinished_work_is_named_with_its_line() {
        for mark in UNFINISHED {
            let text = format!("fn a() {{}}\n// {mark}: later\n");
            let broken = violations(&[file("src-tauri/src/a.rs", &text)]);
            assert_eq!(
                broken,
                [format!(
                    "src-tauri/src/a.rs:2: `{mark}`; finish it or say it in words"
                )]
            );
        }
    }

    #[test]
    fn a_mark_inside_a_longer_word_is_no_mark() {
        for word in [concat!("XX", "XX"), concat!("TO", "DOS"), "todo"] {
            assert_eq!(
                violations(&[file("a.rs", word)]),
                Vec::<String>::new(),
                "{word}"
            );
        }
    }
}
