//! The only way text gets into the output.

/// So many marks may sit on a letter. Vietnamese needs two, phonetics four; thousands would be drawn
/// over the lines above and below.
const MOST_MARKS: usize = 8;

/// Writes text, remembering the last character: whether a joiner is honest depends on it.
#[derive(Default)]
pub(crate) struct Escape {
    last: char,
    /// Marks since the last letter.
    marks: usize,
}

impl Escape {
    /// Text of prose. Joiners and direction marks stay, for many scripts need them.
    pub(crate) fn prose(&mut self, text: &str, out: &mut String) {
        for c in text.chars() {
            self.one(
                c,
                reorders(c) || (is_tag(c) && !follows_flag(self.last)),
                out,
            );
        }
    }

    /// Text of code, where whatever cannot be seen is shown.
    pub(crate) fn code(&mut self, text: &str, out: &mut String) {
        for c in text.chars() {
            self.one(c, hidden_in_code(c, self.last), out);
        }
    }

    fn one(&mut self, c: char, hide: bool, out: &mut String) {
        self.last = c;
        self.marks = if is_mark(c) { self.marks + 1 } else { 0 };
        if self.marks > MOST_MARKS {
            // One sign stands for all that are left out.
            if self.marks == MOST_MARKS + 1 {
                flag(c, out);
            }
            return;
        }
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            '\0'..='\x1f' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{FFFD}')),
            '\x7f' => out.push('\u{2421}'),
            '\u{80}'..='\u{9f}' => flag(c, out),
            _ if hide => flag(c, out),
            _ => out.push(c),
        }
    }
}

/// Escapes an attribute's value or a few words of ours.
pub(crate) fn prose(text: &str, out: &mut String) {
    Escape::default().prose(text, out);
}

/// Whether the character is shown as hidden when it stands in code after another.
pub(crate) fn hidden_in_code(c: char, last: char) -> bool {
    // An emoji in a string literal has these in it, and they can hide nothing there.
    let emoji = matches!(c, '\u{200D}' | '\u{FE0E}' | '\u{FE0F}')
        && last >= '\u{2000}'
        && !last.is_alphanumeric()
        && !invisible(last);
    invisible(c) && !emoji
}

/// Whether the character changes the order in which others are read.
pub(crate) fn reorders(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether the character has no shape of its own.
pub(crate) fn invisible(c: char) -> bool {
    reorders(c)
        || is_tag(c)
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}' | '\u{2029}'
            | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}')
}

/// Marks that are drawn over the letter before them.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Tag characters and the supplementary variation selectors: both can spell a hidden message.
fn is_tag(c: char) -> bool {
    matches!(c, '\u{E0000}'..='\u{E0FFF}')
}

/// The flags of England, Scotland and Wales are a black flag and tag characters.
fn follows_flag(last: char) -> bool {
    last == '\u{1F3F4}' || is_tag(last)
}

fn flag(c: char, out: &mut String) {
    out.push_str(&format!(
        "<span class=\"hidden-char\" title=\"U+{:04X}\"></span>",
        c as u32
    ));
}
