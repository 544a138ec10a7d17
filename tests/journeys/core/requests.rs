//! What else may knock at the port: each is refused without effect, and the real answer still works afterwards.

use crate::{
    harness::{App, exchanges, fresh},
    http::{self, Page, V4, V6},
};
use causeway_core::wire::{Phase, Way};
use emulator::Emulator;
use std::net::IpAddr;
use url::Url;

/// An attempt that waits, and what would be its good callback.
struct Waiting {
    emulator: Emulator,
    app: App,
    good: Url,
}

impl Waiting {
    async fn new() -> Self {
        let (emulator, app) = fresh().await;
        let auth = app.begin(Way::Browser).await;
        let redirect = emulator.approve(auth.as_str(), None).unwrap().redirect;
        let good = Url::parse(&redirect.unwrap()).unwrap();
        Self {
            emulator,
            app,
            good,
        }
    }

    async fn raw(&self, ip: IpAddr, bytes: &[u8]) -> Option<Page> {
        http::raw((ip, self.app.profile.port), bytes).await
    }

    /// The good request with its target, its Host line and its headers as given.
    async fn ask(&self, method: &str, target: &str, rest: &str) -> Page {
        let head = format!("{method} {target} HTTP/1.1\r\n{rest}\r\n");
        let page = self.raw(V4, head.as_bytes()).await;
        page.unwrap_or_else(|| panic!("no answer to {head:?}"))
    }

    fn host(&self) -> String {
        format!("Host: {}\r\n", http::authority(&self.good))
    }

    fn target(&self) -> &str {
        http::target(&self.good)
    }

    fn path(&self) -> &str {
        self.good.path()
    }

    fn nonce(&self) -> &str {
        self.path().strip_prefix("/cb/").unwrap()
    }

