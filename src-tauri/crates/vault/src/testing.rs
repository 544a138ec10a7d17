//! A keychain in memory that follows a script, for tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::envelope::{Envelope, Parsed};
use crate::keychain::bounded::{Bounded, Limits};
use crate::{Keychain, KeychainError, Secret};

/// A keychain that works until it is told otherwise.
pub fn memory_keychain() -> Arc<MemoryKeychain> {
    Arc::new(MemoryKeychain::default())
}

/// The calls of a keychain, to name the one that shall fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// [`Keychain::get`].
    Get,
    /// [`Keychain::set`].
    Set,
    /// [`Keychain::delete`].
    Delete,
}

/// See [`memory_keychain`].
#[derive(Default)]
pub struct MemoryKeychain {
    inner: Mutex<Inner>,
    released: Condvar,
}

#[derive(Default)]
struct Inner {
    entries: BTreeMap<String, Vec<u8>>,
    failures: BTreeMap<Call, KeychainError>,
    forgetful: bool,
    hanging: bool,
    /// Calls that have begun.
    calls: usize,
}

impl MemoryKeychain {
    /// Makes every call of this kind fail, until [`MemoryKeychain::heal`].
    pub fn fail(&self, call: Call, with: KeychainError) {
        self.inner().failures.insert(call, with);
    }

    /// Makes all calls fail.
    pub fn fail_all(&self, with: KeychainError) {
        [Call::Get, Call::Set, Call::Delete]
            .into_iter()
            .for_each(|call| self.fail(call, with));
    }

    /// Takes values and keeps none, like a mock.
    pub fn forget_everything(&self) {
        self.inner().forgetful = true;
    }

    /// Makes every call block, those under way excepted, until [`MemoryKeychain::heal`]. To see
    /// time limits, put the keychain behind [`MemoryKeychain::with_limits`]. A delay is a hang
    /// that the test ends.
    pub fn hang(&self) {
        self.inner().hanging = true;
    }

    /// Ends all failures and lets the calls that hang go on.
    pub fn heal(&self) {
        let mut inner = self.inner();
        inner.failures.clear();
        inner.forgetful = false;
        inner.hanging = false;
        drop(inner);
        self.released.notify_all();
    }

    /// This keychain behind the thread and the time limits that [`crate::SystemKeychain`] has.
    pub fn with_limits(self: &Arc<Self>, probe: Duration, call: Duration) -> Arc<dyn Keychain> {
        Arc::new(Bounded::new(
            Shared(Arc::clone(self)),
            Limits { probe, call },
        ))
    }

    /// The names of all entries.
    pub fn entries(&self) -> Vec<String> {
        self.inner().entries.keys().cloned().collect()
    }

    /// What an entry holds.
    pub fn peek(&self, entry: &str) -> Option<Vec<u8>> {
        self.inner().entries.get(entry).cloned()
    }

    /// Puts or, with `None`, removes an entry behind the back of whoever uses the keychain.
    pub fn plant(&self, entry: &str, value: Option<Vec<u8>>) {
        match value {
            Some(value) => self.inner().entries.insert(entry.to_owned(), value),
            None => self.inner().entries.remove(entry),
        };
    }

    /// How many calls have begun.
    pub fn calls(&self) -> usize {
        self.inner().calls
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, call: Call) -> Result<MutexGuard<'_, Inner>, KeychainError> {
        let mut inner = self.inner();
        inner.calls += 1;
        let inner = self
            .released
            .wait_while(inner, |inner| inner.hanging)
            .unwrap_or_else(PoisonError::into_inner);
        match inner.failures.get(&call) {
            Some(error) => Err(*error),
            None => Ok(inner),
        }
    }
}

impl Keychain for MemoryKeychain {
    fn get(&self, entry: &str) -> Result<Secret, KeychainError> {
        let inner = self.begin(Call::Get)?;
        let value = inner.entries.get(entry).ok_or(KeychainError::NoEntry)?;
        Ok(Secret::new(value.clone()))
    }

    fn set(&self, entry: &str, secret: &[u8]) -> Result<(), KeychainError> {
        let mut inner = self.begin(Call::Set)?;
        if !inner.forgetful {
            inner.entries.insert(entry.to_owned(), secret.to_vec());
        }
        Ok(())
    }

    fn delete(&self, entry: &str) -> Result<(), KeychainError> {
        let mut inner = self.begin(Call::Delete)?;
        inner
            .entries
            .remove(entry)
            .map(drop)
            .ok_or(KeychainError::NoEntry)
    }
}

/// Reads bytes as a vault's file. One that is understood reads the same once written again, and does not open with a
/// key that is not its own.
///
/// # Panics
/// When one of the two is not so.
pub fn read_file(bytes: &[u8]) {
    if let Parsed::Vault(envelope) = Envelope::parse(bytes) {
        let again = envelope.to_json().map(|file| Envelope::parse(&file));
        let same = matches!(&again, Ok(Parsed::Vault(read)) if *read == envelope);
        assert!(same, "a vault reads otherwise once written again");
        let opened = envelope.open(&Secret::new(vec![0xc3; 32]));
        assert!(
            opened.is_none(),
            "a vault opens with a key that is not its own"
        );
    }
}

struct Shared(Arc<MemoryKeychain>);

impl Keychain for Shared {
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
