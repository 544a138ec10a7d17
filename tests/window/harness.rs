//! The app under a web driver, its profile, and the emulator beside it.

use crate::browser::hyper_connector;
use emulator::{Config, Emulator};
use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use serde_json::{Value, json};
use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::OnceLock,
    time::Duration,
};
use tokio::sync::{Mutex, MutexGuard};

/// Longest wait for anything on screen.
const PATIENCE: Duration = Duration::from_secs(20);

/// One window at a time: they share the screen, the keychain and port 3000.
pub async fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::const_new(());
    ONE.lock().await
}

/// Asks until there is an answer; panics with what was waited for.
pub async fn patiently<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut ask: impl FnMut() -> F,
) -> T {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking)
        .await
        .unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// A web driver's process; it ends with this.
pub struct Driver(Child);

impl Driver {
    pub async fn start(mut command: Command, port: u16) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null());
        let child = Self(child.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}")));
        patiently("the driver's port", || async {
            tokio::net::TcpStream::connect(("127.0.0.1", port))
                .await
                .ok()
        })
        .await;
        child
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program under test.
pub fn binary() -> String {
    std::env::var("CAUSEWAY_BIN").expect("CAUSEWAY_BIN: run this through `cargo xtask test`")
}

/// The app's processes with this profile. One that has ended has no command line any more.
pub fn processes(profile: &Path) -> Vec<OsString> {
    let words = [
        binary().into_bytes(),
        profile.as_os_str().as_encoded_bytes().to_vec(),
    ];
    let all = fs::read_dir("/proc").unwrap().flatten();
    all.filter(|process| {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        let has = |word: &Vec<u8>| line.split(|b| *b == 0).any(|part| part == word);
        words.iter().all(has)
    })
    .map(|process| process.file_name())
    .collect()
}

/// Whether the process has let go of all it held: of its command line it does so before it leaves the bus, and who starts
/// in between is sent to an app that answers no more.
pub fn ended(process: &OsStr) -> bool {
    let state = fs::read_to_string(Path::new("/proc").join(process).join("stat"));
    let state = state.unwrap_or_default();
    let state = state.rsplit_once(')').map_or("", |(_, rest)| rest).trim();
    state.is_empty() || state.starts_with(['Z', 'X'])
}

/// Unlocks the Secret Service of this session's own bus, once.
fn keyring() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let mut daemon = Command::new("gnome-keyring-daemon")
            .args(["--unlock", "--components=secrets"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon");
        daemon
            .stdin
            .take()
            .unwrap()
            .write_all(b"a password for tests")
            .unwrap();
        assert!(
            daemon.wait().unwrap().success(),
            "the keyring did not unlock"
        );
    });
}

/// A person's computer: a profile's folder, a browser that notes what it is asked to open, a log, and OpenRouter.
pub struct Desk {
    /// Whether the app finds the Secret Service.
    pub keychain: bool,
    /// What else the app finds in its environment, or does not.
    pub environment: Vec<(&'static str, Option<&'static str>)>,
    /// Whether the system opens `causeway://` links with this profile.
    pub links: bool,
    pub emulator: Emulator,
    pub folder: tempfile::TempDir,
}

impl Desk {
    pub async fn new() -> Self {
        Self::with(Config::default()).await
    }

    pub async fn with(config: Config) -> Self {
        keyring();
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("browser.sh");
        let note = folder.path().join("opened");
        let text = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$1\" > '{0}.next' && mv '{0}.next' '{0}'\n",
            note.display()
        );
        fs::write(&script, text).unwrap();
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        // The way the system itself is told: a program, and the addresses it opens.
        let entry = format!(
            "[Desktop Entry]\nType=Application\nName=Browser\nExec={} %u\n\
             MimeType=x-scheme-handler/http;x-scheme-handler/https;\n",
            script.display()
        );
        let choice = "[Default Applications]\nx-scheme-handler/http=browser.desktop\n\
                      x-scheme-handler/https=browser.desktop\n";
        for (path, text) in [
            ("data/applications/browser.desktop", entry.as_str()),
            ("config/mimeapps.list", choice),
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self {
            keychain: true,
            environment: Vec::new(),
            links: false,
            emulator: Emulator::start(config).await.unwrap(),
            folder,
        }
    }

    pub fn profile(&self) -> PathBuf {
        self.folder.path().join("profile")
    }

    pub fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// The address that the app asked the system to open.
    pub async fn opened(&self) -> String {
        let note = self.folder.path().join("opened");
        let url = patiently("the browser to be opened", || async {
            fs::read_to_string(&note).ok()
        })
        .await;
        fs::remove_file(&note).unwrap();
        url.trim().to_owned()
    }

