//! `causeway://` links: has the system open them with this program, and asks it whether it does.
//!
//! What a link means is the core's to say ([`Core::called`]). Nothing here sends a link, or an event of any kind, to the
//! window.

use causeway_core::{Core, ports};
use std::{ffi::OsString, path::PathBuf, sync::Mutex};
use tauri::{AppHandle, Manager};

/// The command that opens this profile's links: program and options, without the link itself.
pub struct AppLinks(Option<Vec<OsString>>);

impl AppLinks {
    /// `options` start this profile; none when links are opened with another one.
    pub fn new(options: Option<Vec<OsString>>) -> Self {
        let command = options.and_then(|options| {
            let program = program()?.into_os_string();
            Some([vec![program], options].concat())
        });
        Self(command)
    }

    /// Makes this program the one that opens the links, unless there is one already: that was the person's choice, or
    /// a package's. Where it does not work, the sign-in has other ways back. May wait for the system.
    pub fn register(&self) {
        if let Some(command) = &self.0
            && !system::has_handler()
            && system::register(command).is_none()
        {
            tracing::warn!("this program could not be made the one that opens causeway:// links");
        }
    }
}

impl ports::AppLinks for AppLinks {
    fn are_ours(&self) -> bool {
        self.0.as_deref().is_some_and(system::is_handler)
    }
}

/// A link that came before there was a core to tell.
static EARLY: Mutex<Option<String>> = Mutex::new(None);

/// The link that a start by link came with as an event, where that is how the system does it.
pub fn early() -> Option<String> {
    EARLY.lock().ok()?.take()
}

/// Links come as events on macOS, at a start by link possibly before there is a core.
#[cfg(target_os = "macos")]
pub fn opened(app: &AppHandle, urls: &[url::Url]) {
    if app.try_state::<Core>().is_some() {
        called(app, urls);
    } else if let (Ok(mut early), Some(url)) = (EARLY.lock(), urls.first()) {
        *early = Some(url.as_str().to_owned());
    }
}

/// Hands on what the app was called with. Before there is a core, no sign-in can be waiting for it.
pub fn called<W: AsRef<str>>(app: &AppHandle, words: impl IntoIterator<Item = W>) {
    if let Some(core) = app.try_state::<Core>() {
        core.called(words);
    }
}

/// This program, by the path that stays: an AppImage's own and not that of its mount.
pub fn program() -> Option<PathBuf> {
    #[cfg(target_os = "linux")]
    if let Some(image) = tauri::Env::default().appimage {
        return PathBuf::from(image).canonicalize().ok();
    }
    std::env::current_exe().ok()?.canonicalize().ok()
}

/// Two commands that start the same program with the same options.
#[cfg(any(target_os = "linux", windows))]
fn same(one: &[OsString], other: &[OsString]) -> bool {
    let real = |command: &[OsString]| PathBuf::from(command.first()?).canonicalize().ok();
    let program = real(one);
    program.is_some() && program == real(other) && one[1..] == other[1..]
}

/// The desktop's entries and choices, as GLib reads and writes them.
#[cfg(target_os = "linux")]
mod system {
    use causeway_core::SCHEME;
    use gio::{AppInfo, DesktopAppInfo, glib, prelude::AppInfoExt};
    use std::{
        ffi::{OsStr, OsString},
        fs,
        io::Write,
    };

    /// Not the name that a package's entry has, so that neither hides the other.
    const ENTRY: &str = "causeway-link.desktop";

    /// An entry whose program is gone counts as none.
    pub fn has_handler() -> bool {
        AppInfo::default_for_uri_scheme(SCHEME).is_some()
    }

    pub fn is_handler(command: &[OsString]) -> bool {
        let handler = AppInfo::default_for_uri_scheme(SCHEME);
        let line = handler.and_then(|handler| handler.commandline());
        line.and_then(|line| words(line.as_os_str()))
            .is_some_and(|words| super::same(command, &words))
    }

    pub fn register(command: &[OsString]) -> Option<()> {
        let folder = glib::user_data_dir().join("applications");
        let entry = entry(command)?;
        fs::create_dir_all(&folder).ok()?;
        let (path, fresh) = (folder.join(ENTRY), folder.join(format!(".{ENTRY}.new")));
        let mut file = fs::File::create(&fresh).ok()?;
        file.write_all(entry.as_bytes()).ok()?;
        file.sync_all().ok()?;
        fs::rename(&fresh, &path).ok()?;
        let handler = DesktopAppInfo::from_filename(&path)?;
        let kind = format!("x-scheme-handler/{SCHEME}");
        handler.set_as_default_for_type(&kind).ok()
    }

