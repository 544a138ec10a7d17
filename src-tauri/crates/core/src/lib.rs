//! The use cases of Causeway.

pub mod wire;
