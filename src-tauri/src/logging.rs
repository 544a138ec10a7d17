//! Log lines go to standard error: warnings, or what `CAUSEWAY_LOG` asks for. No line holds a secret, at any level.

use tracing_subscriber::EnvFilter;

/// Starts logging. A second call changes nothing.
pub fn start() {
    let filter = EnvFilter::try_from_env("CAUSEWAY_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .try_init();
}
