//! The key's own account: `GET /api/v1/key`.

use crate::{ApiKey, Client, Error};
use reqwest::Method;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// What the service says of a key (OpenRouter API reference, "Get current API key"). Amounts are US dollars. Usage
/// lags by minutes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct KeyInfo {
    /// The key's label, or the key with its middle removed.
    pub label: String,
    /// What it may spend; none means no limit.
    pub limit: Option<f64>,
    /// What is left of the limit.
    pub limit_remaining: Option<f64>,
    /// `daily`, `weekly`, `monthly`; none for a limit that never resets.
    pub limit_reset: Option<String>,
    /// Spent in all.
    pub usage: f64,
    /// Spent today (UTC).
    pub usage_daily: f64,
    /// Spent since Monday (UTC).
    pub usage_weekly: f64,
    /// Spent this month (UTC).
    pub usage_monthly: f64,
    /// True when the account never bought credits.
    pub is_free_tier: bool,
    /// True for a key that manages others and can't chat.
    pub is_management_key: bool,
    /// When it stops working, ISO 8601.
    pub expires_at: Option<String>,
}

#[derive(Deserialize)]
struct Data {
    data: KeyInfo,
}

impl Client {
    /// Asks what the service knows of this key.
    ///
    /// # Errors
    /// 401 when the key is unknown, disabled or expired; the others as [`Error`] says.
    pub async fn key(&self, key: &ApiKey) -> Result<KeyInfo, Error> {
        let request = Self::bearer(self.request(Method::GET, "/api/v1/key"), key)?;
        let Data { mut data } = Self::json(request, 256 * 1024).await?;
        data.label = data
            .label
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect();
        Ok(data)
    }
}

/// Lowercase hex SHA-256 of a key: the name of its page, `/keys/<hash>`, and of its logs.
#[must_use]
pub fn key_hash(key: &ApiKey) -> String {
    Sha256::digest(key.expose().as_bytes())
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}
