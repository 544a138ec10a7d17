//! The keychain of the operating system: Secret Service over D-Bus on Linux, Keychain on macOS,
//! Credential Manager on Windows.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keyring_core::{CredentialPersistence, CredentialStore, Entry, Error};
use zeroize::Zeroize;

use super::bounded::{Bounded, Limits};
use super::{Keychain, KeychainError};
use crate::Secret;

/// The keychain of the operating system, with time limits: 5 s for a probe, 60 s for a call in
/// which the system may ask the user. Dropping it never waits.
pub struct SystemKeychain(Bounded);

impl SystemKeychain {
    /// `service` names the application in the keychain: its bundle identifier.
    ///
    /// Nothing is contacted before the first call.
    pub fn new(service: &str) -> Self {
        let native = Native {
            service: service.to_owned(),
            store: Mutex::new(None),
        };
        let limits = Limits {
            probe: Duration::from_secs(5),
            call: Duration::from_secs(60),
        };
        Self(Bounded::new(native, limits))
    }
}

impl Keychain for SystemKeychain {
    fn probe(&self) -> Result<(), KeychainError> {
        self.0.probe()
    }

    fn get(&self, entry: &str) -> Result<Secret, KeychainError> {
        self.0.get(entry)
    }

    fn set(&self, entry: &str, secret: &[u8]) -> Result<(), KeychainError> {
        self.0.set(entry, secret)
    }

    fn delete(&self, entry: &str) -> Result<(), KeychainError> {
        self.0.delete(entry)
    }
}

/// The same without time limits. The store is opened at the first call and again after a failure,
/// because a Secret Service may start late or restart.
struct Native {
    service: String,
    store: Mutex<Option<Arc<CredentialStore>>>,
}

impl Native {
    fn with_entry<R>(
        &self,
        entry: &str,
        call: impl FnOnce(&Entry) -> keyring_core::Result<R>,
    ) -> Result<R, KeychainError> {
        let mut slot = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let store = match slot.take() {
            Some(store) => store,
            None => open_store().map_err(map_error)?,
        };
        if !matches!(store.persistence(), CredentialPersistence::UntilDelete) {
            return Err(KeychainError::Forgetful);
        }
        let result = store
            .build(&self.service, entry, modifiers().as_ref())
            .and_then(|entry| call(&entry))
            .map_err(map_error);
        if result.as_ref().err() != Some(&KeychainError::Unavailable) {
            *slot = Some(store);
        }
        result
    }
}

impl Keychain for Native {
    fn get(&self, entry: &str) -> Result<Secret, KeychainError> {
        self.with_entry(entry, |entry| entry.get_secret().map(Secret::new))
    }

    fn set(&self, entry: &str, secret: &[u8]) -> Result<(), KeychainError> {
        let kept = self.with_entry(entry, |entry| {
            entry.set_secret(secret)?;
            outlives_the_session(entry)
        })?;
        if kept {
            return Ok(());
        }
        self.delete(entry)?;
        Err(KeychainError::Forgetful)
    }

    fn delete(&self, entry: &str) -> Result<(), KeychainError> {
        self.with_entry(entry, |entry| match entry.delete_credential() {
            // They all bear our name: none of them may stay.
            Err(Error::Ambiguous(twins)) => twins.iter().try_for_each(Entry::delete_credential),
            other => other,
        })
    }
}

#[cfg(target_os = "macos")]
fn open_store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn open_store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(all(unix, not(target_os = "macos")))]
fn open_store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

/// On Windows an entry stays on this computer: the default would copy it to every computer of the
/// domain profile, where there is no vault for it.
fn modifiers() -> Option<std::collections::HashMap<&'static str, &'static str>> {
    cfg!(windows).then(|| [("persistence", "Local")].into())
}

/// The Secret Service has a collection, `session`, that lives in memory only. It can be the default
/// one, where no other was made.
///
/// Source: freedesktop.org Secret Service API, "Collection aliases" and object paths.
#[cfg(all(unix, not(target_os = "macos")))]
fn outlives_the_session(entry: &Entry) -> keyring_core::Result<bool> {
    let item = entry.get_credential()?;
    let item = item
        .as_any()
        .downcast_ref::<zbus_secret_service_keyring_store::cred::Wrapper>();
    Ok(item.is_none_or(|item| !item.get_path().contains("/collection/session/")))
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn outlives_the_session(_: &Entry) -> keyring_core::Result<bool> {
    Ok(true)
}

/// Keeps what happened and drops everything else: texts and values of these errors may hold the
/// bytes of a secret.
fn map_error(error: Error) -> KeychainError {
    match error {
        Error::NoEntry => KeychainError::NoEntry,
        Error::NoStorageAccess(_) => KeychainError::NoAccess,
        Error::Ambiguous(_) => KeychainError::Ambiguous,
        Error::BadEncoding(mut bytes) | Error::BadDataFormat(mut bytes, _) => {
            bytes.zeroize();
            KeychainError::BadValue
        }
        _ => KeychainError::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s35_no_byte_of_a_planted_secret_passes_the_error_path() {
        let planted = b"sk-or-planted-secret".to_vec();
        let text = String::from_utf8(planted.clone()).unwrap();
        let errors = [
            Error::BadEncoding(planted.clone()),
            Error::BadDataFormat(planted.clone(), text.clone().into()),
            Error::PlatformFailure(text.clone().into()),
            Error::NoStorageAccess(text.clone().into()),
            Error::BadStoreFormat(text.clone()),
            Error::Invalid(text.clone(), text.clone()),
            Error::NotSupportedByStore(text),
        ];
        for error in errors {
            let mapped = map_error(error);
            let shown = format!("{mapped} {mapped:?} {:?}", crate::Error::Keychain(mapped));
            assert!(!shown.contains("planted"), "{shown}");
            let decimal = format!("{planted:?}");
            assert!(!shown.contains(decimal.trim_matches(['[', ']'])), "{shown}");
        }
        assert_eq!(
            map_error(Error::BadEncoding(planted)),
            KeychainError::BadValue
        );
    }
}
