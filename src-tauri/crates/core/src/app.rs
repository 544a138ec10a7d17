//! The app as a whole: its parts, its phase, and who is listening.

use crate::{
    catalogue::Catalogue,
    connect::Attempts,
    files::Coming,
    lock::Presence,
    place,
    ports::{AppLinks, Clipboard, Dialogs, Front, Loopback, Nature, OpenBrowser, Preferences},
    problem, routing,
    search::Searches,
    session::Session,
    thread::Stage,
    transfer::Transfers,
    wire::{AppEvent, Phase, Problem, ProblemCode, Service, Settings, Shelves, Snapshot},
};
use history::History;
use openrouter::{App, BadNetwork, Client, Network, Origin};
use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};
use tokio::{sync::Notify, time::Instant};
use vault::{Keychain, Vault};

/// How this app presents itself to the service.
const APP: App = App {
    url: "https://causeway.dev",
    title: "Causeway",
    categories: "general-chat",
};

/// Which service, which folder, which port.
pub struct Setup {
    /// OpenRouter, or an emulator on this computer.
    pub origin: Origin,
    /// The profile's folder: vault, conversations, catalogue.
    pub folder: PathBuf,
    /// The first port to try for the sign-in's answer; none takes 3000.
    pub port: Option<u16>,
}

/// What the core needs from outside.
pub struct Ports {
    /// The system's browser.
    pub browser: Arc<dyn OpenBrowser>,
    /// The system's clipboard.
    pub clipboard: Arc<dyn Clipboard>,
    /// The app's window.
    pub front: Arc<dyn Front>,
    /// Clock and randomness.
    pub nature: Arc<dyn Nature>,
    /// Where settings are kept.
    pub preferences: Arc<dyn Preferences>,
    /// The system's keychain.
    pub keychain: Arc<dyn Keychain>,
    /// This computer's own ports.
    pub loopback: Arc<dyn Loopback>,
    /// What the system does with the app's links.
    pub links: Arc<dyn AppLinks>,
    /// The system's dialogs for files.
    pub dialogs: Arc<dyn Dialogs>,
}

/// The one entrance. Cheap to clone; every clone is the same app.
#[derive(Clone)]
pub struct Core(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub client: Client,
    pub vault: Arc<Vault>,
    pub ports: Ports,
    pub folder: PathBuf,
    pub port: u16,
    pub session: Mutex<Session>,
    pub attempts: Mutex<Attempts>,
    pub stage: tokio::sync::Mutex<Stage>,
    pub catalogue: tokio::sync::Mutex<Catalogue>,
    /// Rung when there is a cost to ask for, or a key to ask with.
    pub lookups: Arc<Notify>,
    /// Rung when there is something to index for searching.
    pub unindexed: Arc<Notify>,
    pub searches: Searches,
    pub transfers: Transfers,
    /// Why the last copy of the conversations could not be made.
    pub copy_failed: Mutex<Option<Problem>>,
    pub presence: Mutex<Presence>,
    /// Told when the time after which to lock may be another one.
    pub lock_changed: Arc<Notify>,
    /// Files on their way in.
    pub coming: Mutex<Coming>,
    /// Held by who reads files: one at a time.
    pub reading: tokio::sync::Mutex<()>,
    history: tokio::sync::Mutex<Held>,
    settings: Mutex<Settings>,
    listeners: Mutex<HashMap<String, Listener>>,
}

/// Conversations that could not be opened are not tried again before this.
const RETRY: Duration = Duration::from_secs(2);

/// The conversations, as far as they are open.
#[derive(Default)]
enum Held {
    #[default]
    Closed,
    Open(History),
    Failed(Problem, Instant),
}

type Listener = Box<dyn Fn(AppEvent) + Send>;

/// Most favourites, and the longest id of one, in bytes.
const FAVOURITES_MAX: usize = 200;
const MODEL_MAX: usize = 200;

/// Those that were added last, each once.
fn favourites(mut ids: Vec<String>) -> Vec<String> {
    let mut known = HashSet::new();
    ids.retain(|id| !id.is_empty() && id.len() <= MODEL_MAX && known.insert(id.clone()));
    ids.split_off(ids.len().saturating_sub(FAVOURITES_MAX))
}

/// A panic elsewhere does not make the data behind a lock wrong: every holder leaves it whole.
pub(crate) fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs what may wait for a disk, a keychain or a key derivation.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let broken = |_| {
        Problem::new(
            ProblemCode::Again,
            "Something went wrong inside Causeway. Try again.",
        )
    };
    tokio::task::spawn_blocking(work).await.map_err(broken)
}

