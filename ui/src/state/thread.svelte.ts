/**
 * The mirror of the open thread: a piece of its branch, then numbered changes; whatever is missing is asked for again.
 * The piece is bounded, whatever the length of the thread: what comes in on one side goes out on the other.
 */
import type {
  Change,
  Conversation,
  MessageMeta,
  Options,
  Problem,
  Span,
  Thread,
  ThreadEvent,
  ThreadPage,
  ThreadPlace,
} from '../bindings/wire';
import { MessageState } from './message.svelte';

export interface Source {
  open(conversation: string, span: Span | null, heard: (event: ThreadEvent) => void): Promise<Thread>;
  page(conversation: string, place: ThreadPlace): Promise<ThreadPage>;
  close(): Promise<void>;
}

export type Side = 'older' | 'newer';

/** An answer that is silent for so long is asked about: the bridge may have lost the last message. */
const SILENCE_MS = 10_000;
/** A page that waits for so long for what it follows has lost it. */
const LOST_MS = 2_000;
/** So many messages are kept on the screen; a page more while it comes in. */
export const KEPT = 160;
/** So many are asked for around a message. */
const AROUND = 40;

/** A page on its way, and what was heard meanwhile. */
interface Turning {
  side: Side;
  events: ThreadEvent[];
  page: ThreadPage | null;
  sinceMs: number;
}

export class ThreadState {
  id = $state<string | null>(null);
  conversation = $state.raw<Conversation | null>(null);
  /** How its next questions are asked; null until it is known. */
  options = $state.raw<Options | null>(null);
  messages = $state.raw<MessageState[]>([]);
  /** There is more before the first, after the last. */
  older = $state(false);
  newer = $state(false);
  /** True while nothing can be shown yet. */
  loading = $state(false);
  /** Why the thread cannot be shown. */
  problem = $state.raw<Problem | null>(null);
  /** What a screen reader is told. */
  announcement = $state('');
  /** The answer that is being written, also when it is not among the messages. */
  running = $state<string | null>(null);
  /** That answer, when it is. */
  answering = $derived(this.messages.findLast((m) => m.active) ?? null);
  /** True while the reader is at the end: then no more than the end is asked for again. */
  atEnd = true;
  /** The side that a page is on its way for. */
  turning = $state<Side | null>(null);

  /** The conversation is shown otherwise: nothing of it is asked for. */
  private held = false;
  private seq = 0;
  private early: ThreadEvent[] | null = null;
  private turn: Turning | null = null;
  /** Counts the times of opening: what an older one still says is not heard. */
  private round = 0;
  private heardMs = 0;

  constructor(
    private readonly source: Source,
    private readonly now: () => number = Date.now,
  ) {}

  /** Shows another conversation, or none. */
  async open(id: string | null): Promise<void> {
    if (id !== null && id === this.id && !this.problem && !this.held) return;
    const was = this.id;
    this.held = false;
    this.round += 1;
    this.id = id;
    this.early = null;
    this.drop();
    this.conversation = null;
    this.options = null;
    this.messages = [];
    this.older = this.newer = false;
    this.running = null;
    this.atEnd = true;
    this.problem = null;
    this.announcement = '';
    this.loading = id !== null;
    if (id !== null) await this.ask(id, null);
    else if (was !== null) await this.source.close().catch(() => undefined);
  }

  /** Stands for a conversation that is shown otherwise. What is known of it stays, its messages go. */
  hold(id: string): void {
    if (id !== this.id) this.conversation = null;
    this.round += 1;
    this.id = id;
    this.held = true;
    this.early = null;
    this.drop();
    this.messages = [];
    this.older = this.newer = this.loading = false;
    this.running = null;
    this.problem = null;
    this.announcement = '';
  }

  /** Asks for what is shown again, once at a time. */
  async reload(): Promise<void> {
    if (this.id === null || this.held || this.early !== null) return;
    const first = this.messages[0];
    const span = first && !this.atEnd ? { from: first.meta.id, count: this.messages.length } : null;
    await this.ask(this.id, span);
  }

  /** To be called now and then: asks again when an answer or a page has been silent for long. */
  async watch(): Promise<void> {
    const now = this.now();
    const lost = this.turn?.page && now - this.turn.sinceMs >= LOST_MS;
    if (lost || (this.running !== null && now - this.heardMs >= SILENCE_MS)) await this.reload();
  }

  /** Makes sure that a message is among those shown; false when it is not on the branch. */
  async reach(message: string): Promise<boolean> {
    if (this.id === null || this.held) return false;
    if (!this.find(message)) await this.ask(this.id, { from: message, count: AROUND });
    return this.find(message) !== undefined;
  }

  /** Makes sure that the end is shown. */
  async reachEnd(): Promise<void> {
    this.atEnd = true;
    if (this.id !== null && this.newer) await this.ask(this.id, null);
  }

