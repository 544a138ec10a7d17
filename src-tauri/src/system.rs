//! The system, as the core asks for it.

use async_trait::async_trait;
use causeway_core::{
    ports::{self, CouldNot},
    wire::Settings,
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tauri::{AppHandle, Manager, async_runtime::channel, image::Image};
use tauri_plugin_clipboard_manager::ClipboardExt;
use tauri_plugin_dialog::{DialogExt, FileDialogBuilder};
use tauri_plugin_opener::OpenerExt;
use tauri_plugin_store::StoreExt;

/// The person's own browser.
pub struct Browser(pub AppHandle);

impl ports::OpenBrowser for Browser {
    fn open(&self, url: &url::Url) -> Result<(), CouldNot> {
        self.0
            .opener()
            .open_url(url.as_str(), None::<&str>)
            .map_err(|_| CouldNot)
    }
}

/// The system's clipboard.
pub struct Clipboard(pub AppHandle);

impl ports::Clipboard for Clipboard {
    fn write(&self, text: &str) -> Result<(), CouldNot> {
        self.0.clipboard().write_text(text).map_err(|_| CouldNot)
    }

    fn write_picture(&self, width: u32, height: u32, pixels: Vec<u8>) -> Result<(), CouldNot> {
        let picture = Image::new_owned(pixels, width, height);
        self.0
            .clipboard()
            .write_image(&picture)
            .map_err(|_| CouldNot)
    }
}

/// The system's dialogs for files. The plugin is open to this code alone: the window never sees a path.
pub struct Dialogs(pub AppHandle);

#[async_trait]
impl ports::Dialogs for Dialogs {
    async fn open_files(&self, title: &str) -> Vec<PathBuf> {
        let (sender, mut chosen) = channel(1);
        self.dialog()
            .set_title(title)
            .pick_files(move |files| drop(sender.try_send(files)));
        let files = chosen.recv().await.flatten().unwrap_or_default();
        files
            .into_iter()
            .filter_map(|file| file.into_path().ok())
            .collect()
    }

    async fn pick_folder(&self, title: &str) -> Option<PathBuf> {
        let (sender, mut chosen) = channel(1);
        self.dialog()
            .set_title(title)
            .pick_folder(move |folder| drop(sender.try_send(folder)));
        chosen.recv().await.flatten()?.into_path().ok()
    }

    async fn save_as(&self, name: &str) -> Option<PathBuf> {
        let (sender, mut chosen) = channel(1);
        self.dialog()
            .set_file_name(name)
            .save_file(move |file| drop(sender.try_send(file)));
        chosen.recv().await.flatten()?.into_path().ok()
    }

    fn show(&self, file: &Path) -> Result<(), CouldNot> {
        let opened = self
            .0
            .opener()
            .open_path(file.to_string_lossy(), None::<&str>);
        opened.map_err(|_| CouldNot)
    }
}

impl Dialogs {
    fn dialog(&self) -> FileDialogBuilder<tauri::Wry> {
        let dialog = self.0.dialog().file();
        match self.0.get_webview_window(crate::window::MAIN) {
            Some(window) => dialog.set_parent(&window),
            None => dialog,
        }
    }
}

/// The app's window.
pub struct Front(pub AppHandle);

impl ports::Front for Front {
    fn come(&self) {
        crate::window::come(&self.0);
    }

    fn answered(&self, title: &str, took: Duration) {
        crate::notify::answered(&self.0, title, took);
    }
}

/// Settings in `settings.json`, one value under one name.
pub struct Preferences(Option<std::sync::Arc<tauri_plugin_store::Store<tauri::Wry>>>);

const NAME: &str = "settings";

impl Preferences {
    /// Opens the file in the profile's folder. A file that can't be read is as good as none: its settings are
    /// defaults, and the next change writes it anew.
    pub fn new(app: &AppHandle, folder: &Path) -> Self {
        Self(app.store(folder.join("settings.json")).ok())
    }
}

impl ports::Preferences for Preferences {
    fn load(&self) -> Settings {
        let value = self
            .0
            .as_ref()
            .and_then(|store| store.get(NAME))
            .unwrap_or_default();
        Settings::read(&value)
    }

    fn store(&self, settings: &Settings) -> Result<(), CouldNot> {
        let store = self.0.as_ref().ok_or(CouldNot)?;
        store.set(NAME, serde_json::to_value(settings).map_err(|_| CouldNot)?);
        store.save().map_err(|_| CouldNot)
    }
}