impl Core {
    /// Starts the app inside a running tokio runtime. Returns at once: vault and conversations are opened behind it,
    /// and the phase tells when they are.
    ///
    /// # Errors
    /// The system's TLS settings are unusable.
    pub fn start(setup: Setup, ports: Ports) -> Result<Self, Problem> {
        let settings = ports.preferences.load();
        // A proxy or an authority that can't be used must not keep the app from opening: it is told once it has.
        let network = network(&settings);
        let unusable = network.is_err();
        let client = Client::new(setup.origin, &APP, &network.unwrap_or_default())
            .map_err(|e| problem::request(&e))?;
        let presence = Presence::new(ports.nature.now_ms());
        crate::files::forget_opened(&setup.folder);
        let core = Self(Arc::new(Inner {
            client,
            vault: Arc::new(Vault::new(&setup.folder, Arc::clone(&ports.keychain))),
            ports,
            port: setup.port.unwrap_or(crate::connect::PREFERRED_PORT),
            session: Mutex::default(),
            attempts: Mutex::default(),
            stage: tokio::sync::Mutex::default(),
            catalogue: tokio::sync::Mutex::new(Catalogue::new(&setup.folder)),
            presence: Mutex::new(presence),
            lock_changed: Arc::default(),
            lookups: Arc::default(),
            unindexed: Arc::default(),
            searches: Searches::default(),
            transfers: Transfers::default(),
            copy_failed: Mutex::default(),
            folder: setup.folder,
            coming: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
            history: tokio::sync::Mutex::default(),
            settings: Mutex::new(settings),
            listeners: Mutex::default(),
        }));
        core.watch_presence();
        let opening = core.clone();
        tokio::spawn(async move {
            // A window that asks meanwhile waits for the same opening.
            let _ = opening.history().await;
            opening.start_lookups();
            opening.start_chores();
            opening.collect_files();
            opening.open_vault().await;
            opening.answer_early_link();
            if unusable {
                let text = "The proxy or the certificates of the settings could not be used, so the system\u{2019}s were \
                            taken. Look at Settings, Network.";
                let problem = Problem::new(ProblemCode::Refused, text);
                opening.tell(&AppEvent::Notice { problem });
            }
        });
        Ok(core)
    }

    /// Everything the window needs to draw itself.
    pub async fn snapshot(&self) -> Snapshot {
        let (conversations, shelves, history_problem) = match self.lists().await {
            Ok((conversations, shelves)) => (conversations, shelves, None),
            Err(problem) => (Vec::new(), Shelves::default(), Some(problem)),
        };
        Snapshot {
            phase: hold(&self.0.session).phase.clone(),
            service: Service {
                origin: self.0.client.origin().as_str().to_owned(),
                emulated: self.0.client.origin().is_emulated(),
            },
            settings: self.settings(),
            conversations,
            shelves,
            history_problem,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// Tells this window of every change from now on. A second call for the same window replaces the first.
    pub fn subscribe(&self, window: &str, listener: impl Fn(AppEvent) + Send + 'static) {
        hold(&self.0.listeners).insert(window.to_owned(), Box::new(listener));
    }

    /// Forgets a window that is gone.
    pub fn unsubscribe(&self, window: &str) {
        hold(&self.0.listeners).remove(window);
    }

    /// Tells every window.
    pub fn tell(&self, event: &AppEvent) {
        hold(&self.0.listeners)
            .values()
            .for_each(|listener| listener(event.clone()));
    }

    pub(crate) fn set_phase(&self, phase: Phase) {
        self.change_phase(|_| Some(phase));
    }

    /// Sets the phase that follows from the one of now, if any does. It is told before another can follow: the window
    /// never hears of two in the wrong order.
    pub(crate) fn change_phase(&self, next: impl FnOnce(&Phase) -> Option<Phase>) {
        let mut session = hold(&self.0.session);
        let Some(phase) = next(&session.phase) else {
            return;
        };
        let connected = |phase: &Phase| matches!(phase, Phase::Connected { .. });
        if connected(&phase) && !connected(&session.phase) {
            self.active();
        }
        session.phase = phase.clone();
        self.tell(&AppEvent::Phase { phase });
    }

    /// The open conversations. When they could not be opened it is tried again, though not at once: what asks at the
    /// same time gets the same answer.
    pub(crate) async fn history(&self) -> Result<History, Problem> {
        let mut held = self.0.history.lock().await;
        match &*held {
            Held::Open(history) => return Ok(history.clone()),
            Held::Failed(problem, when) if when.elapsed() < RETRY => return Err(problem.clone()),
            _ => {}
        }
        let (folder, now) = (self.0.folder.clone(), self.0.ports.nature.now_ms());
        let opening = move || {
            let failed = |e: history::Error| problem::history(&e);
            let history = History::open(&place::of(&folder)?).map_err(failed)?;
            history.recover(now).map_err(failed)?;
            Ok(history)
        };
        let opened: Result<History, Problem> = blocking(opening).await?;
        *held = match &opened {
            Ok(history) => Held::Open(history.clone()),
            Err(problem) => Held::Failed(problem.clone(), Instant::now()),
        };
        opened
    }

    /// Runs `work` while nobody has the conversations open here; they are opened again when they are next asked for.
    pub(crate) async fn with_history_closed<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, history::Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let mut held = self.0.history.lock().await;
        *held = Held::Closed;
        blocking(work).await?.map_err(|e| problem::history(&e))
    }

    /// Runs `work` on the open conversations while nobody else gets hold of them. When it succeeds they are closed, and
    /// opened again when they are next asked for.
    pub(crate) async fn with_history_taken<T: Send + 'static>(
        &self,
        work: impl FnOnce(History) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let history = self.history().await?;
        let mut held = self.0.history.lock().await;
        let done = blocking(move || work(history)).await??;
        *held = Held::Closed;
        Ok(done)
    }

