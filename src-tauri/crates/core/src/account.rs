//! What the service says of the key in hand, as the window shows it.

use crate::{
    Core,
    app::hold,
    links, problem,
    wire::{Account, AppEvent, Budget, FreeRequests, Page, Phase, Previous, Problem, Reset},
};
use openrouter::{ApiKey, KeyInfo, key_hash};
use time::{Date, Duration, Month, OffsetDateTime, format_description::well_known::Rfc3339};

/// A key that another took the place of.
pub(crate) struct Replaced {
    hash: String,
    shown: Previous,
}

impl Core {
    /// Asks the service for the account's numbers.
    ///
    /// # Errors
    /// Offline, or the key is not accepted any more; the account says so, too.
    pub async fn refresh_account(&self) -> Result<(), Problem> {
        let key = self.key()?;
        let answer = self.0.client.key(&key).await.map_err(|e| problem::key(&e));
        // Another key, or none, may have taken its place meanwhile.
        if self
            .key()
            .ok()
            .is_none_or(|now| now.expose() != key.expose())
        {
            return Ok(());
        }
        match answer {
            Ok(info) => {
                let account = self.account(&key, &info, false);
                self.change_account(|now| *now = account);
                Ok(())
            }
            Err(problem) => {
                self.change_account(|now| now.trouble = Some(problem.clone()));
                Err(problem)
            }
        }
    }

    /// Changes what the window knows of the key in hand, and of what becomes of it. Nothing happens when there is
    /// none.
    pub(crate) fn change_account(&self, change: impl FnOnce(&mut Account)) {
        let mut session = hold(&self.0.session);
        let Phase::Connected { account } = &session.phase else {
            return;
        };
        let mut account = account.clone();
        change(&mut account);
        account.renewal = session.renewal.shown();
        let old = session.previous.as_ref().map(|old| old.shown.clone());
        account.previous = old.filter(|old| old.masked_key != account.masked_key);
        let phase = Phase::Connected { account };
        if phase != session.phase {
            session.phase = phase.clone();
            // Told before another change can be: the window never hears of two in the wrong order.
            self.tell(&AppEvent::Phase { phase });
        }
    }

    /// The account of a key, with what is known beside it. `unchecked` when `info` is not the service's.
    pub(crate) fn account(&self, key: &ApiKey, info: &KeyInfo, unchecked: bool) -> Account {
        let (now_ms, masked_key) = (self.0.ports.nature.now_ms(), key.masked());
        let mut session = hold(&self.0.session);
        if !unchecked {
            session.workspace.clone_from(&info.workspace_id);
        }
        let old = session.previous.as_ref().map(|old| old.shown.clone());
        let limit_reset = info.limit_reset.as_deref().and_then(reset);
        let limited = info.limit.and(limit_reset);
        Account {
            label: links::clean(&info.label, 100),
            masked_key: masked_key.clone(),
            limit_usd: info.limit,
            remaining_usd: info.limit_remaining,
            limit_reset,
            resets_at_ms: limited.and_then(|reset| next(reset, now_ms)),
            budget: budget(info),
            usage_usd: info.usage,
            usage_today_usd: info.usage_daily,
            usage_week_usd: info.usage_weekly,
            usage_month_usd: info.usage_monthly,
            byok_usd: info.byok_usage,
            byok_month_usd: info.byok_usage_monthly,
            byok_in_limit: info.include_byok_in_limit,
            free_tier: info.is_free_tier,
            free_requests: info.free_model_daily_requests.map(|free| FreeRequests {
                used: free.used,
                limit: free.limit,
            }),
            expires_at_ms: info.expires_at.as_deref().and_then(millis),
            kept: self.kept(),
            unchecked,
            checked_at_ms: (!unchecked).then_some(now_ms),
            trouble: None,
            previous: old.filter(|old| old.masked_key != masked_key),
            renewal: session.renewal.shown(),
        }
    }

    /// Remembers the key that was in use until now: it still exists at the service.
    pub(crate) fn replaced(&self, old: Option<&ApiKey>, new: Option<&ApiKey>) {
        let Some(old) = old else { return };
        if new.is_some_and(|new| new.expose() == old.expose()) {
            return;
        }
        let masked_key = old.masked();
        hold(&self.0.session).previous = Some(Replaced {
            hash: key_hash(old),
            shown: Previous { masked_key },
        });
    }

    /// The person has read that the key of before still exists.
    pub fn forget_previous_key(&self) {
        hold(&self.0.session).previous = None;
        self.change_account(|_| {});
    }

