//! The vault itself: one secret, in memory while open, sealed on disk.

mod passphrase;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::disk::{Disk, System};
use crate::envelope::{Cost, Envelope, Lid, derive, fresh_salt};
use crate::keychain::store_and_check;
use crate::ledger::{Id, Ledger};
use crate::store::{NotReplaced, Seen, Store};
use crate::{Error, Keychain, KeychainError, SealWith, Sealing, Secret, State, Wiped};

/// How often a reader without the lock looks again when a writer may have been at work.
const LOOKS: u32 = 20;

/// Time for the delay after a wrong passphrase. It only has to move forward: the vault has no use
/// for the date, so a wrong one changes nothing.
pub trait Clock: Send + Sync + 'static {
    /// Time since some fixed moment.
    fn now(&self) -> Duration;
}

struct Monotonic(Instant);

impl Clock for Monotonic {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// One secret, sealed in a folder. See the crate's documentation.
pub struct Vault {
    store: Store,
    keychain: Arc<dyn Keychain>,
    clock: Arc<dyn Clock>,
    cost: Cost,
    /// One change at a time in this process; the lock file orders processes.
    changing: Mutex<()>,
    /// Never locked while anything blocks.
    held: Mutex<Held>,
}

struct Held {
    state: State,
    secret: Option<Arc<Secret>>,
    on_disk: Option<(Id, Sealing)>,
    wrong_attempts: u32,
    retry_at: Duration,
}

impl Vault {
    /// A vault in this folder, which is created when something is first sealed. Touches nothing.
    pub fn new(folder: &Path, keychain: Arc<dyn Keychain>) -> Self {
        let clock = Arc::new(Monotonic(Instant::now()));
        Self::build(folder, keychain, clock, Arc::new(System))
    }

    /// The same with a clock of the caller's.
    pub fn with_clock(folder: &Path, keychain: Arc<dyn Keychain>, clock: Arc<dyn Clock>) -> Self {
        Self::build(folder, keychain, clock, Arc::new(System))
    }

    pub(crate) fn build(
        folder: &Path,
        keychain: Arc<dyn Keychain>,
        clock: Arc<dyn Clock>,
        disk: Arc<dyn Disk>,
    ) -> Self {
        let held = Held {
            state: State::Empty,
            secret: None,
            on_disk: None,
            wrong_attempts: 0,
            retry_at: Duration::ZERO,
        };
        Self {
            store: Store::new(folder, disk),
            keychain,
            clock,
            cost: Cost::DEFAULT,
            changing: Mutex::new(()),
            held: Mutex::new(held),
        }
    }

    /// Derives keys from passphrases with the least cost that is accepted.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn with_least_cost(mut self) -> Self {
        self.cost = Cost::LEAST;
        self
    }

    /// Where the vault stands, as of the last call. [`State::Empty`] before the first
    /// [`Vault::load`]. Never waits.
    pub fn state(&self) -> State {
        let held = self.held();
        match &held.state {
            State::WrongPassphraseOrDamaged { .. } => State::WrongPassphraseOrDamaged {
                retry_in: self.retry_in(&held),
            },
            state => state.clone(),
        }
    }

    /// What the vault on disk is sealed with, as of the last call.
    pub fn sealing(&self) -> Option<Sealing> {
        self.held().on_disk.map(|(_, sealing)| sealing)
    }

    /// Whether the keychain works and keeps what it is given; the error says why not.
    ///
    /// # Errors
    /// See [`Keychain::probe`].
    pub fn probe_keychain(&self) -> Result<(), KeychainError> {
        self.keychain.probe()
    }

    /// [`Vault::probe_keychain`] without the reason.
    pub fn keychain_available(&self) -> bool {
        self.probe_keychain().is_ok()
    }

