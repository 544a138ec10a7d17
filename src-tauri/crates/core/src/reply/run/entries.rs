//! What comes of an answer in an array, on its way to the disk.

use serde_json::Value;

/// The entries of a JSON array that only grows, as they stand between its brackets. As text, so that what is new of
/// it is what follows a place, and no save writes again what an earlier one wrote.
#[derive(Default)]
pub(super) struct Entries(String);

impl Entries {
    pub fn extend(&mut self, values: impl IntoIterator<Item = Value>) {
        for value in values {
            if !self.0.is_empty() {
                self.0.push(',');
            }
            self.0.push_str(&value.to_string());
        }
    }

    pub fn text(&self) -> &str {
        &self.0
    }

    /// The whole array; none for an empty one.
    pub fn json(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| format!("[{}]", self.0))
    }

    pub fn values(&self) -> Vec<Value> {
        let read = |json: String| serde_json::from_str(&json).ok();
        self.json().and_then(read).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_array_grows_at_its_end_and_reads_as_what_came() {
        let mut entries = Entries::default();
        assert_eq!((entries.json(), entries.values()), (None, vec![]));
        entries.extend([json!({"text": "a, ]"})]);
        let before = entries.text().to_owned();
        entries.extend([json!(null), json!([1])]);
        let all = r#"[{"text":"a, ]"},null,[1]]"#;
        assert_eq!(entries.json().as_deref(), Some(all));
        let added = entries.text().strip_prefix(&before);
        assert_eq!(added, Some(",null,[1]"));
        let whole: Vec<Value> = serde_json::from_str(all).unwrap();
        assert_eq!(entries.values(), whole);
    }
}
