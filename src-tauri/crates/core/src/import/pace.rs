//! A file that is being read: how far it is, and whether to go on.

use super::scan::Scanner;
use std::{
    cell::Cell,
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    sync::atomic::{AtomicBool, Ordering},
};

/// How far a file has been read.
pub struct Pace<'a> {
    pub read: Cell<u64>,
    pub told: Cell<u64>,
    pub stop: &'a AtomicBool,
    pub tell: &'a dyn Fn(u64, u64),
}

pub struct Counted<'a> {
    pub inner: File,
    pub pace: &'a Pace<'a>,
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.pace.stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("stopped"));
        }
        let read = self.inner.read(into)?;
        self.pace.read.set(self.pace.read.get() + read as u64);
        Ok(read)
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// A file as it is read, wherever it lies.
pub type Source<'a> = Scanner<BufReader<Box<dyn Read + 'a>>>;

pub fn source<'a>(read: impl Read + 'a) -> Source<'a> {
    Scanner::new(BufReader::with_capacity(64 * 1024, Box::new(read)))
}
