//! What keeps the window a mirror: who speaks to the shell, who draws HTML, where colours live.

use super::File;

const SOURCES: [&str; 4] = [".ts", ".js", ".svelte", ".css"];

pub fn violations(files: &[File]) -> Vec<String> {
    let mut broken = Vec::new();
    for file in files.iter().filter(|file| file.is(&SOURCES)) {
        if let Some(folder) = file.window_folder() {
            broken.extend(shell_outside_host(file, folder));
            broken.extend(domain_in_shared(file, folder));
            broken.extend(colours(file));
        }
        broken.extend(leaking_prefixes(file));
    }
    broken.extend(places_of_raw_html(files));
    broken.extend(files.iter().flat_map(blocking_commands));
    broken
}

/// Only `host` speaks to the shell, so that everything else runs and is tested without one.
fn shell_outside_host(file: &File, folder: &str) -> Option<String> {
    let speaks = specifiers(&file.text).any(|(_, from)| from.starts_with("@tauri-apps/"));
    (speaks && folder != "host")
        .then(|| format!("{}: only ui/src/host/ imports @tauri-apps/*", file.path))
}

/// What all folders share knows none of them.
fn domain_in_shared(file: &File, folder: &str) -> Vec<String> {
    if folder != "shared" {
        return Vec::new();
    }
    specifiers(&file.text)
        .filter_map(|(number, from)| {
            let target = folder_of_import(&file.path, from)?;
            (!["shared", "lib", "styles"].contains(&target.as_str())).then(|| {
                format!(
                    "{}:{number}: ui/src/shared/ may not import from {target:?}",
                    file.path
                )
            })
        })
        .collect()
}

/// The folder below `ui/src` that an import leads to; nothing for a package.
fn folder_of_import(importer: &str, from: &str) -> Option<String> {
    let aliases = ["$", "@/", "~/", "/src/"];
    if let Some(below) = aliases.iter().find_map(|alias| from.strip_prefix(alias)) {
        return below.split('/').next().map(str::to_owned);
    }
    if !from.starts_with('.') {
        return None;
    }
    let mut path: Vec<&str> = importer.split('/').collect();
    path.pop();
    for part in from.split('/') {
        match part {
            "." => {}
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    let below = path.strip_prefix(&["ui", "src"]).unwrap_or(&path);
    below.first().map(|folder| (*folder).to_owned())
}

/// What stands in quotes after `from`, `import`, `import(` or `vi.mock(`, with its line number.
fn specifiers(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).flat_map(|(number, line)| {
        ["from ", "import ", "import(", "mock("]
            .into_iter()
            .filter_map(move |word| {
                let rest = &line[line.find(word)? + word.len()..];
                let quote = rest.chars().next().filter(|c| "\"'`".contains(*c))?;
                Some((number, rest[1..].split(quote).next()?))
            })
    })
}

/// One component puts the core's HTML on the page. A second one would be a second place to get
/// escaping wrong.
fn places_of_raw_html(files: &[File]) -> Vec<String> {
    let places: Vec<&str> = files
        .iter()
        .filter(|file| file.is(&[".svelte"]) && file.text.contains("{@html"))
        .map(|file| file.path.as_str())
        .collect();
    let there_is_a_window = files.iter().any(|file| file.is(&[".svelte"]));
    match places.len() {
        1 => Vec::new(),
        0 if !there_is_a_window => Vec::new(),
        0 => vec!["{@html} in no component; who draws the core's HTML?".to_owned()],
        n => vec![format!(
            "{{@html}} in {n} components where it is one: {}",
            places.join(", ")
        )],
    }
}

/// Colours are tokens: a theme is one file, not a search.
fn colours(file: &File) -> Vec<String> {
    let home = ["ui/src/styles/tokens.css", "ui/src/styles/code.css"].contains(&&*file.path);
    if home || file.path.starts_with("ui/src/bindings/") || file.is(&[".test.ts"]) {
        return Vec::new();
    }
    (1..)
        .zip(file.text.lines())
        .filter_map(|(number, line)| {
            let colour = colour_in(line, file.is(&[".ts", ".js"]))?;
            Some(format!(
                "{}:{number}: `{colour}`; colours are tokens",
                file.path
            ))
        })
        .collect()
}

/// The first literal colour of a line: `#0b746a`, `rgb(…`, `hsla(…`.
fn colour_in(line: &str, script: bool) -> Option<&str> {
    let functions = ["rgb(", "rgba(", "hsl(", "hsla("]
        .into_iter()
        .find(|function| {
            line.match_indices(function)
                .any(|(at, _)| !ends_in_a_word(&line[..at]))
        });
    let hex = line.match_indices('#').find_map(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + 1..]);
        let digits = after
            .find(|c: char| !c.is_ascii_hexdigit())
            .unwrap_or(after.len());
        let ends = !after[digits..].starts_with(|c: char| c.is_alphanumeric() || "_-".contains(c));
        // `this.#add`, `#bad = 1` and `href="#feed"` are a member, a member and a place. A style's
        // line may begin with a colour, a script's does not.
        let member = before.ends_with('.')
            || script
                && ["", "static", "readonly", "async", "get", "set"]
                    .contains(&before.split_whitespace().next_back().unwrap_or_default());
        let place = before.ends_with("href=\"") || before.ends_with("url(");
        (matches!(digits, 3 | 4 | 6 | 8) && ends && !member && !place)
            .then(|| &line[at..=at + digits])
    });
    hex.or(functions)
}

