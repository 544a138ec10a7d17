import { expect, it } from 'vitest';
import type { Conversation, Shelves } from '../bindings/wire';
import { folderKey, Lists, shelfOf, type ShelfKey } from './lists.svelte';

const SHELVES: Shelves = { folders: [], archive: 0, trash: 0 };
const row = (id: string, updatedMs: number, change: Partial<Conversation> = {}): Conversation => ({
  id,
  title: id,
  model: 'lab/one',
  updatedMs,
  costUsd: 0,
  answering: false,
  pinned: false,
  folder: null,
  archived: false,
  deletedMs: null,
  temporary: false,
  comparing: false,
  ...change,
});
const ids = (lists: Lists, key: ShelfKey) => lists.of(key).rows.map((c) => c.id);

it('a conversation stands in one list', () => {
  expect(shelfOf(row('a', 1))).toBe('open');
  expect(shelfOf(row('a', 1, { folder: 'f', pinned: true }))).toBe('pinned');
  expect(shelfOf(row('a', 1, { folder: 'f' }))).toBe('folder:f');
  expect(shelfOf(row('a', 1, { pinned: true, archived: true }))).toBe('archive');
  expect(shelfOf(row('a', 1, { archived: true, deletedMs: 2 }))).toBe('trash');
  expect(shelfOf(row('a', 1, { temporary: true }))).toBe(null);
});

it('a change moves it from list to list', () => {
  const lists = new Lists(async () => []);
  lists.take([row('p', 5, { pinned: true }), row('b', 20), row('a', 10)], SHELVES);
  lists.put(row('a', 10, { pinned: true }));
  expect([ids(lists, 'pinned'), ids(lists, 'open')]).toEqual([['a', 'p'], ['b']]);
  lists.put(row('a', 30));
  expect([ids(lists, 'pinned'), ids(lists, 'open')]).toEqual([['p'], ['a', 'b']]);
  lists.put(row('a', 30, { deletedMs: 31 }));
  expect(ids(lists, 'open')).toEqual(['b']);
  expect(lists.has('trash')).toBe(false);
  lists.put(row('t', 99, { temporary: true }));
  expect(ids(lists, 'open')).toEqual(['b']);
});

it('one from beyond what was asked for comes with its page, and none between is left out', async () => {
  const all = [row('d', 40), row('c', 30), row('b', 20), row('a', 10)];
  const lists = new Lists(async (_, after) => all.slice(all.findIndex((c) => c.id === after) + 1));
  lists.take(all.slice(0, 2), SHELVES);
  lists.put(row('a', 10));
  expect(ids(lists, 'open')).toEqual(['d', 'c']);
  await lists.more('open');
  expect(ids(lists, 'open')).toEqual(['d', 'c', 'b', 'a']);
  await lists.more('open');
  expect(lists.of('open').complete).toBe(true);
});

it('a fresh snapshot keeps older pages and drops what is gone from its own', () => {
  const lists = new Lists(async () => []);
  lists.take([row('c', 30), row('b', 20), row('a', 10)], SHELVES);
  lists.take([row('d', 40), row('b', 20)], SHELVES);
  expect(ids(lists, 'open')).toEqual(['d', 'b', 'a']);
});

it('a page is asked for once at a time, and a folder that goes gives back what was in it', async () => {
  let asked = 0;
  const lists = new Lists(async (shelf) => {
    asked += 1;
    return shelf.kind === 'folder' ? [row('x', 5, { folder: 'f' })] : [row('x', 5)];
  });
  lists.take([], { ...SHELVES, folders: [{ id: 'f', name: 'F', count: 1 }] });
  await Promise.all([lists.more(folderKey('f')), lists.more(folderKey('f'))]);
  expect([asked, ids(lists, folderKey('f'))]).toEqual([1, ['x']]);
  lists.takeShelves(SHELVES);
  expect(lists.has(folderKey('f'))).toBe(false);
  await lists.begin('open');
  expect(ids(lists, 'open')).toEqual(['x']);
});
