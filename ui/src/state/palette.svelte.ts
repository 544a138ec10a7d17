/** The box that searches everything: what is typed, and what the core found for it. */
import type { FoundMessage, Problem, SearchResult } from '../bindings/wire';

export type Look = (text: string, utcOffsetMin: number, older: number | null) => Promise<SearchResult>;

/** Typing that pauses for so long is looked for. Short, for results come as one types. */
const PAUSE_MS = 70;

/** So many messages are looked for without being asked: the first ones come at once, the others as they are found. */
const ENOUGH = 30;
/** But not forever. */
const TURNS = 8;

const NOTHING: SearchResult = { words: [], strange: [], conversations: [], messages: [], older: null };

export class Palette {
  text = $state('');
  /** What was found for `sought`. */
  found = $state.raw<SearchResult>(NOTHING);
  sought = $state('');
  looking = $state(false);
  problem = $state.raw<Problem | null>(null);

  private timer: ReturnType<typeof setTimeout> | null = null;
  private round = 0;

  constructor(
    private readonly look: Look,
    private readonly offset: () => number = () => -new Date().getTimezoneOffset(),
  ) {}

  type(text: string): void {
    this.text = text;
    this.stop();
    if (text.trim() === '' || text.startsWith('>')) {
      this.round += 1;
      this.found = NOTHING;
      this.sought = '';
      this.looking = false;
      this.problem = null;
      return;
    }
    this.looking = true;
    this.timer = setTimeout(() => void this.run(), PAUSE_MS);
  }

  /** Looks now, if something is still to be looked for. */
  async run(): Promise<void> {
    this.stop();
    const round = ++this.round;
    const { text } = this;
    try {
      const found = await this.look(text, this.offset(), null);
      if (round !== this.round) return;
      this.found = found;
      this.sought = text;
      this.problem = null;
    } catch (problem) {
      if (round !== this.round) return;
      this.found = NOTHING;
      this.problem = problem as Problem;
    }
    this.looking = false;
    for (let turn = 0; turn < TURNS && round === this.round; turn += 1) {
      if (this.found.older === null || this.found.messages.length >= ENOUGH || this.problem) return;
      await this.more();
    }
  }

  /** Older messages, below those that were found. */
  async more(): Promise<void> {
    const { older } = this.found;
    if (older === null || this.looking) return;
    const round = this.round;
    this.looking = true;
    try {
      const next = await this.look(this.sought, this.offset(), older);
      if (round !== this.round) return;
      const known = new Set(this.found.messages.map((m) => m.message));
      const fresh: FoundMessage[] = next.messages.filter((m) => !known.has(m.message));
      this.found = { ...this.found, messages: [...this.found.messages, ...fresh], older: next.older };
    } catch (problem) {
      if (round !== this.round) return;
      this.problem = problem as Problem;
    }
    this.looking = false;
  }

  private stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
