//! One sign-in at a time: from the click to the sealed key.
//!
//! The order is the promise: bind and prove the way back, then open the browser; exchange, check and seal, then tell
//! the window and the browser's page alike how it ended. Code verifier and nonce live in one task and die with it.

pub(crate) mod callback;
#[cfg(feature = "testing")]
pub(crate) mod fuzzing;
mod ladder;
mod link;
mod listener;
mod page;

use crate::{
    Core,
    app::hold,
    links::hidden,
    problem,
    wire::{
        AppEvent, Attempt, AttemptStep, Back, Phase, Problem, ProblemCode as Code, Way, WayBack,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use callback::{Answer, AppLink, Expected, SCHEME};
pub(crate) use ladder::PREFERRED_PORT;
use ladder::{Port, Receiver};
use openrouter::{AuthorizationCode, AuthorizeUrl, CodeVerifier};
use page::Ending;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot},
    task::AbortHandle,
};
use url::Url;
use zeroize::Zeroizing;

/// How long one attempt waits for the person. Codes live ten minutes.
const PATIENCE: Duration = Duration::from_secs(5 * 60);
/// How often the wall clock is looked at: a computer that slept must not wake to an endless wait.
const TICK: Duration = Duration::from_millis(500);
/// Longest pasted text, in bytes.
const PASTE_MAX: usize = 4 * 1024;

/// The attempt that is running, if any. A new one takes its place and ends it.
#[derive(Default)]
pub(crate) struct Attempts {
    count: u64,
    running: Option<Running>,
    calls: link::Calls,
    /// An attempt that takes another's place waits here until the other's port is closed.
    port: Arc<tokio::sync::Mutex<()>>,
}

struct Running {
    number: u64,
    task: AbortHandle,
    stage: Stage,
    ends_at_ms: i64,
    url: Option<Url>,
    expected: Expected,
    /// For what does not come through the port: a link's answer, a pasted code.
    answers: mpsc::Sender<Answer>,
}

/// What cancelling would mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was made yet.
    Waiting,
    /// A key may be in the making on the service's side.
    Exchanging,
    /// The key is being sealed: a moment that runs to its end.
    Sealing,
}

/// What one attempt needs in its own hands.
struct Secrets {
    verifier: CodeVerifier,
    expected: Expected,
}

/// A decision, and the browser page that waits for its outcome.
type Decision = (Answer, Option<oneshot::Sender<Ending>>);

