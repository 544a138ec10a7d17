//! The shell: the only code that names Tauri. It opens the window, hands the core what it needs from the system, and
//! passes commands on. Deliberately absent: decisions, texts, secrets.

mod arguments;
#[cfg(test)]
mod boundary;
mod commands;
mod deep_link;
mod desk;
mod files;
mod hardening;
mod instance;
mod logging;
#[cfg(target_os = "macos")]
mod menu;
mod notify;
mod quick;
mod redact;
mod renderer;
mod system;
mod tray;
mod updates;
mod window;

use arguments::Arguments;
use causeway_core::{
    Core, Ports, Setup, SystemKeychain,
    ports::{Preferences as _, System},
};
use deep_link::AppLinks;
use desk::Desk;
use instance::Calls;
use renderer::Renderer;
use std::{ffi::OsString, path::PathBuf, process::ExitCode, sync::Arc};
use tauri::{App, AppHandle, Manager, RunEvent, Window, WindowEvent, async_runtime};

/// The name under which the system and its keychain know this app.
const BUNDLE_ID: &str = "dev.causeway.desktop";

/// Runs the app until it is quit.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    logging::start();
    hardening::start();
    let arguments = match Arguments::read(arguments) {
        Ok(arguments) => arguments,
        Err(why) => {
            tracing::error!("{why}");
            return ExitCode::from(2);
        }
    };
    let usual = dirs::data_dir().map(|data| data.join(BUNDLE_ID));
    let folder = arguments.place(usual.as_deref());
    let renderer = Renderer::choose(folder.as_deref());
    let mut context = tauri::generate_context!();
    // One process a profile: a second start hands its words to the first one and ends.
    context.config_mut().identifier = arguments.instance(BUNDLE_ID, usual.as_deref());
    let app = tauri::Builder::default()
        .manage(Calls::new(arguments.profile()))
        .plugin(tauri_plugin_single_instance::init(|app, words, _| {
            instance::called(app, words);
        }))
        .plugin(tauri_plugin_clipboard_manager::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(
            tauri_plugin_opener::Builder::new()
                .open_js_links_on_click(false)
                .build(),
        )
        .plugin(tauri_plugin_store::Builder::new().build())
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_updater::Builder::new().build())
        .invoke_handler(commands::handler())
        .on_menu_event(|app, event| {
            tray::chosen(app, &event);
            #[cfg(target_os = "macos")]
            menu::chosen(app, &event);
        })
        .on_window_event(on_window_event)
        .setup(move |app| set_up(app, arguments, folder, renderer))
        .build(context);
    match app {
        Ok(app) => {
            app.run(on_event);
            ExitCode::SUCCESS
        }
        Err(error) => {
            if instance::vanished(&error) {
                instance::try_again();
            }
            tracing::error!("the window could not be opened: {error}");
            ExitCode::FAILURE
        }
    }
}

fn set_up(
    app: &mut App,
    arguments: Arguments,
    folder: Option<PathBuf>,
    renderer: Renderer,
) -> Result<(), Box<dyn std::error::Error>> {
    let handle = app.handle().clone();
    let links = Arc::new(AppLinks::new(arguments.for_links()));
    let folder = folder.ok_or("this system has no folder for an app's data")?;
    let storage = (!arguments.is_usual()).then(|| folder.join("window"));
    let title = arguments.title();
    let preferences = Arc::new(system::Preferences::new(&handle, &folder));
    let settings = preferences.load();
    let ports = Ports {
        browser: Arc::new(system::Browser(handle.clone())),
        clipboard: Arc::new(system::Clipboard(handle.clone())),
        front: Arc::new(system::Front(handle.clone())),
        nature: Arc::new(System),
        preferences,
        keychain: Arc::new(SystemKeychain::new(BUNDLE_ID)),
        loopback: Arc::new(System),
        links: Arc::clone(&links) as _,
        dialogs: Arc::new(system::Dialogs(handle.clone())),
    };
    let setup = Setup {
        origin: arguments.origin,
        folder: folder.clone(),
        port: None,
    };
    // Reading the system's certificates takes as long as the web view's processes do to start. Nothing of the page can
    // ask for anything before this function has ended.
    let starting =
        std::thread::spawn(move || async_runtime::block_on(async { Core::start(setup, ports) }));
    let place = folder.join("window.json");
    renderer.begin();
    app.manage(Desk::new(folder, storage, title, renderer));
    app.manage(updates::Found::default());
    handle.plugin(
        tauri_plugin_window_state::Builder::new()
            .with_filename(place.to_string_lossy())
            .with_state_flags(desk::PLACE)
            .with_denylist(&[quick::QUICK])
            .build(),
    )?;
    if quick::has_shortcuts() {
        handle.plugin(tauri_plugin_global_shortcut::Builder::new().build())?;
    }
    #[cfg(target_os = "macos")]
    app.set_menu(menu::bar(&handle)?)?;
    if !arguments.quick {
        window::open(&handle, &settings)?;
    }
    let core = starting.join().map_err(|_| "the core fell over")?;
    app.manage(core.map_err(|problem| problem.message)?);
    if arguments.quick {
        quick::open(&handle);
    }
    // The system may take its time; the window does not wait for it.
    std::thread::spawn(move || links.register());
    if let Some(link) = arguments.link.or_else(deep_link::early) {
        deep_link::called(&handle, [link]);
    }
    instance::opened(&handle);
    Ok(())
}

fn on_window_event(window: &Window, event: &WindowEvent) {
    let app = window.app_handle();
    match event {
        WindowEvent::CloseRequested { api, .. }
            if window.label() == window::MAIN && tray::stays(app) =>
        {
            api.prevent_close();
            // A window that can't be hidden stays; the tray's menu ends the app.
            let _ = window.hide();
        }
        WindowEvent::Resized(_) | WindowEvent::Moved(_) => {
            if let Some(desk) = app.try_state::<Desk>() {
                desk.keep_place(app);
            }
        }
        WindowEvent::Destroyed => {
            if let Some(core) = app.try_state::<Core>() {
                core.unsubscribe(window.label());
            }
        }
        _ => {}
    }
}

fn on_event(app: &AppHandle, event: RunEvent) {
    match event {
        // The last window is closed, quick ask's perhaps, and the app is to stay behind its icon.
        RunEvent::ExitRequested {
            code: None, api, ..
        } if tray::stays(app) => api.prevent_exit(),
        RunEvent::ExitRequested { .. } => instance::leaves(app),
        RunEvent::Exit => {
            instance::leaves(app);
            if let Some(desk) = app.try_state::<Desk>() {
                desk.renderer.ended();
            }
            let core = app.state::<Core>().inner().clone();
            async_runtime::block_on(core.shut_down());
            desk::tidy(app);
            instance::gone(app);
        }
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => deep_link::opened(app, &urls),
        // A press on the app in the dock.
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::come(app),
        _ => {}
    }
}
