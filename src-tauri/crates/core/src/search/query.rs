//! What a person types into the search box.
//!
//! Words, `"phrases"`, and conditions: `model:`, `before:`, `after:`, `in:`, `has:code`, `has:file`, `cost:>0.10`. What
//! looks like a condition and is none is searched as it stands, and named.

use history::{MAX_WORD, MAX_WORDS, Wanted};

const DAY_MS: i64 = 86_400_000;

/// What was typed, understood.
#[derive(Debug, PartialEq)]
pub(super) struct Query {
    pub wanted: Wanted,
    pub strange: Vec<String>,
}

/// Reads it. The present and the offset from UTC say which day `today` is.
pub(super) fn read(text: &str, now_ms: i64, utc_offset_min: i32) -> Query {
    let mut query = Query {
        wanted: Wanted::default(),
        strange: Vec::new(),
    };
    let clock = Clock {
        now_ms,
        offset_ms: i64::from(utc_offset_min.clamp(-24 * 60, 24 * 60)) * 60_000,
    };
    for Token { text, quoted } in tokens(text) {
        let condition = text.split_once(':').filter(|_| !quoted);
        match condition.map(|(name, value)| (name.to_ascii_lowercase(), value)) {
            Some((name, value)) if CONDITIONS.contains(&name.as_str()) => {
                if !apply(&mut query.wanted, &name, value.trim_matches('"'), &clock) {
                    query.strange.push(text.clone());
                }
            }
            _ => word(&mut query.wanted, &text),
        }
    }
    query
}

const CONDITIONS: [&str; 6] = ["model", "before", "after", "in", "has", "cost"];

fn apply(wanted: &mut Wanted, name: &str, value: &str, clock: &Clock) -> bool {
    match (name, value.to_ascii_lowercase().as_str()) {
        // Being typed: a condition without its value says nothing yet.
        (_, "") => {}
        ("model", _) => wanted.model = Some(value.to_owned()),
        ("in", _) => wanted.folder = Some(value.to_owned()),
        ("has", "code") => wanted.code = true,
        ("has", "file" | "image" | "files" | "images") => wanted.file = true,
        ("before", value) => match clock.day(value) {
            Some(span) => wanted.before_ms = Some(span.0),
            None => return false,
        },
        // After a day is from its beginning: `after:2026-11-01` has the first of November in it.
        ("after", value) => match clock.day(value) {
            Some(span) => wanted.after_ms = Some(span.0),
            None => return false,
        },
        ("cost", value) => return cost(wanted, value),
        _ => return false,
    }
    true
}

fn word(wanted: &mut Wanted, text: &str) {
    if wanted.words.len() < MAX_WORDS && !text.trim().is_empty() {
        let end = text.floor_char_boundary(MAX_WORD);
        wanted.words.push(text[..end].to_owned());
    }
}

/// `>0.10`, `>=0.1`, `<1`, `0.5` (at least), `0.1..0.5`; a dollar sign may stand before the number.
fn cost(wanted: &mut Wanted, value: &str) -> bool {
    let (from, to) = if let Some(amount) = value.strip_prefix(">=") {
        (nanos(amount), None)
    } else if let Some(amount) = value.strip_prefix('>') {
        (nanos(amount).map(|nanos| nanos + 1), None)
    } else if let Some(amount) = value.strip_prefix("<=") {
        (None, nanos(amount))
    } else if let Some(amount) = value.strip_prefix('<') {
        (None, nanos(amount).map(|nanos| nanos - 1))
    } else if let Some((from, to)) = value.split_once("..") {
        (nanos(from), nanos(to))
    } else {
        (nanos(value), None)
    };
    if from.is_none() && to.is_none() {
        // Nothing but the sign so far.
        return value.trim_start_matches(['>', '<', '=', '$']).is_empty();
    }
    (wanted.cost_from, wanted.cost_to) = (from, to);
    true
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float that is too large becomes the largest number"
)]
fn nanos(amount: &str) -> Option<i64> {
    let amount = amount.trim_start_matches('$').replace(',', ".");
    let dollars: f64 = amount.parse().ok()?;
    (dollars.is_finite() && dollars >= 0.0).then(|| (dollars * 1e9).round() as i64)
}

struct Token {
    text: String,
    quoted: bool,
}

/// Cut at spaces that are in no quotation marks. A mark that is not closed yet reaches to the end.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut token, mut quoted, mut inside) = (String::new(), false, false);
    for c in text.chars().chain([' ']) {
        match c {
            '"' | '“' | '”' | '„' => {
                inside = !inside;
                // The mark itself stays where a word goes on: it may be what is looked for.
                if token.is_empty() && inside {
                    quoted = true;
                } else if !quoted && !token.ends_with(':') && inside {
                    token.push(c);
                }
            }
            c if c.is_whitespace() && !inside => {
                if !token.is_empty() {
                    let text = std::mem::take(&mut token);
                    tokens.push(Token { text, quoted });
                }
                quoted = false;
            }
            c => token.push(c),
        }
    }
    let text = token.trim_end().to_owned();
    if !text.is_empty() {
        tokens.push(Token { text, quoted });
    }
    tokens
}

/// When the days begin.
struct Clock {
    now_ms: i64,
    offset_ms: i64,
}

