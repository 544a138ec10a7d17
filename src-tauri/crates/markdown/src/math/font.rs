//! The letters of mathematics: Unicode has bold, script, double-struck ones and more.

use pulldown_latex::event::Font;

/// Where a font's capital letters, small letters and digits start.
fn alphabets(font: Font) -> (u32, u32, Option<u32>) {
    match font {
        Font::Bold => (0x1D400, 0x1D41A, Some(0x1D7CE)),
        Font::Italic => (0x1D434, 0x1D44E, None),
        Font::BoldItalic | Font::BoldSymbol => (0x1D468, 0x1D482, Some(0x1D7CE)),
        Font::Script => (0x1D49C, 0x1D4B6, None),
        Font::BoldScript => (0x1D4D0, 0x1D4EA, None),
        Font::Fraktur => (0x1D504, 0x1D51E, None),
        Font::BoldFraktur => (0x1D56C, 0x1D586, None),
        Font::DoubleStruck => (0x1D538, 0x1D552, Some(0x1D7D8)),
        Font::SansSerif => (0x1D5A0, 0x1D5BA, Some(0x1D7E2)),
        Font::BoldSansSerif => (0x1D5D4, 0x1D5EE, Some(0x1D7EC)),
        Font::SansSerifItalic => (0x1D608, 0x1D622, None),
        Font::SansSerifBoldItalic => (0x1D63C, 0x1D656, None),
        Font::Monospace => (0x1D670, 0x1D68A, Some(0x1D7F6)),
        Font::DoubleStruckItalic | Font::UpRight => (u32::from('A'), u32::from('a'), None),
    }
}

/// Where a font's Greek letters start, if it has them.
fn greek(font: Font) -> Option<(u32, u32)> {
    match font {
        Font::Bold => Some((0x1D6A8, 0x1D6C2)),
        Font::Italic => Some((0x1D6E2, 0x1D6FC)),
        Font::BoldItalic | Font::BoldSymbol => Some((0x1D71C, 0x1D736)),
        Font::BoldSansSerif => Some((0x1D756, 0x1D770)),
        Font::SansSerifBoldItalic => Some((0x1D790, 0x1D7AA)),
        _ => None,
    }
}

/// Letters that Unicode had before it had the alphabets, and left out of them.
const ELSEWHERE: &[(Font, &str, &str)] = &[
    (Font::Script, "BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ"),
    (Font::Fraktur, "CHIRZ", "ℭℌℑℜℨ"),
    (Font::DoubleStruck, "CHNPQRZ", "ℂℍℕℙℚℝℤ"),
    (Font::DoubleStruckItalic, "Ddeij", "ⅅⅆⅇⅈⅉ"),
    (Font::Italic, "h", "ℎ"),
];

/// The letter in this font, or itself if the font has none.
pub(super) fn letter(font: Font, c: char) -> char {
    for (of, plain, special) in ELSEWHERE {
        let at = plain.chars().position(|p| p == c);
        if let Some(found) = at
            .filter(|_| *of == font)
            .and_then(|at| special.chars().nth(at))
        {
            return found;
        }
    }
    let (capitals, small, digits) = alphabets(font);
    let greek = greek(font);
    let point = match c {
        'A'..='Z' => Some(capitals + (c as u32 - 'A' as u32)),
        'a'..='z' => Some(small + (c as u32 - 'a' as u32)),
        '0'..='9' => digits.map(|first| first + (c as u32 - '0' as u32)),
        'Α'..='Ρ' | 'Σ'..='Ω' => greek.map(|(first, _)| first + (c as u32 - 'Α' as u32)),
        'α'..='ω' => greek.map(|(_, first)| first + (c as u32 - 'α' as u32)),
        _ => None,
    };
    point.and_then(char::from_u32).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_font_has_its_letters_and_leaves_the_others() {
        let all = |font, text: &str| text.chars().map(|c| letter(font, c)).collect::<String>();
        assert_eq!(all(Font::DoubleStruck, "ARZ1α+"), "𝔸ℝℤ𝟙α+");
        assert_eq!(all(Font::Bold, "Ax0Ωβ"), "𝐀𝐱𝟎𝛀𝛃");
        assert_eq!(all(Font::Script, "AL"), "𝒜ℒ");
        assert_eq!(all(Font::Fraktur, "gC"), "𝔤ℭ");
        assert_eq!(all(Font::Italic, "gh"), "𝑔ℎ");
        assert_eq!(all(Font::UpRight, "dx2"), "dx2");
        assert_eq!(all(Font::DoubleStruckItalic, "dx"), "ⅆx");
        assert_eq!(all(Font::Monospace, "a1"), "𝚊𝟷");
    }
}
