//! The key in hand: opening the vault, unlocking, choosing how to keep it, disconnecting.

use crate::{
    Core,
    account::Replaced,
    app::{blocking, hold},
    links, problem,
    renew::Renewing,
    wire::{AppEvent, Kept, Page, Phase, Problem, ProblemCode as Code, Seal},
};
use openrouter::{ApiKey, KeyInfo, key_hash};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use vault::{SealWith, Sealing, Secret, State};
use zeroize::Zeroizing;

/// Shortest passphrase that is taken, in characters.
const PASSPHRASE_MIN: usize = 8;

/// Where the person stands.
pub(crate) struct Session {
    pub phase: Phase,
    /// Checked, but not kept yet: the person is being asked how.
    pending: Option<(ApiKey, KeyInfo)>,
    /// The key that was in use before this one.
    pub previous: Option<Replaced>,
    /// A key that shall take this one's place.
    pub renewal: Renewing,
    /// The workspace of the key in hand.
    pub workspace: Option<String>,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            phase: Phase::Opening,
            pending: None,
            previous: None,
            renewal: Renewing::default(),
            workspace: None,
        }
    }
}

/// What the vault seals: a key never goes without the origin that issued it.
#[derive(Serialize, Deserialize)]
struct Sealed {
    key: Zeroizing<String>,
    origin: String,
}

impl Core {
    /// Reads the vault and says where that leaves the person.
    pub(crate) async fn open_vault(&self) {
        let vault = Arc::clone(&self.0.vault);
        match blocking(move || vault.load()).await {
            Ok(_) => self.settle(),
            Err(problem) => self.set_phase(Phase::VaultTrouble { problem }),
        }
    }

    /// The phase that follows from the vault's state.
    pub(crate) fn settle(&self) {
        let trouble = |code, text: &str| Phase::VaultTrouble {
            problem: Problem::new(code, text),
        };
        let passphrase = self.0.vault.sealing() == Some(Sealing::Passphrase);
        let phase = match self.0.vault.state() {
            State::Empty => Phase::Disconnected { ended: None },
            State::Open | State::SessionOnly => match self.key() {
                Ok(key) => {
                    let account = self.account(&key, &KeyInfo::default(), true);
                    self.set_phase(Phase::Connected { account });
                    let core = self.clone();
                    // Offline is no reason to keep anyone from their conversations.
                    tokio::spawn(async move { core.refresh_account().await.ok() });
                    return;
                }
                Err(problem) => Phase::Disconnected {
                    ended: Some(problem),
                },
            },
            State::Locked => Phase::Locked {
                passphrase,
                problem: None,
            },
            State::WrongPassphraseOrDamaged { retry_in } => Phase::Locked {
                passphrase,
                problem: Some(problem::vault(vault::Error::WrongPassphraseOrDamaged {
                    retry_in,
                })),
            },
            State::KeychainUnavailable(error) => Phase::VaultTrouble {
                problem: problem::keychain(error),
            },
            State::KeyLost => trouble(
                Code::VaultLost,
                "The system's keychain no longer has what opens your stored key. Connect again; your conversations \
                 are still here.",
            ),
            State::Damaged { moved_to: Some(to) } => Phase::VaultTrouble {
                problem: Problem {
                    detail: Some(to.display().to_string()),
                    ..Problem::new(
                        Code::VaultLost,
                        "The file with your key is damaged and was set aside. Connect again; your conversations are \
                         still here.",
                    )
                },
            },
            State::Damaged { moved_to: None } => trouble(
                Code::Again,
                "The file with your key is damaged and could not be moved aside. Check the folder's permissions and \
                 try again, or connect anew.",
            ),
            State::NewerVersion => trouble(
                Code::Newer,
                "Your key was stored by a newer version of Causeway. Update, or connect again.",
            ),
            State::Unreadable(why) => Phase::VaultTrouble {
                problem: Problem {
                    detail: Some(why.to_string()),
                    ..Problem::new(
                        Code::Again,
                        "The file with your key can't be read. Check the folder's permissions and the disk, then try \
                         again.",
                    )
                },
            },
        };
        self.set_phase(phase);
    }

    /// The key, if there is one for this service.
    pub(crate) fn key(&self) -> Result<ApiKey, Problem> {
        let locked = || {
            Problem::new(
                Code::Reconnect,
                "There is no key in hand. Connect to go on.",
            )
        };
        let sealed = self
            .0
            .vault
            .with_secret(|bytes| serde_json::from_slice::<Sealed>(bytes).ok());
        let sealed = sealed.flatten().ok_or_else(locked)?;
        if sealed.origin != self.0.client.origin().as_str() {
            let text =
                "The stored key belongs to another service and was not used. Connect to this one.";
            return Err(Problem::new(Code::Reconnect, text));
        }
        ApiKey::new(sealed.key).map_err(|_| locked())
    }

