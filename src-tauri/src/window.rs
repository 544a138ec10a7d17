//! The windows: where they may go (nowhere), how they look, and how the main one comes forward.

use crate::desk::Desk;
use causeway_core::{
    Core,
    wire::{Settings, Theme},
};
use tauri::{
    AppHandle, DragDropEvent, Manager, UserAttentionType, WebviewUrl, WebviewWindow,
    WebviewWindowBuilder, WindowEvent, Wry, async_runtime, webview::NewWindowResponse,
};
use url::Url;

/// The main window's label; the capability names it.
pub const MAIN: &str = "main";

/// Opens the main window. Size and place are those of the last time, if there is still a screen there.
///
/// # Errors
/// The system has no web view to give, or the window is there already.
pub fn open(app: &AppHandle, settings: &Settings) -> tauri::Result<()> {
    let desk = app.state::<Desk>();
    let mut window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title(&desk.title)
        .inner_size(1240.0, 800.0)
        .min_inner_size(420.0, 480.0);
    if let Some(folder) = &desk.storage {
        window = window.data_directory(folder.clone());
    }
    let window = fenced(window, settings.theme).build()?;
    zoom(&window, settings);
    let handle = app.clone();
    window.on_window_event(move |event| dropped(&handle, event));
    Ok(())
}

/// Files that are dropped are attached. The system hands them to the core: the page is never told a path.
fn dropped(app: &AppHandle, event: &WindowEvent) {
    let WindowEvent::DragDrop(event) = event else {
        return;
    };
    let core = app.state::<Core>().inner().clone();
    match event {
        DragDropEvent::Enter { paths, .. } if !paths.is_empty() => core.dragging(true),
        DragDropEvent::Leave => core.dragging(false),
        DragDropEvent::Drop { paths, .. } => {
            let paths = paths.clone();
            async_runtime::spawn(async move {
                // What can't be attached says so in the window; no history at all is told there, too.
                drop(core.drop_files(MAIN, paths).await);
            });
        }
        _ => {}
    }
}

/// A window that never leaves the app's own pages and opens no other. It has the chosen colours from its first paint.
pub fn fenced<'a>(
    window: WebviewWindowBuilder<'a, Wry, AppHandle>,
    chosen: Theme,
) -> WebviewWindowBuilder<'a, Wry, AppHandle> {
    window
        .theme(theme(chosen))
        .on_navigation(own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
}

/// Gives every window the chosen colours, the system's frame included, and the chosen size of text.
pub fn paint(app: &AppHandle, settings: &Settings) {
    app.set_theme(theme(settings.theme));
    for window in app.webview_windows().values() {
        zoom(window, settings);
    }
}

/// Sizes a window's text, and all that is measured by it.
pub fn zoom(window: &WebviewWindow, settings: &Settings) {
    if let Err(error) = window.set_zoom(f64::from(settings.text_size) / 100.0) {
        tracing::warn!(%error, "the text keeps its size");
    }
}

fn theme(chosen: Theme) -> Option<tauri::Theme> {
    match chosen {
        Theme::System => None,
        Theme::Light => Some(tauri::Theme::Light),
        Theme::Dark => Some(tauri::Theme::Dark),
    }
}

/// Shows the main window and brings it forward, opening it if it is not there; where the window system forbids that, asks
/// for attention. Returns at once.
pub fn come(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else {
        let app = app.clone();
        // Some systems finish a window only while the thread that draws is free.
        std::thread::spawn(move || {
            let settings = app.state::<Core>().settings();
            if let Err(error) = open(&app, &settings) {
                tracing::warn!(%error, "the window could not be opened");
            }
        });
        return;
    };
    // Each may be refused by the window system; the others still help.
    let _ = window.show();
    let _ = window.unminimize();
    if window.set_focus().is_err() || !window.is_focused().unwrap_or(false) {
        let _ = window.request_user_attention(Some(UserAttentionType::Informational));
    }
}

/// `tauri://localhost` on Linux and macOS, `http://tauri.localhost` on Windows.
fn own_page(url: &Url) -> bool {
    let own = if cfg!(windows) {
        ("http", "tauri.localhost")
    } else {
        ("tauri", "localhost")
    };
    (url.scheme(), url.host_str()) == (own.0, Some(own.1)) && url.port().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_stays_on_its_own_pages() {
        let own = if cfg!(windows) {
            "http://tauri.localhost/"
        } else {
            "tauri://localhost/"
        };
        assert!(own_page(&Url::parse(own).unwrap()));
        for other in [
            "https://evil.example/",
            "http://localhost:3000/",
            "http://tauri.localhost.evil.example/",
            "file:///etc/passwd",
            "data:text/html,x",
            "about:blank",
            "tauri://evil/",
            "http://tauri.localhost:81/",
        ] {
            assert!(!own_page(&Url::parse(other).unwrap()), "{other}");
        }
    }
}
