//! The real core against the emulator, without a window.
