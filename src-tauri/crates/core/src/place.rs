//! Where the conversations lie: in the profile's folder, or in another one that the person chose.
//!
//! `place.json` in the profile's folder names the other one. Replacing that file, which happens at once or not at all,
//! is the moment of a move: before it everything has been copied and checked, and after it the old is removed.

use crate::{
    Core,
    app::blocking,
    problem,
    wire::{AppEvent, DataPlace, Problem, ProblemCode as Code},
};
use history::holds_conversations;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

const FILE: &str = "place.json";
/// The folder that is made in a chosen one that holds other things.
const OWN: &str = "Causeway";
/// No path is longer.
const MOST: u64 = 64 * 1024;

#[derive(Serialize, Deserialize)]
struct Named {
    conversations: PathBuf,
}

/// Where the conversations of a profile lie, whether or not that can be reached.
fn named(profile: &Path) -> io::Result<PathBuf> {
    use io::Read as _;
    let mut text = String::new();
    match File::open(profile.join(FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(profile.to_owned()),
        file => file?.take(MOST).read_to_string(&mut text)?,
    };
    let Named { conversations } = serde_json::from_str(&text)?;
    if conversations.is_absolute() {
        Ok(conversations)
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}

/// Where the conversations of a profile lie. Elsewhere than in its own folder they have to be there: a drive that is not
/// connected must not look like a beginning.
pub(crate) fn of(profile: &Path) -> Result<PathBuf, Problem> {
    let folder = named(profile).map_err(|error| {
        let text = "The file place.json, which says where your conversations lie, can\u{2019}t be read. Mend it, or remove it \
                    to use the profile\u{2019}s own folder, then try again.";
        Problem::new(Code::Again, text).with_detail(error.to_string())
    })?;
    if folder != profile && !folder.join(history::FILE).is_file() {
        let text = format!(
            "Your conversations lie in {}, which can\u{2019}t be reached. Connect its drive, then try again.",
            folder.display()
        );
        return Err(Problem::new(Code::Again, text));
    }
    Ok(folder)
}

/// As [`of`], for showing it.
pub(crate) fn shown(profile: &Path) -> PathBuf {
    named(profile).unwrap_or_else(|_| profile.to_owned())
}

/// Names another folder, or again the profile's own.
fn name(profile: &Path, folder: &Path) -> io::Result<()> {
    let place = profile.join(FILE);
    if folder == profile {
        fs::remove_file(&place)?;
    } else {
        let new = profile.join("place.json.part");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new)?;
        let conversations = folder.to_owned();
        file.write_all(&serde_json::to_vec(&Named { conversations })?)?;
        file.sync_all()?;
        fs::rename(&new, &place)?;
    }
    // Where folders can't be opened the system sees to it.
    if let Ok(folder) = File::open(profile) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// The folder in the chosen one that conversations can move to: itself, if there is nothing in it.
fn target(profile: &Path, from: &Path, chosen: &Path) -> Result<PathBuf, Problem> {
    let refused = |text: &str| Err(Problem::new(Code::Refused, text));
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let chosen = real(chosen);
    if chosen == real(from) {
        return refused("Your conversations lie in this folder already.");
    }
    if chosen == real(profile) {
        return if holds_conversations(profile) {
            refused("There are other conversations in this folder. Choose another one.")
        } else {
            Ok(profile.to_owned())
        };
    }
    // What belongs to them goes as a whole when they move on.
    if [history::FILES, history::BACKUPS]
        .iter()
        .any(|inside| chosen.starts_with(real(from).join(inside)))
    {
        return refused("This folder moves along with your conversations. Choose another one.");
    }
    let empty = |folder: &Path| fs::read_dir(folder).map(|mut all| all.next().is_none());
    let target = match empty(&chosen) {
        Ok(true) => chosen,
        Ok(false) => chosen.join(OWN),
        Err(_) => return refused("This folder can\u{2019}t be read. Choose another one."),
    };
    match empty(&target) {
        Ok(true) => Ok(target),
        Ok(false) => refused(
            "There is a folder Causeway with something in it. Choose another folder, or an empty one.",
        ),
        Err(_) => {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(false);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            match builder.create(&target) {
                Ok(()) => Ok(target),
                Err(_) => refused("This folder can\u{2019}t be written to. Choose another one."),
            }
        }
    }
}

impl Core {
    /// Asks the person for a folder and takes the conversations there, with their copies and files: everything is copied
    /// and checked, then used, and only then is the old removed. None when they choose no folder. Answers that are being
    /// written are ended first, and temporary conversations end.
    ///
    /// # Errors
    /// The folder can't be used, the disk is full, or the conversations can't be read: they stay where they are.
    pub async fn move_data(&self) -> Result<Option<DataPlace>, Problem> {
        let Some(chosen) = self
            .0
            .ports
            .dialogs
            .pick_folder("Move your conversations to")
            .await
        else {
            return Ok(None);
        };
        let _turn = self.turn()?;
        self.history().await?;
        self.stop_all().await;
        let profile = self.0.folder.clone();
        let work = move |history: history::History| {
            let from = shown(&profile);
            let target = target(&profile, &from, &chosen)?;
            let path = profile.join(FILE);
            let switch = || {
                name(&profile, &target).map_err(|source| history::Error::Folder { path, source })
            };
            let moved = history.relocate(&target, switch);
            if moved.is_err() && target != profile {
                // Made for this, or empty before: only what is empty goes.
                let _ = fs::remove_dir(&target);
            }
            moved.map_err(|error| problem::history(&error))?;
            Ok(from)
        };
        let from = self.with_history_taken(work).await?;
        // From here on nobody has the old one open.
        let left = blocking(move || !history::remove_conversations(&from)).await?;
        self.history().await?;
        if left {
            let text = "Your conversations are moved. Some of what was in the folder before could not be removed: delete \
                        it by hand.";
            let problem = Problem::new(Code::Refused, text);
            self.tell(&AppEvent::Notice { problem });
        }
        self.tell(&AppEvent::Replaced);
        Ok(Some(self.data_place().await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_is_no_beginning() {
        let profile = tempfile::tempdir().unwrap();
        let profile = profile.path();
        assert_eq!(of(profile).unwrap(), profile);
        let other = tempfile::tempdir().unwrap();
        name(profile, other.path()).unwrap();
        assert!(
            of(profile)
                .unwrap_err()
                .message
                .contains("can\u{2019}t be reached")
        );
        assert_eq!(shown(profile), other.path());
        fs::write(other.path().join(history::FILE), "").unwrap();
        assert_eq!(of(profile).unwrap(), other.path());
        name(profile, profile).unwrap();
        assert_eq!(of(profile).unwrap(), profile);
    }

    #[test]
    fn a_place_that_makes_no_sense_is_told_and_left() {
        let profile = tempfile::tempdir().unwrap();
        let place = profile.path().join(FILE);
        for text in [
            "",
            "{",
            "{}",
            "{\"conversations\":\"../x\"}",
            "{\"conversations\":7}",
        ] {
            fs::write(&place, text).unwrap();
            assert!(of(profile.path()).is_err(), "{text}");
            assert_eq!(fs::read_to_string(&place).unwrap(), text);
        }
    }

    #[test]
    fn other_things_are_never_among_what_moves() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| {
            let path = root.path().join(name);
            fs::create_dir_all(&path).unwrap();
            path
        };
        let (profile, full) = (at("profile"), at("full"));
        fs::write(profile.join("vault.json"), "{}").unwrap();
        fs::write(profile.join(history::FILE), "").unwrap();
        fs::write(full.join("letter.txt"), "dear").unwrap();
        let to = |chosen: &Path| target(&profile, &profile, chosen);
        let empty = at("empty").canonicalize().unwrap();
        assert_eq!(to(&empty).unwrap(), empty);
        assert_eq!(
            to(&full).unwrap(),
            full.canonicalize().unwrap().join("Causeway")
        );
        fs::write(full.join("Causeway/x"), "").unwrap();
        for bad in [
            &profile,
            &full,
            &at("profile/files/x"),
            &root.path().join("none"),
        ] {
            assert!(to(bad).is_err(), "{}", bad.display());
        }
        // Back to where everything else of the profile lies.
        fs::remove_file(profile.join(history::FILE)).unwrap();
        fs::remove_dir_all(profile.join("files")).unwrap();
        assert_eq!(target(&profile, &empty, &profile).unwrap(), profile);
    }
}
