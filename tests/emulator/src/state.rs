//! What the emulated service remembers.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use time::{Month, OffsetDateTime, Time};

use crate::account::{Generation, dollars};
use crate::catalogue::Catalogue;
use crate::connect::Grant;
use crate::{Config, Fault, Recorded};

/// What every connection shares.
pub(crate) struct Shared {
    pub config: Config,
    pub catalogue: &'static Catalogue,
    state: Mutex<State>,
}

impl Shared {
    pub fn new(config: Config) -> Self {
        let state = Mutex::new(State::new(&config));
        Self {
            config,
            catalogue: Catalogue::get(),
            state,
        }
    }

    /// A panic elsewhere while the state was held cannot have left it half changed in a way that
    /// matters to a test, so poisoning is ignored.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often a key's limit starts afresh, in UTC; weeks start on Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reset {
    /// At midnight.
    Daily,
    /// On Monday at midnight.
    Weekly,
    /// On the first of the month at midnight.
    Monthly,
}

impl Reset {
    pub(crate) const ALL: [Self; 3] = [Self::Daily, Self::Weekly, Self::Monthly];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }

    fn start(self, now: OffsetDateTime) -> OffsetDateTime {
        let midnight = now.replace_time(Time::MIDNIGHT);
        let days_back = match self {
            Self::Daily => 0,
            Self::Weekly => now.weekday().number_days_from_monday(),
            Self::Monthly => now.day() - 1,
        };
        midnight - time::Duration::days(i64::from(days_back))
    }
}

/// A key and what was spent through it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeyRecord {
    /// The secret: `sk-or-v1-` and 64 hex digits.
    pub key: String,
    /// Its name, if it was given one.
    pub label: Option<String>,
    /// The most that may be spent through it in a period, in US dollars.
    pub limit: Option<f64>,
    /// The period; without one the limit is for ever.
    pub limit_reset: Option<Reset>,
    /// When it stops working.
    pub expires_at: Option<OffsetDateTime>,
    /// What was spent through it, ever, in US dollars.
    pub usage: f64,
    /// Whether it was deleted on the site.
    pub is_revoked: bool,
    /// Whether it may manage other keys.
    pub is_management_key: bool,
}

pub(crate) struct Key {
    pub record: KeyRecord,
    pub charges: Vec<(OffsetDateTime, f64)>,
    pub free_requests: Vec<OffsetDateTime>,
}

impl Key {
    pub fn spent(&self, period: Option<Reset>, now: OffsetDateTime) -> f64 {
        let start = period.map(|period| period.start(now));
        let charges = self
            .charges
            .iter()
            .filter(|(at, _)| start.is_none_or(|start| *at >= start));
        charges.map(|(_, cost)| cost).sum::<f64>() + 0.0
    }

    /// What the limit leaves, in US dollars; below zero when a reply overshot it.
    pub fn left(&self, now: OffsetDateTime) -> Option<f64> {
        Some(dollars(
            self.record.limit? - self.spent(self.record.limit_reset, now),
        ))
    }

    pub fn free_requests_today(&self, now: OffsetDateTime) -> usize {
        let midnight = Reset::Daily.start(now);
        self.free_requests
            .iter()
            .filter(|at| **at >= midnight)
            .count()
    }
}

pub(crate) struct State {
    pub requests: Vec<Recorded>,
    pub faults: Vec<(String, Fault, u32)>,
    pub grants: HashMap<String, Grant>,
    pub generations: HashMap<String, Generation>,
    pub credits: f64,
    /// How the ids begin that the user may not use.
    pub barred: Vec<String>,
    /// When each token of the last book was sent.
    pub pace: Vec<SystemTime>,
    /// The files that were read, by name, and the engines that read them.
    pub readings: Vec<(String, String)>,
    keys: Vec<Key>,
    seed: u64,
    made: u64,
    ahead: Duration,
}

impl State {
    fn new(config: &Config) -> Self {
        Self {
            requests: Vec::new(),
            faults: Vec::new(),
            grants: HashMap::new(),
            generations: HashMap::new(),
            credits: config.credits,
            barred: Vec::new(),
            pace: Vec::new(),
            readings: Vec::new(),
            keys: Vec::new(),
            seed: config.seed,
            made: 0,
            ahead: Duration::ZERO,
        }
    }

    pub fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + self.ahead
    }

    pub fn advance(&mut self, by: Duration) {
        self.ahead += by;
    }

    fn bytes(&mut self) -> [u8; 32] {
        self.made += 1;
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(self.made.to_be_bytes());
        hash.finalize().into()
    }

    /// Letters, digits, `-` and `_`; at most 43 of them.
    pub fn token(&mut self, length: usize) -> String {
        let mut token = URL_SAFE_NO_PAD.encode(self.bytes());
        token.truncate(length);
        token
    }

    /// `gen-<unix seconds>-<20 characters>`
    pub fn generation_id(&mut self) -> String {
        format!(
            "gen-{}-{}",
            self.now().unix_timestamp(),
            self.token(20).replace(['-', '_'], "x")
        )
    }

    /// Counts the request and takes the fault it shall suffer, if any.
    pub fn record(&mut self, request: &Recorded) -> (usize, Option<Fault>) {
        self.requests.push(request.clone());
        (self.requests.len() - 1, self.fault(&request.path))
    }

    fn fault(&mut self, path: &str) -> Option<Fault> {
        let meets = |(prefix, _, _): &(String, Fault, u32)| path.starts_with(prefix);
        let position = self.faults.iter().position(meets)?;
        let (_, fault, times) = self.faults.get_mut(position)?;
        let fault = fault.clone();
        *times = times.saturating_sub(1);
        if *times == 0 {
            self.faults.remove(position);
        }
        Some(fault)
    }

    /// Gives the record a new secret and keeps it.
    pub fn issue(&mut self, record: KeyRecord) -> String {
        let key = format!("sk-or-v1-{}", hex(&self.bytes()));
        let record = KeyRecord {
            key: key.clone(),
            ..record
        };
        self.keys.push(Key {
            record,
            charges: Vec::new(),
            free_requests: Vec::new(),
        });
        key
    }

    pub fn revoke(&mut self, key: &str) {
        if let Some(key) = self.keys.iter_mut().find(|known| known.record.key == key) {
            key.record.is_revoked = true;
        }
    }

    /// The key, if it works now.
    pub fn key(&mut self, key: &str) -> Option<&mut Key> {
        let now = self.now();
        self.keys.iter_mut().find(|known| {
            known.record.key == key
                && !known.record.is_revoked
                && known.record.expires_at.is_none_or(|end| now < end)
        })
    }

    pub fn charge(&mut self, key: &str, cost: f64) {
        let now = self.now();
        if let Some(key) = self.keys.iter_mut().find(|known| known.record.key == key) {
            key.charges.push((now, cost));
        }
    }

    pub fn keys(&self) -> Vec<KeyRecord> {
        let now = self.now();
        let with_usage = |key: &Key| KeyRecord {
            usage: key.spent(None, now),
            ..key.record.clone()
        };
        self.keys.iter().map(with_usage).collect()
    }

    /// What was spent through all keys, ever, in US dollars.
    pub fn total_usage(&self) -> f64 {
        self.keys().iter().map(|key| key.usage).sum::<f64>() + 0.0
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Midnight UTC of a day, as unix seconds; 0 for a day that is none.
pub(crate) fn unix_day(year: i32, month: u8, day: u8) -> i64 {
    Month::try_from(month)
        .ok()
        .and_then(|month| time::Date::from_calendar_date(year, month, day).ok())
        .map_or(0, |date| date.midnight().assume_utc().unix_timestamp())
}
