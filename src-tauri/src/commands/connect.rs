//! Signing in.

use causeway_core::{
    Core,
    wire::{Problem, Way},
};
use tauri::State;

#[tauri::command]
pub async fn connect_start(core: State<'_, Core>, way: Way) -> Result<(), Problem> {
    core.connect(way)
}

#[tauri::command]
pub async fn connect_open_again(core: State<'_, Core>) -> Result<(), Problem> {
    core.open_again().await
}

#[tauri::command]
pub async fn connect_copy_link(core: State<'_, Core>) -> Result<(), Problem> {
    core.copy_link()
}

#[tauri::command]
pub async fn connect_cancel(core: State<'_, Core>) -> Result<(), Problem> {
    core.cancel_attempt();
    Ok(())
}

#[tauri::command]
pub async fn connect_paste(core: State<'_, Core>, text: String) -> Result<(), Problem> {
    core.paste(&text)
}

#[tauri::command]
pub async fn connect_with_key(core: State<'_, Core>, key: String) -> Result<(), Problem> {
    core.connect_with_key(key).await
}
