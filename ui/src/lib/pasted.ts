/**
 * Long text that was pasted stands folded under what is typed. It is sent, and kept as a draft, as what it is: a fenced
 * block after the words.
 */

const LETTERS = 2_000;
const LINES = 40;
const LANGUAGE = 'pasted';

export interface Parts {
  text: string;
  pasted: string[];
}

export const lines = (text: string) => text.split('\n').length;

/** So much that it would bury what is typed. */
export const isLong = (text: string) => text.length > LETTERS || lines(text) > LINES;

/** A fence that nothing in the text can close. */
function fenceOf(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  return '`'.repeat(longest + 1);
}

export function join({ text, pasted }: Parts): string {
  const blocks = pasted.map((words) => {
    const fence = fenceOf(words);
    return `${fence}${LANGUAGE}\n${words}\n${fence}`;
  });
  return [text, ...blocks].filter((part, at) => at > 0 || part !== '').join('\n\n');
}

/** The last folded block, and what stands before it. */
function last(whole: string): { before: string; words: string } | null {
  const fence = /(?:^|\n)(`{3,})$/.exec(whole)?.[1];
  if (!fence) return null;
  const opening = `${fence}${LANGUAGE}\n`;
  const at = whole.lastIndexOf(opening);
  if (at < 0 || (at > 0 && (whole[at - 1] === '`' || !whole.slice(0, at).endsWith('\n\n')))) return null;
  const words = whole.slice(at + opening.length, -(fence.length + 1));
  if (words.includes(fence)) return null;
  return { before: whole.slice(0, Math.max(0, at - 2)), words };
}

export function split(whole: string): Parts {
  const pasted: string[] = [];
  let text = whole;
  for (let found = last(text); found; found = last(text)) {
    pasted.unshift(found.words);
    text = found.before;
  }
  return { text, pasted };
}

/** `312 lines`, `1,284 letters`: how much it is, in a word. */
export function extent(text: string): string {
  const count = lines(text);
  return count > 1 ? `${count.toLocaleString('en-US')} lines` : `${text.length.toLocaleString('en-US')} letters`;
}
