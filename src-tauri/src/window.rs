//! The one window: where it may go (nowhere), and how it comes forward.

use causeway_core::wire::Theme;
use std::path::PathBuf;
use tauri::{
    AppHandle, Manager, UserAttentionType, WebviewUrl, WebviewWindowBuilder,
    webview::NewWindowResponse,
};
use url::Url;

/// The window's label; the capability names it.
pub const MAIN: &str = "main";

/// Opens the window. It never leaves the app's own pages, and opens no other.
///
/// It has the chosen colours from its first paint. `storage` is where the web view keeps its own files; none leaves that to the system.
///
/// # Errors
/// The system has no web view to give.
pub fn open(app: &AppHandle, storage: Option<PathBuf>, chosen: Theme) -> tauri::Result<()> {
    let mut window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("Causeway")
        .inner_size(1240.0, 800.0)
        .min_inner_size(420.0, 480.0)
        .theme(theme(chosen))
        .on_navigation(own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny);
    if let Some(folder) = storage {
        window = window.data_directory(folder);
    }
    window.build()?;
    Ok(())
}

/// Gives every window the chosen colours, the system's frame included.
pub fn paint(app: &AppHandle, chosen: Theme) {
    app.set_theme(theme(chosen));
}

fn theme(chosen: Theme) -> Option<tauri::Theme> {
    match chosen {
        Theme::System => None,
        Theme::Light => Some(tauri::Theme::Light),
        Theme::Dark => Some(tauri::Theme::Dark),
    }
}

/// Shows the window and brings it forward; where the window system forbids that, asks for attention.
pub fn come(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else {
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
