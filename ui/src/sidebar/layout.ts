/** What stands where in the sidebar. Only what is in sight is drawn, whatever there is. */
import type { Conversation, Folder } from '../bindings/wire';
import { dayGroup, groupEnd } from '../lib/time';

export const HEAD = 34;
export const ROW = 37;

export type Item =
  | { kind: 'head'; key: string; text: string; drop?: 'pinned' | 'open' }
  | { kind: 'folder'; key: string; folder: Folder; open: boolean }
  | { kind: 'row'; key: string; conversation: Conversation; inside: boolean }
  | { kind: 'more'; key: string; folder: string };

export interface Shown {
  pinned: readonly Conversation[];
  folders: readonly Folder[];
  /** What is known of the folders that are open. */
  inside: ReadonlyMap<string, { rows: readonly Conversation[]; complete: boolean }>;
  open: readonly Conversation[];
}

export const heightOf = (item: Item) => (item.kind === 'head' ? HEAD : ROW);

const row = (conversation: Conversation, inside = false): Item => ({
  kind: 'row',
  key: conversation.id,
  conversation,
  inside,
});

/** Pinned, then the folders, then by day. */
export function arrange(shown: Shown, nowMs: number): Item[] {
  const items: Item[] = [];
  if (shown.pinned.length > 0) {
    items.push({ kind: 'head', key: 'pinned', text: 'Pinned', drop: 'pinned' });
    for (const conversation of shown.pinned) items.push(row(conversation));
  }
  if (shown.folders.length > 0) {
    items.push({ kind: 'head', key: 'folders', text: 'Folders' });
    for (const folder of shown.folders) {
      const inside = shown.inside.get(folder.id);
      items.push({ kind: 'folder', key: `folder:${folder.id}`, folder, open: inside !== undefined });
      for (const conversation of inside?.rows ?? []) items.push(row(conversation, true));
      if (inside && !inside.complete && inside.rows.length < folder.count)
        items.push({ kind: 'more', key: `more:${folder.id}`, folder: folder.id });
    }
  }
  items.push(...byDay(shown.open, nowMs));
  return items;
}

/** The newest first, under the days. */
export function byDay(rows: readonly Conversation[], nowMs: number): Item[] {
  const items: Item[] = [];
  // Names of days are dear, so one is made for a group, not for a row.
  let until = Infinity;
  for (const conversation of rows) {
    if (conversation.updatedMs < until) {
      const text = dayGroup(conversation.updatedMs, nowMs);
      until = groupEnd(conversation.updatedMs, nowMs);
      items.push({ kind: 'head', key: `day:${text}`, text, drop: 'open' });
    }
    items.push(row(conversation));
  }
  return items;
}

/** Where each item begins, and at the end where all end. */
export function tops(items: readonly Item[]): Float64Array {
  const all = new Float64Array(items.length + 1);
  items.forEach((item, at) => (all[at + 1] = (all[at] ?? 0) + heightOf(item)));
  return all;
}

/** Which items are to be drawn: those in sight and a few beside them. */
export function inSight(tops: Float64Array, top: number, height: number, spare = 8): [number, number] {
  const first = Math.max(0, at(tops, top) - spare);
  const last = Math.min(tops.length - 1, at(tops, top + height) + 1 + spare);
  return [first, last];
}

/** The last item that begins at or above. */
function at(tops: Float64Array, y: number): number {
  let low = 0;
  let high = Math.max(0, tops.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tops[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}
