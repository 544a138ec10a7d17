//! The key in hand.

use causeway_core::{
    Core,
    wire::{NewKey, Problem, Seal},
};
use tauri::State;

#[tauri::command]
pub async fn choose_seal(core: State<'_, Core>, seal: Seal) -> Result<(), Problem> {
    core.choose_seal(seal).await
}

#[tauri::command]
pub async fn vault_unlock(core: State<'_, Core>, passphrase: String) -> Result<(), Problem> {
    core.unlock(passphrase).await
}

#[tauri::command]
pub async fn vault_retry(core: State<'_, Core>) -> Result<(), Problem> {
    core.retry_vault().await;
    Ok(())
}

#[tauri::command]
pub async fn vault_lock(core: State<'_, Core>) -> Result<(), Problem> {
    core.lock().await
}

#[tauri::command]
pub async fn seal_change(
    core: State<'_, Core>,
    seal: Seal,
    current: Option<String>,
) -> Result<(), Problem> {
    core.change_seal(seal, current).await
}

#[tauri::command]
pub async fn keychain_probe(core: State<'_, Core>) -> Result<(), Problem> {
    core.probe_keychain().await
}

#[tauri::command]
pub async fn disconnect(core: State<'_, Core>) -> Result<(), Problem> {
    core.disconnect().await
}

#[tauri::command]
pub async fn account_refresh(core: State<'_, Core>) -> Result<(), Problem> {
    core.refresh_account().await
}

#[tauri::command]
pub async fn key_renew(core: State<'_, Core>, wish: NewKey) -> Result<(), Problem> {
    core.renew_key(&wish)
}

#[tauri::command]
pub async fn key_renew_cancel(core: State<'_, Core>) -> Result<(), Problem> {
    core.cancel_renewal();
    Ok(())
}

#[tauri::command]
pub async fn key_previous_forget(core: State<'_, Core>) -> Result<(), Problem> {
    core.forget_previous_key();
    Ok(())
}
