//! Looks for a newer version and puts it in place, where this copy of the app is its own master.
//!
//! A build has an address and a key to judge by only if it was made with them (`CAUSEWAY_UPDATE_URL`,
//! `CAUSEWAY_UPDATE_KEY`); one from source has neither. A package belongs to its package manager: there is nothing here
//! for it. Nothing is looked for that the person did not ask for, and nothing is installed before they said so.

use causeway_core::{
    Core, Network,
    wire::{AppEvent, Problem, ProblemCode, Update as News},
};
use std::{sync::Mutex, time::Duration};
use tauri::{
    AppHandle, Manager, Runtime,
    utils::{config::BundleType, platform::bundle_type},
};
use tauri_plugin_updater::{Error, Update, UpdaterExt};
use url::Url;

/// Time to look, and to fetch.
const LOOK: Duration = Duration::from_secs(20);
const FETCH: Duration = Duration::from_secs(30 * 60);
/// Longest notes that are shown, in characters.
const NOTES_MAX: usize = 20_000;

/// Where updates come from, and the key that has to have signed them.
#[derive(Debug, Clone)]
pub struct Source {
    feed: Url,
    key: String,
}

/// Of this copy; none where it does not update itself.
pub fn source() -> Option<Source> {
    let own = matches!(
        bundle_type(),
        Some(BundleType::AppImage | BundleType::Nsis | BundleType::Msi | BundleType::App)
    );
    let (feed, key) = (
        option_env!("CAUSEWAY_UPDATE_URL"),
        option_env!("CAUSEWAY_UPDATE_KEY"),
    );
    own.then(|| Source::read(feed?, key?)).flatten()
}

impl Source {
    /// None for anything but https with a key.
    fn read(feed: &str, key: &str) -> Option<Self> {
        let feed = Url::parse(feed)
            .ok()
            .filter(|url| url.scheme() == "https")?;
        let key = key.trim();
        (!key.is_empty()).then(|| Self {
            feed,
            key: key.to_owned(),
        })
    }
}

/// What was found, until it is installed.
#[derive(Default)]
pub struct Found(Mutex<Option<Update>>);

/// Looks for a newer version.
///
/// # Errors
/// This copy does not update itself, or nothing trustworthy answered.
pub async fn check(app: &AppHandle) -> Result<Option<News>, Problem> {
    let source = source().ok_or_else(not_here)?;
    let network = app.state::<Core>().network();
    let found = look(app, &source, network).await?;
    let news = found.as_ref().map(|update| News {
        version: update.version.clone(),
        notes: plain(update.body.as_deref().unwrap_or_default()),
    });
    *hold(&app.state::<Found>().0) = found;
    Ok(news)
}

/// Fetches what was found, judges it, and puts it in place; `progress` hears of percents. The next start is the new
/// version.
///
/// # Errors
/// Nothing was found before, it was not what was signed, or the disk refuses. Then the app is as it was.
pub async fn install(app: &AppHandle, progress: impl Fn(u32) + Send) -> Result<(), Problem> {
    let found = hold(&app.state::<Found>().0).clone();
    let update = found.ok_or_else(|| said("Look for a new version first."))?;
    let bytes = fetch(&update, progress).await?;
    let install = tauri::async_runtime::spawn_blocking(move || update.install(bytes));
    match install.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(failed(&error)),
        Err(_) => Err(said(
            "The new version could not be put in place. Nothing was changed.",
        )),
    }
}

/// Looks once, where the person wants that at each start, and tells what there is. Nothing there is nothing to tell.
pub fn look_at_start(app: &AppHandle) {
    let core = app.state::<Core>().inner().clone();
    if !core.settings().updates || source().is_none() {
        return;
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if let Ok(Some(news)) = check(&app).await {
            let text = format!(
                "Causeway {} is there. Settings, About shows what changed.",
                news.version
            );
            let problem = said(&text);
            core.tell(&AppEvent::Notice { problem });
        }
    });
}

async fn look<R: Runtime>(
    app: &AppHandle<R>,
    source: &Source,
    network: Network,
) -> Result<Option<Update>, Problem> {
    let looking = async {
        let updater = app
            .updater_builder()
            .endpoints(vec![source.feed.clone()])?
            .pubkey(source.key.clone())
            .timeout(LOOK)
            // No redirect leads to plain HTTP either.
            .configure_client(move |client| network.tune(client).https_only(true))
            .build()?;
        updater.check().await
    };
    let found: Option<Update> = looking.await.map_err(|error| failed(&error))?;
    if let Some(update) = &found
        && update.download_url.scheme() != "https"
    {
        return Err(said(
            "The new version would not come over a safe connection, so it was left alone.",
        ));
    }
    Ok(found.map(|mut update| {
        update.timeout = Some(FETCH);
        update
    }))
}

/// What was signed, or nothing: a signature that is missing, another key's, of other bytes or of another version ends it.
async fn fetch(update: &Update, progress: impl Fn(u32) + Send) -> Result<Vec<u8>, Problem> {
    let mut came = 0_u64;
    let mut told = 0;
    let chunk = |bytes: usize, all: Option<u64>| {
        came = came.saturating_add(bytes as u64);
        let percent = all
            .filter(|all| *all > 0)
            .map_or(0, |all| came.saturating_mul(100) / all);
        let percent = u32::try_from(percent.min(100)).unwrap_or(100);
        if percent > told {
            told = percent;
            progress(percent);
        }
    };
    let fetched = update.download(chunk, || {}).await;
    fetched.map_err(|error| failed(&error))
}

/// Notes as plain text: they come from afar, and the window shows them as they are.
fn plain(notes: &str) -> String {
    let kept = |c: &char| *c == '\n' || !c.is_control();
    notes.chars().filter(kept).take(NOTES_MAX).collect()
}

fn hold<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn said(text: &str) -> Problem {
    Problem::new(ProblemCode::Refused, text)
}

fn not_here() -> Problem {
    said("This copy does not update itself. Update it where you got it from.")
}

fn failed(error: &Error) -> Problem {
    let untrue = matches!(
        error,
        Error::Minisign(_)
            | Error::Base64(_)
            | Error::SignatureUtf8(_)
            | Error::MissingSignedVersion
            | Error::SignedVersionMismatch { .. }
    );
    let text = if untrue {
        "The new version is not what its makers signed, so it was left alone. Nothing was changed."
    } else {
        "The new version could not be fetched. Check your connection and try again."
    };
    Problem {
        detail: Some(error.to_string()),
        ..said(text)
    }
}

#[cfg(test)]
mod tests;
