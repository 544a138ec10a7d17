import { describe, expect, it } from 'vitest';
import { joined, plural, rounded, short } from './count';
import { textTokens, threadTokens } from './estimate';
import { readyAt, stepLabel, stepsFor } from './problems';
import { ago, countdown, dayGroup, duration } from './time';
import { about, cents, estimate, exact, perMillion, price, pricePair } from './money';

describe('money', () => {
  it('has four decimals below a dollar and two from there', () => {
    expect([0, 0.0093, 0.0412, 0.99999, 1, 6.18, 1234.5].map(exact)).toEqual([
      '$0.0000',
      '$0.0093',
      '$0.0412',
      '$1.0000',
      '$1.00',
      '$6.18',
      '$1,234.50',
    ]);
  });

  it('never shows something as nothing', () => {
    expect(exact(0.00001)).toBe('<$0.0001');
    expect(cents(0.004)).toBe('<$0.01');
    expect(cents(0)).toBe('$0.00');
  });

  it('says what was given back with a minus', () => {
    expect(exact(-0.5)).toBe('−$0.5000');
    expect(cents(-2)).toBe('−$2.00');
  });

  it('estimates to two figures or the cent', () => {
    expect([0, 0.00005, 0.0105, 0.0042, 0.123, 0.98, 1.26, 12.4].map(about)).toEqual([
      'free',
      '< $0.0001',
      '≈ $0.011',
      '≈ $0.0042',
      '≈ $0.12',
      '≈ $0.98',
      '≈ $1.26',
      '≈ $12',
    ]);
  });

  it('writes prices as short as they go', () => {
    expect([0, 3, 0.25, 3.75, 0.0035].map(price)).toEqual(['$0', '$3', '$0.25', '$3.75', '$0.0035']);
    expect([3, 0.3, 0.0035, null].map(perMillion)).toEqual(['$3.00 / M', '$0.30 / M', '$0.0035 / M', 'Varies']);
  });

  it('calls a model free by its word, not by its prices', () => {
    expect(pricePair({ free: true, inputPrice: 0, outputPrice: 0 })).toBe('Free');
    expect(pricePair({ free: false, inputPrice: 0, outputPrice: 0 })).toBe('$0 / $0');
    expect(pricePair({ free: false, inputPrice: null, outputPrice: null })).toBe('Varies');
  });

  it('estimates a page from the prices for a million tokens', () => {
    expect(estimate({ free: false, inputPrice: 3, outputPrice: 15 }, 1000, 500)).toBeCloseTo(0.0105);
    expect(estimate({ free: false, inputPrice: null, outputPrice: 15 }, 1000, 500)).toBeNull();
    expect(estimate({ free: true, inputPrice: 0, outputPrice: 0 }, 1000, 500)).toBe(0);
  });
});

describe('tokens', () => {
  it('are known for an answer that tells them and guessed for the rest', () => {
    const question = { text: 'x'.repeat(400), htmlLetters: 0, tokensFiles: 0, tokensIn: null, tokensOut: null };
    const told = { text: '', htmlLetters: 9_999, tokensFiles: 0, tokensIn: null, tokensOut: 70 };
    const guessed = { text: '', htmlLetters: 1_000, tokensFiles: 0, tokensIn: null, tokensOut: null };
    expect(threadTokens([question, told, guessed])).toBe(100 + 70 + 200);
    const counted = { text: '', htmlLetters: 9_999, tokensFiles: 0, tokensIn: 5_000, tokensOut: 300 };
    expect(threadTokens([question, counted, question]), 'all before it is in its count').toBe(5_300 + 100);
    expect(textTokens('')).toBe(0);
  });
});

describe('counts', () => {
  it('are short for contexts, powers of two in theirs', () => {
    expect([512, 32_000, 32_768, 131_072, 200_000, 1_000_000, 1_048_576, 1_500_000].map(short)).toEqual([
      '512',
      '32k',
      '32k',
      '128k',
      '200k',
      '1M',
      '1M',
      '1.5M',
    ]);
  });

  it('of guesses say no more than is known', () => {
    expect([7, 853, 1_284, 11_730, 1_240_000].map(rounded)).toEqual([
      '7 tokens',
      '853 tokens',
      '1k tokens',
      '12k tokens',
      '1.2M tokens',
    ]);
  });

  it('leave out what is not known', () => {
    expect(joined(plural(1, 'token'), false, null, '$1')).toBe('1 token · $1');
    expect(plural(1284, 'token')).toBe('1,284 tokens');
  });
});

describe('time', () => {
  const now = new Date(2026, 10, 21, 15, 0).getTime();
  const MIN = 60_000;

  it('says how long ago something was', () => {
    expect([0, 3 * MIN, 125 * MIN, 26 * 60 * MIN, 50 * 60 * MIN, -MIN].map((t) => ago(now - t, now))).toEqual([
      'just now',
      '3 min ago',
      '2 h ago',
      'yesterday',
      '2 days ago',
      'just now',
    ]);
  });

  it('counts down to nothing and no further', () => {
    expect([281_000, 60_000, 500, 0, -5].map(countdown)).toEqual(['4:41', '1:00', '0:01', '0:00', '0:00']);
  });

  it('says how long thinking took', () => {
    expect([300, 6_100, 60_000, 80_000].map(duration)).toEqual(['less than 1 s', '6 s', '1 min', '1 min 20 s']);
  });

  it('groups by the days of the person, not by spans of 24 hours', () => {
    const at = (...date: [number, number, number, number]) => dayGroup(new Date(...date).getTime(), now);
    expect(at(2026, 10, 21, 0)).toBe('Today');
    expect(at(2026, 10, 20, 23)).toBe('Yesterday');
    expect(at(2026, 10, 14, 1)).toBe('Previous 7 days');
    expect(at(2026, 10, 13, 23)).toBe('November');
    expect(at(2025, 2, 1, 12)).toBe('March 2025');
    expect(at(2026, 10, 22, 1)).toBe('Today');
  });
});

describe('problems', () => {
  it('lead to the page or the button that helps', () => {
    expect(stepsFor('topUp').map(stepLabel)).toEqual(['Add credits', 'Try again']);
    expect(stepsFor('checkKeys').map(stepLabel)).toEqual(['Connect again', 'Open the list of keys']);
    expect(stepsFor('newer')).toEqual([]);
  });

  it('wait only when told to', () => {
    const problem = { code: 'wait' as const, message: '', detail: null };
    expect(readyAt({ ...problem, retryAfterMs: 5_000 }, 1_000)).toBe(6_000);
    expect(readyAt({ ...problem, retryAfterMs: null }, 1_000)).toBeNull();
  });
});
