import { expect, it } from 'vitest';
import { asTyped, parts } from './variants';

it('takes an ending apart from a model that has it in its own id', () => {
  expect(parts('a/b:nitro')).toEqual({ base: 'a/b', says: 'fastest' });
  expect(parts('a/b@preset/mail')).toEqual({ base: 'a/b', says: 'preset mail' });
  expect(parts('a/b:free')).toBe(null);
  expect(parts('a/b')).toBe(null);
});

it('offers an id that was typed when it means something and no list has it', () => {
  const listed = new Set(['a/b', 'a/b:free', 'c/d:thinking']);
  const typed = (text: string) => asTyped(text, (id) => listed.has(id));
  expect(typed(' a/b:nitro ')).toBe('a/b:nitro');
  expect(typed('@preset/mail')).toBe('@preset/mail');
  expect(typed('a/b@preset/mail')).toBe('a/b@preset/mail');
  for (const text of ['a/b', 'a/b:', 'a/b:fre', 'a/x:nitro', 'c/d:thinking', '@preset/', 'a b:nitro', '']) {
    expect(typed(text), text).toBe(null);
  }
});
