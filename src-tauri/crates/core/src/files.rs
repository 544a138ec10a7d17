//! What is attached: brought in, shown, taken away.
//!
//! Paths come from the system, by its dialog or by a drop, and never from the window; the window may hand over bytes
//! that were pasted into it. What a file is, is decided by what is in it.

pub(crate) mod drawn;
pub(crate) mod office;
pub(crate) mod parts;
mod pdf;
pub(crate) mod picture;
pub(crate) mod read;
mod shown;
pub(crate) mod sniff;
mod text;

pub(crate) use read::plain_name;
pub(crate) use shown::forget_opened;

use crate::{
    Core,
    app::{blocking, hold},
    conversations::conversation_id,
    problem,
    wire::{AppEvent, Attachment, FileKind, FileState, Problem, ProblemCode as Code},
};
use history::{AttachmentId, ConversationId};
use read::Source;
use serde::{Deserialize, Serialize};
use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
};

pub(crate) const TEMPORARY: &str = "A temporary chat leaves nothing on this computer, and files are kept here. Attach them \
     in an ordinary chat.";
/// Most files of one question.
const FILES_MAX: usize = 20;

/// What is kept of an attachment beside its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Details {
    pub kind: FileKind,
    pub media_type: String,
    /// Of sound: the service's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pixels: Option<(u32, u32)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letters: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trimmed: Option<u64>,
}

impl Details {
    pub fn new(kind: FileKind, media_type: &str) -> Self {
        Self {
            kind,
            media_type: media_type.to_owned(),
            format: None,
            pages: None,
            pixels: None,
            letters: None,
            trimmed: None,
        }
    }

    /// What can't be read, such as a newer version's, is a text. So is what no version wrote: it may come from anybody's
    /// export, and a media type goes into requests as it stands.
    pub fn of(file: &history::Attachment) -> Self {
        let plain = |c: u8| c.is_ascii_alphanumeric() || b"/+.-".contains(&c);
        let read: Option<Self> = serde_json::from_str(&file.details).ok();
        read.filter(|details| details.media_type.bytes().all(plain))
            .unwrap_or_else(|| Self::new(FileKind::Text, "text/plain"))
    }

    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

/// As the window shows it.
pub(crate) fn show(file: &history::Attachment) -> Attachment {
    let details = Details::of(file);
    Attachment {
        id: file.id.to_string(),
        name: file.name.clone(),
        kind: details.kind,
        size: file.size,
        state: FileState::Ready,
        pages: details.pages,
        pixels: details.pixels,
        letters: details.letters,
        trimmed: details.trimmed,
        pictured: file.pictured,
    }
}

/// Files on their way in, and those that can't be: in memory alone, by where they go.
#[derive(Default)]
pub(crate) struct Coming {
    next: u64,
    files: HashMap<Option<ConversationId>, Vec<Attachment>>,
    /// Windows in which a temporary chat is about to begin.
    temporary: HashSet<String>,
}

type Place = Option<ConversationId>;

fn refused(file: &Attachment) -> bool {
    matches!(file.state, FileState::Refused { .. })
}

/// Whoever drops folder after folder need not take away what was refused long ago.
fn forget_refused(files: &mut Vec<Attachment>) {
    let mut over = files.iter().filter(|file| refused(file)).count();
    files.retain(|file| {
        let old = refused(file) && over > FILES_MAX;
        over -= usize::from(old);
        !old
    });
}

fn place(conversation: Option<&str>) -> Result<Place, Problem> {
    conversation.map(conversation_id).transpose()
}

impl Core {
    /// What is attached to what is being written in a conversation, or (`None`) in one not begun.
    ///
    /// # Errors
    /// It can't be read.
    pub async fn files(&self, conversation: Option<&str>) -> Result<Vec<Attachment>, Problem> {
        self.files_at(place(conversation)?).await
    }

    async fn files_at(&self, place: Place) -> Result<Vec<Attachment>, Problem> {
        let stored = self.stored(move |history| history.attached(place)).await?;
        let mut files: Vec<_> = stored.iter().map(show).collect();
        if let Some(coming) = hold(&self.0.coming).files.get(&place) {
            files.extend(coming.iter().cloned());
        }
        Ok(files)
    }