impl Clock {
    /// When a day, a month or a year begins and ends: `2026-11-01`, `2026-11`, `2026`, `today`, `yesterday`, `7d`, `2w`,
    /// `3m`, `1y` (so long ago, from that day's beginning).
    fn day(&self, value: &str) -> Option<(i64, i64)> {
        let today = (self.now_ms + self.offset_ms).div_euclid(DAY_MS);
        let days = |from: i64, to: i64| {
            let at = |day: i64| day.checked_mul(DAY_MS)?.checked_sub(self.offset_ms);
            Some((at(from)?, at(to)?))
        };
        match value {
            "today" => return days(today, today + 1),
            "yesterday" => return days(today - 1, today),
            _ => {}
        }
        if let Some((at, unit)) = value.char_indices().next_back()
            && let Some(each) = [('d', 1), ('w', 7), ('m', 30), ('y', 365)]
                .iter()
                .find_map(|(name, each)| (*name == unit).then_some(*each))
        {
            let count: i64 = value[..at]
                .parse()
                .ok()
                .filter(|n| (0..=40_000).contains(n))?;
            let day = today - count * each;
            return days(day, day + 1);
        }
        let mut parts = value.split('-');
        let mut part = |range: std::ops::RangeInclusive<i64>| match parts.next() {
            None => Some(None),
            Some(text) => {
                let number: i64 = text.parse().ok()?;
                range.contains(&number).then_some(Some(number))
            }
        };
        let year = part(1970..=9999)??;
        let month = part(1..=12)?;
        let day = part(1..=31)?;
        if parts.next().is_some() {
            return None;
        }
        let first = civil(year, month.unwrap_or(1), day.unwrap_or(1));
        let next = match (month, day) {
            (_, Some(_)) => first + 1,
            (Some(12), None) | (None, None) => civil(year + 1, 1, 1),
            (Some(month), None) => civil(year, month + 1, 1),
        };
        days(first, next)
    }
}

/// Days since 1970-01-01 of a day of the Gregorian calendar (H. Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms").
fn civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-25 23:30 UTC.
    const NOW: i64 = 1_795_649_400_000;

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn words_phrases_and_conditions_are_told_apart() {
        let query = read(
            r#"margin "gross margin" MODEL:claude in:"Work trips" has:code cost:>0.10"#,
            NOW,
            0,
        );
        let wanted = Wanted {
            words: words(&["margin", "gross margin"]),
            model: Some("claude".into()),
            folder: Some("Work trips".into()),
            code: true,
            cost_from: Some(100_000_001),
            ..Wanted::default()
        };
        assert_eq!((query.wanted, query.strange), (wanted, vec![]));
    }

    #[test]
    fn what_only_looks_like_a_condition_is_a_word() {
        let query = read(r#"std::fmt https://x.y "in:work" 12:30"#, NOW, 0);
        let all = words(&["std::fmt", "https://x.y", "in:work", "12:30"]);
        assert_eq!(query.wanted.words, all);
        assert_eq!(query.strange, Vec::<String>::new());
    }

    #[test]
    fn a_condition_that_is_none_is_named() {
        let query = read("has:wings before:soon cost:much tide", NOW, 0);
        assert_eq!(query.strange, ["has:wings", "before:soon", "cost:much"]);
        assert_eq!(query.wanted.words, ["tide"]);
    }

    #[test]
    fn what_is_still_being_typed_changes_nothing() {
        for text in [
            "model:", "in:", "cost:", "cost:>", "cost:>$", "\"", "before:",
        ] {
            let query = read(text, NOW, 0);
            assert_eq!(
                (query.wanted, query.strange),
                (Wanted::default(), vec![]),
                "{text}"
            );
        }
        assert_eq!(read("\"open phr", NOW, 0).wanted.words, ["open phr"]);
    }

    #[test]
    fn days_begin_where_the_person_is() {
        let after = |text: &str, offset| read(text, NOW, offset).wanted.after_ms.unwrap();
        let day = 20_782 * DAY_MS;
        assert_eq!(after("after:2026-11-25", 0), day);
        assert_eq!(after("after:today", 0), day);
        assert_eq!(after("after:today", 60), day + DAY_MS - 3_600_000);
        assert_eq!(after("after:yesterday", -60), day - DAY_MS + 3_600_000);
        assert_eq!(after("after:1w", 0), day - 7 * DAY_MS);
        assert_eq!(after("after:2026-11", 0), day - 24 * DAY_MS);
        assert_eq!(after("after:2026", 0), 20_454 * DAY_MS);
        assert_eq!(
            read("before:2024-02-29", NOW, 0).wanted.before_ms,
            Some(19_782 * DAY_MS)
        );
        for wrong in ["2026-13", "2026-1-1-1", "x", "99999999d", "-1d", "1969"] {
            assert_eq!(
                read(&format!("after:{wrong}"), NOW, 0).strange.len(),
                1,
                "{wrong}"
            );
        }
    }

    #[test]
    fn amounts_are_compared_as_written() {
        let cost = |text: &str| {
            let wanted = read(&format!("cost:{text}"), NOW, 0).wanted;
            (wanted.cost_from, wanted.cost_to)
        };
        assert_eq!(cost(">=0.1"), (Some(100_000_000), None));
        assert_eq!(cost("<$1"), (None, Some(999_999_999)));
        assert_eq!(cost("<=1"), (None, Some(1_000_000_000)));
        assert_eq!(cost("0,5"), (Some(500_000_000), None));
        assert_eq!(cost("0.1..0.2"), (Some(100_000_000), Some(200_000_000)));
    }

    #[test]
    fn what_is_too_much_is_bounded() {
        let query = read(&"word ".repeat(100), NOW, 0);
        assert_eq!(query.wanted.words.len(), MAX_WORDS);
        let query = read(&"語".repeat(1_000), NOW, 0);
        assert!(query.wanted.words[0].len() <= MAX_WORD);
    }
}
