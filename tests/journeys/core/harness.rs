//! A core with everything around it in the test's hands, and an emulator to talk to.

use crate::person::Person;
use causeway_core::{
    Core, Keychain, Origin, Ports, Setup,
    ports::{
        AppLinks, Clipboard, CouldNot, Front, Loopback, Nature, OpenBrowser, Preferences, System,
    },
    testing::{MemoryKeychain, memory_keychain, stored_answer},
    wire::{AppEvent, Phase, Problem, Settings, Way},
};
use emulator::{Config, Emulator, Recorded};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicU16, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};
use url::Url;

/// Longest wait for something that must happen. Nothing waits this long unless it failed.
const BOUND: Duration = Duration::from_secs(20);

type Act = Box<dyn Fn(&Url) + Send>;

/// A browser that opens nothing, and does what the test told it to.
#[derive(Default)]
pub struct Browser {
    pub opened: Mutex<Vec<Url>>,
    pub broken: AtomicBool,
    pub at_open: Mutex<Option<Act>>,
}

impl OpenBrowser for Browser {
    fn open(&self, url: &Url) -> Result<(), CouldNot> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(CouldNot);
        }
        if let Some(act) = &*self.at_open.lock().unwrap() {
            act(url);
        }
        self.opened.lock().unwrap().push(url.clone());
        Ok(())
    }
}

#[derive(Default)]
pub struct Copied(pub Mutex<Vec<String>>);

impl Clipboard for Copied {
    fn write(&self, text: &str) -> Result<(), CouldNot> {
        self.0.lock().unwrap().push(text.to_owned());
        Ok(())
    }

    fn write_picture(&self, width: u32, height: u32, pixels: Vec<u8>) -> Result<(), CouldNot> {
        let text = format!("{width} × {height}: {} bytes", pixels.len());
        self.0.lock().unwrap().push(text);
        Ok(())
    }
}

/// How often the window was brought forward, and which answers were told of.
#[derive(Default)]
pub struct Window(pub AtomicUsize, pub Mutex<Vec<(String, Duration)>>);

impl Front for Window {
    fn come(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn answered(&self, title: &str, took: Duration) {
        self.1.lock().unwrap().push((title.to_owned(), took));
    }
}

/// A clock that goes with tokio's and can be moved; real randomness, until it is taken away.
pub struct World {
    start: Instant,
    moved_ms: AtomicI64,
    pub no_randomness: AtomicBool,
}

impl World {
    pub fn move_clock(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).unwrap();
        self.moved_ms.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Nature for World {
    fn now_ms(&self) -> i64 {
        let since = i64::try_from(self.start.elapsed().as_millis()).unwrap();
        1_795_000_000_000 + since + self.moved_ms.load(Ordering::SeqCst)
    }

    fn random(&self) -> Result<[u8; 32], CouldNot> {
        if self.no_randomness.load(Ordering::SeqCst) {
            return Err(CouldNot);
        }
        System.random()
    }
}

/// This computer's own name and ports, as far as they are not taken away; and what it does with links.
#[derive(Default)]
pub struct Machine {
    /// What `localhost` stands for, where that is not the system's answer.
    pub localhost: Mutex<Option<Vec<IpAddr>>>,
    pub no_ipv6: AtomicBool,
    pub no_ports: AtomicBool,
    pub opens_links: AtomicBool,
    /// Every address that was listened on.
    pub tried: Mutex<Vec<SocketAddr>>,
}

#[async_trait::async_trait]
impl Loopback for Machine {
    async fn localhost(&self) -> io::Result<Vec<IpAddr>> {
        let other = self.localhost.lock().unwrap().clone();
        match other {
            Some(other) => Ok(other),
            None => System.localhost().await,
        }
    }

    async fn listen(&self, at: SocketAddr) -> io::Result<tokio::net::TcpListener> {
        self.tried.lock().unwrap().push(at);
        if self.no_ports.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        if at.is_ipv6() && self.no_ipv6.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::AddrNotAvailable.into());
        }
        System.listen(at).await
    }
}

impl AppLinks for Machine {
    fn are_ours(&self) -> bool {
        self.opens_links.load(Ordering::SeqCst)
    }
}

#[derive(Default)]
struct Kept(Mutex<Settings>);

impl Preferences for Kept {
    fn load(&self) -> Settings {
        self.0.lock().unwrap().clone()
    }

    fn store(&self, settings: &Settings) -> Result<(), CouldNot> {
        self.0.lock().unwrap().clone_from(settings);
        Ok(())
    }
}

