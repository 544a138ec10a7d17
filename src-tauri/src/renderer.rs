//! How the web view draws on Linux: as usual, or in a gentler way where the window stayed empty the last time.
//!
//! Some graphics drivers and WebKitGTK's usual way do not get on: the window stays empty, or the app ends as it opens.
//! Nobody can change a setting then. So a start is noted before its window opens, and struck out once something was
//! painted; a start that finds the note of an earlier one goes one step further down, remembers it, and says so. Another
//! version of the app or of WebKitGTK begins anew.

use causeway_core::wire::{Drawing, Problem, ProblemCode};
use serde::{Deserialize, Serialize};
use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Mutex,
    time::{Duration, Instant},
};

/// Which way this process was started in again, by itself.
const MARK: &str = "CAUSEWAY_DRAWING";
const SHARED: &str = "WEBKIT_DMABUF_RENDERER_FORCE_SHM";
const SOFTWARE: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
/// Who sets one of these has made their own choice.
const CHOICES: [&str; 3] = [SHARED, SOFTWARE, "WEBKIT_DISABLE_COMPOSITING_MODE"];
/// Whoever closes a window this soon did not wait for it to be painted.
const SOON: Duration = Duration::from_secs(8);

/// What is known from one start to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    drawing: Drawing,
    /// The app and the web view that it is about.
    about: String,
    /// A start has begun and nothing was painted since.
    begun: bool,
}

/// How this process draws.
pub struct Renderer {
    drawing: Drawing,
    /// It goes a step further than the last start did.
    stepped: bool,
    /// Where the note lies; none where the person chose by themselves, and on other systems.
    note: Option<PathBuf>,
    /// When this start was noted; none once it was painted.
    begun: Mutex<Option<Instant>>,
}

/// The way after one that painted nothing.
fn next(drawing: Drawing) -> Drawing {
    match drawing {
        Drawing::Usual => Drawing::Shared,
        Drawing::Shared | Drawing::Software => Drawing::Software,
    }
}

/// The way to take, and whether it is another than the last.
fn decide(note: Option<&Note>, about: &str) -> (Drawing, bool) {
    match note {
        Some(note) if note.about == about => {
            let drawing = if note.begun {
                next(note.drawing)
            } else {
                note.drawing
            };
            (drawing, drawing != note.drawing)
        }
        _ => (Drawing::Usual, false),
    }
}

fn about() -> String {
    let view = tauri::webview_version().unwrap_or_default();
    format!("{} {view}", env!("CARGO_PKG_VERSION"))
}

fn read(path: &Path) -> Option<Note> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

impl Renderer {
    /// Decides, before anything of the window system was touched, for the profile in `folder`. Where another way than
    /// the usual has to be taken this process starts anew in its own place, because the web view reads it from the
    /// environment.
    pub fn choose(folder: Option<&Path>) -> Self {
        let plain = |note| Self {
            drawing: Drawing::Usual,
            stepped: false,
            note,
            begun: Mutex::new(None),
        };
        let Some(folder) = folder.filter(|_| cfg!(target_os = "linux")) else {
            return plain(None);
        };
        let note = folder.join("drawing.json");
        let (drawing, stepped) = decide(read(&note).as_ref(), &about());
        let set = |name: &&str| env::var_os(name).is_some();
        let mark = env::var(MARK).ok();
        if mark.is_none() && CHOICES.iter().any(set) {
            return plain(None);
        }
        if let Some(wanted) = other(mark.as_deref(), drawing) {
            start_again(wanted);
            return plain(Some(note));
        }
        Self {
            drawing,
            stepped,
            note: Some(note),
            begun: Mutex::new(None),
        }
    }

    pub fn drawing(&self) -> Drawing {
        self.drawing
    }

    /// What to tell the person, if this start does anything new.
    pub fn news(&self) -> Option<Problem> {
        self.stepped.then(|| {
            Problem::new(
                ProblemCode::Refused,
                "The window stayed empty the last time, so Causeway draws it in a gentler way now. \
                 Settings, Appearance can undo that.",
            )
        })
    }

    /// The window opens now. Only the process that has the profile says so.
    pub fn begin(&self) {
        self.write(true);
        *self.begun() = Some(Instant::now());
    }

    /// Something was painted.
    pub fn painted(&self) {
        if self.begun().take().is_some() {
            self.write(false);
        }
    }

