//! Locking: by hand, and by itself when nobody is there. And keeping the key in another way.

use crate::{
    Core,
    app::{blocking, hold},
    problem,
    session::passphrase_secret,
    wire::{Phase, Problem, ProblemCode as Code, Seal},
};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use vault::{SealWith, Sealing, Secret, State};

/// How often it is looked whether the person is still there.
const TICK: Duration = Duration::from_secs(1);
/// How much longer than the person's choice an answer that is being written may put off the lock.
const GRACE: Duration = Duration::from_secs(10 * 60);
/// The longest time that can be chosen: a day.
const LONGEST_MIN: u32 = 24 * 60;

/// When the person last did something, by two clocks: one stands still while the computer sleeps, the other can be
/// set to any time.
pub(crate) struct Presence {
    at: Instant,
    at_ms: i64,
}

impl Presence {
    pub fn new(now_ms: i64) -> Self {
        let at = Instant::now();
        Self { at, at_ms: now_ms }
    }
}

impl Core {
    /// Forgets the key in memory, and stops what it pays for. The sealed one stays.
    ///
    /// # Errors
    /// The key is in memory alone: locking would lose it.
    pub async fn lock(&self) -> Result<(), Problem> {
        if self.0.vault.state() == State::SessionOnly {
            return Err(Problem::new(
                Code::Refused,
                "This key is in memory alone, so locking would lose it. Choose how to keep it first, or disconnect.",
            ));
        }
        self.quiet_renewal().await;
        let vault = Arc::clone(&self.0.vault);
        blocking(move || vault.lock()).await?;
        // Not before: a question that is asked meanwhile finds no key, or is stopped with the others.
        self.stop_all().await;
        self.settle();
        Ok(())
    }

    /// Keeps the key in hand in another way. `current` is the passphrase of now, where one seals it.
    ///
    /// # Errors
    /// A wrong or missing passphrase, too soon after a wrong one, or it could not be stored; then it stays as it was.
    pub async fn change_seal(&self, seal: Seal, current: Option<String>) -> Result<(), Problem> {
        let refuse = |text: &str| Err(Problem::new(Code::Refused, text));
        let current = current.map(|text| Secret::new(text.into_bytes()));
        let with = match seal {
            Seal::Keychain => SealWith::Keychain,
            Seal::Passphrase { passphrase } => SealWith::Passphrase(passphrase_secret(passphrase)?),
            Seal::Session => {
                return refuse(
                    "A stored key can't be made to last for this session only. Disconnect, then connect again.",
                );
            }
        };
        let asked = self.0.vault.sealing() == Some(Sealing::Passphrase);
        if asked
            && current
                .as_ref()
                .is_none_or(|typed| typed.expose().is_empty())
        {
            return refuse("Enter the passphrase that you use now.");
        }
        let vault = Arc::clone(&self.0.vault);
        match blocking(move || vault.change_sealing(with, current)).await? {
            Ok(()) => {
                self.show_kept();
                Ok(())
            }
            Err(vault::Error::ChangedElsewhere) => {
                self.open_vault().await;
                refuse(
                    "Another Causeway has changed the stored key. It was read again; nothing else happened.",
                )
            }
            Err(error) => Err(problem::vault(error)),
        }
    }

    /// Whether the system's keychain works and keeps what it is given.
    ///
    /// # Errors
    /// It does not; the problem says why.
    pub async fn probe_keychain(&self) -> Result<(), Problem> {
        let vault = Arc::clone(&self.0.vault);
        blocking(move || vault.probe_keychain())
            .await?
            .map_err(problem::keychain)
    }

    /// The person did something in the window.
    pub fn active(&self) {
        *hold(&self.0.presence) = Presence::new(self.0.ports.nature.now_ms());
    }

    /// Starts the watch that locks when the person is away for as long as they chose.
    pub(crate) fn watch_presence(&self) {
        let (app, changed) = (Arc::downgrade(&self.0), Arc::clone(&self.0.lock_changed));
        tokio::spawn(async move {
            while let Some(core) = app.upgrade().map(Core) {
                let limit = core.lock_after();
                if let Some(limit) = limit {
                    core.lock_if_away(limit).await;
                }
                drop(core);
                match limit {
                    Some(_) => tokio::time::sleep(TICK).await,
                    None => changed.notified().await,
                }
            }
        });
    }

    fn lock_after(&self) -> Option<Duration> {
        let minutes = self.settings().lock_after_min.min(LONGEST_MIN);
        (minutes > 0).then(|| Duration::from_secs(60 * u64::from(minutes)))
    }

    async fn lock_if_away(&self, limit: Duration) {
        let connected = matches!(hold(&self.0.session).phase, Phase::Connected { .. });
        let away = self.away();
        // A key in memory alone would be lost, and the person asked for that by quitting only.
        if !connected || away < limit || self.0.vault.state() == State::SessionOnly {
            return;
        }
        // What was asked for is paid for: it may end first, but not put off the lock for ever.
        if away < limit + GRACE && self.0.stage.lock().await.answers() {
            return;
        }
        if let Err(problem) = self.lock().await {
            tracing::warn!(message = problem.message, "not locked");
        }
    }

    /// How long the person has done nothing, by the clock that says more.
    fn away(&self) -> Duration {
        let now_ms = self.0.ports.nature.now_ms();
        let presence = hold(&self.0.presence);
        let by_date = u64::try_from(now_ms - presence.at_ms).unwrap_or(0);
        presence.at.elapsed().max(Duration::from_millis(by_date))
    }
}