    /// Reads the vault and, if the keychain seals it, opens it.
    ///
    /// Never makes a key and never rewrites the file. Does move a damaged file aside, finish a
    /// sign-out, and clean up after a crash, unless another process is at work here. A vault that
    /// is open and unchanged on disk stays open; so does one that is held for the session.
    pub fn load(&self) -> State {
        let _changing = self.changing();
        if self.state() == State::SessionOnly {
            return State::SessionOnly;
        }
        let lock = self.store.try_lock();
        if lock.is_some() {
            self.store.remove_orphans();
        }
        let mut looks = 0;
        loop {
            let seen = self.store.look();
            let state = self.open(&seen, lock.is_some());
            looks += 1;
            // Without the lock, a writer may have deleted the key between our two steps.
            let raced = lock.is_none() && looks < LOOKS && self.store.look().id() != seen.id();
            if !raced {
                if lock.is_some() && matches!(state, State::Open | State::Empty) {
                    // Only now is it proved which entry is in use, if any.
                    self.tidy(if state == State::Open {
                        seen.keychain_id()
                    } else {
                        None
                    });
                }
                return state;
            }
        }
    }

    /// Sets the state that follows from what was seen. `alone`: no other process is writing.
    fn open(&self, seen: &Seen, alone: bool) -> State {
        match seen {
            Seen::Nothing => self.become_closed(State::Empty, None),
            Seen::SignedOut(_) => {
                if alone && let Err(error) = self.store.remove_vault() {
                    tracing::warn!(%error, "a signed-out vault could not be deleted");
                }
                self.become_closed(State::Empty, None)
            }
            Seen::NewerVersion => self.become_closed(State::NewerVersion, None),
            Seen::Unreadable(kind) => self.become_closed(State::Unreadable(*kind), None),
            Seen::Damaged => self.become_damaged(alone),
            Seen::Vault(vault, _) if self.is_open_as(vault.id) => State::Open,
            Seen::Vault(vault, _) => match vault.lid {
                Lid::Passphrase(..) => {
                    self.become_closed(State::Locked, Some((vault.id, Sealing::Passphrase)))
                }
                Lid::Keychain => self.open_with_keychain(vault, alone),
            },
        }
    }

    fn open_with_keychain(&self, vault: &Envelope, alone: bool) -> State {
        let on_disk = (vault.id, Sealing::Keychain);
        match self.keychain.get(&vault.id.entry()) {
            Ok(key) if key.expose().len() == 32 => match vault.open(&key) {
                Some(secret) => self.become_open(secret, on_disk),
                None => self.become_damaged(alone),
            },
            Ok(_) | Err(KeychainError::NoEntry) => {
                self.become_closed(State::KeyLost, Some(on_disk))
            }
            Err(error) => self.become_closed(State::KeychainUnavailable(error), Some(on_disk)),
        }
    }

    /// Seals a new secret, for a new sign-in: with a new id and a new key, so that no earlier file
    /// opens again. What was there before is given up only once the new file is safe on disk; a
    /// file that is not a vault of this version is moved aside.
    ///
    /// # Errors
    /// Any [`Error`] but those of unlocking. The previous vault, on disk and in memory, stays.
    pub fn seal(&self, secret: Secret, with: SealWith) -> Result<(), Error> {
        let _changing = self.changing();
        self.write(secret, with, None)
    }

    /// Seals the secret that is held in another way: the other kind of key, or another passphrase.
    /// Also brings a secret held for the session to disk.
    ///
    /// A vault that is sealed with a passphrase asks for it: whoever finds the program open cannot
    /// put another one in its place. A wrong one delays the next attempt as in [`Vault::unlock`],
    /// and the vault stays open.
    ///
    /// # Errors
    /// [`Error::NotOpen`] without a secret in memory; [`Error::ChangedElsewhere`] when the file is
    /// no longer the one that was opened; for `current` as [`Vault::unlock`]; otherwise as
    /// [`Vault::seal`].
    pub fn change_sealing(&self, with: SealWith, current: Option<Secret>) -> Result<(), Error> {
        let _changing = self.changing();
        let (secret, opened) = {
            let held = self.held();
            let secret = held.secret.as_ref().ok_or(Error::NotOpen)?;
            (Secret::copy_of(secret.expose()), held.on_disk)
        };
        if let Some((id, Sealing::Passphrase)) = opened {
            let current = current.ok_or(Error::PassphraseEmpty)?;
            let Seen::Vault(vault, _) = self.store.look() else {
                return Err(Error::ChangedElsewhere);
            };
            if vault.id != id {
                return Err(Error::ChangedElsewhere);
            }
            if self.try_passphrase(&vault, &current)?.is_none() {
                return Err(Error::WrongPassphraseOrDamaged {
                    retry_in: self.delay_next(),
                });
            }
        }
        self.write(secret, with, opened.map(|(id, _)| id))
    }

