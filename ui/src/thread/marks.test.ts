// @vitest-environment jsdom
import { expect, it } from 'vitest';
import { places, thoughtPlaces } from './marks';

const found = (html: string, words: string) => {
  document.body.innerHTML = html;
  return places(document.body, words).map(String);
};

it('words are found across elements, lines and case', () => {
  const html = '<p>A <strong>bold</strong> claim,\n made twice: a BOLD\tclaim.</p>';
  expect(found(html, 'bold  Claim')).toEqual(['bold claim', 'BOLD\tclaim']);
});

it('the end of a block is as good as a space, the end of an emphasis is not', () => {
  expect(found('<p>one</p><p>two</p>', 'one two')).toEqual(['onetwo']);
  expect(found('<p>one</p><p>two</p>', 'onetwo')).toEqual([]);
  expect(found('<p><em>one</em>two</p>', 'onetwo')).toEqual(['onetwo']);
});

it('what is no part of the words said is passed over', () => {
  const html =
    '<header>tide</header><div class="code"><div class="code-head">tide</div><pre><code>tide</code></pre></div><footer><button>tide</button></footer>';
  expect(found(html, 'tide')).toHaveLength(1);
});

it('unfolded reasoning is looked through apart from the words', () => {
  const html = '<div class="aside"><button>tide</button><div data-thoughts>a Tide, a\ntide</div></div><p>tide</p>';
  expect(found(html, 'tide')).toEqual(['tide']);
  expect(thoughtPlaces(document.body, 'a tide').map(String)).toEqual(['a Tide', 'a\ntide']);
});

it('letters that grow in lower case, and those beyond the basic plane, keep their places', () => {
  expect(found('<p>İstanbul tide</p>', 'tide')).toEqual(['tide']);
  expect(found('<p>🌊🌊 tide 🌊</p>', 'tide 🌊')).toEqual(['tide 🌊']);
});

it('hits do not overlap, and nothing is found for nothing', () => {
  expect(found('<p>aaaa</p>', 'aa')).toEqual(['aa', 'aa']);
  expect(found('<p>aaaa</p>', '  ')).toEqual([]);
});
