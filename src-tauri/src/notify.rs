//! Tells of a long answer that ended while nobody looked.

use crate::window;
use causeway_core::Core;
use std::time::Duration;
use tauri::{AppHandle, Manager};
use tauri_plugin_notification::NotificationExt;

/// Shorter ones are waited for.
const LONG: Duration = Duration::from_secs(10);

/// A press on a notification brings the window forward.
pub fn start(app: &AppHandle) {
    let handle = app.clone();
    let listening = app.notification().on_action(move |_| window::come(&handle));
    if let Err(error) = listening {
        tracing::warn!(%error, "a press on a notification will do nothing");
    }
}

/// An answer ended after this time, in the conversation of this title.
pub fn answered(app: &AppHandle, title: &str, took: Duration) {
    let wanted = || {
        app.try_state::<Core>()
            .is_some_and(|core| core.settings().notify)
    };
    let looking = || {
        app.webview_windows()
            .values()
            .any(|window| window.is_focused().unwrap_or(false))
    };
    if !tells(took, wanted, looking) {
        return;
    }
    let notification = app.notification().builder().title("Your answer is here");
    if let Err(error) = notification.body(title).show() {
        tracing::warn!(%error, "the end of an answer could not be told");
    }
}

fn tells(took: Duration, wanted: impl Fn() -> bool, looking: impl Fn() -> bool) -> bool {
    took >= LONG && wanted() && !looking()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_long_answer_that_nobody_sees_is_told_and_only_to_who_wants_it() {
        let long = Duration::from_secs(10);
        let short = Duration::from_secs(9);
        let tells = |took, wanted, looking| tells(took, || wanted, || looking);
        assert!(tells(long, true, false));
        assert!(!tells(short, true, false));
        assert!(!tells(long, false, false));
        assert!(!tells(long, true, true));
    }
}
