/**
 * Lets the page paint while much comes in: what one frame can lay out in time is taken at once, the rest waits for the
 * next. Order is kept. Below a few thousand tokens a second nothing ever waits.
 */
import type { Op, ThreadEvent } from '../bindings/wire';

/** Characters of HTML that one frame takes: with layout and paint, some 30 ms on a slow computer that draws in software. */
export const FRAME = 12 * 1024;
/** After a pause the first frame takes less, and each that follows twice as much: what is new costs most to draw. */
export const FIRST = FRAME / 4;
/** A window that is not painted has no frames. */
const UNSEEN_MS = 250;

export interface Frames {
  /** Calls once, before the next frame is laid out. */
  next(call: () => void): void;
}

const frames: Frames = {
  next(call) {
    let called = false;
    const once = () => {
      if (called) return;
      called = true;
      call();
    };
    requestAnimationFrame(once);
    setTimeout(once, UNSEEN_MS);
  },
};

function size({ change }: ThreadEvent): number {
  if (change.kind !== 'patch') return 0;
  const letters = (op: Op) =>
    ('html' in op ? op.html.length : 'text' in op ? op.text.length : 0) + ('line' in op ? op.line.length : 0);
  return change.ops.reduce((sum, op) => sum + letters(op), 0);
}

/** What was changed before is laid out and painted after this. */
export const painted = (): Promise<void> => new Promise((done) => frames.next(() => frames.next(done)));

export function paced(heard: (event: ThreadEvent) => void, { next }: Frames = frames): (event: ThreadEvent) => void {
  const late: ThreadEvent[] = [];
  let taken = 0;
  let most = FIRST;
  let waiting = false;

  function take(): void {
    let at = 0;
    for (; at < late.length && taken < most; at += 1) {
      const event = late[at]!;
      taken += size(event);
      heard(event);
    }
    late.splice(0, at);
    if (waiting) return;
    if (taken === 0) {
      most = FIRST;
      return;
    }
    waiting = true;
    next(() => {
      waiting = false;
      taken = 0;
      most = Math.min(FRAME, most * 2);
      take();
    });
  }

  return (event) => {
    late.push(event);
    take();
  };
}
