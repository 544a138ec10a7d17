/** The mirror of what the core knows outside a thread. */
import type {
  Account,
  Action,
  AppEvent,
  Attachment,
  Conversation,
  Phase,
  Problem,
  Service,
  Settings,
  Snapshot,
} from '../bindings/wire';
import * as commands from '../host/commands';
import { ANY } from '../lib/routing';
import { Lists } from './lists.svelte';
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
    textSize: 100,
    tray: 'icon',
    notify: true,
    quickKey: true,
    updates: false,
    proxy: null,
    authorities: null,
  });
  readonly lists: Lists;
  /** The pinned, then the open list, each newest activity first. */
  conversations = $derived.by<Conversation[]>(() => [...this.lists.of('pinned').rows, ...this.lists.of('open').rows]);
  historyProblem = $state.raw<Problem | null>(null);
  version = $state('');
  /** True once a first snapshot came. */
  ready = $state(false);
  /** Why the core could not be asked at all. */
  problem = $state.raw<Problem | null>(null);
  /** Counts how often the catalogue changed. */
  catalogue = $state(0);
  /** Counts how often the conversations became others. */
  replaced = $state(0);
  /** Files are held over the window. */
  dragging = $state(false);
  /** Who listens to what is attached. */
  filesHeard: (conversation: string | null, files: Attachment[]) => void = () => undefined;
  /** And how often the personas did. */
  personas = $state(0);
  /** What a menu, the tray or another window asks this one for. */
  asked = $state.raw<Action | null>(null);
  account = $derived<Account | null>(this.phase.kind === 'connected' ? this.phase.account : null);

  private asking = false;
  private heard = 0;

  constructor(private readonly core: Core = commands) {
    this.lists = new Lists(core.conversationsList);
  }

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
    this.lists.take(snapshot.conversations, snapshot.shelves);
    this.problem = null;
    this.ready = true;
  }

  hear(event: AppEvent): void {
    this.heard += 1;
    switch (event.kind) {
      case 'phase':
        this.phase = event.phase;
        break;
      case 'conversation':
        this.lists.put(event.conversation);
        break;
      case 'conversationGone':
        this.lists.drop(event.id);
        break;
      case 'shelves':
        this.lists.takeShelves(event.shelves);
        break;
      case 'replaced':
        this.lists.forget();
        this.replaced += 1;
        void this.refresh();
        break;
      case 'files':
        this.filesHeard(event.conversation, event.files);
        break;
      case 'dragging':
        this.dragging = event.over;
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
      case 'asked':
        this.asked = event.action;
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
}
