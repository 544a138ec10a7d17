//! Named ways to ask.

use rusqlite::params;

use crate::conversations::at_most;
use crate::store::Survives;
use crate::{Error, History, MAX_LABEL, MAX_OPTIONS, Persona, PersonaId};

impl History {
    /// All of them, by name.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Storage`].
    pub fn personas(&self) -> Result<Vec<Persona>, Error> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, name, model, options FROM persona ORDER BY name COLLATE NOCASE, key",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(Persona {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    model: row.get(2)?,
                    options: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Makes one, at most `most` in all.
    ///
    /// # Errors
    /// [`Error::TooLarge`], also for one too many; [`Error::Invalid`] for options that are no JSON
    /// or an empty name; [`Error::DiskFull`], [`Error::Busy`].
    pub fn create_persona(
        &self,
        name: &str,
        model: Option<&str>,
        options: &str,
        now_ms: i64,
        most: u32,
    ) -> Result<Persona, Error> {
        let persona = Persona {
            id: PersonaId::new(now_ms),
            name: name.to_owned(),
            model: model.map(str::to_owned),
            options: options.to_owned(),
        };
        bounded(&persona)?;
        self.write(Survives::PowerCut, |transaction| {
            let made = transaction.execute(
                "INSERT INTO persona (id, name, model, options, created_ms)
                 SELECT ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) FROM persona) < ?6",
                params![persona.id, name, model, options, now_ms, most],
            )?;
            if made == 0 {
                return Err(Error::TooLarge {
                    what: "list of personas",
                    limit: usize::try_from(most).unwrap_or(usize::MAX),
                });
            }
            Ok(())
        })?;
        Ok(persona)
    }

    /// Replaces what is stored of this one.
    ///
    /// # Errors
    /// [`Error::NotFound`], else as [`History::create_persona`].
    pub fn update_persona(&self, persona: &Persona) -> Result<(), Error> {
        bounded(persona)?;
        self.write(Survives::PowerCut, |transaction| {
            let changed = transaction.execute(
                "UPDATE persona SET name = ?2, model = ?3, options = ?4 WHERE id = ?1",
                params![persona.id, persona.name, persona.model, persona.options],
            )?;
            one(changed)
        })
    }

    /// Removes one. Conversations that took its options keep them.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::DiskFull`], [`Error::Busy`].
    pub fn delete_persona(&self, id: PersonaId) -> Result<(), Error> {
        self.write(Survives::PowerCut, |transaction| {
            one(transaction.execute("DELETE FROM persona WHERE id = ?1", [id])?)
        })
    }
}

fn bounded(persona: &Persona) -> Result<(), Error> {
    at_most(MAX_LABEL, "name", &persona.name)?;
    at_most(
        MAX_LABEL,
        "model",
        persona.model.as_deref().unwrap_or_default(),
    )?;
    at_most(MAX_OPTIONS, "options", &persona.options)?;
    if persona.name.is_empty() {
        return Err(Error::Invalid { what: "name" });
    }
    Ok(())
}

fn one(changed: usize) -> Result<(), Error> {
    if changed == 0 {
        return Err(Error::NotFound { what: "persona" });
    }
    Ok(())
}
