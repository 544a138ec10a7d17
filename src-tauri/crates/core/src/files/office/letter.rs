//! Texts of paragraphs, one a line; the cells of a table with tabs between them.

use super::{
    Wordless, Words,
    xml::{Seen, attribute, each},
};
use quick_xml::events::BytesStart;
use std::io::BufRead;

/// So often a cell or a row that stands for several is said.
const REPEATED_MAX: usize = 1_000;

/// Words and slides of Office: words stand in elements of their own.
pub(super) fn office(xml: &mut dyn BufRead, out: &mut Words) -> Result<(), Wordless> {
    let mut table = Table::default();
    let mut inside = 0_usize;
    // The same once more for programs that can't show the first, where a text was moved from, and where tabs stop.
    each(xml, &["Fallback", "moveFrom", "pPr"], |seen| {
        match seen {
            Seen::Open("t", _) => inside += 1,
            Seen::Close("t") => inside = inside.saturating_sub(1),
            Seen::Open("tab", _) => out.push("\t")?,
            Seen::Open("br" | "cr", _) => out.push("\n")?,
            Seen::Open("tc", start) => table.cell(out, start),
            Seen::Close("tc") => table.end_cell(out)?,
            Seen::Open("tr", start) => table.row(out, start),
            Seen::Close("tr") => table.end_row(out)?,
            Seen::Close("p") => table.end_paragraph(out)?,
            Seen::Words(words) if inside > 0 => out.push(words)?,
            _ => {}
        }
        Ok(())
    })
}

/// OpenDocument: words stand in paragraphs as they are, and blanks are one.
pub(super) fn open(xml: &mut dyn BufRead, out: &mut Words) -> Result<(), Wordless> {
    let mut table = Table::default();
    let (mut inside, mut sheets, mut slides) = (0_usize, false, 0);
    // What was deleted, said beside the text, or is for the speaker alone.
    let skipped = ["tracked-changes", "annotation", "notes"];
    each(xml, &skipped, |seen| {
        match seen {
            Seen::Open("spreadsheet", _) => sheets = true,
            Seen::Open("table", start) if sheets => {
                let name = attribute(start, "name").unwrap_or_default();
                out.page(&format!("Sheet: {name}"))?;
            }
            Seen::Open("page", _) => {
                slides += 1;
                out.page(&format!("Slide {slides}"))?;
            }
            Seen::Open("p" | "h", _) => inside += 1,
            Seen::Close("p" | "h") => {
                inside = inside.saturating_sub(1);
                table.end_paragraph(out)?;
            }
            Seen::Open("tab", _) => out.push("\t")?,
            Seen::Open("line-break", _) => out.push("\n")?,
            Seen::Open("s", start) if inside > 0 => {
                let blanks = attribute(start, "c").and_then(|count| count.parse().ok());
                out.push(&" ".repeat(blanks.unwrap_or(1).min(REPEATED_MAX)))?;
            }
            Seen::Open("table-cell" | "covered-table-cell", start) => table.cell(out, start),
            Seen::Close("table-cell" | "covered-table-cell") => table.end_cell(out)?,
            Seen::Open("table-row", start) => table.row(out, start),
            Seen::Close("table-row") => table.end_row(out)?,
            Seen::Words(words) if inside > 0 => {
                for (nth, word) in words.split(char::is_whitespace).enumerate() {
                    if nth > 0 && !out.text.ends_with(char::is_whitespace) {
                        out.push(" ")?;
                    }
                    out.push(word)?;
                }
            }
            _ => {}
        }
        Ok(())
    })
}

/// The tables that are open: where their rows and cells begin, and for how many each stands.
#[derive(Default)]
struct Table {
    rows: Vec<(usize, usize)>,
    cells: Vec<(usize, usize)>,
}

impl Table {
    fn row(&mut self, out: &Words, start: &BytesStart<'_>) {
        let count = count(start, "number-rows-repeated");
        self.rows.push((out.text.len(), count));
    }

    fn cell(&mut self, out: &Words, start: &BytesStart<'_>) {
        let count = count(start, "number-columns-repeated");
        self.cells.push((out.text.len(), count));
    }

    fn end_paragraph(&mut self, out: &mut Words) -> Result<(), Wordless> {
        out.push(if self.cells.is_empty() { "\n" } else { " " })
    }

    fn end_cell(&mut self, out: &mut Words) -> Result<(), Wordless> {
        let Some((from, count)) = self.cells.pop() else {
            return Ok(());
        };
        out.trim(from);
        out.push("\t")?;
        out.again(from, count - 1)
    }

    fn end_row(&mut self, out: &mut Words) -> Result<(), Wordless> {
        let Some((from, count)) = self.rows.pop() else {
            return Ok(());
        };
        out.trim(from);
        // Sheets end in a million rows of nothing.
        if out.text.len() == from {
            return Ok(());
        }
        out.push("\n")?;
        out.again(from, count - 1)
    }
}

fn count(start: &BytesStart<'_>, name: &str) -> usize {
    let count = attribute(start, name).and_then(|count| count.parse().ok());
    count.unwrap_or(1).clamp(1, REPEATED_MAX)
}
