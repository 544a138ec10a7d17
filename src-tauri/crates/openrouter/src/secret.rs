//! Values that must not be seen.

use zeroize::Zeroizing;

/// An API key. The one credential that lasts.
///
/// It has no `Debug`, `Display`, `Clone` or `Serialize`: it can't be logged or copied by accident.
pub struct ApiKey(Zeroizing<String>);

/// Why a text can't be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// Nothing but white space.
    #[error("it is empty")]
    Empty,
    /// Longer than 512 characters.
    #[error("it is too long")]
    TooLong,
    /// Something other than printable ASCII without white space.
    #[error("it has characters that do not belong there")]
    Characters,
}

const MAX: usize = 512;

fn check(text: &str) -> Result<(), BadSecret> {
    if text.is_empty() {
        Err(BadSecret::Empty)
    } else if text.len() > MAX {
        Err(BadSecret::TooLong)
    } else if !text.bytes().all(|b| b.is_ascii_graphic()) {
        Err(BadSecret::Characters)
    } else {
        Ok(())
    }
}

impl ApiKey {
    /// Takes a key as the service gave it. Prefix and length are no contract, so only what could break a header or a
    /// file is refused.
    ///
    /// # Errors
    /// Empty, over 512 characters, or not printable ASCII.
    pub fn new(text: Zeroizing<String>) -> Result<Self, BadSecret> {
        check(&text).map(|()| Self(text))
    }

    /// The key itself: for the bearer header and the vault.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The key with its middle removed, such as `sk-or-v1-9f2…c41`: enough to recognise it, too little to use it.
    #[must_use]
    pub fn masked(&self) -> String {
        const PREFIX: &str = "sk-or-v1-";
        let (prefix, rest) = match self.0.strip_prefix(PREFIX) {
            Some(rest) => (PREFIX, rest),
            None => ("", self.0.as_str()),
        };
        if rest.len() < 16 {
            return format!("{prefix}…");
        }
        format!("{prefix}{}…{}", &rest[..3], &rest[rest.len() - 3..])
    }
}

/// The code that the authorization page hands out: single use, ten minutes.
pub struct AuthorizationCode(Zeroizing<String>);

impl AuthorizationCode {
    /// Takes a code from a redirect or from a person's clipboard, already cleaned.
    ///
    /// # Errors
    /// Empty, over 512 characters, or not printable ASCII.
    pub fn new(text: Zeroizing<String>) -> Result<Self, BadSecret> {
        check(&text).map(|()| Self(text))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Result<ApiKey, BadSecret> {
        ApiKey::new(Zeroizing::new(text.into()))
    }

    #[test]
    fn a_masked_key_shows_three_characters_at_each_end() {
        let long = format!("sk-or-v1-9f2{}c41", "0".repeat(58));
        assert_eq!(key(&long).unwrap().masked(), "sk-or-v1-9f2…c41");
        assert_eq!(
            key("short").unwrap().masked(),
            "…",
            "a short key would be shown whole"
        );
    }

    #[test]
    fn a_key_is_printable_ascii_of_bounded_length() {
        assert_eq!(key("").err(), Some(BadSecret::Empty));
        assert_eq!(key(&"k".repeat(513)).err(), Some(BadSecret::TooLong));
        for bad in ["a b", "a\nb", "a\0b", "ключ", "a\u{202e}b"] {
            assert_eq!(key(bad).err(), Some(BadSecret::Characters), "{bad:?}");
        }
    }

    /// A trait that is implemented twice for a type that can be shown or copied, and then cannot be named without
    /// saying which one: so this compiles only as long as no secret can be either.
    #[test]
    fn x17_no_secret_of_the_sign_in_can_be_shown_copied_or_serialised() {
        trait Cannot<Marker> {
            fn check() {}
        }
        struct Shown;
        struct Printed;
        struct Copied;
        struct Serialised;
        impl<T: ?Sized> Cannot<()> for T {}
        impl<T: ?Sized + std::fmt::Debug> Cannot<Shown> for T {}
        impl<T: ?Sized + std::fmt::Display> Cannot<Printed> for T {}
        impl<T: Clone> Cannot<Copied> for T {}
        impl<T: ?Sized + serde::Serialize> Cannot<Serialised> for T {}
        <ApiKey as Cannot<_>>::check();
        <AuthorizationCode as Cannot<_>>::check();
        <crate::CodeVerifier as Cannot<_>>::check();
        <crate::Exchanged as Cannot<_>>::check();
    }
}
