//! The use cases of Causeway: connect, ask, stop, branch, pick a model. Owns running answers.
//!
//! Rust holds the truth, the window holds a mirror: [`Core`] is the only entrance, [`wire`] the only thing that
//! crosses. What is needed from outside comes in through [`ports`]. Nothing here knows Tauri.

mod account;
mod app;
mod catalogue;
mod chores;
mod cited;
mod connect;
mod conversations;
mod copies;
mod costs;
mod export;
mod files;
mod folders;
#[cfg(feature = "testing")]
pub mod fuzzing;
mod import;
mod links;
mod lock;
mod meta;
mod options;
mod personas;
mod place;
pub mod ports;
mod problem;
mod renew;
mod reply;
mod routing;
mod search;
mod session;
mod thread;
mod titles;
mod transfer;
pub mod wire;

pub use app::{Core, Ports, Setup};
pub use connect::callback::SCHEME;
pub use openrouter::{Network, Origin};
pub use vault::{Keychain, SystemKeychain};
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "testing")]
pub use vault::KeychainError;
