/** What is typed is kept once the typing pauses. */
const PAUSE_MS = 300;

export class Pause {
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly act: () => void) {}

  /** Something was typed. */
  begin(): void {
    this.drop();
    this.timer = setTimeout(() => this.end(), PAUSE_MS);
  }

  /** Acts now, if there is something to act on. */
  end(): void {
    if (!this.timer) return;
    this.drop();
    this.act();
  }

  /** There is nothing to act on any more. */
  drop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
