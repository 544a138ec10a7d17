/** The words being written, kept by the core for each conversation. */
import { join, split } from '../lib/pasted';
import { Pause } from '../lib/pause';

export interface Drafts {
  get(conversation: string | null): Promise<string>;
  set(conversation: string | null, text: string): Promise<void>;
}

export class Draft {
  text = $state('');
  /** Long texts that were pasted, folded under the words. */
  pasted = $state.raw<string[]>([]);
  empty = $derived(this.text.trim() === '' && this.pasted.length === 0);

  private conversation: string | null = null;
  private readonly pause = new Pause(() => {
    // A draft that cannot be kept is still on the screen; the next keystroke tries again.
    this.drafts.set(this.conversation, this.whole).catch(() => undefined);
  });
  private round = 0;

  constructor(private readonly drafts: Drafts) {}

  /** All of it, as it is sent and kept. */
  get whole(): string {
    return join({ text: this.text, pasted: this.pasted });
  }

  /** Keeps what stands here and shows what was begun there. */
  async open(conversation: string | null): Promise<void> {
    this.flush();
    const round = ++this.round;
    this.conversation = conversation;
    this.text = '';
    this.pasted = [];
    const kept = await this.drafts.get(conversation).catch(() => '');
    // Who was faster than the answer keeps what they typed.
    if (round === this.round && this.empty) ({ text: this.text, pasted: this.pasted } = split(kept));
  }

  type(text: string): void {
    this.text = text;
    this.keep();
  }

  fold(words: string): void {
    this.pasted = [...this.pasted, words];
    // At once: much came with one step.
    this.keep();
    this.flush();
  }

  /** Takes a folded text away, and gives it back for a second thought. */
  drop(at: number): string {
    const words = this.pasted[at] ?? '';
    this.pasted = this.pasted.filter((_, other) => other !== at);
    this.keep();
    return words;
  }

  /** Puts a folded text behind the words. */
  unfold(at: number): void {
    const words = this.drop(at);
    this.type(this.text === '' ? words : `${this.text.replace(/\n?$/, '\n')}${words}`);
  }

  /** Empties the field, here and where it is kept. */
  clear(): void {
    this.pasted = [];
    this.type('');
    this.flush();
  }

  flush(): void {
    this.pause.end();
  }

  private keep(): void {
    this.pause.begin();
  }
}
