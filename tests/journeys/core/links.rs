//! Answers that come by a link of the app's own scheme.

use crate::{
    harness::{App, approved, assert_nothing_stored, exchanges, fresh},
    http,
};
use causeway_core::wire::{AppEvent, Phase, ProblemCode, Settings, Shelf, Way, WayBack};
use emulator::Emulator;
use std::{sync::atomic::Ordering, time::Duration};
use url::Url;

const STALE: &str =
    "That sign-in is over, so its answer was not used. Connect again; it takes one click.";
const TIMED_OUT: &str = "Nobody answered for five minutes, so the sign-in was ended. Connect again; it takes one click.";

/// An app that is the handler of its links and was told to use nothing else.
async fn linked() -> (Emulator, App) {
    let (emulator, app) = fresh().await;
    app.machine.opens_links.store(true, Ordering::SeqCst);
    let mut settings = app.core.settings();
    settings.way_back = WayBack::AppLink;
    app.core.set_settings(settings).unwrap();
    (emulator, app)
}

/// An attempt that waits for a link, and the link that would be right.
pub async fn waiting() -> (Emulator, App, String) {
    let (emulator, app) = linked().await;
    let auth = app.begin(Way::Browser).await;
    let link = approved(&emulator, &auth);
    assert!(link.starts_with("causeway://cb/"), "{link}");
    (emulator, app, link)
}

