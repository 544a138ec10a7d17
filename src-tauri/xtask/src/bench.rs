//! The `bench` command: the release build in its real window, on a screen nobody sees.

use crate::process::{self, Result};
use crate::session::Session;
use crate::{app, setup, ui};

/// Measures one subject; what it knows, `tests/window/bench` says itself. `--debug` measures the build that tests use: it
/// is there sooner, to see that measuring works.
pub fn run(args: &[String]) -> Result<()> {
    setup::packages(&[setup::BUILD, setup::WINDOW])?;
    ui::build()?;
    let (debug, args): (Vec<_>, Vec<_>) = args.iter().partition(|arg| *arg == "--debug");
    let (profile, folder) = match debug.is_empty() {
        true => ("release", "release"),
        false => ("dev", "debug"),
    };
    let common = [
        "--workspace",
        "--features",
        app::FEATURES,
        "--profile",
        profile,
    ];
    let mut build = process::cargo(["build", "--bin", "causeway"]);
    // Naming a benchmark makes cargo choose features as `cargo bench` does.
    build.args(common).args(["--bench", "bench"]);
    if args.first().is_some_and(|what| *what == "start") {
        build.args(["--example", "bare"]);
    }
    process::run(&mut build)?;
    let mut command = process::cargo(["bench", "--quiet", "--bench", "bench"]);
    command.args(common).arg("--").args(args);
    let session = Session::start()?;
    let results = process::target("bench")?;
    std::fs::create_dir_all(&results)
        .map_err(|e| format!("Cannot make {}: {e}.", results.display()))?;
    let program = format!("causeway{}", std::env::consts::EXE_SUFFIX);
    let program = process::target(folder)?.join(program);
    let bare = format!("examples/bare{}", std::env::consts::EXE_SUFFIX);
    let bare = process::target(folder)?.join(bare);
    let mut command = session.around(&command);
    process::run(
        command
            .env("CAUSEWAY_BIN", program)
            .env("BARE_BIN", bare)
            .env("BENCH_DIR", results),
    )
}