    /// Asks the person for files and attaches them.
    ///
    /// # Errors
    /// They can't be looked for. A file that can't be attached says so itself.
    pub async fn pick_files(&self, conversation: Option<&str>) -> Result<(), Problem> {
        let place = place(conversation)?;
        let paths = self.0.ports.dialogs.open_files("Attach files").await;
        self.attach(place, paths.into_iter().map(Source::Path))
            .await
    }

    /// Attaches files that were dropped on a window: to the conversation that it shows, or else to the one not begun.
    /// The paths are the system's.
    ///
    /// # Errors
    /// As [`Core::pick_files`].
    pub async fn drop_files(&self, window: &str, paths: Vec<PathBuf>) -> Result<(), Problem> {
        self.dragging(false);
        let place = self.0.stage.lock().await.shown_in(window);
        let begins = place.is_none() && hold(&self.0.coming).temporary.contains(window);
        let attached = match begins {
            true => Err(Problem::new(Code::Refused, TEMPORARY)),
            false => {
                self.attach(place, paths.into_iter().map(Source::Path))
                    .await
            }
        };
        // Nobody waits for the end of a drop.
        if let Err(problem) = &attached {
            let problem = problem.clone();
            self.tell(&AppEvent::Notice { problem });
        }
        attached
    }

    /// Attaches bytes that were pasted into the window, under a name that may be any text.
    ///
    /// # Errors
    /// As [`Core::pick_files`].
    pub async fn paste_file(
        &self,
        conversation: Option<&str>,
        name: String,
        bytes: Vec<u8>,
    ) -> Result<(), Problem> {
        let place = place(conversation)?;
        self.attach(place, [Source::Bytes { name, bytes }].into_iter())
            .await
    }

    /// Hears whether what begins next in a window is temporary: then nothing that is dropped on it is kept.
    pub fn begins_temporary(&self, window: &str, on: bool) {
        let windows = &mut hold(&self.0.coming).temporary;
        match on {
            true => drop(windows.insert(window.to_owned())),
            false => drop(windows.remove(window)),
        }
    }

    /// Tells the windows that files are held over one of them.
    pub fn dragging(&self, over: bool) {
        self.tell(&AppEvent::Dragging { over });
    }

    /// One after the other: what one of them takes in memory, they take together.
    async fn attach(
        &self,
        place: Place,
        sources: impl Iterator<Item = Source>,
    ) -> Result<(), Problem> {
        if place.is_some_and(ConversationId::is_temporary) {
            return Err(Problem::new(Code::Refused, TEMPORARY));
        }
        let sources: Vec<_> = sources.collect();
        if sources.is_empty() {
            return Ok(());
        }
        let room = self.room(place).await?;
        let waiting: Vec<_> = sources
            .into_iter()
            .enumerate()
            .map(|(nth, source)| (self.announce_file(place, &source, nth < room), source))
            .take(FILES_MAX * 2)
            .collect();
        self.tell_files(place).await;
        let _turn = self.0.reading.lock().await;
        for (id, source) in waiting.into_iter().take(room) {
            let now_ms = self.0.ports.nature.now_ms();
            let history = self.history().await?;
            let read = blocking(move || {
                let draft = read::read(&history, source)?;
                history
                    .attach(place, &draft, now_ms)
                    .map_err(|e| problem::history(&e))
            });
            let outcome = read.await.and_then(|attached| attached);
            self.settle_file(place, &id, outcome.err());
            self.tell_files(place).await;
        }
        Ok(())
    }

    /// So many more can be attached there. What was refused takes no place.
    async fn room(&self, place: Place) -> Result<usize, Problem> {
        let files = self.files_at(place).await?;
        let taken = files.iter().filter(|file| !refused(file)).count();
        Ok(FILES_MAX.saturating_sub(taken))
    }

    /// Lists a file that is on its way, or for which there is no room.
    fn announce_file(&self, place: Place, source: &Source, room: bool) -> String {
        let mut coming = hold(&self.0.coming);
        coming.next += 1;
        let id = format!("coming-{}", coming.next);
        let state = if room {
            FileState::Reading
        } else {
            let text = format!("{FILES_MAX} files are the most for one question.");
            FileState::Refused {
                problem: Problem::new(Code::Refused, text),
            }
        };
        let files = coming.files.entry(place).or_default();
        files.push(Attachment {
            id: id.clone(),
            name: source.name(),
            kind: FileKind::Text,
            size: 0,
            state,
            pages: None,
            pixels: None,
            letters: None,
            trimmed: None,
            pictured: false,
        });
        forget_refused(files);
        id
    }

