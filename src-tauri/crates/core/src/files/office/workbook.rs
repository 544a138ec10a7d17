//! Sheets of Excel: one row a line, with tabs between the cells, and days as days.

use super::{
    Wordless, Words,
    archive::Archive,
    xml::{Seen, attribute, each},
};
use std::{
    collections::HashSet,
    io::{BufRead, Read, Seek},
};
use time::{Date, Duration, PrimitiveDateTime, Time, macros::date};

/// Texts that cells share, and kinds of cells.
const SHARED_MAX: usize = 1_000_000;
/// Columns of a sheet.
const COLUMNS_MAX: usize = 16_384;

/// What cells refer to.
#[derive(Default)]
struct Shared {
    texts: Vec<String>,
    /// For each kind of cell, whether its numbers are days.
    days: Vec<bool>,
    /// Days are counted from 1904, as on old Macs.
    late: bool,
}

pub(super) fn read<S: Read + Seek>(
    archive: &mut Archive<S>,
    out: &mut Words,
) -> Result<(), Wordless> {
    let mut shared = Shared::default();
    if archive.has("xl/sharedStrings.xml") {
        let max = out.max;
        shared.texts = archive.part("xl/sharedStrings.xml", |xml| texts(xml, max))?;
    }
    if archive.has("xl/styles.xml") {
        shared.days = archive.part("xl/styles.xml", kinds)?;
    }
    archive.part("xl/workbook.xml", |xml| {
        each(xml, &[], |seen| {
            if let Seen::Open("workbookPr", start) = seen {
                shared.late =
                    attribute(start, "date1904").is_some_and(|is| is == "1" || is == "true");
            }
            Ok(())
        })
    })?;
    let sheets = archive.listed("xl/workbook.xml", "sheet", "xl/worksheets/")?;
    for (name, sheet) in sheets {
        out.page(&format!("Sheet: {name}"))?;
        archive.part(&sheet, |xml| rows(xml, &shared, out))?;
    }
    Ok(())
}