    fn write(&self, secret: Secret, with: SealWith, expected: Option<Id>) -> Result<(), Error> {
        let id = Id::random()?;
        let (lid, sealing, key) = match with {
            SealWith::Keychain => (Lid::Keychain, Sealing::Keychain, Secret::random::<32>()?),
            SealWith::Passphrase(passphrase) => {
                let salt = fresh_salt()?;
                let key = derive(&passphrase, self.cost, &salt)?;
                (Lid::Passphrase(self.cost, salt), Sealing::Passphrase, key)
            }
        };
        let file = Envelope::seal(id, lid, &key, &secret)?.to_json()?;

        let _lock = self.store.lock()?;
        let before = self.store.look();
        if expected.is_some() && before.id() != expected {
            return Err(Error::ChangedElsewhere);
        }
        let mut ledger = self.store.ledger();
        if let Some(old) = before.keychain_id() {
            ledger.add(old);
        }
        if sealing == Sealing::Keychain {
            // Before the entry exists: a crash after this line leaves no entry without a name.
            ledger.add(id);
            self.store.write_ledger(&ledger)?;
            if let Err(error) = store_and_check(&*self.keychain, &id.entry(), &key) {
                // A keychain that hangs would hang again; the ledger remembers.
                if error != KeychainError::Timeout {
                    self.take_back(ledger, id);
                }
                return Err(Error::Keychain(error));
            }
        }
        if let Err(NotReplaced { error, in_doubt }) = self.store.replace_vault(&file, &before) {
            if sealing == Sealing::Keychain && !in_doubt {
                self.take_back(ledger, id);
            }
            return Err(error);
        }
        self.become_open(secret, (id, sealing));
        // The new vault is safe: now, and not earlier, the old key may go.
        ledger.wiped = None;
        self.forget(ledger, (sealing == Sealing::Keychain).then_some(id));
        Ok(())
    }

    /// Keeps a secret in memory only. Leaves the disk alone: whoever wants an earlier vault gone
    /// calls [`Vault::wipe`] first.
    pub fn hold_for_session(&self, secret: Secret) {
        let _changing = self.changing();
        let mut held = self.held();
        held.state = State::SessionOnly;
        held.secret = Some(Arc::new(secret));
        held.on_disk = None;
    }

    /// Forgets the secret in memory. A secret held for the session only is gone with that.
    pub fn lock(&self) {
        let _changing = self.changing();
        let mut held = self.held();
        held.secret = None;
        match held.state {
            State::Open => held.state = State::Locked,
            State::SessionOnly => held.state = State::Empty,
            _ => {}
        }
    }