    fn settle_file(&self, place: Place, id: &str, problem: Option<Problem>) {
        let mut coming = hold(&self.0.coming);
        let Some(files) = coming.files.get_mut(&place) else {
            return;
        };
        match problem {
            None => files.retain(|file| file.id != id),
            Some(problem) => {
                if let Some(file) = files.iter_mut().find(|file| file.id == id) {
                    file.state = FileState::Refused { problem };
                }
                forget_refused(files);
            }
        }
    }

    /// Tells the windows what is attached there now.
    pub(crate) async fn tell_files(&self, place: Place) {
        if let Ok(files) = self.files_at(place).await {
            let conversation = place.map(|id| id.to_string());
            self.tell(&AppEvent::Files {
                conversation,
                files,
            });
        }
    }

    /// Takes a file out of what is being written, or its refusal off the list.
    ///
    /// # Errors
    /// It is not there, or it can't be stored.
    pub async fn remove_file(&self, id: &str) -> Result<(), Problem> {
        let known = {
            let mut coming = hold(&self.0.coming);
            let mut lists = coming.files.iter_mut();
            lists.find_map(|(place, files)| {
                let at = files.iter().position(|file| file.id == id)?;
                // One that is being read is on the list when that is done.
                if files[at].state != FileState::Reading {
                    files.remove(at);
                }
                Some(*place)
            })
        };
        let place = match known {
            Some(place) => place,
            None => {
                let id = file_id(id)?;
                self.stored(move |history| history.detach(id)).await?
            }
        };
        self.tell_files(place).await;
        Ok(())
    }

    /// Puts what is attached there into this order.
    ///
    /// # Errors
    /// One of them is not there, or it can't be stored.
    pub async fn arrange_files(
        &self,
        conversation: Option<&str>,
        ids: &[String],
    ) -> Result<(), Problem> {
        let place = place(conversation)?;
        // Those that are on their way have no place yet.
        let ids: Vec<_> = ids
            .iter()
            .take(FILES_MAX)
            .filter_map(|id| file_id(id).ok())
            .collect();
        self.stored(move |history| history.arrange(&ids)).await?;
        self.tell_files(place).await;
        Ok(())
    }

    /// Sends only so many letters of an attached text, or (`None`) all of them.
    ///
    /// # Errors
    /// It is not there, or it can't be stored.
    pub async fn trim_file(&self, id: &str, letters: Option<u64>) -> Result<(), Problem> {
        let id = file_id(id)?;
        let changed = self.stored(move |history| {
            let file = history.attachment(id)?;
            let mut details = Details::of(&file);
            details.trimmed = letters.filter(|n| details.letters.is_none_or(|all| *n < all));
            history.set_details(id, &details.json())?;
            history.draft_of(id)
        });
        let place = changed.await?;
        self.tell_files(place).await;
        Ok(())
    }

    /// What is attached to what is being written there, by the ids that the window shows.
    ///
    /// # Errors
    /// One is being read still, can't be attached, or is not there.
    pub(crate) async fn attached(
        &self,
        place: Place,
        ids: &[String],
    ) -> Result<Vec<history::Attachment>, Problem> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        if ids.iter().any(|id| id.starts_with("coming-")) {
            let text =
                "A file is still being read, or can't be attached. Wait a moment, or take it out.";
            return Err(Problem::new(Code::Refused, text));
        }
        let all = self.stored(move |history| history.attached(place)).await?;
        let find = |id: &String| {
            let found = all.iter().find(|file| file.id.to_string() == *id);
            found.cloned().ok_or_else(gone)
        };
        ids.iter().map(find).collect()
    }
}

fn gone() -> Problem {
    Problem::new(Code::Again, "This file is not there any more.")
}

/// Reads an id that came from the window.
fn file_id(id: &str) -> Result<AttachmentId, Problem> {
    id.parse().map_err(|e| problem::history(&e))
}
