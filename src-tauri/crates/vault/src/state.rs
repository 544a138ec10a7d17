//! What the vault tells its callers: where it stands, how to seal, what went wrong.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::{KeychainError, Secret};

/// Where the vault stands. Each state has its own cause and its own way out; none is reported as
/// another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// There is no vault. Way out: sign in.
    Empty,
    /// There is a vault and its secret is not in memory. Way out: [`Vault::unlock`] when
    /// [`Vault::sealing`] is a passphrase, [`Vault::load`] when it is the keychain.
    ///
    /// [`Vault::unlock`]: crate::Vault::unlock
    /// [`Vault::load`]: crate::Vault::load
    /// [`Vault::sealing`]: crate::Vault::sealing
    Locked,
    /// The secret is in memory and sealed on disk.
    Open,
    /// The secret is in memory only and gone when the program ends. The disk was not touched.
    SessionOnly,
    /// The sealing key could not be read from the keychain; it may well be there. The file is
    /// untouched. Way out: unlock or start the keychain and load again.
    KeychainUnavailable(KeychainError),
    /// The keychain works and no longer has the sealing key (or has something else in its place).
    /// The file is untouched and will not open again. Way out: sign in again.
    KeyLost,
    /// The passphrase is wrong, or the file was changed: the two cannot be told apart. The file is
    /// untouched. Way out: try again after `retry_in`, or sign in again.
    WrongPassphraseOrDamaged {
        /// How long the next attempt is refused; zero when it may be made now.
        retry_in: Duration,
    },
    /// The file is not one this program wrote, or was changed since. Way out: sign in again.
    Damaged {
        /// Where the original bytes are now. `None` when they could not be moved: then they are
        /// still in place.
        moved_to: Option<PathBuf>,
    },
    /// The file was written by a newer version. It is untouched. Way out: update, or sign in again.
    NewerVersion,
    /// The file exists and the system did not let us read it. Way out: repair the access or the
    /// disk and load again.
    Unreadable(io::ErrorKind),
}

/// What to seal with.
pub enum SealWith {
    /// A fresh random key, kept in the keychain of the operating system.
    Keychain,
    /// A key derived from this passphrase: UTF-8, 1 to 1024 bytes, compared in Unicode form NFKC.
    Passphrase(Secret),
}

/// What a vault is sealed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealing {
    /// The keychain of the operating system.
    Keychain,
    /// A passphrase.
    Passphrase,
}

/// What a sign-out could not remove. It is tried again at the next [`Vault::load`]; until then
/// the vault is treated as empty.
///
/// [`Vault::load`]: crate::Vault::load
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Wiped {
    /// A file that could not be deleted, with the system's reason. Without its keychain entry it
    /// cannot be opened; sealed with a passphrase, it can be by someone who knows that.
    pub file_left: Option<io::ErrorKind>,
    /// A keychain entry that could not be deleted, with the reason. It opens nothing once the file
    /// is gone.
    pub keychain_left: Option<KeychainError>,
}

impl Wiped {
    /// Nothing is left.
    pub fn is_complete(&self) -> bool {
        *self
            == Self {
                file_left: None,
                keychain_left: None,
            }
    }
}

/// Why a call on the vault changed nothing. After any of these the previous vault still opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The user gave no passphrase.
    #[error("the passphrase is empty")]
    PassphraseEmpty,
    /// The user gave more than 1024 bytes.
    #[error("the passphrase is longer than 1024 bytes")]
    PassphraseTooLong,
    /// The caller gave a passphrase that is not UTF-8.
    #[error("the passphrase is not text")]
    PassphraseNotText,
    /// The caller gave a secret of no or of more than 16 384 bytes.
    #[error("the secret is empty or longer than 16384 bytes")]
    SecretSize,
    /// The passphrase did not open the file. The user can try again, see
    /// [`State::WrongPassphraseOrDamaged`].
    #[error("the passphrase is wrong or the file is damaged")]
    WrongPassphraseOrDamaged {
        /// How long the next attempt is refused.
        retry_in: Duration,
    },
    /// Too soon after a wrong passphrase; this one was not tried.
    #[error("too soon after a wrong passphrase")]
    TooSoon {
        /// How long attempts are still refused.
        retry_in: Duration,
    },
    /// There is no vault here that a passphrase could open. The caller should load again.
    #[error("there is nothing to unlock with a passphrase")]
    NothingToUnlock,
    /// The vault must be open for this.
    #[error("the vault is not open")]
    NotOpen,
    /// Another process has written the vault since it was opened here. The caller should load
    /// again.
    #[error("the vault was changed by another process")]
    ChangedElsewhere,
    /// Another process has been writing the vault for half a minute.
    #[error("the vault is in use by another process")]
    Busy,
    /// The keychain did not take the sealing key. The user can repair that or choose a passphrase.
    #[error("the sealing key could not be stored: {0}")]
    Keychain(KeychainError),
    /// The file could not be written: no space, no permission, a failing disk.
    #[error("the vault could not be written: {0}")]
    Storage(io::ErrorKind),
    /// The operating system gave no random bytes, or no memory for the key derivation.
    #[error("the operating system has no random bytes or memory to give")]
    Resources,
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Storage(error.kind())
    }
}

impl From<getrandom::Error> for Error {
    fn from(_: getrandom::Error) -> Self {
        Self::Resources
    }
}
