//! Small files of the shell's own, written whole or not at all.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

/// Puts these bytes in place of the file, making its folder.
///
/// # Errors
/// The disk refuses; the old file is still there.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::File::create(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)
}
