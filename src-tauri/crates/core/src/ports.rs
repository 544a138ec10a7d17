//! What the core needs from outside, passed in so that tests decide it.

use crate::wire::Settings;
use url::Url;

/// The system's browser.
pub trait OpenBrowser: Send + Sync + 'static {
    /// Opens this address in the person's own browser.
    ///
    /// # Errors
    /// No browser could be started; the person is then offered the link.
    fn open(&self, url: &Url) -> Result<(), CouldNot>;
}

/// The system's clipboard.
pub trait Clipboard: Send + Sync + 'static {
    /// Puts this text on the clipboard.
    ///
    /// # Errors
    /// The system refused.
    fn write(&self, text: &str) -> Result<(), CouldNot>;
}

/// The app's own window.
pub trait Front: Send + Sync + 'static {
    /// Shows the window and brings it forward, or asks for attention where the system forbids that.
    fn come(&self);
}

/// The wall clock and the system's randomness.
pub trait Nature: Send + Sync + 'static {
    /// Unix milliseconds.
    fn now_ms(&self) -> i64;

    /// 32 bytes of the operating system's randomness. There is no fallback.
    ///
    /// # Errors
    /// The system gives none; the caller then refuses to go on.
    fn random(&self) -> Result<[u8; 32], CouldNot>;
}

/// Where settings are kept.
pub trait Preferences: Send + Sync + 'static {
    /// The stored settings; defaults for what is missing or broken.
    fn load(&self) -> Settings;

    /// Stores the settings.
    ///
    /// # Errors
    /// The file could not be written; the settings still hold until the app quits.
    fn store(&self, settings: &Settings) -> Result<(), CouldNot>;
}

/// The system did not do it. There is nothing more to say that would help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system did not do it")]
pub struct CouldNot;

/// The real clock and randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Nature for System {
    fn now_ms(&self) -> i64 {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    }

    fn random(&self) -> Result<[u8; 32], CouldNot> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|_| CouldNot)?;
        Ok(bytes)
    }
}
