import { expect, it } from 'vitest';
import { length, strength } from './passphrase';

it('a passphrase that is too short says how much is missing, counted in characters', async () => {
  expect(length('')).toEqual({ enough: false, text: '8 more characters.' });
  expect(length('1234567')).toEqual({ enough: false, text: '1 more character.' });
  expect(length('𝒜𝒜𝒜𝒜').text).toBe('4 more characters.');
  expect(await strength('1234567')).toEqual(length('1234567'));
});

it.each([
  ['password1', 'Easy to guess. It is a common password.'],
  ['qwertyuiop', 'Easy to guess. It is one of the passwords that everyone tries first.'],
  ['aaaaaaaaaaaa', 'Easy to guess. Repeating adds little.'],
  ['harbour vivid candle ostrich', 'Very good.'],
])('%s is called what it is, and is never refused', async (passphrase, text) => {
  expect(await strength(passphrase)).toEqual({ enough: true, text });
});

it('a very long one is judged in bounded time', async () => {
  const before = performance.now();
  expect((await strength('4@$e'.repeat(10_000))).enough).toBe(true);
  expect(performance.now() - before).toBeLessThan(5000);
});
