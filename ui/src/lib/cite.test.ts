// @vitest-environment jsdom
import { expect, it } from 'vitest';
import type { Citation } from '../bindings/wire';
import { number, site, sourcesOf } from './cite';

const source = (number: number, url: string, excerpt = ''): Citation => ({
  number,
  url,
  title: url,
  excerpt,
});

it('each source stands once, in the order of its number, with what it says', () => {
  const found = sourcesOf([source(2, 'https://b/'), source(1, 'https://a/'), source(2, 'https://b/', 'said')]);
  expect(found.map((s) => [s.number, s.excerpt])).toEqual([
    [1, ''],
    [2, 'said'],
  ]);
});

it('a link that leads to a source gets its number, another one does not', () => {
  document.body.innerHTML =
    '<a class="link" data-href="https://a/x#part">one</a><a class="link" data-href="https://b/">two</a><a class="link" data-href="https://a/y">three</a>';
  const links = [...document.querySelectorAll<HTMLElement>('.link')];
  number(document.body, [source(1, 'https://a/x'), source(2, 'https://b')]);
  expect(links.map((link) => link.dataset.cite)).toEqual(['1', '2', undefined]);
  number(document.body, []);
  expect(links.map((link) => link.dataset.cite)).toEqual([undefined, undefined, undefined]);
});

it('the site is the host without its www', () => {
  expect(['https://www.example.com/a?b', 'not a url'].map(site)).toEqual(['example.com', 'not a url']);
});
