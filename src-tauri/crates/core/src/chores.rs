//! What is done for the conversations while nobody waits: the search index, the trash, the copies.

use crate::{Core, app::Inner};
use std::{
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::time::timeout;

/// Between two steps of indexing others can write.
const BREATH: Duration = Duration::from_millis(4);
/// Nothing has rung for so long: something may have been missed, such as what another process wrote.
const LOOK: Duration = Duration::from_secs(60);
/// What is in the trash for longer goes for good: thirty days.
const TRASH_MS: i64 = 30 * 24 * 3_600_000;
/// How often the trash is looked at.
const TIDY_MS: i64 = 6 * 3_600_000;
/// How often it is looked whether a copy is due. The first time is when the app has run for so long.
const COPY_MS: i64 = 10 * 60_000;

impl Core {
    /// Starts the one task that does it, for as long as the app lives.
    pub(crate) fn start_chores(&self) {
        let (inner, bell) = (Arc::downgrade(&self.0), Arc::clone(&self.0.unindexed));
        tokio::spawn(async move {
            let mut done = Done::default();
            while let Some(more) = step(&inner, &mut done).await {
                if more {
                    tokio::time::sleep(BREATH).await;
                } else {
                    let _ = timeout(LOOK, bell.notified()).await;
                }
            }
        });
    }

    /// True when there is more to index.
    async fn chore(&self, done: &mut Done) -> bool {
        let now = self.0.ports.nature.now_ms();
        if done.tidied.is_none_or(|then| now - then >= TIDY_MS) {
            done.tidied = Some(now);
            if self
                .purge_before(now - TRASH_MS)
                .await
                .is_ok_and(|gone| gone > 0)
            {
                self.tell_shelves().await;
            }
        }
        if now - *done.copied.get_or_insert(now) >= COPY_MS {
            done.copied = Some(now);
            self.copy_if_due().await;
        }
        // A full disk must not make a busy loop: it is tried again when something is written.
        let indexed = self.stored(history::History::index_some).await;
        indexed.is_ok_and(|indexed| indexed.left > 0)
    }
}

/// When the rarer ones were last done.
#[derive(Default)]
struct Done {
    tidied: Option<i64>,
    copied: Option<i64>,
}

/// None when the app is gone.
async fn step(inner: &Weak<Inner>, done: &mut Done) -> Option<bool> {
    Some(Core(inner.upgrade()?).chore(done).await)
}
