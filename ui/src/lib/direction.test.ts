import { expect, test } from 'vitest';
import { direction } from './direction';

test('the first letter says in which direction HTML runs', () => {
  expect(direction('<p>Hello, שלום</p>')).toBe('ltr');
  expect(direction('<p dir="ltr" class="lead">1. «שלום», hello</p>')).toBe('rtl');
  expect(direction('<p>مرحبا</p>')).toBe('rtl');
  expect(direction('<p>𞤀𞤣𞤤𞤢𞤥</p>')).toBe('rtl');
  expect(direction('<p>你好 שלום</p>')).toBe('ltr');
});

test('names of characters and what has no letters say nothing', () => {
  expect(direction('<p>&lt;&#39;שלום</p>')).toBe('rtl');
  expect(direction('<hr><p>1 + 1 = 2 🙂</p>')).toBeNull();
  expect(direction('')).toBeNull();
});
