//! What is attached, given out and brought in: who refers to which bytes. The bytes themselves lie at
//! [`History::file_of`].

use std::collections::HashSet;

use rusqlite::{Connection, Row, Transaction, params};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::conversations::{at_most, found};
use crate::{AttachmentId, Content, ConversationId, Error, History, MAX_LABEL, MAX_OPTIONS};

/// The most that a message or a draft has.
const MOST: usize = 200;
/// The largest small picture, in bytes.
const PICTURE_MAX: usize = 1024 * 1024;

/// Something that is attached. Fields mean what they mean in [`Attachment`](crate::Attachment).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct WholeFile {
    pub id: AttachmentId,
    pub name: String,
    pub content: Content,
    pub size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Content>,
    pub details: String,
    /// A small picture of it, as Base64 in JSON.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "encoded")]
    pub picture: Option<Vec<u8>>,
}

impl WholeFile {
    /// The bytes that it refers to: its own, and those of its words.
    pub fn contents(&self) -> impl Iterator<Item = Content> {
        let words = self.words.filter(|words| *words != self.content);
        [self.content].into_iter().chain(words)
    }
}

impl History {
    /// Every content that a conversation refers to, each once, in its order; also of one in the trash.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn whole_contents(&self, id: ConversationId) -> Result<Vec<Content>, Error> {
        let mut contents = Vec::new();
        self.at(id)?.read(|connection| {
            let sql = "SELECT key FROM conversation WHERE id = ?1";
            let key: i64 = found(connection, "conversation", sql, &id)?;
            let mut statement = connection.prepare_cached(
                "SELECT content, words FROM attachment WHERE conversation = ?1
                 ORDER BY message, place, key",
            )?;
            let mut rows = statement.query([key])?;
            while let Some(row) = rows.next()? {
                contents.push(row.get(0)?);
                contents.extend(row.get::<_, Option<Content>>(1)?);
            }
            Ok(())
        })?;
        let mut seen = HashSet::new();
        contents.retain(|content| seen.insert(*content));
        Ok(contents)
    }
}

/// What a message has, in its order.
pub(super) fn of_message(
    connection: &Connection,
    message: i64,
) -> rusqlite::Result<Vec<WholeFile>> {
    listed(connection, "message = ?1", message)
}

/// What waits in a draft, in its order.
pub(super) fn of_draft(
    connection: &Connection,
    conversation: i64,
) -> rusqlite::Result<Vec<WholeFile>> {
    listed(
        connection,
        "conversation = ?1 AND message IS NULL",
        conversation,
    )
}

fn listed(connection: &Connection, which: &str, key: i64) -> rusqlite::Result<Vec<WholeFile>> {
    let sql = format!(
        "SELECT id, name, content, size, words, details, picture FROM attachment WHERE {which}
         ORDER BY place, key"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([key], file)?;
    rows.collect()
}

fn file(row: &Row<'_>) -> rusqlite::Result<WholeFile> {
    let size: i64 = row.get(3)?;
    Ok(WholeFile {
        id: row.get(0)?,
        name: row.get(1)?,
        content: row.get(2)?,
        size: u64::try_from(size).unwrap_or_default(),
        words: row.get(4)?,
        details: row.get(5)?,
        picture: row.get(6)?,
    })
}

/// Attaches these to a message, or (`None`) to a draft, in this order.
pub(super) fn place(
    t: &Transaction<'_>,
    conversation: i64,
    message: Option<i64>,
    files: &[WholeFile],
) -> Result<(), Error> {
    if files.len() > MOST {
        return Err(Error::TooLarge {
            what: "attachments",
            limit: MOST,
        });
    }
    for (place, new) in (0_i64..).zip(files) {
        at_most(MAX_LABEL, "name", &new.name)?;
        at_most(MAX_OPTIONS, "details", &new.details)?;
        let size = i64::try_from(new.size).map_err(|_| Error::Invalid { what: "size" })?;
        if new
            .picture
            .as_ref()
            .is_some_and(|small| small.len() > PICTURE_MAX)
        {
            return Err(Error::TooLarge {
                what: "picture",
                limit: PICTURE_MAX,
            });
        }
        let is_json = serde_json::from_str::<IgnoredAny>(&new.details).is_ok();
        if new.name.is_empty() || !is_json {
            return Err(Error::Invalid { what: "attachment" });
        }
        // An id is nobody else's.
        let added = t
            .prepare_cached(
                "INSERT INTO attachment (id, conversation, message, place, name, content, size,
                     words, details, picture)
                 SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
                 WHERE NOT EXISTS (SELECT 1 FROM attachment WHERE id = ?1)",
            )?
            .execute(params![
                new.id,
                conversation,
                message,
                place,
                new.name,
                new.content,
                size,
                new.words,
                new.details,
                new.picture
            ])?;
        if added == 0 {
            return Err(Error::Invalid { what: "attachment" });
        }
    }
    Ok(())
}

/// Bytes in JSON.
mod encoded {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, to: S) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => to.serialize_str(&STANDARD.encode(bytes)),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        let bytes = text.map(|text| STANDARD.decode(text).map_err(Error::custom));
        bytes.transpose()
    }
}
