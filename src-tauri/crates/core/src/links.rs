//! Every address that is opened in the browser: the service's pages in one table, and links from answers.

use crate::wire::{Link, Page, Problem, ProblemCode};
use openrouter::Origin;
use url::Url;

/// The address of a page of the service. `hash` names this app's key.
pub fn page(origin: &Origin, page: Page, hash: Option<&str>) -> Url {
    match (page, hash) {
        (Page::Key | Page::PreviousKey, Some(hash)) => origin.at(&format!("/keys/{hash}")),
        (Page::Logs, Some(hash)) => {
            let mut url = origin.at("/logs");
            url.query_pairs_mut().append_pair("api_key_hash", hash);
            url
        }
        (Page::Key | Page::PreviousKey | Page::Keys, _) => origin.at("/settings/keys"),
        (Page::Logs, None) => origin.at("/activity"),
        (Page::Credits, _) => origin.at("/settings/credits"),
        (Page::Privacy, _) => origin.at("/settings/privacy"),
        (Page::Byok, _) => origin.at("/settings/integrations"),
    }
}

/// The page of a model; an alias has none of its own.
pub fn model(origin: &Origin, id: &str) -> Option<Url> {
    let (author, slug) = id.split_once('/')?;
    let mut url = origin.at("/");
    url.path_segments_mut().ok()?.clear().extend([author, slug]);
    Some(url)
}

const LINK_MAX: usize = 2048;

/// Looks at a link from an answer: web and mail addresses only, without user name, control or bidi characters.
///
/// # Errors
/// Everything else is refused with one sentence.
pub fn inspect(href: &str) -> Result<(Url, Link), Problem> {
    let refused = || Problem::new(ProblemCode::Refused, "This link can't be opened safely.");
    let clean = href.len() <= LINK_MAX && !href.chars().any(hidden) && !href.contains('\\');
    let url = Url::parse(href)
        .ok()
        .filter(|_| clean)
        .ok_or_else(refused)?;
    let host = match url.scheme() {
        "https" | "http" if url.username().is_empty() && url.password().is_none() => {
            url.host_str().map(str::to_owned)
        }
        "mailto" => url.path().rsplit_once('@').map(|(_, host)| host.to_owned()),
        _ => None,
    };
    let host = host.filter(|host| !host.is_empty()).ok_or_else(refused)?;
    let link = Link {
        host,
        url: url.as_str().to_owned(),
    };
    Ok((url, link))
}

/// Control and white space characters, and those that change what the eye reads.
pub fn hidden(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// A short text from the network on one line, without what could mislead the eye.
pub fn clean(text: &str, max: usize) -> String {
    let plain = |c: char| c == ' ' || !hidden(c);
    text.trim()
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| plain(*c))
        .take(max)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w7_only_web_and_mail_addresses_are_links() {
        for good in [
            "https://example.org/a?b#c",
            "http://example.org",
            "mailto:a@example.org",
        ] {
            assert!(inspect(good).is_ok(), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "JaVaScript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:https://x/y",
            "tauri://localhost",
            "ipc://x",
            "ms-msdt:/id",
            "smb://host/x",
            "\\\\host\\share",
            "//host",
            "relative",
            "",
            "https://good.example@evil.example",
            "https://exa\u{202e}mple.org",
            "https://e.org/%00\0",
            "mailto:nobody",
            "https://",
        ] {
            assert!(inspect(bad).is_err(), "{bad:?} must be refused");
        }
        assert!(inspect(&format!("https://e.org/{}", "a".repeat(5000))).is_err());
    }

    #[test]
    fn w8_the_true_host_is_shown_in_ascii() {
        let (_, link) = inspect("https://ex\u{e4}mple.org/\u{e4}").unwrap();
        assert_eq!(
            link,
            Link {
                host: "xn--exmple-cua.org".into(),
                url: "https://xn--exmple-cua.org/%C3%A4".into()
            }
        );
    }

    #[test]
    fn the_key_has_its_own_page_by_its_hash() {
        let origin = Origin::openrouter();
        assert_eq!(
            page(&origin, Page::Key, Some("ab")).as_str(),
            "https://openrouter.ai/keys/ab"
        );
        assert_eq!(
            model(&origin, "~a/b?c:free").unwrap().as_str(),
            "https://openrouter.ai/~a/b%3Fc:free"
        );
        assert_eq!(
            page(&origin, Page::Logs, Some("ab")).as_str(),
            "https://openrouter.ai/logs?api_key_hash=ab"
        );
    }
}
