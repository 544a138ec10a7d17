//! The app as a whole.

use crate::{desk, desk::Desk, quick, updates, window};
use causeway_core::{
    Core,
    wire::{Action, AppEvent, Desk as Facts, Link, Page, Problem, Settings, Snapshot, Update},
};
use tauri::{AppHandle, Manager, State, WebviewWindow, ipc::Channel};

#[tauri::command]
pub async fn app_snapshot(core: State<'_, Core>) -> Result<Snapshot, Problem> {
    Ok(core.snapshot().await)
}

#[tauri::command]
pub async fn app_subscribe(
    core: State<'_, Core>,
    desk: State<'_, Desk>,
    window: WebviewWindow,
    channel: Channel<AppEvent>,
) -> Result<(), Problem> {
    let waited = match window.label() {
        window::MAIN => desk.waited(),
        _ => Vec::new(),
    };
    let early = channel.clone();
    // A window that is gone gets nothing; it asks for a snapshot when it is back.
    core.subscribe(window.label(), move |event| drop(channel.send(event)));
    waited.into_iter().for_each(|event| drop(early.send(event)));
    Ok(())
}

#[tauri::command]
pub async fn app_active(core: State<'_, Core>) -> Result<(), Problem> {
    core.active();
    Ok(())
}

/// The window has painted: what can wait for that begins now.
#[tauri::command]
pub async fn app_painted(
    app: AppHandle,
    core: State<'_, Core>,
    desk: State<'_, Desk>,
) -> Result<(), Problem> {
    if desk.painted() {
        crate::notify::start(&app);
        desk::follow(&app, &core.settings());
        updates::look_at_start(&app);
    }
    Ok(())
}

#[tauri::command]
pub async fn desk_facts(app: AppHandle, desk: State<'_, Desk>) -> Result<Facts, Problem> {
    Ok(desk.facts(&app))
}

/// Draws as usual from the next start on.
#[tauri::command]
pub async fn drawing_reset(desk: State<'_, Desk>) -> Result<(), Problem> {
    desk.renderer.forget();
    Ok(())
}

#[tauri::command]
pub async fn quick_close(app: AppHandle) -> Result<(), Problem> {
    if let Some(window) = app.get_webview_window(quick::QUICK) {
        // It is one of its kind: what is not closed now is when it is asked for again.
        let _ = window.close();
    }
    Ok(())
}

/// Goes on in the main window with this conversation, or as it is there.
#[tauri::command]
pub async fn quick_leave(app: AppHandle, conversation: Option<String>) -> Result<(), Problem> {
    match conversation {
        Some(conversation) => desk::ask(&app, Action::Show { conversation }),
        None => window::come(&app),
    }
    quick_close(app).await
}

#[tauri::command]
pub async fn update_check(app: AppHandle) -> Result<Option<Update>, Problem> {
    updates::check(&app).await
}

/// Puts in place what was found, and starts it.
#[tauri::command]
pub async fn update_install(app: AppHandle, progress: Channel<u32>) -> Result<(), Problem> {
    // A window that is gone needs no percents.
    updates::install(&app, |percent| drop(progress.send(percent))).await?;
    app.request_restart();
    Ok(())
}

#[tauri::command]
pub async fn settings_set(
    core: State<'_, Core>,
    app: AppHandle,
    settings: Settings,
) -> Result<Settings, Problem> {
    let set = core.set_settings(settings);
    // What could not be stored holds all the same.
    desk::follow(&app, &core.settings());
    set
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
