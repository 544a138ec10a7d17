//! The pages that the browser shows at the end. Fixed text: nothing of a request is in them.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// How an attempt ended, as far as the browser is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The key is stored.
    Connected,
    /// The key is checked; the app asks how to keep it.
    AskedInApp,
    /// The person declined.
    Declined,
    /// The code was too old, or the attempt was.
    Expired,
    /// Anything else; the app says more.
    Failed,
}

impl Ending {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Connected => (
                "You are connected",
                "Causeway is ready. You can close this page.",
            ),
            Self::AskedInApp => (
                "One more step in Causeway",
                "The key arrived. Causeway asks how to keep it. You can close this page.",
            ),
            Self::Declined => (
                "You declined the request",
                "Nothing was shared and nothing was stored. You can close this page and connect again from Causeway.",
            ),
            Self::Expired => (
                "This sign-in has expired",
                "Start again from Causeway. It takes one click. You can close this page.",
            ),
            Self::Failed => (
                "That did not work",
                "Causeway tells what happened and how to go on. You can close this page.",
            ),
        }
    }

    /// The whole page. Readable without scripts, in the person's light or dark.
    pub fn html(self) -> String {
        let (title, text) = self.words();
        let tone = if matches!(self, Self::Connected | Self::AskedInApp) {
            "good"
        } else {
            "calm"
        };
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title} · Causeway</title>\
             <style>{STYLE}</style></head><body><main class=\"{tone}\">{MARK}<h1>{title}</h1>\
             <p>{text}</p></main></body></html>"
        )
    }
}

/// The policy of every answer: nothing may load, frame or submit; the one style is named by its hash.
pub fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

const MARK: &str = "<svg viewBox=\"0 0 64 64\" width=\"56\" height=\"56\" aria-hidden=\"true\"><rect class=\"ground\" width=\"64\" height=\"64\" rx=\"15\"/><path class=\"bridge\" fill-rule=\"evenodd\" d=\"M10 18h44a3 3 0 0 1 0 6v22H10V24a3 3 0 0 1 0-6zM14 46V32a5 5 0 0 1 10 0v14zM27 46V32a5 5 0 0 1 10 0v14zM40 46V32a5 5 0 0 1 10 0v14z\"/></svg>";

const STYLE: &str = ":root{color-scheme:light dark;--canvas:#fcfbf9;--text:#1d1b19;--text-2:#5d5850;--ground:#0b746a;--bridge:#fff}\
@media(prefers-color-scheme:dark){:root{--canvas:#181715;--text:#eeebe6;--text-2:#b5aea3;--ground:#45c9b6;--bridge:#062421}}\
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--canvas);color:var(--text);\
font:16px/1.5 Inter,system-ui,-apple-system,\"Segoe UI\",sans-serif}\
main{max-width:26rem;padding:2rem;text-align:center}h1{font-size:1.5rem;line-height:1.25;letter-spacing:-.015em;\
font-weight:650;margin:1.25rem 0 .5rem}p{margin:0;color:var(--text-2)}.ground{fill:var(--ground)}\
.bridge{fill:var(--bridge)}.calm .ground{fill:var(--text-2)}.calm .bridge{fill:var(--canvas)}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_the_masters_here_and_in_the_window() {
        let master = include_str!("../../../../../icons/causeway.svg");
        let path = master
            .split(" d=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .unwrap();
        let window = include_str!("../../../../../ui/src/shared/Mark.svelte");
        assert!(
            MARK.contains(path) && window.contains(path),
            "the marks differ"
        );
    }

    #[test]
    fn every_page_is_whole_and_has_no_script() {
        let all = [
            Ending::Connected,
            Ending::AskedInApp,
            Ending::Declined,
            Ending::Expired,
            Ending::Failed,
        ];
        for ending in all {
            let html = ending.html();
            assert!(html.contains(ending.words().0) && html.ends_with("</html>"));
            assert!(
                !html.contains("<script") && !html.contains("http"),
                "{html}"
            );
        }
    }
}
