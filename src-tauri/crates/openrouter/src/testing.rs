//! What a server may send, without a server: for tests that try many replies.

use crate::{ApiError, ChatStream, Error, Exchanged, chat};
use bytes::Bytes;
use futures_util::stream;
use reqwest::{Body, Response};

/// What an exchange makes of this reply.
///
/// # Errors
/// As [`Client::exchange`]'s; [`Error::Unexpected`] for a status that is none.
pub async fn exchange_reply(status: u16, body: Vec<u8>) -> Result<Exchanged, Error> {
    Exchanged::read(response(status, Body::from(body))?).await
}

/// What is read from the body of a refusal.
#[must_use]
pub fn error_body(status: u16, retry_after: Option<&str>, body: &[u8]) -> ApiError {
    ApiError::read(status, retry_after, body)
}

/// The answer that a stream in these pieces holds.
///
/// # Errors
/// None in fact: 200 is a status.
pub fn chat_stream(pieces: Vec<Bytes>) -> Result<ChatStream, Error> {
    let pieces = pieces.into_iter().map(Ok::<_, std::io::Error>);
    Ok(chat::stream(response(
        200,
        Body::wrap_stream(stream::iter(pieces)),
    )?))
}

fn response(status: u16, body: Body) -> Result<Response, Error> {
    let made = http::Response::builder().status(status).body(body);
    let made = made.map_err(|_| Error::Unexpected("no such status"))?;
    Ok(Response::from(made))
}
