//! The menu bar of macOS. The other systems' windows have keys and the tray; a bar of menus is not their custom.

use crate::{desk, quick};
use causeway_core::wire::Action;
use tauri::{
    AppHandle,
    menu::{
        AboutMetadata, Menu, MenuBuilder, MenuEvent, MenuItem, MenuItemBuilder, SubmenuBuilder,
    },
};

/// An item of our own: its id, its words, its keys, and what it asks the window for.
type Item = (&'static str, &'static str, Option<&'static str>, Action);

const APP: Item = ("settings", "Settings…", Some("Cmd+,"), Action::Settings);
const NEW: Item = ("new", "New Chat", Some("Cmd+N"), Action::NewChat);
const FIND: Item = ("find", "Find…", Some("Cmd+F"), Action::Find);
const COPY_ANSWER: Item = (
    "copy-answer",
    "Copy Last Answer",
    Some("Shift+Cmd+C"),
    Action::CopyAnswer,
);
const VIEW: [Item; 4] = [
    (
        "sidebar",
        "Show or Hide Sidebar",
        Some("Cmd+B"),
        Action::Sidebar,
    ),
    (
        "usual-size",
        "Actual Size",
        Some("Cmd+0"),
        Action::UsualSize,
    ),
    ("larger", "Zoom In", Some("Cmd+="), Action::Larger),
    ("smaller", "Zoom Out", Some("Cmd+-"), Action::Smaller),
];
const CHAT: [Item; 4] = [
    ("models", "Choose Model…", Some("Cmd+M"), Action::Models),
    (
        "options",
        "Options and Personas…",
        Some("Cmd+O"),
        Action::Options,
    ),
    ("next", "Next Conversation", Some("Alt+Down"), Action::Next),
    (
        "previous",
        "Previous Conversation",
        Some("Alt+Up"),
        Action::Previous,
    ),
];
const SHORTCUTS: Item = ("shortcuts", "Keyboard Shortcuts", None, Action::Shortcuts);
const ABOUT: Item = ("about", "About This Version", None, Action::About);

fn all() -> impl Iterator<Item = Item> {
    let alone = [APP, NEW, FIND, COPY_ANSWER, SHORTCUTS, ABOUT];
    alone.into_iter().chain(VIEW).chain(CHAT)
}

/// Builds the whole bar.
///
/// # Errors
/// The system refuses.
pub fn bar(app: &AppHandle) -> tauri::Result<Menu<tauri::Wry>> {
    let item = |(id, words, keys, _): Item| own(app, id, words, keys);
    let about = AboutMetadata {
        name: Some("Causeway".into()),
        version: Some(env!("CARGO_PKG_VERSION").into()),
        ..AboutMetadata::default()
    };
    let causeway = SubmenuBuilder::new(app, "Causeway")
        .about(Some(about))
        .separator()
        .item(&item(APP)?)
        .item(&own(app, "lock", "Lock", Some("Cmd+L"))?)
        .separator()
        .services()
        .separator()
        .hide()
        .hide_others()
        .show_all()
        .separator()
        .quit()
        .build()?;
    let file = SubmenuBuilder::new(app, "File")
        .item(&item(NEW)?)
        .item(&own(app, "quick", "Quick Ask", None)?)
        .separator()
        .close_window()
        .build()?;
    let edit = SubmenuBuilder::new(app, "Edit")
        .undo()
        .redo()
        .separator()
        .cut()
        .copy()
        .paste()
        .select_all()
        .separator()
        .item(&item(FIND)?)
        .item(&item(COPY_ANSWER)?)
        .build()?;
    let mut view = SubmenuBuilder::new(app, "View");
    for each in VIEW {
        view = view.item(&item(each)?);
    }
    let view = view.separator().fullscreen().build()?;
    let mut chat = SubmenuBuilder::new(app, "Conversation");
    for each in CHAT {
        chat = chat.item(&item(each)?);
    }
    let chat = chat.build()?;
    let window = SubmenuBuilder::new(app, "Window")
        .minimize()
        .maximize()
        .separator()
        .bring_all_to_front()
        .build()?;
    let help = SubmenuBuilder::new(app, "Help")
        .item(&item(SHORTCUTS)?)
        .item(&item(ABOUT)?)
        .build()?;
    MenuBuilder::new(app)
        .items(&[&causeway, &file, &edit, &view, &chat, &window, &help])
        .build()
}

fn own(
    app: &AppHandle,
    id: &str,
    words: &str,
    keys: Option<&str>,
) -> tauri::Result<MenuItem<tauri::Wry>> {
    let item = MenuItemBuilder::with_id(id, words);
    match keys {
        Some(keys) => item.accelerator(keys).build(app),
        None => item.build(app),
    }
}

/// What an item of the bar does; the tray's items have other ids.
pub fn chosen(app: &AppHandle, event: &MenuEvent) {
    let id = event.id().as_ref();
    match id {
        "quick" => quick::open(app),
        "lock" => desk::lock(app),
        _ => {
            if let Some((.., action)) = all().find(|item| item.0 == id) {
                desk::ask(app, action);
            }
        }
    }
}
