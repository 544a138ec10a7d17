//! What the program is started with.

use causeway_core::Origin;
use std::{ffi::OsString, path::PathBuf};

/// The arguments that mean something; everything else is ignored, because anyone can start this program with anything.
#[derive(Debug, PartialEq, Eq)]
pub struct Arguments {
    /// `--service http://127.0.0.1:PORT`: an emulator on this computer instead of OpenRouter.
    pub origin: Origin,
    /// `--data-dir FOLDER`: another profile.
    pub folder: Option<PathBuf>,
}

impl Arguments {
    /// Reads them.
    ///
    /// # Errors
    /// A service that is not on this computer, or an option without its value.
    pub fn read(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, &'static str> {
        let mut read = Self {
            origin: Origin::openrouter(),
            folder: None,
        };
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("--service") => {
                    let text = arguments.next().and_then(|text| text.into_string().ok());
                    read.origin = text.and_then(|text| Origin::loopback(&text)).ok_or(
                        "--service takes http://127.0.0.1:PORT, an emulator on this computer",
                    )?;
                }
                Some("--data-dir") => {
                    let folder = arguments.next().filter(|folder| !folder.is_empty());
                    read.folder = Some(folder.ok_or("--data-dir takes a folder")?.into());
                }
                _ => {}
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Arguments, &'static str> {
        Arguments::read(arguments.iter().map(OsString::from))
    }

    #[test]
    fn only_a_service_on_this_computer_is_taken() {
        assert!(
            read(&["--service", "http://127.0.0.1:9"])
                .unwrap()
                .origin
                .is_emulated()
        );
        assert!(read(&["--service", "https://evil.example"]).is_err());
        assert!(read(&["--service"]).is_err());
        assert_eq!(read(&[]).unwrap().origin, Origin::openrouter());
    }

    #[test]
    fn what_is_not_known_is_ignored() {
        let read = read(&[
            "--remote-debugging-port=1",
            "|",
            "x",
            "--data-dir",
            "/tmp/p",
        ])
        .unwrap();
        assert_eq!(
            read,
            Arguments {
                origin: Origin::openrouter(),
                folder: Some("/tmp/p".into())
            }
        );
    }
}