    /// Checks a new key with the service. Nothing is stored yet.
    pub(crate) async fn check(&self, key: &ApiKey) -> Result<KeyInfo, Problem> {
        let mut answer = self.0.client.key(key).await;
        if matches!(
            answer,
            Err(openrouter::Error::Offline | openrouter::Error::Lost)
        ) {
            // Asking again changes nothing, and a key that was just made is worth a second try.
            answer = self.0.client.key(key).await;
        }
        let info = answer.map_err(|e| problem::key(&e))?;
        if info.is_management_key {
            let text = "This is a management key: it can't chat. Use an ordinary key, or connect with one click.";
            return Err(Problem::new(Code::Refused, text));
        }
        Ok(info)
    }

    /// Keeps a checked key, or asks how when the keychain can't, or when the person chose otherwise for the key in
    /// hand. The key in the vault stays until the new one is sealed.
    pub(crate) async fn keep(&self, key: ApiKey, info: KeyInfo) -> Result<Phase, Problem> {
        if self.key().is_ok() && self.kept() == Kept::Passphrase {
            let text =
                "A passphrase of yours guards the key so far. Choose how to keep the new one.";
            let reason = Problem::new(Code::Keychain, text);
            return Ok(self.ask_how_to_keep(key, info, reason));
        }
        match self.seal(&key, SealWith::Keychain).await? {
            Ok(()) => Ok(Phase::Connected {
                account: self.account(&key, &info, false),
            }),
            Err(vault::Error::Keychain(error)) => {
                Ok(self.ask_how_to_keep(key, info, problem::keychain(error)))
            }
            Err(error) => Err(problem::vault(error)),
        }
    }

    fn ask_how_to_keep(&self, key: ApiKey, info: KeyInfo, reason: Problem) -> Phase {
        let account = self.account(&key, &info, false);
        hold(&self.0.session).pending = Some((key, info));
        Phase::ChooseSeal { reason, account }
    }

    async fn seal(
        &self,
        key: &ApiKey,
        with: SealWith,
    ) -> Result<Result<(), vault::Error>, Problem> {
        let (vault, secret) = (Arc::clone(&self.0.vault), self.sealed(key)?);
        let old = self.key().ok();
        let sealed = blocking(move || vault.seal(secret, with)).await?;
        if sealed.is_ok() {
            self.replaced(old.as_ref(), Some(key));
        }
        Ok(sealed)
    }

    fn sealed(&self, key: &ApiKey) -> Result<Secret, Problem> {
        let sealed = Sealed {
            key: Zeroizing::new(key.expose().to_owned()),
            origin: self.0.client.origin().as_str().to_owned(),
        };
        let failed = |_| Problem::new(Code::Again, "The key could not be prepared for storing.");
        // Room for the longest key from the start: a buffer that grows would leave copies behind.
        let mut bytes = Vec::with_capacity(4096);
        serde_json::to_writer(&mut bytes, &sealed).map_err(failed)?;
        Ok(Secret::new(bytes))
    }

    /// The person's choice of how to keep the key that is waiting.
    ///
    /// # Errors
    /// Nothing is waiting, the passphrase is too short, or it could not be stored; then the choice stays open.
    pub async fn choose_seal(&self, seal: Seal) -> Result<(), Problem> {
        let gone = || {
            Problem::new(
                Code::Reconnect,
                "The key is not in hand any more. Connect again.",
            )
        };
        let (key, info) = hold(&self.0.session).pending.take().ok_or_else(gone)?;
        let outcome = match seal {
            Seal::Keychain => self.seal(&key, SealWith::Keychain).await,
            Seal::Passphrase { passphrase } => match passphrase_secret(passphrase) {
                Ok(secret) => self.seal(&key, SealWith::Passphrase(secret)).await,
                Err(problem) => Err(problem),
            },
            Seal::Session => self.sealed(&key).map(|secret| {
                let old = self.key().ok();
                self.0.vault.hold_for_session(secret);
                self.replaced(old.as_ref(), Some(&key));
                Ok(())
            }),
        };
        match outcome.and_then(|sealed| sealed.map_err(problem::vault)) {
            Ok(()) => {
                let account = self.account(&key, &info, false);
                self.set_phase(Phase::Connected { account });
                Ok(())
            }
            Err(problem) => {
                hold(&self.0.session).pending = Some((key, info));
                Err(problem)
            }
        }
    }

