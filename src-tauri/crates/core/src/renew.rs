//! A new key for this app in the place of the one in hand: with a name, a limit and an end of the person's choice.
//!
//! The key in hand asks for a code, the code is exchanged and the new key checked, as in a sign-in but without a
//! browser. The old key stays in use until the new one is sealed. It is not deleted then: no ordinary key may do that.

use crate::{
    Core,
    app::hold,
    links, problem,
    wire::{NewKey, Phase, Problem, ProblemCode as Code, Renewal, RenewalStep as Step, Reset},
};
use openrouter::{ApiKey, CodeRequest, CodeVerifier, KEY_LABEL_MAX, LimitReset, S256};
use std::sync::Arc;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::task::AbortHandle;
use zeroize::Zeroizing;

/// The service wants a callback and visits none here. This one satisfies its rule of today, any loopback port, and
/// the older one, which named this port; and it names the app as the sign-in does.
const UNVISITED: &str = "http://localhost:3000/";
/// The largest limit that is taken, in US dollars: more is a slip of the finger.
const LIMIT_MAX: f64 = 1_000_000.0;
/// A year beyond this can't be written as ISO 8601 has it.
const YEAR_MAX: i32 = 9999;

/// The making of a new key, if there is one, and how the last one ended.
#[derive(Default)]
pub(crate) struct Renewing {
    count: u64,
    state: Option<State>,
    /// Held while a new key takes the old one's place: who wipes or locks the vault waits for it.
    storing: Arc<tokio::sync::Mutex<()>>,
}

enum State {
    Running { step: Step, task: AbortHandle },
    Ended(Problem),
}

impl Renewing {
    /// As the window is told.
    pub fn shown(&self) -> Option<Renewal> {
        self.state.as_ref().map(|state| match state {
            State::Running { step, .. } => Renewal::Running { step: *step },
            State::Ended(problem) => Renewal::Ended {
                problem: problem.clone(),
            },
        })
    }
}

/// What was asked for, checked and in the service's words.
struct Wish {
    label: String,
    limit: Option<f64>,
    reset: Option<LimitReset>,
    expires_at: Option<String>,
}

impl Wish {
    fn new(asked: &NewKey, now_ms: i64) -> Result<Self, Problem> {
        let refuse = |text: &str| Err(Problem::new(Code::Refused, text));
        // One character more than is allowed tells a name that was cut from one that just fits.
        let label = links::clean(&asked.label, KEY_LABEL_MAX + 1);
        if label.chars().count() > KEY_LABEL_MAX {
            return refuse("A name has at most 100 characters. Shorten it.");
        }
        match asked.limit_usd {
            Some(limit) if !limit.is_finite() || limit <= 0.0 => {
                return refuse(
                    "A limit is more than $0. Type an amount, or leave it empty for none.",
                );
            }
            Some(limit) if limit > LIMIT_MAX => {
                return refuse("This limit is larger than $1,000,000. Type a smaller one.");
            }
            None if asked.reset.is_some() => {
                return refuse("Only a limit can begin anew. Type an amount, too.");
            }
            _ => {}
        }
        let expires_at = match asked.expires_at_ms {
            None => None,
            Some(at) if at <= now_ms => {
                return refuse("This end lies in the past. Choose a later day.");
            }
            Some(at) => {
                let at = OffsetDateTime::from_unix_timestamp(at.div_euclid(1000)).ok();
                let at = at.filter(|at| at.year() <= YEAR_MAX);
                match at.and_then(|at| at.format(&Rfc3339).ok()) {
                    Some(at) => Some(at),
                    None => return refuse("This end lies too far away. Choose an earlier day."),
                }
            }
        };
        Ok(Self {
            label: if label.is_empty() {
                "Causeway".into()
            } else {
                label
            },
            limit: asked.limit_usd,
            reset: asked.reset.map(|reset| match reset {
                Reset::Daily => LimitReset::Daily,
                Reset::Weekly => LimitReset::Weekly,
                Reset::Monthly => LimitReset::Monthly,
            }),
            expires_at,
        })
    }
}

