//! OpenRouter's HTTP API and its PKCE sign-in: requests out, typed events in.
//!
//! This crate knows no app, no disk and no window. It owns three boundaries:
//!
//! * **Where a request may go.** An [`Origin`] is OpenRouter or a loopback address, nothing else, and redirects are
//!   never followed: a bearer can't be carried to another host.
//! * **What a secret can do.** [`ApiKey`], [`AuthorizationCode`] and [`CodeVerifier`] have no `Debug`, `Display`,
//!   `Clone` or `Serialize`; they leave this crate through one named method each.
//! * **How much a server can say.** Every reply is bounded in bytes and in time.
//!
//! Deliberately absent: retries of anything that may have reached the server, a way past a certificate that is not
//! accepted, `plain` PKCE, cookies, redirects.
//! Response fields are optional throughout, because OpenRouter adds and removes them (OpenRouter docs, "Versioning").

mod auth;
mod billing;
mod chat;
mod client;
mod error;
mod generation;
mod key;
mod models;
mod network;
mod origin;
mod pkce;
mod secret;
mod sse;
#[cfg(feature = "testing")]
pub mod testing;

pub use auth::{AuthorizeUrl, CodeRequest, Exchanged, KEY_LABEL_MAX, LimitReset, S256};
pub use billing::stops_billing;
pub use chat::{
    AskedReasoning, ChatEvent, ChatMessage, ChatRequest, ChatStream, Content, FinishReason,
    MaxPrice, Media, Part, PdfEngine, PdfParser, Plugin, ProviderPreferences, Role, ServerTool,
    ToolCalls, Usage, WebPlugin, WebTool,
};
pub use client::{App, Client};
pub use error::{ApiError, Error, Left};
pub use key::{Budget, FreeRequests, KeyInfo, key_hash};
pub use models::{
    AliasTarget, Architecture, Endpoint, Listed, Model, Override, Percentiles, Pricing, Reasoning,
    TopProvider,
};
pub use network::{BadNetwork, Network};
pub use origin::Origin;
pub use pkce::{CodeChallenge, CodeVerifier};
pub use secret::{ApiKey, AuthorizationCode, BadSecret};
