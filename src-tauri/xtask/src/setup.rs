//! What a computer needs before Causeway compiles and its tests run, and how to get it.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use crate::process::{self, Result};
use crate::ui;

/// A package, and the programs any of which make it unnecessary.
pub struct Package {
    name: &'static str,
    instead: &'static [&'static str],
}

const fn package(name: &'static str) -> Package {
    Package { name, instead: &[] }
}

/// What the shell compiles against.
pub const BUILD: &[Package] = &[
    package("build-essential"),
    package("pkg-config"),
    package("libwebkit2gtk-4.1-dev"),
    package("librsvg2-dev"),
    package("libayatana-appindicator3-dev"),
];

/// What the journeys of the window run in: a screen, a bus, a keychain, a driver, a browser.
pub const WINDOW: &[Package] = &[
    package("xvfb"),
    package("dbus"),
    package("dbus-x11"),
    package("gnome-keyring"),
    package("webkit2gtk-driver"),
    Package {
        name: "chromium",
        instead: &["chromium", "chromium-browser", "google-chrome"],
    },
    Package {
        name: "chromium-driver",
        instead: &["chromedriver"],
    },
    package("xdg-utils"),
    package("imagemagick"),
    package("curl"),
    // Reads what a copy left in the clipboard.
    package("xclip"),
];

/// What judges a package.
pub const PACKAGE: &[Package] = &[
    package("desktop-file-utils"),
    package("appstream"),
    package("lintian"),
];

/// What makes a system within this one.
pub const FRESH: &[Package] = &[package("debootstrap")];

/// What draws the icons.
pub const ICONS: &[Package] = &[Package {
    name: "librsvg2-bin",
    instead: &["rsvg-convert"],
}];

/// The `setup` command.
pub fn everything() -> Result<()> {
    packages(&[BUILD, WINDOW])?;
    ui::install()?;
    println!("Everything is here. Next: `cargo xtask demo`.");
    Ok(())
}

/// Makes sure of the system's packages; quick when they are all there.
pub fn packages(lists: &[&[Package]]) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return elsewhere();
    }
    let os = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    if !is_debian(&os) || !process::on_path(&["apt-get"]) {
        return elsewhere();
    }
    let wanted: Vec<&Package> = lists.iter().copied().flatten().collect();
    let installed = installed(&wanted);
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|p| !installed.contains(p.name) && !process::on_path(p.instead))
        .map(|p| name_on(&os, p.name))
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        install(&missing)
    }
}

/// The words of an os-release file that say whose packages these are.
fn families(os_release: &str) -> impl Iterator<Item = &str> {
    os_release
        .lines()
        .filter_map(|line| {
            line.strip_prefix("ID=")
                .or_else(|| line.strip_prefix("ID_LIKE="))
        })
        .flat_map(|value| value.trim_matches('"').split_whitespace())
}

fn is_debian(os_release: &str) -> bool {
    families(os_release).any(|id| id == "debian" || id == "ubuntu")
}

/// Ubuntu calls two of Debian's packages otherwise.
fn name_on<'a>(os_release: &str, debian: &'a str) -> &'a str {
    match debian {
        "chromium" if families(os_release).any(|id| id == "ubuntu") => "chromium-browser",
        "chromium-driver" if families(os_release).any(|id| id == "ubuntu") => {
            "chromium-chromedriver"
        }
        name => name,
    }
}

fn installed(wanted: &[&Package]) -> BTreeSet<String> {
    // Ends with 1 when any package is unknown; what it printed about the others still holds.
    let answer = Command::new("dpkg-query")
        .args(["--show", "--showformat", "${Package} ${db:Status-Status}\n"])
        .args(wanted.iter().map(|p| p.name))
        .stderr(Stdio::null())
        .output();
    let text = answer
        .map(|a| String::from_utf8_lossy(&a.stdout).into_owned())
        .unwrap_or_default();
    text.lines()
        .filter_map(|line| line.strip_suffix(" installed"))
        .map(str::to_owned)
        .collect()
}

fn install(missing: &[&str]) -> Result<()> {
    let list = missing.join(" ");
    let by_hand = format!("apt-get install --no-install-recommends {list}");
    let root = is_root();
    if !root && !process::on_path(&["sudo"]) {
        return Err(format!("Some packages are missing. As root: {by_hand}"));
    }
    println!("Installing{}: {list}", if root { "" } else { " with sudo" });
    let apt = |args: &[&str]| {
        let mut command = as_root("env");
        command
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"])
            .args(args);
        process::run(&mut command)
    };
    apt(&["update"])
        .and_then(|()| apt(&[&["install", "-y", "--no-install-recommends"], missing].concat()))
        .map_err(|e| format!("{e} Try by hand, as root: apt-get update && {by_hand}"))
}

/// This program with the rights of root.
pub fn as_root(program: &str) -> Command {
    if is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.arg(program);
    command
}

fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|user| user.trim() == "0")
}

/// Where there is no apt: says what to install, once per run, and lets the compiler judge.
fn elsewhere() -> Result<()> {
    let (found, hint) = match std::env::consts::OS {
        "macos" => (
            Command::new("xcode-select")
                .arg("-p")
                .stdout(Stdio::null())
                .status(),
            "Apple's command line tools: `xcode-select --install`.",
        ),
        "windows" => (
            Command::new("cmd")
                .args(["/C", "where cl >NUL 2>NUL || where link >NUL"])
                .status(),
            "the C++ build tools of Visual Studio, and WebView2 (part of Windows 11).",
        ),
        _ => (
            Command::new("pkg-config")
                .args(["--exists", "webkit2gtk-4.1"])
                .status(),
            "a C compiler, pkg-config and the development files of WebKitGTK 4.1, librsvg and \
             libayatana-appindicator; for the window's tests also Xvfb, dbus-run-session, \
             gnome-keyring, WebKitWebDriver, Chromium and its chromedriver, xdg-utils and \
             ImageMagick.",
        ),
    };
    if !found.is_ok_and(|status| status.success()) {
        println!("If the build fails, install {hint}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOKWORM: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n";
    const NOBLE: &str = "NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n";
    const MINT: &str = "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n";
    const FEDORA: &str = "ID=fedora\n";

    #[test]
    fn debian_and_what_is_made_from_it_is_recognised() {
        let answers = [BOOKWORM, NOBLE, MINT, FEDORA, ""].map(is_debian);
        assert_eq!(answers, [true, true, true, false, false]);
    }

    #[test]
    fn the_browser_has_another_name_on_ubuntu() {
        assert_eq!(name_on(BOOKWORM, "chromium"), "chromium");
        assert_eq!(name_on(NOBLE, "chromium"), "chromium-browser");
        assert_eq!(name_on(MINT, "chromium-driver"), "chromium-chromedriver");
        assert_eq!(name_on(NOBLE, "xvfb"), "xvfb");
    }
}
