//! The emulator against the contract, through real sockets.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod chat;
mod connect;
mod faults;
mod http;
mod models;
