import { expect, it } from 'vitest';
import type { Provider, Routing } from '../bindings/wire';
import { ANY, isRouted, leftOut, merged, outcome, words } from './routing';

const provider = (name: string, change: Partial<Provider> = {}): Provider => ({
  name,
  slug: name.toLowerCase(),
  inputPrice: 3,
  outputPrice: 15,
  context: null,
  longestAnswer: null,
  quantization: null,
  uptime: null,
  latency: null,
  throughput: null,
  private: null,
  unwell: false,
  ...change,
});
const why = (routing: Partial<Routing>, change: Partial<Provider> = {}) =>
  leftOut(provider('Azure', change), { ...ANY, ...routing });

it('says of each provider why it is left out, and keeps those that nothing is known against', () => {
  expect(why({})).toBe(null);
  expect(why({ keepNothing: true }, { private: false })).toContain('keep');
  expect(why({ keepNothing: true }, { private: true })).toBe(null);
  expect(why({ keepNothing: true })).toBe(null);
  expect(why({ only: ['openai'] })).toContain('only');
  expect(why({ only: ['AZURE'] })).toBe(null);
  expect(why({ only: ['deepinfra'] }, { slug: 'deepinfra/fp8' })).toBe(null);
  expect(why({ ignore: ['azure'] })).toBe('ignored');
  expect(why({ order: ['openai'] })).toBe(null);
  expect(why({ order: ['openai'], fallbacks: false })).toContain('first');
  expect(why({ maxInputPrice: 2 })).toBe('costs $3 to read');
  expect(why({ maxOutputPrice: 15 })).toBe(null);
  expect(why({ maxOutputPrice: 2 }, { outputPrice: null })).toBe(null);
  expect(why({ quantizations: ['bf16'] }, { quantization: 'fp8' })).toBe('is fp8');
  expect(why({ quantizations: ['bf16'] })).toContain('exact');
});

it('says who is left for a model', () => {
  const two = [provider('Azure'), provider('OpenAI', { private: false })];
  const told = (routing: Partial<Routing>, free = false) => outcome({ name: 'GPT', free }, two, { ...ANY, ...routing });
  expect(told({})).toEqual({ text: 'Every provider of GPT may serve: Azure, OpenAI.', none: false });
  expect(told({ keepNothing: true })?.text).toBe('For GPT, Azure may serve. Left out: OpenAI may keep what you send.');
  expect(told({ only: ['x'] })).toMatchObject({ none: true });
  expect(told({ noTraining: true }, true)).toMatchObject({ none: true });
  expect(outcome({ name: 'GPT', free: false }, [], ANY)).toBe(null);
});

it('a conversation asks for what it says, and else for what is asked everywhere', () => {
  const everywhere = { ...ANY, keepNothing: true, noTraining: true, ignore: ['x'], order: ['a'] };
  expect(merged(everywhere, { ...ANY, noTraining: false, ignore: ['y'], order: ['b'] })).toEqual({
    ...ANY,
    keepNothing: true,
    noTraining: false,
    ignore: ['x', 'y'],
    order: ['b'],
  });
  expect(isRouted(ANY)).toBe(false);
  expect(isRouted({ ...ANY, keepNothing: false })).toBe(true);
});

it('reads a list as people write it', () => {
  expect(words(' anthropic, deepinfra/fp8\nazure,,azure ')).toEqual(['anthropic', 'deepinfra/fp8', 'azure']);
});
