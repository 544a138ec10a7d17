//! The guards as they are written down: what to take away, and which tests must then fail.
//!
//! They stand in `xtask/guards/*.md`, readable as they are. Each is a heading, a line that names
//! the tests, and for every file touched its path and a `diff` block: lines with `-` or a space
//! are found in the file, whatever their indentation; lines with `+` or a space take their place.

use crate::process::{self, Result};

/// One guard, and what shows that it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// The file it is written in, without its ending.
    pub part: String,
    /// What the guard promises, in one line.
    pub name: String,
    pub tests: Tests,
    pub changes: Vec<Change>,
}

/// The tests that must fail: a package, its target and parts of their names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tests {
    pub package: String,
    /// `lib`, or the name of an integration test.
    pub target: String,
    pub filters: Vec<String>,
}

/// One place in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub path: String,
    pub old: Vec<String>,
    pub new: Vec<String>,
}

/// Reads every guard, in the order of the files' names.
pub fn all() -> Result<Vec<Guard>> {
    let folder = process::root().join("src-tauri/xtask/guards");
    let failed = |e| format!("Cannot list {}: {e}.", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    let mut guards = Vec::new();
    for path in paths {
        let part = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = String::from_utf8_lossy(&process::read(&path)?).into_owned();
        guards.extend(parse(&part, &text).map_err(|e| format!("{}: {e}", path.display()))?);
    }
    Ok(guards)
}

/// Reads one file of guards.
pub fn parse(part: &str, text: &str) -> Result<Vec<Guard>> {
    let mut guards: Vec<Guard> = Vec::new();
    let mut path: Option<String> = None;
    let mut change: Option<Change> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let wrong = |what: &str| format!("line {number}: {what}");
        if let Some(open) = &mut change {
            let (mark, rest) = line.split_at(line.len().min(1));
            match mark {
                "-" => open.old.push(rest.to_owned()),
                "+" => open.new.push(rest.to_owned()),
                "" | " " => {
                    open.old.push(rest.to_owned());
                    open.new.push(rest.to_owned());
                }
                _ if line == "```" => {
                    let guard = guards.last_mut();
                    let guard = guard.ok_or_else(|| wrong("a change before the first guard"))?;
                    guard.changes.extend(change.take());
                }
                _ => return Err(wrong("neither `-`, `+` nor a space begins it")),
            }
        } else if let Some(name) = line.strip_prefix("## ") {
            guards.push(Guard {
                part: part.to_owned(),
                name: name.to_owned(),
                tests: Tests::default(),
                changes: Vec::new(),
            });
        } else if line == "```diff" {
            let path = path
                .take()
                .ok_or_else(|| wrong("a change without a file"))?;
            change = Some(Change {
                path,
                old: Vec::new(),
                new: Vec::new(),
            });
        } else if let Some(tests) = line.strip_prefix("Tests: ") {
            let guard = guards.last_mut();
            let guard = guard.ok_or_else(|| wrong("tests before the first guard"))?;
            guard.tests = Tests::parse(tests).ok_or_else(|| wrong("not `package/target name…`"))?;
        } else if let Some(file) = line.strip_prefix("File: ") {
            path = Some(file.trim_matches('`').to_owned());
        }
    }
    let empty = |g: &&Guard| g.changes.is_empty() || g.tests.filters.is_empty();
    match guards.iter().find(empty) {
        Some(guard) => Err(format!("`{}` has no change or no test", guard.name)),
        None if change.is_some() => Err("the last change does not end".to_owned()),
        None => Ok(guards),
    }
}

impl Default for Tests {
    fn default() -> Self {
        Self {
            package: String::new(),
            target: "lib".to_owned(),
            filters: Vec::new(),
        }
    }
}

impl Tests {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace().map(|word| word.trim_matches('`'));
        let (package, target) = words.next()?.split_once('/')?;
        Some(Self {
            package: package.to_owned(),
            target: target.to_owned(),
            filters: words.map(str::to_owned).collect(),
        })
    }
}

