//! Several models at once.

use causeway_core::{
    Core,
    wire::{Asked, CompareQuestion, Comparison, Conversation, Problem, ThreadEvent},
};
use tauri::{State, WebviewWindow, ipc::Channel};

#[tauri::command]
pub async fn compare_open(
    core: State<'_, Core>,
    window: WebviewWindow,
    conversation: String,
    channel: Channel<ThreadEvent>,
) -> Result<Comparison, Problem> {
    // A window that is gone gets nothing; it opens the comparison again when it is back.
    let sink = move |event| drop(channel.send(event));
    core.open_comparison(window.label(), &conversation, sink)
        .await
}

#[tauri::command]
pub async fn compare(core: State<'_, Core>, question: CompareQuestion) -> Result<Asked, Problem> {
    core.compare(question).await
}

#[tauri::command]
pub async fn compare_again(
    core: State<'_, Core>,
    conversation: String,
    place: u32,
) -> Result<Asked, Problem> {
    core.compare_again(&conversation, place).await
}

#[tauri::command]
pub async fn compare_reveal(core: State<'_, Core>, conversation: String) -> Result<(), Problem> {
    core.compare_reveal(&conversation).await
}

#[tauri::command]
pub async fn compare_choose(
    core: State<'_, Core>,
    conversation: String,
    place: u32,
) -> Result<Conversation, Problem> {
    core.compare_choose(&conversation, place).await
}