    /// The app ends by itself. A window that was there long enough, and empty, is left noted.
    pub fn ended(&self) {
        let begun = self.begun().take();
        if begun.is_some_and(|begun| begun.elapsed() < SOON) {
            self.write(false);
        }
    }

    /// Draws as usual from the next start on.
    pub fn forget(&self) {
        if let Some(path) = &self.note
            && let Err(error) = fs::remove_file(path)
        {
            tracing::warn!(%error, "the way of drawing could not be forgotten");
        }
    }

    fn begun(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.begun
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self, begun: bool) {
        let Some(path) = &self.note else { return };
        let note = Note {
            drawing: self.drawing,
            about: about(),
            begun,
        };
        let written = serde_json::to_vec(&note)
            .map_err(std::io::Error::from)
            .and_then(|bytes| crate::files::replace(path, &bytes));
        if let Err(error) = written {
            tracing::warn!(%error, "how the window is drawn could not be noted");
        }
    }
}

/// The variable to begin anew with, or none of them, where the process was not started with what this way needs. A mark
/// may be an earlier process's that started this one, as after an update.
fn other(mark: Option<&str>, drawing: Drawing) -> Option<Option<&'static str>> {
    let wanted = match drawing {
        Drawing::Usual => None,
        Drawing::Shared => Some(SHARED),
        Drawing::Software => Some(SOFTWARE),
    };
    (mark != wanted).then_some(wanted)
}

/// Becomes the same program with this variable set, and no other. Returns only where that is not possible.
fn start_again(wanted: Option<&str>) {
    crate::instance::become_anew(|command| {
        for name in [MARK, SHARED, SOFTWARE] {
            command.env_remove(name);
        }
        if let Some(variable) = wanted {
            command.env(variable, "1").env(MARK, variable);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(drawing: Drawing, begun: bool) -> Note {
        Note {
            drawing,
            about: "now".into(),
            begun,
        }
    }

    #[test]
    fn a_start_that_painted_nothing_is_followed_by_a_gentler_one_down_to_the_last() {
        use Drawing::{Shared, Software, Usual};
        assert_eq!(decide(None, "now"), (Usual, false));
        for (last, begun, taken) in [
            (Usual, false, Usual),
            (Usual, true, Shared),
            (Shared, false, Shared),
            (Shared, true, Software),
            (Software, false, Software),
            (Software, true, Software),
        ] {
            let decided = decide(Some(&note(last, begun)), "now");
            assert_eq!(decided, (taken, taken != last), "{last:?} {begun}");
        }
        let other = note(Software, true);
        assert_eq!(
            decide(Some(&other), "newer"),
            (Usual, false),
            "a new version begins anew"
        );
    }

    #[test]
    fn a_process_that_was_not_started_for_its_way_begins_anew_once() {
        use Drawing::{Shared, Software, Usual};
        for (way, variable) in [
            (Usual, None),
            (Shared, Some(SHARED)),
            (Software, Some(SOFTWARE)),
        ] {
            for mark in [None, Some(SHARED), Some(SOFTWARE), Some("anything")] {
                let anew = (mark != variable).then_some(variable);
                assert_eq!(other(mark, way), anew, "{way:?} after {mark:?}");
            }
        }
    }

    #[test]
    fn a_start_is_noted_until_it_paints_and_a_window_closed_at_once_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("drawing.json");
        let renderer = |drawing| Renderer {
            drawing,
            stepped: false,
            note: Some(path.clone()),
            begun: Mutex::new(None),
        };
        let begun = || read(&path).unwrap().begun;
        let started = renderer(Drawing::Shared);
        started.begin();
        assert!(begun());
        started.painted();
        assert!(!begun());
        started.ended();
        assert_eq!(read(&path).unwrap().drawing, Drawing::Shared);

        let started = renderer(Drawing::Usual);
        started.begin();
        started.ended();
        assert!(!begun(), "closed at once");
        started.begin();
        *started.begun() = Instant::now().checked_sub(SOON * 2);
        started.ended();
        assert!(begun(), "it was there, and empty");

        fs::write(&path, "no note").unwrap();
        assert_eq!(decide(read(&path).as_ref(), "now"), (Drawing::Usual, false));
        started.forget();
        assert!(!path.exists());
    }
}
