//! Exports and imports, as the window asks for them: one at a time, each can be stopped.

use crate::{
    Core,
    app::{blocking, hold},
    conversations::conversation_id,
    export, import,
    wire::{
        AppEvent, ExportForm, Exported, ImportReport, Problem, ProblemCode as Code,
        TransferProgress,
    },
};
use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

/// The model of conversations that were had with a program whose models have other names: OpenRouter's own choice.
const MODEL: &str = "openrouter/auto";
/// The most files that are looked through at once.
const FILES: usize = 1000;

#[derive(Default)]
pub(crate) struct Transfers {
    /// Set to stop the one that runs.
    running: Mutex<Option<Arc<AtomicBool>>>,
    /// What was looked through and may now be brought in.
    chosen: Mutex<Vec<PathBuf>>,
}

/// The turn of one transfer; the next may have it when this is dropped.
pub(crate) struct Turn(Core, Arc<AtomicBool>);

impl Drop for Turn {
    fn drop(&mut self) {
        *hold(&self.0.0.transfers.running) = None;
    }
}

impl Core {
    pub(crate) fn turn(&self) -> Result<Turn, Problem> {
        let mut running = hold(&self.0.transfers.running);
        if running.is_some() {
            let text = "An export or import is running. Wait for it, or stop it first.";
            return Err(Problem::new(Code::Refused, text));
        }
        let stop = Arc::new(AtomicBool::new(false));
        *running = Some(Arc::clone(&stop));
        Ok(Turn(self.clone(), stop))
    }

    /// Stops the export or import that runs.
    pub fn stop_transfer(&self) {
        if let Some(stop) = &*hold(&self.0.transfers.running) {
            stop.store(true, Ordering::Relaxed);
        }
    }

    /// Writes these conversations, or all, to a file that the person names; none when they name none. The file is
    /// whole or not there.
    ///
    /// # Errors
    /// The file can't be written, the conversations can't be read, or it was stopped.
    pub async fn export(
        &self,
        ids: Option<&[String]>,
        form: ExportForm,
        tell: impl Fn(TransferProgress) + Send + 'static,
    ) -> Result<Option<Exported>, Problem> {
        let title = match ids {
            Some([one]) => {
                let id = conversation_id(one)?;
                let found = self.stored(move |history| history.conversation(id)).await?;
                Some(found.title)
            }
            _ => None,
        };
        let name = export::file_name(title.as_deref(), form);
        let Some(path) = self.0.ports.dialogs.save_as(&name).await else {
            return Ok(None);
        };
        let which = ids
            .map(|ids| ids.iter().map(|id| conversation_id(id)).collect())
            .transpose()?;
        let (turn, history) = (self.turn()?, self.history().await?);
        blocking(move || {
            let order = export::Order {
                form,
                which,
                stop: &turn.1,
            };
            export::run(&history, &path, &order, &tell).map(Some)
        })
        .await?
    }

    /// Asks the person for files, says what importing them would do, and keeps their names for [`Core::import`]. None
    /// when they choose no file.
    ///
    /// # Errors
    /// The conversations can't be read, or it was stopped.
    pub async fn import_look(
        &self,
        tell: impl Fn(TransferProgress) + Send + 'static,
    ) -> Result<Option<ImportReport>, Problem> {
        let files = self
            .0
            .ports
            .dialogs
            .open_files("Import conversations")
            .await;
        if files.is_empty() {
            return Ok(None);
        }
        if files.len() > FILES {
            let text = "These are more than 1,000 files. Choose fewer at a time.";
            return Err(Problem::new(Code::Refused, text));
        }
        let report = self.bring(files.clone(), false, tell).await?;
        *hold(&self.0.transfers.chosen) = files;
        Ok(Some(report))
    }

    /// Imports what was looked through last.
    ///
    /// # Errors
    /// Nothing was looked through, the disk, or it was stopped; what came in until then stays.
    pub async fn import(
        &self,
        tell: impl Fn(TransferProgress) + Send + 'static,
    ) -> Result<ImportReport, Problem> {
        let files = hold(&self.0.transfers.chosen).clone();
        if files.is_empty() {
            return Err(Problem::new(
                Code::Refused,
                "Choose the files to import first.",
            ));
        }
        let report = self.bring(files, true, tell).await;
        // Also after an error something may have come in.
        self.tell(&AppEvent::Replaced);
        self.0.unindexed.notify_one();
        self.0.lookups.notify_one();
        if report.is_ok() {
            hold(&self.0.transfers.chosen).clear();
        }
        report
    }

    async fn bring(
        &self,
        files: Vec<PathBuf>,
        keep: bool,
        tell: impl Fn(TransferProgress) + Send + 'static,
    ) -> Result<ImportReport, Problem> {
        let (turn, history) = (self.turn()?, self.history().await?);
        let model = self.settings().model.unwrap_or_else(|| MODEL.to_owned());
        let now_ms = self.0.ports.nature.now_ms();
        blocking(move || {
            let order = import::Order {
                keep,
                model,
                now_ms,
                stop: &turn.1,
            };
            import::run(&history, &files, &order, &tell)
        })
        .await?
    }
}