fn texts(xml: &mut dyn BufRead, max: usize) -> Result<Vec<String>, Wordless> {
    let (mut all, mut inside, mut size) = (Vec::new(), false, 0);
    // How Japanese is read aloud stands beside it.
    each(xml, &["rPh"], |seen| {
        match seen {
            Seen::Open("si", _) if all.len() == SHARED_MAX => return Err(Wordless::TooLarge),
            Seen::Open("si", _) => all.push(String::new()),
            Seen::Open("t", _) => inside = true,
            Seen::Close("t") => inside = false,
            Seen::Words(words) if inside => {
                size += words.len();
                if size > max {
                    return Err(Wordless::TooLarge);
                }
                if let Some(last) = all.last_mut() {
                    last.push_str(words);
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(all)
}

/// For each kind of cell, whether its numbers are days (ECMA-376, part 1, 18.8.30).
fn kinds(xml: &mut dyn BufRead) -> Result<Vec<bool>, Wordless> {
    let (mut own, mut kinds, mut inside) = (HashSet::new(), Vec::new(), false);
    each(xml, &[], |seen| {
        match seen {
            Seen::Open("numFmt", start) => {
                let code = attribute(start, "formatCode").unwrap_or_default();
                if is_day(&code) && own.len() < SHARED_MAX {
                    own.insert(attribute(start, "numFmtId").unwrap_or_default());
                }
            }
            Seen::Open("cellXfs", _) => inside = true,
            Seen::Close("cellXfs") => inside = false,
            Seen::Open("xf", start) if inside && kinds.len() < SHARED_MAX => {
                let format = attribute(start, "numFmtId").unwrap_or_default();
                let built_in = format
                    .parse()
                    .is_ok_and(|id: u32| matches!(id, 14..=22 | 27..=36 | 45 | 47 | 50..=58));
                kinds.push(built_in || own.contains(&format));
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(kinds)
}

/// Whether a format of numbers shows days or times: it names their parts outside of what stands there as it is. How
/// long something took is no day.
fn is_day(code: &str) -> bool {
    let code = code.to_ascii_lowercase();
    if ["[h", "[m]", "[mm]", "[s"]
        .iter()
        .any(|took| code.contains(took))
    {
        return false;
    }
    let (mut closing, mut escaped) = (None, false);
    for c in code.chars() {
        if closing.is_some() {
            closing = closing.filter(|end| *end != c);
        } else if !std::mem::take(&mut escaped) {
            match c {
                '"' => closing = Some('"'),
                '[' => closing = Some(']'),
                '\\' | '_' | '*' => escaped = true,
                'y' | 'm' | 'd' | 'h' | 's' => return true,
                _ => {}
            }
        }
    }
    false
}

#[derive(Default)]
struct Cell {
    column: usize,
    kind: String,
    style: Option<usize>,
    value: String,
}

fn rows(xml: &mut dyn BufRead, shared: &Shared, out: &mut Words) -> Result<(), Wordless> {
    let (mut cell, mut inside) = (Cell::default(), false);
    // The row begins there, and so many columns of it are said.
    let (mut from, mut said) = (0, 0);
    // A formula is not what it comes to.
    each(xml, &["f", "rPh"], |seen| {
        match seen {
            Seen::Open("row", _) => (from, said, cell.column) = (out.text.len(), 0, 0),
            Seen::Open("c", start) => {
                let place = attribute(start, "r").and_then(|place| column(&place));
                cell.column = place.unwrap_or(cell.column + 1).min(COLUMNS_MAX);
                cell.kind = attribute(start, "t").unwrap_or_default();
                cell.style = attribute(start, "s").and_then(|style| style.parse().ok());
                cell.value.clear();
            }
            Seen::Open("v" | "t", _) => inside = true,
            Seen::Close("v" | "t") => inside = false,
            Seen::Words(words) if inside => {
                if cell.value.len() + words.len() > out.max {
                    return Err(Wordless::TooLarge);
                }
                cell.value.push_str(words);
            }
            Seen::Close("c") => {
                let words = shown(&cell, shared);
                if !words.is_empty() {
                    // Cells of nothing may be left out.
                    let gap = cell.column.saturating_sub(said.max(1));
                    let gap = gap.max(usize::from(said > 0));
                    out.push(&"\t".repeat(gap))?;
                    said = said.max(cell.column);
                    out.push(&words.replace(['\t', '\n', '\r'], " "))?;
                }
            }
            Seen::Close("row") if out.text.len() > from => out.push("\n")?,
            _ => {}
        }
        Ok(())
    })
}

/// `C5` is in the third column.
fn column(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_uppercase).take(4);
    let number = letters.fold(0, |sum, letter| sum * 26 + usize::from(letter - b'A') + 1);
    (number > 0).then_some(number)
}

fn shown(cell: &Cell, shared: &Shared) -> String {
    let value = cell.value.as_str();
    match cell.kind.as_str() {
        "s" => {
            let text = value.trim().parse().ok();
            let text = text.and_then(|at: usize| shared.texts.get(at));
            text.cloned().unwrap_or_default()
        }
        "b" if value == "1" => "TRUE".to_owned(),
        "b" if value == "0" => "FALSE".to_owned(),
        "" | "n" => {
            let style = cell.style.and_then(|style| shared.days.get(style));
            let number = value.parse().ok().filter(|_| style == Some(&true));
            let day = number.and_then(|number| day(number, shared.late));
            day.unwrap_or_else(|| value.to_owned())
        }
        _ => value.to_owned(),
    }
}

/// A day and a time as a sheet counts them: `2026-11-25`, `2026-11-25 14:30`, `14:30`.
#[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
fn day(number: f64, late: bool) -> Option<String> {
    if !(0.0..3_000_000.0).contains(&number) {
        return None;
    }
    let seconds = (number * 86_400.0).round() as i64;
    let first = match (late, seconds) {
        (true, _) => date!(1904 - 01 - 01),
        // It counts a 29th of February 1900, which never was.
        (false, ..5_184_000) => date!(1899 - 12 - 31),
        (false, _) => date!(1899 - 12 - 30),
    };
    let at = PrimitiveDateTime::new(first, Time::MIDNIGHT);
    let at = at.checked_add(Duration::seconds(seconds))?;
    let (day, time) = (written(at.date()), at.time());
    let clock = match (time.hour(), time.minute(), time.second()) {
        (hour, minute, 0) => format!("{hour:02}:{minute:02}"),
        (hour, minute, second) => format!("{hour:02}:{minute:02}:{second:02}"),
    };
    Some(match (seconds < 86_400, time == Time::MIDNIGHT) {
        (true, _) => clock,
        (false, true) => day,
        (false, false) => format!("{day} {clock}"),
    })
}

fn written(day: Date) -> String {
    format!(
        "{:04}-{:02}-{:02}",
        day.year(),
        u8::from(day.month()),
        day.day()
    )
}
