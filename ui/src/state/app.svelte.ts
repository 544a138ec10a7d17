/** The mirror of what the core knows outside a thread. */
import type { Account, AppEvent, Conversation, Phase, Problem, Service, Settings, Snapshot } from '../bindings/wire';
import * as commands from '../host/commands';
import { ANY } from '../lib/routing';
import { tell } from './toasts.svelte';

/** What this mirror asks of the core. */
export type Core = Pick<typeof commands, 'appSubscribe' | 'appSnapshot' | 'settingsSet' | 'conversationsList'>;

/** So often a snapshot is asked for again when something happened while it was on its way. */
const TRIES = 5;

export class App {
  phase = $state.raw<Phase>({ kind: 'opening' });
  service = $state.raw<Service>({ origin: '', emulated: false });
  settings = $state.raw<Settings>({
    theme: 'system',
    model: null,
    titleModel: null,
    favourites: [],
    routing: ANY,
    sidebar: true,
    lockAfterMin: 0,
    wayBack: 'automatic',
  });
  /** Newest activity first. */
  conversations = $state.raw<Conversation[]>([]);
  historyProblem = $state.raw<Problem | null>(null);
  version = $state('');
  /** True once a first snapshot came. */
  ready = $state(false);
  /** Why the core could not be asked at all. */
  problem = $state.raw<Problem | null>(null);
  /** True when there are no older conversations to ask for. */
  complete = $state(false);
  /** Counts how often the catalogue changed. */
  catalogue = $state(0);
  /** And how often the personas did. */
  personas = $state(0);
  account = $derived<Account | null>(this.phase.kind === 'connected' ? this.phase.account : null);

  private asking = false;
  private heard = 0;

  constructor(private readonly core: Core = commands) {}

  async start(): Promise<void> {
    try {
      // First the events, then the state: between the two nothing is missed.
      await this.core.appSubscribe((event) => this.hear(event));
      await this.sync();
    } catch (problem) {
      this.problem = problem as Problem;
    }
  }

  /** Heals what a lost message may have left behind. */
  async refresh(): Promise<void> {
    if (this.asking || !this.ready) return;
    this.asking = true;
    try {
      await this.sync();
    } catch {
      // What is shown stays; the next look asks again.
    } finally {
      this.asking = false;
    }
  }

  /** A snapshot that an event has overtaken is old: it would undo what the event said. */
  private async sync(): Promise<void> {
    for (let left = TRIES; left > 0; left -= 1) {
      const before = this.heard;
      const snapshot = await this.core.appSnapshot();
      if (before !== this.heard && left > 1) continue;
      this.take(snapshot);
      return;
    }
  }

  take(snapshot: Snapshot): void {
    this.phase = snapshot.phase;
    this.service = snapshot.service;
    this.settings = snapshot.settings;
    this.historyProblem = snapshot.historyProblem;
    this.version = snapshot.version;
    // Older pages that were already asked for stay.
    const oldest = snapshot.conversations.at(-1)?.updatedMs ?? Infinity;
    const known = new Set(snapshot.conversations.map((c) => c.id));
    const older = this.conversations.filter((c) => c.updatedMs < oldest && !known.has(c.id));
    this.conversations = [...snapshot.conversations, ...older];
    this.problem = null;
    this.ready = true;
  }

  hear(event: AppEvent): void {
    this.heard += 1;
    switch (event.kind) {
      case 'phase':
        this.phase = event.phase;
        break;
      case 'conversation': {
        const rest = this.conversations.filter((c) => c.id !== event.conversation.id);
        const at = rest.findIndex((c) => c.updatedMs <= event.conversation.updatedMs);
        rest.splice(at < 0 ? rest.length : at, 0, event.conversation);
        this.conversations = rest;
        break;
      }
      case 'conversationGone':
        this.conversations = this.conversations.filter((c) => c.id !== event.id);
        break;
      case 'models':
        this.catalogue += 1;
        break;
      case 'personas':
        this.personas += 1;
        break;
      case 'settings':
        this.settings = event.settings;
        break;
      case 'notice':
        tell(event.problem);
        break;
    }
  }

  /** Shown at once; the core's word counts in the end. */
  async set(change: Partial<Settings>): Promise<void> {
    const before = this.settings;
    this.settings = { ...before, ...change };
    try {
      this.settings = await this.core.settingsSet(this.settings);
    } catch (problem) {
      this.settings = before;
      throw problem;
    }
  }

  async older(): Promise<void> {
    const last = this.conversations.at(-1);
    if (this.complete || this.asking || !last) return;
    this.asking = true;
    try {
      const page = await this.core.conversationsList(last.id);
      const known = new Set(this.conversations.map((c) => c.id));
      this.conversations = [...this.conversations, ...page.filter((c) => !known.has(c.id))];
      this.complete = page.length === 0;
    } finally {
      this.asking = false;
    }
  }
}
