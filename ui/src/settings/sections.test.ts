import { expect, test } from 'vitest';
import { step } from './sections';

test('arrows walk through the tabs and around their ends', () => {
  expect(step('ArrowDown', 0, 3)).toBe(1);
  expect(step('ArrowRight', 2, 3)).toBe(0);
  expect(step('ArrowUp', 0, 3)).toBe(2);
  expect(step('ArrowLeft', 2, 3)).toBe(1);
  expect(step('Home', 2, 3)).toBe(0);
  expect(step('End', 0, 3)).toBe(2);
  expect(step('a', 1, 3)).toBeNull();
});
