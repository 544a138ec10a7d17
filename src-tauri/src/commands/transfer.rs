//! Exports and imports. No path goes either way: the person names the files in the system's own dialogs.

use causeway_core::{
    Core,
    wire::{ExportForm, Exported, ImportReport, Problem, TransferProgress},
};
use tauri::{State, ipc::Channel};

/// Without ids all conversations; none when the person named no file.
#[tauri::command]
pub async fn export_save(
    core: State<'_, Core>,
    ids: Option<Vec<String>>,
    form: ExportForm,
    channel: Channel<TransferProgress>,
) -> Result<Option<Exported>, Problem> {
    let tell = move |progress| drop(channel.send(progress));
    core.export(ids.as_deref(), form, tell).await
}

/// None when the person chose no file.
#[tauri::command]
pub async fn import_choose(
    core: State<'_, Core>,
    channel: Channel<TransferProgress>,
) -> Result<Option<ImportReport>, Problem> {
    let tell = move |progress| drop(channel.send(progress));
    core.import_look(tell).await
}

#[tauri::command]
pub async fn import_run(
    core: State<'_, Core>,
    channel: Channel<TransferProgress>,
) -> Result<ImportReport, Problem> {
    let tell = move |progress| drop(channel.send(progress));
    core.import(tell).await
}

#[tauri::command]
pub async fn transfer_stop(core: State<'_, Core>) -> Result<(), Problem> {
    core.stop_transfer();
    Ok(())
}