impl Core {
    /// Begins to make a new key for this app. How it goes on stands in the account.
    ///
    /// # Errors
    /// What is wished for is not possible, there is no key in hand, one is being made already, or the system gives
    /// no randomness.
    pub fn renew_key(&self, wish: &NewKey) -> Result<(), Problem> {
        let nature = &self.0.ports.nature;
        let wish = Wish::new(wish, nature.now_ms())?;
        let old = self.key()?;
        let random = nature.random().map(Zeroizing::new);
        let random = random.map_err(|_| problem::no_randomness())?;
        let verifier = CodeVerifier::from_random(&random);
        let mut session = hold(&self.0.session);
        if !matches!(session.phase, Phase::Connected { .. }) {
            return Err(Problem::new(Code::Reconnect, "Connect first."));
        }
        if matches!(session.renewal.state, Some(State::Running { .. })) {
            let text = "A new key is being made already. Wait for it, or cancel it.";
            return Err(Problem::new(Code::Refused, text));
        }
        session.renewal.count += 1;
        let (core, number) = (self.clone(), session.renewal.count);
        // It finds itself on record: its first look there waits for this lock.
        let task = tokio::spawn(async move { core.renew(number, wish, old, verifier).await });
        session.renewal.state = Some(State::Running {
            step: Step::Asking,
            task: task.abort_handle(),
        });
        drop(session);
        self.change_account(|_| {});
        Ok(())
    }

    async fn renew(&self, number: u64, wish: Wish, old: ApiKey, verifier: CodeVerifier) {
        let outcome = self.make_key(number, &wish, &old, &verifier).await;
        let mut session = hold(&self.0.session);
        if session.renewal.count != number {
            return;
        }
        session.renewal.state = outcome.as_ref().err().cloned().map(State::Ended);
        drop(session);
        match outcome {
            Ok(Phase::Connected { mut account }) => {
                account.renewal = None;
                self.set_phase(Phase::Connected { account });
            }
            Ok(phase) => self.set_phase(phase),
            Err(_) => self.change_account(|_| {}),
        }
    }

    async fn make_key(
        &self,
        number: u64,
        wish: &Wish,
        old: &ApiKey,
        verifier: &CodeVerifier,
    ) -> Result<Phase, Problem> {
        let workspace = hold(&self.0.session).workspace.clone();
        let challenge = verifier.challenge();
        let wanted = CodeRequest {
            callback_url: UNVISITED,
            code_challenge: &challenge,
            code_challenge_method: S256::S256,
            limit: wish.limit,
            usage_limit_type: wish.reset,
            expires_at: wish.expires_at.as_deref(),
            key_label: Some(&wish.label),
            workspace_id: workspace.as_deref(),
        };
        let code = self.0.client.authorization_code(old, &wanted).await;
        let code = code.map_err(|e| problem::new_code(&e))?;
        self.renewal_step(number, Step::Exchanging);
        let exchanged = self.0.client.exchange(&code, verifier).await;
        let key = exchanged.map_err(|e| problem::new_key(&e))?.key;
        let info = self.check(&key).await.map_err(problem::new_key_unchecked)?;
        let storing = Arc::clone(&hold(&self.0.session).renewal.storing);
        let _turn = storing.lock().await;
        self.renewal_step(number, Step::Storing);
        self.keep(key, info)
            .await
            .map_err(problem::new_key_unstored)
    }

    fn renewal_step(&self, number: u64, to: Step) {
        let mut session = hold(&self.0.session);
        let renewal = &mut session.renewal;
        if let Some(State::Running { step, .. }) = &mut renewal.state
            && renewal.count == number
        {
            *step = to;
        }
        drop(session);
        self.change_account(|_| {});
    }

