/** Finding words in the open conversation. The core looks through all of it; this goes from hit to hit. */
import type { Found, Hit, Problem } from '../bindings/wire';

export type Look = (conversation: string, words: string) => Promise<Found>;

/** Typing that pauses for so long is meant. */
const PAUSE_MS = 140;

/** A place where the words stand: the nth in what a message says, or in the reasoning before it. */
export interface Place {
  message: string;
  thoughts: boolean;
  nth: number;
}

const inAll = (hits: readonly Hit[]) => hits.reduce((sum, { thoughts, times }) => sum + thoughts + times, 0);

export class Find {
  open = $state(false);
  words = $state('');
  /** The words that the count is for. */
  hits = $state.raw<Hit[]>([]);
  more = $state(false);
  looked = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** Where the reader is, counted from 0. */
  index = $state(0);
  /** The place to show. */
  at = $state.raw<Place | null>(null);
  /** Grows when the field should take the focus. */
  focus = $state(0);
  count = $derived(inAll(this.hits));

  private conversation: string | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private round = 0;

  constructor(private readonly look: Look) {}

  show(conversation: string): void {
    this.open = true;
    this.focus += 1;
    if (conversation !== this.conversation) {
      this.conversation = conversation;
      this.forget();
    }
    // What was looked for is there again, for the next look.
    if (this.words.trim() !== '') void this.run();
  }

  /** Shows one message that a search led to, with its words marked. */
  point(conversation: string, message: string, words: readonly string[]): void {
    this.forget();
    this.conversation = conversation;
    // What is marked is one run of words; the longest says most.
    this.words = [...words].sort((a, b) => b.length - a.length)[0] ?? '';
    this.open = this.words !== '';
    const round = this.round;
    this.at = { message, thoughts: false, nth: 0 };
    if (!this.open) return;
    void this.look(conversation, this.words).then(
      (found) => {
        if (round !== this.round) return;
        this.hits = found.hits;
        this.more = found.more;
        this.looked = true;
        // Where the message stands among the hits, for those who go on from it.
        const at = found.hits.findIndex((hit) => hit.message === message);
        this.index = at < 0 ? 0 : inAll(found.hits.slice(0, at)) + found.hits[at]!.thoughts;
      },
      () => undefined,
    );
  }

  close(): void {
    this.open = false;
    this.forget();
  }

  /** Another conversation is shown. */
  leave(): void {
    this.close();
    this.conversation = null;
    this.words = '';
  }

  type(words: string): void {
    this.words = words;
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.run(), PAUSE_MS);
  }

  /** The next hit towards the end, or the one before; from the last to the first and back. */
  async step(by: 1 | -1): Promise<void> {
    if (this.timer) await this.run();
    else if (this.count > 0) this.go((this.index + by + this.count) % this.count);
  }

  /** Looks now. The last hit is shown first: the end is what the reader came from. */
  private async run(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const round = ++this.round;
    const { conversation, words } = this;
    if (conversation === null || words.trim() === '') {
      this.forget();
      return;
    }
    try {
      const found = await this.look(conversation, words);
      if (round !== this.round) return;
      this.hits = found.hits;
      this.more = found.more;
      this.problem = null;
      this.looked = true;
      if (this.count > 0) this.go(this.count - 1);
      else this.at = null;
    } catch (problem) {
      if (round !== this.round) return;
      this.forget();
      this.problem = problem as Problem;
    }
  }

  private go(index: number): void {
    this.index = index;
    let nth = index;
    for (const { message, thoughts, times } of this.hits) {
      if (nth < thoughts + times) {
        this.at = nth < thoughts ? { message, thoughts: true, nth } : { message, thoughts: false, nth: nth - thoughts };
        return;
      }
      nth -= thoughts + times;
    }
  }

  private forget(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.round += 1;
    this.hits = [];
    this.more = this.looked = false;
    this.problem = null;
    this.at = null;
    this.index = 0;
  }
}