    /// Opens a vault that is sealed with a passphrase.
    ///
    /// # Errors
    /// Wrong passphrase, or too soon after one.
    pub async fn unlock(&self, passphrase: String) -> Result<(), Problem> {
        let (vault, secret) = (
            Arc::clone(&self.0.vault),
            Secret::new(passphrase.into_bytes()),
        );
        blocking(move || vault.unlock(secret))
            .await?
            .map_err(problem::vault)?;
        self.settle();
        Ok(())
    }

    /// Tries the vault again, for instance after the keychain was unlocked.
    pub async fn retry_vault(&self) {
        self.open_vault().await;
    }

    /// Removes the key from this computer and opens its page, where alone it can be revoked.
    ///
    /// # Errors
    /// Something could not be removed now: it is tried again at the next start, and opens nothing meanwhile.
    pub async fn disconnect(&self) -> Result<(), Problem> {
        self.cancel_attempt();
        let unsettled = self.end_renewal().await;
        self.stop_all().await;
        let key = self.key().ok();
        let vault = Arc::clone(&self.0.vault);
        let wiped = blocking(move || vault.wipe())
            .await?
            .map_err(problem::vault)?;
        // One that was asked between the two had the key still.
        self.stop_all().await;
        hold(&self.0.session).pending = None;
        let ended = (!wiped.is_complete()).then(|| {
            let text = "You are disconnected. Something of the key could not be removed yet; Causeway tries again at \
                        its next start.";
            Problem::new(Code::Again, text)
        });
        let ended = ended.or(unsettled);
        self.replaced(key.as_ref(), None);
        self.set_phase(Phase::Disconnected { ended });
        if let Some(key) = key {
            let text = format!(
                "You are disconnected. The key {} works until you delete it on its page, which opens in your browser.",
                key.masked()
            );
            let problem = Problem::new(Code::PreviousKey, text);
            self.tell(&AppEvent::Notice { problem });
            let hash = key_hash(&key);
            // The notice offers the page again; without a browser it is still right.
            let page = links::page(self.0.client.origin(), Page::Key, Some(&hash));
            let _ = self.open_in_browser(page).await;
        }
        Ok(())
    }

    /// Takes a key that the person already has: checked and kept like any other.
    ///
    /// # Errors
    /// Not a key, refused by the service, or it could not be stored.
    pub async fn connect_with_key(&self, text: String) -> Result<(), Problem> {
        self.cancel_attempt();
        let text = Zeroizing::new(text);
        let clean = Zeroizing::new(text.trim().trim_matches(['"', '\'']).to_owned());
        let key = ApiKey::new(clean).map_err(|why| {
            Problem::new(Code::Refused, format!("This is not an API key: {why}."))
        })?;
        let info = self.check(&key).await?;
        let phase = self.keep(key, info).await?;
        self.set_phase(phase);
        Ok(())
    }

    /// Opens a link from an answer, after the person saw its true host.
    ///
    /// # Errors
    /// Not a safe link, or no browser could be opened.
    pub async fn open_link(&self, href: &str) -> Result<(), Problem> {
        self.open_in_browser(links::inspect(href)?.0).await
    }

    /// What a link really is.
    ///
    /// # Errors
    /// Not a safe link.
    pub fn inspect_link(&self, href: &str) -> Result<crate::wire::Link, Problem> {
        links::inspect(href).map(|(_, link)| link)
    }

    /// Starting a browser may take its time: nothing else waits for it.
    pub(crate) async fn open_in_browser(&self, url: url::Url) -> Result<(), Problem> {
        let browser = Arc::clone(&self.0.ports.browser);
        let failed = |_| Problem::new(Code::Again, "Your browser could not be opened.");
        blocking(move || browser.open(&url)).await?.map_err(failed)
    }

    /// Shows how the key is kept now.
    pub(crate) fn show_kept(&self) {
        let kept = self.kept();
        self.change_account(|account| account.kept = kept);
    }

    pub(crate) fn kept(&self) -> Kept {
        match (self.0.vault.state(), self.0.vault.sealing()) {
            (State::SessionOnly, _) => Kept::Session,
            (_, Some(Sealing::Passphrase)) => Kept::Passphrase,
            _ => Kept::Keychain,
        }
    }
}

/// A passphrase that is chosen; one that is asked for may be shorter, it only has to be right.
pub(crate) fn passphrase_secret(passphrase: String) -> Result<Secret, Problem> {
    let long_enough = passphrase.chars().count() >= PASSPHRASE_MIN;
    let secret = Secret::new(passphrase.into_bytes());
    let short = || Problem::new(Code::Refused, "Choose at least eight characters.");
    long_enough.then_some(secret).ok_or_else(short)
}
