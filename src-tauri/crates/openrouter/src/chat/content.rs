//! What a message holds beside plain words (OpenRouter docs, "Multimodal"), and how it gets into a request.
//!
//! Media never lie in memory as a whole: they are read, encoded and sent piece by piece.

use super::{ChatMessage, ChatRequest};
use crate::Error;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::{Value, json};
use std::{
    fmt, io,
    io::Read,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};
use tokio::sync::mpsc;

/// What a message says.
#[derive(Debug, Clone)]
pub enum Content {
    /// Words alone.
    Text(String),
    /// Several things. Words come first, as the service advises.
    Parts(Vec<Part>),
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A part of a message.
#[derive(Debug, Clone)]
pub enum Part {
    /// Words.
    Text(String),
    /// A picture: PNG, JPEG, WebP or GIF.
    Image(Media),
    /// A file, such as a PDF.
    File {
        /// The name that the model is told.
        name: String,
        /// Its bytes.
        data: Media,
    },
    /// Sound.
    Audio {
        /// `wav`, `mp3`, `aiff`, `aac`, `ogg`, `flac` or `m4a`.
        format: &'static str,
        /// Its bytes.
        data: Media,
    },
    /// A part as the service once gave it.
    Json(Value),
}

/// Bytes that are read when they are sent.
#[derive(Clone)]
pub struct Media {
    media_type: String,
    length: u64,
    open: Arc<Open>,
}

type Open = dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync;

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes", self.media_type, self.length)
    }
}

impl Media {
    /// `length` bytes of this media type, such as `image/png`. `open` may wait for a disk; each request calls it anew.
    pub fn new(
        media_type: impl Into<String>,
        length: u64,
        open: impl Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            media_type: media_type.into(),
            length,
            open: Arc::new(open),
        }
    }

    fn encoded_length(&self) -> u64 {
        self.length.div_ceil(3) * 4
    }
}

/// A piece of a request's body.
enum Piece {
    Json(Bytes),
    Base64(Media),
}

/// Collects pieces; what lies between two media is one.
#[derive(Default)]
struct Writer {
    pieces: Vec<Piece>,
    json: Vec<u8>,
}

impl Writer {
    fn raw(&mut self, text: &str) {
        self.json.extend_from_slice(text.as_bytes());
    }

    fn value(&mut self, value: &impl serde::Serialize) -> Result<(), Error> {
        serde_json::to_writer(&mut self.json, value).map_err(|_| Error::Unexpected("the request"))
    }

    /// A string of this beginning and the media.
    fn media(&mut self, prefix: &str, media: &Media) {
        self.raw("\"");
        self.raw(prefix);
        self.pieces
            .push(Piece::Json(std::mem::take(&mut self.json).into()));
        self.pieces.push(Piece::Base64(media.clone()));
        self.raw("\"");
    }

    fn data_url(&mut self, media: &Media) {
        // The media types are the core's own words: none needs an escape.
        self.media(&format!("data:{};base64,", media.media_type), media);
    }

