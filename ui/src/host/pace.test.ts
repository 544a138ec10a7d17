import { expect, it } from 'vitest';
import type { ThreadEvent } from '../bindings/wire';
import { FIRST, FRAME, paced } from './pace';

const patch = (seq: number, length: number): ThreadEvent => ({
  seq,
  change: { kind: 'patch', message: 'a', ops: [{ op: 'seal', html: 'x'.repeat(length) }] },
});

function pacing() {
  const heard: number[] = [];
  const calls: (() => void)[] = [];
  const hear = paced((event) => heard.push(event.seq), { next: (call) => calls.push(call) });
  return { heard, hear, frame: () => calls.shift()?.(), waiting: () => calls.length };
}

it('what a frame can take is taken at once, the rest in order by the frames that follow', () => {
  const { heard, hear, frame, waiting } = pacing();
  for (let seq = 1; seq <= 12; seq += 1) hear(patch(seq, FIRST / 2));
  expect(heard.length).toBe(2);
  hear({ seq: 13, change: { kind: 'reload' } });
  frame();
  expect(heard.length).toBe(6);
  frame();
  expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  frame();
  expect(waiting()).toBe(0);
});

it('a frame takes twice as much as the one before it, up to its most, and less again after a pause', () => {
  const { heard, hear, frame, waiting } = pacing();
  for (let seq = 1; seq <= 40; seq += 1) hear(patch(seq, FIRST));
  const took = [heard.length];
  for (let before = heard.length; waiting() > 0; before = heard.length) {
    frame();
    took.push(heard.length - before);
  }
  expect(took).toEqual([1, 2, ...Array.from({ length: 9 }, () => FRAME / FIRST), 1, 0]);
  hear(patch(41, FIRST));
  hear(patch(42, FIRST));
  expect(heard.length).toBe(41);
});

it('one piece larger than a frame goes by itself', () => {
  const { heard, hear, frame } = pacing();
  hear(patch(1, FRAME * 3));
  hear(patch(2, 1));
  expect(heard).toEqual([1]);
  frame();
  expect(heard).toEqual([1, 2]);
});

it('what comes slowly never waits', () => {
  const { heard, hear, frame } = pacing();
  for (let seq = 1; seq <= 100; seq += 1) {
    hear(patch(seq, 400));
    expect(heard.at(-1)).toBe(seq);
    frame();
  }
});
