//! The window's commands: unpack, call the core, pass its answer on. All are async, so none runs on the main thread.

mod account;
mod app;
mod chat;
mod compare;
mod connect;
mod conversations;
mod data;
mod files;
#[cfg(test)]
mod list;
mod search;
mod transfer;

#[cfg(test)]
pub use list::COMMANDS;
use tauri::ipc::Invoke;

/// The one handler of all commands.
pub fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        app::app_snapshot,
        app::app_subscribe,
        app::app_active,
        app::app_painted,
        app::desk_facts,
        app::drawing_reset,
        app::quick_close,
        app::quick_leave,
        app::update_check,
        app::update_install,
        app::settings_set,
        app::clipboard_write,
        app::link_inspect,
        app::link_open,
        app::page_open,
        connect::connect_start,
        connect::connect_open_again,
        connect::connect_copy_link,
        connect::connect_cancel,
        connect::connect_paste,
        connect::connect_with_key,
        account::choose_seal,
        account::vault_unlock,
        account::vault_retry,
        account::vault_lock,
        account::seal_change,
        account::keychain_probe,
        account::disconnect,
        account::account_refresh,
        account::key_renew,
        account::key_renew_cancel,
        account::key_previous_forget,
        chat::models_list,
        chat::models_refresh,
        chat::model_providers,
        chat::model_open,
        conversations::conversations_list,
        conversations::conversation_rename,
        conversations::conversations_change,
        conversations::conversations_purge,
        conversations::shelves_list,
        conversations::conversation_forget,
        data::data_place,
        data::data_folder_open,
        data::data_move,
        data::copy_now,
        data::copy_bring_back,
        data::data_begin_anew,
        transfer::export_save,
        transfer::import_choose,
        transfer::import_run,
        transfer::transfer_stop,
        conversations::folder_create,
        conversations::folder_rename,
        conversations::folder_delete,
        conversations::conversation_set_model,
        conversations::conversation_set_options,
        conversations::personas_list,
        conversations::persona_save,
        conversations::persona_delete,
        conversations::draft_get,
        conversations::draft_set,
        conversations::revision_get,
        conversations::revision_set,
        files::files_list,
        files::files_pick,
        files::file_paste,
        files::file_remove,
        files::files_arrange,
        files::file_trim,
        files::file_picture,
        files::file_text,
        files::file_save,
        files::file_open,
        files::file_copy,
        files::file_reuse,
        files::files_temporary,
        chat::thread_open,
        chat::thread_page,
        chat::thread_find,
        chat::thread_close,
        chat::send,
        compare::compare_open,
        compare::compare,
        compare::compare_again,
        compare::compare_reveal,
        compare::compare_choose,
        chat::edit,
        chat::stop,
        chat::retry,
        chat::continue_answer,
        chat::message_delete,
        chat::message_restore,
        chat::branch_select,
        search::search,
        search::message_reveal,
        chat::message_copy,
        chat::message_copy_part,
    ]
}

#[cfg(test)]
mod tests {
    use super::list::COMMANDS;
    use std::collections::BTreeSet;

    fn set<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
        names.map(str::to_owned).collect()
    }

    #[test]
    fn handlers_permissions_and_the_windows_calls_are_the_same_list() {
        let listed = set(COMMANDS.iter().copied());
        assert_eq!(listed.len(), COMMANDS.len(), "a command stands twice");

        let source = include_str!("commands.rs");
        let handlers = source
            .split("generate_handler![")
            .nth(1)
            .and_then(|s| s.split(']').next());
        let handlers = handlers
            .unwrap()
            .split(',')
            .filter_map(|h| h.trim().split("::").nth(1));
        assert_eq!(set(handlers), listed, "the handler and the list differ");

        let granted = |capability: &str| {
            let file: serde_json::Value = serde_json::from_str(capability).unwrap();
            let all = file["permissions"].as_array().unwrap().iter();
            let names = all.map(|p| p.as_str().unwrap().replace('-', "_"));
            names
                .map(|p| p.strip_prefix("allow_").map_or(p.clone(), str::to_owned))
                .collect::<BTreeSet<_>>()
        };
        let of_quick = granted(include_str!("../capabilities/quick.json"));
        let granted = granted(include_str!("../capabilities/main.json"));
        let both = granted.union(&of_quick).cloned().collect::<BTreeSet<_>>();
        assert_eq!(both, listed, "the capabilities grant something else");

        let window = include_str!("../../ui/src/host/commands.ts");
        let called = window
            .split(['\'', '"'])
            .filter(|word| listed.contains(*word));
        assert_eq!(
            set(called),
            listed,
            "the window does not call every command"
        );
        for call in window.split("invoke").skip(1) {
            let name = call.split(['\'', '"']).nth(1).unwrap_or_default();
            assert!(
                call.starts_with(" }") || call.starts_with(",") || listed.contains(name),
                "the window calls {name:?}, which is no command"
            );
        }
    }
}
