/** Short words at the edge of the window, some with a way back. */
import type { Problem } from '../bindings/wire';

export interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 8_000;

class Toasts {
  list = $state.raw<Toast[]>([]);
  private next = 0;

  show(text: string, action?: Toast['action']): void {
    const toast = { id: this.next++, text, ...(action ? { action } : {}) };
    this.list = [...this.list.slice(-2), toast];
    setTimeout(() => this.drop(toast.id), SHOWN_MS);
  }

  drop(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();

/** For what fails without a place of its own on the screen. */
export const tell = (problem: unknown) => toasts.show((problem as Problem).message);

/** Runs a command and tells when it fails. */
export async function attempt(what: Promise<unknown>): Promise<boolean> {
  try {
    await what;
    return true;
  } catch (problem) {
    tell(problem);
    return false;
  }
}
