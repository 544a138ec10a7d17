//! The app is called: started again, or handed a link by the system.

use super::{Attempts, Stage, callback::AppLink};
use crate::{
    Core,
    app::hold,
    wire::{AppEvent, Phase, Problem, ProblemCode as Code},
};
use std::time::Duration;
use tokio::time::Instant;

/// So many words of a call are looked at.
const WORDS: usize = 32;
/// The window comes forward at most this often, however often the app is called.
const PAUSE: Duration = Duration::from_secs(1);

/// What calls leave behind.
#[derive(Default)]
pub(super) struct Calls {
    /// A callback came while the vault was still being opened.
    early: bool,
    /// When a call last brought the window forward.
    forward: Option<Instant>,
}

impl Calls {
    fn may_come_forward(&mut self) -> bool {
        let now = Instant::now();
        let last = self.forward;
        let may = last.is_none_or(|last| now.duration_since(last) >= PAUSE);
        if may {
            self.forward = Some(now);
        }
        may
    }
}

impl Core {
    /// The app was started again with these words, or the system handed it these links. Returns at once.
    ///
    /// Anyone can do this, with any words, so they carry no authority: the window comes forward, and the first word
    /// with the shape of a callback is judged as a request to the listener is. Nothing else in them has an effect.
    pub fn called<W: AsRef<str>>(&self, words: impl IntoIterator<Item = W>) {
        for word in words.into_iter().take(WORDS) {
            if let Some(link) = AppLink::read(word.as_ref()) {
                self.follow(&link);
                break;
            }
        }
        if hold(&self.0.attempts).calls.may_come_forward() {
            self.0.ports.front.come();
        }
    }

    fn follow(&self, link: &AppLink<'_>) {
        let mut attempts = hold(&self.0.attempts);
        let Some(running) = &attempts.running else {
            return self.nobody_waits(&mut attempts);
        };
        if running.stage == Stage::Waiting
            && let Some(answer) = running.expected.judge_link(link)
        {
            // Full: a decision is on its way already, and there is one for each attempt.
            let _ = running.answers.try_send(answer);
        }
    }

    /// An answer to a sign-in that is over, or that nobody here began: its verifier is gone. Where nothing else is
    /// told, this is, because the browser has no page that could.
    fn nobody_waits(&self, attempts: &mut Attempts) {
        let text =
            "That sign-in is over, so its answer was not used. Connect again; it takes one click.";
        let told = Phase::Disconnected {
            ended: Some(Problem::new(Code::Again, text)),
        };
        let mut session = hold(&self.0.session);
        match session.phase {
            Phase::Opening => attempts.calls.early = true,
            Phase::Disconnected { ended: None } => {
                session.phase = told.clone();
                drop(session);
                self.tell(&AppEvent::Phase { phase: told });
            }
            _ => {}
        }
    }

    /// The vault was looked at: what a link that came before has to be told now.
    pub(crate) fn answer_early_link(&self) {
        let mut attempts = hold(&self.0.attempts);
        if std::mem::take(&mut attempts.calls.early) && attempts.running.is_none() {
            self.nobody_waits(&mut attempts);
        }
    }
}
