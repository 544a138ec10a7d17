//! Conversations in a ZIP file, as ChatGPT, Claude and Cherry Studio hand them out: read straight from it, and bounded.

use super::{
    Stop, Work, bad_file,
    pace::{Counted, Pace, source},
    title,
};
use std::{
    cell::Cell,
    io::{self, Read, Seek, SeekFrom},
    rc::Rc,
    sync::atomic::Ordering,
};
use zip::{ZipArchive, result::ZipError};

/// So much is read to know what is in the file, which then lies in memory: a hundred thousand names.
const LIST: u64 = 8 * 1024 * 1024;
/// All that is read in it unpacks to so many times its size at most, and to so much in any case. Texts come to 20 times.
const TIMES: u64 = 250;
const ANYWAY: u64 = 64 * 1024 * 1024;
/// The most files in it that are looked through.
const FILES: usize = 1000;

/// Whether a file is a ZIP; it is read from its start again afterwards.
pub fn is(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let mut head = Vec::new();
    file.by_ref().take(4).read_to_end(&mut head)?;
    file.rewind()?;
    Ok(matches!(&head[..], b"PK\x03\x04" | b"PK\x05\x06"))
}

impl Work<'_> {
    /// What lies in a ZIP, one file after the other.
    pub(super) fn packed(&mut self, read: Counted<'_>, pace: &Pace<'_>) -> Result<(), Stop> {
        let mut archive = Archive::open(read).map_err(|why| Stop::Entry(why.into()))?;
        for place in archive
            .conversations()
            .map_err(|why| Stop::Entry(why.into()))?
        {
            let outcome = match archive.read(place) {
                Ok(file) => self.text(source(file), pace),
                Err(why) => Err(Stop::Entry(why.into())),
            };
            let why = match outcome {
                Ok(()) => continue,
                Err(Stop::All(problem)) => return Err(Stop::All(problem)),
                Err(stop) if self.order.stop.load(Ordering::Relaxed) => return Err(stop),
                Err(Stop::Entry(why)) => why,
                Err(Stop::File(bad)) => bad_file(&bad),
            };
            self.skip(title(&archive.name(place)), why);
        }
        Ok(())
    }
}

/// A ZIP file that is being read.
pub struct Archive<R> {
    zip: ZipArchive<Budget<R>>,
    /// So much may still come out of it: files in it may share their bytes.
    unpacks: Cell<u64>,
}

impl<R: Read + Seek> Archive<R> {
    pub fn open(mut file: R) -> Result<Self, &'static str> {
        let size = file.seek(SeekFrom::End(0)).unwrap_or(0);
        let left = Rc::new(Cell::new(LIST));
        let budget = Budget {
            inner: file,
            left: Rc::clone(&left),
        };
        let zip = ZipArchive::new(budget).map_err(|error| match error {
            ZipError::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                "There are too many files in this ZIP file."
            }
            _ => "This ZIP file is damaged, or it ends in the middle.",
        })?;
        left.set(u64::MAX);
        Ok(Self {
            zip,
            unpacks: Cell::new(size.saturating_mul(TIMES).max(ANYWAY)),
        })
    }

    /// What a file in it is called, without its folders.
    pub fn name(&self, place: usize) -> String {
        let path = self.path(place);
        path.rsplit('/').next().unwrap_or_default().to_owned()
    }

    fn path(&self, place: usize) -> String {
        let name = self.zip.name_for_index(place).and_then(Result::ok);
        name.unwrap_or_default().replace('\\', "/")
    }

    /// Where the conversations are: in the files that the programs we know give these names, or else in any JSON.
    pub fn conversations(&self) -> Result<Vec<usize>, &'static str> {
        let mut all: Vec<(String, usize)> = (0..self.zip.len())
            .map(|place| (self.path(place), place))
            .filter(|(path, _)| !path.starts_with("__MACOSX/"))
            .collect();
        let copy = all.iter().any(|(path, _)| path.starts_with("IndexedDB/"));
        let base = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        all.retain(|(path, _)| path.ends_with(".json"));
        all.sort_unstable();
        let named = |wanted: fn(&str) -> bool| {
            let of = all.iter().filter(|(path, _)| wanted(&base(path)));
            of.map(|(_, place)| *place).collect::<Vec<_>>()
        };
        let places = [
            named(|name| name.starts_with("conversations")),
            named(|name| name == "data.json"),
        ];
        if let Some(places) = places.into_iter().find(|places| !places.is_empty()) {
            return Ok(places);
        }
        match all.len() {
            _ if copy => Err(
                "This is a copy of Cherry Studio\u{2019}s own database, which Causeway can\u{2019}t read. A backup with a \
                 data.json in it, as its earlier versions make, can be imported.",
            ),
            0 => Err("There are no conversations in this ZIP file."),
            1..=FILES => Ok(all.into_iter().map(|(_, place)| place).collect()),
            _ => Err(
                "There are more than 1,000 files in this ZIP file. Unpack it and choose some of them.",
            ),
        }
    }

    /// One file in it.
    pub fn read(&mut self, place: usize) -> Result<impl Read, &'static str> {
        let inner = self.zip.by_index(place).map_err(|error| match error {
            ZipError::UnsupportedArchive(_) => {
                "It is packed in a way that Causeway can\u{2019}t read, or with a password."
            }
            _ => "It is damaged.",
        })?;
        Ok(Unpacked {
            inner,
            left: &self.unpacks,
        })
    }
}

/// Bounds what is read of the file itself.
struct Budget<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Budget<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        spend(&self.left, &mut self.inner, into)
    }
}

impl<R: Seek> Seek for Budget<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// Bounds what comes out of it.
struct Unpacked<'a, R> {
    inner: R,
    left: &'a Cell<u64>,
}

impl<R: Read> Read for Unpacked<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        spend(self.left, &mut self.inner, into)
    }
}

fn spend(left: &Cell<u64>, from: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    if left.get() == 0 {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let read = from.read(into)?;
    left.set(left.get().saturating_sub(read as u64));
    Ok(read)
}
