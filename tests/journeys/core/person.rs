//! A person who chooses what the test says, in every dialog.

use causeway_core::ports::{CouldNot, Dialogs};
use std::{
    path::{Path, PathBuf},
    sync::Mutex,
};

#[derive(Default)]
pub struct Person {
    pub opens: Mutex<Vec<PathBuf>>,
    pub saves: Mutex<Option<PathBuf>>,
    pub folders: Mutex<Option<PathBuf>>,
    /// What programs of the system were to show.
    pub shown: Mutex<Vec<PathBuf>>,
}

#[async_trait::async_trait]
impl Dialogs for Person {
    async fn open_files(&self, _title: &str) -> Vec<PathBuf> {
        self.opens.lock().unwrap().clone()
    }

    async fn pick_folder(&self, _title: &str) -> Option<PathBuf> {
        self.folders.lock().unwrap().clone()
    }

    async fn save_as(&self, _name: &str) -> Option<PathBuf> {
        self.saves.lock().unwrap().clone()
    }

    fn show(&self, file: &Path) -> Result<(), CouldNot> {
        self.shown.lock().unwrap().push(file.to_owned());
        Ok(())
    }
}
