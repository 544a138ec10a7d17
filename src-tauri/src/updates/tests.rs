use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};
use minisign::KeyPair as Signer;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::{
    collections::HashMap,
    io::Cursor,
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tauri::test::MockRuntime;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

const NEWER: &str = "999.0.0";
const PROGRAM: &[u8] = b"the new program, all of it";

/// A place of new versions: what it answers under each path, over TLS.
struct Place {
    port: u16,
    network: Network,
    answers: Arc<Mutex<HashMap<String, Vec<u8>>>>,
}

impl Place {
    async fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let chain = vec![params.signed_by(&key, &authority).unwrap().der().clone()];
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
        let port = socket.local_addr().unwrap().port();
        let answers = Arc::<Mutex<HashMap<String, Vec<u8>>>>::default();
        let known = Arc::clone(&answers);
        tokio::spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                let (acceptor, known) = (acceptor.clone(), Arc::clone(&known));
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        match stream.read_u8().await {
                            Ok(byte) => head.push(byte),
                            Err(_) => return,
                        }
                    }
                    let head = String::from_utf8(head).unwrap();
                    let path = head.split(' ').nth(1).unwrap().to_owned();
                    let answer = hold(&known).get(&path).cloned().unwrap_or_default();
                    let _ = stream.write_all(&answer).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        let der = STANDARD.encode(authority.der());
        let pem = format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n");
        Self {
            port,
            network: Network::read(None, Some(&pem)).unwrap(),
            answers,
        }
    }

    fn at(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.port)
    }

    fn answers(&self, path: &str, bytes: Vec<u8>) {
        hold(&self.answers).insert(path.to_owned(), bytes);
    }

    /// Announces a version whose file lies there.
    fn announces(&self, version: &str, url: &str, signature: &str) {
        let feed = serde_json::json!({
            "version": version, "notes": "Better.\u{7}", "url": url, "signature": STANDARD.encode(signature),
        });
        self.answers("/feed", ok(feed.to_string().as_bytes()));
    }

    fn source(&self, signer: &Signer) -> Source {
        let key = signer.pk.to_box().unwrap().into_string();
        Source::read(&self.at("/feed"), &STANDARD.encode(key)).unwrap()
    }
}

/// A place without TLS that answers everybody the same; its address, and how many came.
async fn without_tls(answer: Vec<u8>) -> (String, Arc<AtomicUsize>) {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = format!("http://127.0.0.1:{}/", socket.local_addr().unwrap().port());
    let came = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&came);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = socket.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(&answer).await;
        }
    });
    (address, came)
}

fn ok(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn sign(signer: &Signer, bytes: &[u8], comment: &str) -> String {
    let signed = minisign::sign(
        Some(&signer.pk),
        &signer.sk,
        Cursor::new(bytes),
        Some(comment),
        Some("signature"),
    );
    signed.unwrap().into_string()
}

fn of_version(version: &str) -> String {
    format!("timestamp:1\tfile:program\tversion:{version}")
}

/// An app with the configuration that ships.
fn app() -> tauri::App<MockRuntime> {
    tauri::test::mock_builder()
        .plugin(tauri_plugin_updater::Builder::new().build())
        .build(tauri::generate_context!(test = true))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w36_only_a_newer_version_that_its_makers_signed_is_fetched() {
    let (place, app) = (Place::new().await, app());
    let (makers, others) = (
        Signer::generate_unencrypted_keypair().unwrap(),
        Signer::generate_unencrypted_keypair().unwrap(),
    );
    let source = place.source(&makers);
    let good = sign(&makers, PROGRAM, &of_version(NEWER));
    let find = || look(app.handle(), &source, place.network.clone());
    let file = place.at("/file");
    place.answers("/file", ok(PROGRAM));

    place.announces(NEWER, &file, &good);
    let update = find().await.unwrap().expect("a newer version");
    assert_eq!(
        (
            update.version.as_str(),
            plain(update.body.as_deref().unwrap())
        ),
        (NEWER, "Better.".into())
    );
    let percents = Mutex::new(Vec::new());
    let fetched = fetch(&update, |percent| hold(&percents).push(percent)).await;
    assert_eq!(fetched.unwrap(), PROGRAM);
    assert_eq!(hold(&percents).last(), Some(&100));

    for (why, signature) in [
        ("no signature", String::new()),
        ("no signature at all", "garbage".to_owned()),
        ("another's", sign(&others, PROGRAM, &of_version(NEWER))),
        (
            "of other bytes",
            sign(&makers, b"an older program", &of_version(NEWER)),
        ),
        (
            "of another version",
            sign(&makers, PROGRAM, &of_version("0.0.1")),
        ),
        (
            "of no version",
            sign(&makers, PROGRAM, "timestamp:1\tfile:program"),
        ),
    ] {
        place.announces(NEWER, &file, &signature);
        let update = find().await.unwrap().expect("announced");
        let refused = fetch(&update, |_| ()).await.expect_err(why);
        assert!(
            refused.message.contains("not what its makers signed"),
            "{why}: {refused:?}"
        );
    }
    place.announces(NEWER, &file, &good);
    let half = &PROGRAM[..PROGRAM.len() / 2];
    let cut = {
        let mut whole = ok(PROGRAM);
        whole.truncate(whole.len() - half.len());
        whole
    };
    for (why, answer) in [("cut off", cut), ("a part for the whole", ok(half))] {
        place.answers("/file", answer);
        let update = find().await.unwrap().expect("announced");
        assert!(fetch(&update, |_| ()).await.is_err(), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w36_nothing_older_and_nothing_without_tls_is_looked_at() {
    let (place, app) = (Place::new().await, app());
    let makers = Signer::generate_unencrypted_keypair().unwrap();
    let source = place.source(&makers);
    let good = sign(&makers, PROGRAM, &of_version(NEWER));
    let find = || look(app.handle(), &source, place.network.clone());
    for version in ["0.0.1", env!("CARGO_PKG_VERSION")] {
        place.announces(version, &place.at("/file"), &good);
        assert!(find().await.unwrap().is_none(), "{version} is no update");
    }
    place.announces(NEWER, "http://127.0.0.1:9/file", &good);
    assert!(find().await.is_err(), "a file without TLS");
    // The same news, true and signed, at an address without TLS: reached through TLS, it is found without the guard.
    place.announces(NEWER, &place.at("/file"), &good);
    let feed = hold(&place.answers)["/feed"].clone();
    let (plain, asked) = without_tls(feed.clone()).await;
    let to = |url: &str| {
        format!(
            "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n"
        )
    };
    place.answers("/news", feed);
    place.answers("/feed", to(&place.at("/news")).into_bytes());
    assert!(
        find().await.unwrap().is_some(),
        "the control: a way that stays in TLS"
    );
    place.answers("/feed", to(&plain).into_bytes());
    assert!(find().await.is_err(), "a way to plain HTTP");
    assert_eq!(asked.load(Ordering::SeqCst), 0, "it was not even asked");
    place.announces(NEWER, &place.at("/file"), &good);
    let stranger = look(app.handle(), &source, Network::default()).await;
    assert!(stranger.is_err(), "a certificate that nobody vouches for");

    for feed in [
        "http://updates.example/feed",
        "ftp://updates.example",
        "file:///feed",
        "updates",
        "",
    ] {
        assert!(Source::read(feed, "key").is_none(), "{feed}");
    }
    assert!(
        Source::read("https://updates.example/feed", " ").is_none(),
        "no key"
    );
}

#[test]
fn a_build_from_source_or_a_package_does_not_update_itself() {
    assert!(source().is_none());
}
