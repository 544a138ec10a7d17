//! The program.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    causeway_shell::run(std::env::args_os().skip(1))
}