    /// What the app is started with.
    pub fn arguments(&self) -> Vec<OsString> {
        let mut all = vec!["--service".into(), self.emulator.origin().into()];
        all.extend(["--data-dir".into(), self.profile().into_os_string()]);
        if self.links {
            all.push("--links".into());
        }
        all
    }

    /// A program in this person's session, with a log of its own words.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log())
            .unwrap();
        let mut command = Command::new(program);
        command
            .env("CAUSEWAY_LOG", "trace")
            .env("XDG_CONFIG_HOME", self.folder.path().join("config"))
            .env("XDG_DATA_HOME", self.folder.path().join("data"))
            .env("XDG_CACHE_HOME", self.folder.path().join("cache"))
            .stderr(log);
        if !self.keychain {
            command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
        }
        for (name, value) in &self.environment {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// Starts the app once more beside the running one, with words behind the usual arguments; how it ended.
    pub async fn start_again(&self, words: &[&OsStr]) -> ExitStatus {
        let mut command = self.command(binary());
        self.end(command.args(self.arguments()).args(words)).await
    }

    /// Has the system open a link, as a browser does.
    pub async fn system_opens(&self, link: &str) -> ExitStatus {
        self.end(self.command("xdg-open").arg(link)).await
    }

    async fn end(&self, command: &mut Command) -> ExitStatus {
        let mut child = command.stdin(Stdio::null()).spawn().unwrap();
        patiently("a second start to end", || {
            let ended = child.try_wait().unwrap();
            async move { ended }
        })
        .await
    }

    /// Waits until the app has made itself the one that opens the links.
    pub async fn registered(&self) {
        let choices = self.folder.path().join("config/mimeapps.list");
        patiently("the app to register", || async {
            let text = fs::read_to_string(&choices).ok()?;
            text.contains("x-scheme-handler/causeway=").then_some(())
        })
        .await;
    }

    /// Starts the app. Everything it logs, at the most talkative level, goes to [`Desk::log`].
    pub async fn start(&self) -> App {
        let arguments = self.arguments();
        let words = arguments.iter().map(|word| word.to_str().unwrap());
        self.start_by(&binary(), &words.collect::<Vec<_>>()).await
    }

    /// Starts the app by another program, which starts it in the end.
    pub async fn start_by(&self, program: &str, arguments: &[&str]) -> App {
        let port = free_port();
        let mut command = self.command("WebKitWebDriver");
        command
            .args([format!("--port={port}"), "--host=127.0.0.1".into()])
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true");
        let driver = Driver::start(command, port).await;
        let options = json!({"webkitgtk:browserOptions": {"binary": program, "args": arguments}});
        let mut builder = ClientBuilder::new(hyper_connector());
        builder.capabilities(options.as_object().unwrap().clone());
        let address = format!("http://127.0.0.1:{port}");
        // The driver itself waits for ever for an app that ended as it began.
        let page = tokio::time::timeout(PATIENCE, builder.connect(&address));
        let page = page.await.expect("the app did not start in time");
        let page = page.expect("the app did not start");
        let app = App {
            page,
            profile: self.profile(),
            by_another: program != binary(),
            driver,
        };
        app.sees("body *").await;
        app
    }

    /// Ends the app as a crash does: at once, without a word.
    pub fn kill(&self) {
        let profile = self.profile();
        let profile = profile.to_str().unwrap();
        let own = |pid: &str| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let mut words = line.split(|byte| *byte == 0);
            let program = String::from_utf8_lossy(words.next().unwrap_or_default()).into_owned();
            program.ends_with("causeway") && words.any(|word| word == profile.as_bytes())
        };
        let all = fs::read_dir("/proc").unwrap().flatten();
        let pids: Vec<_> = all
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.bytes().all(|b| b.is_ascii_digit()) && own(name))
            .collect();
        assert_eq!(pids.len(), 1, "which one is the app: {pids:?}");
        let killed = Command::new("kill").args(["-9", &pids[0]]).status();
        assert!(killed.is_ok_and(|status| status.success()));
    }

    /// Connects with a key made on the site, for journeys that are about something else.
    pub async fn connected(&self, limit: Option<f64>) -> App {
        let app = self.start().await;
        let key = self.emulator.issue_key("Journey", limit);
        app.give_key(&key).await;
        app.sees("textarea").await;
        app
    }
}

/// The running app.
pub struct App {
    pub page: Client,
    profile: PathBuf,
    by_another: bool,
    driver: Driver,
}

