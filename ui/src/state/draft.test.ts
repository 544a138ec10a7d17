import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Draft } from './draft.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function drafts(kept: Record<string, string> = {}) {
  const written: [string | null, string][] = [];
  return {
    written,
    get: async (conversation: string | null) => kept[conversation ?? ''] ?? '',
    set: async (conversation: string | null, text: string) => void written.push([conversation, text]),
  };
}

it('is written once the typing pauses', () => {
  const store = drafts();
  const draft = new Draft(store);
  draft.type('a');
  vi.advanceTimersByTime(299);
  draft.type('ab');
  vi.advanceTimersByTime(299);
  expect(store.written).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(store.written).toEqual([[null, 'ab']]);
});

it('goes with its conversation, and is kept at once when another is opened', async () => {
  const store = drafts({ two: 'begun' });
  const draft = new Draft(store);
  await draft.open('one');
  draft.type('mine');
  await draft.open('two');
  expect(store.written).toEqual([['one', 'mine']]);
  expect(draft.text).toBe('begun');
});

it('does not overwrite what was typed before the kept words came', async () => {
  const draft = new Draft(drafts({ one: 'old' }));
  const opening = draft.open('one');
  draft.type('new');
  await opening;
  expect(draft.text).toBe('new');
});

it('is gone from the store as soon as it is sent', () => {
  const store = drafts();
  const draft = new Draft(store);
  draft.type('sent');
  draft.clear();
  expect([draft.text, store.written]).toEqual(['', [[null, '']]]);
});

it('folded texts are kept with the words, and are folded again when they come back', async () => {
  const store = drafts();
  const draft = new Draft(store);
  draft.type('Why?');
  draft.fold('a long text');
  draft.flush();
  const kept = store.written.at(-1)![1];
  expect(kept).toBe('Why?\n\n```pasted\na long text\n```');
  const again = new Draft(drafts({ one: kept }));
  await again.open('one');
  expect([again.text, again.pasted, again.whole]).toEqual(['Why?', ['a long text'], kept]);
});

it('a folded text can be put into the words, or left out and brought back', () => {
  const draft = new Draft(drafts());
  draft.type('Why?');
  draft.fold('one');
  draft.fold('two');
  draft.unfold(0);
  expect([draft.text, draft.pasted]).toEqual(['Why?\none', ['two']]);
  draft.fold(draft.drop(0));
  expect(draft.pasted).toEqual(['two']);
  draft.clear();
  expect([draft.empty, draft.whole]).toEqual([true, '']);
});

it('a folded text alone is enough to send', () => {
  const draft = new Draft(drafts());
  draft.fold('one');
  expect(draft.empty).toBe(false);
});
