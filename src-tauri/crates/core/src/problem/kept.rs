//! Why the keychain or the vault did not do it.

use crate::wire::{Problem, ProblemCode as Code};

/// Why the keychain could not be used.
pub fn keychain(error: vault::KeychainError) -> Problem {
    use vault::KeychainError as E;
    let message = match error {
        E::NoAccess => {
            "The system's keychain is locked or refused access. Unlock it, then try again."
        }
        E::Timeout => {
            "The system's keychain did not answer in time. It may be asking you something: look for its window, then \
             try again."
        }
        E::Forgetful => {
            "The system's keychain keeps nothing beyond this session, so it can't guard a key."
        }
        E::BadValue | E::Ambiguous => {
            "What the system's keychain holds for this key can't be used: it is unreadable, or there several times."
        }
        E::NoEntry | E::Unavailable => {
            "No working keychain was found on this computer. Start one and try again."
        }
    };
    Problem::new(Code::Keychain, message).with_detail(error.to_string())
}

/// Why the vault did not do it.
pub fn vault(error: vault::Error) -> Problem {
    use vault::Error as E;
    match error {
        E::PassphraseEmpty => Problem::new(Code::Refused, "Enter a passphrase."),
        E::PassphraseTooLong | E::PassphraseNotText => Problem::new(
            Code::Refused,
            "This passphrase is too long. 1,024 bytes is the most.",
        ),
        E::WrongPassphraseOrDamaged { retry_in } | E::TooSoon { retry_in } => {
            let text = match error {
                E::TooSoon { .. } => {
                    "This came too soon after a wrong passphrase and was not tried. Wait a moment."
                }
                _ => {
                    "That passphrase does not open it. Try again; if you are sure of it, the file may be damaged."
                }
            };
            Problem {
                retry_after_ms: u64::try_from(retry_in.as_millis())
                    .ok()
                    .filter(|ms| *ms > 0),
                ..Problem::new(Code::WrongPassphrase, text)
            }
        }
        E::Keychain(error) => keychain(error),
        E::Storage(_) | E::Busy | E::ChangedElsewhere => Problem::new(
            Code::Again,
            "The key could not be stored on this disk. Nothing was changed. Try again.",
        )
        .with_detail(error.to_string()),
        other => Problem::new(
            Code::Again,
            "The key could not be stored. Nothing was changed.",
        )
        .with_detail(other.to_string()),
    }
}
