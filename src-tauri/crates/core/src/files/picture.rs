//! Pictures: turned upright, made small enough, and freed of all that was written beside the pixels, such as the place.
//!
//! A picture is decoded and written anew, so nothing of its file but its pixels is left. What that takes is known before
//! it begins, from the picture's head.

use super::sniff::Picture;
use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits,
    codecs::jpeg::JpegEncoder, metadata::Orientation,
};
use std::io::{BufRead, Cursor, Seek};

/// The longest side that models look at, in pixels; larger ones cost more and show them nothing.
const SIDE: u32 = 2048;
/// The longest side of a small picture, in pixels.
const SMALL: u32 = 320;
/// The most pixels that are decoded: what the largest cameras of telephones make, and 200 MB of memory.
const PIXELS_MAX: u64 = 64_000_000;
const MEMORY_MAX: u64 = 320 * 1024 * 1024;
/// A picture without loss that is larger than this is sent as JPEG.
const LOSSLESS_MAX: usize = 4 * 1024 * 1024;
const QUALITY: u8 = 88;

/// A picture as it is kept and sent.
pub(crate) struct Prepared {
    pub bytes: Vec<u8>,
    pub media_type: &'static str,
    pub pixels: (u32, u32),
    /// The same, small.
    pub small: Vec<u8>,
}

/// Why a picture can't be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// So many pixels, wide and high.
    TooLarge(u32, u32),
    /// It can't be decoded.
    Broken,
    /// Nothing here decodes this kind.
    Unknown,
}

/// Reads a picture and writes it anew.
pub(crate) fn prepare(kind: Picture, source: impl BufRead + Seek) -> Result<Prepared, Unusable> {
    let (decoded, orientation) = decoded(kind, source)?;
    // Small first: what follows costs by the pixel.
    let mut picture = if decoded.width().max(decoded.height()) > SIDE {
        decoded.thumbnail(SIDE, SIDE)
    } else {
        decoded
    };
    picture.apply_orientation(orientation);
    let (bytes, media_type) = written(&picture, kind == Picture::Jpeg)?;
    Ok(Prepared {
        bytes,
        media_type,
        pixels: picture.dimensions(),
        small: small(&picture, kind == Picture::Jpeg)?,
    })
}

/// The pixels of a picture: width, height, and four bytes each.
pub(crate) fn pixels(kind: Picture, bytes: &[u8]) -> Result<(u32, u32, Vec<u8>), Unusable> {
    let (picture, _) = decoded(kind, Cursor::new(bytes))?;
    let (width, height) = picture.dimensions();
    Ok((width, height, picture.into_rgba8().into_raw()))
}

/// How large a picture is, and the same, small; it stays as it is.
pub(crate) fn look(kind: Picture, bytes: &[u8]) -> Result<((u32, u32), Vec<u8>), Unusable> {
    let (picture, _) = decoded(kind, Cursor::new(bytes))?;
    Ok((
        picture.dimensions(),
        small(&picture, kind == Picture::Jpeg)?,
    ))
}

/// True when a picture can be shown: what its head says is within bounds.
pub(crate) fn can_be_shown(kind: Picture, bytes: &[u8]) -> bool {
    head(kind, Cursor::new(bytes)).is_ok()
}

/// True for a picture that is no larger than small ones are.
pub(crate) fn is_small(kind: Picture, bytes: &[u8]) -> bool {
    let found = head(kind, Cursor::new(bytes)).map(|decoder| decoder.dimensions());
    found.is_ok_and(|(width, height)| width.max(height) <= SMALL)
}

fn decoded(
    kind: Picture,
    source: impl BufRead + Seek,
) -> Result<(DynamicImage, Orientation), Unusable> {
    let mut decoder = head(kind, source)?;
    let (width, height) = decoder.dimensions();
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let decoded = DynamicImage::from_decoder(decoder).map_err(|error| match error {
        ImageError::Limits(_) => Unusable::TooLarge(width, height),
        _ => Unusable::Broken,
    })?;
    Ok((decoded, orientation))
}

