//! The key in hand: what it may spend, what it has spent, and what becomes of it.

use super::Problem;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The key's account, as `GET /key` tells it. What the service did not tell is none or nothing.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Account {
    /// The key's label.
    pub label: String,
    /// The key with its middle removed, such as `sk-or-v1-9f2…c41`.
    pub masked_key: String,
    /// What the key may spend in all or per `limit_reset`; none means no limit.
    pub limit_usd: Option<f64>,
    /// What is left of the limit; below zero when an answer overshot it.
    pub remaining_usd: Option<f64>,
    /// How often the limit begins anew; none for one that never does.
    pub limit_reset: Option<Reset>,
    /// When the limit begins anew.
    #[ts(type = "number | null")]
    pub resets_at_ms: Option<i64>,
    /// A budget above the key that stops it before its own limit does.
    pub budget: Option<Budget>,
    /// Spent by this key in all.
    pub usage_usd: f64,
    /// Spent today (UTC).
    pub usage_today_usd: f64,
    /// Spent since Monday (UTC).
    pub usage_week_usd: f64,
    /// Spent this month (UTC).
    pub usage_month_usd: f64,
    /// Spent through the person's own provider keys, in all.
    pub byok_usd: f64,
    /// The same this month (UTC).
    pub byok_month_usd: f64,
    /// True when that counts towards the limit.
    pub byok_in_limit: bool,
    /// True when the account never bought credits: only free models answer.
    pub free_tier: bool,
    /// Requests to free models today.
    pub free_requests: Option<FreeRequests>,
    /// When the key stops working.
    #[ts(type = "number | null")]
    pub expires_at_ms: Option<i64>,
    /// How the key is kept.
    pub kept: Kept,
    /// True when the key could not be checked at this start, for instance offline.
    pub unchecked: bool,
    /// When the service last told all this; none when it has not yet.
    #[ts(type = "number | null")]
    pub checked_at_ms: Option<i64>,
    /// Why it did not at the last look.
    pub trouble: Option<Problem>,
    /// The key that this one took the place of, until the person has read that it still exists.
    pub previous: Option<Previous>,
    /// A key that shall take this one's place.
    pub renewal: Option<Renewal>,
}

/// How often a credit limit begins anew, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Reset {
    /// At midnight.
    Daily,
    /// On Monday at midnight.
    Weekly,
    /// On the first of the month at midnight.
    Monthly,
}

/// A budget that the key shares with others.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Budget {
    /// True when it is one member's, false when it is the whole workspace's.
    pub member: bool,
    /// What may be spent.
    pub limit_usd: f64,
    /// What is left.
    pub remaining_usd: f64,
    /// When it begins anew.
    #[ts(type = "number | null")]
    pub resets_at_ms: Option<i64>,
}

/// Requests to free models in a day (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct FreeRequests {
    /// Made today.
    #[ts(type = "number")]
    pub used: u64,
    /// Allowed a day.
    #[ts(type = "number")]
    pub limit: u64,
}

/// How the key is kept at rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Kept {
    /// Sealed with a key in the system's keychain.
    Keychain,
    /// Sealed with a passphrase.
    Passphrase,
    /// In memory until the app quits.
    Session,
}

/// A key that is not used here any more and was not deleted at the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Previous {
    /// The key with its middle removed.
    pub masked_key: String,
}

/// What the person wants of a new key for this app.
#[derive(Debug, Clone, PartialEq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct NewKey {
    /// Its name; empty for the app's.
    pub label: String,
    /// What it may spend; none for no limit.
    pub limit_usd: Option<f64>,
    /// How often the limit begins anew; none for never.
    pub reset: Option<Reset>,
    /// When it stops working; none for never.
    #[ts(type = "number | null")]
    pub expires_at_ms: Option<i64>,
}

/// The making of a key that shall take this one's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Renewal {
    /// It is being made.
    Running {
        /// How far it is.
        step: RenewalStep,
    },
    /// It did not work, or was cancelled; the old key is still the one in use.
    Ended {
        /// Why, with its way on.
        problem: Problem,
    },
}

/// The steps of a new key, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum RenewalStep {
    /// Asking for a code. Cancelling leaves nothing behind.
    Asking,
    /// Exchanging the code for a key and checking it. After cancelling, the key may exist.
    Exchanging,
    /// Storing it in the old one's place: a moment that runs to its end.
    Storing,
}
