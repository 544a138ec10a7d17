//! The `bench` command: the release build in its real window, on a screen nobody sees.

use crate::process::{self, Result};
use crate::session::Session;
use crate::{app, setup, ui};

/// Measures one subject; what it knows, `tests/window/bench` says itself.
pub fn run(args: &[String]) -> Result<()> {
    setup::packages(&[setup::BUILD, setup::WINDOW])?;
    ui::build()?;
    let common = ["--workspace", "--features", app::FEATURES];
    let mut build = process::cargo(["build", "--release", "--bin", "causeway"]);
    // Naming a benchmark makes cargo choose features as `cargo bench` does.
    process::run(build.args(common).args(["--bench", "bench"]))?;
    let mut command = process::cargo(["bench", "--quiet", "--bench", "bench"]);
    command.args(common).arg("--").args(args);
    let session = Session::start()?;
    let folder = process::target("bench")?;
    std::fs::create_dir_all(&folder)
        .map_err(|e| format!("Cannot make {}: {e}.", folder.display()))?;
    let program =
        process::target("release")?.join(format!("causeway{}", std::env::consts::EXE_SUFFIX));
    let mut command = session.around(&command);
    process::run(
        command
            .env("CAUSEWAY_BIN", program)
            .env("BENCH_DIR", folder),
    )
}
