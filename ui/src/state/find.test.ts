import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Found } from '../bindings/wire';
import { Find } from './find.svelte';

const FOUND: Found = {
  hits: [
    { message: 'a', thoughts: 0, times: 2 },
    { message: 'b', thoughts: 0, times: 1 },
  ],
  more: false,
};
const look = vi.fn<(conversation: string, words: string) => Promise<Found>>();
let find: Find;

beforeEach(() => {
  vi.useFakeTimers();
  look.mockReset().mockResolvedValue(FOUND);
  find = new Find(look);
  find.show('c');
});
afterEach(() => void vi.useRealTimers());

const type = async (words: string) => {
  find.type(words);
  await vi.runAllTimersAsync();
};

it('looks once typing pauses, and begins at the hit nearest to the end', async () => {
  find.type('t');
  find.type('ti');
  await type('tide');
  expect(look.mock.calls).toEqual([['c', 'tide']]);
  expect([find.count, find.index, find.at]).toEqual([3, 2, { message: 'b', thoughts: false, nth: 0 }]);
});

it('goes from hit to hit through the messages and around', async () => {
  await type('tide');
  await find.step(1);
  expect([find.index, find.at]).toEqual([0, { message: 'a', thoughts: false, nth: 0 }]);
  await find.step(1);
  expect(find.at).toEqual({ message: 'a', thoughts: false, nth: 1 });
  await find.step(-1);
  await find.step(-1);
  expect([find.index, find.at]).toEqual([2, { message: 'b', thoughts: false, nth: 0 }]);
});

it('the reasoning of a message comes before its words', async () => {
  look.mockResolvedValue({ hits: [{ message: 'a', thoughts: 2, times: 1 }], more: false });
  await type('tide');
  expect([find.count, find.at]).toEqual([3, { message: 'a', thoughts: false, nth: 0 }]);
  await find.step(1);
  expect(find.at).toEqual({ message: 'a', thoughts: true, nth: 0 });
  await find.step(1);
  expect([find.index, find.at]).toEqual([1, { message: 'a', thoughts: true, nth: 1 }]);
  find.point('c', 'a', ['tide']);
  await vi.runAllTimersAsync();
  expect([find.index, find.at], 'a search led to its words').toEqual([2, { message: 'a', thoughts: false, nth: 0 }]);
});

it('Enter does not wait for the pause', async () => {
  find.type('tide');
  await find.step(1);
  expect([look.mock.calls.length, find.index]).toEqual([1, 2]);
  await vi.runAllTimersAsync();
  expect(look.mock.calls.length, 'and does not look twice').toBe(1);
});

it('what is not there is told, and nothing is shown', async () => {
  look.mockResolvedValue({ hits: [], more: false });
  await type('nowhere');
  expect([find.looked, find.count, find.at]).toEqual([true, 0, null]);
  await find.step(1);
  expect(find.at).toBeNull();
});

it('blank words look for nothing', async () => {
  await type('tide');
  await type('  ');
  expect([look.mock.calls.length, find.count, find.looked, find.at]).toEqual([1, 0, false, null]);
});

it('the answer for older words comes too late', async () => {
  let late: (found: Found) => void = () => undefined;
  look.mockReturnValueOnce(new Promise((done) => (late = done)));
  await type('ti');
  await type('tide');
  late({ hits: [], more: false });
  await vi.runAllTimersAsync();
  expect(find.count).toBe(3);
});

it('a failed look is told', async () => {
  const problem = { code: 'again', message: 'No.', detail: null, retryAfterMs: null } as const;
  look.mockRejectedValue(problem);
  await type('tide');
  expect([find.problem, find.count]).toEqual([problem, 0]);
});

it('another conversation is another search; the same one has its words again', async () => {
  await type('tide');
  find.close();
  expect([find.open, find.at, find.words]).toEqual([false, null, 'tide']);
  find.show('c');
  await vi.runAllTimersAsync();
  expect([find.open, find.count]).toEqual([true, 3]);
  find.leave();
  find.show('d');
  await vi.runAllTimersAsync();
  expect([find.words, find.count, look.mock.calls.length]).toEqual(['', 0, 2]);
});
