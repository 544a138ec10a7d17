//! What stopped and broken answers cost: asked for later, since the service knows it only minutes after their end.
//! What is still to be asked is on disk, and goes on after a restart.

use crate::{
    Core,
    app::Inner,
    meta::meta,
    reply::usage,
    wire::{Change, Phase},
};
use history::{Lookup, MessageId};
use openrouter::Error;
use std::{
    sync::{Arc, Weak},
    time::Duration,
};

/// The first wait, in milliseconds; each next one is twice as long.
pub(crate) const FIRST_MS: i64 = 10_000;
/// Longest wait, in milliseconds.
const LONGEST_MS: i64 = 3_600_000;
/// After so many answers of "not found" it is given up: some four hours.
const MOST: u32 = 12;
/// Longest sleep at once: the wall clock may be set meanwhile.
const NAP: Duration = Duration::from_secs(60);

/// What to wait for before looking again.
enum Wait {
    Nothing,
    Time(Duration),
    /// A new answer to ask for, or a key to ask with.
    Bell,
}

impl Core {
    /// Starts the one task that asks, for as long as the app lives.
    pub(crate) fn start_lookups(&self) {
        let (inner, bell) = (Arc::downgrade(&self.0), Arc::clone(&self.0.lookups));
        tokio::spawn(async move {
            while let Some(wait) = step(&inner).await {
                match wait {
                    Wait::Nothing => {}
                    Wait::Bell => bell.notified().await,
                    Wait::Time(time) => {
                        // Rung or slept through: either way it is time to look.
                        let _ = tokio::time::timeout(time.min(NAP), bell.notified()).await;
                    }
                }
            }
        });
    }

    async fn look_up_next(&self) -> Wait {
        let next = self.stored(history::History::next_lookup).await;
        let Ok(Some(next)) = next else {
            return Wait::Bell;
        };
        let now = self.0.ports.nature.now_ms();
        if let Ok(early) = u64::try_from(next.due_ms - now)
            && early > 0
        {
            return Wait::Time(Duration::from_millis(early));
        }
        let connected = matches!(
            crate::app::hold(&self.0.session).phase,
            Phase::Connected { .. }
        );
        let (true, Ok(key)) = (connected, self.key()) else {
            return Wait::Bell;
        };
        match self.0.client.generation(&key, &next.generation_id).await {
            Ok(told) if told.cost.is_some() => {
                self.priced(next.message, Some(usage(&told))).await;
                Wait::Nothing
            }
            Err(Error::Offline | Error::Lost) => Wait::Time(NAP),
            // Another key may know more.
            Err(Error::Api(error)) if matches!(error.status, 401 | 403) => Wait::Bell,
            _ => self.look_up_again(next).await,
        }
    }

    async fn look_up_again(&self, next: Lookup) -> Wait {
        if next.tries + 1 >= MOST {
            self.priced(next.message, None).await;
            return Wait::Nothing;
        }
        let wait = (FIRST_MS << (next.tries + 1)).min(LONGEST_MS);
        let due = self.0.ports.nature.now_ms() + wait;
        let later = self.stored(move |history| history.look_up_later(next.message, due));
        match later.await {
            Ok(()) => Wait::Nothing,
            // A full disk must not make a busy loop.
            Err(_) => Wait::Time(NAP),
        }
    }

    /// Ends the asking and tells the windows.
    async fn priced(&self, id: MessageId, usage: Option<history::Usage>) {
        let ended = self.stored(move |history| history.end_lookup(id, usage));
        let Ok(message) = ended.await else { return };
        let names = self.known_models().await;
        let meta = meta(&message, &names);
        let conversation = message.conversation;
        let mut stage = self.0.stage.lock().await;
        stage.send(conversation, &Change::Meta { meta });
        drop(stage);
        // One that is deleted is in no list.
        let row = self.stored(move |history| history.conversation(conversation));
        if let Ok(row) = row.await {
            self.changed(&row).await;
        }
    }
}

async fn step(inner: &Weak<Inner>) -> Option<Wait> {
    Some(Core(inner.upgrade()?).look_up_next().await)
}