    /// Removes the files that nothing refers to any more, behind everything else.
    fn collect_files(&self) {
        let core = self.clone();
        tokio::spawn(async move {
            let ms = u64::try_from(core.0.ports.nature.now_ms()).unwrap_or_default();
            let now = SystemTime::UNIX_EPOCH + Duration::from_millis(ms);
            let collecting = core.stored(move |history| history.collect_files(now));
            match collecting.await {
                Ok(0) => {}
                Ok(count) => tracing::info!("{count} files that nothing refers to were removed"),
                // They are there at the next start, too.
                Err(problem) => tracing::warn!("{}", problem.message),
            }
        });
    }

    /// Runs one call on the conversations where waiting is allowed.
    pub(crate) async fn stored<T: Send + 'static>(
        &self,
        call: impl FnOnce(&History) -> Result<T, history::Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let history = self.history().await?;
        blocking(move || call(&history))
            .await?
            .map_err(|e| problem::history(&e))
    }

    /// What the person chose.
    pub fn settings(&self) -> Settings {
        hold(&self.0.settings).clone()
    }

    /// Takes new settings, effective at once, and stores them.
    ///
    /// # Errors
    /// One is outside its range, or a proxy or certificates can't be used, and none of them holds; or they hold, but could
    /// not be stored.
    pub fn set_settings(&self, settings: Settings) -> Result<Settings, Problem> {
        let mut settings = settings.in_bounds();
        settings.favourites = favourites(settings.favourites);
        settings.routing = routing::checked(settings.routing)?;
        let before = self.settings();
        if (&before.proxy, &before.authorities) != (&settings.proxy, &settings.authorities) {
            let network = network(&settings)?;
            let changed = self.0.client.set_network(&network);
            changed.map_err(|bad| refused(&bad))?;
        }
        hold(&self.0.settings).clone_from(&settings);
        self.active();
        self.0.lock_changed.notify_one();
        self.tell(&AppEvent::Settings {
            settings: settings.clone(),
        });
        let failed = |_| {
            Problem::new(
                ProblemCode::Again,
                "This choice holds until you quit: it could not be stored.",
            )
        };
        self.0.ports.preferences.store(&settings).map_err(failed)?;
        Ok(settings)
    }

    /// How the network is reached; as the system says where the person's choice can't be used.
    pub fn network(&self) -> Network {
        network(&self.settings()).unwrap_or_default()
    }

    /// Puts a text on the clipboard.
    ///
    /// # Errors
    /// The system refused.
    pub fn copy(&self, text: &str) -> Result<(), Problem> {
        let failed = |_| {
            Problem::new(
                ProblemCode::Again,
                "The clipboard is not available. Try again.",
            )
        };
        self.0.ports.clipboard.write(text).map_err(failed)
    }

    /// Ends every running answer with what it has, within a second: for quitting.
    pub async fn shut_down(&self) {
        self.cancel_attempt();
        self.cancel_renewal();
        let answers = self.stop_all();
        let _ = tokio::time::timeout(Duration::from_secs(1), answers).await;
    }
}

fn network(settings: &Settings) -> Result<Network, Problem> {
    let (proxy, authorities) = (settings.proxy.as_deref(), settings.authorities.as_deref());
    Network::read(proxy, authorities).map_err(|bad| refused(&bad))
}

fn refused(bad: &BadNetwork) -> Problem {
    let text = match bad {
        BadNetwork::Proxy => {
            "This is no address of a proxy. It looks like http://proxy.example:8080."
        }
        BadNetwork::Password => {
            "A name and a password can\u{2019}t stand in the proxy\u{2019}s address: they would lie on the disk in plain text. \
             Leave them out, or set the proxy up in the system."
        }
        BadNetwork::Authorities => {
            "These are no certificates. A file in PEM format begins with -----BEGIN CERTIFICATE-----."
        }
    };
    Problem::new(ProblemCode::Refused, text)
}
