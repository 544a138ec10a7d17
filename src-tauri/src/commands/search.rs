//! Finding what was said, anywhere.

use causeway_core::{
    Core,
    wire::{Problem, SearchResult},
};
use tauri::State;

#[tauri::command]
pub async fn search(
    core: State<'_, Core>,
    text: String,
    utc_offset_min: i32,
    older: Option<i64>,
) -> Result<SearchResult, Problem> {
    core.search(&text, utc_offset_min, older).await
}

#[tauri::command]
pub async fn message_reveal(core: State<'_, Core>, message: String) -> Result<String, Problem> {
    core.reveal_message(&message).await
}
