//! The file: what opens, what does not, and what it costs to find out.

use std::time::Duration;

use serde_json::{Value, json};

use super::bench::{Bench, KEY, OTHER, content, passphrase, secret};
use crate::disk::Disk;
use crate::envelope::{Cost, Envelope, Lid, Parsed, derive};
use crate::{Error, SealWith, Secret, State};

fn parsed(bytes: &[u8]) -> Option<Envelope> {
    match Envelope::parse(bytes) {
        Parsed::Vault(vault) => Some(vault),
        _ => None,
    }
}

fn edited(file: &[u8], edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value = serde_json::from_slice(file).unwrap();
    edit(&mut value);
    serde_json::to_vec(&value).unwrap()
}

#[test]
fn s2_no_spelling_of_the_secret_is_on_the_disk() {
    for with in [SealWith::Keychain, passphrase("a passphrase")] {
        let bench = Bench::sealed(with);
        let vault = bench.loaded();
        if vault.state() == State::Locked {
            vault.unlock(secret("a passphrase")).unwrap();
        }
        let current = Some(secret("a passphrase"));
        vault.change_sealing(SealWith::Keychain, current).unwrap();
        let hex: String = KEY.bytes().map(|byte| format!("{byte:02x}")).collect();
        let wide: Vec<u8> = KEY.encode_utf16().flat_map(u16::to_le_bytes).collect();
        use base64::Engine;
        let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.encode(KEY);
        for path in bench.disk.paths() {
            let bytes = bench.disk.bytes(&path).unwrap();
            for spelling in [
                KEY.as_bytes(),
                hex.as_bytes(),
                &wide,
                &base64.as_bytes()[..20],
            ] {
                assert!(
                    !bytes.windows(spelling.len()).any(|part| part == spelling),
                    "{path}"
                );
            }
        }
    }
}

#[test]
fn s3_no_single_bit_flip_opens_with_other_content() {
    let bench = Bench::sealed(SealWith::Keychain);
    let file = bench.file();
    let mut opened = 0;
    for bit in 0..file.len() * 8 {
        let mut flipped = file.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        bench.plant(&flipped);
        let vault = bench.vault();
        match vault.load() {
            State::Open => {
                assert_eq!(content(&vault).as_deref(), Some(KEY), "bit {bit}");
                opened += 1;
            }
            State::Damaged {
                moved_to: Some(path),
            } => {
                let kept = bench.disk.bytes(path.to_str().unwrap());
                assert_eq!(
                    kept,
                    Some(flipped),
                    "bit {bit}: the original bytes are kept"
                );
                bench.disk.remove(&path).unwrap();
            }
            // The id is the name of the keychain entry, the version the way to a newer program.
            State::KeyLost | State::NewerVersion => assert_eq!(bench.file(), flipped),
            other => panic!("bit {bit}: {other:?}"),
        }
        assert!(
            file.len() > 1400,
            "the secret is padded, so there is this much to flip"
        );
    }
    assert_eq!(opened, 0, "every byte of what we write means something");
    bench.plant(&file);
    assert_eq!(
        bench.vault().load(),
        State::Open,
        "the unharmed file opens after all that"
    );
}

#[test]
fn s3_no_single_bit_flip_of_a_passphrase_file_opens_with_the_same_key() {
    let bench = Bench::sealed(passphrase("a passphrase"));
    let file = bench.file();
    let vault = parsed(&file).unwrap();
    let Lid::Passphrase(cost, salt) = vault.lid else {
        panic!("sealed with a passphrase")
    };
    let key = derive(&secret("a passphrase"), cost, &salt).unwrap();
    assert!(vault.open(&key).is_some());
    for bit in 0..file.len() * 8 {
        let mut flipped = file.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Some(vault) = parsed(&flipped) {
            assert!(vault.open(&key).is_none(), "bit {bit} is not protected");
        }
    }
}

#[test]
fn s4_a_file_cut_at_any_length_is_damaged_and_kept() {
    let bench = Bench::sealed(SealWith::Keychain);
    let file = bench.file();
    let longer = [&file[..], b"x"].concat();
    for bytes in (0..file.len())
        .map(|length| &file[..length])
        .chain([&longer[..]])
    {
        bench.plant(bytes);
        let State::Damaged {
            moved_to: Some(path),
        } = bench.vault().load()
        else {
            panic!("{} bytes were accepted", bytes.len());
        };
        assert_eq!(
            bench.disk.bytes(path.to_str().unwrap()).as_deref(),
            Some(bytes)
        );
        assert_eq!(bench.disk.bytes("v/vault.json"), None);
        bench.disk.remove(&path).unwrap();
    }
}

