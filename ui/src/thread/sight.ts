/** What of the thread is in sight: the content that the scroll controller keeps in its place. */
import type { Content, Mark } from './follow.svelte';

/** The first of those whose lower edge is below `edge`; they stand below each other. */
function firstBelow(elements: readonly Element[], edge: number): Element | null {
  let from = 0;
  let to = elements.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (elements[middle]!.getBoundingClientRect().bottom > edge) to = middle;
    else from = middle + 1;
  }
  return elements[from] ?? null;
}

/** What holds things below each other; other elements hold words or lines. */
const STACKS = new Set(['ARTICLE', 'DIV', 'SECTION', 'UL', 'OL', 'BLOCKQUOTE']);

/** What has no box of its own cannot be looked for by position. */
function below(element: Element): Element[] {
  if (!STACKS.has(element.tagName)) return [];
  return [...element.children].filter((child) => child.getClientRects().length > 0);
}

export class Sight implements Content<Element | Range> {
  constructor(
    private readonly scroller: Element,
    /** Its children are the messages. */
    private readonly messages: Element,
  ) {}

  inSight(): Mark<Element>[] {
    const edge = this.scroller.getBoundingClientRect().top;
    const marks: Mark<Element>[] = [];
    let found = firstBelow([...this.messages.children], edge);
    // Into what begins above the edge: of a message as long as a book, the paragraph that is read.
    while (found) {
      const { top } = found.getBoundingClientRect();
      marks.unshift({ at: found, top: top - edge });
      if (top >= edge) break;
      found = firstBelow(below(found), edge);
    }
    return marks;
  }

  topOf(at: Element | Range): number | null {
    if (!this.messages.contains(at instanceof Range ? at.commonAncestorContainer : at)) return null;
    return at.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
  }
}