impl App {
    /// The process that started the app.
    #[allow(dead_code, reason = "the measurements ask")]
    pub fn parent(&self) -> u32 {
        self.driver.0.id()
    }

    /// Waits for an element.
    pub async fn sees(&self, css: &str) -> Element {
        patiently(css, || async {
            self.page.find(Locator::Css(css)).await.ok()
        })
        .await
    }

    /// Waits until the page shows these words.
    pub async fn reads(&self, words: &str) {
        patiently(&format!("the words {words:?}"), || async {
            let text = self.text().await;
            text.contains(words).then_some(())
        })
        .await;
    }

    /// Everything the page shows.
    pub async fn text(&self) -> String {
        let text = self.run("return document.body.innerText").await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Presses the button with these words on it, or with this name.
    pub async fn press(&self, name: &str) {
        let path = format!(
            "//button[contains(normalize-space(.), \"{name}\") or @aria-label=\"{name}\" or starts-with(@aria-label, \"{name}:\")]"
        );
        let button = patiently(&format!("the button {name:?}"), || async {
            let button = self.page.find(Locator::XPath(&path)).await.ok()?;
            button.is_enabled().await.ok()?.then_some(button)
        })
        .await;
        button
            .click()
            .await
            .unwrap_or_else(|e| panic!("pressing {name:?}: {e}"));
    }

    /// Types a key on the first screen.
    pub async fn give_key(&self, key: &str) {
        self.press("Use an API key instead").await;
        self.sees("#api-key").await.send_keys(key).await.unwrap();
        self.press("Use this key").await;
    }

    /// Asks in the composer, as a person types.
    pub async fn ask(&self, words: &str) {
        let field = self.sees("form textarea").await;
        field.send_keys(words).await.unwrap();
        self.press("Send").await;
    }

    /// What was asked is out of the composer, and the last answer is complete.
    pub async fn answered(&self) {
        patiently("a complete answer", || async {
            let done = self
                .run("const all = document.querySelectorAll('article[aria-busy]'); \
                      return all.length > 0 && all[all.length - 1].getAttribute('aria-busy') === 'false' \
                        && !document.querySelector('form[aria-label=Message] textarea')?.value")
                .await;
            (done == Value::Bool(true)).then_some(())
        })
        .await;
    }

    pub async fn run(&self, script: &str) -> Value {
        self.page
            .execute(script, vec![])
            .await
            .unwrap_or_else(|e| panic!("{script}: {e}"))
    }

    /// Takes a picture of the window's content.
    pub async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("SHOTS_DIR") else {
            return;
        };
        // Two frames, so that what was just asked for is painted.
        self.page
            .execute_async(
                "const done = arguments[0]; document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))",
                vec![],
            )
            .await
            .unwrap();
        let size = self.run("return `${innerWidth}x${innerHeight}+0+0`").await;
        let path = Path::new(&folder).join(format!("{name}.png"));
        fs::create_dir_all(&folder).unwrap();
        // The driver's own screenshot never returns on a screen without a compositor; without a window manager the
        // window stands in the corner, so the screen's corner is the window. What was drawn reaches the screen a
        // little later: two equal pictures in a row are the picture, a turning ring is given up on.
        let mut last = Vec::new();
        for _ in 0..8 {
            let taken = Command::new("import")
                .args([
                    "-window",
                    "root",
                    "-crop",
                    size.as_str().unwrap(),
                    "+repage",
                    "-strip",
                ])
                .arg(&path)
                .status();
            assert!(
                taken.is_ok_and(|status| status.success()),
                "no picture of {name}"
            );
            let picture = fs::read(&path).unwrap();
            if picture == last {
                return;
            }
            last = picture;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub async fn theme(&self, theme: &str) {
        self.run(&format!(
            "document.documentElement.dataset.theme = '{theme}'"
        ))
        .await;
    }

    pub async fn size(&self, width: u32, height: u32) {
        self.page
            .set_window_rect(0, 0, width, height)
            .await
            .unwrap();
    }

    /// Closes the window; the driver goes with it, and the process. A next one of the same profile would find this one
    /// and end.
    pub async fn quit(self) {
        let all = processes(&self.profile);
        self.page.close().await.unwrap();
        if self.by_another {
            // The driver ends what it started itself, and that was another program.
            for process in processes(&self.profile) {
                let ended = Command::new("kill").arg(process).status();
                assert!(ended.is_ok_and(|status| status.success()));
            }
        }
        patiently("the app to end", || async {
            all.iter().all(|process| ended(process)).then_some(())
        })
        .await;
    }
}