    /// No effect so far; and the good callback connects.
    async fn still_connects(self) {
        assert!(
            matches!(self.app.now(), Phase::Connecting { .. }),
            "{:?}",
            self.app.now()
        );
        assert_eq!(exchanges(&self.emulator), []);
        let page = http::visit(self.good.as_str()).await;
        assert!(page.body.contains("You are connected"), "{}", page.body);
        self.app.connected().await;
        assert_eq!(exchanges(&self.emulator).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l14_no_method_but_get_is_allowed() {
    let at = Waiting::new().await;
    for method in [
        "POST", "PUT", "HEAD", "OPTIONS", "TRACE", "DELETE", "PATCH", "BREW",
    ] {
        let page = at.ask(method, at.target(), &at.host()).await;
        assert_eq!(
            (page.status, page.header("allow")),
            (405, Some("GET")),
            "{method}"
        );
    }
    let connect = at
        .ask("CONNECT", &http::authority(&at.good), &at.host())
        .await;
    assert!(matches!(connect.status, 400 | 404 | 405), "{connect:?}");
    at.still_connects().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l15_a_request_with_a_body_is_refused() {
    let at = Waiting::new().await;
    for rest in [
        "Content-Length: 5\r\n\r\nhello",
        "Content-Length: 99999999999\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        "Content-Length: -1\r\n",
    ] {
        let page = at
            .ask("GET", at.target(), &format!("{}{rest}", at.host()))
            .await;
        assert_eq!(page.status, 400, "{rest:?}");
    }
    at.still_connects().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l16_l17_only_the_exact_host_is_served() {
    let at = Waiting::new().await;
    let port = at.app.profile.port;
    for host in [
        format!("127.0.0.1:{port}"),
        format!("[::1]:{port}"),
        "localhost".to_owned(),
        format!("localhost:{}", port - 1),
        format!("localhost:0{port}"),
        format!("localhost.:{port}"),
        format!("localhost.evil.example:{port}"),
        format!("evil.example:{port}"),
        "evil.example".to_owned(),
        format!("user@localhost:{port}"),
        format!("localhost:{port}, evil.example"),
        format!("localhost:{port}/"),
        String::new(),
    ] {
        for ip in [V4, V6] {
            let head = format!("GET {} HTTP/1.1\r\nHost: {host}\r\n\r\n", at.target());
            let page = at.raw(ip, head.as_bytes()).await.unwrap();
            assert_eq!((page.status, &*page.body), (404, "Not found"), "{host:?}");
        }
    }
    let none = at.ask("GET", at.target(), "").await;
    assert_eq!(none.status, 404, "no Host");
    let two = at
        .ask("GET", at.target(), &format!("{0}{0}", at.host()))
        .await;
    assert_eq!(two.status, 404, "two Hosts");
    let mixed = format!("Host: LOCALHOST:{port}\r\n");
    let upper = at.ask("GET", &format!("{}?code=", at.path()), &mixed).await;
    assert_eq!(
        upper.status, 400,
        "upper case is the same host: the query was looked at"
    );
    at.still_connects().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l18_l19_only_the_exact_path_is_served() {
    let at = Waiting::new().await;
    let nonce = at.nonce();
    let other = if nonce.starts_with('A') { "B" } else { "A" };
    let swapped: String = nonce
        .chars()
        .map(|c| {
            if c.is_ascii_lowercase() {
                c.to_ascii_uppercase()
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    let encoded = format!("%{:02X}{}", nonce.as_bytes()[0], &nonce[1..]);
    for path in [
        "/".to_owned(),
        "/favicon.ico".to_owned(),
        "/robots.txt".to_owned(),
        "/.well-known/security.txt".to_owned(),
        "/apple-touch-icon.png".to_owned(),
        "/cancel".to_owned(),
        "/exit".to_owned(),
        "/success".to_owned(),
        "/cb".to_owned(),
        "/cb/".to_owned(),
        format!("/cb/{other}{}", &nonce[1..]),
        format!("/cb/{}", &nonce[..42]),
        format!("/cb/{nonce}A"),
        format!("/cb/{swapped}"),
        format!("/cb/{encoded}"),
        format!("//cb/{nonce}"),
        format!("/cb//{nonce}"),
        format!("/cb/{nonce}/"),
        format!("/x/../cb/{nonce}"),
        format!("/cb/./{nonce}"),
        format!("/CB/{nonce}"),
        format!("/probe/{nonce}"),
    ] {
        for query in ["", "?code=abcdefghijklmnop", "?error=access_denied"] {
            let page = at.ask("GET", &format!("{path}{query}"), &at.host()).await;
            assert_eq!(
                (page.status, &*page.body),
                (404, "Not found"),
                "{path}{query}"
            );
        }
    }
    at.still_connects().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l20_what_is_no_proper_request_is_refused() {
    let at = Waiting::new().await;
    let (host, target) = (at.host(), at.target());
    for head in [
        format!(
            "GET http://{}{target} HTTP/1.1\r\n{host}\r\n",
            http::authority(&at.good)
        ),
        format!("GET http://evil.example{target} HTTP/1.1\r\n{host}\r\n"),
        format!("GET * HTTP/1.1\r\n{host}\r\n"),
        format!("OPTIONS * HTTP/1.1\r\n{host}\r\n"),
        format!("GET {target}\0 HTTP/1.1\r\n{host}\r\n"),
        format!("GET {target}\t HTTP/1.1\r\n{host}\r\n"),
        format!("GET {target} HTTP/1.1\r\n{host}X: a\r\n b\r\n\r\n"),
        format!("GET {target} HTTP/1.1\r\n{host}X: a\rb\r\n\r\n"),
        format!("GET {target} HTTP/1.1\r\n{host}X : a\r\n\r\n"),
        format!("GET {target} HTTP/9.9\r\n{host}\r\n"),
        format!("{target}\r\n{host}\r\n"),
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}".to_owned() + "\r\n\r\n",
    ] {
        let page = at.raw(V4, head.as_bytes()).await;
        let refused = page
            .as_ref()
            .is_none_or(|page| matches!(page.status, 400 | 404));
        assert!(refused, "{head:?}: {page:?}");
    }
    at.still_connects().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l21_l22_a_query_that_is_not_one_clear_answer_is_refused() {
    let at = Waiting::new().await;
    let (nonce, long) = (at.nonce(), "c".repeat(513));
    let (huge, other) = ("c".repeat(6 * 1024), "A".repeat(43));
    for query in [
        "",
        "code",
        "code=",
        "code=abc&code=abc",
        "code=abc&co%64e=abd",
        &format!("code={long}"),
        &format!("code={huge}"),
        &format!("code=abc&x={huge}"),
        "code=a%00b",
        "code=a%0d%0ab",
        "code=a+b",
        "code=%C3%A9",
        "code=%FF",
        "code=abc&error=access_denied",
        "error=access_denied&error=access_denied",
        "Code=abc",
        "state=only",
        &format!("code=abc&state={other}"),
        "code=abc&state=",
        &format!("code=abc&state={}", &nonce[..42]),
        &format!("code=abc&state={nonce}&state={nonce}"),
        &format!("error=access_denied&state={other}"),
    ] {
        let page = at
            .ask("GET", &format!("{}?{query}", at.path()), &at.host())
            .await;
        assert_eq!((page.status, &*page.body), (400, "Bad request"), "{query}");
        let shown = format!("{page:?}");
        assert!(
            !shown.contains(nonce) && !shown.contains(&other),
            "{query}: state is echoed"
        );
    }
    at.still_connects().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l34_a_browser_that_looks_ahead_or_embeds_is_not_the_person() {
    let at = Waiting::new().await;
    let target = at.target();
    for ahead in [
        "Sec-Purpose: prefetch\r\n",
        "Sec-Purpose: prefetch;prerender\r\n",
        "Purpose: Prefetch\r\nSec-Fetch-Dest: empty\r\n",
    ] {
        let page = at
            .ask("GET", target, &format!("{}{ahead}", at.host()))
            .await;
        assert_eq!(page.status, 503, "{ahead}");
    }
    for embedded in [
        "Sec-Fetch-Dest: iframe\r\nSec-Fetch-Mode: navigate\r\n",
        "Sec-Fetch-Dest: image\r\nSec-Fetch-Mode: no-cors\r\n",
        "Sec-Fetch-Dest: script\r\n",
        "Sec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\n",
        "Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: no-cors\r\n",
    ] {
        let page = at
            .ask("GET", target, &format!("{}{embedded}", at.host()))
            .await;
        assert_eq!(page.status, 404, "{embedded}");
    }
    assert_eq!(exchanges(&at.emulator), []);
    // A real one, as browsers send it.
    let real =
        "Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: cross-site\r\n";
    let page = at.ask("GET", target, &format!("{}{real}", at.host())).await;
    assert!(page.body.contains("You are connected"));
    at.app.connected().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l33_every_answer_forbids_storing_framing_sniffing_and_loading() {
    let at = Waiting::new().await;
    let (host, target, path) = (at.host(), at.target(), at.path());
    let mut pages = vec![
        at.ask("GET", "/", &host).await,
        at.ask("POST", target, &host).await,
        at.ask("GET", path, &host).await,
        at.ask("GET", target, &format!("{host}Sec-Purpose: prefetch\r\n"))
            .await,
    ];
    let statuses: Vec<_> = pages.iter().map(|page| page.status).collect();
    assert_eq!(statuses, [404, 405, 400, 503]);
    pages.push(http::visit(at.good.as_str()).await);
    for page in pages {
        let header = |name| {
            page.header(name)
                .unwrap_or_else(|| panic!("{} {name}", page.status))
        };
        let policy = header("content-security-policy");
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "form-action 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{}: {policy}", page.status);
        }
        assert!(!policy.contains("unsafe"));
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(header("connection"), "close");
        assert!(page.header("location").is_none() && page.header("set-cookie").is_none());
        assert!(
            !page.body.contains("http") && !page.body.contains("<script"),
            "{}",
            page.body
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l38_two_thousand_garbled_requests_change_nothing() {
    let at = Waiting::new().await;
    let start = format!(
        "GET {}?kode=x HTTP/1.1\r\n{}Accept: */*\r\n\r\n",
        at.path(),
        at.host()
    );
    // Marsaglia's xorshift: the same garbage in every run.
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 33).unwrap() % below
    };
    for nth in 0..2000 {
        let mut bytes = start.clone().into_bytes();
        for _ in 0..=random(4) {
            if bytes.len() < 2 {
                break;
            }
            let place = random(bytes.len());
            match random(4) {
                0 => bytes[place] = u8::try_from(random(256)).unwrap(),
                1 => bytes.insert(place, b"\r\n\0 %/?&=:\xff"[random(11)]),
                2 => drop(bytes.remove(place)),
                _ => bytes.truncate(place.max(1)),
            }
        }
        // A head without its end would be waited for; the end of the connection ends it.
        let mut stream = tokio::net::TcpStream::connect((V4, at.app.profile.port))
            .await
            .unwrap();
        use tokio::io::AsyncWriteExt as _;
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
        let page = http::answer(stream).await;
        let refused = page
            .as_ref()
            .is_none_or(|p| matches!(p.status, 400..=499 | 505));
        assert!(
            refused,
            "{nth}: {:?}: {page:?}",
            String::from_utf8_lossy(&bytes)
        );
    }
    at.still_connects().await;
}
