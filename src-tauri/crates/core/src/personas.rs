//! Personas: named ways to ask.

use crate::{
    Core, options, problem,
    wire::{AppEvent, Persona, PersonaDraft, Problem, ProblemCode as Code},
};
use history::PersonaId;

/// Most personas.
const MOST: u32 = 500;
/// Longest name, in characters.
const NAME_MAX: usize = 100;

impl Core {
    /// All personas, by name.
    ///
    /// # Errors
    /// They can't be read.
    pub async fn personas(&self) -> Result<Vec<Persona>, Problem> {
        let list = self.stored(history::History::personas).await?;
        Ok(list.iter().map(show).collect())
    }

    /// Makes a persona, or replaces one.
    ///
    /// # Errors
    /// It has no name, an option is outside its range, there are too many, or it can't be stored.
    pub async fn save_persona(&self, draft: PersonaDraft) -> Result<Persona, Problem> {
        let name = draft.name.split_whitespace().collect::<Vec<_>>().join(" ");
        let name: String = name.chars().take(NAME_MAX).collect();
        if name.is_empty() {
            return Err(Problem::new(Code::Refused, "A persona needs a name."));
        }
        let id = draft.id.as_deref().map(persona_id).transpose()?;
        let options = options::checked(draft.options)?;
        let options = options::stored(&options).unwrap_or_else(|| "{}".to_owned());
        let model = draft.model.filter(|model| !model.is_empty());
        let now = self.0.ports.nature.now_ms();
        let saved = self.stored(move |history| match id {
            Some(id) => {
                let persona = history::Persona {
                    id,
                    name,
                    model,
                    options,
                };
                history.update_persona(&persona)?;
                Ok(persona)
            }
            None => history.create_persona(&name, model.as_deref(), &options, now, MOST),
        });
        let saved = show(&saved.await?);
        self.tell(&AppEvent::Personas);
        Ok(saved)
    }

    /// Removes a persona. Conversations that took its options keep them.
    ///
    /// # Errors
    /// It is not there, or that can't be stored.
    pub async fn delete_persona(&self, id: &str) -> Result<(), Problem> {
        let id = persona_id(id)?;
        self.stored(move |history| history.delete_persona(id))
            .await?;
        self.tell(&AppEvent::Personas);
        Ok(())
    }
}

fn persona_id(id: &str) -> Result<PersonaId, Problem> {
    id.parse().map_err(|e| problem::history(&e))
}

fn show(persona: &history::Persona) -> Persona {
    Persona {
        id: persona.id.to_string(),
        name: persona.name.clone(),
        model: persona.model.clone(),
        options: options::read(Some(&persona.options)),
    }
}
