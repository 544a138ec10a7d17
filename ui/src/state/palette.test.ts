import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { FoundMessage, SearchResult } from '../bindings/wire';
import { Palette } from './palette.svelte';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const message = (id: string): FoundMessage => ({
  message: id,
  conversation: 'c',
  title: 't',
  role: 'user',
  model: null,
  createdMs: 1,
  excerpt: [{ text: id, hit: false }],
});
const result = (ids: string[], older: number | null = null): SearchResult => ({
  words: [],
  strange: [],
  conversations: [],
  messages: ids.map(message),
  older,
});

it('what is typed on is looked for once, with the offset of the day', async () => {
  const look = vi.fn(async (text: string) => result([text]));
  const palette = new Palette(look, () => 60);
  for (const text of ['t', 'ti', 'tide']) palette.type(text);
  expect(palette.looking).toBe(true);
  await vi.runAllTimersAsync();
  expect(look.mock.calls).toEqual([['tide', 60, null]]);
  expect(palette.found.messages.map((m) => m.message)).toEqual(['tide']);
  expect(palette.looking).toBe(false);
});

it('an answer that comes late is not shown for other words', async () => {
  let first: (found: SearchResult) => void = () => undefined;
  const look = vi.fn((text: string) =>
    text === 'old' ? new Promise<SearchResult>((done) => (first = done)) : Promise.resolve(result(['new'])),
  );
  const palette = new Palette(look);
  palette.type('old');
  await vi.runAllTimersAsync();
  palette.type('new');
  await vi.runAllTimersAsync();
  first(result(['old']));
  await vi.runAllTimersAsync();
  expect(palette.found.messages.map((m) => m.message)).toEqual(['new']);
});

it('what is emptied or meant as a command asks nothing', async () => {
  const look = vi.fn(async () => result(['x']));
  const palette = new Palette(look);
  palette.type('x');
  palette.type('');
  palette.type('> lock');
  await vi.runAllTimersAsync();
  expect(look).not.toHaveBeenCalled();
  expect(palette.found.messages).toEqual([]);
});

it('older messages come below, and none twice', async () => {
  const pages = [result(['a', 'b'], 7), result(['b', 'c'])];
  const palette = new Palette(async () => pages.shift()!);
  palette.type('x');
  await vi.runAllTimersAsync();
  await palette.more();
  expect(palette.found.messages.map((m) => m.message)).toEqual(['a', 'b', 'c']);
  expect(palette.found.older).toBeNull();
});

it('a search that is not done yet goes on behind its first results, within a bound', async () => {
  let asked = 0;
  const palette = new Palette(async () => result([`m${++asked}`], 100 - asked));
  palette.type('x');
  await vi.runAllTimersAsync();
  expect([asked, palette.found.messages.length, palette.looking]).toEqual([9, 9, false]);
  await palette.more();
  expect(asked).toBe(10);
});

it('a search that fails says so and leaves the box usable', async () => {
  const problem = { code: 'again' as const, message: 'no', detail: null, retryAfterMs: null };
  const palette = new Palette(() => Promise.reject(problem));
  palette.type('x');
  await vi.runAllTimersAsync();
  expect([palette.problem, palette.looking]).toEqual([problem, false]);
  palette.type('');
  expect(palette.problem).toBeNull();
});
