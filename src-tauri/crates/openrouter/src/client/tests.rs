use super::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use reqwest::ClientBuilder;
use std::{
    env,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};
use zeroize::Zeroizing;

const APP: App = App {
    url: "https://example.org",
    title: "Test",
    categories: "general-chat",
};
const SECRET: &str = "sk-or-v1-00000000000000000000000000000000";

fn key() -> ApiKey {
    ApiKey::new(Zeroizing::new(SECRET.into())).unwrap()
}

/// Everything that reached a server.
type Seen = Arc<Mutex<Vec<String>>>;

/// Reads one request and answers as `GET /key` does.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, seen: Seen) {
    let mut head = Vec::new();
    // What does not begin like HTTP is heard and not waited for.
    while !head.ends_with(b"\r\n\r\n") && head.first().is_none_or(u8::is_ascii_uppercase) {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    if head.is_empty() {
        return;
    }
    seen.lock()
        .unwrap()
        .push(String::from_utf8_lossy(&head).into_owned());
    let body = r#"{"data":{"label":"L"}}"#;
    let reply = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(reply.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// A certificate authority, and what it signs.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Serves TLS with a certificate for this host and these years, signed by the authority or by itself.
    async fn serve(&self, host: &str, years: (i32, i32), by_itself: bool) -> (SocketAddr, Seen) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.not_before = date_time_ymd(years.0, 1, 1);
        params.not_after = date_time_ymd(years.1, 1, 1);
        let certificate = if by_itself {
            params.self_signed(&key)
        } else {
            params.signed_by(&key, &self.0)
        };
        let chain = vec![certificate.unwrap().der().clone()];
        let secret = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, secret)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let seen = Seen::default();
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                let (acceptor, log) = (acceptor.clone(), Arc::clone(&log));
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        answer(stream, log).await;
                    }
                });
            }
        });
        (address, seen)
    }

    /// The client that ships, on a computer where openrouter.ai leads here and, if `trusted`, this authority counts.
    fn client(&self, to: SocketAddr, trusted: bool) -> Client {
        let root = reqwest::Certificate::from_der(self.0.der()).unwrap();
        let tune = |builder: ClientBuilder| {
            let builder = builder.no_proxy().resolve("openrouter.ai", to);
            if trusted {
                builder.tls_certs_merge([root.clone()])
            } else {
                builder
            }
        };
        Client::build(Origin::openrouter(), &APP, tune).unwrap()
    }
}

#[tokio::test]
async fn x12_a_certificate_that_does_not_prove_the_host_gets_no_request() {
    let authority = Authority::new();
    let now = (2020, 2040);
    let (good, seen) = authority.serve("openrouter.ai", now, false).await;
    let info = authority.client(good, true).key(&key()).await.unwrap();
    assert_eq!(info.label, "L", "a certificate that is right is accepted");
    let request = seen.lock().unwrap().pop().unwrap();
    assert!(request.contains(SECRET), "{request}");

    for (why, host, years, by_itself, trusted) in [
        ("another host's", "openrouter.ai.example", now, false, true),
        ("expired", "openrouter.ai", (2020, 2021), false, true),
        ("not valid yet", "openrouter.ai", (2090, 2095), false, true),
        ("signed by itself", "openrouter.ai", now, true, true),
        (
            "of an unknown authority",
            "openrouter.ai",
            now,
            false,
            false,
        ),
    ] {
        let (to, seen) = authority.serve(host, years, by_itself).await;
        let client = authority.client(to, trusted);
        let refused = client.key(&key()).await;
        assert!(
            matches!(refused, Err(Error::Untrusted)),
            "{why}: {refused:?}"
        );
        let code = crate::AuthorizationCode::new(Zeroizing::new("code".into())).unwrap();
        let verifier = crate::CodeVerifier::from_random(&[7; 32]);
        let refused = client.exchange(&code, &verifier).await.err();
        assert!(
            matches!(refused, Some(Error::Untrusted)),
            "{why}: {refused:?}"
        );
        let seen = seen.lock().unwrap().clone();
        assert_eq!(seen, Vec::<String>::new(), "{why}: it was sent something");
    }
}

