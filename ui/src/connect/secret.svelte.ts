import type { Problem } from '../bindings/wire';

/** A field whose words are a secret: they stay in the field alone, and only until they are sent. */
export class SecretField {
  busy = $state(false);
  filled = $state(false);
  problem = $state.raw<Problem | null>(null);
  private field: HTMLInputElement | null = null;

  constructor(private readonly send: (text: string) => Promise<void>) {}

  /** Attach this to the input. */
  hold = (field: HTMLInputElement): void => {
    this.field = field;
    field.focus();
  };

  look = (): void => {
    this.filled = this.field !== null && this.field.value.trim() !== '';
  };

  submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault();
    if (!this.field) return;
    // Emptied before the core answers.
    const sent = this.send(this.field.value.trim());
    this.field.value = '';
    this.filled = false;
    this.busy = true;
    this.problem = null;
    try {
      await sent;
    } catch (refused) {
      this.problem = refused as Problem;
    } finally {
      this.busy = false;
    }
  };
}