impl Core {
    /// Starts a sign-in; one that is running ends.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn connect(&self, way: Way) -> Result<(), Problem> {
        if !self.cancel_attempt() || !self.cancel_renewal() {
            return Ok(());
        }
        let way_back = self.settings().way_back;
        let way = if way_back == WayBack::Paste {
            Way::Paste
        } else {
            way
        };
        let no_luck = |_| problem::no_randomness();
        let random = || {
            self.0
                .ports
                .nature
                .random()
                .map(Zeroizing::new)
                .map_err(no_luck)
        };
        let text = |bytes: &[u8; 32]| URL_SAFE_NO_PAD.encode(bytes);
        let (nonce, probe) = (text(&*random()?), text(&*random()?));
        let secrets = Secrets {
            verifier: CodeVerifier::from_random(&*random()?),
            expected: Expected {
                authority: String::new(),
                nonce,
                probe,
            },
        };
        let (answers, arriving) = mpsc::channel(1);
        let mut attempts = hold(&self.0.attempts);
        attempts.count += 1;
        let number = attempts.count;
        let expected = secrets.expected.clone();
        let core = self.clone();
        let (go, started) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            // Not before it is on record: its first step looks itself up.
            let _ = started.await;
            core.run(number, way, secrets, arriving).await;
        });
        let task = task.abort_handle();
        let (stage, ends_at_ms) = (Stage::Waiting, self.now_plus_patience());
        attempts.running = Some(Running {
            number,
            task,
            stage,
            ends_at_ms,
            url: None,
            expected,
            answers,
        });
        drop(attempts);
        self.show(number, way, AttemptStep::Preparing, None, None);
        let _ = go.send(());
        Ok(())
    }

    async fn run(
        &self,
        number: u64,
        way: Way,
        secrets: Secrets,
        mut arriving: mpsc::Receiver<Answer>,
    ) {
        let ends_at_ms = self.now_plus_patience();
        let mut receiver = None;
        if way == Way::Browser {
            let port = Arc::clone(&hold(&self.0.attempts).port);
            let turn = Arc::new(port.lock_owned().await);
            let (choice, ports) = (self.settings().way_back, &self.0.ports);
            let expected = &secrets.expected;
            receiver = ladder::climb(ports, choice, self.0.port, expected, &turn).await;
            if receiver.is_none() {
                let problem = Problem::new(Code::PasteInstead, no_way_back(choice));
                return self.end(number, Err(problem), None);
            }
        }
        let Some(url) = self.address(&secrets, receiver.as_ref()) else {
            let text = "The sign-in address could not be made. Try again.";
            return self.end(number, Err(Problem::new(Code::Again, text)), None);
        };
        self.record(number, |running| running.url = Some(url.clone()));
        let back = receiver.as_ref().map(Receiver::shown);
        let mut port = match receiver {
            Some(Receiver::Port(port)) => Some(port),
            Some(Receiver::Link) | None => None,
        };
        let hint = self.open_in_browser(url).await.err().map(|_| no_browser());
        self.show(number, way, AttemptStep::Waiting, back.clone(), hint);

        let decision = self
            .decision(port.as_mut(), &mut arriving, ends_at_ms)
            .await;
        // The port is closed before anything else happens: one attempt, one answer.
        let mut late = None;
        if let Some(port) = port {
            port.listener.close().await;
            late = Some(port.arrivals);
        }
        let (answer, page) = match decision {
            Some(decision) => decision,
            None => {
                let text = "Nobody answered for five minutes, so the sign-in was ended. Connect again; it takes one click.";
                return self.end(number, Err(Problem::new(Code::Again, text)), None);
            }
        };
        let outcome = match answer {
            Answer::Code(code) => {
                self.record(number, |running| running.stage = Stage::Exchanging);
                self.show(number, way, AttemptStep::Exchanging, back, None);
                self.complete(number, &code, &secrets.verifier).await
            }
            Answer::Declined => Err(Problem::new(
                Code::Declined,
                "You declined the request. Nothing was shared and nothing was stored.",
            )),
            Answer::Refused(why) => {
                let text = "OpenRouter ended the sign-in with an error. Connect again; it takes one click.";
                Err(Problem {
                    detail: Some(why.into()),
                    ..Problem::new(Code::Again, text)
                })
            }
        };
        // An answer that came by link may have come through the port as well: its page is told the same.
        let late = || Some(late?.try_recv().ok()?.reply);
        self.end(number, outcome, page.or_else(late));
    }

    /// Waits for the callback, a link, a pasted code or the end of patience.
    async fn decision(
        &self,
        port: Option<&mut Port>,
        arriving: &mut mpsc::Receiver<Answer>,
        ends_at_ms: i64,
    ) -> Option<Decision> {
        let arrival = async {
            match port {
                Some(port) => port.arrivals.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(arrival) = arrival => Some((arrival.answer, Some(arrival.reply))),
            Some(answer) = arriving.recv() => Some((answer, None)),
            () = self.patience(ends_at_ms) => None,
        }
    }

    async fn patience(&self, ends_at_ms: i64) {
        let over = tokio::time::Instant::now() + PATIENCE;
        while tokio::time::Instant::now() < over && self.0.ports.nature.now_ms() < ends_at_ms {
            tokio::time::sleep(TICK).await;
        }
    }

    /// Code to key to vault.
    async fn complete(
        &self,
        number: u64,
        code: &AuthorizationCode,
        verifier: &CodeVerifier,
    ) -> Result<Phase, Problem> {
        let exchanged = self.0.client.exchange(code, verifier).await;
        let key = exchanged.map_err(|e| problem::exchange(&e))?.key;
        let info = self.check(&key).await?;
        self.record(number, |running| running.stage = Stage::Sealing);
        self.keep(key, info).await
    }

    /// Tells the window, then the browser's page, how it ended; both say the same.
    fn end(
        &self,
        number: u64,
        outcome: Result<Phase, Problem>,
        page: Option<oneshot::Sender<Ending>>,
    ) {
        let mut attempts = hold(&self.0.attempts);
        if attempts
            .running
            .as_ref()
            .is_none_or(|running| running.number != number)
        {
            return;
        }
        attempts.running = None;
        let ending = match &outcome {
            Ok(Phase::ChooseSeal { .. }) => Ending::AskedInApp,
            Ok(_) => Ending::Connected,
            Err(problem) if problem.code == Code::Declined => Ending::Declined,
            Err(problem) if problem.message == problem::EXPIRED => Ending::Expired,
            Err(_) => Ending::Failed,
        };
        match outcome {
            Ok(phase) => self.set_phase(phase),
            Err(problem) => self.without(problem),
        }
        drop(attempts);
        if let Some(page) = page {
            let _ = page.send(ending);
        }
        self.0.ports.front.come();
    }

    /// An attempt brought no key. One of an earlier sign-in is still there: the person goes on with it.
    fn without(&self, problem: Problem) {
        if self.key().is_ok() {
            self.settle();
            self.tell(&AppEvent::Notice { problem });
        } else {
            let ended = Some(problem);
            self.set_phase(Phase::Disconnected { ended });
        }
    }

    /// Ends the running attempt, if there is one. False when its key is being sealed: that takes a moment and runs
    /// to its end.
    pub fn cancel_attempt(&self) -> bool {
        let mut attempts = hold(&self.0.attempts);
        let Some(running) = attempts
            .running
            .take_if(|running| running.stage != Stage::Sealing)
        else {
            return attempts.running.is_none();
        };
        running.task.abort();
        if running.stage == Stage::Exchanging {
            let text = "You cancelled while your key was being made. It may exist: look at your keys on OpenRouter.";
            self.without(Problem::new(Code::CheckKeys, text));
        } else {
            self.settle();
        }
        true
    }

    /// Opens the page of the running attempt again.
    ///
    /// # Errors
    /// No attempt is running, or no browser could be opened.
    pub async fn open_again(&self) -> Result<(), Problem> {
        let url = self.attempt_url()?;
        self.open_in_browser(url).await.map_err(|_| no_browser())
    }

    /// Puts the running attempt's address on the clipboard, for another browser. The window never sees it.
    ///
    /// # Errors
    /// No attempt is running, or the clipboard is not available.
    pub fn copy_link(&self) -> Result<(), Problem> {
        self.copy(self.attempt_url()?.as_str())
    }

    fn attempt_url(&self) -> Result<Url, Problem> {
        let attempts = hold(&self.0.attempts);
        let url = attempts
            .running
            .as_ref()
            .and_then(|running| running.url.clone());
        url.ok_or_else(|| Problem::new(Code::Again, "This sign-in is over. Connect again."))
    }

    /// Takes a code, or the whole address that holds it, from the person's clipboard.
    ///
    /// # Errors
    /// Not a code, an address of another attempt, or no attempt is running. The attempt goes on.
    pub fn paste(&self, text: &str) -> Result<(), Problem> {
        let attempts = hold(&self.0.attempts);
        let over = || Problem::new(Code::Again, "This sign-in is over. Connect again.");
        let running = attempts.running.as_ref().ok_or_else(over)?;
        let code = code_in(text, &running.expected)?;
        running
            .answers
            .try_send(Answer::Code(code))
            .map_err(|_| over())
    }

    fn address(&self, secrets: &Secrets, receiver: Option<&Receiver>) -> Option<Url> {
        let callback = match receiver {
            Some(receiver) => Some(Url::parse(&receiver.callback(&secrets.expected)).ok()?),
            None => None,
        };
        let url = AuthorizeUrl {
            callback: callback.as_ref(),
            challenge: &secrets.verifier.challenge(),
            state: Some(&secrets.expected.nonce),
            key_label: "Causeway",
        };
        Some(url.at(self.0.client.origin()))
    }

    fn record(&self, number: u64, change: impl FnOnce(&mut Running)) {
        let mut attempts = hold(&self.0.attempts);
        attempts
            .running
            .as_mut()
            .filter(|running| running.number == number)
            .map(change);
    }

    /// Shows how far it is, unless the attempt was ended meanwhile.
    fn show(
        &self,
        number: u64,
        way: Way,
        step: AttemptStep,
        back: Option<Back>,
        hint: Option<Problem>,
    ) {
        let attempts = hold(&self.0.attempts);
        let Some(running) = attempts
            .running
            .as_ref()
            .filter(|running| running.number == number)
        else {
            return;
        };
        let attempt = Attempt {
            step,
            way,
            back,
            ends_at_ms: running.ends_at_ms,
            hint,
        };
        self.set_phase(Phase::Connecting { attempt });
    }

    fn now_plus_patience(&self) -> i64 {
        self.0.ports.nature.now_ms() + i64::try_from(PATIENCE.as_millis()).unwrap_or(i64::MAX)
    }
}

