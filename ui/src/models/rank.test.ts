import { expect, it } from 'vitest';
import type { Model } from '../bindings/wire';
import { prepare } from '../lib/fuzzy';
import { list } from './rank';

const supports = {
  temperature: false,
  topP: false,
  maxTokens: false,
  stop: false,
  seed: false,
  efforts: [],
  budget: false,
  off: false,
};

const model = (id: string, change: Partial<Model> = {}): Model => ({
  id,
  name: id,
  author: '',
  description: '',
  context: 100_000,
  longestAnswer: null,
  inputPrice: 1,
  outputPrice: 1,
  cachedPrice: null,
  free: false,
  images: false,
  files: false,
  thinks: false,
  tools: false,
  supports,
  createdMs: 0,
  expires: null,
  ...change,
});
const entries = prepare([
  model('a', { images: true, context: 200_000 }),
  model('b', { free: true }),
  model('c', { images: true, free: true, context: null }),
]);
const ids = (...args: Parameters<typeof list>) => list(...args).map((m) => m.id);

it('every filter has to hold', () => {
  expect(ids(entries, '', new Set(['images']), [])).toEqual(['a', 'c']);
  expect(ids(entries, '', new Set(['images', 'free']), [])).toEqual(['c']);
  expect(ids(entries, '', new Set(['long']), [])).toEqual(['a']);
});

it('those used last come first, until something is searched', () => {
  expect(ids(entries, '', new Set(), ['c', 'b', 'gone'])).toEqual(['c', 'b', 'a']);
  expect(ids(entries, 'a', new Set(), ['c'])).toEqual(['a']);
});

it('a family comes before names that only begin like it', () => {
  const named = prepare([
    model('example/sonnet-style', { name: 'Sonnet-Style Merge' }),
    model('anthropic/claude-sonnet-4.6', { name: 'Claude Sonnet 4.6' }),
    model('example/gptish', { name: 'Gptish' }),
    model('openai/gpt-5.2', { name: 'GPT-5.2' }),
  ]);
  expect(ids(named, 'sonnet', new Set(), [])).toEqual(['anthropic/claude-sonnet-4.6', 'example/sonnet-style']);
  expect(ids(named, 'gpt', new Set(), [])[0]).toBe('openai/gpt-5.2');
});
