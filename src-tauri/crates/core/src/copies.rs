//! Where the conversations lie, the copies that are kept of them, and bringing one back.

use crate::{
    Core,
    app::blocking,
    place, problem,
    wire::{AppEvent, CopyKind, DataPlace, KeptCopy, Problem, ProblemCode as Code},
};
use history::{FILE, History, Kept};
use std::path::PathBuf;

/// A smaller database is copied again after this time, a larger one after a day.
const SMALL: u64 = 256 * 1024 * 1024;
const OFTEN_MS: i64 = 4 * 3_600_000;
const DAILY_MS: i64 = 24 * 3_600_000;

impl Core {
    /// Where the conversations lie, how large they are, and which copies there are.
    ///
    /// # Errors
    /// Something broke inside the app.
    pub async fn data_place(&self) -> Result<DataPlace, Problem> {
        let profile = self.0.folder.clone();
        let failed = crate::app::hold(&self.0.copy_failed).clone();
        blocking(move || {
            let folder = place::shown(&profile);
            let size = |suffix: &str| {
                let file = folder.join(format!("{FILE}{suffix}"));
                std::fs::metadata(file).map_or(0, |file| file.len())
            };
            DataPlace {
                folder: folder.display().to_string(),
                bytes: size("") + size("-wal"),
                copies: history::backups(&folder).iter().map(show).collect(),
                problem: failed,
            }
        })
        .await
    }

    /// The folder in which the conversations lie.
    pub fn folder(&self) -> PathBuf {
        place::shown(&self.0.folder)
    }

    /// Makes a copy now, checks it, and keeps it as the last one.
    ///
    /// # Errors
    /// The disk is full, or what was copied is damaged; the copies of before stay.
    pub async fn copy_now(&self) -> Result<DataPlace, Problem> {
        let now = self.0.ports.nature.now_ms();
        let made = self.stored(move |history| history.back_up(now)).await;
        *crate::app::hold(&self.0.copy_failed) = made.as_ref().err().cloned();
        made?;
        self.data_place().await
    }

    /// Brings a copy back in place of what is there, which is kept. Answers that are being written are ended first.
    ///
    /// # Errors
    /// There is no such copy, it is no use, or it can't be stored: then nothing was changed.
    pub async fn bring_back(&self, kind: CopyKind) -> Result<DataPlace, Problem> {
        self.stop_all().await;
        let (kept, now) = (kept(kind), self.0.ports.nature.now_ms());
        let recovered = if let Ok(history) = self.history().await {
            let work = move || {
                history.bring_back(kept, now)?;
                history.recover(now)
            };
            blocking(work).await?.map_err(|e| problem::history(&e))
        } else {
            let folder = self.0.folder.clone();
            let folder = blocking(move || place::of(&folder)).await??;
            let work = move || history::put_back(&folder, kept, now).map(|_| 0);
            self.with_history_closed(work).await
        };
        recovered?;
        // All that any window shows may be another.
        self.tell(&AppEvent::Replaced);
        self.0.unindexed.notify_one();
        self.data_place().await
    }

    /// Moves conversations that can't be opened aside, and begins with none.
    ///
    /// # Errors
    /// They can be opened: then nothing is moved. Or the folder can't be written.
    pub async fn begin_anew(&self) -> Result<DataPlace, Problem> {
        if self.history().await.is_ok() {
            let text = "Your conversations can be read, so nothing was moved.";
            return Err(Problem::new(Code::Refused, text));
        }
        let (folder, now) = (self.0.folder.clone(), self.0.ports.nature.now_ms());
        let folder = blocking(move || place::of(&folder)).await??;
        let work = move || {
            history::move_aside(&folder, now)?;
            // At once: a chosen folder without a database counts as one that is away.
            History::open(&folder).map(drop)
        };
        self.with_history_closed(work).await?;
        self.history().await?;
        self.tell(&AppEvent::Replaced);
        self.data_place().await
    }

    /// Makes a copy if something was written and the last one is old enough.
    pub(crate) async fn copy_if_due(&self) {
        let now = self.0.ports.nature.now_ms();
        let due = self.stored(move |history| {
            let folder = history.path().parent();
            let last = folder.map(history::backups).unwrap_or_default();
            let Some(last) = last.first() else {
                return Ok(!history.conversations(1, None)?.is_empty());
            };
            let pause = if last.bytes <= SMALL {
                OFTEN_MS
            } else {
                DAILY_MS
            };
            Ok(now - last.taken_ms >= pause && history.changed_since_backup())
        });
        if !matches!(due.await, Ok(true)) {
            return;
        }
        let before = crate::app::hold(&self.0.copy_failed).clone();
        if let Err(problem) = self.copy_now().await
            && before.as_ref() != Some(&problem)
            && problem.code == Code::Damaged
        {
            self.tell(&AppEvent::Notice { problem });
        }
    }
}

fn show(copy: &history::Backup) -> KeptCopy {
    KeptCopy {
        kind: match copy.kept {
            Kept::Last => CopyKind::Last,
            Kept::Day => CopyKind::Day,
            Kept::Week => CopyKind::Week,
            Kept::Before => CopyKind::Before,
        },
        taken_ms: copy.taken_ms,
        bytes: copy.bytes,
    }
}

fn kept(kind: CopyKind) -> Kept {
    match kind {
        CopyKind::Last => Kept::Last,
        CopyKind::Day => Kept::Day,
        CopyKind::Week => Kept::Week,
        CopyKind::Before => Kept::Before,
    }
}
