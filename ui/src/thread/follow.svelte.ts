/**
 * Keeps the end of a growing thread in view until the reader scrolls up; from then on nothing moves but by the reader's
 * hand, until they come back to the end.
 */

/** What is needed of the element that scrolls. */
export interface Scroller {
  scrollTop: number;
  readonly scrollHeight: number;
  readonly clientHeight: number;
}

/** Nearer to the end than this is at the end: fractions of pixels, and a line's worth of goodwill. */
const NEAR = 24;

export class Follow {
  following = $state(true);
  /** True when there is more below than what is seen. */
  below = $state(false);

  private scroller: Scroller | null = null;
  private top = 0;

  attach(scroller: Scroller): void {
    this.scroller = scroller;
    this.toEnd();
  }

  /** The reader, or this, has scrolled. */
  scrolled(): void {
    const s = this.scroller;
    if (!s) return;
    const up = s.scrollTop < this.top;
    this.top = s.scrollTop;
    this.below = this.distance(s) > NEAR;
    if (!this.below) this.following = true;
    else if (up) this.following = false;
  }

  /** The reader is about to scroll up: the next piece of the stream must not pull them back. */
  pulledUp(): void {
    const s = this.scroller;
    if (s && s.scrollTop > 0) this.following = false;
  }

  /** The content or the window changed its size. */
  resized(): void {
    const s = this.scroller;
    if (!s) return;
    if (this.following) this.toEnd();
    else this.below = this.distance(s) > NEAR;
  }

  toEnd(): void {
    const s = this.scroller;
    if (!s) return;
    this.following = true;
    s.scrollTop = s.scrollHeight;
    this.top = s.scrollTop;
    this.below = false;
  }

  private distance(s: Scroller): number {
    return s.scrollHeight - s.clientHeight - s.scrollTop;
  }
}
