//! How many pages a PDF has, as far as that can be told without reading all of it.
//!
//! A PDF's tree of pages says how many there are at its top. It stands in plain text, or in compressed "object streams";
//! of those only so much is unpacked as is bounded here. A guess that fails costs a number on a card.

use flate2::read::ZlibDecoder;
use std::io::{self, Read};

/// Bytes of the file that are looked at, at once and from one such piece into the next.
const PIECE: usize = 4 * 1024 * 1024;
const OVERLAP: usize = 1024 * 1024;
/// The most that one object stream, and all of them, are unpacked to.
const UNPACKED_MAX: u64 = 4 * 1024 * 1024;
const UNPACKED_ALL: u64 = 64 * 1024 * 1024;
/// More pages than this are nobody's count.
const PAGES_MAX: u32 = 1_000_000;

/// The number of pages; none where it can't be told.
pub(crate) fn pages(mut source: impl Read) -> io::Result<Option<u32>> {
    let mut bytes = Vec::with_capacity(PIECE + OVERLAP);
    let (mut most, mut left) = (0, UNPACKED_ALL);
    loop {
        let before = bytes.len();
        (&mut source).take(PIECE as u64).read_to_end(&mut bytes)?;
        most = most.max(counted(&bytes)).max(packed(&bytes, &mut left));
        if bytes.len() - before < PIECE {
            break;
        }
        bytes.drain(..bytes.len() - OVERLAP);
    }
    Ok(Some(most).filter(|pages| (1..=PAGES_MAX).contains(pages)))
}

/// The largest count that a node of the tree of pages tells.
fn counted(bytes: &[u8]) -> u32 {
    let mut most = 0;
    for at in places(bytes, b"/Pages") {
        // The name of a type, not of a key that begins so.
        if !bytes[..at].trim_ascii_end().ends_with(b"/Type") {
            continue;
        }
        // Its dictionary is around it; how far does not matter much.
        let from = bytes[..at].iter().rposition(|b| *b == b'<').unwrap_or(at);
        let rest = &bytes[from..bytes.len().min(at + 64 * 1024)];
        let end = places(rest, b"endobj").next().unwrap_or(rest.len());
        if let Some(count) = places(&rest[..end], b"/Count").next() {
            most = most.max(number(&rest[count + 6..end]));
        }
    }
    most
}

/// The same in the object streams that lie in these bytes as a whole.
fn packed(bytes: &[u8], left: &mut u64) -> u32 {
    let mut most = 0;
    for at in places(bytes, b"/ObjStm") {
        let head = &bytes[at..bytes.len().min(at + 1024)];
        let Some(begins) = places(head, b"stream").next() else {
            continue;
        };
        let body = &bytes[at + begins + 6..];
        let body = body
            .strip_prefix(b"\r\n")
            .or(body.strip_prefix(b"\n"))
            .unwrap_or(body);
        let mut unpacked = Vec::new();
        let limit = UNPACKED_MAX.min(*left);
        // What came before a fault counts.
        let _ = ZlibDecoder::new(body)
            .take(limit)
            .read_to_end(&mut unpacked);
        *left -= unpacked.len() as u64;
        most = most.max(counted(&unpacked));
    }
    most
}

fn places<'a>(bytes: &'a [u8], word: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(from..)?;
        // By the first byte, which is rare in what is compressed or not text at all.
        let found = rest
            .iter()
            .enumerate()
            .find(|(at, byte)| **byte == word[0] && rest[*at..].starts_with(word))?
            .0;
        from += found + 1;
        Some(from - 1)
    })
}

fn number(text: &[u8]) -> u32 {
    let digits: String = text
        .trim_ascii_start()
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .map(|b| char::from(*b))
        .take(9)
        .collect();
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn pages_are_counted_in_the_open_and_in_object_streams() {
        let plain = b"%PDF-1.4\n1 0 obj\n<< /Type /Pages /Kids [2 0 R] /Count 14 >>\nendobj\n";
        assert_eq!(pages(&plain[..]).unwrap(), Some(14));
        let other = b"1 0 obj\n<</Count 3/Kids[]/Type/Pages>>\nendobj 2 0 obj <</Type/Page>>";
        assert_eq!(pages(&other[..]).unwrap(), Some(3));
        let mut packer =
            flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        packer
            .write_all(b"1 0 <</Type/Pages/Count 260/Kids[]>>")
            .unwrap();
        let mut packed = b"%PDF-1.7\n5 0 obj\n<</Type/ObjStm/N 1>>\nstream\r\n".to_vec();
        packed.extend(packer.finish().unwrap());
        packed.extend(b"\nendstream\nendobj");
        assert_eq!(pages(&packed[..]).unwrap(), Some(260));
        assert_eq!(pages(&b"%PDF-1.7 with none"[..]).unwrap(), None);
    }

    #[test]
    fn an_object_stream_that_unpacks_to_gigabytes_is_left_in_the_middle() {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        let zeros = vec![b' '; 1024 * 1024];
        for _ in 0..32 {
            packer.write_all(&zeros).unwrap();
        }
        let one = packer.finish().unwrap();
        let mut bomb = Vec::new();
        for _ in 0..40 {
            bomb.extend(b"5 0 obj <</Type/ObjStm>> stream\n");
            bomb.extend(&one);
        }
        let mut left = UNPACKED_ALL;
        assert_eq!(packed(&bomb, &mut left), 0);
        assert_eq!(left, 0, "all that may be unpacked was, and no more");
        assert_eq!(pages(&bomb[..]).unwrap(), None);
    }
}
