//! The list of conversations, how they are asked, the drafts, and the personas.

use causeway_core::{
    Core,
    wire::{
        Conversation, Folder, Options, Persona, PersonaDraft, Problem, Shelf, ShelfChange, Shelves,
    },
};
use tauri::State;

#[tauri::command]
pub async fn conversations_list(
    core: State<'_, Core>,
    shelf: Shelf,
    after: Option<String>,
) -> Result<Vec<Conversation>, Problem> {
    core.conversations(shelf, after.as_deref()).await
}

#[tauri::command]
pub async fn conversations_change(
    core: State<'_, Core>,
    ids: Vec<String>,
    change: ShelfChange,
) -> Result<Vec<Conversation>, Problem> {
    core.change_conversations(&ids, change).await
}

/// Without ids the whole trash.
#[tauri::command]
pub async fn conversations_purge(
    core: State<'_, Core>,
    ids: Option<Vec<String>>,
) -> Result<(), Problem> {
    core.purge(ids.as_deref()).await
}

#[tauri::command]
pub async fn shelves_list(core: State<'_, Core>) -> Result<Shelves, Problem> {
    core.shelves().await
}

#[tauri::command]
pub async fn conversation_forget(core: State<'_, Core>, id: String) -> Result<(), Problem> {
    core.forget(&id).await
}

#[tauri::command]
pub async fn folder_create(core: State<'_, Core>, name: String) -> Result<Folder, Problem> {
    core.create_folder(&name).await
}

#[tauri::command]
pub async fn folder_rename(core: State<'_, Core>, id: String, name: String) -> Result<(), Problem> {
    core.rename_folder(&id, &name).await
}

#[tauri::command]
pub async fn folder_delete(core: State<'_, Core>, id: String) -> Result<(), Problem> {
    core.delete_folder(&id).await
}

#[tauri::command]
pub async fn conversation_rename(
    core: State<'_, Core>,
    id: String,
    title: String,
) -> Result<Conversation, Problem> {
    core.rename(&id, &title).await
}

#[tauri::command]
pub async fn conversation_set_model(
    core: State<'_, Core>,
    id: String,
    model: String,
) -> Result<Conversation, Problem> {
    core.set_model(&id, model).await
}

#[tauri::command]
pub async fn conversation_set_options(
    core: State<'_, Core>,
    id: String,
    options: Options,
    model: Option<String>,
) -> Result<Conversation, Problem> {
    core.set_options(&id, options, model).await
}

#[tauri::command]
pub async fn personas_list(core: State<'_, Core>) -> Result<Vec<Persona>, Problem> {
    core.personas().await
}

#[tauri::command]
pub async fn persona_save(
    core: State<'_, Core>,
    persona: PersonaDraft,
) -> Result<Persona, Problem> {
    core.save_persona(persona).await
}

#[tauri::command]
pub async fn persona_delete(core: State<'_, Core>, id: String) -> Result<(), Problem> {
    core.delete_persona(&id).await
}

#[tauri::command]
pub async fn draft_get(
    core: State<'_, Core>,
    conversation: Option<String>,
) -> Result<String, Problem> {
    core.draft(conversation.as_deref()).await
}

#[tauri::command]
pub async fn draft_set(
    core: State<'_, Core>,
    conversation: Option<String>,
    text: String,
) -> Result<(), Problem> {
    core.set_draft(conversation.as_deref(), text).await
}

#[tauri::command]
pub async fn revision_get(
    core: State<'_, Core>,
    message: String,
) -> Result<Option<String>, Problem> {
    core.revision(&message).await
}

#[tauri::command]
pub async fn revision_set(
    core: State<'_, Core>,
    message: String,
    text: Option<String>,
) -> Result<(), Problem> {
    core.set_revision(&message, text).await
}
