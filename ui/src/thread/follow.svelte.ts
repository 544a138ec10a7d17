/**
 * The one hand on the scroll bar. It keeps the end of a growing thread in view until the reader scrolls up; from then on
 * what they look at stays where it is, whatever comes in above it or changes its size, until they come back to the end.
 */

/** What is needed of the element that scrolls. */
export interface Scroller {
  scrollTop: number;
  readonly scrollHeight: number;
  readonly clientHeight: number;
}

/** Something in sight, and how far below the scroller's upper edge it begins. */
export interface Mark<T> {
  at: T;
  top: number;
}

/** What stands in the scroller. */
export interface Content<T> {
  /** What the reader looks at: the topmost thing in sight, the finest first and what it is part of after it. */
  inSight(): Mark<T>[];
  /** How far below the upper edge it begins now; null when it is gone. */
  topOf(at: T): number | null;
}

/** Nearer to the end than this is at the end: fractions of pixels, and a line's worth of goodwill. */
const NEAR = 24;
/** Less than this is no movement: positions are fractions of pixels. */
const STILL = 0.75;
/** So many heights of the window ahead of the reader, the next page is fetched. */
const AHEAD = 1.5;
/** Where a thing that is shown on purpose begins, in heights of the window. */
const SHOWN_AT = 0.2;

export class Follow<T> {
  following = $state(true);
  /** True when there is more below than what is seen. */
  below = $state(false);
  /** True when there is more after the end than what is loaded: then its end is not the thread's. */
  more = false;

  private scroller: Scroller | null = null;
  private content: Content<T> | null = null;
  private top = 0;
  private height = 0;
  private marks: Mark<T>[] = [];

  attach(scroller: Scroller, content: Content<T>): void {
    this.scroller = scroller;
    this.content = content;
    this.toEnd();
  }

  /** The reader, or this, has scrolled. */
  scrolled(): void {
    const s = this.scroller;
    if (!s) return;
    // Content may have changed in the same frame: what is left after that is the reader's.
    if (!this.following) this.steady(s);
    const up = s.scrollTop < this.top;
    const ended = this.distance(s) <= NEAR && !this.more;
    if (ended) this.following = true;
    else if (up || this.more) this.following = false;
    this.mark(s);
  }

  /** The reader is about to scroll up: the next piece of the stream must not pull them back. */
  pulledUp(): void {
    const s = this.scroller;
    if (s && s.scrollTop > 0) this.stay();
  }

  /** Whatever comes, the reader stays where they are. */
  stay(): void {
    const s = this.scroller;
    if (!s) return;
    this.following = false;
    this.mark(s);
  }

  /** The content or the window changed its size. */
  resized(): void {
    const s = this.scroller;
    if (!s) return;
    if (this.following && !this.more) {
      this.toEnd();
      return;
    }
    this.following = false;
    this.steady(s);
    this.mark(s);
  }

  toEnd(): void {
    const s = this.scroller;
    if (!s) return;
    this.following = !this.more;
    s.scrollTop = s.scrollHeight;
    this.mark(s);
  }

  /** Brings something into view, near the top, unless it can be seen already. */
  show(at: T, height: number): void {
    const s = this.scroller;
    const top = this.content?.topOf(at) ?? null;
    if (!s || top === null) return;
    this.following = false;
    const seen = top >= 0 && top + Math.min(height, s.clientHeight / 2) <= s.clientHeight;
    if (!seen) s.scrollTop += top - s.clientHeight * SHOWN_AT;
    this.mark(s);
  }

  /** On which sides the reader nears the end of what is loaded. */
  wants(): { older: boolean; newer: boolean } {
    const s = this.scroller;
    if (!s) return { older: false, newer: false };
    const ahead = s.clientHeight * AHEAD;
    return { older: s.scrollTop < ahead, newer: this.distance(s) < ahead };
  }

  /** Takes back what moved other than by the reader's hand. */
  private steady(s: Scroller): void {
    // What became shorter may have left the position beyond its end: that is not the reader's doing either.
    const clamped = s.scrollHeight < this.height && this.distance(s) < 1;
    const byHand = clamped ? 0 : s.scrollTop - this.top;
    for (const { at, top } of this.marks) {
      const now = this.content?.topOf(at) ?? null;
      if (now === null) continue;
      const moved = now - (top - byHand);
      if (Math.abs(moved) >= STILL) s.scrollTop += moved;
      this.top = s.scrollTop - byHand;
      return;
    }
  }

  private mark(s: Scroller): void {
    this.top = s.scrollTop;
    this.height = s.scrollHeight;
    this.below = this.more || this.distance(s) > NEAR;
    this.marks = this.following ? [] : (this.content?.inSight() ?? []);
  }

  private distance(s: Scroller): number {
    return s.scrollHeight - s.clientHeight - s.scrollTop;
  }
}
