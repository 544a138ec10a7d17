//! What is attached. No path goes either way: files are chosen in the system's dialog or dropped on the window.

use causeway_core::{
    Core,
    wire::{Attachment, Problem, ProblemCode},
};
use tauri::{
    State, WebviewWindow,
    ipc::{InvokeBody, Request},
};

#[tauri::command]
pub async fn files_list(
    core: State<'_, Core>,
    conversation: Option<String>,
) -> Result<Vec<Attachment>, Problem> {
    core.files(conversation.as_deref()).await
}

#[tauri::command]
pub async fn files_pick(
    core: State<'_, Core>,
    conversation: Option<String>,
) -> Result<(), Problem> {
    core.pick_files(conversation.as_deref()).await
}

/// The bytes are the message itself; what they belong to stands in its head, percent-encoded.
#[tauri::command]
pub async fn file_paste(core: State<'_, Core>, request: Request<'_>) -> Result<(), Problem> {
    let bytes = match request.body() {
        InvokeBody::Raw(bytes) => bytes.clone(),
        // Where the system has no way for bytes, they come as a list of numbers.
        InvokeBody::Json(json) => serde_json::from_value(json.clone()).map_err(|_| unread())?,
    };
    let head = |name: &str| {
        let value = request.headers().get(name)?.to_str().ok()?;
        let pairs: Vec<_> = url::form_urlencoded::parse(value.as_bytes()).collect();
        pairs.first().map(|(text, _)| text.clone().into_owned())
    };
    let conversation = head("conversation").filter(|id| !id.is_empty());
    let name = head("name").unwrap_or_default();
    core.paste_file(conversation.as_deref(), name, bytes).await
}

fn unread() -> Problem {
    Problem::new(
        ProblemCode::Again,
        "What was pasted could not be read. Attach it as a file.",
    )
}

#[tauri::command]
pub async fn file_remove(core: State<'_, Core>, id: String) -> Result<(), Problem> {
    core.remove_file(&id).await
}

#[tauri::command]
pub async fn files_arrange(
    core: State<'_, Core>,
    conversation: Option<String>,
    ids: Vec<String>,
) -> Result<(), Problem> {
    core.arrange_files(conversation.as_deref(), &ids).await
}

#[tauri::command]
pub async fn file_trim(
    core: State<'_, Core>,
    id: String,
    letters: Option<u64>,
) -> Result<(), Problem> {
    core.trim_file(&id, letters).await
}

#[tauri::command]
pub async fn file_picture(
    core: State<'_, Core>,
    id: String,
    whole: bool,
) -> Result<String, Problem> {
    core.file_picture(&id, whole).await
}

#[tauri::command]
pub async fn file_text(core: State<'_, Core>, id: String) -> Result<String, Problem> {
    core.file_text(&id).await
}

#[tauri::command]
pub async fn file_save(core: State<'_, Core>, id: String) -> Result<(), Problem> {
    core.save_file(&id).await
}

#[tauri::command]
pub async fn file_open(core: State<'_, Core>, id: String) -> Result<(), Problem> {
    core.open_file(&id).await
}

#[tauri::command]
pub async fn file_copy(core: State<'_, Core>, id: String) -> Result<(), Problem> {
    core.copy_picture(&id).await
}

#[tauri::command]
pub async fn file_reuse(
    core: State<'_, Core>,
    id: String,
    conversation: String,
) -> Result<(), Problem> {
    core.reuse_file(&id, &conversation).await
}

#[tauri::command]
pub async fn files_temporary(
    core: State<'_, Core>,
    window: WebviewWindow,
    on: bool,
) -> Result<(), Problem> {
    core.begins_temporary(window.label(), on);
    Ok(())
}
