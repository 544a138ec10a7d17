//! A browser reduced to bytes: what is sent is exactly what the test wrote.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Page {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
        Some(Self {
            status,
            headers: headers.collect(),
            body: body.to_owned(),
        })
    }
}

pub const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
pub const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

/// Sends bytes and reads until the other side closes; none when it answered nothing.
pub async fn raw(at: (IpAddr, u16), bytes: &[u8]) -> Option<Page> {
    let mut stream = TcpStream::connect(SocketAddr::from(at)).await.ok()?;
    // A server that has refused already may close before it has read everything.
    let _ = stream.write_all(bytes).await;
    answer(stream).await
}

pub async fn answer(mut stream: TcpStream) -> Option<Page> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    Page::parse(&bytes)
}

/// `localhost:3000` of a URL, as a Host header names it.
pub fn authority(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())
}

/// Path and query.
pub fn target(url: &Url) -> &str {
    &url[url::Position::BeforePath..url::Position::AfterQuery]
}

pub fn request(url: &Url, headers: &[(&str, &str)]) -> String {
    let mut head = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\n",
        target(url),
        authority(url)
    );
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head + "\r\n"
}

/// Goes where the service sends the browser, over this family.
pub async fn visit_over(ip: IpAddr, url: &str) -> Page {
    try_visit(ip, url).await.expect("an answer")
}

pub async fn try_visit(ip: IpAddr, url: &str) -> Option<Page> {
    let url = Url::parse(url).unwrap();
    raw((ip, url.port().unwrap()), request(&url, &[]).as_bytes()).await
}

pub async fn visit(url: &str) -> Page {
    visit_over(V4, url).await
}
