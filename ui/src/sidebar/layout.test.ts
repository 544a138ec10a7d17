import { expect, it } from 'vitest';
import type { Conversation } from '../bindings/wire';
import { dayGroup } from '../lib/time';
import { arrange, byDay, inSight, tops, type Item } from './layout';

const NOW = new Date(2026, 10, 25, 12).getTime();
const HOUR = 3_600_000;
const row = (id: string, updatedMs: number): Conversation => ({
  id,
  title: id,
  model: 'm',
  updatedMs,
  costUsd: 0,
  answering: false,
  pinned: false,
  folder: null,
  archived: false,
  deletedMs: null,
  temporary: false,
  comparing: false,
});
const said = (items: readonly Item[]) =>
  items.map((item) => {
    if (item.kind === 'head') return `# ${item.text}`;
    if (item.kind === 'folder') return `${item.open ? 'v' : '>'} ${item.folder.name}`;
    return item.kind === 'row' ? `${item.inside ? '  ' : ''}${item.conversation.id}` : '  …';
  });

it('pinned, then folders with what is in those that are open, then by day', () => {
  const items = arrange(
    {
      pinned: [row('p', NOW)],
      folders: [
        { id: 'f', name: 'Work', count: 3 },
        { id: 'g', name: 'Home', count: 1 },
      ],
      inside: new Map([['f', { rows: [row('w', NOW)], complete: false }]]),
      open: [row('a', NOW), row('b', NOW - 30 * HOUR)],
    },
    NOW,
  );
  const days = ['# Today', 'a', '# Yesterday', 'b'];
  expect(said(items)).toEqual(['# Pinned', 'p', '# Folders', 'v Work', '  w', '  …', '> Home', ...days]);
});

it('a heading stands before the first of its day, in years of conversations', () => {
  const rows = Array.from({ length: 3_000 }, (_, n) => row(`c${n}`, NOW - n * 5 * HOUR));
  let group = '';
  const expected: string[] = [];
  for (const c of rows) {
    const name = dayGroup(c.updatedMs, NOW);
    if (name !== group) expected.push(`# ${name}`);
    group = name;
    expected.push(c.id);
  }
  expect(said(byDay(rows, NOW))).toEqual(expected);
});

it('of a hundred thousand only what is in sight is drawn, wherever that is', () => {
  const items = byDay(
    Array.from({ length: 100_000 }, (_, n) => row(`c${n}`, NOW - n * 60_000)),
    NOW,
  );
  const all = tops(items);
  for (const top of [0, 1, 5_000, 1_850_000, all.at(-1)! - 800]) {
    const [first, last] = inSight(all, top, 800);
    expect(all[first]).toBeLessThanOrEqual(top);
    expect(all[last]).toBeGreaterThanOrEqual(Math.min(top + 800, all.at(-1)!));
    expect(last - first).toBeLessThan(45);
  }
  expect(inSight(tops([]), 0, 800)).toEqual([0, 0]);
});
