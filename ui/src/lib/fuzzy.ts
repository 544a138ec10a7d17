/** Finding a model by a few letters of its name, author or id. */

export interface Named {
  id: string;
  name: string;
  author: string;
}

/** A model prepared for searching, so that a keystroke folds no text but its own. */
export interface Entry<T extends Named> {
  item: T;
  fields: string[];
}

function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

export function prepare<T extends Named>(items: readonly T[]): Entry<T>[] {
  return items.map((item) => {
    const slug = item.id.slice(item.id.indexOf('/') + 1);
    return { item, fields: [item.name, slug, item.id, item.author, `${item.author} ${item.name}`].map(fold) };
  });
}

const EXACT = 1000;
const WHOLE = 900;
const PREFIX = 800;
const WORD = 600;
const INSIDE = 400;
const SCATTERED = 200;

const isWordStart = (text: string, at: number) => at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? '');

/** A family's name ends before a blank or its version: `sonnet` in `Sonnet 4.6` and `gpt` in `GPT-5`, not in `GPT-like`. */
const isNameEnd = (text: string, at: number) => /^($|[\s/:]|-\d)/.test(text.slice(at, at + 2));

/** How well one word fits one field; 0 is not at all. */
function fit(field: string, word: string): number {
  if (field === word) return EXACT;
  let most = 0;
  for (let at = field.indexOf(word); at >= 0; at = field.indexOf(word, at + 1)) {
    if (!isWordStart(field, at)) most = Math.max(most, INSIDE);
    else if (isNameEnd(field, at + word.length)) return at === 0 ? WHOLE + 50 : WHOLE;
    else most = Math.max(most, at === 0 ? PREFIX : WORD);
  }
  if (most > 0) return most;
  // Letters in order with gaps. One letter or two would fit nearly everything.
  if (word.length < 3) return 0;
  let from = -1;
  let gaps = 0;
  for (const letter of word) {
    const at = field.indexOf(letter, from + 1);
    if (at < 0) return 0;
    gaps += from < 0 ? 0 : at - from - 1;
    from = at;
  }
  return gaps > word.length * 2 ? 0 : SCATTERED - gaps;
}

/** How well all words fit; 0 when one of them does not. The name counts a little more than the id and the author. */
function score(fields: readonly string[], whole: string, words: readonly string[]): number {
  const best = (word: string) => fields.reduce((most, field, at) => Math.max(most, fit(field, word) - at), 0);
  let sum = 0;
  for (const word of words) {
    const found = best(word);
    if (found <= 0) return 0;
    sum += found;
  }
  return Math.max(sum / words.length, words.length > 1 ? best(whole) : 0);
}

/** The items that fit, best first; the given order among equals, and everything for an empty query. */
export function search<T extends Named>(entries: readonly Entry<T>[], query: string): T[] {
  const whole = fold(query).trim().replace(/\s+/g, ' ');
  if (whole === '') return entries.map((entry) => entry.item);
  const words = whole.split(' ');
  return entries
    .map((entry) => ({ item: entry.item, score: score(entry.fields, whole, words) }))
    .filter((found) => found.score > 0)
    .sort((a, b) => b.score - a.score)
    .map((found) => found.item);
}
