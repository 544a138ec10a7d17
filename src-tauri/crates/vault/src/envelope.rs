//! The file format: a JSON envelope around one AEAD ciphertext.
//!
//! Everything outside the ciphertext is associated data, in a form of its own (each field with its
//! length before it), so the meaning of the JSON is protected and its spelling does not matter.
//! What is read is hostile: sizes and numbers are bounded before they cost anything.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::ledger::Id;
use crate::{Error, Secret};

const FORMAT: &str = "causeway-vault";
const VERSION: u32 = 1;
const KDF: &str = "argon2id";
const TAG: usize = 16;
/// The length of the secret is hidden up to this many bytes.
const BLOCK: usize = 1024;
const MAX_SECRET: usize = 16 * 1024;
const MAX_PASSPHRASE: usize = 1024;
/// One character can become this many times its length under NFKC (U+FDFA: 3 bytes to 33).
const NFKC_GROWTH: usize = 11;
/// The largest file that is read; ours stay under 24 KiB, a later version may need more.
pub(crate) const MAX_FILE: u64 = 1024 * 1024;

/// What a key derivation costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    pub memory_kib: u32,
    pub iterations: u32,
    pub parallelism: u32,
}

impl Cost {
    /// The second recommended option of RFC 9106, section 4.
    pub(crate) const DEFAULT: Self = Self {
        memory_kib: 64 * 1024,
        iterations: 3,
        parallelism: 4,
    };
    /// The least we accept: the minimum of the OWASP Password Storage Cheat Sheet.
    pub(crate) const LEAST: Self = Self {
        memory_kib: 19 * 1024,
        iterations: 2,
        parallelism: 1,
    };
    /// The most we accept, so that a planted file cannot exhaust the machine.
    const MOST: Self = Self {
        memory_kib: 1024 * 1024,
        iterations: 10,
        parallelism: 8,
    };

    fn is_sane(&self) -> bool {
        let within = |value, least, most| (least..=most).contains(&value);
        let (least, most) = (Self::LEAST, Self::MOST);
        within(self.memory_kib, least.memory_kib, most.memory_kib)
            && within(self.iterations, least.iterations, most.iterations)
            && within(self.parallelism, least.parallelism, most.parallelism)
    }
}

/// How the sealing key is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lid {
    Keychain,
    Passphrase(Cost, [u8; 16]),
}

pub(crate) fn fresh_salt() -> Result<[u8; 16], Error> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt)?;
    Ok(salt)
}

/// Derives the sealing key from a passphrase.
pub(crate) fn derive(passphrase: &Secret, cost: Cost, salt: &[u8]) -> Result<Secret, Error> {
    let passphrase = normalise(passphrase)?;
    let params = Params::new(cost.memory_kib, cost.iterations, cost.parallelism, Some(32))
        .map_err(|_| Error::Resources)?;
    let mut key = Zeroizing::new(vec![0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut key)
        .map_err(|_| Error::Resources)?;
    Ok(Secret::new(std::mem::take(&mut *key)))
}

/// The same passphrase typed on another system can arrive in another Unicode form: NFKC makes them
/// equal.
fn normalise(passphrase: &Secret) -> Result<Zeroizing<String>, Error> {
    match passphrase.expose().len() {
        0 => return Err(Error::PassphraseEmpty),
        1..=MAX_PASSPHRASE => {}
        _ => return Err(Error::PassphraseTooLong),
    }
    let text = str::from_utf8(passphrase.expose()).map_err(|_| Error::PassphraseNotText)?;
    // Room for all of it at once: growing would leave copies behind.
    let mut normal = Zeroizing::new(String::with_capacity(text.len() * NFKC_GROWTH));
    normal.extend(text.nfkc());
    Ok(normal)
}

/// What the bytes of a file turned out to be.
pub(crate) enum Parsed {
    Vault(Envelope),
    NewerVersion,
    Damaged,
}

/// A sealed secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub id: Id,
    pub lid: Lid,
    nonce: [u8; 24],
    ciphertext: Vec<u8>,
}

impl Envelope {
    pub(crate) fn seal(id: Id, lid: Lid, key: &Secret, secret: &Secret) -> Result<Self, Error> {
        let secret = secret.expose();
        if secret.is_empty() || secret.len() > MAX_SECRET {
            return Err(Error::SecretSize);
        }
        let mut nonce = [0; 24];
        getrandom::fill(&mut nonce)?;
        let mut envelope = Self {
            id,
            lid,
            nonce,
            ciphertext: Vec::new(),
        };
        let padded = (4 + secret.len()).next_multiple_of(BLOCK);
        // Room for the tag too: growing would leave a copy of the plain text behind.
        let mut buffer = Zeroizing::new(Vec::with_capacity(padded + TAG));
        buffer.extend_from_slice(&(secret.len() as u32).to_be_bytes());
        buffer.extend_from_slice(secret);
        buffer.resize(padded, 0);
        cipher(key)
            .ok_or(Error::Resources)?
            .encrypt_in_place(&nonce.into(), &envelope.associated_data(), &mut *buffer)
            .map_err(|_| Error::Resources)?;
        envelope.ciphertext = std::mem::take(&mut *buffer);
        Ok(envelope)
    }