/// In a process of its own, on a computer without certificates.
#[cfg(target_os = "linux")]
#[ignore = "started by the test below"]
#[tokio::test]
async fn x12_child() {
    let authority = Authority::new();
    let (to, seen) = authority.serve("openrouter.ai", (2020, 2040), false).await;
    let refused = authority.client(to, false).key(&key()).await;
    assert!(matches!(refused, Err(Error::Untrusted)), "{refused:?}");
    assert!(seen.lock().unwrap().is_empty());
    let client = authority.client(to, true);
    assert_eq!(
        client.key(&key()).await.unwrap().label,
        "L",
        "who is vouched for"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn x12_a_computer_without_certificates_trusts_nobody_and_still_has_a_client() {
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", "client::tests::x12_child", "--ignored"]);
    for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        child.env(name, "/nonexistent");
    }
    let out = child.output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
async fn x12_plain_http_is_never_spoken_with_openrouter() {
    let (to, seen) = plain().await;
    let client = Client::build(Origin::openrouter(), &APP, |builder| {
        builder.no_proxy().resolve("openrouter.ai", to)
    });
    let refused = client.unwrap().key(&key()).await;
    assert!(matches!(refused, Err(Error::Offline)), "{refused:?}");
    let heard = seen.lock().unwrap().concat();
    assert!(!heard.contains("GET") && !heard.contains(SECRET), "{heard}");
}

/// A service without TLS.
async fn plain() -> (SocketAddr, Seen) {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    let seen = Seen::default();
    let log = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = socket.accept().await {
            tokio::spawn(answer(stream, Arc::clone(&log)));
        }
    });
    (address, seen)
}

const PROXIED: &str = "CAUSEWAY_TEST_LOOPBACK";
const CLOSED: &str = "CAUSEWAY_TEST_CLOSED";

/// In a process of its own, whose environment names a proxy.
#[ignore = "started by the test below"]
#[tokio::test]
async fn x13_child() {
    let loopback = env::var(PROXIED).unwrap();
    let closed: SocketAddr = env::var(CLOSED).unwrap().parse().unwrap();
    // Where no proxy is asked, the name leads to a closed port, never to the real service.
    let client = Client::build(Origin::openrouter(), &APP, |builder| {
        builder.resolve("openrouter.ai", closed)
    });
    let refused = client.unwrap().key(&key()).await;
    assert!(matches!(refused, Err(Error::Offline)), "{refused:?}");
    let client = Client::new(
        Origin::loopback(&loopback).unwrap(),
        &APP,
        &Network::default(),
    )
    .unwrap();
    assert_eq!(client.key(&key()).await.unwrap().label, "L");
}

/// A proxy that refuses, and what it was asked.
fn proxy() -> (SocketAddr, Seen) {
    let socket = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap();
    let seen = Seen::default();
    let log = Arc::clone(&seen);
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = socket.accept() {
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
                head.push(byte[0]);
            }
            let asked = String::from_utf8_lossy(&head).into_owned();
            log.lock().unwrap().push(asked);
            let _ = stream.write_all(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n");
        }
    });
    (address, seen)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x13_a_proxy_that_the_person_names_carries_openrouter_and_never_loopback() {
    let (service, _) = plain().await;
    let (address, asked) = proxy();
    let network = Network::read(Some(&address.to_string()), None).unwrap();
    let client = Client::new(Origin::openrouter(), &APP, &Network::default()).unwrap();
    client.set_network(&network).unwrap();
    let refused = client.key(&key()).await;
    assert!(refused.is_err(), "this proxy carries nothing");
    let heard = asked.lock().unwrap().join("");
    assert!(heard.starts_with("CONNECT openrouter.ai:443 "), "{heard}");
    assert!(!heard.contains(SECRET), "a proxy learns the host alone");

    let before = asked.lock().unwrap().len();
    let loopback = Origin::loopback(&format!("http://{service}")).unwrap();
    let client = Client::new(loopback, &APP, &network).unwrap();
    assert_eq!(client.key(&key()).await.unwrap().label, "L");
    assert_eq!(asked.lock().unwrap().len(), before);
}

