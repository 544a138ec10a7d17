//! Conditions beside the words, as SQL.

use rusqlite::types::Value;

use super::Wanted;

/// Conditions on a row, with their values.
pub(super) struct Filter {
    pub sql: String,
    pub values: Vec<Value>,
}

impl Filter {
    pub(super) fn of_messages(wanted: &Wanted) -> Self {
        let mut filter = Self::new();
        let model = wanted.model.as_deref().map(like);
        filter.add(
            "AND (m.model LIKE ? ESCAPE '\\' OR m.served_model LIKE ? ESCAPE '\\')",
            model.iter().chain(&model).cloned().map(Value::from),
        );
        filter.add("AND m.created_ms < ?", wanted.before_ms.map(Value::from));
        filter.add("AND m.created_ms >= ?", wanted.after_ms.map(Value::from));
        filter.add("AND m.cost_nanos >= ?", wanted.cost_from.map(Value::from));
        filter.add("AND m.cost_nanos <= ?", wanted.cost_to.map(Value::from));
        // Of a conversation, which is looked up for this alone.
        filter.folder(
            "(SELECT c.folder FROM conversation c WHERE c.key = m.conversation)",
            wanted,
        );
        if wanted.file {
            filter.sql.push_str(
                " AND (m.image_count > 0
                     OR EXISTS (SELECT 1 FROM attachment a WHERE a.message = m.key))",
            );
        }
        if wanted.code {
            filter.sql.push_str(" AND instr(m.text, '```') > 0");
        }
        filter
    }

    pub(super) fn of_conversations(wanted: &Wanted) -> Self {
        let mut filter = Self::new();
        let model = wanted.model.as_deref().map(like);
        filter.add("AND c.model LIKE ? ESCAPE '\\'", model.map(Value::from));
        filter.add("AND c.created_ms < ?", wanted.before_ms.map(Value::from));
        filter.add("AND c.updated_ms >= ?", wanted.after_ms.map(Value::from));
        filter.add("AND c.cost_nanos >= ?", wanted.cost_from.map(Value::from));
        filter.add("AND c.cost_nanos <= ?", wanted.cost_to.map(Value::from));
        filter.folder("c.folder", wanted);
        filter
    }

    fn new() -> Self {
        let (sql, values) = (String::new(), Vec::new());
        Self { sql, values }
    }

    fn add(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        let before = self.values.len();
        self.values.extend(values);
        if self.values.len() > before {
            self.sql.push(' ');
            self.sql.push_str(sql);
        }
    }

    fn folder(&mut self, of: &str, wanted: &Wanted) {
        let name = wanted.folder.as_deref().map(|name| escaped(name) + "%");
        self.add(
            &format!("AND {of} IN (SELECT key FROM folder WHERE name LIKE ? ESCAPE '\\')"),
            name.map(Value::from),
        );
    }
}

pub(super) fn like(part: &str) -> String {
    format!("%{}%", escaped(part))
}

fn escaped(text: &str) -> String {
    let escape = |c: char| matches!(c, '%' | '_' | '\\').then_some('\\');
    text.chars()
        .flat_map(|c| escape(c).into_iter().chain([c]))
        .collect()
}
