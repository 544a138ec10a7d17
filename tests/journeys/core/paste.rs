//! Codes that a person pastes.

use crate::harness::fresh;
use causeway_core::wire::{ProblemCode as Code, Way};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x18_what_a_person_pastes_is_understood_or_refused() {
    let (emulator, app) = fresh().await;
    let refused = "This is not a sign-in code. Copy the code that OpenRouter's page shows.";
    let other = "This address belongs to another sign-in. Copy the code from the page that Causeway opened.";
    app.begin(Way::Browser).await;
    let mut stale = app.callback();
    stale.set_query(Some("code=abcdefghijklmnop"));
    let huge = "A".repeat(1 << 20);
    for wrap in [
        "{}",
        "  {}\n",
        "\"{}\"",
        "`{}`",
        "\u{202a}{}\u{202c}\u{200b}",
        "{url}",
        " {url} \r\n",
    ] {
        let auth = app.begin(Way::Browser).await;
        for (bad, why) in [
            ("", refused),
            (" \n", refused),
            ("ключ", refused),
            ("http://", other),
            (stale.as_str(), other),
            ("http://localhost:3000/cb/?error=access_denied", other),
            (
                &huge,
                "This is too long to be a sign-in code. Copy only the code.",
            ),
        ] {
            let problem = app.core.paste(bad).unwrap_err();
            assert_eq!(
                (problem.code, &*problem.message),
                (Code::Refused, why),
                "{bad:.30}"
            );
        }
        let approval = emulator.approve(auth.as_str(), None).unwrap();
        let text = wrap
            .replace("{}", &approval.code)
            .replace("{url}", &approval.redirect.unwrap());
        app.core.paste(&text).unwrap();
        app.connected().await;
        app.core.disconnect().await.unwrap();
    }
    assert_eq!(
        app.core.paste("abc").unwrap_err().message,
        "This sign-in is over. Connect again."
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_way_back_a_code_is_pasted_and_no_port_is_opened() {
    let (emulator, app) = fresh().await;
    let auth = app.begin(Way::Paste).await;
    let names: Vec<_> = auth
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(
        names,
        ["code_challenge", "code_challenge_method", "key_label"]
    );
    let port = app.profile.port;
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    let code = emulator.approve(auth.as_str(), None).unwrap().code;
    // A line break of a mail program in the middle of it.
    let (first, last) = code.split_at(10);
    app.core.paste(&format!("{first}\r\n {last}")).unwrap();
    assert_eq!(app.connected().await.label, "Causeway");
}