    /// Ends the making of a new key, and forgets how the last one ended. False when the new key is being stored: that
    /// takes a moment and runs to its end.
    pub fn cancel_renewal(&self) -> bool {
        let mut session = hold(&self.0.session);
        let renewal = &mut session.renewal;
        match &renewal.state {
            Some(State::Running {
                step: Step::Storing,
                ..
            }) => return false,
            Some(State::Running { step, task }) => {
                task.abort();
                let made = *step == Step::Exchanging;
                renewal.count += 1;
                renewal.state = made.then(|| State::Ended(problem::new_key_cancelled()));
            }
            Some(State::Ended(_)) | None => renewal.state = None,
        }
        drop(session);
        self.change_account(|_| {});
        true
    }

    /// Ends the making of a new key before the vault is closed; waits while it is being stored.
    pub(crate) async fn quiet_renewal(&self) {
        let storing = Arc::clone(&hold(&self.0.session).renewal.storing);
        let running = matches!(
            hold(&self.0.session).renewal.state,
            Some(State::Running { .. })
        );
        if running && !self.cancel_renewal() {
            let _ = storing.lock().await;
        }
    }

    /// The same for good, before the key in hand goes: what is then still to tell about the new one.
    pub(crate) async fn end_renewal(&self) -> Option<Problem> {
        self.quiet_renewal().await;
        match hold(&self.0.session).renewal.state.take() {
            Some(State::Ended(problem)) if problem.code == Code::CheckKeys => Some(problem),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000_000;

    fn wish(change: impl FnOnce(&mut NewKey)) -> Result<Wish, String> {
        let mut asked = NewKey {
            label: "Laptop".into(),
            limit_usd: Some(5.0),
            reset: Some(Reset::Weekly),
            expires_at_ms: Some(NOW + 86_400_000),
        };
        change(&mut asked);
        Wish::new(&asked, NOW).map_err(|problem| problem.message)
    }

    #[test]
    fn a_wish_that_is_possible_is_put_in_the_services_words() {
        let all = wish(|_| {}).unwrap();
        assert_eq!(
            (&*all.label, all.limit, all.reset, all.expires_at.as_deref()),
            (
                "Laptop",
                Some(5.0),
                Some(LimitReset::Weekly),
                Some("2026-11-19T11:06:40Z")
            )
        );
        let none = wish(|asked| {
            *asked = NewKey {
                label: " \u{202e}\n ".into(),
                limit_usd: None,
                reset: None,
                expires_at_ms: None,
            }
        });
        let none = none.unwrap();
        assert_eq!(
            (&*none.label, none.limit, none.reset, none.expires_at),
            ("Causeway", None, None, None)
        );
        assert!(wish(|asked| asked.label = "é".repeat(100)).is_ok());
        let part = wish(|asked| asked.expires_at_ms = Some(NOW + 999)).unwrap();
        assert_eq!(
            part.expires_at.as_deref(),
            Some("2026-11-18T11:06:40Z"),
            "whole seconds"
        );
    }

    #[test]
    fn a_wish_that_is_not_possible_is_refused_with_its_reason() {
        let limits = "A limit is more than $0. Type an amount, or leave it empty for none.";
        for limit in [0.0, -0.0, -1.0, f64::NAN, f64::INFINITY] {
            let refused = wish(|asked| asked.limit_usd = Some(limit)).err();
            assert_eq!(refused.as_deref(), Some(limits), "{limit}");
        }
        type Change = fn(&mut NewKey);
        let changes: [(Change, &str); 5] = [
            (
                |asked| asked.limit_usd = Some(1_000_000.01),
                "This limit is larger than $1,000,000. Type a smaller one.",
            ),
            (
                |asked| asked.limit_usd = None,
                "Only a limit can begin anew. Type an amount, too.",
            ),
            (
                |asked| asked.expires_at_ms = Some(NOW),
                "This end lies in the past. Choose a later day.",
            ),
            (
                |asked| asked.expires_at_ms = Some(i64::MAX),
                "This end lies too far away. Choose an earlier day.",
            ),
            (
                |asked| asked.label = "n".repeat(101),
                "A name has at most 100 characters. Shorten it.",
            ),
        ];
        for (change, message) in changes {
            assert_eq!(wish(change).err().as_deref(), Some(message));
        }
    }
}
