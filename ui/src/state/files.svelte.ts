/** The mirror of what is attached to what is being written. */
import type { Attachment } from '../bindings/wire';

export interface FilesCore {
  list(conversation: string | null): Promise<Attachment[]>;
  pick(conversation: string | null): Promise<void>;
  paste(conversation: string | null, name: string, bytes: ArrayBuffer): Promise<void>;
  remove(id: string): Promise<void>;
  arrange(conversation: string | null, ids: string[]): Promise<void>;
  trim(id: string, letters: number | null): Promise<void>;
  temporary(on: boolean): Promise<void>;
}

/** Larger ones are not taken apart in the window only to be refused. */
const PASTED_MAX = 100 * 1024 * 1024;

export class Files {
  list = $state.raw<Attachment[]>([]);
  /** What can be sent. */
  ready = $derived(this.list.filter((file) => file.state.kind === 'ready'));
  /** True while something is still being read. */
  reading = $derived(this.list.some((file) => file.state.kind === 'reading'));

  private place: string | null = null;
  private heard = 0;

  constructor(private readonly core: FilesCore) {}

  async open(conversation: string | null): Promise<void> {
    if (conversation !== this.place) this.list = [];
    this.place = conversation;
    const before = this.heard;
    const list = await this.core.list(conversation).catch(() => null);
    // What was told meanwhile is newer.
    if (list && this.place === conversation && this.heard === before) this.list = list;
  }

  hear(conversation: string | null, files: Attachment[]): void {
    if (conversation !== this.place) return;
    this.heard += 1;
    this.list = files;
  }

  pick = () => this.core.pick(this.place);
  remove = (id: string) => this.core.remove(id);
  trim = (id: string, letters: number | null) => this.core.trim(id, letters);
  /** What is dropped on a temporary chat that is not begun must not be kept; the window does not see drops. */
  temporary = (on: boolean) => this.core.temporary(on);

  /** Takes in what was pasted; rejects with the first that can't be. */
  async paste(files: readonly File[]): Promise<void> {
    const place = this.place;
    for (const file of files) {
      if (file.size > PASTED_MAX) {
        throw {
          code: 'refused',
          message: '100 MB is the most that can be attached.',
          detail: null,
          retryAfterMs: null,
        };
      }
      await this.core.paste(place, file.name, await file.arrayBuffer());
    }
  }

  async move(id: string, by: -1 | 1): Promise<void> {
    const ids = this.ready.map((file) => file.id);
    const at = ids.indexOf(id);
    const to = at + by;
    if (at < 0 || to < 0 || to >= ids.length) return;
    ids.splice(at, 1);
    ids.splice(to, 0, id);
    await this.core.arrange(this.place, ids);
  }

  /** Takes away what could not be attached: it was seen. */
  async forgetRefused(): Promise<void> {
    const refused = this.list.filter((file) => file.state.kind === 'refused');
    await Promise.all(refused.map((file) => this.core.remove(file.id).catch(() => undefined)));
  }
}
