//! What the program is started with.

use causeway_core::{Origin, SCHEME};
use std::{
    ffi::{OsStr, OsString},
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

const QUICK: &str = "--quick";
/// The longest name of a profile.
const NAME: usize = 40;

/// Whether a second start asks for quick ask. Words behind a link are not read.
pub fn asks_quickly<W: AsRef<str>>(words: &[W]) -> bool {
    words
        .iter()
        .map(AsRef::as_ref)
        .take_while(|word| !is_link(OsStr::new(word)))
        .any(|word| word == QUICK)
}

/// What the words of a second start ask of an app that has to be started for them, as its arguments.
pub fn wishes<W: AsRef<str>>(words: &[W]) -> Vec<&str> {
    let link = words.iter().map(AsRef::as_ref);
    let link = link.skip(1).find(|word| is_link(OsStr::new(word)));
    let quick = asks_quickly(words).then_some(QUICK);
    quick.into_iter().chain(link).collect()
}

/// The arguments that mean something; everything else is ignored, because anyone can start this program with anything.
///
/// It has no `Debug`: a link may hold a sign-in code.
#[derive(PartialEq, Eq)]
pub struct Arguments {
    /// `--service http://127.0.0.1:PORT`: an emulator on this computer instead of OpenRouter.
    pub origin: Origin,
    /// `--data-dir FOLDER`: another profile.
    pub folder: Option<PathBuf>,
    /// `--profile NAME`: another profile, in a folder of that name beside the usual one's files.
    pub profile: Option<String>,
    /// `--links`: this profile's links are opened with this profile, although it is not the usual one.
    pub links: bool,
    /// `--quick`: opens quick ask, for window systems that give apps no shortcut of their own.
    pub quick: bool,
    /// The link that the system started the program with.
    pub link: Option<String>,
}

impl Arguments {
    /// Reads them, up to the first link. What stands behind one may be a part of it that some program failed to quote,
    /// so it is not read.
    ///
    /// # Errors
    /// A service that is not on this computer, or an option without its value.
    pub fn read(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, &'static str> {
        let mut read = Self {
            origin: Origin::openrouter(),
            folder: None,
            profile: None,
            links: false,
            quick: false,
            link: None,
        };
        while let Some(argument) = arguments.next() {
            if is_link(&argument) {
                read.link = argument.into_string().ok();
                break;
            }
            match argument.to_str() {
                Some("--service") => {
                    let text = arguments.next().and_then(|text| text.into_string().ok());
                    read.origin = text.and_then(|text| Origin::loopback(&text)).ok_or(
                        "--service takes http://127.0.0.1:PORT, an emulator on this computer",
                    )?;
                }
                Some("--data-dir") => {
                    let folder = arguments.next().filter(|folder| !folder.is_empty());
                    read.folder = Some(folder.ok_or("--data-dir takes a folder")?.into());
                }
                Some("--profile") => {
                    let name = arguments.next().and_then(|name| name.into_string().ok());
                    read.profile = Some(name.filter(|name| is_name(name)).ok_or(
                        "--profile takes a name: up to 40 letters from A to Z, digits, - and _, with a letter or digit first",
                    )?);
                }
                Some("--links") => read.links = true,
                Some(QUICK) => read.quick = true,
                _ => {}
            }
        }
        if read.folder.is_some() && read.profile.is_some() {
            return Err("--profile and --data-dir each name a profile: use one of them");
        }
        Ok(read)
    }

    /// The profile that is used when none is named.
    pub fn is_usual(&self) -> bool {
        self.folder.is_none() && self.profile.is_none() && !self.origin.is_emulated()
    }

    /// The profile's folder, `usual` being the app's own.
    pub fn place(&self, usual: Option<&Path>) -> Option<PathBuf> {
        if let Some(folder) = &self.folder {
            return Some(folder.clone());
        }
        let mut place = usual?.to_owned();
        if self.origin.is_emulated() {
            place.push("emulated");
        }
        if let Some(name) = &self.profile {
            // In small letters: to some systems they are the same. And no name of a device, such as `con`, stands alone.
            place.push(format!("profile-{}", name.to_ascii_lowercase()));
        }
        Some(place)
    }

    /// What the system knows this profile's process by. Two processes of one profile would each think that they own it.
    pub fn instance(&self, app: &str, usual: Option<&Path>) -> String {
        let named = self.folder.is_some() || self.profile.is_some();
        match self.place(usual).filter(|_| named) {
            Some(folder) => {
                let mut hasher = DefaultHasher::new();
                whereabouts(&folder).hash(&mut hasher);
                format!("{app}.p{:016x}", hasher.finish())
            }
            None if self.origin.is_emulated() => format!("{app}.emulated"),
            None => app.to_owned(),
        }
    }

    /// What the window is called, so that those of two profiles can be told apart.
    pub fn title(&self) -> String {
        let name = self.profile.as_deref();
        name.map_or_else(
            || "Causeway".to_owned(),
            |name| format!("{name} \u{2013} Causeway"),
        )
    }

    /// The options with which the system has to start this profile to open a link; none when links are for another.
    pub fn for_links(&self) -> Option<Vec<OsString>> {
        if !self.links {
            return self.is_usual().then(Vec::new);
        }
        Some(self.profile())
    }

    /// The options that start this profile once more.
    pub fn profile(&self) -> Vec<OsString> {
        let mut options: Vec<OsString> = Vec::new();
        if self.links {
            options.push("--links".into());
        }
        if self.origin.is_emulated() {
            options.extend(["--service".into(), self.origin.as_str().into()]);
        }
        if let Some(folder) = &self.folder {
            options.extend(["--data-dir".into(), whereabouts(folder).into_os_string()]);
        }
        if let Some(name) = &self.profile {
            options.extend(["--profile".into(), name.into()]);
        }
        options
    }
}

/// A name that is a file's on every system and can't lead out of its folder.
fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    name.len() <= NAME
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(fits)
}

