/** Counts, as people read them. */

/** `1,284`. */
export const whole = (n: number) => Math.round(n).toLocaleString('en-US');

/** `1M`, `200k`, `32k`, `512`; powers of two are counted in theirs. */
export function short(n: number): string {
  if (n >= 1_048_576 && n % 1_048_576 === 0) return `${n / 1_048_576}M`;
  if (n >= 1_024 && n < 1_000_000 && n % 1_024 === 0 && n % 1_000 !== 0) return `${n / 1_024}k`;
  if (n >= 1e6) return `${Number((n / 1e6).toFixed(1))}M`;
  if (n >= 1e3) return `${Math.round(n / 1e3)}k`;
  return String(n);
}

/** `850 tokens`, `12k tokens`: as much as a guess knows. */
export const rounded = (tokens: number) =>
  `${tokens < 1_000 ? whole(tokens) : short(Number(tokens.toPrecision(2)))} tokens`;

/** `312 bytes`, `48 kB`, `1.2 MB`. */
export function bytes(n: number): string {
  if (n < 1_000) return `${whole(n)} bytes`;
  const [unit, each] = n < 1e6 ? ['kB', 1e3] : n < 1e9 ? ['MB', 1e6] : (['GB', 1e9] as const);
  const count = n / Number(each);
  return `${count < 10 ? Number(count.toFixed(1)) : whole(count)} ${unit}`;
}

/** `1 model`, `2 models`; `2 searches` where the word needs it. */
export const plural = (n: number, one: string, ending = 's') => `${whole(n)} ${one}${n === 1 ? '' : ending}`;

/** `1,284 tokens · 71 tok/s · $0.0093`, of what is known. */
export function joined(...parts: (string | null | false)[]): string {
  return parts.filter(Boolean).join(' · ');
}