    /// Opens a page of the service in the browser.
    ///
    /// # Errors
    /// No browser could be opened.
    pub async fn open_page(&self, page: Page) -> Result<(), Problem> {
        let hash = match page {
            Page::PreviousKey => {
                let session = hold(&self.0.session);
                session
                    .previous
                    .as_ref()
                    .map(|previous| previous.hash.clone())
            }
            _ => self.key().ok().map(|key| key_hash(&key)),
        };
        let page = links::page(self.0.client.origin(), page, hash.as_deref());
        self.open_in_browser(page).await
    }
}

fn reset(name: &str) -> Option<Reset> {
    match name {
        "daily" => Some(Reset::Daily),
        "weekly" => Some(Reset::Weekly),
        "monthly" => Some(Reset::Monthly),
        _ => None,
    }
}

/// When a limit begins anew: at the next midnight, Monday or first of a month in UTC (OpenRouter API reference, "Get
/// current API key").
fn next(reset: Reset, now_ms: i64) -> Option<i64> {
    let now = OffsetDateTime::from_unix_timestamp(now_ms.div_euclid(1000)).ok()?;
    let today = now.date();
    let day = match reset {
        Reset::Daily => today.checked_add(Duration::DAY)?,
        Reset::Weekly => {
            let gone = i64::from(today.weekday().number_days_from_monday());
            today.checked_add(Duration::days(7 - gone))?
        }
        Reset::Monthly => {
            let month = today.month().next();
            let year = today.year() + i32::from(month == Month::January);
            Date::from_calendar_date(year, month, 1).ok()?
        }
    };
    Some(day.midnight().assume_utc().unix_timestamp() * 1000)
}

/// Unix milliseconds of an ISO 8601 time; none for what is none.
fn millis(text: &str) -> Option<i64> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()
}

/// The budget that will stop the key first, unless that is the key's own limit.
fn budget(info: &KeyInfo) -> Option<Budget> {
    let budget = info.effective_budget.as_ref()?;
    if matches!(budget.scope.as_str(), "" | "key_limit" | "api_key") {
        return None;
    }
    Some(Budget {
        member: matches!(budget.scope.as_str(), "member" | "workspace_default_member"),
        limit_usd: budget.limit_usd?,
        remaining_usd: budget.remaining_usd?,
        resets_at_ms: budget.resets_at.as_deref().and_then(millis),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_begins_anew_at_the_next_midnight_monday_or_first_in_utc() {
        for (now, daily, weekly, monthly) in [
            (
                "2026-11-25T20:15:00Z",
                "2026-11-26T00:00:00Z",
                "2026-11-30T00:00:00Z",
                "2026-12-01T00:00:00Z",
            ),
            // A Monday is the first day of its week.
            (
                "2026-11-30T00:00:00Z",
                "2026-12-01T00:00:00Z",
                "2026-12-07T00:00:00Z",
                "2026-12-01T00:00:00Z",
            ),
            // The year ends with all three.
            (
                "2023-12-31T23:59:59.999Z",
                "2024-01-01T00:00:00Z",
                "2024-01-01T00:00:00Z",
                "2024-01-01T00:00:00Z",
            ),
        ] {
            let now = millis(now).unwrap();
            assert_eq!(next(Reset::Daily, now), millis(daily), "{daily}");
            assert_eq!(next(Reset::Weekly, now), millis(weekly), "{weekly}");
            assert_eq!(next(Reset::Monthly, now), millis(monthly), "{monthly}");
        }
        assert_eq!(next(Reset::Daily, i64::MAX), None);
    }

    #[test]
    fn only_a_budget_above_the_key_is_told_beside_its_limit() {
        let of = |scope: &str, remaining_usd| KeyInfo {
            effective_budget: Some(openrouter::Budget {
                scope: scope.into(),
                limit_usd: Some(50.0),
                remaining_usd,
                resets_at: Some("2026-10-12T00:00:00.000Z".into()),
            }),
            ..KeyInfo::default()
        };
        for none in ["", "key_limit", "api_key"] {
            assert_eq!(budget(&of(none, Some(1.0))), None, "{none}");
        }
        assert_eq!(budget(&of("workspace", None)), None);
        let workspace = budget(&of("workspace", Some(17.5))).unwrap();
        assert_eq!(
            workspace,
            Budget {
                member: false,
                limit_usd: 50.0,
                remaining_usd: 17.5,
                resets_at_ms: Some(1_791_763_200_000),
            }
        );
        assert!(budget(&of("member", Some(0.0))).unwrap().member);
    }
}
