//! The window's fence, from inside: a script that got in goes nowhere, loads nothing and changes nothing for the bridge.

use crate::{
    harness::{App, Desk, alone, patiently},
    journey::choose,
};
use emulator::Config;
use fantoccini::{
    actions::{InputSource, MouseActions, PointerAction},
    key::Key,
};
use serde_json::{Value, json};
use std::{
    fs,
    io::Read,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// Counts who comes, and answers nobody.
fn beacon() -> (u16, Arc<AtomicUsize>) {
    let socket = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = socket.local_addr().unwrap().port();
    let came = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&came);
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = socket.accept() {
            let _ = stream.read(&mut [0; 64]);
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, came)
}

async fn knows(app: &App, script: &str, what: &str) {
    patiently(what, || async {
        (app.run(script).await == true).then_some(())
    })
    .await;
}

/// The page is ours, whole, and still talks to the core.
async fn is_whole(app: &App, mark: &str) {
    let seen = app
        .page
        .execute_async(
            "const done = arguments[0];
             window.__TAURI_INTERNALS__.invoke('app_snapshot')
                .then((s) => done([location.href, window.__mark ?? '', s.phase.kind]), (e) => done([String(e)]));",
            vec![],
        )
        .await
        .unwrap();
    assert_eq!(seen, json!(["tauri://localhost", mark, "connected"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn w9_w29_no_script_click_or_key_leads_out_of_the_window() {
    let _alone = alone().await;
    let (port, came) = beacon();
    let out = format!("http://127.0.0.1:{port}/out");
    let desk = Desk::with(Config {
        tokens_per_second: 20_000.0,
        ..Config::default()
    })
    .await;
    let app = desk.connected(None).await;
    choose(&app, "emulator/echo").await;
    app.ask(&format!("[a link]({out})")).await;
    app.answered().await;
    app.run("window.__mark = 'here'").await;

    for target in [
        out.as_str(),
        "https://evil.example/",
        "file:///etc/passwd",
        "data:text/html,<h1>x</h1>",
        "about:blank",
    ] {
        for way in [
            "location.href = to",
            "location.assign(to)",
            "location.replace(to)",
            "window.open(to)",
            "window.open(to, '_self')",
            "const a = Object.assign(document.createElement('a'), { href: to }); document.body.append(a); a.click(); a.remove()",
            "const a = Object.assign(document.createElement('a'), { href: to, target: '_blank', ping: to }); document.body.append(a); a.click(); a.remove()",
            "const f = Object.assign(document.createElement('form'), { action: to }); document.body.append(f); f.submit(); f.remove()",
            "const m = Object.assign(document.createElement('meta'), { httpEquiv: 'refresh', content: `0;url=${to}` }); document.head.append(m); m.remove()",
            "const i = Object.assign(document.createElement('iframe'), { src: to }); document.body.append(i); i.remove()",
        ] {
            // What is refused may throw; that is as good.
            let script = format!("try {{ const to = arguments[0]; {way} }} catch {{}}");
            app.page
                .execute(&script, vec![Value::from(target)])
                .await
                .unwrap();
        }
        is_whole(&app, "here").await;
    }

    // A link of an answer, by the mouse in every way and by the key: a question at most, never a way.
    let link = "document.querySelector('.prose [data-href]')";
    app.sees(".prose [data-href]").await.click().await.unwrap();
    app.sees("dialog[open]").await;
    is_whole(&app, "here").await;
    for event in [
        "new MouseEvent('click', {bubbles: true, cancelable: true, ctrlKey: true})",
        "new MouseEvent('click', {bubbles: true, cancelable: true, shiftKey: true})",
        "new MouseEvent('click', {bubbles: true, cancelable: true, metaKey: true})",
        "new MouseEvent('auxclick', {bubbles: true, cancelable: true, button: 1})",
        "new MouseEvent('dblclick', {bubbles: true, cancelable: true})",
        "new KeyboardEvent('keydown', {bubbles: true, cancelable: true, key: 'Enter'})",
        "new KeyboardEvent('keydown', {bubbles: true, cancelable: true, key: 'Enter', ctrlKey: true})",
        "new DragEvent('dragend', {bubbles: true})",
    ] {
        app.run(&format!("{link}.dispatchEvent({event})")).await;
        is_whole(&app, "here").await;
    }
    assert_eq!(
        came.load(Ordering::SeqCst),
        0,
        "somebody came to the beacon"
    );
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w10_no_answer_makes_the_web_view_ask_for_anything() {
    let _alone = alone().await;
    let (port, came) = beacon();
    let desk = Desk::with(Config {
        tokens_per_second: 20_000.0,
        ..Config::default()
    })
    .await;
    let app = desk.connected(None).await;
    let broken = "window.__broken = 0; document.addEventListener('securitypolicyviolation', () => window.__broken++);";
    app.run(broken).await;
    choose(&app, "emulator/echo").await;
    let at = |n: u32| format!("http://127.0.0.1:{port}/{n}");
    let answer = [
        format!("![inline]({})", at(1)),
        format!("![reference][r] ![r]\n\n[r]: {} \"title\"", at(2)),
        format!("<img src=\"{}\" srcset=\"{} 2x\">", at(3), at(4)),
        format!("<{}>", at(5)),
        at(6),
        format!("<p style=\"background: url({})\">x</p>", at(7)),
        format!(
            "<svg><image href=\"{}\"/><use href=\"{}#a\"/></svg>",
            at(8),
            at(9)
        ),
        format!(
            "<link rel=\"icon\" href=\"{}\"><link rel=\"prefetch\" href=\"{}\">",
            at(10),
            at(11)
        ),
        format!(
            "<link rel=\"dns-prefetch\" href=\"{}\"><link rel=\"preconnect\" href=\"{}\">",
            at(12),
            at(13)
        ),
        format!(
            "<style>@font-face {{ font-family: x; src: url({}) }} * {{ font-family: x }}</style>",
            at(14)
        ),
        format!(
            "<video poster=\"{}\"><source src=\"{}\"></video><audio src=\"{}\">",
            at(15),
            at(16),
            at(17)
        ),
        format!(
            "<iframe src=\"{}\"></iframe><object data=\"{}\"></object><embed src=\"{}\">",
            at(18),
            at(19),
            at(20)
        ),
        format!(
            "<script src=\"{}\"></script><base href=\"{}\"><form action=\"{}\">",
            at(21),
            at(22),
            at(23)
        ),
        format!(
            "[link]({} \"title\")\n\n```html\n<img src=\"{}\">\n```\n\n| ![cell]({}) |\n|---|\n| x |",
            at(24),
            at(25),
            at(26)
        ),
    ];
    app.ask(&answer.join("\n\n").replace('\n', " \u{2028}"))
        .await;
    app.answered().await;
    let text = answer.join("\n\n");
    let script = "const field = document.querySelector('form textarea'); \
        Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(field, arguments[0]); \
        field.dispatchEvent(new Event('input', { bubbles: true }));";
    app.page
        .execute(script, vec![Value::from(text)])
        .await
        .unwrap();
    app.press("Send").await;
    knows(
        &app,
        "return document.querySelectorAll('article[aria-busy]').length === 2",
        "the second answer",
    )
    .await;
    app.answered().await;
    // The web view asks for a picture within a frame or two of seeing it.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(
        came.load(Ordering::SeqCst),
        0,
        "somebody came to the beacon"
    );
    assert_eq!(
        app.run("return window.__broken").await,
        0,
        "the policy had to help"
    );

    // The second fence, the policy, holds where the first is missing; and the beacon does count.
    let planted = "const i = new Image(); i.src = arguments[0]; document.body.append(i); \
                   fetch(arguments[0]).catch(() => {}); navigator.sendBeacon?.(arguments[0], 'x')";
    app.page
        .execute(planted, vec![Value::from(at(30))])
        .await
        .unwrap();
    knows(&app, "return window.__broken > 0", "the policy's refusal").await;
    assert_eq!(
        came.load(Ordering::SeqCst),
        0,
        "the policy let a request out"
    );
    drop(std::net::TcpStream::connect(("127.0.0.1", port)).unwrap());
    patiently("the beacon", || async {
        (came.load(Ordering::SeqCst) == 1).then_some(())
    })
    .await;
    app.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w30_w32_w33_the_window_is_no_browser_and_its_script_cannot_be_turned() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(None).await;
    app.run(
        "window.__mark = 'here'; window.__broken = 0; window.__menus = []; \
         document.addEventListener('securitypolicyviolation', () => window.__broken++); \
         window.addEventListener('contextmenu', (e) => window.__menus.push(e.defaultPrevented));",
    )
    .await;
    let heading = app.sees("h1").await;
    let right = MouseActions::new("mouse".into())
        .then(PointerAction::MoveToElement {
            element: heading,
            duration: None,
            x: 0.0,
            y: 0.0,
        })
        .then(PointerAction::Down { button: 2 })
        .then(PointerAction::Up { button: 2 });
    app.page.perform_actions(right).await.unwrap();
    app.page.release_actions().await.unwrap();
    knows(
        &app,
        "return window.__menus.length === 1 && window.__menus[0]",
        "a menu that is not shown",
    )
    .await;
    let field = app.sees("form textarea").await;
    for keys in [
        String::from(char::from(Key::F5)),
        format!("{}r", char::from(Key::Control)),
    ] {
        field.send_keys(&keys).await.unwrap();
        field
            .send_keys(&String::from(char::from(Key::Null)))
            .await
            .unwrap();
    }
    is_whole(&app, "here").await;

    assert_eq!(app.run("return window.__broken").await, 0, "in normal use");
    // Whoever breaks the policy is told all of it.
    let policy = app
        .page
        .execute_async(
            "const done = arguments[0];
             document.addEventListener('securitypolicyviolation', (e) => done(e.originalPolicy), { once: true });
             document.body.append(Object.assign(new Image(), { src: 'https://evil.example/x.png' }));",
            vec![],
        )
        .await
        .unwrap();
    let policy = policy.as_str().unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    for weak in [
        "unsafe-inline",
        "unsafe-eval",
        "*",
        "https:",
        "http://localhost",
    ] {
        assert!(!policy.contains(weak), "{weak} in {policy}");
    }

    // What a script plants in the prototypes reaches no message of the bridge.
    let planted = app
        .page
        .execute_async(
            "const done = arguments[0];
             try { Object.prototype.toJSON = () => ({ planted: true }); } catch {}
             try { Object.prototype.planted = 'planted'; } catch {}
             try { Object.defineProperty(Object.prototype, 'message', { value: 'planted' }); } catch {}
             window.__TAURI_INTERNALS__.invoke('link_inspect', { href: 'https://example.com/' })
                .then((link) => done([link.host, Object.prototype.planted ?? null, Object.isFrozen(Object.prototype)]),
                      (e) => done([String(e)]));",
            vec![],
        )
        .await
        .unwrap();
    assert_eq!(planted, json!(["example.com", null, true]));
    app.quit().await;
}

/// What anybody could put into any argument.
const GARBAGE: &str = "
    let deep = 0;
    for (let n = 0; n < 2000; n += 1) deep = [deep];
    const values = [null, undefined, 0, -1, 1e308, NaN, true, '', 'x'.repeat(100_000), [], {}, deep,
        JSON.parse('{\"__proto__\": {\"kind\": \"paste\"}, \"constructor\": 1}'), '\\u0000', '\\ud800'];
    const names = ['channel', 'settings', 'text', 'href', 'page', 'way', 'key', 'seal', 'passphrase', 'current', 'wish',
        'conversation', 'before', 'id', 'title', 'model', 'options', 'persona', 'span', 'place', 'words', 'question',
        'message', 'edit', 'part', 'sibling', 'maxTokens', 'progress'];";

#[tokio::test(flavor = "multi_thread")]
async fn w4_every_command_answers_garbage_with_an_error_and_lives() {
    let _alone = alone().await;
    let desk = Desk::new().await;
    let app = desk.connected(None).await;
    let list = include_str!("../../src-tauri/src/commands/list.rs");
    let all: Vec<&str> = list.split('\"').skip(1).step_by(2).collect();
    assert!(all.len() > 40, "the list was not read");
    // These take nothing, so nothing in them can be wrong; what they do is asked for elsewhere, of the person too.
    let plain = [
        "vault_lock",
        "disconnect",
        "connect_start",
        "quick_leave",
        "quick_close",
        "files_pick",
        "data_move",
    ];
    let script = format!(
        "const [commands, done] = arguments; {GARBAGE}
         (async () => {{
            const odd = [];
            for (const command of commands) {{
                for (const value of values) {{
                    const given = Object.fromEntries(names.map((name) => [name, value]));
                    const late = new Promise((_, no) => setTimeout(() => no('late'), 15_000));
                    const call = window.__TAURI_INTERNALS__.invoke(command, given);
                    const why = await Promise.race([call, late]).then(() => null, (why) => why);
                    const typed = why === null || typeof why === 'string' || (why.code && why.message);
                    if (!typed || why === 'late') odd.push([command, typeof value, String(why).slice(0, 80)]);
                }}
            }}
            return odd;
         }})().then(done, (e) => done([String(e)]));"
    );
    for some in all.chunks(1) {
        let some: Vec<&&str> = some.iter().filter(|name| !plain.contains(name)).collect();
        let odd = app
            .page
            .execute_async(&script, vec![json!(some)])
            .await
            .unwrap();
        assert_eq!(odd, json!([]), "{some:?}");
    }
    let phase = app
        .page
        .execute_async(
            "const done = arguments[0]; window.__TAURI_INTERNALS__.invoke('app_snapshot').then((s) => done(s.phase.kind), done)",
            vec![],
        )
        .await
        .unwrap();
    assert_eq!(phase, "connected");
    app.quit().await;
    let log = fs::read_to_string(desk.log()).unwrap();
    assert!(!log.contains("panicked"), "a command fell over");
}
