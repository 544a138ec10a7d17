//! The shell: the only code that names Tauri. It opens the window, hands the core what it needs from the system, and
//! passes commands on. Deliberately absent: decisions, texts, secrets.

mod arguments;
mod commands;
mod deep_link;
mod hardening;
mod logging;
mod redact;
mod system;
mod window;

use arguments::Arguments;
use causeway_core::{Core, Ports, Setup, SystemKeychain, ports::System};
use deep_link::AppLinks;
use std::{ffi::OsString, process::ExitCode, sync::Arc};
use tauri::{App, AppHandle, Manager, RunEvent, async_runtime};

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
    let mut context = tauri::generate_context!();
    // One process a profile: a second start hands its words to the first one and ends.
    context.config_mut().identifier = arguments.instance(BUNDLE_ID);
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, words, _| {
            deep_link::called(app, words.iter().skip(1));
        }))
        .plugin(tauri_plugin_clipboard_manager::init())
        .plugin(
            tauri_plugin_opener::Builder::new()
                .open_js_links_on_click(false)
                .build(),
        )
        .plugin(tauri_plugin_store::Builder::new().build())
        .invoke_handler(commands::handler())
        .setup(move |app| set_up(app, arguments))
        .build(context);
    match app {
        Ok(app) => {
            app.run(on_event);
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
    let links = Arc::new(AppLinks::new(arguments.for_links()));
    let usual = || Ok::<_, tauri::Error>(app.path().data_dir()?.join(BUNDLE_ID));
    let (folder, storage) = match arguments.folder {
        Some(folder) => (folder.clone(), Some(folder.join("window"))),
        None if arguments.origin.is_emulated() => {
            let folder = usual()?.join("emulated");
            (folder.clone(), Some(folder.join("window")))
        }
        None => (usual()?, None),
    };
    let ports = Ports {
        browser: Arc::new(system::Browser(handle.clone())),
        clipboard: Arc::new(system::Clipboard(handle.clone())),
        front: Arc::new(system::Front(handle.clone())),
        nature: Arc::new(System),
        preferences: Arc::new(system::Preferences::new(&handle, &folder)),
        keychain: Arc::new(SystemKeychain::new(BUNDLE_ID)),
        loopback: Arc::new(System),
        links: Arc::clone(&links) as _,
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
    // The system may take its time; the window does not wait for it.
    std::thread::spawn(move || links.register());
    if let Some(link) = arguments.link.or_else(deep_link::early) {
        deep_link::called(&handle, [link]);
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of a run callback")]
fn on_event(app: &AppHandle, event: RunEvent) {
    match event {
        RunEvent::Exit => {
            let core = app.state::<Core>().inner().clone();
            async_runtime::block_on(core.shut_down());
        }
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => deep_link::opened(app, &urls),
        _ => {}
    }
}
