//! The vault's files: `vault.json`, the ledger beside it, the quarantine. No secret passes here.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::Error;
use crate::disk::{Disk, Found, Lock};
use crate::envelope::{Envelope, Lid, MAX_FILE, Parsed};
use crate::ledger::{Id, Ledger, random_name};

const VAULT: &str = "vault.json";
const LEDGER: &str = "vault.pending";
const LOCK: &str = "vault.lock";
const QUARANTINE: &str = "vault.quarantine";
const TEMP: (&str, &str) = (".vault-", ".tmp");
const MAX_LEDGER: u64 = 64 * 1024;
/// How often and how long a writer asks for the lock: half a minute, after which the other process
/// hangs.
const LOCK_ATTEMPTS: u32 = 15_000;
const LOCK_PAUSE: Duration = Duration::from_millis(2);

/// What lies in place of the vault.
pub(crate) enum Seen {
    Nothing,
    Vault(Envelope, Vec<u8>),
    /// A vault that was signed out and could not be deleted then.
    SignedOut(Envelope),
    NewerVersion,
    Damaged,
    Unreadable(io::ErrorKind),
}

impl Seen {
    pub(crate) fn id(&self) -> Option<Id> {
        match self {
            Self::Vault(envelope, _) | Self::SignedOut(envelope) => Some(envelope.id),
            _ => None,
        }
    }

    /// The id under which the keychain holds the key to it.
    pub(crate) fn keychain_id(&self) -> Option<Id> {
        match self {
            Self::Vault(envelope, _) | Self::SignedOut(envelope) => {
                (envelope.lid == Lid::Keychain).then_some(envelope.id)
            }
            _ => None,
        }
    }
}

/// A failed replacement of the vault.
pub(crate) struct NotReplaced {
    pub error: Error,
    /// A power cut could still bring the new file up, so its key must be kept for now.
    pub in_doubt: bool,
}

pub(crate) struct Store {
    folder: PathBuf,
    disk: Arc<dyn Disk>,
}

