//! The key's own account: `GET /api/v1/key`.

use crate::{ApiKey, Client, Error};
use reqwest::Method;
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};

/// What the service says of a key (OpenRouter API reference, "Get current API key"). Amounts are US dollars. Usage
/// lags by minutes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct KeyInfo {
    /// The key's label, or the key with its middle removed.
    #[serde(deserialize_with = "or_default")]
    pub label: String,
    /// What it may spend; none means no limit.
    pub limit: Option<f64>,
    /// What is left of the limit.
    pub limit_remaining: Option<f64>,
    /// `daily`, `weekly`, `monthly`; none for a limit that never resets.
    pub limit_reset: Option<String>,
    /// Spent in all.
    #[serde(deserialize_with = "or_default")]
    pub usage: f64,
    /// Spent today (UTC).
    #[serde(deserialize_with = "or_default")]
    pub usage_daily: f64,
    /// Spent since Monday (UTC).
    #[serde(deserialize_with = "or_default")]
    pub usage_weekly: f64,
    /// Spent this month (UTC).
    #[serde(deserialize_with = "or_default")]
    pub usage_monthly: f64,
    /// True when the account never bought credits.
    #[serde(deserialize_with = "or_default")]
    pub is_free_tier: bool,
    /// True for a key that manages others and can't chat.
    #[serde(deserialize_with = "or_default")]
    pub is_management_key: bool,
    /// When it stops working, ISO 8601.
    pub expires_at: Option<String>,
    /// The workspace that the key belongs to, a UUID.
    pub workspace_id: Option<String>,
    /// Whether what is spent through the person's own provider keys counts towards the limit.
    #[serde(deserialize_with = "or_default")]
    pub include_byok_in_limit: bool,
    /// Spent through the person's own provider keys, in all.
    #[serde(deserialize_with = "or_default")]
    pub byok_usage: f64,
    /// The same this month (UTC).
    #[serde(deserialize_with = "or_default")]
    pub byok_usage_monthly: f64,
    /// Requests to free models today.
    #[serde(deserialize_with = "lenient")]
    pub free_model_daily_requests: Option<FreeRequests>,
    /// The budget that will stop this key first, its own limit included; since autumn 2026.
    #[serde(deserialize_with = "lenient")]
    pub effective_budget: Option<Budget>,
}

/// How many requests to free models the account has left today (UTC).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct FreeRequests {
    /// Made today.
    pub used: u64,
    /// Allowed a day.
    pub limit: u64,
}

/// One of the budgets above a key.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// Whose budget: `key_limit`, `workspace`, `member`, and others.
    pub scope: String,
    /// What may be spent.
    pub limit_usd: Option<f64>,
    /// What is left; none or less stops every request.
    pub remaining_usd: Option<f64>,
    /// When it begins anew, ISO 8601.
    pub resets_at: Option<String>,
}

/// Null is as good as absent.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    from: D,
) -> Result<T, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}

/// A part that is not what it was described to be is as good as absent: the rest of the account is still told.
fn lenient<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(
    from: D,
) -> Result<Option<T>, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(serde_json::from_value(value).ok())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> KeyInfo {
        serde_json::from_str::<Data>(json).unwrap().data
    }

    #[test]
    fn an_account_is_read_whatever_is_missing_null_or_new() {
        assert_eq!(read(r#"{"data":{}}"#), KeyInfo::default());
        let odd = r#"{"data":{"label":null,"usage":null,"byok_usage":null,"is_free_tier":null,"limit":null,
            "free_model_daily_requests":{"used":"two"},"effective_budget":7,"budgets":[{}],"new":{"a":1}}}"#;
        assert_eq!(read(odd), KeyInfo::default());
    }

    #[test]
    fn an_account_is_read_whole() {
        let json = r#"{"data":{"label":"L","limit":100,"limit_remaining":74.5,"limit_reset":"monthly","usage":25.5,
            "usage_daily":1,"usage_weekly":2,"usage_monthly":3,"byok_usage":17.38,"byok_usage_monthly":4,
            "include_byok_in_limit":true,"is_free_tier":true,"is_management_key":true,"workspace_id":"w",
            "expires_at":"2027-12-31T23:59:59Z","free_model_daily_requests":{"limit":50,"remaining":38,"used":12},
            "effective_budget":{"scope":"member","limit_usd":50,"remaining_usd":17.5,
            "resets_at":"2026-10-12T00:00:00.000Z","spend_usd":32.5,"guardrail_id":null}}}"#;
        let budget = Budget {
            scope: "member".into(),
            limit_usd: Some(50.0),
            remaining_usd: Some(17.5),
            resets_at: Some("2026-10-12T00:00:00.000Z".into()),
        };
        let whole = KeyInfo {
            label: "L".into(),
            limit: Some(100.0),
            limit_remaining: Some(74.5),
            limit_reset: Some("monthly".into()),
            usage: 25.5,
            usage_daily: 1.0,
            usage_weekly: 2.0,
            usage_monthly: 3.0,
            is_free_tier: true,
            is_management_key: true,
            expires_at: Some("2027-12-31T23:59:59Z".into()),
            workspace_id: Some("w".into()),
            include_byok_in_limit: true,
            byok_usage: 17.38,
            byok_usage_monthly: 4.0,
            free_model_daily_requests: Some(FreeRequests {
                used: 12,
                limit: 50,
            }),
            effective_budget: Some(budget),
        };
        assert_eq!(read(json), whole);
    }
}
