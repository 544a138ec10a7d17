/** The sizes of text that can be chosen, in percent. */
export const SIZES = [80, 90, 100, 110, 125, 150, 175, 200] as const;

/** The next larger or smaller one; the ends stay. */
export function resized(from: number, by: 1 | -1): number {
  const next = by === 1 ? SIZES.find((size) => size > from) : SIZES.findLast((size) => size < from);
  return next ?? from;
}
