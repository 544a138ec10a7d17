const LETTER = /<[^>]*>|&[#\w]+;|(\p{L})/gu;
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Adlam}]/u;

/** In which direction HTML runs: that of its first letter; null when it has none. */
export function direction(html: string): 'ltr' | 'rtl' | null {
  for (const [, letter] of html.matchAll(LETTER)) {
    if (letter) return RIGHT_TO_LEFT.test(letter) ? 'rtl' : 'ltr';
  }
  return null;
}
