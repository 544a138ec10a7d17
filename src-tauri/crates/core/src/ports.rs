//! What the core needs from outside, passed in so that tests decide it.

use crate::wire::Settings;
use async_trait::async_trait;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::net::TcpListener;
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

    /// Puts a picture on the clipboard: four bytes a pixel (red, green, blue, alpha), row by row.
    ///
    /// # Errors
    /// The system refused.
    fn write_picture(&self, width: u32, height: u32, pixels: Vec<u8>) -> Result<(), CouldNot>;
}

/// The app's own window.
pub trait Front: Send + Sync + 'static {
    /// Shows the window and brings it forward, or asks for attention where the system forbids that.
    fn come(&self);

    /// An answer ended by itself after this time, in the conversation of this title. Who does not look at the window
    /// may want to be told.
    fn answered(&self, title: &str, took: Duration);
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

/// This computer's own name and ports, on which a sign-in's answer can come back.
#[async_trait]
pub trait Loopback: Send + Sync + 'static {
    /// Every address that `localhost` stands for.
    ///
    /// # Errors
    /// The name is not known.
    async fn localhost(&self) -> io::Result<Vec<IpAddr>>;

    /// Listens there; port 0 takes a free one.
    ///
    /// # Errors
    /// The port is in other hands, or the system has no such address.
    async fn listen(&self, at: SocketAddr) -> io::Result<TcpListener>;
}

/// What the system does with `causeway://` links.
pub trait AppLinks: Send + Sync + 'static {
    /// True when it opens them with this app and this profile. May wait for the system.
    fn are_ours(&self) -> bool;
}

/// The system's dialogs for files, and its programs that show them.
#[async_trait]
pub trait Dialogs: Send + Sync + 'static {
    /// Asks the person under this title for files to read; none when they think better of it.
    async fn open_files(&self, title: &str) -> Vec<PathBuf>;

    /// Asks the person under this title for a folder; none when they think better of it.
    async fn pick_folder(&self, title: &str) -> Option<PathBuf>;

    /// Asks the person where to write a file, proposing this name.
    async fn save_as(&self, name: &str) -> Option<PathBuf>;

    /// Has the program that the person uses for such files show this one.
    ///
    /// # Errors
    /// There is none, or it could not be started.
    fn show(&self, file: &Path) -> Result<(), CouldNot>;
}

/// The system did not do it. There is nothing more to say that would help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system did not do it")]
pub struct CouldNot;

/// The real clock, randomness and ports.
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

#[async_trait]
impl Loopback for System {
    async fn localhost(&self) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host(("localhost", 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }

    async fn listen(&self, at: SocketAddr) -> io::Result<TcpListener> {
        TcpListener::bind(at).await
    }
}
