/** Dragging conversations to another list, with a pointer of any kind. */
import type { ShelfChange } from '../bindings/wire';

/** A pointer that moves less has pressed, not dragged. */
const FAR = 6;

/** What dropping on an element means: its `data-drop`. */
export function meaning(drop: string): ShelfChange | null {
  if (drop.startsWith('folder:')) return { kind: 'folder', id: drop.slice('folder:'.length) };
  switch (drop) {
    case 'open':
      return { kind: 'folder', id: null };
    case 'pinned':
      return { kind: 'pinned', on: true };
    case 'archive':
      return { kind: 'archived', on: true };
    case 'trash':
      return { kind: 'deleted' };
    default:
      return null;
  }
}

export class Drag {
  /** What is being dragged. */
  ids = $state.raw<readonly string[]>([]);
  x = $state(0);
  y = $state(0);
  /** Over what it is. */
  over = $state<string | null>(null);
  active = $derived(this.ids.length > 0);

  private start: { x: number; y: number; id: string } | null = null;
  private dragged = false;

  constructor(
    private readonly all: (id: string) => string[],
    private readonly drop: (ids: readonly string[], change: ShelfChange) => void,
  ) {}

  down(e: PointerEvent): void {
    this.dragged = false;
    const row = e.target instanceof Element && e.target.closest<HTMLElement>('[data-conversation]');
    if (e.button !== 0 || !row || (e.target as Element).closest('input, [role=menu], .more')) return;
    this.start = { x: e.clientX, y: e.clientY, id: row.dataset.conversation ?? '' };
  }

  move(e: PointerEvent): void {
    if (!this.start) return;
    if (!this.active) {
      if (Math.hypot(e.clientX - this.start.x, e.clientY - this.start.y) < FAR) return;
      this.ids = this.all(this.start.id);
      this.dragged = true;
    }
    this.x = e.clientX;
    this.y = e.clientY;
    const under = document.elementFromPoint(e.clientX, e.clientY);
    this.over = under?.closest<HTMLElement>('[data-drop]')?.dataset.drop ?? null;
  }

  up(): void {
    const change = this.active && this.over !== null ? meaning(this.over) : null;
    if (change) this.drop(this.ids, change);
    this.cancel();
  }

  cancel(): void {
    this.start = null;
    this.ids = [];
    this.over = null;
  }

  /** True for the press that ends a drag: it must not open what is under it. */
  swallow(): boolean {
    const was = this.dragged;
    this.dragged = false;
    return was;
  }
}
