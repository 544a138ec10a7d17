//! The app among the things of its system: menus, tray, shortcuts, drawing, updates.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a menu, the tray or another window asks the main window for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export, export_to = "wire.ts")]
pub enum Action {
    /// A new conversation.
    NewChat,
    /// This conversation.
    Show {
        /// Which.
        conversation: String,
    },
    /// The settings.
    Settings,
    /// What this app is.
    About,
    /// The list of keys.
    Shortcuts,
    /// The model picker.
    Models,
    /// How a model is asked.
    Options,
    /// Find in the conversation.
    Find,
    /// Show or hide the sidebar.
    Sidebar,
    /// Copy the last answer.
    CopyAnswer,
    /// The next conversation of the list.
    Next,
    /// The one before.
    Previous,
    /// Larger text.
    Larger,
    /// Smaller text.
    Smaller,
    /// Text of the usual size.
    UsualSize,
}

/// How this system lets the app be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Desk {
    /// Where this profile's files are.
    pub folder: String,
    /// There is an icon in the tray.
    pub tray: bool,
    /// Whether quick ask's shortcut works.
    pub quick_key: QuickKey,
    /// This app updates itself; false where a package manager does.
    pub updates: bool,
    /// How the window is drawn.
    pub drawing: Drawing,
}

/// Whether the system's shortcut for quick ask works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum QuickKey {
    /// Not wanted.
    Off,
    /// It opens quick ask.
    Works,
    /// Another program has it.
    Taken,
    /// This window system gives no app such a thing: its own settings can start `causeway --quick`.
    Unknown,
}

/// How the web view draws, on Linux; elsewhere always as usual.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub enum Drawing {
    /// By the graphics card, its memory shared with the window system.
    #[default]
    Usual,
    /// By the graphics card, handed over through ordinary memory.
    Shared,
    /// By the processor.
    Software,
}

/// A newer version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "wire.ts")]
pub struct Update {
    /// Its number.
    pub version: String,
    /// What changed, as plain text.
    pub notes: String,
}
