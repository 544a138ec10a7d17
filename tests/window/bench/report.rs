//! A table for the eye, and the same as JSON.

use serde_json::{Map, Value, json};
use std::{fs, path::PathBuf, time::SystemTime};

/// Names and values, in the order in which they are shown.
pub type Row = Vec<(&'static str, Value)>;

/// Rows of the same columns.
#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
    notes: Vec<String>,
}

impl Report {
    pub fn row(&mut self, row: Row) {
        println!("{}", object(&row));
        self.rows.push(row);
    }

    /// A sentence about all rows.
    pub fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    pub fn print(&self) {
        let Some(first) = self.rows.first() else {
            return;
        };
        let shown = |value: &Value| match value {
            Value::Number(n) if n.is_f64() => format!("{:.2}", n.as_f64().unwrap()),
            Value::String(text) => text.clone(),
            Value::Null => "–".to_owned(),
            other => other.to_string(),
        };
        let line = |cells: Vec<String>| println!("| {} |", cells.join(" | "));
        println!();
        line(first.iter().map(|(name, _)| (*name).to_owned()).collect());
        line(first.iter().map(|_| "---:".to_owned()).collect());
        for row in &self.rows {
            line(row.iter().map(|(_, value)| shown(value)).collect());
        }
        println!();
        self.notes.iter().for_each(|note| println!("{note}"));
    }

    pub fn write(&self, name: &str) {
        let folder = PathBuf::from(
            std::env::var_os("BENCH_DIR").expect("BENCH_DIR: run this through `cargo xtask bench`"),
        );
        let since = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        let path = folder.join(format!("{name}-{}.json", since.as_secs()));
        let all = json!({
            "what": name,
            "rows": self.rows.iter().map(object).collect::<Vec<_>>(),
            "notes": self.notes,
        });
        fs::write(&path, serde_json::to_string_pretty(&all).unwrap()).unwrap();
        println!("{}", path.display());
    }
}

fn object(row: &Row) -> Value {
    let pairs = row
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()));
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// The value below which this share of all lies; none of nothing.
pub fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    Some(sorted[(last as f64 * share).round() as usize])
}

/// One decimal is what these clocks are good for.
pub fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// How busy the computer was over the last minute: numbers from a busy one mean little.
pub fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ')
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or(f64::NAN)
}
