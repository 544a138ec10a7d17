import { expect, it } from 'vitest';
import { prepare, search } from './fuzzy';

const item = (id: string, name: string, author: string) => ({ id, name, author });
const MODELS = [
  item('mistralai/codestral', 'Codestral', 'Mistral'),
  item('x/my-o3-mini-tune', 'My o3-mini tune', 'X'),
  item('openai/o3-mini', 'o3-mini', 'OpenAI'),
  item('openai/o3', 'o3', 'OpenAI'),
  item('anthropic/claude-sonnet-4.6', 'Claude Sonnet 4.6', 'Anthropic'),
  item('anthropic/claude-sonnet-4', 'Claude Sonnet 4', 'Anthropic'),
  item('google/gemini-3-pro', 'Gemini 3 Pro', 'Google'),
  item('lab/nemo-zürich', 'Nemo Zürich', 'Lab'),
  item('humain/allam', 'علّام', 'Humain'),
];
const ids = (query: string) => search(prepare(MODELS), query).map((found) => found.id);

it('ranks exact before prefix before the start of a word', () => {
  expect(ids('o3')).toEqual(['openai/o3', 'openai/o3-mini', 'x/my-o3-mini-tune']);
});

it('keeps the given order among equals', () => {
  expect(ids('sonnet')).toEqual(['anthropic/claude-sonnet-4.6', 'anthropic/claude-sonnet-4']);
});

it('finds by name, author and id, in any order of words', () => {
  expect(ids('anthropic sonnet 4.6')).toEqual(['anthropic/claude-sonnet-4.6']);
  expect(ids('pro google')).toEqual(['google/gemini-3-pro']);
  expect(ids('mistralai/cod')).toEqual(['mistralai/codestral']);
});

it('finds letters in order when they are close, and puts them last', () => {
  expect(ids('gmni')).toEqual(['google/gemini-3-pro']);
  expect(ids('xqz')).toEqual([]);
});

it('does not mind accents, capitals and spaces', () => {
  expect(ids('  ZURICH ')).toEqual(['lab/nemo-zürich']);
  expect(ids('علام')).toEqual(['humain/allam']);
});

it('lists everything for an empty query', () => {
  expect(ids(' ')).toEqual(MODELS.map((model) => model.id));
});
