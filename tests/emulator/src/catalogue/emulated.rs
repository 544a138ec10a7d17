//! The emulator's own models.

use super::generate::{chance, reasoning, special};
use super::model::Model;
use crate::state::unix_day;

/// The emulator's own, so old that they come last in the list.
pub(super) fn emulated(slug: &str, about: &str) -> Model {
    let mut words = slug.replace('-', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let id = format!("emulator/{slug}");
    let created = unix_day(2023, 1, 1) - chance(slug, 86_400) as i64;
    let mut model = special(&id, &format!("Emulator: {words}"), about, created);
    let architecture = &mut model.architecture;
    if slug == "painter" {
        architecture.output_modalities = vec!["text", "image"];
        architecture.modality.push_str("+image");
    }
    if slug == "blind-echo" {
        architecture.input_modalities = vec!["text"];
        architecture.modality = "text->text".to_owned();
    }
    if slug == "hearing-echo" {
        architecture.input_modalities.push("audio");
    }
    if slug == "toolless-echo" {
        model
            .supported_parameters
            .retain(|parameter| !parameter.starts_with("tool"));
    }
    if slug.contains("reasoning") {
        model.reasoning = Some(reasoning(&id, false));
    }
    model
}
