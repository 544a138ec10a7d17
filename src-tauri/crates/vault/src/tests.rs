//! Behaviour, by the rows of the threat catalogue: the file format, the states, the files, the
//! keychain, and real processes that are killed or compete.

mod bench;
mod files;
mod format;
mod keychains;
mod processes;
mod states;
