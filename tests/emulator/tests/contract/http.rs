//! The smallest HTTP client that shows what was really sent.

use emulator::Emulator;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    /// Without the framing of chunks.
    pub body: Vec<u8>,
    /// Whether the body ended as it had said it would.
    pub is_whole: bool,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn error(&self) -> (u16, String) {
        let body = self.json();
        assert_eq!(
            body["error"]["code"], self.status,
            "the code is the status: {body}"
        );
        (
            self.status,
            body["error"]["message"].as_str().unwrap().to_owned(),
        )
    }
}

/// Sends and keeps the connection.
pub async fn open(
    emulator: &Emulator,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> TcpStream {
    let origin = emulator.origin();
    let address = origin.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut head =
        format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// `None` when the connection was closed without a reply.
pub async fn send(
    emulator: &Emulator,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Option<Response> {
    let mut stream = open(emulator, method, target, headers, body).await;
    let mut bytes = Vec::new();
    // A reset after the last byte is one of the ways in which a connection is cut.
    let _ = stream.read_to_end(&mut bytes).await;
    parse(&bytes)
}

pub fn parse(bytes: &[u8]) -> Option<Response> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut response = Response {
        status,
        headers,
        body: Vec::new(),
        is_whole: false,
    };
    let rest = &bytes[end + 4..];
    if response.header("transfer-encoding") == Some("chunked") {
        (response.body, response.is_whole) = dechunked(rest);
    } else {
        let length: usize = response
            .header("content-length")
            .map_or(0, |n| n.parse().unwrap());
        response.body = rest.to_vec();
        response.is_whole = rest.len() == length;
    }
    Some(response)
}

fn dechunked(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(line) = rest.windows(2).position(|window| window == b"\r\n") {
        let size = std::str::from_utf8(&rest[..line]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return (body, true);
        }
        let data = &rest[line + 2..];
        let Some(chunk) = data.get(..size) else {
            body.extend_from_slice(data);
            return (body, false);
        };
        body.extend_from_slice(chunk);
        rest = data.get(size + 2..).unwrap_or_default();
    }
    (body, false)
}

pub async fn get(emulator: &Emulator, target: &str, key: &str) -> Response {
    let bearer = format!("Bearer {key}");
    let headers = [("Authorization", bearer.as_str())];
    send(emulator, "GET", target, &headers, "").await.unwrap()
}

pub async fn post(emulator: &Emulator, target: &str, key: &str, body: &Value) -> Response {
    let bearer = format!("Bearer {key}");
    let headers = [("Authorization", bearer.as_str())];
    send(emulator, "POST", target, &headers, &body.to_string())
        .await
        .unwrap()
}
