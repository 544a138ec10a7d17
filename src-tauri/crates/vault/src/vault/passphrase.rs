//! Opening with a passphrase, and the delay after a wrong one.

use std::time::Duration;

use super::{Held, Vault};
use crate::envelope::{Envelope, Lid, derive};
use crate::ledger::Id;
use crate::store::Seen;
use crate::{Error, Sealing, Secret, State};

const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(60);

impl Vault {
    /// Opens a vault that is sealed with a passphrase.
    ///
    /// After a wrong one the next attempt is refused for 1 s, then 2 s, 4 s … up to 60 s.
    ///
    /// # Errors
    /// [`Error::WrongPassphraseOrDamaged`], [`Error::TooSoon`], [`Error::NothingToUnlock`], or a
    /// passphrase that cannot be one.
    pub fn unlock(&self, passphrase: Secret) -> Result<(), Error> {
        let _changing = self.changing();
        let Seen::Vault(vault, _) = self.store.look() else {
            return Err(Error::NothingToUnlock);
        };
        let Some(secret) = self.try_passphrase(&vault, &passphrase)? else {
            return Err(self.refuse(vault.id));
        };
        drop(passphrase);
        self.become_open(secret, (vault.id, Sealing::Passphrase));
        // Proved to be ours and not sealed by a keychain: then no entry is in use.
        if let Some(_lock) = self.store.try_lock()
            && self.store.look().id() == Some(vault.id)
        {
            self.tidy(None);
        }
        Ok(())
    }

    /// What the passphrase opens, or `None` when it is the wrong one.
    pub(super) fn try_passphrase(
        &self,
        vault: &Envelope,
        typed: &Secret,
    ) -> Result<Option<Secret>, Error> {
        let retry_in = self.retry_in(&self.held());
        if !retry_in.is_zero() {
            return Err(Error::TooSoon { retry_in });
        }
        let Lid::Passphrase(cost, salt) = vault.lid else {
            return Err(Error::NothingToUnlock);
        };
        Ok(vault.open(&derive(typed, cost, &salt)?))
    }

    /// Counts a wrong passphrase and says how long the next one has to wait.
    pub(super) fn delay_next(&self) -> Duration {
        let mut held = self.held();
        let factor = 2_u32.saturating_pow(held.wrong_attempts);
        held.wrong_attempts = held.wrong_attempts.saturating_add(1);
        let retry_in = FIRST_DELAY.saturating_mul(factor).min(LONGEST_DELAY);
        held.retry_at = self.clock.now() + retry_in;
        retry_in
    }

    fn refuse(&self, id: Id) -> Error {
        let retry_in = self.delay_next();
        let mut held = self.held();
        held.state = State::WrongPassphraseOrDamaged { retry_in };
        held.secret = None;
        held.on_disk = Some((id, Sealing::Passphrase));
        Error::WrongPassphraseOrDamaged { retry_in }
    }

    pub(super) fn retry_in(&self, held: &Held) -> Duration {
        held.retry_at.saturating_sub(self.clock.now())
    }
}
