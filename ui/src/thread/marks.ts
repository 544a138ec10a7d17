/** Where words stand in what is shown, and marking them without touching the page's elements. */

/** Text that is shown and is not the conversation's: the heads of code blocks, buttons, signs. */
const NOT_SAID = '.code-head, button, header, footer, .note-number, [aria-hidden="true"], .aside';
/** The elements between whose texts no space is to be thought. */
const INLINE = new Set(['SPAN', 'EM', 'STRONG', 'DEL', 'CODE', 'A', 'SUP', 'MARK']);
const NAME = 'found';
const CURRENT = 'found-now';

/** Reasoning that is unfolded: looked through apart from the words, as the core counts it. */
const THOUGHTS = '[data-thoughts]';

/** As the core folds what it looks through: lower case, one space for each run of them. */
export const folded = (text: string) => text.toLowerCase().replace(/\s+/gu, ' ');

interface Piece {
  node: Text;
  at: number;
}

/** The shown text, folded letter by letter, and for each of its letters where it stands. */
function read(root: Element): { text: string; pieces: Piece[] } {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) => {
    if (node instanceof Element) {
      if (node.matches(NOT_SAID)) return NodeFilter.FILTER_REJECT;
      return INLINE.has(node.tagName) ? NodeFilter.FILTER_SKIP : NodeFilter.FILTER_ACCEPT;
    }
    return NodeFilter.FILTER_ACCEPT;
  });
  // Joined at the end: to look at a string that grows by letters goes through all of it each time.
  const text: string[] = [];
  const pieces: Piece[] = [];
  const put = (letters: string, node: Text | null, at: number) => {
    for (const letter of letters) {
      const space = /\s/u.test(letter);
      if (space && text.at(-1) === ' ') continue;
      text.push(space ? ' ' : letter);
      pieces.push(node ? { node, at } : (pieces.at(-1) ?? { node: new Text(), at: 0 }));
    }
  };
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node instanceof Text) {
      let at = 0;
      for (const letter of node.data) {
        // One letter may become two in lower case.
        for (const low of letter.toLowerCase()) put(low, node, at);
        at += letter.length;
      }
    } else put(' ', null, 0);
  }
  return { text: text.join(''), pieces };
}

/** Where in the reasoning of this message the words stand, in order; nowhere while it is folded. */
export function thoughtPlaces(root: Element, words: string): Range[] {
  return [...root.querySelectorAll(THOUGHTS)].flatMap((thoughts) => places(thoughts, words));
}

/** Where in this element the words stand, in order. */
export function places(root: Element, words: string): Range[] {
  const wanted = folded(words).trim();
  if (wanted === '') return [];
  const { text, pieces } = read(root);
  const found: Range[] = [];
  // Letters outside the basic plane are two units of `text` and one piece.
  const index = pieceAt(text);
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    const first = pieces[index(at)];
    const last = pieces[index(at + wanted.length - 1)];
    if (!first || !last) continue;
    const range = document.createRange();
    range.setStart(first.node, first.at);
    const letter = String.fromCodePoint(last.node.data.codePointAt(last.at) ?? 32);
    range.setEnd(last.node, last.at + letter.length);
    found.push(range);
  }
  return found;
}

/** From a unit of the text to the piece it belongs to. */
function pieceAt(text: string): (unit: number) => number {
  if (!/[\u{10000}-\u{10ffff}]/u.test(text)) return (unit) => unit;
  const map: number[] = [];
  let piece = 0;
  for (const letter of text) {
    for (let unit = 0; unit < letter.length; unit += 1) map.push(piece);
    piece += 1;
  }
  return (unit) => map[unit] ?? 0;
}

/** Every engine that this window runs in since 2023 can; without it the message alone is shown. */
const registry = () => (typeof CSS !== 'undefined' && 'highlights' in CSS ? CSS.highlights : null);

/** Of more than these, only those near what is seen are marked: the engine looks at every mark for every line. */
const MARKS_MAX = 400;

/** Within a window's height of what is seen; what the engine has skipped has no height. */
function near(at: Element | Range): boolean {
  const { top, bottom, height } = at.getBoundingClientRect();
  return height > 0 && bottom > -innerHeight && top < 2 * innerHeight;
}

function nearest(found: Range[]): Range[] {
  // Most are ruled out with what holds them, which is looked at once.
  const held = new Map<Element, boolean>();
  const holds = ({ startContainer }: Range) => {
    const group = startContainer.parentElement?.closest('.blocks');
    if (!group) return true;
    const known = held.get(group) ?? near(group);
    held.set(group, known);
    return known;
  };
  return found.filter((range) => holds(range) && near(range)).slice(0, MARKS_MAX);
}

/**
 * Marks the words below `root`, and the one the reader is at; `keep` leaves that one as it is. True when there are more
 * than it marks: then it is to be called again when the reader goes elsewhere.
 */
export function paint(root: Element, words: string, now: Range | 'keep' | null): boolean {
  const marks = registry();
  if (!marks) return false;
  if (words.trim() === '') {
    marks.delete(NAME);
    marks.delete(CURRENT);
    return false;
  }
  const found = [...places(root, words), ...thoughtPlaces(root, words)];
  const more = found.length > MARKS_MAX;
  marks.set(NAME, new Highlight(...(more ? nearest(found) : found)));
  if (now === null) marks.delete(CURRENT);
  else if (now !== 'keep') {
    const current = new Highlight(now);
    current.priority = 1;
    marks.set(CURRENT, current);
  }
  return more;
}
