//! The API key at rest: seal, open, lock, wipe.
//!
//! One file, `vault.json`, holds one secret, encrypted once with XChaCha20-Poly1305. The sealing
//! key is 32 random bytes in the keychain of the operating system, or Argon2id of a passphrase;
//! it never lies beside the file. Everything here fails closed: what cannot be opened is reported
//! as what it is ([`State`]), kept, and never replaced by something weaker. There is no plain text,
//! no built-in password, and loading never creates a key.
//!
//! The boundary exists so that the code that handles the secret is small enough to read at one
//! sitting. It knows no network, no window and no async runtime: every call may block on a disk, a
//! keychain or a key derivation, so call from a thread that may wait. [`Vault::state`] and
//! [`Vault::with_secret`] never wait for any of these.
//!
//! Version 1 is the first format, so there is nothing to migrate from; a higher version is
//! reported as [`State::NewerVersion`] and left untouched.
//!
//! Deliberately absent: what the secret means, how long it is valid, who issued it.
#![forbid(unsafe_code)]

mod disk;
mod envelope;
mod keychain;
mod ledger;
mod secret;
mod state;
mod store;
mod vault;

#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;

pub use keychain::system::SystemKeychain;
pub use keychain::{Keychain, KeychainError};
pub use secret::Secret;
pub use state::{Error, SealWith, Sealing, State, Wiped};
pub use vault::{Clock, Vault};
