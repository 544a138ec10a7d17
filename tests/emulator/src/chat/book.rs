//! A long answer as people get them: prose, lists, tables, code in five languages, formulas. For
//! measurements: every few sentences carry a number of their own, so that one can see when what
//! was sent is on the screen.

use super::behaviour::tokens;

const PROSE: [&str; 8] = [
    "The first version kept every record in memory, which was **fine until it was not**: at forty thousand rows the pauses became visible, and at a hundred thousand they became the product.",
    "A cache that is never invalidated is a second database with worse tools; one that is invalidated on every write is a *slow way of having none*.",
    "What helped in the end was not a cleverer index but `fewer reads`: the list asks for forty entries, and nothing else asks for anything before the person scrolls.",
    "Two measurements disagreed for a week, and both were right, because one counted requests and the other counted people; see [the notes](https://example.org/notes) for how they were reconciled.",
    "If the clocks of two machines differ by more than the window, the older write wins, and nobody notices until the month is closed.",
    "Retries are a promise to the other side that you will not make things worse; without a limit and without jitter they are the opposite.",
    "The migration ran for nine hours, of which eight were spent on the one table that nobody had thought of, since it held only the names of things.",
    "It is tempting to call this a race condition, but nothing raced: the second step simply never waited for the first, and on a fast disk that went well for years.",
];

const ITEMS: [&str; 6] = [
    "measure before and after, on the same machine and under the same load",
    "keep the old path until the new one has been **right for a month**",
    "write down who is called when it fails, and what they need to know",
    "prefer one slow query that is understood to five fast ones that are not",
    "let `NULL` mean one thing, and say in the schema which",
    "throw away the prototype; keep what it taught",
];

/// A language, and a piece of code in it; `@` is the number.
const CODE: [(&str, &str); 5] = [
    (
        "rust",
        "/// Part @: the newest entries first, at most `limit` of them.\npub fn newest(entries: &[Entry], limit: usize) -> Vec<&Entry> {\n    let mut sorted: Vec<&Entry> = entries.iter().filter(|e| !e.deleted).collect();\n    sorted.sort_by_key(|e| std::cmp::Reverse(e.updated_ms));\n    sorted.truncate(limit);\n    sorted\n}\n",
    ),
    (
        "python",
        "def totals(rows, by=\"region\"):\n    \"\"\"Part @: sums of the net amount.\"\"\"\n    sums = {}\n    for row in rows:\n        key = row.get(by, \"unknown\")\n        sums[key] = sums.get(key, 0.0) + float(row[\"net\"])\n    return dict(sorted(sums.items(), key=lambda kv: -kv[1]))\n",
    ),
    (
        "sql",
        "-- Part @: what was open at the end of each month.\nselect date_trunc('month', closed_at) as month,\n       count(*) filter (where amount > 100) as large,\n       round(avg(amount), 2) as mean\nfrom invoices\nwhere closed_at is not null\ngroup by 1\norder by 1 desc\nlimit 24;\n",
    ),
    (
        "typescript",
        "// Part @: one request at a time, the last one wins.\nexport function latest<T>(ask: (signal: AbortSignal) => Promise<T>) {\n  let running: AbortController | null = null;\n  return async (): Promise<T | null> => {\n    running?.abort();\n    const mine = (running = new AbortController());\n    const answer = await ask(mine.signal);\n    return mine.signal.aborted ? null : answer;\n  };\n}\n",
    ),
    (
        "bash",
        "# Part @: yesterday's logs, smallest first.\nset -euo pipefail\nday=$(date -d yesterday +%F)\nfor file in /var/log/app/*-\"$day\".log; do\n  lines=$(wc -l < \"$file\")\n  printf '%8d %s\\n' \"$lines\" \"${file##*/}\"\ndone | sort -n | head -20\n",
    ),
];

const FORMULAS: [&str; 4] = [
    "The waiting time grows as $W = \\frac{\\rho}{\\mu (1 - \\rho)}$, so the last tenth of the load costs more than the nine before it.",
    "$$\\bar{x} = \\frac{1}{n} \\sum_{i=1}^{n} x_i, \\qquad s^2 = \\frac{1}{n-1} \\sum_{i=1}^{n} (x_i - \\bar{x})^2$$",
    "With $n = 2^{k}$ entries a lookup takes $O(\\log n)$ steps, and $k \\le 20$ for everything measured here.",
    "$$P(A \\mid B) = \\frac{P(B \\mid A)\\, P(A)}{P(B)}$$",
];

/// Exactly so many tokens of it: what `emulator/book-<tokens>` says.
pub fn book(count: usize) -> Vec<String> {
    let mut pieces = Vec::with_capacity(count);
    let mut part = Part::default();
    for chapter in 0.. {
        if pieces.len() >= count {
            break;
        }
        pieces.extend(tokens(&part.chapter(chapter)));
    }
    pieces.truncate(count);
    pieces
}

/// Counts what is numbered.
#[derive(Default)]
struct Part(usize);

impl Part {
    fn next(&mut self) -> usize {
        self.0 += 1;
        self.0
    }

    fn chapter(&mut self, nth: usize) -> String {
        let mut text = format!("## Chapter {}\n\n", nth + 1);
        for paragraph in 0..2 {
            for sentence in 0..3 {
                let words = PROSE[(nth * 5 + paragraph * 3 + sentence) % PROSE.len()];
                text += &format!("{words} (part {}) ", self.next());
            }
            text += "\n\n";
        }
        for item in 0..5 {
            let mark = if nth.is_multiple_of(2) {
                "-".to_owned()
            } else {
                format!("{}.", item + 1)
            };
            let words = ITEMS[(nth + item) % ITEMS.len()];
            text += &format!("{mark} {words} (part {})\n", self.next());
        }
        let (language, code) = CODE[nth % CODE.len()];
        let code = code.replace('@', &self.next().to_string());
        text += &format!("\n```{language}\n{code}```\n\n");
        text += "| Step | Before | After | Remark |\n| --- | ---: | ---: | --- |\n";
        for row in 0..4 {
            let before = 37 + (nth * 13 + row * 29) % 400;
            text += &format!(
                "| step {row} | {before} ms | {} ms | (part {}) |\n",
                before / 3,
                self.next()
            );
        }
        text += &format!(
            "\n{}\n\n> {} (part {})\n\n",
            FORMULAS[nth % FORMULAS.len()],
            PROSE[(nth * 3) % PROSE.len()],
            self.next()
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_has_its_length_and_everything_that_is_written() {
        let pieces = book(5000);
        assert_eq!(pieces.len(), 5000);
        let text = pieces.concat();
        let mean = text.chars().count() as f64 / 5000.0;
        assert!((3.5..5.5).contains(&mean), "{mean} characters a token");
        for part in [
            "```rust",
            "```python",
            "```sql",
            "```typescript",
            "```bash",
            "| ---",
            "$$",
            "- ",
            "1. ",
            "> ",
            "## ",
        ] {
            assert!(text.contains(part), "{part}");
        }
        assert_eq!(
            text,
            book(6000)[..5000].concat(),
            "the beginning is the same at any length"
        );
    }
}