  /** Asks for the messages next to those shown, once at a time. */
  async more(side: Side): Promise<void> {
    const edge = side === 'older' ? this.messages[0] : this.messages.at(-1);
    if (this.id === null || !edge || !this[side] || this.turn || this.early) return;
    const turn: Turning = { side, events: [], page: null, sinceMs: this.now() };
    this.turn = turn;
    this.turning = side;
    const message = edge.meta.id;
    try {
      turn.page = await this.source.page(this.id, { kind: side === 'older' ? 'before' : 'after', message });
      turn.sinceMs = this.now();
      if (turn === this.turn) this.join();
    } catch {
      if (turn !== this.turn) return;
      this.drop();
      // Another branch may be shown by now.
      await this.reload();
    }
  }

  private async ask(id: string, span: Span | null): Promise<void> {
    const round = ++this.round;
    this.early = [];
    this.drop();
    this.heardMs = this.now();
    try {
      const thread = await this.source.open(id, span, (event) => {
        if (round === this.round) this.hear(event);
      });
      if (round !== this.round) return;
      const early: ThreadEvent[] = this.early ?? [];
      this.early = null;
      this.take(thread);
      for (const event of early) {
        if (round === this.round) this.hear(event);
      }
    } catch (problem) {
      if (round !== this.round) return;
      this.early = null;
      this.loading = false;
      this.problem = problem as Problem;
    }
  }

  private take(thread: Thread): void {
    const drawn = new Map(this.messages.map((m) => [m.meta.id, m]));
    this.messages = thread.messages.map((message) => {
      const known = drawn.get(message.meta.id);
      if (!known) return new MessageState(message);
      this.announce(known.meta, message.meta);
      known.adopt(message);
      return known;
    });
    this.conversation = thread.conversation;
    this.options = thread.options;
    this.older = thread.older;
    this.newer = thread.newer;
    this.running = thread.running;
    if (thread.newer) this.atEnd = false;
    this.seq = thread.seq;
    this.loading = false;
    this.problem = null;
  }

  private hear(event: ThreadEvent): void {
    this.heardMs = this.now();
    if (this.early) {
      this.early.push(event);
      return;
    }
    if (event.seq <= this.seq) return;
    if (event.seq !== this.seq + 1) {
      void this.reload();
      return;
    }
    this.seq = event.seq;
    this.turn?.events.push(event);
    this.change(event.change);
    this.join();
  }

  private change(change: Change): void {
    switch (change.kind) {
      case 'added':
        if (change.message.meta.role === 'assistant') this.running = change.message.meta.id;
        // Out of sight it is not drawn; it comes with its page.
        if (!this.newer) this.messages = this.trimmed([...this.messages, new MessageState(change.message)], 'newer');
        break;
      case 'patch':
      case 'meta':
        this.grow(this.messages, change);
        break;
      case 'options':
        this.options = change.options;
        break;
      case 'reload':
        void this.reload();
        break;
    }
  }

  /** What happens to a message that is there already. */
  private grow(messages: readonly MessageState[], change: Change): void {
    if (change.kind === 'patch') {
      const message = messages.findLast((m) => m.meta.id === change.message);
      for (const op of change.ops) message?.apply(op, this.now());
    } else if (change.kind === 'meta') {
      const { meta } = change;
      const message = messages.findLast((m) => m.meta.id === meta.id);
      const over = meta.status !== 'waiting' && meta.status !== 'streaming';
      if (message) this.announce(message.meta, meta);
      else if (over && meta.id === this.running) this.announce(null, meta);
      message?.update(meta, this.now());
      if (over && meta.id === this.running) this.running = null;
    }
  }

  /** Puts a page that has come to its place, once all that it follows was heard. */
  private join(): void {
    const turn = this.turn;
    if (!turn?.page || turn.page.seq > this.seq) return;
    const { side, page, events } = turn;
    this.drop();
    const fresh = page.messages.map((message) => new MessageState(message));
    // What happened since the page was read happened to its messages, too.
    for (const { seq, change } of events) {
      if (seq <= page.seq) continue;
      if (change.kind === 'added' && side === 'newer' && !page.newer) fresh.push(new MessageState(change.message));
      else this.grow(fresh, change);
    }
    if (side === 'older') this.older = page.older;
    else this.newer = page.newer;
    const all = side === 'older' ? [...fresh, ...this.messages] : [...this.messages, ...fresh];
    this.messages = this.trimmed(all, side);
  }

  /** Lets go of what is farthest from the side where messages came in. */
  private trimmed(messages: MessageState[], side: Side): MessageState[] {
    if (messages.length <= KEPT) return messages;
    if (side === 'older') {
      this.newer = true;
      return messages.slice(0, KEPT);
    }
    this.older = true;
    return messages.slice(-KEPT);
  }

  private drop(): void {
    this.turn = null;
    this.turning = null;
  }

  private find(id: string): MessageState | undefined {
    return this.messages.findLast((m) => m.meta.id === id);
  }

  private announce(was: MessageMeta | null, { status }: MessageMeta): void {
    if (was?.status === status) return;
    if (status === 'waiting' || status === 'streaming') this.announcement = '';
    if (status === 'done') this.announcement = 'Answer complete';
    if (status === 'stopped') this.announcement = 'Answer stopped';
    if (status === 'interrupted') this.announcement = 'Answer interrupted';
    if (status === 'failed') this.announcement = 'No answer';
  }
}
