//! What a file is, by what is in it: names and endings lie.

use crate::wire::FileKind;

/// What was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Image(Picture),
    Pdf,
    /// Sound, by the service's word for its format.
    Audio(&'static str),
    /// An archive that may be a document.
    Zip,
    /// An office document of the years before 2007, or one that is encrypted.
    Compound,
    /// Nothing known by its first bytes: text, or something that can't be read.
    Other,
}

/// A kind of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Picture {
    Png,
    Jpeg,
    Gif,
    WebP,
    /// Nothing here can decode it.
    Heic,
}

impl Picture {
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Heic => "image/heic",
        }
    }

    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Heic => "heic",
        }
    }
}

/// So many first bytes tell.
pub(crate) const HEAD: usize = 1024;

pub(crate) fn sniff(head: &[u8]) -> Found {
    let at =
        |from: usize, bytes: &[u8]| head.get(from..).is_some_and(|rest| rest.starts_with(bytes));
    let brand = |names: &[&[u8; 4]]| at(4, b"ftyp") && names.iter().any(|name| at(8, *name));
    if at(0, b"\x89PNG\r\n\x1a\n") {
        Found::Image(Picture::Png)
    } else if at(0, b"\xff\xd8\xff") {
        Found::Image(Picture::Jpeg)
    } else if at(0, b"GIF87a") || at(0, b"GIF89a") {
        Found::Image(Picture::Gif)
    } else if at(0, b"RIFF") && at(8, b"WEBP") {
        Found::Image(Picture::WebP)
    } else if brand(&[
        b"heic", b"heix", b"heim", b"hevc", b"mif1", b"msf1", b"avif",
    ]) {
        Found::Image(Picture::Heic)
    } else if at(0, b"RIFF") && at(8, b"WAVE") {
        Found::Audio("wav")
    } else if at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC")) {
        Found::Audio("aiff")
    } else if at(0, b"fLaC") {
        Found::Audio("flac")
    } else if at(0, b"OggS") {
        Found::Audio("ogg")
    } else if brand(&[b"M4A ", b"M4B "]) {
        Found::Audio("m4a")
    } else if at(0, b"ID3") {
        Found::Audio("mp3")
    } else if let [0xff, second, ..] = head
        && second & 0xe0 == 0xe0
    {
        // A frame of MPEG sound: layer 0 is what AAC has there; the byte order mark of UTF-16 has version and layer set.
        match second & 0x06 {
            _ if *second >= 0xfe => Found::Other,
            0 if second & 0xf0 == 0xf0 => Found::Audio("aac"),
            0 => Found::Other,
            _ => Found::Audio("mp3"),
        }
    } else if at(0, b"PK\x03\x04") || at(0, b"PK\x05\x06") {
        Found::Zip
    } else if at(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        Found::Compound
    } else if head.windows(5).any(|five| five == b"%PDF-") {
        // Some have a few bytes before it, and readers take them.
        Found::Pdf
    } else {
        Found::Other
    }
}

/// What an ending says that a file is, where it says anything but text.
pub(crate) fn claimed(name: &str) -> Option<(FileKind, &'static str)> {
    let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
    Some(match ending.as_str() {
        "pdf" => (FileKind::Pdf, "a PDF"),
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "heic" | "heif" | "bmp" | "tif" | "tiff"
        | "avif" => (FileKind::Image, "a picture"),
        "wav" | "mp3" | "aiff" | "aif" | "aac" | "ogg" | "flac" | "m4a" => {
            (FileKind::Audio, "a sound file")
        }
        "docx" | "xlsx" | "pptx" | "odt" | "ods" | "odp" => (FileKind::Text, "an office document"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide() {
        for (head, found) in [
            (&b"\x89PNG\r\n\x1a\n..."[..], Found::Image(Picture::Png)),
            (b"\xff\xd8\xff\xe1", Found::Image(Picture::Jpeg)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Found::Image(Picture::WebP)),
            (b"GIF89a", Found::Image(Picture::Gif)),
            (b"\0\0\0\x18ftypheic", Found::Image(Picture::Heic)),
            (b"RIFF\0\0\0\0WAVEfmt ", Found::Audio("wav")),
            (b"\xff\xfb\x90\x64", Found::Audio("mp3")),
            (b"\xff\xf1\x50\x80", Found::Audio("aac")),
            (b"\0\0\0\x18ftypM4A ", Found::Audio("m4a")),
            (b"%PDF-1.7", Found::Pdf),
            (b"\n\n%PDF-1.7", Found::Pdf),
            (b"PK\x03\x04", Found::Zip),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Found::Compound),
            (b"\xff\xfeh\0i\0", Found::Other),
            (b"plain words", Found::Other),
            (b"", Found::Other),
        ] {
            assert_eq!(sniff(head), found, "{head:?}");
        }
    }
}
