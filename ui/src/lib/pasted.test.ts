import { expect, it } from 'vitest';
import { extent, isLong, join, split } from './pasted';

it('what was joined is split into the same parts', () => {
  for (const parts of [
    { text: '', pasted: [] },
    { text: 'words', pasted: [] },
    { text: '', pasted: ['alone'] },
    { text: 'words\n', pasted: ['one', 'two\n\nlines'] },
    { text: 'a', pasted: ['```js\nfenced\n```', 'x ```` y', '', '\n'] },
    { text: '```pasted\nnot\n', pasted: ['closed'] },
  ]) {
    expect(split(join(parts))).toEqual(parts);
  }
});

it('it is sent as a fenced block that nothing in it can close', () => {
  expect(join({ text: 'Why?', pasted: ['a\n```\nb'] })).toBe('Why?\n\n````pasted\na\n```\nb\n````');
});

it('what only looks like it stays text', () => {
  for (const text of ['```js\ncode\n```', 'x ```pasted\na\n```', 'x\n```pasted\na\n```', '```pasted\na\n``` b']) {
    expect(split(text)).toEqual({ text, pasted: [] });
  }
});

it('long is what has many letters or many lines', () => {
  expect([isLong('a'.repeat(2_000)), isLong('a'.repeat(2_001))]).toEqual([false, true]);
  expect([isLong('\n'.repeat(39)), isLong('\n'.repeat(40))]).toEqual([false, true]);
  expect([extent('a\nb'), extent('a'.repeat(1_284))]).toEqual(['2 lines', '1,284 letters']);
});
