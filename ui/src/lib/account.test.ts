import { describe, expect, it } from 'vitest';
import type { Account } from '../bindings/wire';
import { budgetText, expiryOf, lastDay, limitOf, resetText, until, wish } from './account';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 25, 12);

const account = (change: Partial<Account>): Account => ({
  label: 'Causeway',
  maskedKey: 'sk-or-v1-9f2…c41',
  limitUsd: null,
  remainingUsd: null,
  limitReset: null,
  resetsAtMs: null,
  budget: null,
  usageUsd: 0,
  usageTodayUsd: 0,
  usageWeekUsd: 0,
  usageMonthUsd: 0,
  byokUsd: 0,
  byokMonthUsd: 0,
  byokInLimit: false,
  freeTier: false,
  freeRequests: null,
  expiresAtMs: null,
  kept: 'keychain',
  unchecked: false,
  checkedAtMs: NOW,
  trouble: null,
  previous: null,
  renewal: null,
  ...change,
});

describe('an account in words', () => {
  it('says how long until then', () => {
    expect(until(NOW + 20_000, NOW)).toBe('in 1 min');
    expect(until(NOW + 59 * 60_000, NOW)).toBe('in 59 min');
    expect(until(NOW + 5 * HOUR, NOW)).toBe('in 5 h');
    expect(until(NOW + 12 * DAY, NOW)).toBe('in 12 days');
    expect(until(NOW - DAY, NOW)).toBe('in 1 min');
  });

  it('makes a meter of a limit', () => {
    expect(limitOf(account({}))).toBeNull();
    expect(limitOf(account({ limitUsd: 20, remainingUsd: 13.82, limitReset: 'monthly' }))).toEqual({
      limit: 20,
      used: 20 - 13.82,
      text: '$20.00 a month',
      left: '$13.82 left',
      tone: 'plain',
    });
    expect(limitOf(account({ limitUsd: 20, remainingUsd: 1.99 }))?.tone).toBe('warn');
    // An answer may overshoot: the meter stays in its frame.
    const over = limitOf(account({ limitUsd: 5, remainingUsd: -0.3 }));
    expect(over).toMatchObject({ used: 5, left: 'Used up', tone: 'over' });
    expect(limitOf(account({ limitUsd: 5 }))).toMatchObject({ used: 0, left: '$5.00 left' });
  });

  it('says when a limit begins anew and what is above it', () => {
    expect(resetText(account({}), NOW)).toBeNull();
    expect(resetText(account({ resetsAtMs: NOW + 5 * DAY }), NOW)).toBe('Begins anew in 5 days');
    expect(budgetText(account({}), NOW)).toBeNull();
    const budget = { member: false, limitUsd: 50, remainingUsd: 17.5, resetsAtMs: NOW + 12 * HOUR };
    expect(budgetText(account({ budget }), NOW)).toBe(
      'Your workspace’s budget: $17.50 left of $50.00; begins anew in 12 h',
    );
    expect(budgetText(account({ budget: { ...budget, member: true, remainingUsd: 0, resetsAtMs: null } }), NOW)).toBe(
      'Your budget in this workspace: used up of $50.00',
    );
  });

  it('warns of an end in time', () => {
    expect(expiryOf(account({}), NOW)).toBeNull();
    expect(expiryOf(account({ expiresAtMs: NOW + 30 * DAY }), NOW)?.tone).toBe('plain');
    expect(expiryOf(account({ expiresAtMs: NOW + 3 * DAY }), NOW)).toEqual({
      text: '28 November 2026, in 3 days',
      tone: 'warn',
    });
    expect(expiryOf(account({ expiresAtMs: NOW - 1 }), NOW)?.tone).toBe('over');
  });
});

describe('the form of a new key', () => {
  const typed = { label: 'Laptop', limit: '', reset: 'never', expires: '' } as const;

  it('leaves out what was left empty', () => {
    expect(wish(typed)).toEqual({ label: 'Laptop', limitUsd: null, reset: null, expiresAtMs: null });
  });

  it('reads amounts as people type them', () => {
    for (const [text, amount] of [
      ['5', 5],
      ['$ 2.50', 2.5],
      ['2,5', 2.5],
      ['.5', 0.5],
      ['5.', 5],
    ] as const) {
      expect(wish({ ...typed, limit: text }).limitUsd).toBe(amount);
    }
    // No amount is never taken for no limit: the core refuses these.
    for (const text of ['five', '-3', '1e3', '1,000.50', '0x10', '.', '1.2.3']) {
      expect(wish({ ...typed, limit: text }).limitUsd).toBe(-1);
    }
  });

  it('lets the last day count whole, and never takes no day for no end', () => {
    const at = wish({ ...typed, reset: 'weekly', expires: '2027-06-01' });
    expect(at.reset).toBe('weekly');
    expect(at.expiresAtMs).toBe(new Date(2027, 5, 1, 23, 59, 59).getTime());
    expect(wish({ ...typed, expires: 'soon' }).expiresAtMs).toBe(0);
    // What the key has now stands in the form first, and comes back as the same day.
    expect(lastDay(at.expiresAtMs, NOW)).toBe('2027-06-01');
    expect(lastDay(NOW - 1, NOW)).toBe('');
    expect(lastDay(null, NOW)).toBe('');
  });
});
