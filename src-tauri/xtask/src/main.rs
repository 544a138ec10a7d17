//! The developer's commands: `cargo xtask` lists them.
//!
//! Everything a command needs it prepares by itself, so that a fresh clone has one step, not five.
//! Errors are sentences with the next step, which is why they are plain strings here.
#![expect(
    clippy::print_stdout,
    reason = "a command-line tool speaks by printing"
)]

mod app;
mod bench;
mod check;
mod fuzz;
mod guards;
mod icons;
mod installed;
mod laws;
mod package;
mod process;
mod session;
mod setup;
mod test;
mod ui;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <command>

  setup          install what is missing (Debian, Ubuntu), say what to install elsewhere
  run [args]     build the app and start it against OpenRouter
  demo           start the app beside an OpenRouter on this computer, no account needed;
                 without a display, play the journey unseen and write screenshots
  check          formatting, lints, types, bindings, laws
  test [filter]  every test, the window's included
  test --installed [--fresh]
                 the Debian package that `package` made: install, use, remove; on a Debian 12 of its own
  guards [part]  take away each guard in a copy of the tree and see a test fail
  fuzz [target] [seconds]
                 give hostile bytes to what reads them, and keep what was new
  bench start | connect | stream | open | history | picker | compare [options]
                 measure the program that ships in its real window
  shots          every screen, light and dark, as pictures
  bindings       write the window's types anew from the core's
  laws           the rules of the house alone
  package [list] the installers of this system, or those listed (deb,rpm,appimage…), checked
  icons          make every size of the icon from its master
";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next();
    let rest: Vec<String> = args.collect();
    match dispatch(command.as_deref(), &rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            process::say_error(&sentence);
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Option<&str>, rest: &[String]) -> process::Result<()> {
    match (command, rest) {
        (None | Some("help" | "--help" | "-h"), _) => {
            print!("{HELP}");
            Ok(())
        }
        (Some("run"), args) => app::run(args),
        (Some("test"), []) => test::run(None),
        (Some("test"), [installed]) if installed == "--installed" => installed::run(),
        (Some("test"), [installed, fresh]) if installed == "--installed" && fresh == "--fresh" => {
            installed::run_on_fresh()
        }
        (Some("test"), [filter]) => test::run(Some(filter)),
        (Some("guards"), []) => guards::run(None),
        (Some("guards"), [filter]) => guards::run(Some(filter)),
        (Some("fuzz"), args) => fuzz::run(args),
        (Some("bench"), args) => bench::run(args),
        (Some("setup"), []) => setup::everything(),
        (Some("demo"), []) => app::demo(),
        (Some("check"), []) => check::run(),
        (Some("shots"), []) => app::shots(),
        (Some("bindings"), []) => check::write_bindings(),
        (Some("laws"), []) => laws::check(),
        (Some("package"), []) => package::run(None, &[]),
        (Some("package"), [bundles, more @ ..]) => package::run(Some(bundles), more),
        (Some("icons"), []) => icons::make(),
        (Some(command), rest) => Err(format!(
            "`cargo xtask {}` is not a command. `cargo xtask` alone lists them.",
            [&[command.to_owned()], rest].concat().join(" ")
        )),
    }
}
