import { beforeEach, expect, it } from 'vitest';
import { MOST, said, Speaker } from './speaker';

let speaker: Speaker;
beforeEach(() => (speaker = new Speaker()));

it('a sentence is said once it is whole, and once', () => {
  expect(speaker.next({ blocks: [], tail: '<p>The tide co' })).toBe('');
  expect(speaker.next({ blocks: [], tail: '<p>The tide comes. It st' })).toBe('The tide comes.');
  expect(speaker.next({ blocks: [], tail: '<p>The tide comes. It sta' })).toBe('');
  expect(speaker.next({ blocks: ['<p>The tide comes. It stays.</p>'], tail: '<p>And' })).toBe('It stays.');
});

it('a full stop inside a number or before more letters ends no sentence', () => {
  expect(speaker.next({ blocks: [], tail: '<p>It is 1.4 m at' })).toBe('');
  expect(speaker.next({ blocks: [], tail: '<p>It is 1.4 m at noon.' })).toBe('');
  expect(speaker.next({ blocks: [], tail: '<p>It is 1.4 m at noon. ' })).toBe('');
});

it('a sentence in Chinese needs no space after it', () => {
  expect(speaker.next({ blocks: [], tail: '<p>潮が来る。次に' })).toBe('潮が来る。');
});

it('the last words are said at the end though no full stop came', () => {
  speaker.next({ blocks: [], tail: '<p>One. Two' });
  speaker.finish();
  expect(speaker.next({ blocks: ['<p>One. Two</p>'], tail: '' })).toBe('Two');
});

it('code and tables are named once, not read', () => {
  const code = '<div class="code"><div class="code-head"><span class="code-lang">sql</span></div><pre><code>select';
  expect(speaker.next({ blocks: [], tail: code })).toBe('Code in sql.');
  expect(speaker.next({ blocks: [], tail: `${code} 1` })).toBe('');
  expect(speaker.next({ blocks: [`${code} 1</code></pre></div>`, '<div class="table">…</div>'], tail: '' })).toBe(
    'A table.',
  );
});

it('of a long answer the beginning is said, and that it goes on', () => {
  const sentence = 'The tide comes again. ';
  const blocks = [`<p>${sentence.repeat(100)}</p>`];
  const words = speaker.next({ blocks, tail: '' });
  expect(words.length).toBeLessThan(MOST + 40);
  expect(words.endsWith('The answer goes on.')).toBe(true);
  expect(speaker.next({ blocks: [...blocks, '<p>More.</p>'], tail: '' })).toBe('');
});

it('markup and escapes are not heard', () => {
  expect(said('<ul><li>one &amp; <em>two</em></li><li>&lt;b&gt;</li></ul>')).toBe('one & two <b>');
});
