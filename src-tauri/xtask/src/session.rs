//! A desktop for tests: a screen nobody sees and a message bus nobody else is on.
//!
//! The tests open windows, unlock a keychain and start a browser. None of that may touch the
//! screen, the keychain or the browser profile of the person who runs them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::process::{self, Result};

/// The running screen, and the folder that stands for a person's own folders.
pub struct Session {
    screen: Child,
    display: String,
    home: PathBuf,
}

impl Session {
    /// Starts a screen on a free display number, which the server chooses itself.
    pub fn start() -> Result<Self> {
        // Short, because sockets are made in it and their paths are limited to 108 bytes.
        let home = std::env::temp_dir().join(format!("causeway-session-{}", std::process::id()));
        // One of this number may have been killed before it could tidy up.
        let _ = fs::remove_dir_all(&home);
        private(&home)?;
        private(&home.join("runtime"))?;
        let log = home.join("screen.log");
        let complaints = fs::File::create(&log).map_err(|e| format!("Cannot write a log: {e}."))?;
        let mut command = Command::new("Xvfb");
        command.args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1440x900x24",
            "-nolisten",
            "tcp",
        ]);
        let mut screen = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(complaints)
            .spawn()
            .map_err(|e| process::not_started(&command, &e))?;
        let mut number = String::new();
        if let Some(stdout) = screen.stdout.take() {
            BufReader::new(stdout)
                .read_line(&mut number)
                .map_err(|e| format!("No screen: {e}."))?;
        }
        let session = Self {
            screen,
            display: format!(":{}", number.trim()),
            home,
        };
        if number.trim().is_empty() {
            let why = fs::read_to_string(&log).unwrap_or_default();
            return Err(format!("Xvfb offers no screen: {}", why.trim()));
        }
        Ok(session)
    }

    /// The same command, on this screen and on a bus that lives as long as the command.
    pub fn around(&self, inner: &Command) -> Command {
        let mut command = Command::new("dbus-run-session");
        command
            .arg("--")
            .arg(inner.get_program())
            .args(inner.get_args());
        if let Some(folder) = inner.get_current_dir() {
            command.current_dir(folder);
        }
        for (name, value) in inner.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        for (name, below) in [
            ("XDG_RUNTIME_DIR", "runtime"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_CACHE_HOME", "cache"),
        ] {
            command.env(name, self.home.join(below));
        }
        command
            .env("DISPLAY", &self.display)
            .env("GDK_BACKEND", "x11")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("XAUTHORITY")
            // There is no graphics card behind this screen.
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("LIBGL_ALWAYS_SOFTWARE", "1");
        command
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A screen that has already gone and a folder that cannot be removed hurt nobody.
        let _ = self.screen.kill();
        let _ = self.screen.wait();
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// A folder that only its owner enters, as the runtime folder must be.
fn private(folder: &std::path::Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|e| format!("Cannot make {}: {e}.", folder.display()))
}
