//! The lists of conversations: folders, archive, trash, and moving between them.

use crate::{
    Core,
    conversations::{conversation_id, show},
    problem,
    wire::{
        AppEvent, Conversation, Folder, Problem, ProblemCode as Code, Shelf, ShelfChange, Shelves,
    },
};
use history::{Change, ConversationId, FolderId, MAX_MANY};

/// The most folders.
const MOST: u32 = 500;
/// Longest name, in characters.
const NAME_MAX: usize = 80;
/// Conversations removed for good in one step: others may have to wait for it.
const AT_ONCE: usize = 20;

impl Core {
    /// How many there are in the lists beside the open one.
    ///
    /// # Errors
    /// They can't be read.
    pub async fn shelves(&self) -> Result<Shelves, Problem> {
        let read = self.stored(|history| Ok((history.folders()?, history.counts()?)));
        let (folders, counts) = read.await?;
        let folder = |folder: history::Folder| Folder {
            id: folder.id.to_string(),
            name: folder.name,
            count: folder.count,
        };
        Ok(Shelves {
            folders: folders.into_iter().map(folder).collect(),
            archive: counts.archive,
            trash: counts.trash,
        })
    }

    /// Moves conversations from list to list, all or none. One that is not there any more is passed over.
    ///
    /// # Errors
    /// There are too many, the folder is not there, or it can't be stored.
    pub async fn change_conversations(
        &self,
        ids: &[String],
        change: ShelfChange,
    ) -> Result<Vec<Conversation>, Problem> {
        let ids = conversation_ids(ids)?;
        let change = match change {
            ShelfChange::Pinned { on } => Change::Pinned(on),
            ShelfChange::Archived { on } => Change::Archived(on),
            ShelfChange::Folder { id } => Change::Folder(id.as_deref().map(folder_id).transpose()?),
            ShelfChange::Deleted => Change::Deleted(self.0.ports.nature.now_ms()),
            ShelfChange::Restored => Change::Restored,
        };
        if matches!(change, Change::Deleted(_)) {
            for id in &ids {
                self.stop_in(*id).await;
            }
        }
        let changed = self.stored(move |history| history.change_all(&ids, change));
        let changed = changed.await?;
        let stage = self.0.stage.lock().await;
        let shown = changed.iter().map(|c| show(c, stage.answers_in(c.id)));
        let shown: Vec<Conversation> = shown.collect();
        drop(stage);
        for conversation in &shown {
            let conversation = conversation.clone();
            self.tell(&AppEvent::Conversation { conversation });
        }
        self.tell_shelves().await;
        Ok(shown)
    }

    /// Removes conversations from the trash for good; without any named, all of them.
    ///
    /// # Errors
    /// It can't be stored. Those that were removed before stay so.
    pub async fn purge(&self, ids: Option<&[String]>) -> Result<(), Problem> {
        let result = match ids {
            Some(ids) => self.purge_these(conversation_ids(ids)?).await,
            None => self.purge_before(i64::MAX).await.map(drop),
        };
        self.tell_shelves().await;
        result
    }

    async fn purge_these(&self, ids: Vec<ConversationId>) -> Result<(), Problem> {
        for some in ids.chunks(AT_ONCE) {
            let some = some.to_vec();
            self.stored(move |history| history.purge(&some)).await?;
        }
        for id in ids {
            self.tell(&AppEvent::ConversationGone { id: id.to_string() });
        }
        Ok(())
    }

    /// Removes for good what was deleted before this time. Returns how many there were.
    pub(crate) async fn purge_before(&self, before_ms: i64) -> Result<usize, Problem> {
        let most = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
        let mut all = 0;
        loop {
            let gone = self.stored(move |history| history.purge_before(before_ms, most));
            let gone = gone.await?;
            all += gone;
            if gone < AT_ONCE {
                return Ok(all);
            }
        }
    }

    /// Makes a folder.
    ///
    /// # Errors
    /// It has no name or that of another, there are too many, or it can't be stored.
    pub async fn create_folder(&self, name: &str) -> Result<Folder, Problem> {
        let name = tidy(name)?;
        let now = self.0.ports.nature.now_ms();
        let made = name.clone();
        let id = self.stored(move |history| history.create_folder(&made, now, MOST));
        let id = id.await?.to_string();
        self.tell_shelves().await;
        Ok(Folder { id, name, count: 0 })
    }

    /// Gives a folder another name.
    ///
    /// # Errors
    /// As [`Core::create_folder`].
    pub async fn rename_folder(&self, id: &str, name: &str) -> Result<(), Problem> {
        let (id, name) = (folder_id(id)?, tidy(name)?);
        let renamed = self.stored(move |history| history.rename_folder(id, &name));
        renamed.await?;
        self.tell_shelves().await;
        Ok(())
    }

    /// Takes a folder away; its conversations are in the open list again.
    ///
    /// # Errors
    /// It is not there, or that can't be stored.
    pub async fn delete_folder(&self, id: &str) -> Result<(), Problem> {
        let id = folder_id(id)?;
        self.stored(move |history| history.delete_folder(id))
            .await?;
        // What was in it comes with the list that the windows ask for.
        self.tell_shelves().await;
        Ok(())
    }

    pub(crate) async fn tell_shelves(&self) {
        if let Ok(shelves) = self.shelves().await {
            self.tell(&AppEvent::Shelves { shelves });
        }
    }
}

pub(crate) fn shelf(shelf: &Shelf) -> Result<history::Shelf, Problem> {
    Ok(match shelf {
        Shelf::Pinned => history::Shelf::Pinned,
        Shelf::Open => history::Shelf::Open,
        Shelf::Folder { id } => history::Shelf::Folder(folder_id(id)?),
        Shelf::Archive => history::Shelf::Archive,
        Shelf::Trash => history::Shelf::Trash,
    })
}

fn conversation_ids(ids: &[String]) -> Result<Vec<ConversationId>, Problem> {
    if ids.len() > MAX_MANY {
        let text = "These are too many at once. Choose fewer.";
        return Err(Problem::new(Code::Refused, text));
    }
    ids.iter().map(|id| conversation_id(id)).collect()
}

fn folder_id(id: &str) -> Result<FolderId, Problem> {
    id.parse().map_err(|e| problem::history(&e))
}

fn tidy(name: &str) -> Result<String, Problem> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name: String = name.chars().take(NAME_MAX).collect();
    if name.is_empty() {
        return Err(Problem::new(Code::Refused, "A folder needs a name."));
    }
    Ok(name)
}
