//! The `package` command: the installers of this system, and what its own checkers say of them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{self, Result};
use crate::{setup, ui};

/// What is made without a download, by system. AppImage needs one, so only the release makes it.
const BUNDLES: &str = if cfg!(target_os = "macos") {
    "app,dmg"
} else if cfg!(windows) {
    "nsis,msi"
} else {
    "deb,rpm"
};

/// A `.deb` that is larger carries something it should not, in bytes.
const DEB_MAX: u64 = 10 * 1024 * 1024;

/// Builds for release and makes the installers, these `bundles` or the usual ones; then checks a
/// Debian package if one was made.
pub fn run(bundles: Option<&str>, more: &[String]) -> Result<()> {
    setup::packages(&[setup::BUILD, setup::PACKAGE])?;
    ui::build()?;
    let folder = process::emptied(process::target(&folder(more))?)?;
    let mut build = ui::npx("tauri");
    build
        .args(["build", "--ci", "--bundles", bundles.unwrap_or(BUNDLES)])
        .args(more)
        .current_dir(process::root());
    process::run(&mut build)?;
    let made = installers(&folder)?;
    println!("Installers:");
    for path in &made {
        println!("  {} ({} KiB)", path.display(), size(path)? / 1024);
    }
    made.iter()
        .filter(|path| has_ending(path, "deb"))
        .try_for_each(|path| debian(path))
}

/// Where the bundler leaves what it makes: cargo gives each target that is named a folder of its own.
fn folder(more: &[String]) -> String {
    let mut after = more.iter().skip_while(|word| *word != "--target").skip(1);
    match after.next() {
        Some(target) => format!("{target}/release/bundle"),
        None => "release/bundle".to_owned(),
    }
}

/// What the bundler leaves to others: the libraries that the program is linked with, by the names and versions of the
/// system that it was built on; a manual page; the change log where Debian looks for it; and a compression that saves a
/// quarter.
const FINISH: &str = r#"
set -eu
cd "$1"
mkdir -p debian usr/share/man/man1
gzip -9nc "$2" >usr/share/man/man1/causeway.1.gz
mv usr/share/doc/Causeway/changelog.gz usr/share/doc/causeway/changelog.gz
rmdir usr/share/doc/Causeway
printf 'Source: causeway\n\nPackage: causeway\nArchitecture: any\nDescription: x\n' >debian/control
libraries="$(dpkg-shlibdeps -O -eusr/bin/causeway 2>/dev/null | sed -n 's/^shlibs:Depends=//p')"
rm -r debian
[ -n "$libraries" ]
sed -i "s/^Depends: .*/Depends: ca-certificates, xdg-utils, $libraries/" DEBIAN/control
find usr -type f | LC_ALL=C sort | xargs -d '\n' md5sum >DEBIAN/md5sums
chmod 644 DEBIAN/*
dpkg-deb --root-owner-group -Zxz --build . "$3" >/dev/null
"#;

fn debian(package: &Path) -> Result<()> {
    let tree = process::emptied(process::target("package/tree")?)?;
    let extract = ["--raw-extract"];
    process::run(
        Command::new("dpkg-deb")
            .args(extract)
            .arg(package)
            .arg(&tree),
    )?;
    let mut finish = Command::new("sh");
    finish.args(["-c", FINISH, "finish"]).arg(&tree);
    finish.arg(process::root().join("packaging/linux/causeway.1"));
    process::run(finish.arg(package))
        .map_err(|_| format!("{} could not be finished.", package.display()))?;
    let bytes = size(package)?;
    println!("  {} ({} KiB, finished)", package.display(), bytes / 1024);
    if bytes > DEB_MAX {
        return Err(format!(
            "{} has {bytes} bytes; {DEB_MAX} are the most.",
            package.display()
        ));
    }
    process::run(
        Command::new("desktop-file-validate")
            .arg(tree.join("usr/share/applications/Causeway.desktop")),
    )?;
    process::run(
        Command::new("appstreamcli")
            .args(["validate-tree", "--no-net"])
            .arg(&tree),
    )?;
    process::run(
        Command::new("lintian")
            .args([
                "--fail-on",
                "error,warning",
                "--allow-root",
                "--suppress-tags-from-file",
            ])
            .arg(process::root().join("packaging/linux/lintian-exceptions"))
            .arg(package),
    )
}

fn installers(bundle: &Path) -> Result<Vec<PathBuf>> {
    const ENDINGS: &[&str] = &["deb", "rpm", "AppImage", "dmg", "exe", "msi"];
    let failed = |e| format!("Cannot list {}: {e}.", bundle.display());
    let mut found = Vec::new();
    for kind in std::fs::read_dir(bundle).map_err(failed)? {
        let kind = kind.map_err(failed)?.path();
        let files = std::fs::read_dir(&kind).map_err(failed)?;
        for file in files {
            let path = file.map_err(failed)?.path();
            if ENDINGS.iter().any(|ending| has_ending(&path, ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(format!("No installer was made under {}.", bundle.display()));
    }
    Ok(found)
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found == ending)
}

fn size(path: &Path) -> Result<u64> {
    let found = std::fs::metadata(path);
    Ok(found
        .map_err(|e| format!("Cannot look at {}: {e}.", path.display()))?
        .len())
}

#[cfg(test)]
mod tests {
    use super::folder;

    #[test]
    fn installers_are_looked_for_where_cargo_puts_a_target() {
        let words = |words: &[&str]| folder(&words.iter().map(|w| (*w).into()).collect::<Vec<_>>());
        assert_eq!(words(&[]), "release/bundle");
        let universal = ["--target", "universal-apple-darwin", "--config", "{}"];
        assert_eq!(words(&universal), "universal-apple-darwin/release/bundle");
    }
}
