//! What pages may reach, judged by the rules that ship: the context that the build made of the configuration, the
//! capabilities and the list of commands.

use crate::commands::COMMANDS;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};
use tauri::{
    App, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    ipc::{CallbackFn, InvokeBody},
    test::{INVOKE_KEY, MockRuntime, get_ipc_response},
    webview::InvokeRequest,
};
use url::Url;

const OWN: &str = if cfg!(windows) {
    "http://tauri.localhost/"
} else {
    "tauri://localhost/"
};

/// An app with the rules that ship, which notes the commands that got through them, and does nothing.
struct Gate {
    app: App<MockRuntime>,
    through: Arc<Mutex<Vec<String>>>,
}

impl Gate {
    fn new() -> Self {
        let through = Arc::<Mutex<Vec<String>>>::default();
        let noted = Arc::clone(&through);
        let app = tauri::test::mock_builder()
            .invoke_handler(move |invoke| {
                noted
                    .lock()
                    .unwrap()
                    .push(invoke.message.command().to_owned());
                invoke.resolver.resolve(());
                true
            })
            .build(tauri::generate_context!(test = true))
            .unwrap();
        Self { app, through }
    }

    fn window(&self, label: &str) -> WebviewWindow<MockRuntime> {
        let window = WebviewWindowBuilder::new(&self.app, label, WebviewUrl::default());
        window.build().unwrap()
    }

