import { expect, it } from 'vitest';
import type { ThreadEvent } from '../bindings/wire';
import { FRAME, paced } from './pace';

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
  for (let seq = 1; seq <= 5; seq += 1) hear(patch(seq, FRAME / 2));
  expect(heard).toEqual([1, 2]);
  hear({ seq: 6, change: { kind: 'reload' } });
  frame();
  expect(heard).toEqual([1, 2, 3, 4]);
  frame();
  expect(heard).toEqual([1, 2, 3, 4, 5, 6]);
  frame();
  expect(waiting()).toBe(0);
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
