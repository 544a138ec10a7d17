import { expect, it } from 'vitest';
import { prepare } from '../lib/fuzzy';
import { list, type FilterId, type Wish } from './rank';
import { model } from './testing';

const entries = prepare([
  model('a', { images: true, context: 200_000, outputPrice: 15, createdMs: 1 }),
  model('b', { free: true, createdMs: 3 }),
  model('c', { images: true, free: true, context: null, createdMs: 2 }),
  model('gone', { goneMs: 1 }),
  model('barred', { barred: true, outputPrice: 0, createdMs: 9 }),
  model('varies', { outputPrice: null }),
]);

interface Asked extends Partial<Omit<Wish, 'filters'>> {
  filters?: FilterId[];
  recent?: string[];
  favourites?: string[];
}

const ids = ({ filters = [], recent = [], favourites = [], ...wish }: Asked = {}, from = entries) =>
  list(
    from,
    { query: '', price: null, sort: 'best', ...wish, filters: new Set(filters) },
    { recent, favourites: new Set(favourites) },
  ).map((m) => m.id);

it('every filter has to hold', () => {
  expect(ids({ filters: ['images'] })).toEqual(['a', 'c']);
  expect(ids({ filters: ['images', 'free'] })).toEqual(['c']);
  expect(ids({ filters: ['long'] })).toEqual(['a']);
  expect(ids({ filters: ['favourites'], favourites: ['c', 'gone'] })).toEqual(['c']);
  expect(ids({ price: 5 })).toEqual(['b', 'c', 'barred']);
});

it('those used last come first, then favourites, until something is searched', () => {
  expect(ids({ recent: ['c', 'b', 'gone'], favourites: ['varies'] })).toEqual(['c', 'b', 'varies', 'a', 'barred']);
  expect(ids({ query: 'a', recent: ['varies'] })[0]).toBe('a');
});

it('an order is kept whatever was used, and what cannot be asked comes last', () => {
  expect(ids({ sort: 'newest', recent: ['a'] })).toEqual(['b', 'c', 'a', 'varies', 'barred']);
  expect(ids({ sort: 'price' })).toEqual(['b', 'c', 'a', 'varies', 'barred']);
  expect(ids({ sort: 'context' })[0]).toBe('a');
});

it('a model that is gone is found by its name alone, behind all others', () => {
  expect(ids()).not.toContain('gone');
  expect(ids({ query: 'gone' })).toEqual(['gone']);
  const alike = prepare([model('x/gone', { goneMs: 1 }), model('x/gone-on')]);
  expect(ids({ query: 'gone' }, alike)).toEqual(['x/gone-on', 'x/gone']);
});

it('what is known is worth a little more, not everything', () => {
  const models = prepare([
    model('a/sonnet-5', { name: 'Sonnet 5' }),
    model('a/sonnet-4', { name: 'Sonnet 4' }),
    model('b/my-sonnetto', { name: 'My Sonnetto' }),
  ]);
  expect(ids({ query: 'sonnet', favourites: ['a/sonnet-4'] }, models)[0]).toBe('a/sonnet-4');
  expect(ids({ query: 'sonnet', recent: ['a/sonnet-4'] }, models)[0]).toBe('a/sonnet-4');
  expect(ids({ query: 'sonnet', favourites: ['b/my-sonnetto'] }, models)[0]).toBe('a/sonnet-5');
});

it('a family comes before names that only begin like it', () => {
  const named = prepare([
    model('example/sonnet-style', { name: 'Sonnet-Style Merge' }),
    model('anthropic/claude-sonnet-4.6', { name: 'Claude Sonnet 4.6' }),
    model('example/gptish', { name: 'Gptish' }),
    model('openai/gpt-5.2', { name: 'GPT-5.2' }),
  ]);
  expect(ids({ query: 'sonnet' }, named)).toEqual(['anthropic/claude-sonnet-4.6', 'example/sonnet-style']);
  expect(ids({ query: 'gpt' }, named)[0]).toBe('openai/gpt-5.2');
});
