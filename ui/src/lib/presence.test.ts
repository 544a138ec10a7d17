import { expect, it } from 'vitest';
import { presence } from './presence';

it('tells at once, then not again for twenty seconds, whatever the clock does', () => {
  let [at, told] = [1000, 0];
  const seen = presence(
    () => (told += 1),
    () => at,
  );
  seen();
  at += 19_999;
  seen();
  expect(told).toBe(1);
  at += 1;
  seen();
  expect(told).toBe(2);
  at -= 3_600_000;
  seen();
  expect(told).toBe(3);
});
