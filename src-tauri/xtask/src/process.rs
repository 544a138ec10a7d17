//! Where things are, and how another program is started and listened to.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

/// What a command ends with: nothing, or a sentence for the person who typed it.
pub type Result<T> = std::result::Result<T, String>;

/// The top of the work tree.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// A finished debug program of this workspace; it lies beside this one.
pub fn program(name: &str) -> Result<PathBuf> {
    Ok(debug_folder()?.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// A place under the build folder, wherever that has been put.
pub fn target(below: &str) -> Result<PathBuf> {
    let debug = debug_folder()?;
    Ok(debug.parent().unwrap_or(&debug).join(below))
}

fn debug_folder() -> Result<PathBuf> {
    let own = std::env::current_exe().map_err(|e| format!("Cannot find this program: {e}."))?;
    own.parent()
        .map(Path::to_owned)
        .ok_or_else(|| "This program lies nowhere.".to_owned())
}

/// The folder, existing and empty.
pub fn emptied(folder: PathBuf) -> Result<PathBuf> {
    let failed = |e| format!("Cannot empty {}: {e}.", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(failed)?;
    }
    std::fs::create_dir_all(&folder).map_err(failed)?;
    Ok(folder)
}

pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| format!("Cannot read {}: {e}.", path.display()))
}

/// Writes a file, making its folder.
pub fn write(path: &Path, content: &[u8]) -> Result<()> {
    path.parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(path, content))
        .map_err(|e| format!("Cannot write {}: {e}.", path.display()))
}

/// The files that git tracks, and those that it would, by their path from the top with `/` between
/// folders.
pub fn tracked() -> Result<Vec<String>> {
    let mut command = Command::new("git");
    let list = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let list = output(command.args(list).current_dir(root()))?;
    Ok(list.split_terminator('\0').map(str::to_owned).collect())
}

/// `cargo` at the top of the tree, without what the outer cargo told this program about itself:
/// some build scripts (ring's) watch those variables and would compile again for nothing.
pub fn cargo<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    for (name, _) in std::env::vars_os() {
        let about_us = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_")
                || name.starts_with("CARGO_MANIFEST_")
                || matches!(
                    name,
                    "CARGO_CRATE_NAME" | "CARGO_BIN_NAME" | "CARGO_PRIMARY_PACKAGE"
                )
        });
        if about_us {
            command.env_remove(name);
        }
    }
    command
}

/// Whether a program of one of these names can be started.
pub fn on_path(names: &[&str]) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| {
        names.iter().any(|name| {
            folder
                .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
                .is_file()
        })
    })
}

/// Runs to the end on this terminal.
pub fn run(command: &mut Command) -> Result<()> {
    ended(command.status(), command)
}

/// Runs to the end and returns what it printed; its complaints go to this terminal, and when it
/// fails what it printed does too.
pub fn output(command: &mut Command) -> Result<String> {
    let result = command.stderr(Stdio::inherit()).output();
    let result = result.map_err(|e| not_started(command, &e))?;
    let text = String::from_utf8_lossy(&result.stdout).into_owned();
    if !result.status.success() {
        print!("{text}");
    }
    ended(Ok(result.status), command).map(|()| text)
}

/// Runs to the end, passing its lines on to this terminal and to `each`.
pub fn listen(command: &mut Command, mut each: impl FnMut(&str)) -> Result<ExitStatus> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| not_started(command, &e))?;
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout);
        let mut line = Vec::new();
        while lines
            .read_until(b'\n', &mut line)
            .is_ok_and(|read| read > 0)
        {
            let text = String::from_utf8_lossy(&line);
            print!("{text}");
            each(&text);
            line.clear();
        }
    }
    child
        .wait()
        .map_err(|e| format!("Lost sight of `{}`: {e}.", shown(command)))
}

/// Turns how a program ended into a sentence that names it.
pub fn ended(status: std::io::Result<ExitStatus>, command: &Command) -> Result<()> {
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{}` failed ({status}).", shown(command))),
        Err(e) => Err(not_started(command, &e)),
    }
}

pub fn not_started(command: &Command, error: &std::io::Error) -> String {
    let next = match error.kind() {
        std::io::ErrorKind::NotFound => " `cargo xtask setup` installs or names what is missing.",
        _ => "",
    };
    format!("Cannot start `{}`: {error}.{next}", shown(command))
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[expect(clippy::print_stderr, reason = "the one place where a failure is told")]
pub fn say_error(sentence: &str) {
    eprintln!("xtask: {sentence}");
}
