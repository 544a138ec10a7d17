//! What a token costs in a long answer beside one in a short one:
//! `cargo bench -p markdown`, in nanoseconds a token of four characters.

#![expect(clippy::print_stdout, reason = "a measurement is for reading")]

use markdown::Stream;
use std::time::Instant;

const SHORT: usize = 1_000;
const LONG: usize = 100_000;
/// Tokens at the end of which the cost is taken.
const LAST: usize = 1_000;

fn main() {
    println!(
        "{:<16} {:>10} {:>10} {:>8} {:>12}",
        "", "ns at 1k", "ns at 100k", "growth", "tokens/s"
    );
    for (name, unit) in [
        (
            "prose",
            "The harbour was *quiet* when the first boats came in, **and** `nobody` spoke.\n\n",
        ),
        (
            "one paragraph",
            "The harbour was quiet when the first boats came in. ",
        ),
        (
            "one list",
            "- An item of a list, with `code` and **weight**.\n",
        ),
        (
            "one spaced list",
            "1. An item of a list.\n\n   And its second paragraph.\n\n",
        ),
        ("one table", "| a cell | 12.50 | another *one* |\n"),
        ("code", "    let x = f(1, \"two\"); // three\n"),
        ("quotes", "> > > Quoted three times over, and on.\n"),
        (
            "formulas",
            "The sum $\\sum_{k=1}^n k^2$ is $\\frac{n(n+1)(2n+1)}{6}$, and so on.\n\n",
        ),
        (
            "footnotes",
            "A claim.[^1] And a note.\n\n[^1]: The note.\n\n",
        ),
    ] {
        let head = match name {
            "one table" => "| a | b | c |\n|---|--:|---|\n",
            "code" => "```rust\n",
            _ => "",
        };
        let text = head.to_owned() + &unit.repeat(LONG * 4 / unit.len() + 1);
        let tokens: Vec<&str> = (0..LONG).map(|n| &text[n * 4..n * 4 + 4]).collect();
        // The colours' patterns are read once, whatever is written.
        Stream::new().push("```rust\nlet x = 1;\n");
        let mut stream = Stream::new();
        let (mut costs, start) = ([0.0; 2], Instant::now());
        for (at, part) in tokens.chunks(LAST).enumerate() {
            let begun = Instant::now();
            for token in part {
                stream.push(token);
            }
            #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a second")]
            let each = begun.elapsed().as_nanos() as f64 / LAST as f64;
            // What is warm already is compared with what is long.
            match (at + 1) * LAST {
                n if n <= 2 * SHORT => costs[0] = each,
                n if n > LONG - 2 * LAST => costs[1] = each,
                _ => {}
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a hundred thousand")]
        let speed = LONG as f64 / start.elapsed().as_secs_f64();
        println!(
            "{name:<16} {:>10.0} {:>10.0} {:>8.2} {speed:>12.0}",
            costs[0],
            costs[1],
            costs[1] / costs[0]
        );
    }
}
