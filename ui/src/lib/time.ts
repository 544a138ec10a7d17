/** Times, as people say them. The present is always passed in. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** `just now`, `3 min ago`, `5 h ago`, `2 days ago`. */
export function ago(thenMs: number, nowMs: number): string {
  const passed = Math.max(0, nowMs - thenMs);
  if (passed < MINUTE) return 'just now';
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min ago`;
  if (passed < 24 * HOUR) return `${Math.floor(passed / HOUR)} h ago`;
  const days = Math.floor(passed / (24 * HOUR));
  return days === 1 ? 'yesterday' : `${days} days ago`;
}

/** `4:41`. */
export function countdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / SECOND));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** `6 s`, `1 min 20 s`, `less than 1 s`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / SECOND);
  if (seconds < 1) return 'less than 1 s';
  if (seconds < 60) return `${seconds} s`;
  const rest = seconds % 60;
  return rest === 0 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 60)} min ${rest} s`;
}

/** Midnight of the day, where the person is. */
function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** The heading in the sidebar under which something of `thenMs` stands. */
export function dayGroup(thenMs: number, nowMs: number): string {
  const then = new Date(thenMs);
  const now = new Date(nowMs);
  // Rounded, for a day may have 23 or 25 hours.
  const days = Math.round((midnight(now) - midnight(then)) / (24 * HOUR));
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  if (days <= 7) return 'Previous 7 days';
  const month = then.toLocaleDateString('en-US', { month: 'long' });
  return then.getFullYear() === now.getFullYear() ? month : `${month} ${then.getFullYear()}`;
}

/** When the group of `thenMs` began: what is older stands under another heading. */
export function groupEnd(thenMs: number, nowMs: number): number {
  const then = new Date(thenMs);
  const now = new Date(nowMs);
  const days = Math.round((midnight(now) - midnight(then)) / (24 * HOUR));
  if (days <= 1) return days <= 0 ? midnight(now) : midnight(then);
  if (days <= 7) return new Date(now.getFullYear(), now.getMonth(), now.getDate() - 7).getTime();
  return new Date(then.getFullYear(), then.getMonth(), 1).getTime();
}

/** `21 November 2026`. */
export function day(value: string | number): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return String(value);
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
}
