//! What a session leaves behind, searched for what must not be there.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use std::{fs, path::Path};

/// A secret in every dress it could wear.
pub fn dresses(secret: &str) -> Vec<Vec<u8>> {
    let bytes = secret.as_bytes();
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        bytes.to_vec(),
        STANDARD
            .encode(bytes)
            .trim_end_matches('=')
            .as_bytes()
            .to_vec(),
        URL_SAFE_NO_PAD.encode(bytes).into_bytes(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        wide,
    ]
}

/// Whether any dress of the secret is in these bytes.
pub fn holds(bytes: &[u8], secret: &str) -> bool {
    dresses(secret)
        .iter()
        .any(|needle| bytes.windows(needle.len()).any(|part| part == needle))
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(bytes) = fs::read(&path) {
            found.push((path, bytes));
        }
    }
    found
}

#[test]
fn a_secret_is_found_in_every_dress() {
    let secret = "sk-or-v1-0123456789abcdef";
    for dress in dresses(secret) {
        let mut around = b"before ".to_vec();
        around.extend(dress);
        assert!(holds(&around, secret), "{around:?}");
    }
    assert!(!holds(b"sk-or-v1-0123456789abcde", secret));
}
