//! What came of an answer, on its way to the disk while the stream goes on.

use super::Run;
use crate::wire::Problem;
use history::{Delta, Served};
use tokio::{task::JoinHandle, time::Instant};

/// How much there will be once it is written, and who served it if that is new.
pub(super) struct Saving {
    done: JoinHandle<Result<(), Problem>>,
    all: (usize, usize),
    told: Option<Served>,
}

/// Whether what was being written is on disk; never, if nothing was.
pub(super) async fn written(saving: &mut Option<Saving>) -> bool {
    match saving {
        Some(saving) => matches!((&mut saving.done).await, Ok(Ok(()))),
        None => std::future::pending().await,
    }
}

impl Run {
    /// What came since the last time goes to the windows, and on its way to the disk: no piece waits for that.
    pub(super) async fn save(&mut self) {
        self.present().await;
        self.saved_at = Instant::now();
        let mut stage = self.core.0.stage.lock().await;
        let Some(live) = stage.live(self.id) else {
            return;
        };
        let at = self.saved;
        let new = (
            live.text[at.0..].to_owned(),
            live.reasoning[at.1..].to_owned(),
        );
        let all = (live.text.len(), live.reasoning.len());
        drop(stage);
        let id = self.id;
        // Once, when it is known: rewriting the row would cost more than the words.
        let told = (self.served != self.noted).then(|| self.served.clone());
        let served = told.clone();
        let core = self.core.clone();
        let write = move |history: &history::History| {
            let text = Delta {
                at: at.0,
                text: &new.0,
            };
            let reasoning = Delta {
                at: at.1,
                text: &new.1,
            };
            if let Some(served) = &served {
                history.serve(id, served)?;
            }
            history.save_progress(id, text, reasoning)
        };
        let done = tokio::spawn(async move { core.stored(write).await });
        self.unsaved = false;
        self.saving = Some(Saving { done, all, told });
    }

    /// A full disk is told at the end; meanwhile the words are in memory and the next save begins where this one did.
    pub(super) fn written(&mut self, done: bool) {
        let Some(saving) = self.saving.take() else {
            return;
        };
        if done {
            self.saved = saving.all;
            self.noted = saving
                .told
                .unwrap_or_else(|| std::mem::take(&mut self.noted));
        } else {
            self.unsaved = true;
        }
    }
}
