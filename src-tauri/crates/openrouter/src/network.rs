//! How the network is reached, where the system's way is not the person's.

use url::Url;

/// A proxy and authorities of the person's own. The default takes all from the system.
///
/// Nothing here makes a certificate count that nobody vouches for: authorities are added, checks stay on.
#[derive(Debug, Clone, Default)]
pub struct Network {
    proxy: Option<Url>,
    authorities: Vec<reqwest::Certificate>,
}

/// What can't be used of it; the person's to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadNetwork {
    /// No address of an HTTP proxy.
    #[error("no address of a proxy")]
    Proxy,
    /// The proxy's address has a name or a password in it.
    #[error("a proxy's address with a password")]
    Password,
    /// No certificates in PEM.
    #[error("no certificates")]
    Authorities,
}

/// Longest address of a proxy, and longest file of certificates, in bytes.
const PROXY_MAX: usize = 300;
const AUTHORITIES_MAX: usize = 256 * 1024;

impl Network {
    /// Reads a proxy's address (`http` where it has no scheme) and a bundle of certificates in PEM. What is empty is
    /// none.
    ///
    /// # Errors
    /// One of them can't be used.
    pub fn read(proxy: Option<&str>, authorities: Option<&str>) -> Result<Self, BadNetwork> {
        let given = |text: &&str| !text.is_empty();
        let proxy = proxy.map(str::trim).filter(given);
        let authorities = authorities.map(str::trim).filter(given);
        Ok(Self {
            proxy: proxy.map(address).transpose()?,
            authorities: authorities.map(bundle).transpose()?.unwrap_or_default(),
        })
    }

    /// The same for another client: the shell's, which looks for updates.
    pub fn tune(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        let builder = match self
            .proxy
            .as_ref()
            .map(|url| reqwest::Proxy::all(url.as_str()))
        {
            Some(Ok(proxy)) => builder.proxy(proxy),
            _ => builder,
        };
        if self.authorities.is_empty() {
            return builder;
        }
        builder.tls_certs_merge(self.authorities.iter().cloned())
    }
}

fn address(text: &str) -> Result<Url, BadNetwork> {
    if text.len() > PROXY_MAX {
        return Err(BadNetwork::Proxy);
    }
    let whole = match text.contains("://") {
        true => text.to_owned(),
        false => format!("http://{text}"),
    };
    let url = Url::parse(&whole).map_err(|_| BadNetwork::Proxy)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(BadNetwork::Password);
    }
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    if !matches!(url.scheme(), "http" | "https") || !bare {
        return Err(BadNetwork::Proxy);
    }
    reqwest::Proxy::all(url.as_str()).map_err(|_| BadNetwork::Proxy)?;
    Ok(url)
}

fn bundle(text: &str) -> Result<Vec<reqwest::Certificate>, BadNetwork> {
    let bad = BadNetwork::Authorities;
    if text.len() > AUTHORITIES_MAX {
        return Err(bad);
    }
    match reqwest::Certificate::from_pem_bundle(text.as_bytes()) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(bad),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(text: &str) -> Result<Option<String>, BadNetwork> {
        let network = Network::read(Some(text), None)?;
        Ok(network.proxy.map(|url| url.to_string()))
    }

    #[test]
    fn a_proxy_is_an_address_without_a_password() {
        for (text, url) in [
            ("http://proxy.example:8080", "http://proxy.example:8080/"),
            ("https://proxy.example/", "https://proxy.example/"),
            (" proxy.example:3128 ", "http://proxy.example:3128/"),
            ("[::1]:3128", "http://[::1]:3128/"),
        ] {
            assert_eq!(proxy(text), Ok(Some(url.to_owned())));
        }
        assert_eq!(proxy("  "), Ok(None), "nothing is none");
        for text in [
            "ftp://proxy.example",
            "http://",
            "http://p/x",
            "http://p?x",
            "a b",
            &"x".repeat(301),
        ] {
            assert_eq!(proxy(text), Err(BadNetwork::Proxy), "{text}");
        }
        for text in ["http://me:secret@proxy.example", "me@proxy.example:80"] {
            assert_eq!(proxy(text), Err(BadNetwork::Password), "{text}");
        }
    }

    #[test]
    fn only_certificates_are_taken_for_such() {
        for text in [
            "x",
            "-----BEGIN CERTIFICATE-----",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        ] {
            let read = Network::read(None, Some(text));
            assert_eq!(read.unwrap_err(), BadNetwork::Authorities, "{text}");
        }
        assert!(
            Network::read(None, Some(" \n"))
                .unwrap()
                .authorities
                .is_empty()
        );
    }
}
