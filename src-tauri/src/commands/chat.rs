//! Models, threads, answers.

use causeway_core::{
    Core,
    wire::{
        Asked, Copied, Edit, Found, Models, Part, Problem, Providers, Question, Span, Thread,
        ThreadEvent, ThreadPage, ThreadPlace,
    },
};
use tauri::{State, WebviewWindow, ipc::Channel};

#[tauri::command]
pub async fn models_list(core: State<'_, Core>) -> Result<Models, Problem> {
    Ok(core.models().await)
}

#[tauri::command]
pub async fn models_refresh(core: State<'_, Core>) -> Result<Models, Problem> {
    Ok(core.refresh_models().await)
}

#[tauri::command]
pub async fn model_providers(core: State<'_, Core>, model: String) -> Result<Providers, Problem> {
    Ok(core.providers(&model).await)
}

#[tauri::command]
pub async fn model_open(core: State<'_, Core>, model: String) -> Result<(), Problem> {
    core.open_model(&model).await
}

#[tauri::command]
pub async fn thread_open(
    core: State<'_, Core>,
    window: WebviewWindow,
    conversation: String,
    span: Option<Span>,
    channel: Channel<ThreadEvent>,
) -> Result<Thread, Problem> {
    // A window that is gone gets nothing; it opens the thread again when it is back.
    let sink = move |event| drop(channel.send(event));
    core.open_thread(window.label(), &conversation, span, sink)
        .await
}

#[tauri::command]
pub async fn thread_page(
    core: State<'_, Core>,
    window: WebviewWindow,
    conversation: String,
    place: ThreadPlace,
) -> Result<ThreadPage, Problem> {
    core.thread_page(window.label(), &conversation, place).await
}

#[tauri::command]
pub async fn thread_find(
    core: State<'_, Core>,
    conversation: String,
    words: String,
) -> Result<Found, Problem> {
    core.find_in_thread(&conversation, &words).await
}

#[tauri::command]
pub async fn thread_close(core: State<'_, Core>, window: WebviewWindow) -> Result<(), Problem> {
    core.close_thread(window.label()).await;
    Ok(())
}

#[tauri::command]
pub async fn send(core: State<'_, Core>, question: Question) -> Result<Asked, Problem> {
    core.ask(question).await
}

#[tauri::command]
pub async fn stop(core: State<'_, Core>, message: String) -> Result<(), Problem> {
    core.stop(&message).await
}

#[tauri::command]
pub async fn edit(core: State<'_, Core>, edit: Edit) -> Result<Asked, Problem> {
    core.edit(edit).await
}

#[tauri::command]
pub async fn retry(
    core: State<'_, Core>,
    message: String,
    model: Option<String>,
    max_tokens: Option<u32>,
) -> Result<Asked, Problem> {
    core.retry(&message, model, max_tokens).await
}

#[tauri::command]
pub async fn continue_answer(core: State<'_, Core>, message: String) -> Result<Asked, Problem> {
    core.continue_answer(&message).await
}

#[tauri::command]
pub async fn message_delete(core: State<'_, Core>, message: String) -> Result<(), Problem> {
    core.delete_message(&message).await
}

#[tauri::command]
pub async fn message_restore(core: State<'_, Core>, message: String) -> Result<(), Problem> {
    core.restore_message(&message).await
}

#[tauri::command]
pub async fn branch_select(
    core: State<'_, Core>,
    message: String,
    sibling: u32,
) -> Result<(), Problem> {
    core.select_branch(&message, sibling).await
}

#[tauri::command]
pub async fn message_copy(core: State<'_, Core>, message: String) -> Result<(), Problem> {
    core.copy_message(&message).await
}

#[tauri::command]
pub async fn message_copy_part(
    core: State<'_, Core>,
    message: String,
    part: Part,
) -> Result<Copied, Problem> {
    core.copy_part(&message, part).await
}