    /// The secret, or `None` when the key is another one or any byte was changed.
    pub(crate) fn open(&self, key: &Secret) -> Option<Secret> {
        let mut buffer = Zeroizing::new(self.ciphertext.clone());
        cipher(key)?
            .decrypt_in_place(&self.nonce.into(), &self.associated_data(), &mut *buffer)
            .ok()?;
        let (length, rest) = buffer.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        rest.get(..length).map(Secret::copy_of)
    }

    fn associated_data(&self) -> Vec<u8> {
        let mut data = Vec::new();
        let mut field = |bytes: &[u8]| {
            data.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
            data.extend_from_slice(bytes);
        };
        field(FORMAT.as_bytes());
        field(&VERSION.to_be_bytes());
        field(&self.id.0);
        match &self.lid {
            Lid::Keychain => field(b"keychain"),
            Lid::Passphrase(cost, salt) => {
                field(b"passphrase");
                field(KDF.as_bytes());
                field(&cost.memory_kib.to_be_bytes());
                field(&cost.iterations.to_be_bytes());
                field(&cost.parallelism.to_be_bytes());
                field(salt);
            }
        }
        field(&self.nonce);
        data
    }

    pub(crate) fn to_json(&self) -> Result<Vec<u8>, Error> {
        let sealed_by = match &self.lid {
            Lid::Keychain => WireLid::Keychain {},
            Lid::Passphrase(cost, salt) => WireLid::Passphrase {
                kdf: KDF.into(),
                memory_kib: cost.memory_kib,
                iterations: cost.iterations,
                parallelism: cost.parallelism,
                salt: STANDARD.encode(salt),
            },
        };
        let wire = Wire {
            format: FORMAT.into(),
            version: VERSION,
            id: STANDARD.encode(self.id.0),
            sealed_by,
            nonce: STANDARD.encode(self.nonce),
            ciphertext: STANDARD.encode(&self.ciphertext),
        };
        serde_json::to_vec(&wire).map_err(|_| Error::Resources)
    }

    /// Reads a file of at most [`MAX_FILE`] bytes. Duplicate keys, unknown fields, unknown seals,
    /// wrong lengths and key derivations out of bounds are all damage: we wrote none of them.
    pub(crate) fn parse(bytes: &[u8]) -> Parsed {
        match serde_json::from_slice::<Head>(bytes) {
            Ok(head) if head.format == FORMAT && head.version > u64::from(VERSION) => {
                Parsed::NewerVersion
            }
            Ok(_) => Self::parse_current(bytes).map_or(Parsed::Damaged, Parsed::Vault),
            Err(_) => Parsed::Damaged,
        }
    }

    fn parse_current(bytes: &[u8]) -> Option<Self> {
        let wire: Wire = serde_json::from_slice(bytes).ok()?;
        if wire.format != FORMAT || wire.version != VERSION {
            return None;
        }
        let lid = match wire.sealed_by {
            WireLid::Keychain {} => Lid::Keychain,
            WireLid::Passphrase {
                kdf,
                memory_kib,
                iterations,
                parallelism,
                salt,
            } => {
                let cost = Cost {
                    memory_kib,
                    iterations,
                    parallelism,
                };
                if kdf != KDF || !cost.is_sane() {
                    return None;
                }
                Lid::Passphrase(cost, fixed(&salt)?)
            }
        };
        let ciphertext = STANDARD.decode(wire.ciphertext).ok()?;
        Some(Self {
            id: Id(fixed(&wire.id)?),
            lid,
            nonce: fixed(&wire.nonce)?,
            ciphertext,
        })
    }
}

fn cipher(key: &Secret) -> Option<XChaCha20Poly1305> {
    XChaCha20Poly1305::new_from_slice(key.expose()).ok()
}

fn fixed<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// As much as every version has in common.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    format: String,
    version: u32,
    id: String,
    sealed_by: WireLid,
    nonce: String,
    ciphertext: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum WireLid {
    Keychain {},
    Passphrase {
        kdf: String,
        memory_kib: u32,
        iterations: u32,
        parallelism: u32,
        salt: String,
    },
}
