//! Where the code can come back to: `localhost:3000` on both families, else a free port on `127.0.0.1`.

use super::{
    callback::Expected,
    listener::{Arrival, Listener, Turn},
};
use std::{
    io::{self, ErrorKind},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};

/// The port that satisfies OpenRouter's older rule as well as today's (any loopback port).
pub const PREFERRED_PORT: u16 = 3000;
const PROBE_TIME: Duration = Duration::from_secs(2);

/// A bound and proven way back.
pub struct Receiver {
    /// As in the callback address: `localhost:3000` or `127.0.0.1:PORT`.
    pub authority: String,
    /// Closes the port when dropped.
    pub listener: Listener,
    /// The decision, once.
    pub arrivals: mpsc::Receiver<Arrival>,
}

/// Climbs the ladder: the first rung that binds and answers its own probe. None: no way back on this computer.
pub async fn receive(preferred: u16, nonce: &str, probe: &str, turn: &Turn) -> Option<Receiver> {
    if let Some((authority, sockets)) = both_families(preferred).await
        && let Some(receiver) = prove(authority, sockets, nonce, probe, turn).await
    {
        return Some(receiver);
    }
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.ok()?;
    let authority = socket.local_addr().ok()?.to_string();
    prove(authority, vec![socket], nonce, probe, turn).await
}

/// All or nothing: a browser may take `localhost` for either family, so both must be ours. A computer without
/// IPv6 is fine; `[::1]` in other hands is not.
async fn both_families(port: u16) -> Option<(String, Vec<TcpListener>)> {
    let names = timeout(PROBE_TIME, tokio::net::lookup_host(("localhost", port))).await;
    if !names.ok()?.ok()?.all(|address| address.ip().is_loopback()) {
        return None;
    }
    let mut sockets = vec![TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.ok()?];
    match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
        Ok(socket) => sockets.push(socket),
        Err(error) if no_such_family(&error) => {}
        Err(_) => return None,
    }
    Some((format!("localhost:{port}"), sockets))
}

fn no_such_family(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::AddrNotAvailable | ErrorKind::Unsupported)
        // EAFNOSUPPORT: 97 on Linux, 47 on macOS; WSAEAFNOSUPPORT 10047.
        || matches!(error.raw_os_error(), Some(97 | 47 | 10047))
}

/// Serves, then asks itself over the network: a firewall, a proxy in the way or a shadowing socket shows here and
/// not in the person's browser.
async fn prove(
    authority: String,
    sockets: Vec<TcpListener>,
    nonce: &str,
    probe: &str,
    turn: &Turn,
) -> Option<Receiver> {
    let addresses: Vec<_> = sockets.iter().filter_map(|s| s.local_addr().ok()).collect();
    let (sender, arrivals) = mpsc::channel(1);
    let expected = Expected {
        authority: authority.clone(),
        nonce: nonce.into(),
        probe: probe.into(),
    };
    let listener = Listener::serve(sockets, expected, sender, turn);
    for address in addresses {
        let answer = timeout(PROBE_TIME, ask(address, &authority, probe)).await;
        if !matches!(answer, Ok(Ok(true))) {
            return None;
        }
    }
    Some(Receiver {
        authority,
        listener,
        arrivals,
    })
}

async fn ask(address: SocketAddr, authority: &str, probe: &str) -> io::Result<bool> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /probe/{probe} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer).await?;
    Ok(answer.starts_with(b"HTTP/1.1 200 ") && answer.ends_with(probe.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[cfg(unix)]
    #[tokio::test]
    async fn l7_a_port_that_does_not_answer_is_no_way_back() {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let authority = socket.local_addr().unwrap().to_string();
        let turn = Arc::new(tokio::sync::Mutex::new(()));
        let turn = Arc::new(turn.lock_owned().await);
        // Still bound, and nobody gets through: as behind a firewall.
        let socket = socket.into_std().unwrap();
        let twin = std::os::fd::OwnedFd::from(socket.try_clone().unwrap());
        std::net::TcpStream::from(twin)
            .shutdown(std::net::Shutdown::Both)
            .unwrap();
        let sockets = vec![TcpListener::from_std(socket).unwrap()];
        let nonce = "n".repeat(43);
        let way = prove(authority, sockets, &nonce, &"p".repeat(43), &turn).await;
        assert!(way.is_none(), "the browser would come back to nothing");
    }

    #[tokio::test]
    async fn l7_a_stranger_that_answers_at_the_port_is_not_taken_for_us() {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let stranger = tokio::spawn(async move {
            let (mut stream, _) = socket.accept().await.unwrap();
            let mut head = [0; 512];
            let _ = stream.read(&mut head).await;
            let page = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nwelcome";
            stream.write_all(page).await.unwrap();
        });
        let ours = ask(address, &address.to_string(), &"p".repeat(43)).await;
        assert!(!ours.unwrap());
        stranger.await.unwrap();
    }
}
