/** Which conversations of the list are chosen, to do something with all of them. */
import { SvelteSet } from 'svelte/reactivity';

export class Selection {
  readonly ids = new SvelteSet<string>();
  /** Where a range begins. */
  private anchor: string | null = null;

  get size(): number {
    return this.ids.size;
  }

  toggle(id: string): void {
    if (!this.ids.delete(id)) this.ids.add(id);
    this.anchor = id;
  }

  /** Chooses from where the last was chosen, or from `from`, to this one. */
  reach(id: string, order: readonly string[], from: string | null = null): void {
    const start = order.indexOf(this.anchor ?? from ?? id);
    const end = order.indexOf(id);
    if (end < 0) return;
    if (this.anchor === null) this.anchor = order[start] ?? id;
    this.ids.clear();
    const [low, high] = start < 0 ? [end, end] : [Math.min(start, end), Math.max(start, end)];
    for (const each of order.slice(low, high + 1)) this.ids.add(each);
  }

  all(order: readonly string[]): void {
    for (const id of order) this.ids.add(id);
  }

  clear(): void {
    this.ids.clear();
    this.anchor = null;
  }

  /** What is done with `id` is done with all that are chosen, if it is one of them. */
  with(id: string): string[] {
    return this.ids.has(id) ? [...this.ids] : [id];
  }
}
