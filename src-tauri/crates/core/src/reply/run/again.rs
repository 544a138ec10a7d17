//! When a refusal is worth another attempt, and after how long.

use openrouter::ApiError;
use std::time::Duration;

/// Most attempts for one answer.
pub(super) const ATTEMPTS: u32 = 4;
/// Longest time from the first attempt to the beginning of the last.
const IN_ALL: Duration = Duration::from_secs(60);
/// A longer wait than this is the person's to decide: it is shown as a countdown.
const LONG: Duration = Duration::from_secs(20);
/// The first wait when the service names none; each next one is twice as long.
const FIRST: Duration = Duration::from_secs(1);

/// How long to wait before asking again, after attempt number `attempt` (from 1) was refused before its first token;
/// none when it must not be asked again. Of a wait that nobody named half is left to chance (`random`), so that many
/// who were refused at once do not come back at once.
pub(super) fn wait(
    error: &ApiError,
    attempt: u32,
    elapsed: Duration,
    random: u8,
) -> Option<Duration> {
    if attempt >= ATTEMPTS || !passes(error) {
        return None;
    }
    let wait = error.retry_after.unwrap_or_else(|| {
        let half = FIRST * (1 << (attempt - 1)) / 2;
        half + half * u32::from(random) / 255
    });
    (wait <= LONG && elapsed + wait <= IN_ALL).then_some(wait)
}

/// A trouble of the moment, which asking again may mend (OpenRouter docs, "Errors and Debugging").
fn passes(error: &ApiError) -> bool {
    match error.status {
        // A day's allowance does not come back in a minute.
        429 => !error.message.contains("per-day"),
        402 => error.holds_in_flight(),
        status => matches!(status, 408 | 502 | 503 | 524 | 529),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, retry_after: Option<u64>) -> ApiError {
        ApiError {
            status,
            message: String::new(),
            error_type: None,
            provider: None,
            limit_source: None,
            reason: None,
            retry_after: retry_after.map(Duration::from_secs),
            funnel: Vec::new(),
            failed_step: None,
            fallback_models: Vec::new(),
            file_annotations: Vec::new(),
        }
    }

    #[test]
    fn only_troubles_of_the_moment_are_asked_again() {
        let again: Vec<u16> = (400..600)
            .filter(|status| wait(&error(*status, None), 1, Duration::ZERO, 0).is_some())
            .collect();
        assert_eq!(again, [408, 429, 502, 503, 524, 529]);
        let in_flight = ApiError {
            limit_source: Some("openrouter_in_flight_budget".into()),
            ..error(402, Some(5))
        };
        assert_eq!(
            wait(&in_flight, 1, Duration::ZERO, 0),
            Some(Duration::from_secs(5))
        );
        let daily = ApiError {
            message: "Rate limit exceeded: free-models-per-day".into(),
            ..error(429, None)
        };
        assert_eq!(wait(&daily, 1, Duration::ZERO, 0), None);
        assert_eq!(wait(&error(0, None), 1, Duration::ZERO, 0), None);
    }

    #[test]
    fn a_named_wait_is_kept_and_a_long_one_is_left_to_the_person() {
        let after =
            |named, elapsed| wait(&error(429, Some(named)), 1, Duration::from_secs(elapsed), 0);
        assert_eq!(after(20, 0), Some(Duration::from_secs(20)));
        assert_eq!(after(21, 0), None);
        assert_eq!(after(20, 41), None, "the time in all is bounded");
        assert_eq!(after(0, 0), Some(Duration::ZERO));
    }

    #[test]
    fn the_waits_double_and_half_of_each_is_chance() {
        let waits = |random| -> Vec<u128> {
            (1..9)
                .map_while(|n| wait(&error(502, None), n, Duration::ZERO, random))
                .map(|wait| wait.as_millis())
                .collect()
        };
        assert_eq!(waits(0), [500, 1000, 2000]);
        assert_eq!(waits(255), [1000, 2000, 4000]);
    }
}
