//! Bytes that must not be seen.

use zeroize::Zeroizing;

/// Secret bytes, overwritten with zeroes when dropped.
///
/// There is no `Debug`, `Display`, `Clone` or `Serialize`, so that a secret cannot reach a log, a
/// message or a second place by accident. Whoever needs the bytes calls [`Secret::expose`], which
/// is easy to search for.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes over. Copies the caller keeps are the caller's to erase.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for as short as possible.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn copy_of(bytes: &[u8]) -> Self {
        Self::new(bytes.to_vec())
    }

    /// `N` bytes from the random source of the operating system; there is no other source to fall
    /// back to.
    pub(crate) fn random<const N: usize>() -> Result<Self, getrandom::Error> {
        let mut bytes = vec![0; N];
        getrandom::fill(&mut bytes)?;
        Ok(Self::new(bytes))
    }
}