#[test]
fn s5_parts_of_two_vaults_never_open_together() {
    for with in [|| SealWith::Keychain, || passphrase("a passphrase")] {
        let (bench, other) = (Bench::sealed(with()), Bench::sealed(with()));
        let (file, other) = (bench.file(), other.file());
        let other: Value = serde_json::from_slice(&other).unwrap();
        let mut mixtures = vec![];
        for field in ["ciphertext", "nonce", "id"] {
            mixtures.push(edited(&file, |file| file[field] = other[field].clone()));
        }
        mixtures.push(edited(&file, |file| file["version"] = json!(0)));
        mixtures.push(edited(&file, |file| {
            file["format"] = json!("causeway-vault2");
        }));
        let keychain = json!({"keychain": {}});
        let kdf = |memory: u32, iterations: u32, parallelism: u32| {
            json!({"passphrase": {"kdf": "argon2id", "memory_kib": memory, "iterations": iterations,
                "parallelism": parallelism, "salt": "AAAAAAAAAAAAAAAAAAAAAA=="}})
        };
        for lid in [
            keychain,
            kdf(19456, 2, 1),
            kdf(19457, 2, 1),
            kdf(19456, 3, 1),
        ] {
            let now: Value = serde_json::from_slice(&file).unwrap();
            if now["sealed_by"] != lid {
                mixtures.push(edited(&file, |file| file["sealed_by"] = lid));
            }
        }
        for mixture in mixtures {
            bench.plant(&mixture);
            let vault = bench.vault();
            let state = vault.load();
            if state == State::Locked {
                bench.clock.advance(Duration::from_secs(60));
                let error = vault.unlock(secret("a passphrase")).unwrap_err();
                assert!(
                    matches!(error, Error::WrongPassphraseOrDamaged { .. }),
                    "{error:?}"
                );
            } else {
                let expected = matches!(state, State::Damaged { .. } | State::KeyLost);
                assert!(
                    expected,
                    "{state:?} for {}",
                    String::from_utf8_lossy(&mixture)
                );
            }
            assert_eq!(content(&vault), None);
        }
    }
}

#[test]
fn s7_a_key_derivation_out_of_bounds_is_refused_before_it_begins() {
    let bench = Bench::sealed(passphrase("a passphrase"));
    let file = bench.file();
    let cases: [(&str, u64); 9] = [
        ("memory_kib", 4 << 30),
        ("memory_kib", (1 << 20) + 1),
        ("memory_kib", 19 * 1024 - 1),
        ("memory_kib", 0),
        ("iterations", 1 << 31),
        ("iterations", 11),
        ("iterations", 1),
        ("parallelism", 0),
        ("parallelism", 9),
    ];
    for (field, value) in cases {
        let hostile = edited(&file, |file| {
            file["sealed_by"]["passphrase"][field] = json!(value);
        });
        bench.plant(&hostile);
        let vault = bench.vault();
        // `unlock` derives before anything else that could refuse.
        assert_eq!(
            vault.unlock(secret("a passphrase")),
            Err(Error::NothingToUnlock),
            "{field}"
        );
        assert!(
            matches!(vault.load(), State::Damaged { .. }),
            "{field} {value}"
        );
    }
}

#[test]
fn s8_a_newer_version_is_left_alone_and_an_unknown_part_is_damage() {
    let bench = Bench::sealed(SealWith::Keychain);
    let file = bench.file();
    for version in [2, 3, u64::from(u32::MAX) + 1] {
        let newer = edited(&file, |file| {
            file["version"] = json!(version);
            file["from_the_future"] = json!(true);
        });
        bench.plant(&newer);
        let vault = bench.vault();
        assert_eq!(vault.load(), State::NewerVersion);
        assert_eq!(bench.file(), newer, "not rewritten");
        assert_eq!(
            bench.keychain.entries().len(),
            1,
            "its key is not deleted either"
        );
    }
    type Edit = fn(&mut Value);
    let edits: [Edit; 6] = [
        |file| file["unknown"] = json!(1),
        |file| file["sealed_by"] = json!({"tpm": {}}),
        |file| file["sealed_by"] = json!({}),
        |file| file["sealed_by"]["keychain"]["hint"] = json!(1),
        |file| file["sealed_by"]["passphrase"] = json!({}),
        |file| file["version"] = json!("1"),
    ];
    for edit in edits {
        bench.plant(&edited(&file, edit));
        assert!(matches!(bench.vault().load(), State::Damaged { .. }));
    }
}

#[test]
fn s9_duplicate_keys_and_bottomless_json_end_in_damage() {
    let bench = Bench::sealed(SealWith::Keychain);
    let file = String::from_utf8(bench.file()).unwrap();
    let twice = file.replacen('{', "{\"version\":1,", 1);
    let sealed_twice = file.replace(
        "\"sealed_by\":",
        "\"sealed_by\":{\"keychain\":{}},\"sealed_by\":",
    );
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let inside = file.replace("{\"keychain\":{}}", &"[".repeat(10_000));
    for hostile in [twice, sealed_twice, deep, inside] {
        bench.plant(hostile.as_bytes());
        assert!(matches!(bench.vault().load(), State::Damaged { .. }));
    }
}

