//! Proof Key for Code Exchange, RFC 7636, method S256 only.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The secret half: 32 bytes of the system's randomness as 43 characters (RFC 7636 §4.1). Wiped when dropped.
pub struct CodeVerifier(Zeroizing<String>);

/// The public half, sent with the authorization request.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CodeChallenge(String);

impl CodeVerifier {
    /// Encodes 32 random bytes.
    #[must_use]
    pub fn from_random(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// `BASE64URL(SHA256(ASCII(verifier)))`, RFC 7636 §4.2.
    #[must_use]
    pub fn challenge(&self) -> CodeChallenge {
        CodeChallenge(URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.as_bytes())))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl CodeChallenge {
    /// As it stands in the URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn x1_the_vector_of_rfc_7636_appendix_b() {
        let verifier = CodeVerifier(Zeroizing::new(
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into(),
        ));
        assert_eq!(
            verifier.challenge().as_str(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn x2_ten_thousand_verifiers_are_legal_and_all_different() {
        let mut seen = HashSet::new();
        let mut counts = [0u32; 128];
        for _ in 0..10_000 {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).unwrap();
            let verifier = CodeVerifier::from_random(&bytes);
            let text = verifier.expose();
            assert_eq!(text.len(), 43);
            assert!(
                text.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
            );
            // The 43rd character carries 4 bits only, so it is left out of the count.
            text.bytes()
                .take(42)
                .for_each(|b| counts[usize::from(b)] += 1);
            assert!(seen.insert(text.to_owned()), "a verifier came twice");
        }
        let expected = 420_000.0 / 64.0;
        let chi2: f64 = counts
            .iter()
            .filter(|c| **c > 0)
            .map(|c| (f64::from(*c) - expected).powi(2) / expected)
            .sum();
        // 63 degrees of freedom: above 130 has a probability below 1e-6.
        assert!(
            chi2 < 130.0,
            "the alphabet is used unevenly: chi-square {chi2}"
        );
    }
}
