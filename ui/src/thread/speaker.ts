/**
 * What a screen reader is told of a growing answer: whole sentences, now and then, and of a long one the beginning; who
 * wants the rest goes to it. Code and tables are named, not read out.
 */

/** What is drawn of an answer: blocks that stay as they are, and an open end. */
export interface Spoken {
  blocks: readonly string[];
  tail: string;
}

/** So many letters are read by themselves. */
export const MOST = 1_200;
const GOES_ON = 'The answer goes on.';

const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };

/** What a block of HTML says. */
export function said(html: string): string {
  const code = /^<div class="code"[^>]*>.*?class="code-lang">([^<]*)</s.exec(html);
  if (code) return code[1] ? `Code in ${code[1]}.` : 'Code.';
  if (html.startsWith('<div class="code')) return 'Code.';
  if (html.startsWith('<div class="table')) return 'A table.';
  return html
    .replace(/<math.*?<\/math>/gs, 'a formula')
    .replace(/<\/(?:li|p|h\d|td|th)>|<br>/g, ' ')
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/\s+/g, ' ')
    .trim();
}

/** Where the last whole sentence ends. */
function wholeTo(text: string): number {
  let end = 0;
  for (const found of text.matchAll(/[.!?…]["'”’)\]]*(?=\s)|[。！？]/gu)) end = found.index + found[0].length;
  return end;
}

export class Speaker {
  private block = 0;
  /** Of that block, so many letters were said. */
  private letters = 0;
  private total = 0;
  private done = false;

  /** True once as much was said as is read by itself: an answer as long as a book need not be gone through for more. */
  get silent(): boolean {
    return this.total >= MOST;
  }

  /** What is to be said now; nothing while no sentence is whole. */
  next({ blocks, tail }: Spoken): string {
    if (this.silent) return '';
    const parts: string[] = [];
    for (; this.block < blocks.length; this.block += 1) {
      const rest = said(blocks[this.block] ?? '')
        .slice(this.letters)
        .trim();
      if (rest !== '') parts.push(rest);
      this.letters = 0;
    }
    const open = said(tail);
    // The name of what stands there must not be said anew with every line of it.
    const named = open === 'A table.' || /^Code( in .*)?\.$/.test(open);
    const end = this.done || named ? open.length : wholeTo(open);
    if (end > this.letters) {
      parts.push(open.slice(this.letters, end).trim());
      this.letters = end;
    }
    const words = parts.join(' ');
    this.total += words.length;
    if (this.total < MOST || this.done) return words.slice(0, MOST);
    return `${words.slice(0, MOST)} ${GOES_ON}`;
  }

  /** Nothing comes any more: the last words count as a sentence. */
  finish(): void {
    this.done = true;
  }
}
