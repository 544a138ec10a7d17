//! The real core against the emulator, without a window.
//!
//! Names begin with the rows of SECURITY.md that a test covers (`l19` is row L19).
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail the test"
)]

mod calls;
mod catalogue;
mod changes;
mod chat;
mod compare;
mod connect;
mod copies;
mod corpus;
mod drawn;
mod endings;
mod exchange;
mod file_memory;
mod files;
mod harness;
mod http;
mod keys;
mod killed;
mod leak;
mod links;
mod long;
mod memory;
mod mirror;
mod paste;
mod person;
mod refusals;
mod refused_files;
mod renewal;
mod replies;
mod requests;
mod routing;
mod security;
mod shapes;
mod shelves;
mod sockets;
mod streams;
mod survival;
mod transfer;
mod trouble;
mod vault;
mod ways;
