//! What the tests stand on: a disk that can lose power, a plan of failures, a clock, a keychain
//! made of files.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::disk::{Disk, Found, Lock};
use crate::keychain::bounded::Limits;
use crate::testing::{MemoryKeychain, memory_keychain};
use crate::vault::{Clock, Vault};
use crate::{Keychain, KeychainError, SealWith, Secret};

pub const KEY: &str = "sk-or-v1-0123456789abcdef";
pub const OTHER: &str = "sk-or-v1-another-one";

pub fn secret(text: &str) -> Secret {
    Secret::new(text.into())
}

pub fn passphrase(text: &str) -> SealWith {
    SealWith::Passphrase(secret(text))
}

pub fn content(vault: &Vault) -> Option<String> {
    vault.with_secret(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
}

pub fn limits(milliseconds: u64) -> Limits {
    let limit = Duration::from_millis(milliseconds);
    Limits {
        probe: limit,
        call: limit,
    }
}

/// Moves only when told.
#[derive(Default)]
pub struct TestClock(AtomicU64);

impl TestClock {
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as u64, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// A vault on a disk in memory.
pub struct Bench {
    pub disk: Arc<MemoryDisk>,
    pub keychain: Arc<MemoryKeychain>,
    pub clock: Arc<TestClock>,
    pub steps: Arc<Steps>,
}

impl Bench {
    pub fn new() -> Self {
        Self {
            disk: Arc::new(MemoryDisk::default()),
            keychain: memory_keychain(),
            clock: Arc::new(TestClock::default()),
            steps: Arc::new(Steps::default()),
        }
    }

    /// As after a start of the program.
    pub fn vault(&self) -> Vault {
        let disk = Stepped {
            inner: Arc::clone(&self.disk),
            steps: Arc::clone(&self.steps),
        };
        let keychain = SteppedKeychain {
            inner: Arc::clone(&self.keychain),
            steps: Arc::clone(&self.steps),
        };
        Vault::build(
            Path::new("v"),
            Arc::new(keychain),
            self.clock.clone(),
            Arc::new(disk),
        )
        .with_least_cost()
    }

    pub fn loaded(&self) -> Vault {
        let vault = self.vault();
        vault.load();
        vault
    }

    /// A vault that holds [`KEY`].
    pub fn sealed(with: SealWith) -> Self {
        let bench = Self::new();
        bench.vault().seal(secret(KEY), with).unwrap();
        bench
    }

    pub fn file(&self) -> Vec<u8> {
        self.disk.bytes("v/vault.json").expect("a vault file")
    }

    pub fn plant(&self, bytes: &[u8]) {
        self.disk.plant("v/vault.json", bytes);
    }
}

/// What happens at which step. Steps are the calls on disk and keychain, counted from 1.
#[derive(Clone, Copy, Default)]
pub enum Plan {
    #[default]
    Run,
    /// Steps from the first to the last fail.
    Fail(usize, usize, io::ErrorKind),
    /// The power goes at this step.
    Cut(usize),
    /// Says so on standard output and waits for ever, to be killed.
    Park(usize),
}

#[derive(Default)]
pub struct Steps {
    plan: Mutex<Plan>,
    count: AtomicUsize,
}

impl Steps {
    pub fn plan(&self, plan: Plan) {
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = plan;
        self.count.store(0, Ordering::Relaxed);
    }

    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// `half` runs when the step is cut off in the middle.
    fn step(&self, half: impl FnOnce()) -> io::Result<()> {
        let now = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let plan = *self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        match plan {
            Plan::Fail(first, last, kind) if (first..=last).contains(&now) => Err(kind.into()),
            Plan::Cut(at) if at == now => {
                half();
                resume_unwind(Box::new("power cut"))
            }
            Plan::Park(at) if at == now => {
                half();
                println!("child: parked");
                loop {
                    std::thread::park();
                }
            }
            _ => Ok(()),
        }
    }
}

/// A disk whose every call is a step.
pub struct Stepped<D> {
    pub inner: D,
    pub steps: Arc<Steps>,
}

impl<D: std::ops::Deref<Target: Disk> + Send + Sync> Disk for Stepped<D> {
    fn prepare(&self, folder: &Path) -> io::Result<()> {
        self.steps.step(|| {})?;
        self.inner.prepare(folder)
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Found> {
        self.steps.step(|| {})?;
        self.inner.read(path, limit)
    }

    fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let half = || drop(self.inner.write_new(path, &bytes[..bytes.len() / 2]));
        self.steps.step(half)?;
        self.inner.write_new(path, bytes)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.steps.step(|| {})?;
        self.inner.sync(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.steps.step(|| {})?;
        self.inner.rename(from, to)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.steps.step(|| {})?;
        self.inner.sync_folder(folder)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.steps.step(|| {})?;
        self.inner.remove(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.steps.step(|| {})?;
        self.inner.remove_folder(path)
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.steps.step(|| {})?;
        self.inner.names(folder)
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Lock>> {
        self.steps.step(|| {})?;
        self.inner.try_lock(path)
    }
}

pub struct SteppedKeychain<K> {
    pub inner: Arc<K>,
    pub steps: Arc<Steps>,
}

impl<K: Keychain> Keychain for SteppedKeychain<K> {
    fn get(&self, entry: &str) -> Result<Secret, KeychainError> {
        self.steps
            .step(|| {})
            .map_err(|_| KeychainError::Unavailable)?;
        self.inner.get(entry)
    }

    fn set(&self, entry: &str, secret: &[u8]) -> Result<(), KeychainError> {
        self.steps
            .step(|| {})
            .map_err(|_| KeychainError::Unavailable)?;
        self.inner.set(entry, secret)
    }

    fn delete(&self, entry: &str) -> Result<(), KeychainError> {
        self.steps
            .step(|| {})
            .map_err(|_| KeychainError::Unavailable)?;
        self.inner.delete(entry)
    }
}

/// A disk that keeps through a power cut only what was synced.
#[derive(Default)]
pub struct MemoryDisk(Mutex<Content>);

#[derive(Default)]
struct Content {
    names: BTreeMap<PathBuf, usize>,
    synced_names: BTreeMap<PathBuf, usize>,
    files: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    pinned: Option<PathBuf>,
}

impl Content {
    fn may_go(&self, path: &Path) -> io::Result<()> {
        let pinned = self.pinned.as_deref() == Some(path);
        if pinned {
            Err(io::ErrorKind::PermissionDenied.into())
        } else {
            Ok(())
        }
    }

    fn add(&mut self, path: &Path, bytes: &[u8]) {
        self.files.push((bytes.to_vec(), None));
        self.names.insert(path.to_owned(), self.files.len() - 1);
    }
}

impl MemoryDisk {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        let content = self.content();
        content
            .names
            .get(Path::new(path))
            .map(|file| content.files[*file].0.clone())
    }

    pub fn plant(&self, path: &str, bytes: &[u8]) {
        self.content().add(Path::new(path), bytes);
    }

    /// This file can be neither removed nor renamed.
    pub fn pin(&self, path: &str) {
        self.content().pinned = Some(path.into());
    }

    pub fn unpin(&self) {
        self.content().pinned = None;
    }

    pub fn paths(&self) -> Vec<String> {
        self.content()
            .names
            .keys()
            .map(|path| path.to_str().unwrap().replace('\\', "/"))
            .collect()
    }

    /// Content that was not synced is gone. Whether names that were not synced are gone too is the
    /// file system's choice, so both must be survived.
    pub fn lose_power(&self, keep_names: bool) {
        let content = &mut *self.content();
        if !keep_names {
            content.names = content.synced_names.clone();
        }
        for (bytes, synced) in &mut content.files {
            *bytes = synced.clone().unwrap_or_default();
        }
    }
}

impl Disk for MemoryDisk {
    fn prepare(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Found> {
        let content = self.content();
        Ok(
            match content.names.get(path).map(|file| &content.files[*file].0) {
                None => Found::Nothing,
                Some(bytes) if bytes.len() as u64 > limit => Found::Foreign,
                Some(bytes) => Found::File(bytes.clone()),
            },
        )
    }

    fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut content = self.content();
        if content.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        content.add(path, bytes);
        Ok(())
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        let mut content = self.content();
        let file = *content.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        content.files[file].1 = Some(content.files[file].0.clone());
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut content = self.content();
        content.may_go(from)?;
        let file = content.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        content.names.insert(to.to_owned(), file);
        Ok(())
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let content = &mut *self.content();
        content
            .synced_names
            .retain(|path, _| path.parent() != Some(folder));
        let current = content
            .names
            .iter()
            .filter(|(path, _)| path.parent() == Some(folder));
        content
            .synced_names
            .extend(current.map(|(path, file)| (path.clone(), *file)));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut content = self.content();
        content.may_go(path)?;
        content
            .names
            .remove(path)
            .map(drop)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.content()
            .names
            .retain(|name, _| name.parent() != Some(path));
        Ok(())
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let inside = |path: &&PathBuf| path.parent() == Some(folder);
        let content = self.content();
        let names = content.names.keys().filter(inside);
        Ok(names
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect())
    }

    fn try_lock(&self, _: &Path) -> io::Result<Option<Lock>> {
        Ok(Some(Box::new(())))
    }
}

/// A keychain that several processes share: a folder with one file an entry.
pub struct FolderKeychain(pub PathBuf);

impl FolderKeychain {
    fn path(&self, entry: &str) -> PathBuf {
        self.0.join(entry.replace('/', "-"))
    }

    pub fn entries(&self) -> usize {
        fs::read_dir(&self.0).unwrap().count()
    }
}

impl Keychain for FolderKeychain {
    fn get(&self, entry: &str) -> Result<Secret, KeychainError> {
        fs::read(self.path(entry))
            .map(Secret::new)
            .map_err(|_| KeychainError::NoEntry)
    }

    fn set(&self, entry: &str, secret: &[u8]) -> Result<(), KeychainError> {
        fs::write(self.path(entry), secret).map_err(|_| KeychainError::Unavailable)
    }

    fn delete(&self, entry: &str) -> Result<(), KeychainError> {
        fs::remove_file(self.path(entry)).map_err(|_| KeychainError::NoEntry)
    }
}