impl Store {
    pub(crate) fn new(folder: &Path, disk: Arc<dyn Disk>) -> Self {
        Self {
            folder: folder.to_owned(),
            disk,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The lock for readers that could also clean up; they do without when it is taken.
    pub(crate) fn try_lock(&self) -> Option<Lock> {
        self.disk.try_lock(&self.path(LOCK)).ok().flatten()
    }

    /// The folder made ready and the lock for writers.
    pub(crate) fn lock(&self) -> Result<Lock, Error> {
        self.disk.prepare(&self.folder)?;
        for _ in 0..LOCK_ATTEMPTS {
            if let Some(lock) = self.disk.try_lock(&self.path(LOCK))? {
                return Ok(lock);
            }
            thread::sleep(LOCK_PAUSE);
        }
        Err(Error::Busy)
    }

    pub(crate) fn look(&self) -> Seen {
        match self.disk.read(&self.path(VAULT), MAX_FILE) {
            Ok(Found::Nothing) => Seen::Nothing,
            Ok(Found::Foreign) => Seen::Damaged,
            Ok(Found::File(bytes)) => match Envelope::parse(&bytes) {
                Parsed::NewerVersion => Seen::NewerVersion,
                Parsed::Damaged => Seen::Damaged,
                Parsed::Vault(vault) if self.ledger().wiped == Some(vault.id) => {
                    Seen::SignedOut(vault)
                }
                Parsed::Vault(vault) => Seen::Vault(vault, bytes),
            },
            Err(error) => Seen::Unreadable(error.kind()),
        }
    }

    pub(crate) fn ledger(&self) -> Ledger {
        match self.disk.read(&self.path(LEDGER), MAX_LEDGER) {
            Ok(Found::File(bytes)) => Ledger::parse(&bytes),
            _ => Ledger::default(),
        }
    }

    /// Call with the lock held.
    pub(crate) fn write_ledger(&self, ledger: &Ledger) -> Result<(), Error> {
        if *ledger == Ledger::default() {
            return match self.disk.remove(&self.path(LEDGER)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
                _ => Ok(()),
            };
        }
        if let Found::Foreign = self.disk.read(&self.path(LEDGER), MAX_LEDGER)? {
            self.set_aside(LEDGER)?;
        }
        let temp = self.write_temp(ledger.to_text().as_bytes())?;
        self.rename_temp(&temp, LEDGER)?;
        Ok(self.disk.sync_folder(&self.folder)?)
    }

    /// Puts a new vault in the place of the one seen before. Call with the lock held.
    pub(crate) fn replace_vault(&self, bytes: &[u8], before: &Seen) -> Result<(), NotReplaced> {
        let sure = |error| NotReplaced {
            error,
            in_doubt: false,
        };
        let temp = self.write_temp(bytes).map_err(sure)?;
        if matches!(
            before,
            Seen::NewerVersion | Seen::Damaged | Seen::Unreadable(_)
        ) && let Err(error) = self.set_aside(VAULT)
        {
            self.remove_temp(&temp);
            return Err(sure(error));
        }
        self.rename_temp(&temp, VAULT).map_err(sure)?;
        self.disk.sync_folder(&self.folder).map_err(|error| {
            self.put_back(before);
            NotReplaced {
                error: error.into(),
                in_doubt: true,
            }
        })
    }

    /// An error means that the old vault still opens: so it must be in place again.
    fn put_back(&self, before: &Seen) {
        let outcome = match before {
            Seen::Vault(_, bytes) => self
                .write_temp(bytes)
                .and_then(|temp| self.rename_temp(&temp, VAULT)),
            _ => self.disk.remove(&self.path(VAULT)).map_err(Error::from),
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, "the previous vault could not be put back");
        }
        // It failed a moment ago; nothing depends on it now, as both keys are kept.
        drop(self.disk.sync_folder(&self.folder));
    }

    /// Removes the vault. Call with the lock held.
    pub(crate) fn remove_vault(&self) -> Result<(), Error> {
        match self.disk.read(&self.path(VAULT), 0) {
            Ok(Found::Nothing) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        if self.disk.remove(&self.path(VAULT)).is_err() {
            // Perhaps a directory: what cannot be removed can perhaps be moved.
            self.set_aside(VAULT)?;
        }
        Ok(self.disk.sync_folder(&self.folder)?)
    }

    /// Removes what was set aside: a sign-out leaves no copy.
    pub(crate) fn remove_quarantine(&self) -> Result<(), Error> {
        match self.disk.remove_folder(&self.path(QUARANTINE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    pub(crate) fn set_aside_vault(&self) -> Result<PathBuf, Error> {
        self.set_aside(VAULT)
    }

    fn set_aside(&self, name: &str) -> Result<PathBuf, Error> {
        let quarantine = self.path(QUARANTINE);
        self.disk.prepare(&quarantine)?;
        let to = quarantine.join(format!("{name}.{}", random_name()?));
        self.disk.rename(&self.path(name), &to)?;
        self.disk.sync_folder(&quarantine)?;
        self.disk.sync_folder(&self.folder)?;
        Ok(to)
    }

    /// Removes temporary files a crash left behind. Call with the lock held: every writer holds it.
    pub(crate) fn remove_orphans(&self) {
        for name in self.disk.names(&self.folder).unwrap_or_default() {
            if name.starts_with(TEMP.0) && name.ends_with(TEMP.1) {
                self.remove_temp(&self.path(&name));
            }
        }
    }

    fn write_temp(&self, bytes: &[u8]) -> Result<PathBuf, Error> {
        let temp = self.path(&format!("{}{}{}", TEMP.0, random_name()?, TEMP.1));
        self.disk
            .write_new(&temp, bytes)
            .and_then(|()| self.disk.sync(&temp))
            .map_err(|error| {
                // Not when it was there before us: then it is not ours to remove.
                if error.kind() != io::ErrorKind::AlreadyExists {
                    self.remove_temp(&temp);
                }
                Error::from(error)
            })?;
        Ok(temp)
    }

    fn rename_temp(&self, temp: &Path, name: &str) -> Result<(), Error> {
        self.disk.rename(temp, &self.path(name)).map_err(|error| {
            self.remove_temp(temp);
            Error::from(error)
        })
    }

    fn remove_temp(&self, temp: &Path) {
        if let Err(error) = self.disk.remove(temp) {
            tracing::debug!(%error, "a temporary file stays until the next start");
        }
    }
}
