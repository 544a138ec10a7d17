//! The icon in the tray.

use crate::{desk, quick, window};
use causeway_core::{
    Core,
    wire::{Action, Tray},
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tauri::{
    AppHandle, Manager,
    menu::{MenuBuilder, MenuEvent},
    tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent},
};

const ID: &str = "causeway";

/// Shows the icon or takes it away.
pub fn follow(app: &AppHandle, wanted: Tray) {
    let wanted = wanted != Tray::Off;
    if wanted == app.tray_by_id(ID).is_some() {
        return;
    }
    // The system's library is one of those that must be called from the thread that draws.
    let here = app.clone();
    let done = app.run_on_main_thread(move || {
        if !wanted {
            here.remove_tray_by_id(ID);
            return;
        }
        // On Linux the library that shows it may be missing, and its binding says so by a panic.
        match catch_unwind(AssertUnwindSafe(|| show(&here))) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "no icon in the tray"),
            Err(_) => tracing::warn!("no icon in the tray: the system has no library for it"),
        }
    });
    if let Err(error) = done {
        tracing::warn!(%error, "no icon in the tray");
    }
}

fn show(app: &AppHandle) -> tauri::Result<()> {
    let menu = MenuBuilder::new(app)
        .text("tray-open", "Open Causeway")
        .text("tray-new", "New Chat")
        .text("tray-quick", "Quick Ask")
        .separator()
        .text("tray-lock", "Lock")
        .separator()
        .text("tray-quit", "Quit")
        .build()?;
    let mut tray = TrayIconBuilder::with_id(ID)
        .menu(&menu)
        .tooltip("Causeway")
        .show_menu_on_left_click(cfg!(target_os = "macos"))
        .on_tray_icon_event(|tray, event| {
            let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            else {
                return;
            };
            // On macOS the click has opened the menu.
            if !cfg!(target_os = "macos") {
                window::come(tray.app_handle());
            }
        });
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    tray.build(app)?;
    Ok(())
}

/// What an item of the tray's menu does; other menus have other ids.
pub fn chosen(app: &AppHandle, event: &MenuEvent) {
    match event.id().as_ref() {
        "tray-open" => window::come(app),
        "tray-new" => desk::ask(app, Action::NewChat),
        "tray-quick" => quick::open(app),
        "tray-lock" => desk::lock(app),
        "tray-quit" => app.exit(0),
        _ => {}
    }
}

/// True when closing the window is to leave the app in the tray, and it can be reached there.
pub fn stays(app: &AppHandle) -> bool {
    let wanted = app
        .try_state::<Core>()
        .is_some_and(|core| core.settings().tray == Tray::Stay);
    wanted && seen(app)
}

/// True when there is an icon, and something that shows it.
pub fn seen(app: &AppHandle) -> bool {
    app.tray_by_id(ID).is_some() && shown_by_the_desktop()
}

/// On Linux an icon is a service that a desktop may or may not look for.
#[cfg(target_os = "linux")]
fn shown_by_the_desktop() -> bool {
    use gio::glib::variant::ToVariant;
    const WATCHER: &str = "org.kde.StatusNotifierWatcher";
    // Milliseconds; the bus itself answers, no program.
    const PATIENCE: i32 = 500;
    let Ok(bus) = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE) else {
        return false;
    };
    let answer = bus.call_sync(
        Some("org.freedesktop.DBus"),
        "/org/freedesktop/DBus",
        "org.freedesktop.DBus",
        "NameHasOwner",
        Some(&(WATCHER,).to_variant()),
        None,
        gio::DBusCallFlags::NONE,
        PATIENCE,
        gio::Cancellable::NONE,
    );
    answer.is_ok_and(|answer| answer.get::<(bool,)>() == Some((true,)))
}

#[cfg(not(target_os = "linux"))]
fn shown_by_the_desktop() -> bool {
    true
}
