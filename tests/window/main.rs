//! Journeys through the real window: the program as a person runs it, in the web view it ships with, with the real
//! browser on the emulator's page and the real Secret Service.
//!
//! `cargo xtask test` gives these a screen, a bus and a web driver. `SHOTS_DIR` says where pictures go.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says no by panicking"
)]

mod access;
mod browser;
mod compare;
mod desk;
mod fence;
mod files;
mod harness;
mod history;
mod hostile;
mod installed;
mod instance;
mod journey;
mod links;
mod security;
mod shots;
mod talk;
mod thread;
mod traces;
mod words;