#[tokio::test]
async fn x12_an_authority_of_the_person_counts_and_every_other_check_stays() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let authority = Authority::new();
    let der = STANDARD.encode(authority.0.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n");
    let network = Network::read(None, Some(&pem)).unwrap();
    let client = |to| {
        Client::build(Origin::openrouter(), &APP, |builder| {
            network.tune(builder.no_proxy().resolve("openrouter.ai", to))
        })
        .unwrap()
    };
    let (to, _) = authority.serve("openrouter.ai", (2020, 2040), false).await;
    assert_eq!(client(to).key(&key()).await.unwrap().label, "L");
    for (host, years) in [
        ("openrouter.ai.example", (2020, 2040)),
        ("openrouter.ai", (2020, 2021)),
    ] {
        let (to, seen) = authority.serve(host, years, false).await;
        let refused = client(to).key(&key()).await;
        assert!(matches!(refused, Err(Error::Untrusted)), "{refused:?}");
        assert!(seen.lock().unwrap().is_empty(), "a request was sent");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x13_a_proxy_of_the_environment_carries_openrouter_and_never_loopback() {
    let (service, served) = plain().await;
    let closed = {
        let socket = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.local_addr().unwrap()
    };
    for (exempt, asked) in [("", 1), ("openrouter.ai", 0)] {
        let (address, seen) = proxy();
        let mut child = Command::new(env::current_exe().unwrap());
        child.args(["--exact", "client::tests::x13_child", "--ignored"]);
        for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"] {
            child
                .env(name, format!("http://{address}"))
                .env_remove(name.to_ascii_lowercase());
        }
        child.env("NO_PROXY", exempt).env_remove("no_proxy");
        child.env(PROXIED, format!("http://{service}"));
        child.env(CLOSED, closed.to_string());
        let out = tokio::task::spawn_blocking(move || child.output().unwrap());
        let out = out.await.unwrap();
        let said = String::from_utf8_lossy(&out.stdout);
        assert!(out.status.success() && said.contains("1 passed"), "{said}");
        let seen = seen.lock().unwrap().clone();
        assert_eq!(seen.len(), asked, "exempt: {exempt:?}: {seen:?}");
        for request in seen {
            assert!(
                request.starts_with("CONNECT openrouter.ai:443 "),
                "{request}"
            );
            assert!(!request.contains(SECRET), "the proxy was told the key");
        }
        assert_eq!(served.lock().unwrap().len(), 1, "loopback is asked itself");
        served.lock().unwrap().clear();
    }
}

/// Leads a name to where nobody listens, this many times, and then to where somebody does.
struct Unsteady {
    failures: usize,
    asked: Arc<AtomicUsize>,
}

impl reqwest::dns::Resolve for Unsteady {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let last = if asked < self.failures { 2 } else { 1 };
        // The port is that of the URL.
        let address = SocketAddr::from(([127, 0, 0, last], 0));
        Box::pin(async move { Ok(Box::new([address].into_iter()) as reqwest::dns::Addrs) })
    }
}

#[tokio::test]
async fn a_request_is_sent_again_only_while_nothing_was_sent_and_not_for_ever() {
    let (service, seen) = plain().await;
    let origin = Origin::loopback(&format!("http://localhost:{}", service.port())).unwrap();
    for (failures, tries) in [(0, 1), (2, 3), (9, 3)] {
        let asked = Arc::new(AtomicUsize::new(0));
        let client = Client::build(origin.clone(), &APP, |builder| {
            let asked = Arc::clone(&asked);
            builder.dns_resolver(Arc::new(Unsteady { failures, asked }))
        });
        let client = client.unwrap();
        let request = client.request_once(Method::GET, "/api/v1/key");
        let answer: Result<serde_json::Value, _> = Client::json_once(request, 1024).await;
        assert_eq!(asked.load(Ordering::SeqCst), tries, "{failures} failures");
        let sent = std::mem::take(&mut *seen.lock().unwrap()).len();
        match answer {
            Ok(_) => assert_eq!((failures < 3, sent), (true, 1)),
            Err(Error::Offline) => assert_eq!((failures < 3, sent), (false, 0)),
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_bearer_is_marked_sensitive() {
    let client = Client::new(Origin::openrouter(), &APP, &Network::default()).unwrap();
    let request = client.request(Method::GET, "/api/v1/key");
    let request = Client::bearer(request, &key()).unwrap().build().unwrap();
    let value = &request.headers()[header::AUTHORIZATION];
    assert_eq!(value.as_bytes(), format!("Bearer {SECRET}").as_bytes());
    assert!(value.is_sensitive(), "a layer below could print it");
}

/// A service that keeps its connections, and how many it has taken.
async fn keeping() -> (SocketAddr, Arc<AtomicUsize>) {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = socket.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut heard = Vec::new();
                while let Ok(byte) = stream.read_u8().await {
                    heard.push(byte);
                    // The only body that is sent here ends in a brace, and no head does.
                    let whole = match heard.starts_with(b"POST") {
                        true => heard.ends_with(b"}"),
                        false => heard.ends_with(b"\r\n\r\n"),
                    };
                    if whole {
                        heard.clear();
                        let body = r#"{"data":{"label":"L"}}"#;
                        let reply = format!(
                            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
                            body.len()
                        );
                        let _ = stream.write_all(reply.as_bytes()).await;
                    }
                }
            });
        }
    });
    (address, taken)
}

#[tokio::test]
async fn an_exchange_has_a_connection_of_its_own() {
    let (service, taken) = keeping().await;
    let origin = Origin::loopback(&format!("http://{service}")).unwrap();
    let client = Client::new(origin, &APP, &Network::default()).unwrap();
    for _ in 0..3 {
        client.key(&key()).await.unwrap();
    }
    assert_eq!(taken.load(Ordering::SeqCst), 1, "others share one");
    let code = crate::AuthorizationCode::new(Zeroizing::new("code".into())).unwrap();
    let verifier = crate::CodeVerifier::from_random(&[7; 32]);
    let refused = client.exchange(&code, &verifier).await.err();
    assert!(matches!(refused, Some(Error::Unexpected(_))), "{refused:?}");
    assert_eq!(taken.load(Ordering::SeqCst), 2, "an idle one may be dead");
}