    fn entry(command: &[OsString]) -> Option<String> {
        let words: Option<Vec<_>> = command.iter().map(|word| quoted(word.to_str()?)).collect();
        let exec = words?.join(" ");
        Some(format!(
            "[Desktop Entry]\nType=Application\nName=Causeway\nExec={exec} %u\nNoDisplay=true\n\
             Terminal=false\nMimeType=x-scheme-handler/{SCHEME};\n"
        ))
    }

    /// A word of an `Exec` line (Desktop Entry Specification, "The Exec key"). Quoted only where it must be: some
    /// openers understand no quotes. None for what no line can hold.
    fn quoted(word: &str) -> Option<String> {
        if word.chars().any(char::is_control) {
            return None;
        }
        let plain = |c: char| c.is_alphanumeric() || "/._-:=+,@".contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            return Some(word.to_owned());
        }
        let mut text = String::from("\"");
        for c in word.chars() {
            match c {
                // Once for the quotes, and each backslash once more for the file.
                '"' | '`' | '$' => text.extend(["\\\\", &c.to_string()]),
                '\\' => text.push_str("\\\\\\\\"),
                '%' => text.push_str("%%"),
                _ => text.push(c),
            }
        }
        text.push('"');
        Some(text)
    }

    /// An `Exec` line taken apart: the program with its path, the options, no place for a link.
    fn words(line: &OsStr) -> Option<Vec<OsString>> {
        let mut words = glib::shell_parse_argv(line).ok()?;
        words.retain(|word| word != "%u" && word != "%U");
        for word in &mut words {
            *word = word.to_str()?.replace("%%", "%").into();
        }
        let program = glib::find_program_in_path(words.first()?)?;
        words[0] = program.into_os_string();
        Some(words)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn an_entry_says_what_to_start_whatever_is_in_the_path() {
            for option in [
                "/plain/path",
                "/with space/x",
                "",
                "/quote\"s",
                "/dollar$HOME",
                "/tick`id`",
                "/back\\slash",
                "/percent%u",
                "/umlaut-\u{e4}",
                "a;b&c|d<e>f*g?h#i(j)k~l'm",
            ] {
                let command = ["/bin/sh", "--data-dir", option].map(OsString::from);
                let text = entry(&command).unwrap();
                let file = glib::KeyFile::new();
                file.load_from_data(&text, glib::KeyFileFlags::NONE)
                    .unwrap();
                let line = file.string("Desktop Entry", "Exec").unwrap();
                assert_eq!(words(OsStr::new(&*line)).unwrap(), command, "{text}");
            }
            assert!(entry(&["/bin/sh".into(), "a\nExec=evil".into()]).is_none());
            // GLib takes these as they are; another opener may hand the line to a shell.
            let word = quoted("a $b `c` \"d").unwrap();
            assert_eq!(word, r#""a \\$b \\`c\\` \\"d""#);
        }

        #[test]
        fn a_package_s_entry_names_its_program_without_a_path() {
            let words = words(OsStr::new("sh %U")).unwrap();
            assert!(super::super::same(&["/bin/sh".into()], &words), "{words:?}");
            assert!(!super::super::same(&["/bin/ls".into()], &words));
            assert!(!super::super::same(
                &["/bin/sh".into(), "-x".into()],
                &words
            ));
            assert!(!super::super::same(&[], &words) && !super::super::same(&words, &[]));
        }
    }
}

/// The registry.
#[cfg(windows)]
mod system {
    use causeway_core::SCHEME;
    use std::{ffi::OsString, path::Path};
    use windows_registry::{CLASSES_ROOT, CURRENT_USER};

    /// What the person chose in the system's settings, if they did.
    const CHOICE: &str =
        r"Software\Microsoft\Windows\Shell\Associations\UrlAssociations\causeway\UserChoice";

    /// An entry whose program is gone counts as none.
    pub fn has_handler() -> bool {
        handler().is_some_and(|command| command.first().is_some_and(|p| Path::new(p).is_file()))
    }

    pub fn is_handler(command: &[OsString]) -> bool {
        handler().is_some_and(|handler| super::same(command, &handler))
    }

