//! Every size of the icon, from its masters.
//!
//! Two masters: at 32 pixels and below three arches are mud, so the small one has two, drawn on
//! a grid of 16. `.ico` and `.icns` are lists of PNG files behind a header, written here by hand.

use std::path::Path;
use std::process::Command;

use crate::process::{self, Result};
use crate::setup;

/// PNG files by the names that the bundler knows, with their width in pixels.
const PNGS: [(&str, u32); 5] = [
    ("32x32.png", 32),
    ("64x64.png", 64),
    ("128x128.png", 128),
    ("128x128@2x.png", 256),
    ("icon.png", 512),
];

/// Widths in the Windows icon; 32 comes first because the debug build takes the first.
const ICO: [u32; 6] = [32, 16, 24, 48, 64, 256];

/// Kinds and widths in the macOS icon, for screens of one and of two pixels a point.
const ICNS: [(&[u8; 4], u32); 8] = [
    (b"ic11", 32),
    (b"ic12", 64),
    (b"ic07", 128),
    (b"ic13", 256),
    (b"ic08", 256),
    (b"ic14", 512),
    (b"ic09", 512),
    (b"ic10", 1024),
];

/// The `icons` command.
pub fn make() -> Result<()> {
    setup::packages(&[setup::ICONS])?;
    let icons = process::root().join("icons");
    for (name, width) in PNGS {
        process::write(&icons.join(name), &draw(&icons, width, width)?)?;
    }
    let layers: Vec<(u32, Vec<u8>)> = ICO
        .into_iter()
        .map(|width| Ok((width, draw(&icons, width, width)?)))
        .collect::<Result<_>>()?;
    process::write(&icons.join("icon.ico"), &ico(&layers))?;
    let layers: Vec<(&[u8; 4], Vec<u8>)> = ICNS
        .into_iter()
        .map(|(kind, width)| Ok((kind, draw(&icons, mac_body(width), width)?)))
        .collect::<Result<_>>()?;
    process::write(&icons.join("icon.icns"), &icns(&layers))?;
    println!("Wrote {} files to {}.", PNGS.len() + 2, icons.display());
    Ok(())
}

/// Apple's grid leaves a margin round the shape, 100 pixels of 1024, where its shadow would be.
fn mac_body(width: u32) -> u32 {
    // Even, so that the margins are alike.
    width * 412 / 1024 * 2
}

/// A PNG of the mark, `body` pixels wide, in the middle of a page `page` pixels wide.
fn draw(icons: &Path, body: u32, page: u32) -> Result<Vec<u8>> {
    let master = if page <= 32 {
        "causeway-small.svg"
    } else {
        "causeway.svg"
    };
    let file = process::target(&format!("xtask/icon-{body}-{page}.png"))?;
    process::write(&file, &[])?;
    let margin = (page - body) / 2;
    let mut command = Command::new("rsvg-convert");
    for (name, value) in [
        ("--width", body),
        ("--height", body),
        ("--page-width", page),
        ("--page-height", page),
        ("--left", margin),
        ("--top", margin),
    ] {
        command.arg(name).arg(value.to_string());
    }
    process::run(command.arg("--output").arg(&file).arg(icons.join(master)))?;
    process::read(&file)
}

/// A Windows icon of PNG layers, each up to 256 pixels wide.
fn ico(layers: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let half = |n: usize| u16::try_from(n).unwrap_or(u16::MAX).to_le_bytes();
    let mut header = vec![0, 0, 1, 0];
    header.extend(half(layers.len()));
    let mut body: Vec<u8> = Vec::new();
    let first = 6 + 16 * layers.len();
    for (width, png) in layers {
        // 256 does not fit into its byte and is written as 0.
        let side = u8::try_from(*width).unwrap_or(0);
        header.extend([side, side, 0, 0, 1, 0, 32, 0]);
        header.extend(length(png.len()).to_le_bytes());
        header.extend(length(first + body.len()).to_le_bytes());
        body.extend(png);
    }
    header.extend(body);
    header
}

/// A macOS icon of PNG layers.
fn icns(layers: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, png) in layers {
        body.extend(*kind);
        body.extend(length(8 + png.len()).to_be_bytes());
        body.extend(png);
    }
    let mut file = b"icns".to_vec();
    file.extend(length(8 + body.len()).to_be_bytes());
    file.extend(body);
    file
}

/// Icons are kilobytes; four bytes hold their lengths.
fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Width and colour type of a PNG, from its header.
    fn png(bytes: &[u8]) -> (u32, u8) {
        assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
        (
            u32::from_be_bytes(bytes[16..20].try_into().unwrap()),
            bytes[25],
        )
    }

    const RGBA: u8 = 6;

    fn committed(name: &str) -> Vec<u8> {
        std::fs::read(process::root().join("icons").join(name)).unwrap()
    }

    #[test]
    fn a_windows_icon_points_at_each_of_its_layers() {
        let file = ico(&[(32, vec![1, 2, 3]), (256, vec![4, 5])]);
        let expected = [
            &[0, 0, 1, 0, 2, 0][..],
            &[32, 32, 0, 0, 1, 0, 32, 0, 3, 0, 0, 0, 38, 0, 0, 0],
            &[0, 0, 0, 0, 1, 0, 32, 0, 2, 0, 0, 0, 41, 0, 0, 0],
            &[1, 2, 3, 4, 5],
        ];
        assert_eq!(file, expected.concat());
    }

    #[test]
    fn a_macos_icon_counts_headers_into_its_lengths() {
        let file = icns(&[(b"ic07", vec![1, 2, 3]), (b"ic10", vec![4])]);
        let expected = [
            &b"icns\0\0\0\x1c"[..],
            b"ic07\0\0\0\x0b\x01\x02\x03",
            b"ic10\0\0\0\x09\x04",
        ];
        assert_eq!(file, expected.concat());
    }

    #[test]
    fn the_committed_pictures_are_as_wide_as_their_names_say() {
        for (name, width) in PNGS {
            assert_eq!(png(&committed(name)), (width, RGBA), "{name}");
        }
    }

    #[test]
    fn the_committed_windows_icon_has_every_width() {
        let file = committed("icon.ico");
        let layers = usize::from(u16::from_le_bytes([file[4], file[5]]));
        let widths: Vec<u32> = (0..layers)
            .map(|index| {
                let entry = &file[6 + 16 * index..][..16];
                let at = u32::from_le_bytes(entry[12..].try_into().unwrap()) as usize;
                png(&file[at..]).0
            })
            .collect();
        assert_eq!(widths, ICO);
    }

    #[test]
    fn the_committed_macos_icon_has_every_kind() {
        let file = committed("icon.icns");
        let mut rest = &file[8..];
        let mut found = Vec::new();
        while !rest.is_empty() {
            let size = u32::from_be_bytes(rest[4..8].try_into().unwrap()) as usize;
            found.push((rest[..4].to_vec(), png(&rest[8..]).0));
            rest = &rest[size..];
        }
        let expected: Vec<_> = ICNS
            .iter()
            .map(|(kind, width)| (kind.to_vec(), *width))
            .collect();
        assert_eq!(found, expected);
    }
}
