//! What the shell remembers of its place on this computer, and what it does when a menu, the tray, a shortcut or a
//! second start asks for something.

use crate::{quick, renderer::Renderer, tray, updates, window};
use causeway_core::{
    Core,
    wire::{Action, AppEvent, Desk as Facts, QuickKey, Settings},
};
use std::{
    path::PathBuf,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tauri::{AppHandle, Manager, async_runtime};
use tauri_plugin_window_state::{AppHandleExt, StateFlags};

/// The place, one for the process.
pub struct Desk {
    /// The profile's folder.
    pub folder: PathBuf,
    /// Where the web views keep their own files; none leaves that to the system.
    pub storage: Option<PathBuf>,
    /// What the main window is called.
    pub title: String,
    pub renderer: Renderer,
    /// What is told to the main window once it listens.
    waiting: Mutex<Vec<AppEvent>>,
    quick_key: Mutex<QuickKey>,
    painted: AtomicBool,
    /// The windows' place is stored in a moment.
    keeping: AtomicBool,
}

/// What is remembered of a window.
pub const PLACE: StateFlags = StateFlags::SIZE
    .union(StateFlags::POSITION)
    .union(StateFlags::MAXIMIZED);
/// So long after a change its place is stored, however many come meanwhile.
const PAUSE: Duration = Duration::from_millis(500);

fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    pub fn new(
        folder: PathBuf,
        storage: Option<PathBuf>,
        title: String,
        renderer: Renderer,
    ) -> Self {
        let waiting = renderer.news().map(|problem| AppEvent::Notice { problem });
        Self {
            folder,
            storage,
            title,
            renderer,
            waiting: Mutex::new(waiting.into_iter().collect()),
            quick_key: Mutex::new(QuickKey::Off),
            painted: AtomicBool::new(false),
            keeping: AtomicBool::new(false),
        }
    }

    /// What waited for the main window; it hears it from now on by itself.
    pub fn waited(&self) -> Vec<AppEvent> {
        std::mem::take(&mut hold(&self.waiting))
    }

    /// Stores where the windows are, soon: an app that is ended from outside has no time for that.
    pub fn keep_place(&self, app: &AppHandle) {
        if self.keeping.swap(true, Ordering::Relaxed) {
            return;
        }
        let app = app.clone();
        async_runtime::spawn(async move {
            tokio::time::sleep(PAUSE).await;
            app.state::<Self>().keeping.store(false, Ordering::Relaxed);
            let here = app.clone();
            // There, because asking a window from elsewhere waits for that thread, which may wait for what is held here.
            let asked = app.run_on_main_thread(move || {
                if let Err(error) = here.save_window_state(PLACE) {
                    tracing::warn!(%error, "the window's place could not be stored");
                }
            });
            if let Err(error) = asked {
                tracing::warn!(%error, "the window's place could not be stored");
            }
        });
    }

    /// A window has painted; true for the first.
    pub fn painted(&self) -> bool {
        self.renderer.painted();
        !self.painted.swap(true, Ordering::Relaxed)
    }

    pub fn facts(&self, app: &AppHandle) -> Facts {
        Facts {
            folder: self.folder.display().to_string(),
            tray: tray::seen(app),
            quick_key: *hold(&self.quick_key),
            updates: updates::source().is_some(),
            drawing: self.renderer.drawing(),
        }
    }
}

/// Brings the main window forward and has it do something; a window that is not there yet does it when it is.
pub fn ask(app: &AppHandle, action: Action) {
    let Some(core) = app.try_state::<Core>() else {
        return;
    };
    let event = AppEvent::Asked { action };
    match app.get_webview_window(window::MAIN) {
        Some(_) => core.tell(&event),
        None => hold(&app.state::<Desk>().waiting).push(event),
    }
    window::come(app);
}

/// Locks, as the window does; what stands against it is told there.
pub fn lock(app: &AppHandle) {
    let Some(core) = app.try_state::<Core>() else {
        return;
    };
    let (core, app) = (core.inner().clone(), app.clone());
    async_runtime::spawn(async move {
        if let Err(problem) = core.lock().await {
            core.tell(&AppEvent::Notice { problem });
            window::come(&app);
        }
    });
}

/// Makes the system's things what the settings say. Cheap where nothing changed.
pub fn follow(app: &AppHandle, settings: &Settings) {
    window::paint(app, settings);
    tray::follow(app, settings.tray);
    let now = quick::follow(app, settings.quick_key);
    *hold(&app.state::<Desk>().quick_key) = now;
}

/// Leaves no empty folder behind: what stores the window's place makes the system's folder for settings each time, and
/// puts nothing there.
pub fn tidy(app: &AppHandle) {
    if let Ok(folder) = app.path().app_config_dir() {
        // One with anything in it stays.
        let _ = std::fs::remove_dir(folder);
    }
}
