//! The consent page, as a real browser shows it.

use url::form_urlencoded;

use super::{Approval, Refused, Request};
use crate::Recorded;
use crate::reply::{self, Reply};
use crate::state::Shared;

/// `GET /auth`
pub(crate) fn page(request: &Recorded, shared: &Shared) -> Reply {
    match Request::from_recorded(request, &shared.config) {
        Ok(asked) => html(200, "Authorize", &consent(&asked.title(), request)),
        Err(refused) => refusal(&refused),
    }
}

/// `POST /auth`: one of the page's two buttons.
pub(crate) fn decide(request: &Recorded, shared: &Shared) -> Reply {
    let asked = match Request::from_recorded(request, &shared.config) {
        Ok(asked) => asked,
        Err(refused) => return refusal(&refused),
    };
    let field = |name: &str| {
        let mut pairs = form_urlencoded::parse(&request.body);
        pairs
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.trim().to_owned())
    };
    if field("decision").as_deref() != Some("authorize") {
        return match asked.deny() {
            Ok(callback) => to(&callback),
            Err(_) => html(
                200,
                "Declined",
                "<h1>You declined</h1><p>You can close this tab.</p>",
            ),
        };
    }
    // What is no number becomes one that is refused below.
    let limit = field("limit").filter(|limit| !limit.is_empty());
    let limit = limit.map(|limit| limit.parse().unwrap_or(f64::NAN));
    match asked.approve(shared, limit) {
        Ok(Approval {
            redirect: Some(callback),
            ..
        }) => to(&callback),
        Ok(Approval {
            code,
            redirect: None,
        }) => html(200, "Your code", &pasteable(&code)),
        Err(refused) => refusal(&refused),
    }
}

fn to(callback: &str) -> Reply {
    let mut reply = html(303, "Redirecting", "<p>Back to the app…</p>");
    reply::set_header(&mut reply, "location", callback);
    reply
}

fn refusal(why: &Refused) -> Reply {
    let why = escaped(&why.to_string());
    html(
        400,
        "Error",
        &format!("<h1>This request cannot be approved</h1><p id=\"error\">{why}</p>"),
    )
}

fn consent(title: &str, request: &Recorded) -> String {
    let title = escaped(title);
    let action = escaped(&format!(
        "/auth?{}",
        request.query.as_deref().unwrap_or_default()
    ));
    format!(
        r#"<h1><b id="app">{title}</b> wants to use your OpenRouter account</h1>
<p>It gets an API key of its own. You can limit, disable or delete the key at any time.</p>
<form method="post" action="{action}">
<label for="limit">Credit limit <span>optional, in US dollars</span></label>
<input id="limit" name="limit" inputmode="decimal" placeholder="No limit" autocomplete="off">
<div class="buttons">
<button id="authorize" name="decision" value="authorize">Authorize</button>
<button id="deny" name="decision" value="deny" class="quiet">Deny</button>
</div>
</form>"#
    )
}

fn pasteable(code: &str) -> String {
    format!(
        r#"<h1>Copy this code into the app</h1>
<p><code id="code">{code}</code></p>
<p>It works once, for ten minutes.</p>"#
    )
}

fn html(status: u16, title: &str, content: &str) -> Reply {
    let page = format!(
        r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Emulated OpenRouter</title>
<style>{STYLE}</style>
<p class="banner" role="note">Emulated OpenRouter: not the real service</p>
<main>
{content}
</main>
</html>
"#
    );
    let mut reply = reply::with(status, "text/html; charset=utf-8", page.into());
    reply::set_header(&mut reply, "cache-control", "no-store");
    reply::set_header(
        &mut reply,
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'",
    );
    reply::set_header(&mut reply, "referrer-policy", "no-referrer");
    reply
}

const STYLE: &str = "\
:root{color-scheme:light dark;--page:#f3f4f7;--card:#fff;--text:#1b1d23;--soft:#5a606c;--line:#d5d9e0;--go:#4a46c9}\
@media (prefers-color-scheme:dark){:root{--page:#15161a;--card:#1f2127;--text:#eceef2;--soft:#a3a9b5;--line:#3a3e48;--go:#7f7bf0}}\
*{box-sizing:border-box;margin:0}body{font:16px/1.5 system-ui,sans-serif;background:var(--page);color:var(--text)}\
.banner{background:#ffdf7e;color:#3d2f00;text-align:center;padding:8px 16px;font-weight:600;font-size:14px}\
main{max-width:440px;margin:12vh auto 0;padding:32px;background:var(--card);border:1px solid var(--line);border-radius:16px}\
h1{font-size:22px;line-height:1.3;margin-bottom:12px;font-weight:600;overflow-wrap:anywhere}main p{color:var(--soft);margin-bottom:20px}\
label{display:block;font-weight:600;font-size:14px;margin-bottom:6px}label span{font-weight:400;color:var(--soft)}\
input{width:100%;font:inherit;padding:10px 12px;border:1px solid var(--line);border-radius:10px;background:transparent;color:inherit}\
.buttons{display:flex;gap:12px;margin-top:24px}button{flex:1;font:inherit;font-weight:600;padding:11px;border-radius:10px;border:1px solid transparent;background:var(--go);color:#fff;cursor:pointer}\
@media (prefers-color-scheme:dark){button{color:#12121a}}\
button.quiet{background:none;border-color:var(--line);color:inherit}code{display:block;font:600 17px ui-monospace,monospace;padding:14px;border:1px solid var(--line);border-radius:10px;color:var(--text);overflow-wrap:anywhere;user-select:all}";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