    fn handler() -> Option<Vec<OsString>> {
        let choice = CURRENT_USER.open(CHOICE);
        let class = choice
            .and_then(|key| key.get_string("ProgId"))
            .unwrap_or_else(|_| SCHEME.to_owned());
        let key = CLASSES_ROOT.open(format!(r"{class}\shell\open\command"));
        let line = key.and_then(|key| key.get_string("")).ok()?;
        Some(super::words(&line))
    }

    pub fn register(command: &[OsString]) -> Option<()> {
        let words: Option<Vec<_>> = command
            .iter()
            .map(|word| word.to_str().filter(|word| !word.contains('"')))
            .collect();
        let line = format!("\"{}\" \"%1\"", words?.join("\" \""));
        let class = format!(r"Software\Classes\{SCHEME}");
        let key = CURRENT_USER.create(&class).ok()?;
        key.set_string("", "URL:Causeway").ok()?;
        key.set_string("URL Protocol", "").ok()?;
        let key = CURRENT_USER.create(format!(r"{class}\shell\open\command"));
        key.and_then(|key| key.set_string("", &line)).ok()
    }
}

/// The words of a command line of the registry, without the place for the link.
#[cfg(any(windows, test))]
fn words(line: &str) -> Vec<OsString> {
    let mut words = Vec::new();
    // Every second part is quoted; paths hold no quotes.
    for (nth, part) in line.split('"').enumerate() {
        if nth % 2 == 1 {
            words.push(part);
        } else {
            words.extend(part.split_whitespace());
        }
    }
    let words = words.into_iter().filter(|word| *word != "%1");
    words.map(OsString::from).collect()
}

/// The bundle names the scheme; the system decides which bundle opens it.
#[cfg(target_os = "macos")]
mod system {
    use objc2_app_kit::NSWorkspace;
    use objc2_foundation::{NSBundle, NSString, NSURL};
    use std::ffi::OsString;

    /// Nothing can be registered while running.
    pub fn has_handler() -> bool {
        true
    }

    pub fn register(_command: &[OsString]) -> Option<()> {
        None
    }

    pub fn is_handler(command: &[OsString]) -> bool {
        let opens = || {
            let link = NSURL::URLWithString(&NSString::from_str("causeway://cb"))?;
            NSWorkspace::sharedWorkspace()
                .URLForApplicationToOpenURL(&link)?
                .path()
        };
        // A bundle is started without options.
        let own = NSBundle::mainBundle().bundlePath();
        command.len() == 1 && opens().is_some_and(|path| path == own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d13_a_profile_that_links_do_not_reach_never_waits_for_one() {
        assert!(!ports::AppLinks::are_ours(&AppLinks::new(None)));
    }

    #[test]
    fn d14_nothing_in_the_shell_sends_events_to_the_window() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        let list = |below: &str| std::fs::read_dir(format!("{folder}{below}")).unwrap();
        let mut read = 0;
        let sources = list("").chain(list("/commands")).flatten();
        for path in sources.map(|entry| entry.path()) {
            let Ok(text) = std::fs::read_to_string(&path) else {
                continue;
            };
            read += 1;
            for sending in ["Emitter", "emit(", "emit_to(", "deep-link://"] {
                let here = text.matches(sending).count();
                let allowed = usize::from(path.ends_with("deep_link.rs"));
                assert!(here <= allowed, "{sending} in {}", path.display());
            }
        }
        assert!(read > 12, "the sources were not read");
    }

    #[test]
    fn the_installers_register_the_same_scheme() {
        let config: serde_json::Value =
            serde_json::from_str(include_str!("../tauri.conf.json")).unwrap();
        let schemes = &config["plugins"]["deep-link"]["desktop"]["schemes"];
        assert_eq!(*schemes, serde_json::json!([causeway_core::SCHEME]));
    }

    #[test]
    fn a_command_line_of_the_registry_is_taken_apart() {
        let taken = words(r#""C:\Program Files\Causeway\causeway.exe" "%1""#);
        assert_eq!(taken, [r"C:\Program Files\Causeway\causeway.exe"]);
        let taken = words(r#"C:\x.exe --links "--data-dir" "C:\a b" "%1""#);
        assert_eq!(taken, [r"C:\x.exe", "--links", "--data-dir", r"C:\a b"]);
        assert_eq!(words(""), Vec::<OsString>::new());
    }
}
