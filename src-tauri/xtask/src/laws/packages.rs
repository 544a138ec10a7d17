//! Who may depend on whom. Boundaries that a manifest can cross in one line are gone in a year.

use serde_json::Value;

/// A package of the workspace.
pub struct Member {
    name: String,
    /// From the top, with `/` between folders.
    folder: String,
    dependencies: Vec<String>,
}

/// The crates that know nothing of each other.
const LEAVES: [&str; 4] = ["openrouter", "vault", "history", "markdown"];

/// Dependencies, by the beginning of their names, that one package alone may have.
const HOMES: [(&str, &str); 4] = [
    ("tauri", "causeway"),
    ("reqwest", "openrouter"),
    ("rusqlite", "history"),
    ("keyring", "vault"),
];

/// More crates than this means that two of them are one subject.
const CRATES: usize = 5;

/// Reads `cargo metadata --no-deps`.
pub fn members(metadata: &Value, root: &str) -> Vec<Member> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().replace('\\', "/");
    list(&metadata["packages"])
        .iter()
        .map(|package| {
            let manifest = text(&package["manifest_path"]);
            let below = manifest.strip_prefix(root).unwrap_or(&manifest);
            Member {
                name: text(&package["name"]),
                folder: below
                    .trim_matches('/')
                    .trim_end_matches("/Cargo.toml")
                    .to_owned(),
                dependencies: list(&package["dependencies"])
                    .iter()
                    .map(|dependency| text(&dependency["name"]))
                    .collect(),
            }
        })
        .collect()
}

pub fn violations(members: &[Member]) -> Vec<String> {
    let mut broken = Vec::new();
    for member in members {
        let needless = |wanted: &str| !member.dependencies.iter().any(|d| d == wanted);
        if member.name == "causeway-core" {
            broken.extend(LEAVES.iter().filter(|leaf| needless(leaf)).map(|leaf| {
                format!(
                    "{}: the core stands on all four crates, {leaf} is missing",
                    member.folder
                )
            }));
        }
        let is_leaf = LEAVES.contains(&member.name.as_str());
        for dependency in &member.dependencies {
            if is_leaf && (LEAVES.contains(&dependency.as_str()) || dependency == "causeway-core") {
                broken.push(format!(
                    "{}: {} may not know {dependency}; the core brings them together",
                    member.folder, member.name
                ));
            }
            for (dependent, home) in HOMES {
                if is_of(dependency, dependent) && member.name != home {
                    broken.push(format!(
                        "{}: {dependency} belongs to {home} alone",
                        member.folder
                    ));
                }
            }
        }
    }
    let crates: Vec<&str> = members
        .iter()
        .filter(|member| member.folder.starts_with("src-tauri/crates/"))
        .map(|member| member.name.as_str())
        .collect();
    if crates.len() > CRATES {
        broken.push(format!(
            "src-tauri/crates: {} crates where {CRATES} are the ceiling ({}); merge rather than add",
            crates.len(),
            crates.join(", ")
        ));
    }
    broken
}

/// Whether a dependency is of a family: `tauri`, `tauri-build`, `tauri-plugin-store`.
fn is_of(dependency: &str, family: &str) -> bool {
    dependency
        .strip_prefix(family)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn member(name: &str, folder: &str, dependencies: &[&str]) -> Member {
        Member {
            name: name.into(),
            folder: folder.into(),
            dependencies: dependencies.iter().map(|d| (*d).into()).collect(),
        }
    }

    fn house() -> Vec<Member> {
        vec![
            member(
                "openrouter",
                "src-tauri/crates/openrouter",
                &["reqwest", "serde"],
            ),
            member(
                "vault",
                "src-tauri/crates/vault",
                &["keyring", "keyring-core"],
            ),
            member(
                "history",
                "src-tauri/crates/history",
                &["rusqlite", "rusqlite_migration"],
            ),
            member("markdown", "src-tauri/crates/markdown", &["pulldown-cmark"]),
            member("causeway-core", "src-tauri/crates/core", &LEAVES),
            member(
                "causeway",
                "src-tauri",
                &["causeway-core", "tauri", "tauri-build"],
            ),
            member("journeys", "tests/journeys", &["causeway-core", "emulator"]),
        ]
    }

    /// What is said once `dependency` is added to the package `name`.
    fn adding(name: &str, dependency: &str) -> Vec<String> {
        let mut house = house();
        let member = house.iter_mut().find(|m| m.name == name).unwrap();
        member.dependencies.push(dependency.to_owned());
        violations(&house)
    }

    #[test]
    fn the_house_as_it_is_meant_keeps_the_laws() {
        assert_eq!(violations(&house()), Vec::<String>::new());
    }

    #[test]
    fn the_four_crates_may_not_know_each_other_or_the_core() {
        for (name, dependency) in [
            ("vault", "history"),
            ("markdown", "openrouter"),
            ("history", "causeway-core"),
        ] {
            let broken = adding(name, dependency);
            assert_eq!(broken.len(), 1, "{broken:?}");
            assert!(
                broken[0].contains(&format!("{name} may not know {dependency}")),
                "{broken:?}"
            );
        }
    }

    #[test]
    fn each_foreign_library_has_one_home() {
        for (name, dependency, home) in [
            ("causeway-core", "tauri", "causeway"),
            ("journeys", "tauri-plugin-store", "causeway"),
            ("causeway-core", "reqwest", "openrouter"),
            ("causeway", "rusqlite", "history"),
            ("openrouter", "keyring", "vault"),
        ] {
            let broken = adding(name, dependency);
            assert_eq!(broken.len(), 1, "{broken:?}");
            assert!(broken[0].ends_with(&format!("{dependency} belongs to {home} alone")));
        }
    }

    #[test]
    fn the_core_stands_on_all_four() {
        let mut house = house();
        house
            .iter_mut()
            .find(|m| m.name == "causeway-core")
            .unwrap()
            .dependencies
            .pop();
        let broken = violations(&house);
        assert_eq!(broken.len(), 1, "{broken:?}");
        assert!(broken[0].ends_with("markdown is missing"), "{broken:?}");
    }

    #[test]
    fn a_sixth_crate_is_refused() {
        let mut house = house();
        house.push(member("models", "src-tauri/crates/models", &[]));
        let broken = violations(&house);
        assert_eq!(broken.len(), 1, "{broken:?}");
        assert!(
            broken[0].contains("6 crates where 5 are the ceiling"),
            "{broken:?}"
        );
    }

    #[test]
    fn a_renamed_dependency_is_seen_by_its_true_name() {
        // `http = { package = "reqwest" }` as cargo reports it.
        let metadata = json!({ "packages": [{
            "name": "causeway-core",
            "manifest_path": "/top/src-tauri/crates/core/Cargo.toml",
            "dependencies": [
                { "name": "reqwest", "rename": "http", "kind": "dev" },
                { "name": "openrouter" }, { "name": "vault" },
                { "name": "history" }, { "name": "markdown" },
            ],
        }]});
        let broken = violations(&members(&metadata, "/top"));
        assert_eq!(
            broken,
            ["src-tauri/crates/core: reqwest belongs to openrouter alone"]
        );
    }
}