/// Whether this begins as a link does, in any case and followed by anything.
fn is_link(argument: &OsStr) -> bool {
    let bytes = argument.as_encoded_bytes();
    bytes
        .split_at_checked(SCHEME.len())
        .is_some_and(|(scheme, rest)| {
            scheme.eq_ignore_ascii_case(SCHEME.as_bytes()) && rest.starts_with(b":")
        })
}

/// The one name of a folder that may not be there yet: as much of it as exists decides.
fn whereabouts(folder: &Path) -> PathBuf {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let real = absolute.ancestors().find_map(|above| {
        let rest = absolute.strip_prefix(above).ok()?;
        let real = above.canonicalize().ok()?;
        Some(if rest.as_os_str().is_empty() {
            real
        } else {
            real.join(rest)
        })
    });
    real.unwrap_or(absolute)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Arguments, &'static str> {
        Arguments::read(arguments.iter().map(OsString::from))
    }

    #[test]
    fn only_a_service_on_this_computer_is_taken() {
        assert!(
            read(&["--service", "http://127.0.0.1:9"])
                .unwrap()
                .origin
                .is_emulated()
        );
        assert!(read(&["--service", "https://evil.example"]).is_err());
        assert!(read(&["--service"]).is_err());
        assert_eq!(read(&[]).unwrap().origin, Origin::openrouter());
    }

    #[test]
    fn d8_what_is_not_known_is_ignored() {
        let read = read(&[
            "--remote-debugging-port=1",
            "|",
            "x",
            "--data-dir",
            "/tmp/p",
        ])
        .unwrap();
        assert_eq!(read.folder, Some("/tmp/p".into()));
        assert!(read.origin == Origin::openrouter() && !read.links && read.link.is_none());
    }

    #[test]
    fn d8_nothing_behind_a_link_is_read() {
        let link = "causeway://cb/x?code=y";
        for first in [link, "causeway:", "CauseWay://x", "causeway:--service"] {
            let behind = [
                "--data-dir",
                "/tmp/evil",
                "--service",
                "http://127.0.0.1:9",
                "--links",
                link,
            ];
            let all = [&["--data-dir", "/tmp/own", first], &behind[..]].concat();
            let read = read(&all).unwrap();
            assert_eq!(read.folder, Some("/tmp/own".into()), "{first}");
            assert!(read.origin == Origin::openrouter() && !read.links);
            assert_eq!(read.link.as_deref(), Some(first));
        }
        // What stands in an option's place is its value, and what merely looks similar is no link.
        for other in [
            "causeway",
            "--causeway://x",
            "xcauseway:x",
            "http://causeway:1",
        ] {
            assert!(read(&[other]).unwrap().link.is_none(), "{other}");
        }
    }

    #[test]
    fn d8_a_second_start_asks_for_quick_ask_alone_and_not_behind_a_link() {
        assert!(asks_quickly(&["causeway", "--data-dir", "/x", "--quick"]));
        assert!(read(&["--quick"]).unwrap().quick);
        for others in [
            &["causeway://cb/x", "--quick"][..],
            &["--quickly", "quick"],
            &[],
        ] {
            assert!(!asks_quickly(others), "{others:?}");
            assert!(!read(others).unwrap().quick);
        }
    }

    #[cfg(unix)]
    #[test]
    fn d8_arguments_that_are_no_text_are_ignored() {
        use std::os::unix::ffi::OsStringExt;
        let bytes = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        let all = [
            bytes(b"\xff--service"),
            bytes(b"causeway://cb/\xff\xfe"),
            "--links".into(),
        ];
        let read = Arguments::read(all.into_iter()).unwrap();
        assert!(read.link.is_none() && !read.links && read.folder.is_none());
    }

    #[test]
    fn each_profile_has_one_process_and_links_go_to_the_usual_one() {
        let folder = tempfile::tempdir().unwrap();
        let usual = folder.path().join("usual");
        let name = |arguments: &[&str]| read(arguments).unwrap().instance("app", Some(&usual));
        let at = |path: &Path| name(&["--data-dir", path.to_str().unwrap()]);
        assert_eq!(name(&[]), "app");
        assert_eq!(name(&["--links"]), "app");
        assert_eq!(name(&["--service", "http://127.0.0.1:9"]), "app.emulated");
        let missing = folder.path().join("not/yet");
        let before = at(&missing);
        assert_ne!(before, at(folder.path()));
        assert_eq!(before, at(&folder.path().join("./not/yet/")));
        std::fs::create_dir_all(&missing).unwrap();
        assert_eq!(before, at(&missing), "the same folder before and after");
        assert!(
            before.strip_prefix("app.p").unwrap().len() == 16,
            "a name that every system takes: {before}"
        );

        let options = |arguments: &[&str]| read(arguments).unwrap().for_links();
        assert_eq!(options(&[]), Some(vec![]));
        assert_eq!(options(&["--service", "http://127.0.0.1:9"]), None);
        assert_eq!(options(&["--data-dir", "/tmp"]), None);
        let own = [
            "--links",
            "--service",
            "http://127.0.0.1:9",
            "--data-dir",
            missing.to_str().unwrap(),
        ];
        let again = options(&own).unwrap();
        let read = Arguments::read(again.clone().into_iter()).unwrap();
        assert_eq!(read.profile(), again, "it starts the same profile");
        assert_eq!(read.for_links(), Some(again), "by a link, too");
        assert_eq!(read.instance("app", Some(&usual)), before);

        // A name and the folder that it stands for are one profile, and so are names in small and large letters.
        let named = name(&["--profile", "Work"]);
        assert_eq!(named, name(&["--profile", "work"]));
        assert_eq!(named, at(&usual.join("profile-work")));
        assert_ne!(named, name(&["--profile", "work-2"]));
        let emulated = ["--profile", "work", "--service", "http://127.0.0.1:9"];
        assert_ne!(named, name(&emulated));
        assert_eq!(options(&["--profile", "work"]), None);
        let again = options(&["--links", "--profile", "work"]).unwrap();
        assert_eq!(again, ["--links", "--profile", "work"]);
    }

    #[test]
    fn a_profile_has_a_folder_and_a_window_of_its_name() {
        let usual = Path::new("/data/app");
        let named = read(&["--profile", "Work"]).unwrap();
        assert_eq!(named.place(Some(usual)), Some(usual.join("profile-work")));
        assert_eq!(named.title(), "Work \u{2013} Causeway");
        assert!(!named.is_usual());
        let plain = read(&[]).unwrap();
        assert_eq!(plain.place(Some(usual)), Some(usual.into()));
        assert!(plain.is_usual() && plain.title() == "Causeway" && plain.place(None).is_none());
    }

    #[test]
    fn a_profile_of_any_other_name_is_refused() {
        for bad in [
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "a\\b",
            "a b",
            "-x",
            "_x",
            "a.b",
            "é",
            "a\0",
            "a\u{202e}b",
            &"x".repeat(41),
        ] {
            assert!(read(&["--profile", bad]).is_err(), "{bad:?}");
        }
        assert!(read(&["--profile"]).is_err());
        assert!(read(&["--profile", "a", "--data-dir", "/x"]).is_err());
        assert!(read(&["--profile", &"x".repeat(40)]).is_ok());
    }

    #[test]
    fn a_profile_is_started_once_more_by_its_own_options() {
        let profile = |arguments: &[&str]| read(arguments).unwrap().profile();
        assert_eq!(
            profile(&["--data-dir", "/tmp", "--quick"]),
            ["--data-dir", "/tmp"]
        );
        assert_eq!(profile(&[]), [] as [OsString; 0]);
    }

    #[test]
    fn d8_an_app_that_is_started_for_a_second_start_gets_its_wishes_alone() {
        let words = [
            "causeway",
            "--data-dir",
            "/x",
            "--quick",
            "causeway://cb/x",
            "--links",
        ];
        assert_eq!(wishes(&words), ["--quick", "causeway://cb/x"]);
        assert_eq!(
            wishes(&["causeway", "CauseWay:x", "--quick"]),
            ["CauseWay:x"]
        );
        assert!(
            wishes(&["causeway://x", "--service", "y"]).is_empty(),
            "the program's own name"
        );
    }
}
