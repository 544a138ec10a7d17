//! What came of an answer, on its way to the disk while the stream goes on.

use super::Run;
use crate::wire::Problem;
use history::{Delta, Progress, Served};
use tokio::{task::JoinHandle, time::Instant};

/// How much there is of an answer, in bytes.
#[derive(Clone, Copy, Default)]
pub(super) struct Extent {
    pub text: usize,
    pub reasoning: usize,
    pub details: usize,
    pub annotations: usize,
}

/// How much there will be once it is written, and who served it if that is new.
pub(super) struct Saving {
    done: JoinHandle<Result<(), Problem>>,
    all: Extent,
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
        let (details, annotations) = (self.details.text(), self.annotations.text());
        let new = [
            &live.text[at.text..],
            &live.reasoning[at.reasoning..],
            &details[at.details..],
            &annotations[at.annotations..],
        ]
        .map(str::to_owned);
        let all = Extent {
            text: live.text.len(),
            reasoning: live.reasoning.len(),
            details: details.len(),
            annotations: annotations.len(),
        };
        drop(stage);
        let id = self.id;
        // Once, when it is known: rewriting the row would cost more than the words.
        let told = (self.served != self.noted).then(|| self.served.clone());
        let served = told.clone();
        let core = self.core.clone();
        let write = move |history: &history::History| {
            let [text, reasoning, details, annotations] = &new;
            let from = |at, text| Delta { at, text };
            let progress = Progress {
                text: from(at.text, text),
                reasoning: from(at.reasoning, reasoning),
                reasoning_details: from(at.details, details),
                annotations: from(at.annotations, annotations),
            };
            if let Some(served) = &served {
                history.serve(id, served)?;
            }
            history.save_progress(id, &progress)
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
