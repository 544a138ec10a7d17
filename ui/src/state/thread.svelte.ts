/** The mirror of the open thread: a snapshot, then numbered changes; whatever is missing is asked for again. */
import type { Conversation, Problem, Thread, ThreadEvent } from '../bindings/wire';
import { MessageState } from './message.svelte';

export interface Source {
  open(conversation: string, heard: (event: ThreadEvent) => void): Promise<Thread>;
  close(): Promise<void>;
}

/** An answer that is silent for so long is asked about: the bridge may have lost the last message. */
const SILENCE_MS = 10_000;

export class ThreadState {
  id = $state<string | null>(null);
  conversation = $state.raw<Conversation | null>(null);
  messages = $state.raw<MessageState[]>([]);
  /** True while nothing can be shown yet. */
  loading = $state(false);
  /** Why the thread cannot be shown. */
  problem = $state.raw<Problem | null>(null);
  /** What a screen reader is told. */
  announcement = $state('');
  /** The answer that is being written. */
  answering = $derived(this.messages.findLast((m) => m.active) ?? null);

  private seq = 0;
  private early: ThreadEvent[] | null = null;
  /** Counts the times of opening: what an older one still says is not heard. */
  private round = 0;
  private heardMs = 0;

  constructor(
    private readonly source: Source,
    private readonly now: () => number = Date.now,
  ) {}

  /** Shows another conversation, or none. */
  async open(id: string | null): Promise<void> {
    if (id !== null && id === this.id && !this.problem) return;
    const was = this.id;
    this.round += 1;
    this.id = id;
    this.early = null;
    this.conversation = null;
    this.messages = [];
    this.problem = null;
    this.announcement = '';
    this.loading = id !== null;
    if (id !== null) await this.ask(id);
    else if (was !== null) await this.source.close().catch(() => undefined);
  }

  /** Asks for everything again, once at a time. */
  async reload(): Promise<void> {
    if (this.id !== null && this.early === null) await this.ask(this.id);
  }

  /** To be called now and then: asks again when an answer has been silent for long. */
  async watch(): Promise<void> {
    if (this.answering && this.now() - this.heardMs >= SILENCE_MS) await this.reload();
  }

  private async ask(id: string): Promise<void> {
    const round = ++this.round;
    this.early = [];
    this.heardMs = this.now();
    try {
      const thread = await this.source.open(id, (event) => {
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
      this.announce(known, message.meta.status);
      known.adopt(message);
      return known;
    });
    this.conversation = thread.conversation;
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
    const change = event.change;
    switch (change.kind) {
      case 'added':
        this.messages = [...this.messages, new MessageState(change.message)];
        break;
      case 'patch': {
        const message = this.find(change.message);
        for (const op of change.ops) message?.apply(op);
        break;
      }
      case 'meta': {
        const message = this.find(change.meta.id);
        if (!message) break;
        this.announce(message, change.meta.status);
        message.update(change.meta, this.now());
        break;
      }
      case 'reload':
        void this.reload();
        break;
    }
  }

  private find(id: string): MessageState | undefined {
    return this.messages.findLast((m) => m.meta.id === id);
  }

  private announce(message: MessageState, status: string): void {
    if (message.meta.status === status) return;
    if (status === 'waiting' || status === 'streaming') this.announcement = '';
    if (status === 'done') this.announcement = 'Answer complete';
    if (status === 'stopped') this.announcement = 'Answer stopped';
    if (status === 'interrupted') this.announcement = 'Answer interrupted';
    if (status === 'failed') this.announcement = 'No answer';
  }
}
