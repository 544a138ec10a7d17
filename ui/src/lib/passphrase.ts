/**
 * A word on a passphrase, from a library that knows what people choose. It runs where the passphrase is typed: measured
 * in the core, every stop while typing would send one more copy across.
 */
import type { ZxcvbnFactory } from '@zxcvbn-ts/core';

const SHORTEST = 8;
/** More characters than this change nothing about the answer, and time grows with them. */
const LOOKED_AT = 100;

export interface Strength {
  /** Long enough to be taken; nothing else ever stands in the way. */
  enough: boolean;
  text: string;
}

const VERDICTS = [
  'Easy to guess.',
  'Easy to guess.',
  'Holds for a while against someone who has the file. One more word helps.',
  'Good.',
  'Very good.',
];

/** What the library warns of, where a word of ours helps. */
const WHY: Record<string, string> = {
  topTen: 'It is one of the passwords that everyone tries first.',
  topHundred: 'It is one of the passwords that everyone tries first.',
  common: 'It is a common password.',
  similarToCommon: 'It is close to a common password.',
  wordByItself: 'One word is not enough.',
  straightRow: 'Keys in a row are tried early.',
  keyPattern: 'Keys in a row are tried early.',
  simpleRepeat: 'Repeating adds little.',
  extendedRepeat: 'Repeating adds little.',
  sequences: 'A sequence like abc or 6543 adds little.',
  recentYears: 'Years and dates are tried early.',
  associatedYears: 'Years and dates are tried early.',
  dates: 'Years and dates are tried early.',
};

let judge: Promise<ZxcvbnFactory> | null = null;

/** Its lists are half a megabyte, so they are read only when a passphrase is chosen. */
async function load(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
}

/** Whether it can be taken, known at once. */
export function length(passphrase: string): Strength {
  const missing = SHORTEST - [...passphrase].length;
  if (missing <= 0) return { enough: true, text: '' };
  return { enough: false, text: `${missing} more character${missing === 1 ? '' : 's'}.` };
}

export async function strength(passphrase: string): Promise<Strength> {
  const long = length(passphrase);
  if (!long.enough) return long;
  judge ??= load();
  const { score, feedback } = (await judge).check(passphrase.slice(0, LOOKED_AT));
  const why = score < 3 && feedback.warning ? WHY[feedback.warning] : undefined;
  return { enough: true, text: [VERDICTS[score], why].filter(Boolean).join(' ') };
}
