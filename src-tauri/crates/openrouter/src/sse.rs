//! The event stream format (WHATWG HTML, "Server-sent events", 9.2.6), as far as a POST needs it: the `data` of each
//! event. Names, ids and reconnection times are read and dropped.

use crate::Error;
use std::collections::VecDeque;

/// Cuts bytes into events, whatever the chunks they come in. Each byte is looked at once.
pub(crate) struct Parser {
    /// A line without its end, as far as it came.
    line: Vec<u8>,
    /// The data of an event without its end.
    data: Option<String>,
    /// The last chunk ended in CR: an LF that follows belongs to it.
    after_cr: bool,
    /// No line was complete so far: a byte order mark may begin it.
    first: bool,
    most: usize,
}

impl Parser {
    /// `most`: bytes of the longest event.
    pub fn new(most: usize) -> Self {
        Self {
            line: Vec::new(),
            data: None,
            after_cr: false,
            first: true,
            most,
        }
    }

    /// Reads on; the data of events that are complete goes to `events`. What has no end when the stream ends is
    /// dropped, as the standard says.
    ///
    /// # Errors
    /// An event is longer than allowed.
    pub fn push(&mut self, bytes: &[u8], events: &mut VecDeque<String>) -> Result<(), Error> {
        if bytes.is_empty() {
            return Ok(());
        }
        let mut rest = bytes;
        if std::mem::take(&mut self.after_cr) {
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(at) = rest.iter().position(|b| matches!(b, b'\n' | b'\r')) {
            self.bounded(at)?;
            self.line.extend_from_slice(&rest[..at]);
            let cr = rest[at] == b'\r';
            rest = &rest[at + 1..];
            if cr {
                match rest.first() {
                    Some(b'\n') => rest = &rest[1..],
                    Some(_) => {}
                    None => self.after_cr = true,
                }
            }
            let line = std::mem::take(&mut self.line);
            self.end_line(&line, events);
            // The allocation is good for the next line, too.
            self.line = line;
            self.line.clear();
        }
        self.bounded(rest.len())?;
        self.line.extend_from_slice(rest);
        Ok(())
    }

    fn bounded(&self, more: usize) -> Result<(), Error> {
        let held = self.line.len() + self.data.as_ref().map_or(0, String::len);
        if held + more > self.most {
            return Err(Error::Unexpected("an event without end"));
        }
        Ok(())
    }

    fn end_line(&mut self, line: &[u8], events: &mut VecDeque<String>) {
        let line = if std::mem::take(&mut self.first) {
            line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
        } else {
            line
        };
        if line.is_empty() {
            if let Some(mut data) = self.data.take() {
                data.pop();
                events.push_back(data);
            }
            return;
        }
        let (name, value) = match line.iter().position(|b| *b == b':') {
            Some(at) => (&line[..at], &line[at + 1..]),
            None => (line, &b""[..]),
        };
        if name != b"data" {
            return;
        }
        let value = value.strip_prefix(b" ").unwrap_or(value);
        // Ends of lines are ASCII, so no character lies across two lines; wrong bytes become U+FFFD.
        let data = self.data.get_or_insert_default();
        data.push_str(&String::from_utf8_lossy(value));
        data.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_pieces(bytes: &[u8], size: usize) -> Vec<String> {
        let (mut parser, mut events) = (Parser::new(1 << 20), VecDeque::new());
        for piece in bytes.chunks(size) {
            parser.push(piece, &mut events).unwrap();
            parser.push(b"", &mut events).unwrap();
        }
        events.into()
    }

    /// The data of the events, whatever the pieces they come in.
    fn events(bytes: &[u8]) -> Vec<String> {
        let whole = in_pieces(bytes, bytes.len().max(1));
        for size in 1..bytes.len() {
            assert_eq!(in_pieces(bytes, size), whole, "in pieces of {size}");
        }
        whole
    }

    #[test]
    fn w20_a_byte_order_mark_is_passed_over_once_and_only_at_the_start() {
        assert_eq!(events(b"\xef\xbb\xbfdata:1\n\ndata:2\n\n"), ["1", "2"]);
        // A second one is part of a field's name, and no field is called so.
        assert_eq!(
            events(b"\xef\xbb\xbf\xef\xbb\xbfdata:1\n\ndata:2\n\n"),
            ["2"]
        );
        assert_eq!(
            events(b"data:1\n\n\xef\xbb\xbfdata:2\n\ndata:3\n\n"),
            ["1", "3"]
        );
    }

    #[test]
    fn w20_comments_and_unknown_fields_are_no_data() {
        let text =
            b"data:1\n:\0\n:\r\ndata:2\n: data:3\rdata :x\n data:x\njunk\nDATA:x\ndata:4\n\n";
        assert_eq!(events(text), ["1\n2\n4"]);
    }

    #[test]
    fn w20_lines_end_in_lf_cr_or_crlf() {
        assert_eq!(
            events(b"data:1\r\ndata:2\ndata:3\rdata:4\r\n\r\n"),
            ["1\n2\n3\n4"]
        );
        assert_eq!(
            events(b"data:1\r\rdata:2\n\rdata:3\r\n\ndata:4\n\r\n"),
            ["1", "2", "3", "4"]
        );
    }

    #[test]
    fn w20_an_event_without_its_blank_line_is_dropped() {
        assert_eq!(events(b"data:1\n\ndata:2"), ["1"]);
        assert_eq!(events(b"data:1\n\ndata:2\n"), ["1"]);
        assert_eq!(events(b"data:1\n\ndata:2\n\r"), ["1", "2"]);
    }

    #[test]
    fn w20_data_may_be_empty_and_loses_one_space() {
        assert_eq!(
            events(b"data:\n\ndata\ndata\n\ndata:test\n\n"),
            ["", "\n", "test"]
        );
        assert_eq!(events(b"data: a\ndata:  b\ndata:\tc\n\n"), ["a\n b\n\tc"]);
        assert_eq!(
            events(b"\n\nevent: x\n\nid: 1\n\n"),
            [""; 0],
            "no data, no event"
        );
    }

    #[test]
    fn w20_names_ids_and_times_change_nothing() {
        let text = b"event:x\nid: a\0b\nretry: 1000\nretry: 3000x\nretry\nid\ndata:1\nevent\n\n";
        assert_eq!(events(text), ["1"]);
    }

    #[test]
    fn w20_null_and_wrong_utf_8_stay_where_they_are() {
        assert_eq!(events(b"data:\0\n\ndata:a\0b\n\n"), ["\0", "a\0b"]);
        assert_eq!(events("data:okä 🦀\n\n".as_bytes()), ["okä 🦀"]);
        assert_eq!(
            events(b"data:a\xffb\xe2\x82\n\ndata:c\n\n"),
            ["a\u{fffd}b\u{fffd}", "c"]
        );
    }

    #[test]
    fn w18_an_event_beyond_its_bound_is_refused_and_takes_no_more_memory() {
        for (name, piece) in [("a line", &b"xxxxxxxx"[..]), ("many lines", b"data:xx\n")] {
            let (mut parser, mut events) = (Parser::new(1_000), VecDeque::new());
            let pushed = (0..1_000).find(|_| parser.push(piece, &mut events).is_err());
            assert!(pushed.is_some_and(|n| n <= 500), "{name}: {pushed:?}");
            assert!(parser.line.capacity() < 4_000, "{name}");
        }
    }
}
