//! Where requests may go.

use url::{Host, Url};

/// The service's scheme, host and port: OpenRouter, or an emulator on this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    url: Url,
    emulated: bool,
}

impl Origin {
    /// The real service, `https://openrouter.ai`.
    #[must_use]
    pub fn openrouter() -> Self {
        // The literal is a valid URL; a loopback default can never stand in for it.
        match Url::parse("https://openrouter.ai") {
            Ok(url) => Self {
                url,
                emulated: false,
            },
            Err(_) => unreachable!("a constant"),
        }
    }

    /// An emulator: `http://127.0.0.1:PORT`, `http://localhost:PORT` or `http://[::1]:PORT`, without path, query or
    /// user name. Anything else is none, so a key can never be sent to another host by configuration.
    #[must_use]
    pub fn loopback(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let local = match url.host()? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.is_loopback(),
        };
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        (local && bare && url.scheme() == "http" && url.port().is_some()).then_some(Self {
            url,
            emulated: true,
        })
    }

    /// True when this is not OpenRouter.
    #[must_use]
    pub fn is_emulated(&self) -> bool {
        self.emulated
    }

    /// The origin as text, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// A page or endpoint at this origin. `path` is a constant of the program or made of checked parts.
    #[must_use]
    pub fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x12_only_a_bare_loopback_address_can_stand_in_for_openrouter() {
        for good in [
            "http://127.0.0.1:4000",
            "http://localhost:4000/",
            "http://[::1]:4000",
        ] {
            assert!(
                Origin::loopback(good).is_some_and(|o| o.is_emulated()),
                "{good}"
            );
        }
        for bad in [
            "https://openrouter.ai",
            "http://openrouter.ai:80",
            "http://192.168.1.2:4000",
            "http://localhost.evil.example:4000",
            "http://user@127.0.0.1:4000",
            "http://127.0.0.1:4000/x",
            "http://127.0.0.1:4000/?a",
            "https://127.0.0.1:4000",
            "http://127.0.0.1",
            "file:///etc/passwd",
            "",
        ] {
            assert!(Origin::loopback(bad).is_none(), "{bad} must be refused");
        }
    }

    #[test]
    fn the_real_origin_is_a_constant() {
        assert_eq!(Origin::openrouter().as_str(), "https://openrouter.ai");
        assert_eq!(
            Origin::openrouter().at("/auth").as_str(),
            "https://openrouter.ai/auth"
        );
    }
}