/// Reads no more than what stands before the pixels.
fn head<'a>(
    kind: Picture,
    source: impl BufRead + Seek + 'a,
) -> Result<impl ImageDecoder + 'a, Unusable> {
    let format = match kind {
        Picture::Png => ImageFormat::Png,
        Picture::Jpeg => ImageFormat::Jpeg,
        Picture::Gif => ImageFormat::Gif,
        Picture::WebP => ImageFormat::WebP,
        Picture::Heic => return Err(Unusable::Unknown),
    };
    let broken = |_| Unusable::Broken;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY_MAX);
    let mut reader = ImageReader::with_format(source, format);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(Unusable::TooLarge(width, height));
    }
    Ok(decoder)
}

fn small(picture: &DynamicImage, photo: bool) -> Result<Vec<u8>, Unusable> {
    // Nothing is made larger.
    let bytes = match picture.width().max(picture.height()) > SMALL {
        true => written(&picture.thumbnail(SMALL, SMALL), photo),
        false => written(picture, photo),
    };
    bytes.map(|(bytes, _)| bytes)
}

/// As PNG where a pixel is seen through or nothing may be lost, else as JPEG.
fn written(picture: &DynamicImage, photo: bool) -> Result<(Vec<u8>, &'static str), Unusable> {
    let broken = |_| Unusable::Broken;
    let clear = picture.color().has_alpha() && picture.pixels().any(|(_, _, pixel)| pixel[3] < 255);
    if clear || !photo {
        let eight: DynamicImage = if clear {
            picture.to_rgba8().into()
        } else {
            picture.to_rgb8().into()
        };
        let mut bytes = Cursor::new(Vec::new());
        eight
            .write_to(&mut bytes, ImageFormat::Png)
            .map_err(broken)?;
        let bytes = bytes.into_inner();
        if clear || bytes.len() <= LOSSLESS_MAX {
            return Ok((bytes, "image/png"));
        }
    }
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .encode_image(&picture.to_rgb8())
        .map_err(broken)?;
    Ok((bytes, "image/jpeg"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, Rgb, RgbImage, Rgba, RgbaImage};

    fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// Left half red, right half blue.
    fn halves(width: u32, height: u32) -> DynamicImage {
        let color = |x| {
            if x < width / 2 {
                Rgb([220, 10, 10])
            } else {
                Rgb([10, 10, 220])
            }
        };
        RgbImage::from_fn(width, height, |x, _| color(x)).into()
    }

    /// The same photo as a telephone writes it: turned, with the place and a name in its head.
    fn photo(orientation: u16) -> Vec<u8> {
        let plain = encoded(&halves(64, 32), ImageFormat::Jpeg);
        let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
            let mut bytes = Vec::new();
            bytes.extend(tag.to_be_bytes());
            bytes.extend(kind.to_be_bytes());
            bytes.extend(count.to_be_bytes());
            bytes.extend(value);
            bytes
        };
        let [high, low] = orientation.to_be_bytes();
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x02".to_vec();
        exif.extend(entry(0x0112, 3, 1, [high, low, 0, 0]));
        // The place: a directory of its own, here just behind this one.
        exif.extend(entry(0x8825, 4, 1, 38_u32.to_be_bytes()));
        exif.extend([0; 4]);
        exif.extend(b"\0\x01");
        exif.extend(entry(0x0001, 2, 2, *b"N\0\0\0"));
        exif.extend([0; 4]);
        exif.extend(b"GPS-CANARY 48.2082N 16.3738E");
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        let mut bytes = plain[..2].to_vec();
        bytes.extend(b"\xff\xe1");
        bytes.extend(length);
        bytes.extend(exif);
        bytes.extend(b"\xff\xfe\x00\x0cCOMMENT-AB");
        bytes.extend(&plain[2..]);
        bytes
    }

    fn prepared(kind: Picture, bytes: &[u8]) -> Result<Prepared, Unusable> {
        prepare(kind, Cursor::new(bytes))
    }

    #[test]
    fn the_place_and_all_else_that_was_written_beside_the_pixels_is_gone() {
        let has = |bytes: &[u8], words: &[u8]| bytes.windows(words.len()).any(|some| some == words);
        let original = photo(1);
        assert!(
            has(&original, b"GPS-CANARY") && has(&original, b"COMMENT-AB"),
            "the control"
        );
        let photo = prepared(Picture::Jpeg, &original).unwrap();
        let png = {
            let mut bytes = encoded(&halves(8, 8), ImageFormat::Png);
            // A chunk of text before the end.
            let chunk = b"tEXtAuthor\0GPS-CANARY COMMENT-AB";
            let mut text = u32::try_from(chunk.len() - 4)
                .unwrap()
                .to_be_bytes()
                .to_vec();
            text.extend(chunk);
            text.extend([0; 4]);
            let end = bytes.len() - 12;
            bytes.splice(end..end, text);
            bytes
        };
        let png = prepared(Picture::Png, &png).unwrap();
        for bytes in [&photo.bytes, &photo.small, &png.bytes, &png.small] {
            for words in [&b"GPS-CANARY"[..], b"COMMENT-AB", b"Exif", b"tEXt"] {
                assert!(!has(bytes, words), "{}", String::from_utf8_lossy(words));
            }
        }
        assert_eq!(
            (photo.media_type, png.media_type),
            ("image/jpeg", "image/png")
        );
    }

    #[test]
    fn a_picture_is_turned_upright() {
        let left = |orientation| {
            let done = prepared(Picture::Jpeg, &photo(orientation)).unwrap();
            let picture = image::load_from_memory(&done.bytes).unwrap().to_rgb8();
            let (width, height) = picture.dimensions();
            assert_eq!(done.pixels, (width, height));
            let corner = picture.get_pixel(2, 2);
            ((width, height), corner[0] > corner[2])
        };
        assert_eq!(left(1), ((64, 32), true));
        assert_eq!(left(3), ((64, 32), false), "upside down");
        assert_eq!(left(6), ((32, 64), true), "turned right");
        assert_eq!(left(8), ((32, 64), false), "turned left");
    }

    #[test]
    fn a_large_picture_becomes_as_small_as_models_look_at_and_a_small_one_stays() {
        let large = encoded(&GrayImage::new(5_000, 100).into(), ImageFormat::Png);
        assert_eq!(prepared(Picture::Png, &large).unwrap().pixels, (2048, 41));
        let small = encoded(&halves(20, 10), ImageFormat::Gif);
        let done = prepared(Picture::Gif, &small).unwrap();
        assert_eq!((done.pixels, done.media_type), ((20, 10), "image/png"));
        let clear = RgbaImage::from_pixel(400, 400, Rgba([1, 2, 3, 99]));
        let done = prepared(Picture::WebP, &encoded(&clear.into(), ImageFormat::WebP)).unwrap();
        assert_eq!((done.pixels, done.media_type), ((400, 400), "image/png"));
        let small = image::load_from_memory(&done.small).unwrap();
        assert_eq!(
            (small.width(), small.to_rgba8().get_pixel(5, 5)[3]),
            (SMALL, 99),
            "seen through"
        );
    }

    #[test]
    fn what_is_too_large_or_broken_is_known_before_it_takes_memory() {
        let mut head = encoded(&halves(1, 1), ImageFormat::Png);
        head[16..20].copy_from_slice(&30_000_u32.to_be_bytes());
        head[20..24].copy_from_slice(&30_000_u32.to_be_bytes());
        // The check sum of the head.
        let step = |sum: u32, byte: &u8| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
                (sum >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(sum & 1))
            })
        };
        let sum = !head[12..29].iter().fold(!0, step);
        head[29..33].copy_from_slice(&sum.to_be_bytes());
        assert_eq!(
            prepared(Picture::Png, &head).err(),
            Some(Unusable::TooLarge(30_000, 30_000))
        );
        let whole = encoded(&halves(64, 64), ImageFormat::Jpeg);
        assert_eq!(
            prepared(Picture::Png, &whole).err(),
            Some(Unusable::Broken),
            "another kind"
        );
        assert_eq!(
            prepared(Picture::Jpeg, &whole[..40]).err(),
            Some(Unusable::Broken),
            "torn"
        );
        assert_eq!(
            prepared(Picture::Heic, &whole).err(),
            Some(Unusable::Unknown)
        );
    }
}
