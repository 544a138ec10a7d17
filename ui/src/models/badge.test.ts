import { expect, it } from 'vitest';
import { badge, trouble } from './badge';
import { model } from './testing';

const NOW = Date.UTC(2026, 10, 20);
const DAY = 86_400_000;
const text = (change: Parameters<typeof model>[1]) => badge(model('a/b', change), NOW)?.text;

it('says the one thing that matters most', () => {
  expect(text({})).toBe(undefined);
  expect(text({ createdMs: NOW - 3 * DAY })).toBe('New');
  expect(text({ createdMs: NOW - 31 * DAY })).toBe(undefined);
  expect(text({ createdMs: NOW + DAY })).toBe(undefined);
  expect(text({ createdMs: NOW - DAY, expires: '2026-12-24' })).toBe('Until 24 Dec');
  expect(text({ expires: '2027-12-24' })).toBe(undefined);
  expect(text({ expires: '2026-11-19' })).toBe('Going away');
  expect(text({ expires: 'soon' })).toBe(undefined);
  expect(text({ expires: '2026-12-24', barred: true })).toBe('Not with your settings');
  expect(text({ barred: true, goneMs: NOW })).toBe('Gone');
});

it('says why a model cannot be asked', () => {
  expect(trouble(model('a/b'))).toBe(null);
  expect(trouble(model('a/b', { goneMs: 1 }))).toContain('Choose another');
  expect(trouble(model('a/b', { barred: true }))).toContain('settings');
});