impl Change {
    /// The file's text with this change made in it.
    ///
    /// # Errors
    /// The lines are not there, or more than once: the guard was moved, and its patch with it.
    pub fn apply(&self, text: &str) -> Result<String> {
        let lines: Vec<&str> = text.lines().collect();
        let same = |window: &&[&str]| {
            let pairs = window.iter().zip(&self.old);
            pairs.fold(true, |equal, (a, b)| equal && a.trim() == b.trim())
        };
        let count = self.old.len().max(1);
        let found = |start: &usize| lines.get(*start..*start + count).is_some_and(|w| same(&w));
        let places: Vec<usize> = (0..lines.len()).filter(found).collect();
        let [place] = places[..] else {
            let first = self.old.iter().map(|l| l.trim()).find(|l| !l.is_empty());
            return Err(format!(
                "{} has the lines from `{}` on {} times and not once",
                self.path,
                first.unwrap_or_default(),
                places.len()
            ));
        };
        let new = self.new.iter().map(String::as_str);
        let all = lines[..place].iter().copied().chain(new);
        let all = all.chain(lines[place + count..].iter().copied());
        Ok(all.map(|line| format!("{line}\n")).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Guards\n\nWords.\n\n## The door is shut\n\nTests: `house/walls l1_ l2_`\n\n\
                        File: `src/door.rs`\n\n```diff\n if open {\n-    shut();\n+    // nothing\n }\n```\n";

    fn one() -> Guard {
        parse("house", TEXT).unwrap().remove(0)
    }

    #[test]
    fn a_guard_is_read_with_its_tests_and_changes() {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let change = Change {
            path: "src/door.rs".to_owned(),
            old: words(&["if open {", "    shut();", "}"]),
            new: words(&["if open {", "    // nothing", "}"]),
        };
        let expected = Guard {
            part: "house".to_owned(),
            name: "The door is shut".to_owned(),
            tests: Tests {
                package: "house".to_owned(),
                target: "walls".to_owned(),
                filters: words(&["l1_", "l2_"]),
            },
            changes: vec![change],
        };
        assert_eq!(one(), expected);
    }

    #[test]
    fn a_guard_without_a_change_or_a_test_is_refused() {
        assert!(parse("x", "## A\n\nTests: `a/lib b`\n").is_err());
        assert!(parse("x", "## A\n\nFile: `f`\n\n```diff\n-x\n```\n").is_err());
        assert!(parse("x", "```diff\n-x\n```\n").is_err());
        assert!(
            parse("x", &TEXT[..TEXT.len() - 4]).is_err(),
            "without an end"
        );
    }

    #[test]
    fn a_change_is_found_at_any_indentation_and_only_where_it_is_alone() {
        let change = &one().changes[0];
        let text = "fn f() {\n        if open {\n            shut();\n        }\n}\n";
        assert_eq!(
            change.apply(text).unwrap(),
            "fn f() {\nif open {\n    // nothing\n}\n}\n"
        );
        assert!(change.apply("fn f() {}\n").is_err(), "not there");
        assert!(change.apply(&text.repeat(2)).is_err(), "twice there");
    }

    #[test]
    fn every_guard_still_applies_and_its_tests_are_there() {
        let guards = all().unwrap();
        assert!(guards.len() >= 40, "only {} guards", guards.len());
        let mut wrong = Vec::new();
        for guard in &guards {
            for change in &guard.changes {
                let text = std::fs::read_to_string(process::root().join(&change.path));
                let applied = text
                    .map_err(|e| e.to_string())
                    .and_then(|t| change.apply(&t));
                match applied {
                    Err(why) => wrong.push(format!("{}: {why}", guard.name)),
                    Ok(_) if change.old == change.new => {
                        wrong.push(format!("{}: changes nothing", guard.name));
                    }
                    Ok(_) => {}
                }
            }
        }
        let names = names_of_tests();
        for guard in &guards {
            for filter in &guard.tests.filters {
                if !names.iter().any(|name| name.contains(filter.as_str())) {
                    wrong.push(format!("{}: no test is called {filter}", guard.name));
                }
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
    }

    /// The names of all functions in the sources: a filter that matches none of them would run no test.
    fn names_of_tests() -> Vec<String> {
        let mut folders = vec![
            process::root().join("src-tauri"),
            process::root().join("tests"),
        ];
        let mut names = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "rs") {
                    let text = std::fs::read_to_string(&path).unwrap_or_default();
                    let heads = text.lines().filter_map(|line| line.split_once("fn "));
                    let name = |(_, rest): (&str, &str)| {
                        rest.split('(').next().unwrap_or_default().to_owned()
                    };
                    names.extend(heads.map(name));
                }
            }
        }
        names
    }
}