#[test]
fn s11_a_passphrase_is_normalised_and_bounded() {
    let pairs = [
        ("caf\u{e9}", "cafe\u{301}"),
        ("\u{fb01}n", "fin"),
        ("👩‍💻\0🔑", "👩‍💻\0🔑"),
    ];
    for (sealed, typed) in pairs {
        let bench = Bench::sealed(passphrase(sealed));
        assert_eq!(bench.loaded().unlock(secret(typed)), Ok(()), "{typed:?}");
    }
    let longest = "\u{fdfa}".repeat(341);
    Bench::sealed(passphrase(&longest));
    let refused: [(Vec<u8>, Error); 4] = [
        (vec![], Error::PassphraseEmpty),
        (vec![b'x'; 1025], Error::PassphraseTooLong),
        (vec![b'x'; 1 << 20], Error::PassphraseTooLong),
        (vec![0xff, 0xfe], Error::PassphraseNotText),
    ];
    for (bytes, error) in refused {
        let bench = Bench::new();
        let with = SealWith::Passphrase(Secret::new(bytes));
        assert_eq!(bench.vault().seal(secret(KEY), with), Err(error));
        assert!(bench.disk.paths().is_empty());
    }
}

#[test]
fn a_secret_of_no_or_too_many_bytes_is_refused() {
    let bench = Bench::new();
    for size in [0, 16 * 1024 + 1] {
        let refused = bench
            .vault()
            .seal(Secret::new(vec![1; size]), SealWith::Keychain);
        assert_eq!(refused, Err(Error::SecretSize));
    }
    bench
        .vault()
        .seal(Secret::new(vec![b'x'; 16 * 1024]), SealWith::Keychain)
        .unwrap();
    assert_eq!(
        content(&bench.loaded()).map(|text| text.len()),
        Some(16 * 1024)
    );
}

#[test]
fn the_file_does_not_tell_how_long_the_secret_is() {
    let (short, long) = (Bench::new(), Bench::new());
    short.vault().seal(secret("x"), SealWith::Keychain).unwrap();
    long.vault()
        .seal(secret(&"x".repeat(1000)), SealWith::Keychain)
        .unwrap();
    assert_eq!(short.file().len(), long.file().len());
}

/// Both were made by another implementation: libsodium and the reference Argon2, from Python.
#[test]
fn s26_files_sealed_by_another_implementation_open() {
    let bench = Bench::new();
    bench.plant(include_bytes!("golden/keychain.json"));
    bench
        .keychain
        .plant("vault/000102030405060708090a0b0c0d0e0f", Some(vec![7; 32]));
    assert_eq!(content(&bench.loaded()).as_deref(), Some("sk-or-v1-golden"));

    let bench = Bench::new();
    bench.plant(include_bytes!("golden/passphrase.json"));
    let vault = bench.loaded();
    assert_eq!(vault.unlock(secret("pa\u{308}ssword")), Ok(()));
    assert_eq!(content(&vault).as_deref(), Some("sk-or-v1-golden"));
}

/// draft-irtf-cfrg-xchacha-03, A.3.1.
#[test]
fn s26_the_published_vector_of_xchacha20_poly1305_holds() {
    use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
    let key: [u8; 32] = std::array::from_fn(|at| 0x80 + at as u8);
    let nonce: [u8; 24] = std::array::from_fn(|at| 0x40 + at as u8);
    let data = unhex("50515253c0c1c2c3c4c5c6c7");
    let mut text = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip \
        for the future, sunscreen would be it."
        .to_vec();
    let cipher = XChaCha20Poly1305::new(&key.into());
    cipher
        .encrypt_in_place(&nonce.into(), &data, &mut text)
        .unwrap();
    let expected = "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa644\
        0bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369\
        488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49";
    assert_eq!(text, unhex(expected));
}

/// RFC 9106, 5.3.
#[test]
fn s26_the_published_vector_of_argon2id_holds() {
    use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
    let params = ParamsBuilder::new()
        .m_cost(32)
        .t_cost(3)
        .p_cost(4)
        .output_len(32)
        .data(AssociatedData::new(&[4; 12]).unwrap())
        .build()
        .unwrap();
    let argon2 =
        Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).unwrap();
    let mut tag = [0; 32];
    argon2
        .hash_password_into(&[1; 32], &[2; 16], &mut tag)
        .unwrap();
    let expected = "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659";
    assert_eq!(tag.to_vec(), unhex(expected));
}

#[test]
fn the_default_key_derivation_is_the_documented_one() {
    let bench = Bench::new();
    let keychain = bench.keychain.clone();
    let folder = tempfile::tempdir().unwrap();
    let vault = crate::Vault::new(folder.path(), keychain);
    vault
        .seal(secret(OTHER), passphrase("a passphrase"))
        .unwrap();
    let file = std::fs::read(folder.path().join("vault.json")).unwrap();
    let file: Value = serde_json::from_slice(&file).unwrap();
    let kdf = &file["sealed_by"]["passphrase"];
    assert_eq!(
        (&kdf["memory_kib"], &kdf["iterations"], &kdf["parallelism"]),
        (&json!(65536), &json!(3), &json!(4))
    );
    assert_eq!(
        Cost::DEFAULT,
        Cost {
            memory_kib: 65536,
            iterations: 3,
            parallelism: 4
        }
    );
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .collect();
    digits
        .chunks(2)
        .map(|pair| (pair[0] * 16 + pair[1]) as u8)
        .collect()
}
