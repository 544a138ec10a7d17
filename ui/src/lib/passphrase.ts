/** A plain word on a passphrase. Length is what counts: nothing here pretends to measure more. */

const SHORTEST = 8;

export function strength(passphrase: string): { enough: boolean; text: string } {
  const length = [...passphrase].length;
  if (length < SHORTEST) {
    const missing = SHORTEST - length;
    return { enough: false, text: `${missing} more character${missing === 1 ? '' : 's'}.` };
  }
  if (length < 14) return { enough: true, text: 'Enough. Longer is better.' };
  if (length < 20) return { enough: true, text: 'Good.' };
  return { enough: true, text: 'Very good.' };
}
