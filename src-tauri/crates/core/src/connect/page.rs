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
    /// Its sign, its title, what it says.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Connected => (
                DONE,
                "You are connected",
                "Causeway is ready. You can close this page.",
            ),
            Self::AskedInApp => (
                DONE,
                "One more step in Causeway",
                "The key arrived. Causeway asks how to keep it. You can close this page.",
            ),
            Self::Declined => (
                NOTHING,
                "You declined the request",
                "Nothing was shared and nothing was stored. You can close this page and connect again from Causeway.",
            ),
            Self::Expired => (
                LATE,
                "This sign-in has expired",
                "Start again from Causeway. It takes one click. You can close this page.",
            ),
            Self::Failed => (
                TROUBLE,
                "That did not work",
                "Causeway tells what happened and how to go on. You can close this page.",
            ),
        }
    }

    /// The whole page. Readable without scripts, in the person's light or dark.
    pub fn html(self) -> String {
        let (sign, title, text) = self.words();
        let tone = if matches!(self, Self::Connected | Self::AskedInApp) {
            "good"
        } else {
            "calm"
        };
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title} · Causeway</title>\
             <style>{STYLE}</style></head><body><main class=\"{tone}\"><div class=\"head\">{MARK}\
             <svg class=\"sign\" viewBox=\"0 0 24 24\" width=\"24\" height=\"24\" aria-hidden=\"true\">\
             <circle cx=\"12\" cy=\"12\" r=\"12\"/><path d=\"{sign}\"/></svg></div><h1>{title}</h1>\
             <p>{text}</p><p class=\"foot\">Shown by Causeway, on this computer.</p></main></body></html>"
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

/// What the sign beside the mark draws: it tells the endings apart without their colour.
const DONE: &str = "M7 12.4l3.4 3.4L17 9";
const NOTHING: &str = "M7.5 12h9";
const LATE: &str = "M12 6.5V12l3.6 2.4";
const TROUBLE: &str = "M12 6.6v6.6M12 17v.1";

const MARK: &str = "<svg viewBox=\"0 0 64 64\" width=\"56\" height=\"56\" aria-hidden=\"true\"><rect class=\"ground\" width=\"64\" height=\"64\" rx=\"15\"/><path class=\"bridge\" fill-rule=\"evenodd\" d=\"M10 18h44a3 3 0 0 1 0 6v22H10V24a3 3 0 0 1 0-6zM14 46V32a5 5 0 0 1 10 0v14zM27 46V32a5 5 0 0 1 10 0v14zM40 46V32a5 5 0 0 1 10 0v14z\"/></svg>";

const STYLE: &str = ":root{color-scheme:light dark;--canvas:#fcfbf9;--raised:#fff;--line:#e4e0d9;--text:#1d1b19;\
--text-2:#5d5850;--ground:#0b746a;--bridge:#fff}\
@media(prefers-color-scheme:dark){:root{--canvas:#181715;--raised:#262421;--line:#33302c;--text:#eeebe6;--text-2:#b5aea3;\
--ground:#45c9b6;--bridge:#062421}}\
*{box-sizing:border-box}body{margin:0;min-height:100vh;padding:1.5rem;display:grid;place-items:center;\
background:var(--canvas);color:var(--text);font:16px/1.5 Inter,system-ui,-apple-system,\"Segoe UI\",sans-serif}\
main{width:100%;max-width:27.5rem;padding:2.5rem 2rem 1.5rem;text-align:center;border:1px solid var(--line);\
border-radius:16px;background:var(--raised)}\
h1{font-size:1.5rem;line-height:1.25;letter-spacing:-.015em;font-weight:650;margin:1.5rem 0 .5rem;text-wrap:balance}\
p{margin:0;color:var(--text-2);text-wrap:pretty}.foot{margin-top:2rem;padding-top:1rem;border-top:1px solid var(--line);\
font-size:.8125rem}.head{position:relative;width:64px;height:56px;margin:0 auto}\
.ground{fill:var(--ground)}.bridge{fill:var(--bridge)}\
.sign{position:absolute;right:-9px;bottom:-8px;border-radius:50%;box-shadow:0 0 0 4px var(--raised)}\
.sign circle{fill:var(--text-2)}.good .sign circle{fill:var(--ground)}\
.sign path{fill:none;stroke:var(--raised);stroke-width:2.2;stroke-linecap:round;stroke-linejoin:round}\
.good .sign path{stroke:var(--bridge)}";

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
            assert!(html.contains(ending.words().1) && html.ends_with("</html>"));
            assert!(
                !html.contains("<script") && !html.contains("http"),
                "{html}"
            );
        }
    }
}
