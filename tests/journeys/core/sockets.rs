//! The port itself: who has it, who may come, and for how long.

use crate::{
    harness::{App, approved, asked, exchanges, fresh},
    http::{self, V4, V6},
};
use causeway_core::wire::{Back, Phase, Way};
use emulator::Emulator;
use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::TcpListener,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use url::Url;

async fn waiting() -> (Emulator, App, Url) {
    let (emulator, app) = fresh().await;
    let auth = app.begin(Way::Browser).await;
    let redirect = emulator.approve(auth.as_str(), None).unwrap().redirect;
    (emulator, app, Url::parse(&redirect.unwrap()).unwrap())
}

async fn connects(app: &App, emulator: &Emulator, good: &Url) {
    let page = http::visit(good.as_str()).await;
    assert!(page.body.contains("You are connected"), "{}", page.body);
    app.connected().await;
    assert_eq!(exchanges(emulator).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l2_a_port_in_other_hands_is_left_alone_and_another_is_used() {
    for hosts in [&["127.0.0.1"][..], &["::1"], &["127.0.0.1", "::1"]] {
        let (emulator, app) = fresh().await;
        let port = app.profile.port;
        let bind = |host: &&str| TcpListener::bind((*host, port)).unwrap();
        let holders: Vec<_> = hosts.iter().map(bind).collect();
        let auth = app.begin(Way::Browser).await;
        let callback = app.callback();
        assert_eq!(callback.host_str(), Some("127.0.0.1"), "{hosts:?}");
        assert_ne!(callback.port().unwrap(), port);
        let Phase::Connecting { attempt } = app.now() else {
            panic!()
        };
        assert_eq!(
            attempt.back,
            Some(Back::Port {
                address: http::authority(&callback)
            }),
            "the window is told"
        );
        let redirect = approved(&emulator, &auth);
        let page = http::visit(&redirect).await;
        assert!(page.body.contains("You are connected"));
        app.connected().await;
        for holder in holders {
            holder.set_nonblocking(true).unwrap();
            let came = holder.accept().map(drop).unwrap_err();
            assert_eq!(
                came.kind(),
                ErrorKind::WouldBlock,
                "the other program was contacted"
            );
        }
    }
}

/// The addresses on which this process listens.
#[cfg(target_os = "linux")]
fn listening() -> Vec<String> {
    let links = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    let ours: Vec<_> = links
        .filter_map(|fd| std::fs::read_link(fd.path()).ok())
        .filter_map(|to| {
            Some(
                to.to_str()?
                    .strip_prefix("socket:[")?
                    .trim_end_matches(']')
                    .to_owned(),
            )
        })
        .collect();
    let mut addresses = Vec::new();
    for table in ["/proc/self/net/tcp", "/proc/self/net/tcp6"] {
        for line in std::fs::read_to_string(table)
            .unwrap_or_default()
            .lines()
            .skip(1)
        {
            let columns: Vec<_> = line.split_whitespace().collect();
            if columns[3] == "0A" && ours.iter().any(|inode| inode == columns[9]) {
                addresses.push(columns[1].to_owned());
            }
        }
    }
    addresses
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l6_nothing_listens_beyond_loopback() {
    let (_emulator, app, _) = waiting().await;
    let ours = format!(":{:04X}", app.profile.port);
    let all = listening();
    let mine: Vec<_> = all
        .iter()
        .filter(|address| address.ends_with(&ours))
        .collect();
    assert_eq!(mine.len(), 2, "both families: {all:?}");
    for address in &all {
        let (ip, _) = address.split_once(':').unwrap();
        let loopback = ["0100007F", "00000000000000000000000001000000"].contains(&ip);
        assert!(loopback, "{address} is not loopback");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l7_the_browser_opens_only_when_the_port_answers() {
    let (_emulator, app) = fresh().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (log, port) = (Arc::clone(&seen), app.profile.port);
    *app.browser.at_open.lock().unwrap() = Some(Box::new(move |_| {
        // The listener needs this thread, too.
        tokio::task::block_in_place(|| {
            for host in ["127.0.0.1", "::1"] {
                let mut stream = std::net::TcpStream::connect((host, port)).unwrap();
                let head = format!("GET / HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
                stream.write_all(head.as_bytes()).unwrap();
                stream
                    .set_read_timeout(Some(Duration::from_secs(5)))
                    .unwrap();
                let mut answer = [0; 12];
                stream.read_exact(&mut answer).unwrap();
                log.lock()
                    .unwrap()
                    .push(String::from_utf8_lossy(&answer).into_owned());
            }
        });
    }));
    app.begin(Way::Browser).await;
    assert_eq!(*seen.lock().unwrap(), ["HTTP/1.1 404", "HTTP/1.1 404"]);
}

#[tokio::test(start_paused = true)]
async fn l8_a_silent_connection_delays_nobody_and_is_closed_after_five_seconds() {
    let (emulator, app, good) = waiting().await;
    let mut idle = TcpStream::connect(("127.0.0.1", app.profile.port))
        .await
        .unwrap();
    let before = tokio::time::Instant::now();
    assert_eq!(
        http::raw((V4, app.profile.port), b"GET / HTTP/1.1\r\n\r\n")
            .await
            .unwrap()
            .status,
        404
    );
    assert!(before.elapsed() < Duration::from_millis(200));
    let mut nothing = Vec::new();
    let _ = idle.read_to_end(&mut nothing).await;
    let waited = before.elapsed();
    assert!((4_900..5_600).contains(&waited.as_millis()), "{waited:?}");
    connects(&app, &emulator, &good).await;
}

#[tokio::test(start_paused = true)]
async fn l9_a_head_that_comes_byte_by_byte_for_ever_is_cut_after_five_seconds() {
    let (emulator, app, good) = waiting().await;
    let mut slow = TcpStream::connect(("127.0.0.1", app.profile.port))
        .await
        .unwrap();
    let head = http::request(&good, &[]);
    let mut sent = 0;
    for byte in head.bytes() {
        let fails = slow.write_all(&[byte]).await.is_err();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut one = [0; 256];
        let over = !matches!(slow.try_read(&mut one), Err(e) if e.kind() == ErrorKind::WouldBlock);
        if fails || over {
            break;
        }
        sent += 1;
    }
    assert!(
        (4..=6).contains(&sent),
        "cut after {sent} bytes, one a second"
    );
    connects(&app, &emulator, &good).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l10_five_hundred_silent_connections_leave_room_for_the_real_one() {
    let (emulator, app, good) = waiting().await;
    let mut idle = Vec::new();
    for nth in 0..500 {
        let ip = if nth % 2 == 0 { V4 } else { V6 };
        idle.push(TcpStream::connect((ip, app.profile.port)).await.unwrap());
    }
    connects(&app, &emulator, &good).await;
    let open = |stream: &TcpStream| matches!(stream.try_read(&mut [0; 1]), Err(e) if e.kind() == ErrorKind::WouldBlock);
    let held = idle.iter().filter(|stream| open(stream)).count();
    assert!(held <= 64, "32 a family are held at most, not {held}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l11_a_head_in_single_bytes_is_understood() {
    let (emulator, app, good) = waiting().await;
    let mut stream = TcpStream::connect(("::1", app.profile.port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    for byte in http::request(&good, &[]).bytes() {
        stream.write_all(&[byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    let page = http::answer(stream).await.unwrap();
    assert!(page.body.contains("You are connected"));
    app.connected().await;
    assert_eq!(exchanges(&emulator).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l12_only_the_first_of_two_requests_on_a_connection_is_answered() {
    let (emulator, app, good) = waiting().await;
    let first = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", http::authority(&good));
    let both = first + &http::request(&good, &[]);
    let page = http::raw((V4, app.profile.port), both.as_bytes())
        .await
        .unwrap();
    assert_eq!(
        (page.status, &*page.body),
        (404, "Not found"),
        "one answer and the end"
    );
    assert!(matches!(app.now(), Phase::Connecting { .. }));
    assert_eq!(emulator.requests(), []);
    connects(&app, &emulator, &good).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l13_a_head_that_is_too_large_is_refused() {
    let (emulator, app, good) = waiting().await;
    let (host, target) = (http::authority(&good), http::target(&good));
    let many: String = (0..200).map(|n| format!("X-{n}: {n}\r\n")).collect();
    for head in [
        format!(
            "GET {target}&x={} HTTP/1.1\r\nHost: {host}\r\n\r\n",
            "x".repeat(9 * 1024)
        ),
        format!(
            "GET {target} HTTP/1.1\r\nHost: {host}\r\nX: {}\r\n\r\n",
            "x".repeat(9 * 1024)
        ),
        format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{many}\r\n"),
    ] {
        let page = http::raw((V4, app.profile.port), head.as_bytes()).await;
        let refused = page
            .as_ref()
            .is_none_or(|p| matches!(p.status, 400 | 414 | 431));
        assert!(refused, "{} bytes: {page:?}", head.len());
    }
    connects(&app, &emulator, &good).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l32_after_every_ending_the_same_port_is_used_again() {
    let (emulator, app) = fresh().await;
    let home = format!("localhost:{}", app.profile.port);
    let begin = || async {
        let auth = app.begin(Way::Browser).await;
        assert_eq!(http::authority(&app.callback()), home);
        auth
    };
    let denied = emulator.deny(begin().await.as_str()).unwrap();
    http::visit(&denied).await;
    app.ended().await;
    begin().await;
    app.core.cancel_attempt();
    let failed = begin().await;
    drop(failed);
    http::visit(&format!("{}?code=unknown-code", app.callback())).await;
    app.ended().await;
    app.sign_in(&emulator).await;
    begin().await;
    app.core.cancel_attempt();
    app.connected().await;
    assert_eq!(asked(&emulator, "POST", "/api/v1/auth/keys").len(), 2);
}
