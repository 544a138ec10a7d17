//! The archive that a document is: parts by name, each unpacked within bounds.

use super::{Wordless, xml};
use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Seek},
};
use zip::ZipArchive;

/// Parts of an archive.
const PARTS_MAX: usize = 10_000;
/// Bytes of their names and of what else the list of them says.
const NAMES_MAX: usize = 4 * 1024 * 1024;
/// What all parts with words unpack to, at most.
const UNPACKED_MAX: u64 = 64 * 1024 * 1024;
/// Slides and sheets.
const PAGES_MAX: usize = 1_000;

pub(super) struct Archive<S> {
    zip: ZipArchive<S>,
    /// So much may still be unpacked.
    left: u64,
}

impl<S: Read + Seek> Archive<S> {
    pub fn open(mut source: S) -> Result<Self, Wordless> {
        count(&mut source)?;
        source.rewind().map_err(|_| Wordless::Broken)?;
        Ok(Self {
            zip: ZipArchive::new(source).map_err(|_| Wordless::Broken)?,
            left: UNPACKED_MAX,
        })
    }

    pub fn has(&self, name: &str) -> bool {
        self.zip.index_for_name_raw(name.as_bytes()).is_some()
    }

    /// Reads one part, unpacked to what is left at most.
    pub fn part<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut dyn BufRead) -> Result<T, Wordless>,
    ) -> Result<T, Wordless> {
        let file = self.zip.by_name(name).map_err(|_| Wordless::Broken)?;
        // Its head may lie about the size; what comes out is counted.
        let mut counted = BufReader::new(file.take(self.left));
        let outcome = read(&mut counted);
        self.left = counted.get_ref().limit();
        if self.left == 0 {
            return Err(Wordless::TooLarge);
        }
        outcome
    }

    /// The slides or sheets in a folder that an overview lists, in its order: what they are called, and their parts.
    /// Where it lists none, those that are numbered.
    pub fn listed(
        &mut self,
        overview: &str,
        element: &str,
        within: &str,
    ) -> Result<Vec<(String, String)>, Wordless> {
        let (folder, file) = overview.split_once('/').unwrap_or(("", overview));
        let links = format!("{folder}/_rels/{file}.rels");
        let mut targets = HashMap::new();
        if self.has(&links) {
            self.part(&links, |part| {
                xml::each(part, &[], |seen| {
                    if let xml::Seen::Open("Relationship", start) = seen
                        && targets.len() < PARTS_MAX
                        && let Some((id, target)) =
                            xml::attribute(start, "Id").zip(xml::attribute(start, "Target"))
                    {
                        let target = match target.strip_prefix('/') {
                            Some(whole) => whole.to_owned(),
                            None => format!("{folder}/{target}"),
                        };
                        targets.insert(id, target);
                    }
                    Ok(())
                })
            })?;
        }
        let mut pages = Vec::new();
        self.part(overview, |part| {
            xml::each(part, &[], |seen| {
                if let xml::Seen::Open(name, start) = seen
                    && name == element
                    // What the person does not see when they open it is not sent unseen either.
                    && xml::attribute(start, "state").is_none_or(|state| state == "visible")
                    && let Some(id) = xml::reference(start)
                    && let Some(target) = targets.get(&id)
                {
                    let name = xml::attribute(start, "name").unwrap_or_default();
                    pages.push((name, target.clone()));
                }
                Ok(())
            })
        })?;
        pages.retain(|(_, part)| part.starts_with(within) && self.has(part));
        if pages.is_empty() {
            pages = self.numbered(within);
        }
        pages.truncate(PAGES_MAX);
        Ok(pages)
    }

    fn numbered(&self, within: &str) -> Vec<(String, String)> {
        let number = |name: &str| -> Option<u32> {
            let name = name.strip_prefix(within)?.strip_suffix(".xml")?;
            let number = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
            number.parse().ok()
        };
        let names = self.zip.file_names().flatten();
        let mut found: Vec<_> = names
            .filter_map(|name| Some((number(&name)?, name.into_owned())))
            .collect();
        found.sort();
        found
            .into_iter()
            .map(|(number, name)| (number.to_string(), name))
            .collect()
    }
}

/// Refuses an archive whose list of parts would fill the memory before anything can be asked of it: nothing gets on that
/// list without this mark.
fn count(source: &mut impl Read) -> Result<(), Wordless> {
    const MARK: &[u8] = b"PK\x01\x02";
    const HEAD: usize = 46;
    let mut bytes = vec![0; 256 * 1024];
    let (mut filled, mut parts, mut names) = (0, 0, 0);
    loop {
        let read = match source.read(&mut bytes[filled..]) {
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => return Err(Wordless::Broken),
        };
        filled += read;
        // The last bytes are looked at with those that follow.
        let end = if read == 0 {
            filled
        } else {
            filled.saturating_sub(HEAD)
        };
        let mut at = 0;
        while let Some(next) = bytes[at..end].iter().position(|byte| *byte == MARK[0]) {
            at += next;
            let head = &bytes[at..filled];
            if head.starts_with(MARK) {
                let two = |from| {
                    head.get(from..from + 2)
                        .map_or(0, |two| usize::from(u16::from_le_bytes([two[0], two[1]])))
                };
                parts += 1;
                names += two(28) + two(30) + two(32);
                if parts > PARTS_MAX || names > NAMES_MAX {
                    return Err(Wordless::TooLarge);
                }
            }
            at += 1;
        }
        if read == 0 {
            return Ok(());
        }
        bytes.copy_within(end..filled, 0);
        filled -= end;
    }
}
