//! Time limits around a keychain that has none.
//!
//! System keychains block: a locked one waits for the user, a broken one for ever. One thread owns
//! every call. Whoever asks waits for a limited time and then walks away: a call that has not
//! begun by then never begins, the answer of one that has is dropped. Nobody waits for the thread,
//! so the program can exit while a call hangs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use super::{Keychain, KeychainError};
use crate::Secret;

type Job = Box<dyn FnOnce(&dyn Keychain) + Send>;

/// How long a caller waits for an answer.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// For a probe, which must not hold up the start of the program.
    pub probe: Duration,
    /// For a call in which the system may ask the user.
    pub call: Duration,
}

/// A keychain whose calls all run on one thread and end in limited time for the caller.
pub(crate) struct Bounded {
    jobs: Option<Sender<Job>>,
    limits: Limits,
}

impl Bounded {
    pub(crate) fn new(inner: impl Keychain, limits: Limits) -> Self {
        let (sender, jobs) = mpsc::channel::<Job>();
        let worker = thread::Builder::new()
            .name("keychain".into())
            .spawn(move || {
                // Ends when the sender is dropped.
                for job in jobs {
                    job(&inner);
                }
            });
        Self {
            jobs: worker.ok().map(|_| sender),
            limits,
        }
    }

    fn ask<R: Send + 'static>(
        &self,
        limit: Duration,
        call: impl FnOnce(&dyn Keychain) -> Result<R, KeychainError> + Send + 'static,
    ) -> Result<R, KeychainError> {
        let jobs = self.jobs.as_ref().ok_or(KeychainError::Unavailable)?;
        let (answer, answers) = mpsc::sync_channel(1);
        // Taken by whoever comes first: the worker to run the call, or the caller to give it up.
        let taken = Arc::new(AtomicBool::new(false));
        let job = Box::new({
            let taken = Arc::clone(&taken);
            move |keychain: &dyn Keychain| {
                if !taken.swap(true, Ordering::AcqRel) {
                    // A caller that has left takes no answer; a secret in it is erased here.
                    drop(answer.send(call(keychain)));
                }
            }
        });
        jobs.send(job).map_err(|_| KeychainError::Unavailable)?;
        match answers.recv_timeout(limit) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => {
                taken.store(true, Ordering::Release);
                Err(KeychainError::Timeout)
            }
            Err(RecvTimeoutError::Disconnected) => Err(KeychainError::Unavailable),
        }
    }
}

impl Keychain for Bounded {
    fn probe(&self) -> Result<(), KeychainError> {
        // One job, so that the test entry is deleted even when the caller has left.
        self.ask(self.limits.probe, |keychain| keychain.probe())
    }

    fn get(&self, entry: &str) -> Result<Secret, KeychainError> {
        let entry = entry.to_owned();
        self.ask(self.limits.call, move |keychain| keychain.get(&entry))
    }

    fn set(&self, entry: &str, secret: &[u8]) -> Result<(), KeychainError> {
        let (entry, secret) = (entry.to_owned(), Secret::copy_of(secret));
        self.ask(self.limits.call, move |keychain| {
            keychain.set(&entry, secret.expose())
        })
    }

    fn delete(&self, entry: &str) -> Result<(), KeychainError> {
        let entry = entry.to_owned();
        self.ask(self.limits.call, move |keychain| keychain.delete(&entry))
    }
}
