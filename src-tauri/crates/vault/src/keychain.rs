//! The port to whatever keeps the sealing key, and what can go wrong there.

use crate::Secret;

pub(crate) mod bounded;
pub(crate) mod system;

/// A store of small secrets that is not a file beside the vault.
///
/// Entries are named by the vault; an implementation adds the name of the application. Calls may
/// block, and may make the system ask the user.
pub trait Keychain: Send + Sync + 'static {
    /// Stores, reads and deletes a random test entry.
    ///
    /// # Errors
    /// Besides what the calls return: [`KeychainError::Forgetful`] when the store takes a value
    /// and does not keep it, or keeps it only until logout or reboot.
    fn probe(&self) -> Result<(), KeychainError> {
        let tag = Secret::random::<8>().map_err(|_| KeychainError::Unavailable)?;
        let value = Secret::random::<32>().map_err(|_| KeychainError::Unavailable)?;
        let entry = format!("probe/{}", crate::ledger::hex(tag.expose()));
        let outcome = store_and_check(self, &entry, &value);
        let deleted = self.delete(&entry);
        outcome?;
        deleted
    }

    /// Reads an entry.
    ///
    /// # Errors
    /// [`KeychainError::NoEntry`] when the store works and has no such entry.
    fn get(&self, entry: &str) -> Result<Secret, KeychainError>;

    /// Creates or replaces an entry.
    ///
    /// # Errors
    /// See [`KeychainError`]. After [`KeychainError::Timeout`] the entry may or may not exist.
    fn set(&self, entry: &str, secret: &[u8]) -> Result<(), KeychainError>;

    /// Deletes an entry.
    ///
    /// # Errors
    /// [`KeychainError::NoEntry`] when there was none.
    fn delete(&self, entry: &str) -> Result<(), KeychainError>;
}

/// Stores a value and reads it back: some stores say yes and keep nothing.
pub(crate) fn store_and_check<K: Keychain + ?Sized>(
    keychain: &K,
    entry: &str,
    value: &Secret,
) -> Result<(), KeychainError> {
    keychain.set(entry, value.expose())?;
    match keychain.get(entry) {
        Ok(read) if read.expose() == value.expose() => Ok(()),
        Ok(_) | Err(KeychainError::NoEntry) => Err(KeychainError::Forgetful),
        Err(error) => Err(error),
    }
}

/// Why a keychain did not do what was asked.
///
/// The texts are fixed: the errors of keychain libraries can carry the bytes of a secret, so none
/// of their content passes through here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// The keychain works and has no such entry.
    #[error("the keychain has no such entry")]
    NoEntry,
    /// The keychain is locked and was not unlocked, or access was refused. The user can try again.
    #[error("the keychain did not allow access")]
    NoAccess,
    /// There is no keychain, or it failed. On Linux: no Secret Service on the session bus.
    #[error("no working keychain was found")]
    Unavailable,
    /// No answer in time. A question to the user may still be open.
    #[error("the keychain did not answer in time")]
    Timeout,
    /// The entry exists and cannot be decoded.
    #[error("the keychain holds a value that cannot be read")]
    BadValue,
    /// Several entries answer to the same name; guessing which one is ours would be unsafe.
    #[error("the keychain holds several entries of the same name")]
    Ambiguous,
    /// The keychain loses what is stored: at once, at logout or at reboot.
    #[error("the keychain does not keep what is stored in it")]
    Forgetful,
}
