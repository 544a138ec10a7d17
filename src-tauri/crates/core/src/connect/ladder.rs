//! Where the code can come back to: `localhost:3000` on both families, else a free port on `127.0.0.1`, else a link of
//! the app's own scheme.

use super::{
    callback::Expected,
    listener::{Arrival, Listener, Turn},
};
use crate::{
    app::{Ports, blocking},
    ports::Loopback,
    wire::{Back, WayBack},
};
use std::{
    io::{self, ErrorKind},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
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

/// A way back that was found to work.
pub enum Receiver {
    /// A bound port that answered its own probe.
    Port(Port),
    /// The system opens the app's links with this app.
    Link,
}

/// A bound and proven port.
pub struct Port {
    /// As in the callback address: `localhost:3000` or `127.0.0.1:PORT`.
    pub authority: String,
    /// Closes the port when dropped.
    pub listener: Listener,
    /// The decision, once.
    pub arrivals: mpsc::Receiver<Arrival>,
}

impl Receiver {
    /// The callback address to give to the service.
    pub fn callback(&self, expected: &Expected) -> String {
        match self {
            Self::Port(port) => format!("http://{}{}", port.authority, expected.path()),
            Self::Link => expected.link(),
        }
    }

    /// What the window says about it.
    pub fn shown(&self) -> Back {
        match self {
            Self::Port(port) => Back::Port {
                address: port.authority.clone(),
            },
            Self::Link => Back::AppLink,
        }
    }
}

/// Climbs the ladder, or tries the one rung that was chosen: the first that works. None: no way back on this computer.
pub async fn climb(
    ports: &Ports,
    choice: WayBack,
    preferred: u16,
    expected: &Expected,
    turn: &Turn,
) -> Option<Receiver> {
    let wanted = |rung| choice == WayBack::Automatic || choice == rung;
    if wanted(WayBack::Localhost)
        && let Some((authority, sockets)) = both_families(&*ports.loopback, preferred).await
        && let Some(port) = prove(authority, sockets, expected, turn).await
    {
        return Some(Receiver::Port(port));
    }
    if wanted(WayBack::FreePort)
        && let Some((authority, sockets)) = free_port(&*ports.loopback).await
        && let Some(port) = prove(authority, sockets, expected, turn).await
    {
        return Some(Receiver::Port(port));
    }
    let links = Arc::clone(&ports.links);
    let asked = async || timeout(PROBE_TIME, blocking(move || links.are_ours())).await;
    let link = wanted(WayBack::AppLink) && matches!(asked().await, Ok(Ok(true)));
    link.then_some(Receiver::Link)
}

/// All or nothing: a browser may take `localhost` for either family, so both must be ours. A computer without
/// IPv6 is fine; `[::1]` in other hands is not.
async fn both_families(loopback: &dyn Loopback, port: u16) -> Option<(String, Vec<TcpListener>)> {
    let names = timeout(PROBE_TIME, loopback.localhost()).await.ok()?.ok()?;
    if names.is_empty() || !names.iter().all(|ip| ip.is_loopback()) {
        return None;
    }
    let v4 = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let v6 = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
    let mut sockets = vec![loopback.listen(v4).await.ok()?];
    match loopback.listen(v6).await {
        Ok(socket) => sockets.push(socket),
        Err(error) if no_such_family(&error) => {}
        Err(_) => return None,
    }
    Some((format!("localhost:{port}"), sockets))
}

async fn free_port(loopback: &dyn Loopback) -> Option<(String, Vec<TcpListener>)> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let socket = loopback.listen(any).await.ok()?;
    let authority = socket.local_addr().ok()?.to_string();
    Some((authority, vec![socket]))
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
    expected: &Expected,
    turn: &Turn,
) -> Option<Port> {
    let addresses: Vec<_> = sockets.iter().filter_map(|s| s.local_addr().ok()).collect();
    let (sender, arrivals) = mpsc::channel(1);
    let expected = Expected {
        authority: authority.clone(),
        ..expected.clone()
    };
    let probe = expected.probe.clone();
    let listener = Listener::serve(sockets, expected, sender, turn);
    for address in addresses {
        let answer = timeout(PROBE_TIME, ask(address, &authority, &probe)).await;
        if !matches!(answer, Ok(Ok(true))) {
            return None;
        }
    }
    Some(Port {
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
        let expected = Expected {
            authority: String::new(),
            nonce: "n".repeat(43),
            probe: "p".repeat(43),
        };
        let way = prove(authority, sockets, &expected, &turn).await;
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
