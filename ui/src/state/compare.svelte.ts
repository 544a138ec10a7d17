/** The mirror of an open comparison: what its models say, then numbered changes; whatever is missing is asked for again. */
import type { Change, Comparison, CompareColumn, Conversation, Options, Problem, ThreadEvent } from '../bindings/wire';
import { MessageState } from './message.svelte';

export type OpenComparison = (conversation: string, heard: (event: ThreadEvent) => void) => Promise<Comparison>;

/** Answers that are silent for so long are asked about: the bridge may have lost the last message. */
const SILENCE_MS = 10_000;

/** One model and the end of its branch. */
export class Column {
  messages = $state.raw<MessageState[]>([]);
  /** Its answer that is being written, or the last one. */
  answer = $derived(this.messages.findLast((m) => m.meta.role === 'assistant') ?? null);
  active = $derived(this.answer?.active ?? false);

  constructor(
    readonly place: number,
    readonly model: string | null,
    readonly name: string,
    readonly older: boolean,
  ) {}
}

export class CompareState {
  id = $state<string | null>(null);
  conversation = $state.raw<Conversation | null>(null);
  options = $state.raw<Options | null>(null);
  blind = $state(false);
  columns = $state.raw<Column[]>([]);
  loading = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** What a screen reader is told. */
  announcement = $state('');
  /** The answers that are being written. */
  running = $derived(this.columns.flatMap((column) => (column.active && column.answer ? [column.answer] : [])));

  private seq = 0;
  private early: ThreadEvent[] | null = null;
  /** Counts the times of opening: what an older one still says is not heard. */
  private round = 0;
  private heardMs = 0;

  constructor(
    private readonly source: OpenComparison,
    private readonly now: () => number = Date.now,
  ) {}

  async open(id: string): Promise<void> {
    if (id === this.id && !this.problem) return;
    this.close();
    this.id = id;
    this.loading = true;
    await this.ask(id);
  }

  /** Lets go of it. The core goes on telling until something else is opened. */
  close(): void {
    this.round += 1;
    this.id = null;
    this.early = null;
    this.conversation = null;
    this.options = null;
    this.columns = [];
    this.loading = false;
    this.problem = null;
    this.announcement = '';
  }

  async reload(): Promise<void> {
    if (this.id !== null && this.early === null) await this.ask(this.id);
  }

  /** To be called now and then: asks again when an answer has been silent for long. */
  async watch(): Promise<void> {
    if (this.running.length > 0 && this.now() - this.heardMs >= SILENCE_MS) await this.reload();
  }

  private async ask(id: string): Promise<void> {
    const round = ++this.round;
    const early: ThreadEvent[] = [];
    this.early = early;
    this.heardMs = this.now();
    try {
      const comparison = await this.source(id, (event) => {
        if (round === this.round) this.hear(event);
      });
      if (round !== this.round) return;
      this.early = null;
      this.take(comparison);
      for (const event of early) this.hear(event);
    } catch (problem) {
      if (round !== this.round) return;
      this.early = null;
      this.loading = false;
      this.problem = problem as Problem;
    }
  }

  private take(comparison: Comparison): void {
    const drawn = new Map(this.columns.flatMap((c) => c.messages.map((m) => [`${c.place} ${m.meta.id}`, m])));
    this.columns = comparison.columns.map((fresh: CompareColumn) => {
      const column = new Column(fresh.place, fresh.model, fresh.name, fresh.older);
      column.messages = fresh.messages.map((message) => {
        const known = drawn.get(`${fresh.place} ${message.meta.id}`);
        known?.adopt(message);
        return known ?? new MessageState(message);
      });
      return column;
    });
    this.conversation = comparison.conversation;
    this.options = comparison.options;
    this.blind = comparison.blind;
    this.seq = comparison.seq;
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
    this.change(event.change);
  }

  private change(change: Change): void {
    if (change.kind === 'patch') {
      for (const message of this.all(change.message)) for (const op of change.ops) message.apply(op, this.now());
    } else if (change.kind === 'meta') {
      const was = this.running.length;
      for (const message of this.all(change.meta.id)) message.update(change.meta, this.now());
      if (was > 0 && this.running.length === 0) this.announcement = 'All answers are complete';
      else if (this.running.length < was) this.announcement = `${this.running.length} still answering`;
    } else if (change.kind === 'options') this.options = change.options;
    else void this.reload();
  }

  /** The same question stands in several columns. */
  private all(id: string): MessageState[] {
    return this.columns.flatMap((column) => column.messages.filter((m) => m.meta.id === id));
  }
}