    /// Gives the secret to `f`, if it is in memory. `f` should be short: the secret stays in
    /// memory until it returns, even when the vault is locked meanwhile.
    pub fn with_secret<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let secret = self.held().secret.clone()?;
        Some(f(secret.expose()))
    }

    /// Signs out: the secret in memory, the file, what was set aside, every keychain entry.
    ///
    /// What cannot be removed now is named in the answer and tried again at the next load; the
    /// vault is [`State::Empty`] either way. The key itself stays valid at its issuer: that is not
    /// in this crate's power.
    ///
    /// # Errors
    /// [`Error::Busy`] when another process is writing: then nothing was done.
    pub fn wipe(&self) -> Result<Wiped, Error> {
        let _changing = self.changing();
        let lock = match self.store.lock() {
            Err(Error::Busy) => return Err(Error::Busy),
            // A folder that cannot be written is a reason to do what is left, not to stop.
            lock => lock.ok(),
        };
        let seen = self.store.look();
        let mut ledger = self.store.ledger();
        ledger.wiped = seen.id();
        let held = self.held().on_disk;
        let held = held.and_then(|(id, by)| (by == Sealing::Keychain).then_some(id));
        seen.keychain_id()
            .into_iter()
            .chain(held)
            .for_each(|id| ledger.add(id));
        self.become_closed(State::Empty, None);

        // First the note: a crash after this line ends in a sign-out at the next load.
        if ledger != Ledger::default()
            && let Err(error) = self.store.write_ledger(&ledger)
        {
            tracing::warn!(%error, "the sign-out could not be noted");
        }
        if lock.is_some() {
            self.store.remove_orphans();
        }
        let removed = self
            .store
            .remove_vault()
            .and_then(|()| self.store.remove_quarantine());
        if removed.is_ok() {
            ledger.wiped = None;
        }
        let keychain_left = self.forget(ledger, None);
        let file_left = match removed {
            Err(Error::Storage(kind)) => Some(kind),
            Err(_) => Some(std::io::ErrorKind::Other),
            Ok(()) => None,
        };
        Ok(Wiped {
            file_left,
            keychain_left,
        })
    }

    /// Finishes what an earlier run could not. Call with the lock held.
    fn tidy(&self, in_use: Option<Id>) {
        let mut ledger = self.store.ledger();
        if !matches!(self.store.look(), Seen::SignedOut(_)) {
            ledger.wiped = None;
        }
        self.forget(ledger, in_use);
    }

    /// Deletes the keychain entries that are not in use and strikes them out. What does not work
    /// now stays in the ledger for the next time; the answer is the reason.
    fn forget(&self, ledger: Ledger, in_use: Option<Id>) -> Option<KeychainError> {
        let mut left = Ledger {
            entries: Vec::new(),
            ..ledger
        };
        let mut failure = None;
        for id in ledger.entries {
            // After one failure the others would fail too, each after its time limit.
            if Some(id) != in_use && failure.is_none() {
                match self.keychain.delete(&id.entry()) {
                    Ok(()) | Err(KeychainError::NoEntry) => continue,
                    Err(error) => failure = Some(error),
                }
            }
            left.add(id);
        }
        if left != self.store.ledger()
            && let Err(error) = self.store.write_ledger(&left)
        {
            tracing::debug!(%error, "deleted keychain entries stay noted until the next start");
        }
        failure
    }

    /// Undoes the keychain entry of a vault that did not come to be.
    fn take_back(&self, mut ledger: Ledger, id: Id) {
        match self.keychain.delete(&id.entry()) {
            Ok(()) | Err(KeychainError::NoEntry) => ledger.entries.retain(|entry| *entry != id),
            Err(error) => tracing::debug!(%error, "an unused keychain entry stays noted"),
        }
        if let Err(error) = self.store.write_ledger(&ledger) {
            tracing::debug!(%error, "a deleted keychain entry stays noted");
        }
    }

    fn become_open(&self, secret: Secret, on_disk: (Id, Sealing)) -> State {
        let mut held = self.held();
        held.state = State::Open;
        held.secret = Some(Arc::new(secret));
        held.on_disk = Some(on_disk);
        held.wrong_attempts = 0;
        held.retry_at = Duration::ZERO;
        State::Open
    }

    fn become_closed(&self, state: State, on_disk: Option<(Id, Sealing)>) -> State {
        let mut held = self.held();
        held.secret = None;
        held.on_disk = on_disk;
        held.state = state.clone();
        state
    }

    fn become_damaged(&self, alone: bool) -> State {
        let moved_to = alone.then(|| self.store.set_aside_vault().ok()).flatten();
        self.become_closed(State::Damaged { moved_to }, None)
    }

    fn is_open_as(&self, id: Id) -> bool {
        let held = self.held();
        held.secret.is_some() && held.on_disk.is_some_and(|(held, _)| held == id)
    }

    // A panic elsewhere leaves both consistent: every change of `held` is a plain assignment.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
