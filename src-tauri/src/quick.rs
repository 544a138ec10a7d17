//! Quick ask: a small window over whatever the person is doing, opened by a shortcut of the whole system, by the tray or
//! by `causeway --quick`.

use crate::{desk::Desk, window};
use causeway_core::{Core, wire::QuickKey};
use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindowBuilder};
use tauri_plugin_global_shortcut::{GlobalShortcutExt, ShortcutState};

/// The window's label; its capability names it.
pub const QUICK: &str = "quick";
/// Command on macOS.
const SHORTCUT: &str = "CommandOrControl+Shift+Space";

/// Opens the window, or brings it forward. Returns at once.
pub fn open(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(QUICK) {
        // Each may be refused by the window system; the others still help.
        let _ = window.show();
        let _ = window.unminimize();
        let _ = window.set_focus();
        return;
    }
    let app = app.clone();
    // Some systems finish a window only while the thread that draws is free.
    std::thread::spawn(move || {
        if let Err(error) = make(&app) {
            tracing::warn!(%error, "quick ask could not be opened");
        }
    });
}

fn make(app: &AppHandle) -> tauri::Result<()> {
    let settings = app.state::<Core>().settings();
    let size = (640.0, 420.0);
    let mut quick = WebviewWindowBuilder::new(app, QUICK, WebviewUrl::default())
        .title("Quick Ask")
        .inner_size(size.0, size.1)
        .min_inner_size(420.0, 260.0)
        .center()
        .always_on_top(true)
        .skip_taskbar(true)
        .maximizable(false);
    if let Some(folder) = &app.state::<Desk>().storage {
        quick = quick.data_directory(folder.clone());
    }
    let quick = window::fenced(quick, settings.theme).build()?;
    window::zoom(&quick, &settings);
    let _ = quick.set_focus();
    Ok(())
}

/// Takes the system's shortcut or gives it back.
pub fn follow(app: &AppHandle, wanted: bool) -> QuickKey {
    if app
        .try_state::<tauri_plugin_global_shortcut::GlobalShortcut<tauri::Wry>>()
        .is_none()
    {
        return if wanted {
            QuickKey::Unknown
        } else {
            QuickKey::Off
        };
    }
    let keys = app.global_shortcut();
    match (wanted, keys.is_registered(SHORTCUT)) {
        (true, true) => QuickKey::Works,
        (true, false) => {
            let pressed = keys.on_shortcut(SHORTCUT, |app, _, event| {
                if event.state() == ShortcutState::Pressed {
                    open(app);
                }
            });
            match pressed {
                Ok(()) => QuickKey::Works,
                Err(error) => {
                    tracing::info!(%error, "quick ask has no shortcut");
                    QuickKey::Taken
                }
            }
        }
        (false, held) => {
            if held && let Err(error) = keys.unregister(SHORTCUT) {
                tracing::warn!(%error, "the shortcut could not be given back");
            }
            QuickKey::Off
        }
    }
}

/// True where the window system lets an app have a shortcut of the whole system. Wayland does not.
pub fn has_shortcuts() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let x11 = std::env::var_os("GDK_BACKEND").is_some_and(|backend| backend == "x11");
    !cfg!(target_os = "linux") || (set("DISPLAY") && (x11 || !set("WAYLAND_DISPLAY")))
}
