//! What can go wrong between a client and OpenRouter, on demand.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;

use crate::reply::{self, Body, Cut, Reply};

/// One way in which a request fails. See [`crate::Emulator::inject`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The request is answered as usual, but only after this long.
    Delay(Duration),
    /// The request takes effect; the connection is cut after this many bytes of the reply's body.
    CutAfter(usize),
    /// Status 200 and these bytes, said to be JSON; the request has no effect.
    Garbage(Vec<u8>),
    /// This reply; the request has no effect.
    Status {
        /// The status code; one outside 100–999 becomes 500.
        status: u16,
        /// The body as it is sent.
        body: String,
        /// Header names and values. A body that starts with `{` is JSON unless they say otherwise.
        headers: Vec<(String, String)>,
    },
    /// A redirect; the request has no effect.
    Redirect {
        /// The status code, such as 302 or 307.
        status: u16,
        /// The `Location`.
        to: String,
    },
    /// Status 200 and a body that goes on for ever; the request has no effect.
    Endless,
    /// Status 200 and these bytes, said to be a stream that then says no more and stays open; the request has no effect.
    Held(String),
    /// The request takes effect; the reply's body comes one byte a second.
    Trickle,
    /// The connection is closed once the request was read; the request has no effect.
    Drop,
}

impl Fault {
    /// The reply that replaces the real one, for the faults that keep the request from having an
    /// effect; `None` for the others.
    pub(crate) fn instead(&self) -> Option<Reply> {
        match self {
            Self::Delay(_) | Self::CutAfter(_) | Self::Trickle | Self::Drop => None,
            Self::Garbage(bytes) => Some(reply::with(
                200,
                "application/json",
                Bytes::from(bytes.clone()),
            )),
            Self::Status {
                status,
                body,
                headers,
            } => {
                let kind = if body.starts_with('{') {
                    "application/json"
                } else {
                    "text/html; charset=utf-8"
                };
                let mut reply = reply::with(*status, kind, Bytes::from(body.clone()));
                for (name, value) in headers {
                    reply::set_header(&mut reply, name, value);
                }
                Some(reply)
            }
            Self::Redirect { status, to } => {
                let mut reply = reply::with(*status, "text/plain", Bytes::new());
                reply::set_header(&mut reply, "location", to);
                Some(reply)
            }
            Self::Endless => {
                let blanks = Bytes::from_static(&[b' '; 16 * 1024]);
                let frames = stream::repeat_with(move || Ok(Frame::data(blanks.clone())));
                let mut reply = reply::with(200, "application/json", Bytes::new());
                *reply.body_mut() = StreamBody::new(frames).boxed_unsync();
                Some(reply)
            }
            Self::Held(body) => {
                let frame = Ok(Frame::data(Bytes::from(body.clone())));
                let frames = stream::iter([frame]).chain(stream::pending());
                let mut reply = reply::with(200, "text/event-stream", Bytes::new());
                *reply.body_mut() = StreamBody::new(frames).boxed_unsync();
                Some(reply)
            }
        }
    }

    /// Changes how the real reply travels.
    pub(crate) fn on_the_way(&self, reply: Reply) -> Reply {
        match self {
            Self::CutAfter(bytes) => reply.map(|body| cut_after(body, *bytes)),
            Self::Trickle => reply.map(trickle),
            _ => reply,
        }
    }
}

fn cut_after(body: Body, bytes: usize) -> Body {
    let frames = stream::unfold((body, bytes), |(mut body, left)| async move {
        if left == 0 {
            // The server flushes what it holds when a body is not ready; without this pause the
            // bytes before the cut would be lost with it.
            tokio::task::yield_now().await;
            return Some((Err(Cut), (body, left)));
        }
        let data = body.frame().await?.ok()?.into_data().ok()?;
        let data = data.slice(..data.len().min(left));
        let left = left - data.len();
        Some((Ok(Frame::data(data)), (body, left)))
    });
    StreamBody::new(frames).boxed_unsync()
}

fn trickle(body: Body) -> Body {
    let frames = stream::unfold((body, Bytes::new()), |(mut body, mut held)| async move {
        while held.is_empty() {
            held = body.frame().await?.ok()?.into_data().ok()?;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        let byte = held.split_to(1);
        Some((Ok(Frame::data(byte)), (body, held)))
    });
    StreamBody::new(frames).boxed_unsync()
}
