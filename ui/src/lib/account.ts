/** What an account says, in words. The present is always passed in. */
import type { Account, NewKey, Reset } from '../bindings/wire';
import { cents } from './money';
import { day } from './time';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** So long before its end a key is warned of. */
const SOON = 7 * DAY;
/** What is left of a limit when it becomes a warning. */
const LITTLE = 0.1;

export type Tone = 'plain' | 'warn' | 'over';

export const RESETS: Record<Reset, string> = { daily: 'a day', weekly: 'a week', monthly: 'a month' };

/** `in 20 min`, `in 5 h`, `in 12 days`. */
export function until(thenMs: number, nowMs: number): string {
  const left = Math.max(0, thenMs - nowMs);
  if (left < HOUR) return `in ${Math.max(1, Math.round(left / MINUTE))} min`;
  if (left < 2 * DAY) return `in ${Math.round(left / HOUR)} h`;
  return `in ${Math.round(left / DAY)} days`;
}

export interface Limit {
  limit: number;
  used: number;
  /** `$2.50 a week` */
  text: string;
  /** `$1.20 left`, `Used up` */
  left: string;
  tone: Tone;
}

/** The key's limit as a meter shows it, or null when it has none. */
export function limitOf(account: Account): Limit | null {
  const { limitUsd: limit, remainingUsd } = account;
  if (limit === null) return null;
  const left = remainingUsd ?? limit;
  const every = account.limitReset ? ` ${RESETS[account.limitReset]}` : '';
  return {
    limit,
    used: Math.min(limit, Math.max(0, limit - left)),
    text: `${cents(limit)}${every}`,
    left: left > 0 ? `${cents(left)} left` : 'Used up',
    tone: left <= 0 ? 'over' : left < limit * LITTLE ? 'warn' : 'plain',
  };
}

/** When the limit begins anew, or null when it never does or has not yet been told. */
export function resetText(account: Account, nowMs: number): string | null {
  const at = account.resetsAtMs;
  return at === null ? null : `Begins anew ${until(at, nowMs)}`;
}

/** When the key stops working, or null when it does not. */
export function expiryOf(account: Account, nowMs: number): { text: string; tone: Tone } | null {
  const at = account.expiresAtMs;
  if (at === null) return null;
  if (at <= nowMs) return { text: `Expired on ${day(at)}`, tone: 'over' };
  if (at - nowMs < SOON) return { text: `${day(at)}, ${until(at, nowMs)}`, tone: 'warn' };
  return { text: day(at), tone: 'plain' };
}

/** A budget above the key, in a sentence. */
export function budgetText(account: Account, nowMs: number): string | null {
  const { budget } = account;
  if (!budget) return null;
  const whose = budget.member ? 'Your budget in this workspace' : 'Your workspace’s budget';
  const again = budget.resetsAtMs === null ? '' : `; begins anew ${until(budget.resetsAtMs, nowMs)}`;
  const left = budget.remainingUsd > 0 ? `${cents(budget.remainingUsd)} left` : 'used up';
  return `${whose}: ${left} of ${cents(budget.limitUsd)}${again}`;
}

/** What was typed into the form of a new key. */
export interface Typed {
  label: string;
  /** An amount, with or without a dollar sign; empty for none. */
  limit: string;
  reset: Reset | 'never';
  /** `2027-06-01`, or empty. */
  expires: string;
}

/** The day of a key's end as the form has it; empty for none and for one that is over. */
export function lastDay(atMs: number | null, nowMs: number): string {
  if (atMs === null || atMs <= nowMs) return '';
  const at = new Date(atMs);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/**
 * The wish behind it. What is no amount and no day becomes one that the core refuses in words. The last day counts whole,
 * where the person is.
 */
export function wish(typed: Typed): NewKey {
  const amount = typed.limit.replaceAll(/[\s$]/g, '').replace(/^(\d+),(\d{1,2})$/, '$1.$2');
  const [year = NaN, month = NaN, date = NaN] = typed.expires.split('-').map(Number);
  const end = new Date(year, month - 1, date, 23, 59, 59).getTime();
  return {
    label: typed.label,
    limitUsd: amount === '' ? null : /^\d*\.?\d+$|^\d+\.$/.test(amount) ? Number(amount) : -1,
    reset: typed.reset === 'never' ? null : typed.reset,
    expiresAtMs: typed.expires === '' ? null : Number.isNaN(end) ? 0 : end,
  };
}