fn ends_in_a_word(text: &str) -> bool {
    text.ends_with(|c: char| c.is_alphanumeric() || "_-$".contains(c))
}

/// Vite copies every environment variable with its prefix into the bundle; the bundler's signing
/// key is in one that begins with `TAURI_`.
fn leaking_prefixes(file: &File) -> Vec<String> {
    if !file.path.starts_with("ui/vite.config.") {
        return Vec::new();
    }
    let secret = concat!("TAURI", "_");
    file.text
        .match_indices("envPrefix")
        .filter(|(at, name)| {
            let value = file.text[at + name.len()..].trim_start_matches([':', ' ', '\n']);
            let end = if value.starts_with('[') {
                value.find(']')
            } else {
                value.find([',', '\n'])
            };
            let value = &value[..end.unwrap_or(value.len())];
            // Every second piece between quotes is a literal.
            value
                .split(['"', '\'', '`'])
                .skip(1)
                .step_by(2)
                .any(|prefix| prefix.starts_with(secret) || secret.starts_with(prefix))
        })
        .map(|_| {
            format!(
                "{}: envPrefix lets {secret} variables into the bundle",
                file.path
            )
        })
        .collect()
}

/// A command that is not async runs on the thread that draws the window.
fn blocking_commands(file: &File) -> Vec<String> {
    if !file.path.starts_with("src-tauri/src/") || !file.is(&[".rs"]) {
        return Vec::new();
    }
    let is_command = |line: &str| {
        let line = line.trim_start();
        line.starts_with("#[tauri::command") || line.starts_with("#[command")
    };
    let lines: Vec<(usize, &str)> = (1..).zip(file.text.lines()).collect();
    lines
        .iter()
        .enumerate()
        .filter(|(_, (_, line))| is_command(line))
        .filter_map(|(index, _)| lines[index..].iter().find(|(_, line)| line.contains("fn ")))
        .filter(|(_, line)| !line.contains("async fn "))
        .map(|(number, line)| {
            format!(
                "{}:{number}: `{}` is a command and not async",
                file.path,
                line.trim()
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    const NOTHING: [String; 0] = [];

    /// What is said of one file beside a window that keeps the laws.
    fn said_of(path: &str, text: &str) -> Vec<String> {
        violations(&[
            file("ui/src/thread/Html.svelte", "{@html block}"),
            file(path, text),
        ])
    }

    #[test]
    fn only_host_may_import_the_shell() {
        let import = "import { invoke } from \"@tauri-apps/api/core\";\n";
        assert_eq!(said_of("ui/src/host/ipc.ts", import), NOTHING);
        for (path, text) in [
            ("ui/src/state/chat.svelte.ts", import),
            (
                "ui/src/App.svelte",
                "<script>\nconst c = await import('@tauri-apps/api/core')",
            ),
            (
                "ui/src/state/chat.test.ts",
                "vi.mock(\"@tauri-apps/api/core\", () => ({}));",
            ),
        ] {
            assert_eq!(
                said_of(path, text),
                [format!("{path}: only ui/src/host/ imports @tauri-apps/*")]
            );
        }
    }

    #[test]
    fn raw_html_stands_in_one_component() {
        assert_eq!(said_of("ui/src/connect/A.svelte", "<p>{name}</p>"), NOTHING);
        assert_eq!(
            said_of("ui/src/connect/A.svelte", "<p>{@html name}</p>"),
            ["{@html} in 2 components where it is one: \
                 ui/src/thread/Html.svelte, ui/src/connect/A.svelte"]
        );
        let none = violations(&[file("ui/src/App.svelte", "<p></p>")]);
        assert_eq!(
            none,
            ["{@html} in no component; who draws the core's HTML?"]
        );
    }

    #[test]
    fn shared_imports_from_no_domain() {
        let path = "ui/src/shared/menu/Menu.svelte";
        for allowed in [
            "../Button.svelte",
            "../../lib/keys",
            "bits-ui",
            "../../styles/base.css",
        ] {
            assert_eq!(
                said_of(path, &format!("import x from '{allowed}';")),
                NOTHING,
                "{allowed}"
            );
        }
        for (import, folder) in [
            ("import x from '../../thread/scroll';", "thread"),
            ("export * from \"../../state/chat.svelte\";", "state"),
            ("import '../../host/ipc';", "host"),
            ("import x from '$models/list';", "models"),
        ] {
            assert_eq!(
                said_of(path, import),
                [format!(
                    "{path}:1: ui/src/shared/ may not import from \"{folder}\""
                )]
            );
        }
    }

    #[test]
    fn colours_live_among_the_tokens() {
        for (line, colour) in [
            ("  color: #0b746a;", "#0b746a"),
            ("a{color:#fff}", "#fff"),
            ("<p style=\"color: #abcd\">", "#abcd"),
            ("const teal = '#0B746A80';", "#0B746A80"),
            ("  background: rgb(0 0 0 / 0.3);", "rgb("),
            ("  fill:hsl(174 83% 25%)", "hsl("),
            ("    #fff 0%,", "#fff"),
        ] {
            let broken = said_of("ui/src/thread/a.css", line);
            assert_eq!(
                broken,
                [format!(
                    "ui/src/thread/a.css:1: `{colour}`; colours are tokens"
                )]
            );
            assert_eq!(said_of("ui/src/styles/tokens.css", line), NOTHING);
            assert_eq!(said_of("ui/src/styles/code.css", line), NOTHING);
        }
    }

    #[test]
    fn what_only_looks_like_a_colour_is_let_be() {
        for line in [
            "{#each rows as row}",
            "    this.#add(row);",
            "<use href=\"#bed\" />",
            "  fill: url(#abc);",
            "  color: color-mix(in oklab, var(--accent) 20%, var(--canvas));",
            "const a = torgb(1);",
            "  /* #12345 is no colour */",
        ] {
            assert_eq!(said_of("ui/src/thread/A.svelte", line), NOTHING, "{line}");
        }
        for line in ["    #bad = 1;", "    static #fade = 2;"] {
            assert_eq!(
                said_of("ui/src/thread/a.svelte.ts", line),
                NOTHING,
                "{line}"
            );
        }
    }

    #[test]
    fn no_prefix_lets_the_signing_key_into_the_bundle() {
        let path = "ui/vite.config.ts";
        for leaking in [
            "[\"VITE_\", \"TAURI_\"]",
            "'TAURI_ENV_'",
            "['TAURI']",
            "\"T\"",
            "''",
        ] {
            let text = format!("export default {{\n  envPrefix: {leaking},\n}};");
            assert_eq!(
                said_of(path, &text),
                ["ui/vite.config.ts: envPrefix lets TAURI_ variables into the bundle"],
                "{leaking}"
            );
        }
        for kept in [
            "envPrefix: 'VITE_', // never TAURI_",
            "server: { host: 'TAURI_' }",
        ] {
            assert_eq!(said_of(path, kept), NOTHING, "{kept}");
        }
    }

    #[test]
    fn every_command_is_async() {
        let path = "src-tauri/src/commands/chat.rs";
        let good = "#[tauri::command]\n/// Sends.\n#[allow(x)]\npub async fn send() {}\nfn a() {}";
        assert_eq!(said_of(path, good), NOTHING);
        let bad = "fn a() {}\n#[tauri::command]\npub fn stop(id: u64) {}\n";
        assert_eq!(
            said_of(path, bad),
            [format!(
                "{path}:3: `pub fn stop(id: u64) {{}}` is a command and not async"
            )]
        );
        assert_eq!(
            said_of("src-tauri/src/a.rs", "#[command(async)]\nfn b() {}").len(),
            1
        );
    }
}
