import { expect, test } from 'vitest';
import { resized, SIZES } from './sizes';

test('text grows and shrinks by steps and stops at the ends', () => {
  expect(resized(100, 1)).toBe(110);
  expect(resized(100, -1)).toBe(90);
  expect(resized(104, 1), 'a size of another version').toBe(110);
  expect(resized(SIZES[0], -1)).toBe(80);
  expect(resized(200, 1)).toBe(200);
});