/// None of these has an effect, and the right link still connects, once.
async fn ignored(links: impl FnOnce(&str) -> Vec<String>) {
    let (emulator, app, right) = waiting().await;
    let events = app.events.lock().unwrap().len();
    for link in links(&right) {
        assert_ne!(link, right);
        app.core.called([&link]);
    }
    // A decision would be taken up by now: the runtime has had every chance to.
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(
        matches!(app.now(), Phase::Connecting { .. }),
        "{:?}",
        app.now()
    );
    assert_eq!(app.events.lock().unwrap().len(), events, "the window heard");
    assert_eq!(exchanges(&emulator), []);
    app.core.called([&right]);
    app.connected().await;
    assert_eq!(exchanges(&emulator).len(), 1);
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

pub fn nonce(link: &str) -> &str {
    &link["causeway://cb/".len()..][..43]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d1_a_link_that_matches_the_attempt_connects_once() {
    let (emulator, app, link) = waiting().await;
    assert_eq!(*app.machine.tried.lock().unwrap(), [], "no port is opened");
    for _ in 0..100 {
        app.core.called([&link]);
    }
    let account = app.connected().await;
    assert_eq!(account.label, "Causeway");
    assert!(app.window.0.load(Ordering::SeqCst) >= 1, "it comes forward");
    app.core.called([&link]);
    assert!(matches!(app.now(), Phase::Connected { .. }));
    assert_eq!(exchanges(&emulator).len(), 1);
    assert_eq!(emulator.keys().len(), 1);
    assert_eq!(emulator.violations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d2_a_link_without_an_attempt_is_told_once_and_does_nothing() {
    let (emulator, app, link) = waiting().await;
    app.core.cancel_attempt();
    let events = app.events.lock().unwrap().len();
    for _ in 0..100 {
        app.core.called([&link]);
    }
    let problem = app.ended().await;
    assert_eq!(
        (problem.code, &*problem.message),
        (ProblemCode::Again, STALE)
    );
    assert_eq!(
        app.events.lock().unwrap().len(),
        events + 1,
        "a hundred links say one thing once"
    );
    assert_eq!(emulator.requests(), []);
    assert_nothing_stored(&app, "a link without an attempt");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d2_someone_connected_hears_nothing_of_an_old_link() {
    let (emulator, app, link) = waiting().await;
    app.core.called([&link]);
    app.connected().await;
    let events = app.events.lock().unwrap().len();
    let other = link.replace(nonce(&link), &"B".repeat(43));
    app.core.called([&link]);
    app.core.called([&other]);
    assert_eq!(app.events.lock().unwrap().len(), events);
    assert_eq!(exchanges(&emulator).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d3_a_wrong_missing_or_stale_nonce_is_ignored() {
    let (emulator, app, stale) = waiting().await;
    let auth = app.begin(Way::Browser).await;
    app.core.called([&stale]);
    assert!(matches!(app.now(), Phase::Connecting { .. }), "superseded");
    app.core.called([approved(&emulator, &auth)]);
    app.connected().await;
    assert_eq!(exchanges(&emulator).len(), 1);

    ignored(|right| {
        let nonce = nonce(right);
        let unlike = |c: char| if c == 'A' { 'B' } else { 'A' };
        let first = unlike(nonce.chars().next().unwrap());
        let last = unlike(nonce.chars().last().unwrap());
        let flipped: String = nonce
            .chars()
            .map(|c| match c.is_ascii_lowercase() {
                true => c.to_ascii_uppercase(),
                false => c.to_ascii_lowercase(),
            })
            .collect();
        [
            String::new(),
            "A".repeat(43),
            format!("{first}{}", &nonce[1..]),
            format!("{}{last}", &nonce[..42]),
            nonce[..42].to_owned(),
            format!("{nonce}A"),
            format!("{nonce}="),
            flipped,
            format!("%{:02X}{}", nonce.as_bytes()[0], &nonce[1..]),
            stale["causeway://cb/".len()..][..43].to_owned(),
        ]
        .iter()
        .flat_map(|wrong| {
            let approved = right.replacen(nonce, wrong, 1);
            let denied = format!("causeway://cb/{wrong}?error=access_denied");
            [approved, denied]
        })
        .chain([right.replace("state=", "state=x"), {
            let (rest, state) = right.rsplit_once("state=").unwrap();
            format!("{rest}state={}", &state[..42])
        }])
        .collect()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d4_only_the_exact_spelling_of_a_link_is_one() {
    ignored(|right| {
        let (nonce, query) = (nonce(right), right.split_once('?').unwrap().1);
        let tail = format!("{nonce}?{query}");
        vec![
            format!("Causeway://cb/{tail}"),
            format!("CAUSEWAY://cb/{tail}"),
            format!("causeway:cb/{tail}"),
            format!("causeway:/cb/{tail}"),
            format!("causeway:///cb/{tail}"),
            format!("causeway://cb//{tail}"),
            format!("causeway://cb/./{tail}"),
            format!("causeway://cb/x/../{tail}"),
            format!("causeway://CB/{tail}"),
            format!("causeway://callback/{tail}"),
            format!("causeway://cb.evil.example/{tail}"),
            format!("causeway://evil.example/cb/{tail}"),
            format!("causeway://user@cb/{tail}"),
            format!("causeway://user:pass@cb/{tail}"),
            format!("causeway://cb:3000/{tail}"),
            format!("causeway://cb:/{tail}"),
            format!("causeway://cb/{nonce}/?{query}"),
            format!("causeway://cb/{nonce}#{query}"),
            format!("causeway://cb/{nonce}?#{query}"),
            format!("{right}#"),
            format!("causeway://cb/{nonce};{query}"),
            format!("causeway://cb/{nonce}&{query}"),
            format!("http://localhost:3000/cb/{tail}"),
            format!("https://causeway://cb/{tail}"),
            format!(" {right}"),
            format!("{right} "),
            format!("{right}\n"),
            format!("\"{right}\""),
            format!("--{right}"),
            format!("x={right}"),
        ]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d5_a_query_that_is_not_one_clear_answer_is_refused() {
    ignored(|right| {
        let start = right.split_once('?').unwrap().0;
        let (long, huge) = ("c".repeat(513), "c".repeat(5000));
        [
            "",
            "?",
            "?code",
            "?code=",
            "?code=abc&code=abc",
            "?code=abc&co%64e=abd",
            "?code=abc&error=access_denied",
            "?error=access_denied&error=access_denied",
            "?Code=abc",
            "?state=only",
            "?code=abc&state=",
            "?code=a%00b",
            "?code=a%0d%0ab",
            "?code=a+b",
            "?code=%C3%A9",
            "?code=%FF",
            &format!("?code={long}"),
            &format!("?code=abc&x={huge}"),
            &format!("?{}&state={}", "code=abc", "A".repeat(43)),
            &format!("?code=abc&state={0}&state={0}", nonce(right)),
        ]
        .iter()
        .map(|query| format!("{start}{query}"))
        .collect()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d7_a_link_sets_nothing_and_sends_nothing() {
    let (emulator, app, right) = waiting().await;
    let before: Settings = app.core.settings();
    let start = right.split_once('?').unwrap().0;
    let extra =
        "key=sk-or-v1-evil&base_url=http%3A%2F%2F127.0.0.1%3A9&model=evil%2Fmodel&prompt=Hello";
    for link in [
        format!("causeway://settings?{extra}"),
        format!("causeway://chat?{extra}"),
        "causeway://key/sk-or-v1-evil".to_owned(),
        format!("{start}?{extra}"),
    ] {
        app.core.called([&link]);
    }
    // Beside a valid answer it has no effect either.
    app.core.called([format!("{right}&{extra}")]);
    app.connected().await;
    assert_eq!(app.core.settings(), before);
    assert_eq!(app.core.conversations(Shelf::Open, None).await.unwrap(), []);
    assert_eq!(app.core.draft(None).await.unwrap(), "");
    let keys = emulator.keys();
    assert_eq!(keys.len(), 1);
    let sent = emulator.requests();
    assert!(
        sent.iter()
            .all(|r| r.bearer().is_none_or(|key| key == keys[0].key)),
        "a key from a link was used"
    );
}

// On one thread, so that the vault is still being opened when the link comes.
#[tokio::test]
async fn d9_a_start_by_link_signs_nobody_in_and_says_to_start_again() {
    let (emulator, app, link) = waiting().await;
    app.core.shut_down().await;
    let mut profile = app.profile.clone();
    profile.link = Some(link);
    let later = profile.start(&emulator.origin()).await;
    let problem = later.ended().await;
    assert_eq!(
        (problem.code, &*problem.message),
        (ProblemCode::Again, STALE)
    );
    assert_eq!(emulator.requests(), []);
    assert_nothing_stored(&later, "a start by link");
    let auth = later.begin(Way::Browser);
    later.machine.opens_links.store(true, Ordering::SeqCst);
    let auth = auth.await;
    later.core.called([approved(&emulator, &auth)]);
    later.connected().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d10_the_same_answer_by_port_and_by_link_is_one_exchange() {
    for link_first in [true, false] {
        let (emulator, app) = fresh().await;
        app.machine.opens_links.store(true, Ordering::SeqCst);
        let auth = app.begin(Way::Browser).await;
        let redirect = approved(&emulator, &auth);
        let callback = Url::parse(&redirect).unwrap();
        let nonce = callback.path().strip_prefix("/cb/").unwrap();
        let link = format!("causeway://cb/{nonce}?{}", callback.query().unwrap());
        let visit = async { http::try_visit(http::V4, &redirect).await };
        let call = async { app.core.called([&link]) };
        let page = if link_first {
            call.await;
            visit.await
        } else {
            let (page, ()) = tokio::join!(visit, call);
            page
        };
        app.connected().await;
        if let Some(page) = page {
            // One that asks when all is over is sent to the app.
            let told = ["You are connected", "Causeway tells what happened"];
            let told = page.status == 409 || told.iter().any(|words| page.body.contains(words));
            assert!(told, "the browser was told something else: {page:?}");
        }
        assert_eq!(exchanges(&emulator).len(), 1);
        assert_eq!(emulator.keys().len(), 1);
        assert_eq!(emulator.violations(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d14_no_event_to_the_window_holds_code_nonce_or_link() {
    let (emulator, app, link) = waiting().await;
    app.core.called([&link]);
    app.connected().await;
    let code = exchanges(&emulator)[0].json().unwrap()["code"].clone();
    let events = app.events.lock().unwrap();
    let phases = events
        .iter()
        .filter(|event| matches!(event, AppEvent::Phase { .. }));
    assert!(phases.count() >= 3, "the events were not recorded");
    let told = serde_json::to_string(&*events).unwrap();
    for secret in [code.as_str().unwrap(), nonce(&link), "causeway://"] {
        assert!(!told.contains(secret), "{secret} went to the window");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d15_no_character_that_deceives_is_in_a_link() {
    ignored(|right| {
        let (start, query) = right.split_once('?').unwrap();
        let nonce = nonce(right);
        vec![
            format!("{right}\0"),
            format!("causeway://cb/\0{nonce}?{query}"),
            format!("{right}&x=\u{202e}"),
            format!("\u{202a}{right}"),
            format!("{right}\u{200b}"),
            format!("causeway://cb%2F{nonce}?{query}"),
            format!("causeway:%2F%2Fcb/{nonce}?{query}"),
            format!("{start}%3F{query}"),
            format!("causeway://xn--cb-eka/{nonce}?{query}"),
            format!("causeway://c\u{431}/{nonce}?{query}"),
            format!("causeway://cb\\{nonce}?{query}"),
            format!("{right}|calc"),
            format!("{right}\" --service http://127.0.0.1:9"),
            format!("{right}&x=`id`"),
            format!("{right}&x=<script>"),
            format!("{right}&x={{}}"),
        ]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l24_l26_endings_that_come_by_link_are_told_in_the_window() {
    let (emulator, app) = linked().await;
    let script = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for (query, detail) in [
        ("error=invalid_request".to_owned(), "invalid_request"),
        ("error=server_error".to_owned(), "server_error"),
        ("error=grinch".to_owned(), "unknown error"),
        (
            format!("error={script}&error_description={script}"),
            "unknown error",
        ),
        ("error=%E2%80%AEdlrow".to_owned(), "unknown error"),
    ] {
        app.begin(Way::Browser).await;
        app.core.called([format!("{}?{query}", app.callback())]);
        let problem = app.ended().await;
        assert_eq!(
            problem.message,
            "OpenRouter ended the sign-in with an error. Connect again; it takes one click."
        );
        assert_eq!(problem.detail.as_deref(), Some(detail), "{query}");
    }
    let auth = app.begin(Way::Browser).await;
    app.core.called([emulator.deny(auth.as_str()).unwrap()]);
    let declined = |phase: &Phase| matches!(phase, Phase::Disconnected { ended: Some(p) } if p.code == ProblemCode::Declined);
    app.phase(declined).await;
    assert_nothing_stored(&app, "declined by link");
    assert_eq!(emulator.requests(), []);
}

#[tokio::test(start_paused = true)]
async fn l28_l35_five_minutes_hold_for_a_link_too() {
    let (emulator, app, link) = waiting().await;
    tokio::time::advance(Duration::from_secs(301)).await;
    assert_eq!(app.ended().await.message, TIMED_OUT);
    app.core.called([&link]);
    assert_eq!(
        app.ended().await.message,
        TIMED_OUT,
        "why it ended stays what is told"
    );
    assert_eq!(emulator.requests(), []);
    let auth = app.begin(Way::Browser).await;
    let link = approved(&emulator, &auth);
    tokio::time::advance(Duration::from_secs(299)).await;
    app.core.called([&link]);
    app.connected().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l29_a_new_attempt_has_a_link_of_its_own() {
    let (emulator, app, old) = waiting().await;
    let auth = app.begin(Way::Browser).await;
    let new = approved(&emulator, &auth);
    assert_ne!(nonce(&old), nonce(&new));
    app.core.called([&old]);
    assert!(matches!(app.now(), Phase::Connecting { .. }));
    app.core.called([&new]);
    app.connected().await;
    assert_eq!(exchanges(&emulator).len(), 1);
}
