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
  /** The words of the name and the author, for those that were mistyped. */
  words: string[];
}

function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').replace(/\s+/g, ' ').toLowerCase();
}

/** Without what people leave out: `gpt52` for `gpt-5.2`. */
const compact = (text: string) => text.replace(/[^\p{L}\p{N}]+/gu, '');

export function prepare<T extends Named>(items: readonly T[]): Entry<T>[] {
  return items.map((item) => {
    const slug = item.id.slice(item.id.indexOf('/') + 1);
    const name = fold(item.name);
    const author = fold(item.author);
    const fields = [name, fold(slug), fold(item.id), author, `${author} ${name}`, compact(name)];
    return { item, fields, words: [...new Set(`${name} ${author}`.split(/[^\p{L}\p{N}]+/u))] };
  });
}

const EXACT = 1000;
const WHOLE = 900;
const PREFIX = 800;
const WORD = 600;
const INSIDE = 400;
const MISTYPED = 300;
const SCATTERED = 200;

const isDigit = (code: number) => code >= 48 && code <= 57;
const isLetter = (code: number) => code >= 97 && code <= 122;

/** In folded text. A letter is looked for in every field of every model: expressions are for the rare ones. */
function isInWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 128 ? isLetter(code) || isDigit(code) : /[\p{L}\p{N}]/u.test(text[at] ?? '');
}

const isWordStart = (text: string, at: number) => at === 0 || !isInWord(text, at - 1);

/** A family's name ends before a blank or its version: `sonnet` in `Sonnet 4.6` and `gpt` in `GPT-5`, not in `GPT-like`. */
const isNameEnd = (text: string, at: number) =>
  at === text.length || ' /:'.includes(text[at]!) || (text[at] === '-' && isDigit(text.charCodeAt(at + 1)));

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

/** One letter too many, too few, another, or two that changed places; the word may be the beginning of the other. */
export function mistyped(word: string, meant: string): boolean {
  if (word.length < 3) return false;
  let at = 0;
  while (at < word.length && word[at] === meant[at]) at += 1;
  if (at === word.length) return true;
  const rest = (typed: number, real: number) => meant.startsWith(word.slice(at + typed), at + real);
  return (
    rest(1, 1) || rest(1, 0) || rest(0, 1) || (word[at] === meant[at + 1] && word[at + 1] === meant[at] && rest(2, 2))
  );
}

/** What is worth more or less than its letters say, on the same scale. */
export type Worth<T> = (item: T) => number;

/**
 * The items that fit, best first; the given order among equals, and everything for an empty query. Where no letters fit
 * as they stand, those that may have been meant come first.
 */
export function search<T extends Named>(entries: readonly Entry<T>[], query: string, worth?: Worth<T>): T[] {
  const whole = fold(query).trim();
  if (whole === '') return entries.map((entry) => entry.item);
  const words = whole.split(' ');
  const found: { item: T; score: number }[] = [];
  let most = 0;
  for (const { item, fields } of entries) {
    const letters = score(fields, whole, words);
    if (letters > 0) found.push({ item, score: letters + (worth?.(item) ?? 0) });
    most = Math.max(most, letters);
  }
  // Nobody's letters stand together: a slip of the fingers is likelier than letters left out.
  if (most <= SCATTERED) {
    const meant = (entry: Entry<T>) => words.every((word) => entry.words.some((real) => mistyped(word, real)));
    const slips = new Set(entries.filter(meant).map(({ item }) => item));
    const rest = found.filter(({ item }) => !slips.has(item));
    found.splice(0, found.length, ...rest);
    for (const item of slips) found.push({ item, score: MISTYPED + (worth?.(item) ?? 0) });
  }
  return found.sort((a, b) => b.score - a.score).map(({ item }) => item);
}
