/** The words being written, kept by the core for each conversation. */

export interface Drafts {
  get(conversation: string | null): Promise<string>;
  set(conversation: string | null, text: string): Promise<void>;
}

const PAUSE_MS = 300;

export class Draft {
  text = $state('');

  private conversation: string | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private round = 0;

  constructor(private readonly drafts: Drafts) {}

  /** Keeps what stands here and shows what was begun there. */
  async open(conversation: string | null): Promise<void> {
    this.flush();
    const round = ++this.round;
    this.conversation = conversation;
    this.text = '';
    const kept = await this.drafts.get(conversation).catch(() => '');
    // Who was faster than the answer keeps what they typed.
    if (round === this.round && this.text === '') this.text = kept;
  }

  type(text: string): void {
    this.text = text;
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), PAUSE_MS);
  }

  /** Empties the field, here and where it is kept. */
  clear(): void {
    this.type('');
    this.flush();
  }

  flush(): void {
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.timer = null;
    // A draft that cannot be kept is still on the screen; the next keystroke tries again.
    this.drafts.set(this.conversation, this.text).catch(() => undefined);
  }
}
