/** The settings' sections, and how the arrow keys walk through their tabs. */

export type Section =
  | 'account'
  | 'security'
  | 'chat'
  | 'routing'
  | 'data'
  | 'connection'
  | 'network'
  | 'appearance'
  | 'desktop'
  | 'shortcuts'
  | 'about';

/** Where a key leads from the tab at `at`; null when it means nothing here. The ends meet. */
export function step(key: string, at: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
    case 'ArrowRight':
      return (at + 1) % count;
    case 'ArrowUp':
    case 'ArrowLeft':
      return (at + count - 1) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
