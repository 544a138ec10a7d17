/** The mirror of the lists of conversations: a piece of each, from its beginning. */
import type { Conversation, Folder, Shelf, Shelves } from '../bindings/wire';

export type ShelfKey = 'pinned' | 'open' | 'archive' | 'trash' | `folder:${string}`;
export type Load = (shelf: Shelf, after: string | null) => Promise<Conversation[]>;

export interface List {
  /** The newest first. */
  rows: readonly Conversation[];
  /** There is nothing after the last. */
  complete: boolean;
}

const NOTHING: List = { rows: [], complete: false };

export const folderKey = (id: string): ShelfKey => `folder:${id}`;

/** The list that a conversation stands in; none for a temporary one. */
export function shelfOf(c: Conversation): ShelfKey | null {
  if (c.temporary) return null;
  if (c.deletedMs !== null) return 'trash';
  if (c.archived) return 'archive';
  if (c.pinned) return 'pinned';
  return c.folder === null ? 'open' : folderKey(c.folder);
}

function shelf(key: ShelfKey): Shelf {
  if (key.startsWith('folder:')) return { kind: 'folder', id: key.slice('folder:'.length) };
  return { kind: key as 'pinned' | 'open' | 'archive' | 'trash' };
}

const listedMs = (c: Conversation) => c.deletedMs ?? c.updatedMs;
/** As the core orders them. */
const before = (a: Conversation, b: Conversation) =>
  listedMs(a) !== listedMs(b) ? listedMs(a) > listedMs(b) : a.id > b.id;

export class Lists {
  /** Those that were asked for so far. */
  private lists = $state.raw<Partial<Record<ShelfKey, List>>>({ pinned: NOTHING, open: NOTHING });
  folders = $state.raw<readonly Folder[]>([]);
  archive = $state(0);
  trash = $state(0);
  private readonly asking = new Map<ShelfKey, Promise<void>>();

  constructor(private readonly load: Load) {}

  of(key: ShelfKey): List {
    return this.lists[key] ?? NOTHING;
  }

  /** True once something of it was asked for. */
  has(key: ShelfKey): boolean {
    return this.lists[key] !== undefined;
  }

  find(id: string): Conversation | undefined {
    for (const list of Object.values(this.lists)) {
      const found = list?.rows.find((c) => c.id === id);
      if (found) return found;
    }
    return undefined;
  }

  /** All of it may be another: nothing known is kept. */
  forget(): void {
    this.lists = { pinned: NOTHING, open: NOTHING };
  }

  /** What a snapshot says: the pinned, and the beginning of the open list. */
  take(conversations: readonly Conversation[], shelves: Shelves): void {
    const open = conversations.filter((c) => !c.pinned);
    const pinned = conversations.filter((c) => c.pinned);
    // Older pages that were already asked for stay.
    const known = new Set(conversations.map((c) => c.id));
    const oldest = open.at(-1);
    const was = this.of('open');
    const older = oldest ? was.rows.filter((c) => before(oldest, c) && !known.has(c.id)) : [];
    this.lists = {
      ...this.lists,
      pinned: { rows: pinned, complete: true },
      open: { rows: [...open, ...older], complete: was.complete && older.length > 0 },
    };
    this.takeShelves(shelves);
    for (const key of Object.keys(this.lists) as ShelfKey[]) {
      // What may have been missed in the others is asked for again.
      if (key !== 'open' && key !== 'pinned') void this.begin(key).catch(() => undefined);
    }
  }

  takeShelves(shelves: Shelves): void {
    this.folders = shelves.folders;
    this.archive = shelves.archive;
    this.trash = shelves.trash;
    const there = new Set(shelves.folders.map((f) => folderKey(f.id)));
    const gone = (Object.keys(this.lists) as ShelfKey[]).filter((k) => k.startsWith('folder:') && !there.has(k));
    if (gone.length === 0) return;
    const left = { ...this.lists };
    for (const key of gone) delete left[key];
    this.lists = left;
    // What was in the folder is in the open list now.
    void this.begin('open').catch(() => undefined);
  }

  /** A conversation is now so: it leaves the list it was in, and stands where it belongs. */
  put(conversation: Conversation): void {
    const to = shelfOf(conversation);
    const next = { ...this.lists };
    for (const [key, list] of Object.entries(next) as [ShelfKey, List][]) {
      let rows = list.rows;
      const was = rows.findIndex((c) => c.id === conversation.id);
      if (was >= 0) rows = rows.toSpliced(was, 1);
      if (key === to) {
        const at = rows.findIndex((c) => before(conversation, c));
        if (at >= 0) rows = rows.toSpliced(at, 0, conversation);
        // Beyond what was asked for it comes with its page: put at the end it would hide what is between.
        else if (list.complete || rows.length === 0) rows = [...rows, conversation];
      }
      if (rows !== list.rows) next[key] = { ...list, rows };
    }
    this.lists = next;
  }

  drop(id: string): void {
    const next = { ...this.lists };
    for (const [key, list] of Object.entries(next) as [ShelfKey, List][]) {
      const rows = list.rows.filter((c) => c.id !== id);
      if (rows.length < list.rows.length) next[key] = { ...list, rows };
    }
    this.lists = next;
  }

  /** Asks for the beginning of a list, in place of what is known of it. */
  begin(key: ShelfKey): Promise<void> {
    return this.ask(key, async () => {
      const rows = await this.load(shelf(key), null);
      this.lists = { ...this.lists, [key]: { rows, complete: rows.length === 0 } };
    });
  }

  /** Asks for what comes after the last known, once at a time. */
  more(key: ShelfKey): Promise<void> {
    const last = this.of(key).rows.at(-1);
    if (!last) return this.has(key) && this.of(key).complete ? Promise.resolve() : this.begin(key);
    if (this.of(key).complete) return Promise.resolve();
    return this.ask(key, async () => {
      const page = await this.load(shelf(key), last.id);
      const { rows } = this.of(key);
      const known = new Set(rows.map((c) => c.id));
      const fresh = page.filter((c) => !known.has(c.id));
      this.lists = { ...this.lists, [key]: { rows: [...rows, ...fresh], complete: page.length === 0 } };
    });
  }

  private ask(key: ShelfKey, what: () => Promise<void>): Promise<void> {
    const running = this.asking.get(key);
    if (running) return running;
    const asked = what().finally(() => this.asking.delete(key));
    this.asking.set(key, asked);
    return asked;
  }
}
