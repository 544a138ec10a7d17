//! The app as a whole.

use causeway_core::{
    Core,
    wire::{AppEvent, Link, Page, Problem, Settings, Snapshot},
};
use tauri::{AppHandle, State, WebviewWindow, ipc::Channel};

#[tauri::command]
pub async fn app_snapshot(core: State<'_, Core>) -> Result<Snapshot, Problem> {
    Ok(core.snapshot().await)
}

#[tauri::command]
pub async fn app_subscribe(
    core: State<'_, Core>,
    window: WebviewWindow,
    channel: Channel<AppEvent>,
) -> Result<(), Problem> {
    // A window that is gone gets nothing; it asks for a snapshot when it is back.
    core.subscribe(window.label(), move |event| drop(channel.send(event)));
    Ok(())
}

#[tauri::command]
pub async fn app_active(core: State<'_, Core>) -> Result<(), Problem> {
    core.active();
    Ok(())
}

#[tauri::command]
pub async fn settings_set(
    core: State<'_, Core>,
    app: AppHandle,
    settings: Settings,
) -> Result<Settings, Problem> {
    crate::window::paint(&app, settings.theme);
    core.set_settings(settings)
}

#[tauri::command]
pub async fn clipboard_write(core: State<'_, Core>, text: String) -> Result<(), Problem> {
    core.copy(&text)
}

#[tauri::command]
pub async fn link_inspect(core: State<'_, Core>, href: String) -> Result<Link, Problem> {
    core.inspect_link(&href)
}

#[tauri::command]
pub async fn link_open(core: State<'_, Core>, href: String) -> Result<(), Problem> {
    core.open_link(&href).await
}

#[tauri::command]
pub async fn page_open(core: State<'_, Core>, page: Page) -> Result<(), Problem> {
    core.open_page(page).await
}
