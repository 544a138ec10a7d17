//! Names of conversations and messages: UUIDs of version 7, so that later ones sort later.

use std::fmt;
use std::str::FromStr;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};
use uuid::{NoContext, Timestamp, Uuid};

use crate::Error;

macro_rules! id {
    ($name:ident, $what:literal) => {
        #[doc = concat!("Names one ", $what, "; as text and in JSON a hyphenated UUID.")]
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            pub(crate) fn new(now_ms: i64) -> Self {
                Self(at(now_ms))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                Uuid::parse_str(text)
                    .map(Self)
                    .map_err(|_| Error::Invalid { what: "id" })
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;

            fn try_from(text: String) -> Result<Self, Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.0.as_bytes())))
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                Uuid::from_slice(value.as_blob()?)
                    .map(Self)
                    .map_err(FromSqlError::other)
            }
        }
    };
}

id!(ConversationId, "conversation");
id!(MessageId, "message");
id!(PersonaId, "persona");
id!(AttachmentId, "attachment");
id!(FolderId, "folder");

/// Names that tell whether the thing is in memory alone.
macro_rules! temporary {
    ($name:ident) => {
        impl $name {
            /// It names something that is kept in memory only, and gone with the app.
            pub fn is_temporary(self) -> bool {
                self.0.get_version_num() == TEMPORARY
            }

            pub(crate) fn temporary(now_ms: i64) -> Self {
                let mut bytes = at(now_ms).into_bytes();
                bytes[6] = bytes[6] & 0x0f | (TEMPORARY as u8) << 4;
                Self(Uuid::from_bytes(bytes))
            }
        }
    };
}

temporary!(ConversationId);
temporary!(MessageId);

/// The version of UUIDs whose meaning is their maker's: here, that the thing is in no file.
const TEMPORARY: usize = 8;

pub(crate) fn at(now_ms: i64) -> Uuid {
    // A clock before 1970 is wrong; an id only has to be unique.
    let ms = u64::try_from(now_ms).unwrap_or(0);
    let nanos = u32::try_from(ms % 1000).unwrap_or(0) * 1_000_000;
    Uuid::new_v7(Timestamp::from_unix(NoContext, ms / 1000, nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_plain_text_in_json_and_on_its_own() {
        let id = MessageId::new(1_700_000_000_000);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<MessageId>(&json).unwrap(), id);
        assert_eq!(id.to_string().parse::<MessageId>().unwrap(), id);
        assert!("not an id".parse::<MessageId>().is_err());
    }

    #[test]
    fn ids_sort_by_time_and_never_repeat_within_a_millisecond() {
        let (a, b) = (ConversationId::new(1_000), ConversationId::new(1_000));
        assert_ne!(a, b);
        assert!(a.max(b) < ConversationId::new(1_001));
        assert_ne!(ConversationId::new(-5), ConversationId::new(-5));
    }
}
