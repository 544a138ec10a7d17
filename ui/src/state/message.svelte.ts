/** A message as it is drawn: what is sealed is added to, and only marks of sources still come into it. */
import type { Message, MessageMeta, Op } from '../bindings/wire';

/**
 * So many sealed blocks, or so many characters of their HTML, share an element that the engine may skip while it is out of
 * sight: so much it lays out at once when the reader comes near.
 */
export const GROUP = 40;
export const GROUP_HTML = 16 * 1024;
/**
 * So many groups share an element that is skipped as one while it is far away. WebKit looks at each element that it may
 * skip in every frame, some 8 µs: groups alone would make the frames of a long answer slower as it grows.
 */
export const CHAPTER = 16;

/** The open end of an answer. What is appended to its code is kept apart, for only that is drawn. */
export class Tail {
  more = $state<string[]>([]);
  /** The unfinished line at the end of its code. */
  line = $state('');

  constructor(
    readonly html: string,
    line = '',
  ) {
    this.line = line;
  }

  /** The whole of it but the unfinished line, as one piece of HTML. */
  whole(): string {
    const at = this.html.lastIndexOf('</code>');
    const more = this.more.join('');
    return at < 0 ? this.html + more : this.html.slice(0, at) + more + this.html.slice(at);
  }
}

export class Group {
  blocks = $state<string[]>([]);
  /** Characters of HTML. */
  size = 0;
  /** True once nothing is added to it any more. */
  full = $state(false);

  add(html: string): void {
    this.blocks.push(html);
    this.size += html.length;
    this.full = this.blocks.length >= GROUP || this.size >= GROUP_HTML;
  }
}

export class Chapter {
  groups = $state.raw<Group[]>([]);
  /** True once nothing is added to it any more. */
  full = $state(false);

  add(html: string): void {
    if (this.groups.at(-1)?.full !== false) this.groups = [...this.groups, new Group()];
    const group = this.groups.at(-1)!;
    group.add(html);
    this.full = group.full && this.groups.length === CHAPTER;
  }
}

export class MessageState {
  meta = $state.raw() as MessageMeta;
  text = $state('');
  chapters = $state.raw<Chapter[]>([]);
  tail = $state.raw(new Tail(''));
  reasoning = $state('');
  /** Counts what came. */
  pieces = $state(0);
  /** The reasoning is shown. */
  unfolded = $state(false);
  /** When its problem came about, as far as this window knows; for countdowns. */
  problemMs: number;
  /** When it began to reason, as far as this window knows. */
  thinkingMs: number;
  /** True while words may still come. */
  active = $derived(this.meta.status === 'waiting' || this.meta.status === 'streaming');
  /** True when there is something to read besides the reasoning. */
  spoke = $derived(this.chapters.length > 0 || this.tail.html !== '');

  private sealed = 0;

  constructor(message: Message) {
    this.meta = message.meta;
    this.text = message.text;
    this.reasoning = message.reasoning;
    this.problemMs = message.meta.createdMs;
    this.thinkingMs = message.meta.createdMs;
    this.tail = new Tail(message.tail, message.line);
    for (const html of message.blocks) this.seal(html);
  }

  /** Takes over a newer copy of the same message and keeps every block that is already drawn. */
  adopt(message: Message): void {
    if (message.blocks.length < this.sealed) {
      this.chapters = [];
      this.sealed = 0;
    }
    message.blocks.slice(0, this.sealed).forEach((html, at) => this.mark(at, html));
    for (const html of message.blocks.slice(this.sealed)) this.seal(html);
    this.tail = new Tail(message.tail, message.line);
    this.text = message.text;
    this.reasoning = message.reasoning;
    this.meta = message.meta;
  }

  apply(op: Op, nowMs = 0): void {
    this.pieces += 1;
    switch (op.op) {
      case 'seal':
        this.seal(op.html);
        this.tail = new Tail('');
        break;
      case 'tail':
        this.tail = new Tail(op.html);
        break;
      case 'tailAppend':
        if (op.html !== '') this.tail.more.push(op.html);
        this.tail.line = op.line;
        break;
      case 'sealTail':
        this.seal(this.tail.whole());
        this.tail = new Tail('');
        break;
      case 'mark':
        this.mark(op.block, op.html);
        break;
      case 'reasoning':
        if (this.reasoning === '') this.thinkingMs = nowMs;
        this.reasoning += op.text;
        break;
    }
  }

  update(meta: MessageMeta, nowMs: number): void {
    if (meta.problem && !this.meta.problem) this.problemMs = nowMs;
    this.meta = meta;
  }

  /** All that is drawn, for reading it out. */
  spoken(): { blocks: string[]; tail: string } {
    return { blocks: this.groups().flatMap((group) => group.blocks), tail: this.tail.html };
  }

  groups(): Group[] {
    return this.chapters.flatMap((chapter) => chapter.groups);
  }

  /** A sealed block changes once, when the marks of sources come into it. */
  private mark(at: number, html: string): void {
    for (const { blocks } of this.groups()) {
      if (at < blocks.length) {
        if (blocks[at] !== html) blocks[at] = html;
        return;
      }
      at -= blocks.length;
    }
  }

  private seal(html: string): void {
    if (this.chapters.at(-1)?.full !== false) this.chapters = [...this.chapters, new Chapter()];
    this.chapters.at(-1)?.add(html);
    this.sealed += 1;
  }
}
