//! A new key in the place of the one in hand: tighter, and made without a browser.

use crate::{
    harness::{App, Profile, asked, connected, eventually, exchanges},
    http,
};
use causeway_core::{
    KeychainError,
    testing::Call,
    wire::{
        Account, Kept, NewKey, Page, Phase, ProblemCode as Code, Renewal, RenewalStep as Step,
        Reset, Seal, Way,
    },
};
use emulator::{Config, Emulator, Fault, KeyRecord};
use sha2::{Digest, Sha256};
use std::time::Duration;
use url::Url;

/// The clock of these tests stands at 2026-11-18T11:06:40Z and a little more; that of the emulator is the real one.
const END: i64 = 4_102_444_799_000;

pub fn wish() -> NewKey {
    NewKey {
        label: "Laptop".into(),
        limit_usd: Some(2.5),
        reset: Some(Reset::Weekly),
        expires_at_ms: Some(END),
    }
}

fn hash(key: &str) -> String {
    let digest = Sha256::digest(key.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn in_hand(phase: &Phase) -> Option<&Account> {
    match phase {
        Phase::Connected { account } => Some(account),
        _ => None,
    }
}

fn step(phase: &Phase) -> Option<Step> {
    match in_hand(phase)?.renewal {
        Some(Renewal::Running { step }) => Some(step),
        _ => None,
    }
}

impl App {
    /// Waits until a new key is in use: its account.
    pub async fn renewed(&self) -> Account {
        let done =
            |p: &Phase| in_hand(p).is_some_and(|a| a.renewal.is_none() && a.previous.is_some());
        in_hand(&self.phase(done).await).unwrap().clone()
    }

    /// Waits until the making of a new key has ended without one: why.
    pub async fn not_renewed(&self) -> causeway_core::wire::Problem {
        let ended = |p: &Phase| {
            in_hand(p).is_some_and(|a| matches!(a.renewal, Some(Renewal::Ended { .. })))
        };
        match in_hand(&self.phase(ended).await).unwrap().renewal.clone() {
            Some(Renewal::Ended { problem }) => problem,
            other => panic!("{other:?}"),
        }
    }

    fn last_page(&self) -> Url {
        self.browser.opened.lock().unwrap().last().unwrap().clone()
    }
}

/// The key that an app uses now: what it sends with its next request.
pub async fn key_in_use(app: &App, emulator: &Emulator) -> String {
    app.core.refresh_account().await.unwrap();
    let last = asked(emulator, "GET", "/api/v1/key").pop().unwrap();
    last.bearer().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tighter_key_takes_the_place_of_the_old_one_which_is_named_until_read() {
    let (emulator, app) = connected().await;
    let old = emulator.keys()[0].key.clone();
    app.core.renew_key(&wish()).unwrap();
    let account = app.renewed().await;

    let made = emulator.keys().pop().unwrap();
    let new = made.key.clone();
    let expires_at = made.expires_at;
    assert_eq!(
        made,
        KeyRecord {
            key: new.clone(),
            label: Some("Laptop".into()),
            limit: Some(2.5),
            limit_reset: Some(emulator::Reset::Weekly),
            expires_at,
            ..KeyRecord::default()
        }
    );
    assert_eq!(expires_at.map(|at| at.unix_timestamp() * 1000), Some(END));
    assert_eq!(
        (
            &*account.label,
            account.limit_usd,
            account.limit_reset,
            account.expires_at_ms
        ),
        ("Laptop", Some(2.5), Some(Reset::Weekly), Some(END))
    );
    assert!(
        account
            .resets_at_ms
            .is_some_and(|at| at > 1_795_000_000_000)
    );
    assert_eq!((account.kept, account.unchecked), (Kept::Keychain, false));
    assert_eq!(key_in_use(&app, &emulator).await, new);

    // On the wire: the key in hand, who asks, and all that was wished for; then an exchange like any other.
    let request = asked(&emulator, "POST", "/api/v1/auth/keys/code")
        .pop()
        .unwrap();
    assert_eq!(request.bearer(), Some(&*old));
    for (name, value) in [
        ("http-referer", "https://causeway.dev"),
        ("x-openrouter-title", "Causeway"),
        ("x-openrouter-categories", "general-chat"),
    ] {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
    let mut body = request.json().unwrap();
    let challenge = body["code_challenge"].take();
    assert_eq!(challenge.as_str().map(str::len), Some(43));
    assert_eq!(
        body,
        serde_json::json!({
            "callback_url": "http://localhost:3000/", "code_challenge": null, "code_challenge_method": "S256",
            "limit": 2.5, "usage_limit_type": "weekly", "expires_at": "2099-12-31T23:59:59Z",
            "key_label": "Laptop", "workspace_id": "00000000-0000-0000-0000-000000000000",
        })
    );
    assert_eq!(exchanges(&emulator).len(), 2);
    assert_eq!(exchanges(&emulator)[1].bearer(), None);
    assert_eq!(emulator.violations(), Vec::<String>::new());

    // The old key still works: the app says so, and leads to its page.
    let masked = format!("{}…{}", &old[..12], &old[old.len() - 3..]);
    assert_eq!(account.previous.unwrap().masked_key, masked);
    app.core.open_page(Page::PreviousKey).await.unwrap();
    assert_eq!(app.last_page().path(), format!("/keys/{}", hash(&old)));
    app.core.open_page(Page::Key).await.unwrap();
    assert_eq!(app.last_page().path(), format!("/keys/{}", hash(&new)));
    app.core.forget_previous_key();
    assert_eq!(in_hand(&app.now()).unwrap().previous, None);

    // And it is the new one that was sealed.
    let again = app.profile.start(&emulator.origin()).await;
    again.connected().await;
    assert_eq!(key_in_use(&again, &emulator).await, new);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_was_wished_for_is_sent() {
    let (emulator, app) = connected().await;
    let nothing = NewKey {
        label: "  ".into(),
        limit_usd: None,
        reset: None,
        expires_at_ms: None,
    };
    app.core.renew_key(&nothing).unwrap();
    app.renewed().await;
    let request = asked(&emulator, "POST", "/api/v1/auth/keys/code")
        .pop()
        .unwrap();
    let body = request.json().unwrap();
    let fields: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        fields,
        [
            "callback_url",
            "code_challenge",
            "code_challenge_method",
            "key_label",
            "workspace_id"
        ]
    );
    assert_eq!(body["key_label"], "Causeway");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_keeps_this_for_management_keys_is_told_with_the_other_way() {
    let config = Config {
        tokens_per_second: 0.0,
        code_needs_management_key: true,
        ..Config::default()
    };
    let emulator = Emulator::start(config).await.unwrap();
    let app = Profile::new().start(&emulator.origin()).await;
    app.sign_in(&emulator).await;
    app.core.renew_key(&wish()).unwrap();
    let problem = app.not_renewed().await;
    assert_eq!(problem.code, Code::KeyPage);
    assert_eq!(
        problem.message,
        "OpenRouter lets only management keys do this from inside an app. Set the limit on your key's page; it holds \
         at once."
    );
    assert_eq!(emulator.keys().len(), 1, "no key was made");
    assert_eq!(key_in_use(&app, &emulator).await, emulator.keys()[0].key);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offline_no_new_key_is_made_and_the_old_one_stays() {
    let (emulator, app) = connected().await;
    let origin = emulator.origin();
    emulator.stop().await;
    app.core.renew_key(&wish()).unwrap();
    let problem = app.not_renewed().await;
    assert_eq!(problem.code, Code::Offline);
    assert_eq!(
        problem.message,
        "OpenRouter can't be reached, so no new key was made. Check the connection and try again."
    );
    let again = app.profile.start(&origin).await;
    assert!(in_hand(&again.now()).is_some_and(|account| account.unchecked));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_possible_is_refused_before_anything_is_sent() {
    let (emulator, app) = connected().await;
    let before = emulator.requests().len();
    for wish in [
        NewKey {
            limit_usd: Some(0.0),
            ..wish()
        },
        NewKey {
            limit_usd: None,
            ..wish()
        },
        NewKey {
            expires_at_ms: Some(1_794_999_999_000),
            ..wish()
        },
        NewKey {
            label: "n".repeat(101),
            ..wish()
        },
    ] {
        let problem = app.core.renew_key(&wish).unwrap_err();
        assert_eq!(problem.code, Code::Refused, "{wish:?}");
    }
    assert_eq!(emulator.requests().len(), before);
    assert_eq!(in_hand(&app.now()).unwrap().renewal, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelling_before_the_code_came_leaves_nothing_and_later_tells_of_the_key() {
    let (emulator, app) = connected().await;
    let old = emulator.keys()[0].key.clone();
    emulator.inject(
        "/api/v1/auth/keys/code",
        Fault::Delay(Duration::from_secs(60)),
        1,
    );
    app.core.renew_key(&wish()).unwrap();
    eventually("the code is asked for", || {
        asked(&emulator, "POST", "/api/v1/auth/keys/code").len() == 1
    })
    .await;
    assert_eq!(step(&app.now()), Some(Step::Asking));
    let twice = app.core.renew_key(&wish()).unwrap_err();
    assert_eq!(
        twice.message,
        "A new key is being made already. Wait for it, or cancel it."
    );
    assert!(app.core.cancel_renewal());
    assert_eq!(in_hand(&app.now()).unwrap().renewal, None);

    emulator.inject("/api/v1/auth/keys/code", Fault::Delay(Duration::ZERO), 1);
    emulator.inject(
        "/api/v1/auth/keys",
        Fault::Delay(Duration::from_secs(60)),
        1,
    );
    app.core.renew_key(&wish()).unwrap();
    app.phase(|phase| step(phase) == Some(Step::Exchanging))
        .await;
    eventually("the code is sent", || exchanges(&emulator).len() == 2).await;
    assert!(app.core.cancel_renewal());
    let problem = app.not_renewed().await;
    assert_eq!(problem.code, Code::CheckKeys);
    assert_eq!(
        problem.message,
        "You cancelled while the new key was being made. It may exist: look at your keys on OpenRouter and delete it \
         there."
    );
    assert_eq!(key_in_use(&app, &emulator).await, old);
    app.core.cancel_renewal();
    assert_eq!(
        in_hand(&app.now()).unwrap().renewal,
        None,
        "read and put away"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_key_that_cannot_be_sealed_is_asked_about_and_the_old_one_stays_meanwhile() {
    let (emulator, app) = connected().await;
    let old = emulator.keys()[0].key.clone();
    let vault = std::fs::read(app.profile.vault_file()).unwrap();
    app.profile
        .keychain
        .fail(Call::Set, KeychainError::NoAccess);
    app.core.renew_key(&wish()).unwrap();
    app.phase(|phase| matches!(phase, Phase::ChooseSeal { .. }))
        .await;
    assert_eq!(std::fs::read(app.profile.vault_file()).unwrap(), vault);
    let again = app.profile.start(&emulator.origin()).await;
    again.connected().await;
    assert_eq!(key_in_use(&again, &emulator).await, old);
    drop(again);

    let passphrase = "correct horse battery".to_owned();
    app.core
        .choose_seal(Seal::Passphrase { passphrase })
        .await
        .unwrap();
    let account = app.renewed().await;
    assert_eq!(
        (account.kept, account.limit_usd),
        (Kept::Passphrase, Some(2.5))
    );

    // Who has chosen a passphrase is asked again, rather than moved to the keychain.
    app.profile.keychain.heal();
    app.core.forget_previous_key();
    app.core.renew_key(&wish()).unwrap();
    app.phase(|phase| matches!(phase, Phase::ChooseSeal { .. }))
        .await;
    app.core.choose_seal(Seal::Keychain).await.unwrap();
    assert_eq!(app.renewed().await.kept, Kept::Keychain);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_key_that_the_disk_does_not_take_is_told_of_and_not_used() {
    let (emulator, app) = connected().await;
    let old = emulator.keys()[0].key.clone();
    // A folder where the lock shall be: no process may write without it.
    let lock = app.profile.folder().join("vault.lock");
    let _ = std::fs::remove_file(&lock);
    std::fs::create_dir(&lock).unwrap();
    app.core.renew_key(&wish()).unwrap();
    let problem = app.not_renewed().await;
    assert_eq!(problem.code, Code::CheckKeys);
    assert_eq!(
        problem.message,
        "The new key was made but could not be stored, so it is not used. Delete it among your keys on OpenRouter, \
         then try again. The key of before is still in use."
    );
    assert_eq!(key_in_use(&app, &emulator).await, old);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connecting_again_ends_the_making_of_a_key_and_names_the_old_one_after() {
    let (emulator, app) = connected().await;
    let old = emulator.keys()[0].key.clone();
    emulator.inject(
        "/api/v1/auth/keys/code",
        Fault::Delay(Duration::from_secs(60)),
        1,
    );
    app.core.renew_key(&wish()).unwrap();
    let auth = app.begin(Way::Browser).await;
    let redirect = emulator.approve(auth.as_str(), Some(1.0)).unwrap().redirect;
    http::visit(&redirect.unwrap()).await;
    let account = app.renewed().await;
    assert_eq!(account.limit_usd, Some(1.0));
    app.core.open_page(Page::PreviousKey).await.unwrap();
    assert_eq!(app.last_page().path(), format!("/keys/{}", hash(&old)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnecting_while_a_new_key_is_made_tells_that_it_may_exist() {
    let (emulator, app) = connected().await;
    let old = emulator.keys()[0].key.clone();
    emulator.inject("/api/v1/auth/keys/code", Fault::Delay(Duration::ZERO), 1);
    emulator.inject(
        "/api/v1/auth/keys",
        Fault::Delay(Duration::from_secs(60)),
        1,
    );
    app.core.renew_key(&wish()).unwrap();
    app.phase(|phase| step(phase) == Some(Step::Exchanging))
        .await;
    app.core.disconnect().await.unwrap();
    assert_eq!(app.ended().await.code, Code::CheckKeys);
    crate::harness::assert_nothing_stored(&app, "disconnected");
    // The old key's page is open, and the notice offers it again.
    assert_eq!(app.last_page().path(), format!("/keys/{}", hash(&old)));
    let notice = app.noticed().await;
    assert_eq!(notice.code, Code::PreviousKey);
    app.browser.opened.lock().unwrap().clear();
    app.core.open_page(Page::PreviousKey).await.unwrap();
    assert_eq!(app.last_page().path(), format!("/keys/{}", hash(&old)));
}
