//! What the endings of an id mean (OpenRouter docs, "Model Variants" and "Presets").

use crate::wire::Model;

/// Endings that any model takes: they change which provider is chosen, or how the model is asked.
const ENDINGS: [(&str, &str); 6] = [
    ("nitro", "fastest"),
    ("floor", "cheapest"),
    ("exacto", "best with tools"),
    ("online", "with web search"),
    ("thinking", "thinking"),
    ("extended", "longer context"),
];
const PRESET: &str = "@preset/";

/// The model of an id and what to call it: a listed one, or a listed one with an ending.
pub(crate) fn find<'a>(models: &'a [Model], id: &str) -> Option<(&'a Model, String)> {
    let listed = |id: &str| models.iter().find(|model| model.id == id);
    if let Some(model) = listed(id) {
        return Some((model, model.name.clone()));
    }
    if let Some((base, preset)) = id.split_once(PRESET)
        && let Some((model, name)) = (!base.is_empty()).then(|| find(models, base)).flatten()
    {
        return Some((model, format!("{name} (preset {preset})")));
    }
    let (base, ending) = id.rsplit_once(':')?;
    let (_, says) = ENDINGS.iter().find(|(known, _)| *known == ending)?;
    listed(base).map(|model| (model, format!("{} ({says})", model.name)))
}

/// What to call the model of an id, whatever it is.
pub(crate) fn name(models: &[Model], id: &str) -> String {
    match (find(models, id), id.strip_prefix(PRESET)) {
        (Some((_, name)), _) => name,
        (None, Some(preset)) => format!("Preset {preset}"),
        (None, None) => id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::shown;

    #[test]
    fn an_id_with_an_ending_is_known_by_the_model_it_belongs_to() {
        let model = |id: &str, name: &str| {
            shown::model(&openrouter::Model {
                id: id.into(),
                name: name.into(),
                ..openrouter::Model::default()
            })
        };
        let models = [
            model("a/b", "A: B"),
            model("a/b:free", "A: B (free)"),
            model("a/c:thinking", "A: C Thinking"),
        ];
        let called = |id: &str| name(&models, id);
        assert_eq!(called("a/b"), "B");
        assert_eq!(called("a/b:free"), "B (free)");
        assert_eq!(called("a/b:nitro"), "B (fastest)");
        assert_eq!(called("a/b:floor"), "B (cheapest)");
        assert_eq!(called("a/c:thinking"), "C Thinking", "a model of its own");
        assert_eq!(called("a/b@preset/mail"), "B (preset mail)");
        assert_eq!(called("@preset/mail"), "Preset mail");
        assert_eq!(called("a/b:unheard"), "a/b:unheard");
        assert_eq!(called("a/d:nitro"), "a/d:nitro", "no such model");
        let found = find(&models, "a/b:nitro").map(|(model, _)| &*model.id);
        assert_eq!(found, Some("a/b"), "what it takes is known");
    }
}