/// What stays when the app is started again.
#[derive(Clone)]
pub struct Profile {
    folder: Arc<PathBuf>,
    /// Goes when the last clone goes; none for a folder that is another's.
    _kept: Option<Arc<TempDir>>,
    pub keychain: Arc<MemoryKeychain>,
    preferences: Arc<Kept>,
    pub port: u16,
    /// What the system starts the app with.
    pub link: Option<String>,
}

impl Profile {
    pub fn new() -> Self {
        let kept = TempDir::new().unwrap();
        let profile = Self::at(kept.path());
        Self {
            _kept: Some(Arc::new(kept)),
            ..profile
        }
    }

    /// A profile in a folder of someone else's, with a keychain of its own.
    pub fn at(folder: &Path) -> Self {
        Self {
            folder: Arc::new(folder.to_owned()),
            _kept: None,
            keychain: memory_keychain(),
            preferences: Arc::default(),
            port: free_port(),
            link: None,
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn vault_file(&self) -> PathBuf {
        self.folder().join("vault.json")
    }

    /// Starts the app and waits until its vault was looked at.
    pub async fn start(&self, origin: &str) -> App {
        let app = self.launch(origin, Arc::clone(&self.keychain) as _).await;
        app.phase(|phase| *phase != Phase::Opening).await;
        app
    }

    pub async fn launch(&self, origin: &str, keychain: Arc<dyn Keychain>) -> App {
        let browser = Arc::new(Browser::default());
        let clipboard = Arc::new(Copied::default());
        let window = Arc::new(Window::default());
        let machine = Arc::new(Machine::default());
        let world = Arc::new(World {
            start: Instant::now(),
            moved_ms: AtomicI64::new(0),
            no_randomness: AtomicBool::new(false),
        });
        let person = Arc::new(Person::default());
        let setup = Setup {
            origin: Origin::loopback(origin).unwrap(),
            folder: self.folder().to_owned(),
            port: Some(self.port),
        };
        let ports = Ports {
            browser: Arc::clone(&browser) as _,
            clipboard: Arc::clone(&clipboard) as _,
            front: Arc::clone(&window) as _,
            nature: Arc::clone(&world) as _,
            preferences: Arc::clone(&self.preferences) as _,
            keychain,
            loopback: Arc::clone(&machine) as _,
            links: Arc::clone(&machine) as _,
            dialogs: Arc::clone(&person) as _,
        };
        let core = Core::start(setup, ports).unwrap();
        if let Some(link) = &self.link {
            core.called([link]);
        }
        let (phase, phases) = watch::channel(Phase::Opening);
        let events = Arc::new(Mutex::new(Vec::new()));
        let (log, sender) = (Arc::clone(&events), phase.clone());
        core.subscribe("main", move |event| {
            log.lock().unwrap().push(event.clone());
            if let AppEvent::Phase { phase } = event {
                sender.send_replace(phase);
            }
        });
        let first = core.snapshot().await.phase;
        phase.send_if_modified(|known| {
            let late = *known == Phase::Opening && first != Phase::Opening;
            if late {
                *known = first.clone();
            }
            late
        });
        App {
            core,
            browser,
            clipboard,
            window,
            world,
            machine,
            person,
            events,
            phases,
            profile: self.clone(),
        }
    }
}

/// What the disk has of an answer.
pub struct Stored {
    pub text: String,
    pub reasoning_details: Option<String>,
    pub annotations: Option<String>,
    pub images: Option<String>,
    pub tool_calls: Option<String>,
    pub generation_id: Option<String>,
}

/// A running app.
pub struct App {
    pub core: Core,
    pub browser: Arc<Browser>,
    pub clipboard: Arc<Copied>,
    pub window: Arc<Window>,
    pub world: Arc<World>,
    pub machine: Arc<Machine>,
    pub person: Arc<Person>,
    pub events: Arc<Mutex<Vec<AppEvent>>>,
    phases: watch::Receiver<Phase>,
    pub profile: Profile,
}

impl App {
    /// Waits for a phase.
    pub async fn phase(&self, wanted: impl FnMut(&Phase) -> bool) -> Phase {
        let mut phases = self.phases.clone();
        let found = timeout(BOUND, phases.wait_for(wanted)).await;
        match found {
            Ok(phase) => phase.unwrap().clone(),
            Err(_) => panic!("this phase never came; it is {:?}", self.now()),
        }
    }

    pub fn now(&self) -> Phase {
        self.phases.borrow().clone()
    }

    pub async fn connected(&self) -> causeway_core::wire::Account {
        let checked = |p: &Phase| matches!(p, Phase::Connected { account } if !account.unchecked);
        match self.phase(checked).await {
            Phase::Connected { account } => account,
            other => panic!("{other:?}"),
        }
    }

    /// Waits for the end of an attempt that did not work, and says why.
    pub async fn ended(&self) -> Problem {
        let ended = |p: &Phase| matches!(p, Phase::Disconnected { ended: Some(_) });
        match self.phase(ended).await {
            Phase::Disconnected { ended } => ended.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// Waits for a notice: something that is told and changes nothing.
    pub async fn noticed(&self) -> Problem {
        let last = || {
            let events = self.events.lock().unwrap();
            events.iter().rev().find_map(|event| match event {
                AppEvent::Notice { problem } => Some(problem.clone()),
                _ => None,
            })
        };
        eventually("a notice", || last().is_some()).await;
        last().unwrap()
    }

    /// An answer as it lies on the disk.
    pub fn stored_answer(&self, id: &str) -> Stored {
        let (message, images) = stored_answer(self.profile.folder(), id).unwrap();
        Stored {
            text: message.text,
            reasoning_details: message.reasoning_details,
            annotations: message.annotations,
            images,
            tool_calls: message.tool_calls,
            generation_id: message.generation_id,
        }
    }

    /// Clicks "connect" and waits until the browser was opened; the address it was given.
    pub async fn begin(&self, way: Way) -> Url {
        let before = self.browser.opened.lock().unwrap().len();
        self.core.connect(way).unwrap();
        eventually("the browser opens", || {
            self.browser.opened.lock().unwrap().len() > before
        })
        .await;
        let waits = |phase: &Phase| matches!(phase, Phase::Connecting { attempt } if attempt.step == causeway_core::wire::AttemptStep::Waiting);
        self.phase(waits).await;
        self.browser.opened.lock().unwrap().last().unwrap().clone()
    }

    /// The whole sign-in, as a person does it.
    pub async fn sign_in(&self, emulator: &Emulator) {
        let auth = self.begin(Way::Browser).await;
        let redirect = emulator.approve(auth.as_str(), None).unwrap().redirect;
        let page = crate::http::visit(&redirect.unwrap()).await;
        assert!(page.body.contains("You are connected"), "{}", page.body);
        self.connected().await;
    }

    /// The callback address of the running attempt, with its nonce.
    pub fn callback(&self) -> Url {
        let opened = self.browser.opened.lock().unwrap();
        let url = opened.last().unwrap();
        let callback = url.query_pairs().find(|(name, _)| name == "callback_url");
        Url::parse(&callback.unwrap().1).unwrap()
    }
}

/// An emulator that talks as fast as it can.
pub async fn emulator() -> Emulator {
    Emulator::start(Config {
        tokens_per_second: 0.0,
        ..Config::default()
    })
    .await
    .unwrap()
}

/// A fresh profile, connected.
pub async fn connected() -> (Emulator, App) {
    let emulator = emulator().await;
    let app = Profile::new().start(&emulator.origin()).await;
    app.sign_in(&emulator).await;
    (emulator, app)
}

/// A fresh profile without a key.
pub async fn fresh() -> (Emulator, App) {
    let emulator = emulator().await;
    let app = Profile::new().start(&emulator.origin()).await;
    assert_eq!(app.now(), Phase::Disconnected { ended: None });
    (emulator, app)
}

/// Polls what tells nobody when it changes.
pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let polling = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    if timeout(BOUND, polling).await.is_err() {
        panic!("it never happened that {what}");
    }
}

/// The requests to a path, in order.
pub fn asked(emulator: &Emulator, method: &str, path: &str) -> Vec<Recorded> {
    let all = emulator.requests().into_iter();
    all.filter(|r| r.method == method && r.path == path)
        .collect()
}

pub fn exchanges(emulator: &Emulator) -> Vec<Recorded> {
    asked(emulator, "POST", "/api/v1/auth/keys")
}

/// Nothing is stored: no vault on disk, nothing in the keychain.
pub fn assert_nothing_stored(app: &App, why: &str) {
    assert!(!app.profile.vault_file().exists(), "a vault file: {why}");
    let entries = app.profile.keychain.entries();
    assert!(entries.is_empty(), "keychain entries: {why}: {entries:?}");
}

/// A port that is free on both families, below those that the system gives out by itself.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let base = 20_000 + u16::try_from(std::process::id() % 100).unwrap() * 100;
    loop {
        let port = base + NEXT.fetch_add(1, Ordering::SeqCst);
        let free = |host: &str| std::net::TcpListener::bind((host, port)).is_ok();
        if free("127.0.0.1") && free("::1") {
            return port;
        }
    }
}

/// Every file below a folder with its bytes.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(bytes) = std::fs::read(&path) {
            found.push((path, bytes));
        }
    }
    found
}

/// What the Authorize button does, without a browser: the address that it leads back to.
pub fn approved(emulator: &Emulator, auth: &Url) -> String {
    let approval = emulator.approve(auth.as_str(), None).unwrap();
    approval.redirect.unwrap()
}
