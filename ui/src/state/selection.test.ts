import { expect, it } from 'vitest';
import { Selection } from './selection.svelte';

const ORDER = ['a', 'b', 'c', 'd'];

it('a range reaches from what was chosen last, in either direction', () => {
  const chosen = new Selection();
  chosen.toggle('b');
  chosen.reach('d', ORDER);
  expect([...chosen.ids]).toEqual(['b', 'c', 'd']);
  chosen.reach('a', ORDER);
  expect([...chosen.ids]).toEqual(['a', 'b']);
});

it('without anything chosen a range begins where the reader is', () => {
  const chosen = new Selection();
  chosen.reach('c', ORDER, 'b');
  chosen.reach('d', ORDER, 'c');
  expect([...chosen.ids]).toEqual(['b', 'c', 'd']);
  chosen.reach('gone', ORDER);
  expect(chosen.size).toBe(3);
});

it('what is done with a chosen one is done with all, and with another one alone', () => {
  const chosen = new Selection();
  chosen.toggle('a');
  chosen.toggle('b');
  expect(chosen.with('a')).toEqual(['a', 'b']);
  expect(chosen.with('c')).toEqual(['c']);
  chosen.toggle('a');
  expect(chosen.with('b')).toEqual(['b']);
  chosen.clear();
  expect(chosen.size).toBe(0);
});
