import { expect, it } from 'vitest';
import { ALL, countSet, inRange, isSet, NONE, RANGES, thinkingChoices, thinkingName, typed } from './options';

it('a number is read as people write it, and what is none is told apart from nothing', () => {
  expect(['', ' 0.7 ', '0,7', '1e3', 'warm', '-1'].map(typed)).toEqual([null, 0.7, 0.7, 1000, undefined, -1]);
});

it('each field takes its range and nothing else', () => {
  expect(['0', '2', '2.1', '-0.1'].map((t) => inRange(t, RANGES.temperature))).toEqual([0, 2, undefined, undefined]);
  expect(['0', '1', '1.1'].map((t) => inRange(t, RANGES.topP))).toEqual([undefined, 1, undefined]);
  expect(['0', '1', '1.5', '64000'].map((t) => inRange(t, RANGES.maxTokens))).toEqual([undefined, 1, undefined, 64000]);
  expect(['-7', '9007199254740993'].map((t) => inRange(t, RANGES.seed))).toEqual([-7, undefined]);
});

it('a model that does not think offers nothing, one that does the model’s own way first', () => {
  const none = { ...ALL, efforts: [], off: false };
  expect(thinkingChoices(none)).toEqual([]);
  expect(thinkingChoices({ ...none, efforts: ['low'] }).map(thinkingName)).toEqual(['Auto', 'Low']);
  expect(thinkingChoices(ALL).map(thinkingName)).toEqual(['Auto', 'Off', 'Low', 'Medium', 'High']);
  expect(thinkingName({ kind: 'budget', tokens: 8000 })).toBe('8,000 tokens');
});

it('what is not set is not counted', () => {
  expect([isSet(NONE), countSet(NONE)]).toEqual([false, 0]);
  const some = { ...NONE, temperature: 0, stop: ['a', 'b'] };
  expect([isSet(some), countSet(some)]).toEqual([true, 2]);
});
