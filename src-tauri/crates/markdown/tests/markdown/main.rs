//! What may come out, and that it does not depend on how the text came in.

#![expect(clippy::expect_used, clippy::panic, reason = "a test panics to fail")]

mod checker;
mod chunks;
mod cite;
mod constructs;
mod dom;
mod formulas;
mod hostile;
mod parts;
mod spec;

use markdown::{Op, Stream};

/// Applies operations to a document of one's own, as the window does.
#[derive(Default)]
struct Copy {
    sealed: Vec<String>,
    tail: String,
    line: String,
}

impl Copy {
    fn apply(&mut self, ops: Vec<Op>) {
        for op in ops {
            self.line.clear();
            match op {
                Op::Seal(html) => {
                    self.sealed.push(html);
                    self.tail.clear();
                }
                Op::Tail(html) => self.tail = html,
                Op::TailAppend { html, line } => {
                    let at = self
                        .tail
                        .rfind("</code></pre>")
                        .expect("the tail is a code block");
                    self.tail.insert_str(at, &html);
                    self.line = line;
                }
                Op::SealTail => self.sealed.push(std::mem::take(&mut self.tail)),
            }
        }
    }
}

/// Streams the pieces and checks each step: our copy is the stream's, and what is shown is safe.
fn streamed<'a>(pieces: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut stream = Stream::new();
    let mut copy = Copy::default();
    for piece in pieces {
        copy.apply(stream.push(piece));
        let (sealed, tail) = stream.blocks();
        assert_eq!(
            (&*copy.sealed, &*copy.tail, &*copy.line),
            (sealed, tail, stream.open_line()),
            "the copy lags after {piece:?}"
        );
        checker::check(tail);
        checker::check(stream.open_line());
    }
    copy.apply(stream.finish());
    assert_eq!(
        (&*copy.sealed, &*copy.tail),
        stream.blocks(),
        "the copy lags at the end"
    );
    assert_eq!(
        (&*copy.line, stream.open_line()),
        ("", ""),
        "a line is left over"
    );
    copy.sealed
}
