//! Which keychain entries this vault may have made.
//!
//! A keychain cannot be searched safely for what a crash left behind, so the name of an entry is
//! written here before the entry is made and struck out after it is deleted. It holds names only:
//! plain text, one a line.

use crate::Secret;

/// The name of one vault: random, new with every write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Id(pub [u8; 16]);

impl Id {
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The name of the keychain entry that holds the sealing key.
    pub(crate) fn entry(&self) -> String {
        format!("vault/{}", hex(&self.0))
    }

    fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        if text.len() != 32 || !text.is_ascii() {
            return None;
        }
        for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A random part of a file name.
pub(crate) fn random_name() -> Result<String, getrandom::Error> {
    Ok(hex(Secret::random::<8>()?.expose()))
}

/// The entries to delete as soon as they are not in use, and the vault a sign-out could not delete.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Ledger {
    pub entries: Vec<Id>,
    /// A file with this id is signed out: it is deleted, never opened.
    pub wiped: Option<Id>,
}

impl Ledger {
    pub(crate) fn add(&mut self, id: Id) {
        if !self.entries.contains(&id) {
            self.entries.push(id);
        }
    }

    /// Lines that cannot be understood are dropped: a lost name costs an orphan, nothing more.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let mut ledger = Self::default();
        for line in String::from_utf8_lossy(bytes).lines() {
            match line
                .split_once(' ')
                .map(|(word, id)| (word, Id::from_hex(id)))
            {
                Some(("entry", Some(id))) => ledger.add(id),
                Some(("wiped", Some(id))) => ledger.wiped = Some(id),
                _ => {}
            }
        }
        ledger
    }

    pub(crate) fn to_text(&self) -> String {
        let entries = self
            .entries
            .iter()
            .map(|id| format!("entry {}\n", hex(&id.0)));
        let wiped = self
            .wiped
            .iter()
            .map(|id| format!("wiped {}\n", hex(&id.0)));
        entries.chain(wiped).collect()
    }
}
