//! A large JSON text, piece by piece: only what is asked for is ever in memory.
//!
//! Inside a piece only strings and brackets are looked at, so a piece that is broken inside is still told apart from
//! the next one. There is no recursion: nesting costs a counter.

use std::io::{self, BufRead};

/// The most values in one piece: a tree of them takes many times the memory of its text. An object takes that of some, a
/// list that of two.
const OBJECT: u64 = 8;
const LIST: u64 = 2;
const VALUES: u64 = 1_000_000;
/// The longest name of a field that is asked for.
const KEY: usize = 4096;

/// Why reading ended.
#[derive(Debug)]
pub enum Bad {
    /// The text ends too early.
    Ended,
    /// It is no JSON.
    Syntax,
    /// It could not be read, or the person stopped it.
    Io(io::Error),
}

/// A piece of the text.
pub enum Piece {
    /// Its bytes.
    Whole(Vec<u8>),
    /// Larger than was allowed: passed over.
    TooLarge,
}

pub struct Scanner<R> {
    input: R,
    first: bool,
}

impl<R: BufRead> Scanner<R> {
    pub fn new(input: R) -> Self {
        Self { input, first: true }
    }

    /// What it reads from.
    #[cfg(test)]
    pub fn source(&mut self) -> &mut R {
        &mut self.input
    }

    fn buffer(&mut self) -> Result<&[u8], Bad> {
        self.input.fill_buf().map_err(Bad::Io)
    }

    /// The next byte that is no white space, still to be taken.
    pub fn peek(&mut self) -> Result<u8, Bad> {
        loop {
            let buffer = self.buffer()?;
            if buffer.is_empty() {
                return Err(Bad::Ended);
            }
            // A mark of the byte order may stand at the start.
            let blank = |b: &u8| b.is_ascii_whitespace() || matches!(b, 0xef | 0xbb | 0xbf);
            if let Some(at) = buffer.iter().position(|b| !blank(b)) {
                let byte = buffer[at];
                self.input.consume(at);
                return Ok(byte);
            }
            let all = buffer.len();
            self.input.consume(all);
        }
    }

    /// Whether anything follows.
    pub fn ended(&mut self) -> Result<bool, Bad> {
        match self.peek() {
            Ok(_) => Ok(false),
            Err(Bad::Ended) => Ok(true),
            Err(other) => Err(other),
        }
    }

    fn take(&mut self, wanted: u8) -> Result<(), Bad> {
        if self.peek()? != wanted {
            return Err(Bad::Syntax);
        }
        self.input.consume(1);
        Ok(())
    }

    /// Goes into a list (`[`) or an object (`{`).
    pub fn enter(&mut self, open: u8) -> Result<(), Bad> {
        self.take(open)?;
        self.first = true;
        Ok(())
    }

    /// Whether another member follows in what was entered; after the last it is left.
    pub fn more(&mut self, close: u8) -> Result<bool, Bad> {
        if self.peek()? == close {
            self.input.consume(1);
            self.first = false;
            return Ok(false);
        }
        if !self.first {
            self.take(b',')?;
        }
        self.first = false;
        Ok(true)
    }

    /// The name of a field, and its colon.
    pub fn key(&mut self) -> Result<String, Bad> {
        if self.peek()? != b'"' {
            return Err(Bad::Syntax);
        }
        let key = match self.piece(KEY)? {
            Piece::Whole(bytes) => serde_json::from_slice(&bytes).map_err(|_| Bad::Syntax)?,
            Piece::TooLarge => String::new(),
        };
        self.take(b':')?;
        Ok(key)
    }