    /// Whether a page at this address, in this window, gets a command through.
    fn lets(&self, window: &WebviewWindow<MockRuntime>, command: &str, page: &str) -> bool {
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: Url::parse(page).unwrap(),
            body: InvokeBody::Json(Value::Null),
            headers: tauri::http::HeaderMap::default(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        self.through.lock().unwrap().clear();
        let answer = get_ipc_response(window, request);
        let through = self.through.lock().unwrap().contains(&command.to_owned());
        assert_eq!(answer.is_ok(), through, "{command} from {page}: {answer:?}");
        through
    }
}

fn granted(capability: &str) -> BTreeSet<String> {
    let file: Value = serde_json::from_str(capability).unwrap();
    let all = file["permissions"].as_array().unwrap().iter();
    let command = |name: &Value| {
        let name = name.as_str().unwrap();
        name.strip_prefix("allow-")
            .unwrap_or(name)
            .replace('-', "_")
    };
    all.map(command).collect()
}

#[test]
fn w1_no_page_but_the_apps_own_gets_a_command_through() {
    let gate = Gate::new();
    let main = gate.window("main");
    let allowed = granted(include_str!("../capabilities/main.json"));
    for command in COMMANDS.iter().filter(|name| allowed.contains(**name)) {
        assert!(gate.lets(&main, command, OWN), "{command}: the control");
        for page in [
            "https://evil.example/",
            "https://tauri.localhost.evil.example/",
            "http://tauri.localhost.evil.example/",
            "http://localhost:3000/",
            "http://127.0.0.1:1420/",
            "tauri://evil/",
            "file:///tmp/page.html",
            "data:text/html,x",
            "about:blank",
            "blob:https://evil.example/1",
        ] {
            assert!(!gate.lets(&main, command, page), "{command} from {page}");
        }
    }
}

#[test]
fn w2_a_window_gets_its_own_commands_through_and_no_other() {
    let gate = Gate::new();
    for (label, capability) in [
        ("main", include_str!("../capabilities/main.json")),
        ("quick", include_str!("../capabilities/quick.json")),
        ("other", r#"{"permissions": []}"#),
    ] {
        let (window, allowed) = (gate.window(label), granted(capability));
        for command in COMMANDS {
            let through = gate.lets(&window, command, OWN);
            assert_eq!(through, allowed.contains(*command), "{command} in {label}");
        }
        for command in [
            "no_such_command",
            "App_Snapshot",
            "app_snapshot ",
            "plugin:store|load",
            "plugin:store|save",
            "plugin:opener|open_url",
            "plugin:opener|open_path",
            "plugin:clipboard-manager|read_text",
            "plugin:clipboard-manager|write_text",
            "plugin:updater|check",
            "plugin:updater|download_and_install",
            "plugin:global-shortcut|register",
            "plugin:notification|notify",
            "plugin:window-state|filename",
            "plugin:window|set_title",
            "plugin:webview|create_webview_window",
            "plugin:event|listen",
            "plugin:event|emit",
            "plugin:path|resolve_directory",
            "plugin:app|version",
            "plugin:resources|close",
            "plugin:menu|new",
            "plugin:tray|new",
            "plugin:image|from_path",
        ] {
            assert!(!gate.lets(&window, command, OWN), "{command} in {label}");
        }
    }
}

/// The whole list, so that a change of it is seen as one.
#[test]
fn w3_what_each_window_may_do_is_this_and_nothing_else() {
    let quick = granted(include_str!("../capabilities/quick.json"));
    let expected = [
        "app_active",
        "app_painted",
        "app_snapshot",
        "app_subscribe",
        "clipboard_write",
        "continue_answer",
        "link_inspect",
        "link_open",
        "message_copy",
        "message_copy_part",
        "models_list",
        "page_open",
        "quick_close",
        "quick_leave",
        "retry",
        "send",
        "stop",
        "thread_close",
        "thread_open",
        "thread_page",
    ];
    assert_eq!(quick, expected.map(str::to_owned).into());
    let main = granted(include_str!("../capabilities/main.json"));
    let all: BTreeSet<String> = COMMANDS.iter().map(|name| (*name).to_owned()).collect();
    let rest: Vec<_> = all.difference(&main).collect();
    assert_eq!(
        rest,
        ["quick_close", "quick_leave"],
        "what the main window may not"
    );

    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/capabilities")).unwrap();
    let mut files: Vec<_> = folder.map(|file| file.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["main.json", "quick.json"]);
    for (name, text) in [
        ("main", include_str!("../capabilities/main.json")),
        ("quick", include_str!("../capabilities/quick.json")),
    ] {
        let file: Value = serde_json::from_str(text).unwrap();
        assert_eq!(file["windows"], json!([name]));
        for key in file.as_object().unwrap().keys() {
            let known = [
                "$schema",
                "identifier",
                "description",
                "windows",
                "permissions",
            ];
            assert!(
                known.contains(&key.as_str()),
                "{name} has {key}: remote pages, scopes, webviews"
            );
        }
        let plain = |name: &Value| name.as_str().is_some_and(|name| name.starts_with("allow-"));
        assert!(
            file["permissions"].as_array().unwrap().iter().all(plain),
            "{name}"
        );
    }
}

#[test]
fn w32_the_policy_names_no_stranger_and_lets_nothing_inline_run() {
    let config: Value = serde_json::from_str(include_str!("../tauri.conf.json")).unwrap();
    let security = &config["app"]["security"];
    assert_eq!(
        security["csp"],
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; \
         connect-src ipc: http://ipc.localhost; frame-src 'none'; object-src 'none'; base-uri 'none'; \
         form-action 'none'"
    );
    assert_eq!(security["freezePrototype"], true);
    assert_eq!(security["capabilities"], json!(["main", "quick"]));
    assert_eq!(
        security.as_object().unwrap().len(),
        3,
        "a switch was turned"
    );
    assert_eq!(config["app"]["withGlobalTauri"], false);
    assert_eq!(config["app"]["windows"], json!([]));
}

#[test]
fn w30_the_web_view_s_tools_are_in_no_build() {
    let workspace = include_str!("../../Cargo.toml");
    let tauri = workspace
        .lines()
        .find(|line| line.starts_with("tauri = "))
        .unwrap();
    assert!(
        tauri.contains("default-features = false") && !tauri.contains("devtools"),
        "{tauri}"
    );
    for manifest in [include_str!("../Cargo.toml"), workspace] {
        assert!(!manifest.contains("\"devtools\"") && !manifest.contains("/devtools"));
    }
}

/// The window's files as they are built into the program.
#[test]
fn w31_the_bundle_tells_nothing_of_who_built_it() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/dist");
    let mut folders = vec![folder];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("`cargo xtask test` builds the window") {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let name = path.display();
            assert!(path.extension().is_none_or(|kind| kind != "map"), "{name}");
            let bytes = std::fs::read(&path).unwrap();
            // The one address of this computer that is shown, as an example of what to paste.
            let text = String::from_utf8_lossy(&bytes).replace("http://localhost:3000/cb/", "");
            let home = std::env::var("HOME").unwrap_or_default();
            for told in [
                "sourceMappingURL",
                "TAURI_SIGNING",
                "TAURI_PRIVATE",
                "process.env",
                "import.meta.env",
                "/home/",
                "/Users/",
                "C:\\Users",
                "http://localhost:",
                "http://127.0.0.1",
                "ws://",
            ] {
                assert!(!text.contains(told), "{told} in {name}");
            }
            assert!(
                home.len() < 2 || !text.contains(&format!("{home}/")),
                "{home} in {name}"
            );
        }
    }
    assert!(files > 3, "nothing was looked at");
}
