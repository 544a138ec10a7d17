//! The shell: the only code that names Tauri. It opens the window, hands the core what it needs from the system, and
//! passes commands on. Deliberately absent: decisions, texts, secrets.

mod arguments;
mod commands;
mod hardening;
mod logging;
mod redact;
mod system;
mod window;

use arguments::Arguments;
use causeway_core::{Core, Ports, Setup, SystemKeychain, ports::System};
use std::{ffi::OsString, process::ExitCode, sync::Arc};
use tauri::{App, AppHandle, Manager, RunEvent, async_runtime};

/// The name under which the keychain knows this app.
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
    let mut builder = tauri::Builder::default();
    if arguments.folder.is_none() {
        // One process a profile; a second start shows the first one's window.
        builder = builder.plugin(tauri_plugin_single_instance::init(|app, _, _| {
            window::come(app);
        }));
    }
    let app = builder
        .plugin(tauri_plugin_clipboard_manager::init())
        .plugin(
            tauri_plugin_opener::Builder::new()
                .open_js_links_on_click(false)
                .build(),
        )
        .plugin(tauri_plugin_store::Builder::new().build())
        .invoke_handler(commands::handler())
        .setup(move |app| set_up(app, arguments))
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run(quit);
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!("the window could not be opened: {error}");
            ExitCode::FAILURE
        }
    }
}

fn set_up(app: &mut App, arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let handle = app.handle().clone();
    let storage = arguments
        .folder
        .as_ref()
        .map(|folder| folder.join("window"));
    let folder = match arguments.folder {
        Some(folder) => folder,
        None if arguments.origin.is_emulated() => app.path().app_data_dir()?.join("emulated"),
        None => app.path().app_data_dir()?,
    };
    let ports = Ports {
        browser: Arc::new(system::Browser(handle.clone())),
        clipboard: Arc::new(system::Clipboard(handle.clone())),
        front: Arc::new(system::Front(handle.clone())),
        nature: Arc::new(System),
        preferences: Arc::new(system::Preferences::new(&handle, &folder)),
        keychain: Arc::new(SystemKeychain::new(BUNDLE_ID)),
    };
    let setup = Setup {
        origin: arguments.origin,
        folder,
        port: None,
    };
    let core = async_runtime::block_on(async { Core::start(setup, ports) })
        .map_err(|problem| problem.message)?;
    let theme = core.settings().theme;
    app.manage(core);
    window::open(&handle, storage, theme)?;
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of a run callback")]
fn quit(app: &AppHandle, event: RunEvent) {
    if let RunEvent::Exit = event {
        let core = app.state::<Core>().inner().clone();
        async_runtime::block_on(core.shut_down());
    }
}