    /// The next value, of at most `limit` bytes.
    pub fn piece(&mut self, limit: usize) -> Result<Piece, Bad> {
        if matches!(self.peek()?, b',' | b':' | b']' | b'}') {
            return Err(Bad::Syntax);
        }
        let mut kept = Vec::new();
        let (mut depth, mut values) = (0_u64, 0_u64);
        let (mut quoted, mut escaped, mut ended) = (false, false, false);
        while !ended {
            let buffer = self.buffer()?;
            if buffer.is_empty() {
                // A number may be the last thing there is.
                let alone = depth == 0 && !quoted && !kept.is_empty();
                if alone { break } else { return Err(Bad::Ended) }
            }
            let mut used = 0;
            for &byte in buffer {
                if quoted {
                    used += 1;
                    match byte {
                        _ if escaped => escaped = false,
                        b'\\' => escaped = true,
                        b'"' => {
                            quoted = false;
                            ended = depth == 0;
                        }
                        _ => {}
                    }
                } else {
                    match byte {
                        b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => {
                            ended = true;
                            break;
                        }
                        b'"' => quoted = true,
                        b'[' | b'{' => {
                            depth += 1;
                            values += if byte == b'{' { OBJECT } else { LIST };
                        }
                        b',' => values += 1,
                        b']' | b'}' => {
                            depth -= 1;
                            ended = depth == 0;
                        }
                        _ => {}
                    }
                    used += 1;
                }
                if ended {
                    break;
                }
            }
            if kept.len() <= limit && values <= VALUES {
                kept.extend_from_slice(&buffer[..used]);
            } else {
                kept.clear();
                kept.shrink_to_fit();
                // Longer than any limit: it stays too large.
                values = VALUES + 1;
                kept.push(0);
            }
            self.input.consume(used);
        }
        if kept.len() > limit || values > VALUES {
            Ok(Piece::TooLarge)
        } else {
            Ok(Piece::Whole(kept))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str, chunk: usize) -> Vec<String> {
        let mut scanner = Scanner::new(io::BufReader::with_capacity(chunk, text.as_bytes()));
        let mut all = Vec::new();
        scanner.enter(b'[').unwrap();
        while scanner.more(b']').unwrap() {
            match scanner.piece(20).unwrap() {
                Piece::Whole(bytes) => all.push(String::from_utf8(bytes).unwrap()),
                Piece::TooLarge => all.push("too large".into()),
            }
        }
        assert!(scanner.ended().unwrap());
        all
    }

    #[test]
    fn members_are_told_apart_wherever_the_text_is_cut() {
        let text =
            r#" [ 1 , "a\"],[" , {"x":[{}]} , [broken] , "xxxxxxxxxxxxxxxxxxxxxxxxxxxx", true ]"#;
        for chunk in 1..text.len() {
            assert_eq!(
                pieces(text, chunk),
                [
                    "1",
                    r#""a\"],[""#,
                    r#"{"x":[{}]}"#,
                    "[broken]",
                    "too large",
                    "true"
                ],
                "in pieces of {chunk}"
            );
        }
    }

    #[test]
    fn nesting_costs_no_stack_and_an_early_end_is_told() {
        let deep = "[".repeat(5_000_000);
        let mut scanner = Scanner::new(deep.as_bytes());
        assert!(matches!(scanner.piece(1 << 30), Err(Bad::Ended)));
        let mut scanner = Scanner::new(&b"[1, 2"[..]);
        scanner.enter(b'[').unwrap();
        while scanner.more(b']').is_ok_and(|more| more) {
            let _ = scanner.piece(10);
        }
        assert!(matches!(scanner.more(b']'), Err(Bad::Ended)));
    }

    #[test]
    fn a_piece_of_very_many_values_is_too_large_whatever_its_length() {
        let text = format!("[{}0]", "0,".repeat(1_250_000));
        let piece = Scanner::new(text.as_bytes()).piece(1 << 30).unwrap();
        assert!(matches!(piece, Piece::TooLarge));
        let objects = format!("[{}0]", "{},".repeat(130_000));
        let piece = Scanner::new(objects.as_bytes()).piece(1 << 30).unwrap();
        assert!(matches!(piece, Piece::TooLarge));
    }
}