fn no_browser() -> Problem {
    Problem::new(
        Code::Again,
        "Your browser could not be opened. Copy the link and open it yourself.",
    )
}

/// What to say when nothing that may be used works.
fn no_way_back(choice: WayBack) -> &'static str {
    match choice {
        WayBack::Localhost => {
            "Your settings ask for localhost:3000, which another program has or the system keeps closed. Paste a \
             sign-in code, or let Causeway choose the way in the settings."
        }
        WayBack::AppLink => {
            "Your settings ask for the app link, but this computer does not open causeway:// links with this app. \
             Paste a sign-in code, or let Causeway choose the way in the settings."
        }
        _ => {
            "No port on this computer could be opened for the answer. Paste a sign-in code instead."
        }
    }
}

/// Finds the code in what a person pasted: bare, quoted, broken over lines, or inside the whole address.
fn code_in(text: &str, expected: &Expected) -> Result<AuthorizationCode, Problem> {
    let refuse = |text: &str| Err(Problem::new(Code::Refused, text));
    if text.len() > PASTE_MAX {
        return refuse("This is too long to be a sign-in code. Copy only the code.");
    }
    let clean: Zeroizing<String> = Zeroizing::new(
        text.chars()
            .filter(|c| !hidden(*c) && !matches!(c, '"' | '\'' | '`'))
            .collect(),
    );
    if !clean.contains("://") {
        return AuthorizationCode::new(clean).or_else(|_| {
            refuse("This is not a sign-in code. Copy the code that OpenRouter's page shows.")
        });
    }
    let other = "This address belongs to another sign-in. Copy the code from the page that Causeway opened.";
    let Ok(url) = Url::parse(&clean) else {
        return refuse(other);
    };
    let answer = if url.scheme() == SCHEME {
        AppLink::read(&clean).and_then(|link| expected.judge_link(&link))
    } else if url.path().starts_with("/cb/") && url.path() != expected.path() {
        None
    } else {
        expected.answer(url.query().unwrap_or_default())
    };
    match answer {
        Some(Answer::Code(code)) => Ok(code),
        _ => refuse(other),
    }
}
