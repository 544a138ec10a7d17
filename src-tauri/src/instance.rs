//! One process a profile: what a second start says to the first, whatever that one is doing just then.
//!
//! A second start ends as soon as its words were taken, so they may not be lost. The first one may not have opened its
//! window yet: it answers them then. It may be about to end: then it starts the app anew once it has let go of the
//! profile. It may vanish before it took them: then the second start tries again, for a bounded time.

use crate::{arguments, deep_link, quick};
use std::{
    env,
    ffi::OsString,
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};
use tauri::{AppHandle, Manager};

type Words = Vec<String>;

/// How often a start has tried to reach a first one.
const TRIES: &str = "CAUSEWAY_TRIES";
const TRIES_MAX: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);
/// More second starts than this are not remembered; nobody makes them by hand.
const WAITING_MAX: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing can be answered yet.
    Opening,
    Open,
    /// The app ends; nothing can be answered any more.
    Leaving,
    /// The profile belongs to whoever comes next.
    Gone,
}

/// Who takes the words.
#[derive(Debug, PartialEq, Eq)]
enum Taken {
    Now(Words),
    Later,
    /// An app that has to be started first.
    Anew(Words),
}

/// What second starts said, and whether it can be answered now.
pub struct Calls {
    /// The options that start this profile.
    profile: Vec<OsString>,
    stage: Mutex<(Stage, Vec<Words>)>,
}

impl Calls {
    pub fn new(profile: Vec<OsString>) -> Self {
        Self {
            profile,
            stage: Mutex::new((Stage::Opening, Vec::new())),
        }
    }

    fn take(&self, words: Words) -> Taken {
        let mut held = self.held();
        match held.0 {
            Stage::Open => Taken::Now(words),
            Stage::Gone => Taken::Anew(words),
            Stage::Opening | Stage::Leaving => {
                if held.1.len() < WAITING_MAX {
                    held.1.push(words);
                }
                Taken::Later
            }
        }
    }

    /// Goes on to another stage, with what waited for it.
    fn enter(&self, stage: Stage) -> Vec<Words> {
        let mut held = self.held();
        held.0 = stage;
        match stage {
            Stage::Opening | Stage::Leaving => Vec::new(),
            Stage::Open | Stage::Gone => std::mem::take(&mut held.1),
        }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, (Stage, Vec<Words>)> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A second start said this: its program, then its arguments.
pub fn called(app: &AppHandle, words: Words) {
    match app.state::<Calls>().take(words) {
        Taken::Later => {}
        Taken::Anew(words) => start(app, &words),
        Taken::Now(words) => {
            let app = app.clone();
            // Whoever brings a window forward may wait for the thread that draws, and that one, when it ends, for who
            // brought the words.
            thread::spawn(move || answer(&app, &words));
        }
    }
}

fn answer(app: &AppHandle, words: &[String]) {
    if arguments::asks_quickly(words) {
        quick::open(app);
    } else {
        deep_link::called(app, words.iter().skip(1));
    }
}

/// The window is there.
pub fn opened(app: &AppHandle) {
    for words in app.state::<Calls>().enter(Stage::Open) {
        answer(app, &words);
    }
}

/// The app begins to end.
pub fn leaves(app: &AppHandle) {
    app.state::<Calls>().enter(Stage::Leaving);
}

/// Nothing of the profile is in use any more. Who started the app meanwhile gets one.
pub fn gone(app: &AppHandle) {
    tauri_plugin_single_instance::destroy(app);
    // Each by itself: the later ones hand their words to the first. One of them may hold a sign-in code.
    for words in app.state::<Calls>().enter(Stage::Gone) {
        start(app, &words);
    }
}

/// Starts this profile as the words asked for it.
fn start(app: &AppHandle, words: &[String]) {
    let Some(program) = deep_link::program() else {
        return;
    };
    let mut command = Command::new(program);
    command
        .args(&app.state::<Calls>().profile)
        .args(arguments::wishes(words))
        .env_remove(TRIES)
        .stdin(Stdio::null());
    if let Err(error) = command.spawn() {
        tracing::warn!(%error, "the app could not be started anew");
    }
}

/// Whether this is how a start ends whose first one vanished before it took the words.
pub fn vanished(error: &tauri::Error) -> bool {
    matches!(error, tauri::Error::PluginInitialization(name, _) if name == "single-instance")
}

/// Starts this process anew in its own place, a moment later. Returns when it was tried often enough.
pub fn try_again() {
    let tries = env::var(TRIES).ok().and_then(|tries| tries.parse().ok());
    let tries: u32 = tries.unwrap_or(0);
    if tries < TRIES_MAX {
        thread::sleep(PAUSE);
        become_anew(|command| {
            command.env(TRIES, (tries + 1).to_string());
        });
    }
}

/// Becomes the same program with the same arguments and another environment. Returns only where that is not possible.
pub fn become_anew(change: impl FnOnce(&mut Command)) {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let Ok(program) = env::current_exe() else {
            return;
        };
        let mut command = Command::new(program);
        command.args(env::args_os().skip(1));
        change(&mut command);
        let error = command.exec();
        tracing::warn!(%error, "this program could not be started again");
    }
    #[cfg(not(unix))]
    let _ = change;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(last: &str) -> Words {
        vec!["causeway".into(), last.into()]
    }

    #[test]
    fn what_a_second_start_says_is_answered_whatever_the_first_one_does() {
        let calls = Calls::new(Vec::new());
        assert_eq!(calls.take(words("a")), Taken::Later, "no window yet");
        assert_eq!(calls.take(words("b")), Taken::Later);
        assert_eq!(calls.enter(Stage::Open), [words("a"), words("b")]);
        assert_eq!(calls.take(words("c")), Taken::Now(words("c")));

        assert_eq!(calls.enter(Stage::Leaving), [] as [Words; 0]);
        assert_eq!(calls.take(words("d")), Taken::Later, "it is ending");
        assert_eq!(calls.enter(Stage::Leaving), [] as [Words; 0], "still");
        assert_eq!(calls.enter(Stage::Gone), [words("d")], "one is started");
        assert_eq!(calls.take(words("e")), Taken::Anew(words("e")));
    }

    #[test]
    fn only_so_many_wait() {
        let calls = Calls::new(Vec::new());
        for _ in 0..WAITING_MAX * 2 {
            calls.take(words("again"));
        }
        assert_eq!(calls.enter(Stage::Open).len(), WAITING_MAX);
    }
}