    fn image(&mut self, media: &Media) {
        self.raw(r#"{"type":"image_url","image_url":{"url":"#);
        self.data_url(media);
        self.raw("}}");
    }

    fn part(&mut self, part: &Part) -> Result<(), Error> {
        match part {
            Part::Text(text) => self.value(&json!({"type": "text", "text": text}))?,
            Part::Json(value) => self.value(value)?,
            Part::Image(media) => self.image(media),
            Part::File { name, data } => {
                self.raw(r#"{"type":"file","file":{"filename":"#);
                self.value(name)?;
                self.raw(r#","file_data":"#);
                self.data_url(data);
                self.raw("}}");
            }
            Part::Audio { format, data } => {
                self.raw(r#"{"type":"input_audio","input_audio":{"format":"#);
                self.value(format)?;
                self.raw(r#","data":"#);
                self.media("", data);
                self.raw("}}");
            }
        }
        Ok(())
    }

    fn message(&mut self, message: &ChatMessage) -> Result<(), Error> {
        self.raw(r#"{"role":"#);
        self.value(&message.role)?;
        self.raw(r#","content":"#);
        match &message.content {
            Content::Text(text) => self.value(text)?,
            Content::Parts(parts) => self.list(parts, |writer, part| writer.part(part))?,
        }
        for (name, value) in [
            ("reasoning_details", &message.reasoning_details),
            ("annotations", &message.annotations),
        ] {
            if let Some(value) = value {
                self.raw(&format!(",\"{name}\":"));
                self.value(value)?;
            }
        }
        if !message.images.is_empty() {
            self.raw(r#","images":"#);
            self.list(&message.images, |writer, media| {
                writer.image(media);
                Ok(())
            })?;
        }
        self.raw("}");
        Ok(())
    }

    fn list<T>(
        &mut self,
        items: &[T],
        mut each: impl FnMut(&mut Self, &T) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.raw("[");
        for (nth, item) in items.iter().enumerate() {
            if nth > 0 {
                self.raw(",");
            }
            each(self, item)?;
        }
        self.raw("]");
        Ok(())
    }
}

/// The body of a request, in pieces.
pub(super) struct Body {
    pieces: Vec<Piece>,
}

/// How many bytes of a body are on their way: who waits for an answer sees that it is still asked.
#[derive(Clone, Default)]
pub(super) struct Progress(Arc<AtomicU64>);

impl Progress {
    pub fn sent(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Body {
    pub fn new(request: &ChatRequest, stream: bool) -> Result<Self, Error> {
        let mut head =
            serde_json::to_value(request).map_err(|_| Error::Unexpected("the request"))?;
        head["stream"] = stream.into();
        let mut writer = Writer::default();
        writer.value(&head)?;
        // The object goes on.
        writer.json.pop();
        writer.raw(r#","messages":"#);
        writer.list(&request.messages, Writer::message)?;
        writer.raw("}");
        let Writer { mut pieces, json } = writer;
        pieces.push(Piece::Json(json.into()));
        Ok(Self { pieces })
    }

    fn length(&self) -> u64 {
        let length = |piece: &Piece| match piece {
            Piece::Json(bytes) => bytes.len() as u64,
            Piece::Base64(media) => media.encoded_length(),
        };
        self.pieces.iter().map(length).sum()
    }

    /// As the HTTP library takes it.
    pub fn sending(mut self, progress: Progress) -> reqwest::Body {
        if let [Piece::Json(words)] = &mut self.pieces[..] {
            return std::mem::take(words).into();
        }
        let left = self.length();
        let (sender, receiver) = mpsc::channel(2);
        // Ends with the request: nobody takes from the channel then.
        tokio::task::spawn_blocking(move || {
            if let Err(error) = self.tell(&sender) {
                let _ = sender.blocking_send(Err(error));
            }
        });
        reqwest::Body::wrap(Sending {
            receiver,
            left,
            progress,
        })
    }

    fn tell(self, sender: &mpsc::Sender<io::Result<Bytes>>) -> io::Result<()> {
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        for piece in self.pieces {
            match piece {
                Piece::Json(bytes) => sender.blocking_send(Ok(bytes)).map_err(gone)?,
                Piece::Base64(media) => {
                    let mut source = (media.open)()?.take(media.length + 1);
                    let mut left = media.length;
                    let mut bytes = vec![0; CHUNK];
                    loop {
                        let read = fill(&mut source, &mut bytes)?;
                        left = left
                            .checked_sub(read as u64)
                            .ok_or(io::ErrorKind::InvalidData)?;
                        if read > 0 {
                            let text = STANDARD.encode(&bytes[..read]);
                            sender.blocking_send(Ok(text.into())).map_err(gone)?;
                        }
                        if read < CHUNK {
                            break;
                        }
                    }
                    if left > 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
            }
        }
        Ok(())
    }
}

/// Bytes that are encoded at once: a multiple of three, so that only the last piece is padded.
const CHUNK: usize = 48 * 1024;

fn fill(source: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < bytes.len() {
        match source.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// A body of known length, made while it is sent.
struct Sending {
    receiver: mpsc::Receiver<io::Result<Bytes>>,
    left: u64,
    progress: Progress,
}

impl http_body::Body for Sending {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<http_body::Frame<Bytes>>>> {
        self.receiver.poll_recv(context).map(|piece| {
            piece.map(|piece| {
                let piece = piece?;
                let length = piece.len() as u64;
                self.left = self.left.saturating_sub(length);
                self.progress.0.fetch_add(length, Ordering::Relaxed);
                Ok(http_body::Frame::data(piece))
            })
        })
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::Role;

    fn media(media_type: &str, bytes: Vec<u8>) -> Media {
        let length = bytes.len() as u64;
        Media::new(media_type, length, move || {
            Ok(Box::new(io::Cursor::new(bytes.clone())))
        })
    }

    async fn sent(request: &ChatRequest) -> (u64, io::Result<Vec<u8>>) {
        let body = Body::new(request, true).unwrap();
        let told = body.length();
        let (sender, mut receiver) = mpsc::channel(2);
        let telling = tokio::task::spawn_blocking(move || body.tell(&sender));
        let mut all = Vec::new();
        while let Some(piece) = receiver.recv().await {
            all.extend_from_slice(&piece.unwrap());
        }
        (told, telling.await.unwrap().map(|()| all))
    }

    fn asking(parts: Vec<Part>) -> ChatRequest {
        ChatRequest {
            model: "a/b".into(),
            messages: vec![ChatMessage {
                role: Role::User,
                content: Content::Parts(parts),
                reasoning_details: None,
                annotations: None,
                images: Vec::new(),
            }],
            ..ChatRequest::default()
        }
    }

    #[tokio::test]
    async fn the_pieces_are_one_json_of_the_length_that_was_told() {
        for length in [0, 1, 2, 3, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 200_001] {
            let bytes: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            let request = asking(vec![
                Part::Text("\"quoted\" \u{0} words".into()),
                Part::File {
                    name: "a \"b\".pdf".into(),
                    data: media("application/pdf", bytes.clone()),
                },
                Part::Audio {
                    format: "mp3",
                    data: media("audio/mpeg", bytes.clone()),
                },
                Part::Image(media("image/png", bytes.clone())),
            ]);
            let (told, all) = sent(&request).await;
            let all = all.unwrap();
            assert_eq!(told, all.len() as u64, "{length}");
            let json: Value = serde_json::from_slice(&all).unwrap();
            let text = STANDARD.encode(&bytes);
            let expected = json!({
                "model": "a/b",
                "stream": true,
                "messages": [{"role": "user", "content": [
                    {"type": "text", "text": "\"quoted\" \u{0} words"},
                    {"type": "file", "file": {
                        "filename": "a \"b\".pdf", "file_data": format!("data:application/pdf;base64,{text}")
                    }},
                    {"type": "input_audio", "input_audio": {"format": "mp3", "data": text}},
                    {"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{text}")}},
                ]}],
            });
            assert_eq!(json, expected, "{length}");
        }
    }

    #[tokio::test]
    async fn bytes_that_are_fewer_or_more_than_told_end_the_request() {
        for told in [2, 4, CHUNK as u64 * 2] {
            let data = Media::new("image/png", told, || Ok(Box::new(io::Cursor::new(b"abc"))));
            let (_, all) = sent(&asking(vec![Part::Image(data)])).await;
            assert!(
                all.is_err(),
                "{told}: a body that is not what its length says"
            );
        }
    }
}
