//! Where the conversations lie, and the copies of them.

use causeway_core::{
    Core,
    wire::{CopyKind, DataPlace, Problem, ProblemCode},
};
use tauri::{AppHandle, State};
use tauri_plugin_opener::OpenerExt;

#[tauri::command]
pub async fn data_place(core: State<'_, Core>) -> Result<DataPlace, Problem> {
    core.data_place().await
}

#[tauri::command]
pub async fn data_folder_open(core: State<'_, Core>, app: AppHandle) -> Result<(), Problem> {
    let folder = core.folder().display().to_string();
    let failed = |_| {
        let text =
            "The system has nothing that opens folders. Its path stands above: open it by hand.";
        Problem::new(ProblemCode::Refused, text)
    };
    app.opener().open_path(folder, None::<&str>).map_err(failed)
}

#[tauri::command]
pub async fn data_move(core: State<'_, Core>) -> Result<Option<DataPlace>, Problem> {
    core.move_data().await
}

#[tauri::command]
pub async fn copy_now(core: State<'_, Core>) -> Result<DataPlace, Problem> {
    core.copy_now().await
}

#[tauri::command]
pub async fn copy_bring_back(core: State<'_, Core>, kind: CopyKind) -> Result<DataPlace, Problem> {
    core.bring_back(kind).await
}

#[tauri::command]
pub async fn data_begin_anew(core: State<'_, Core>) -> Result<DataPlace, Problem> {
    core.begin_anew().await
}
