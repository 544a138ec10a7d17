/** Short words at the edge of the window, some with a way back. */
import type { Problem } from '../bindings/wire';
import { pageOpen } from '../host/commands';
import { stepLabel, stepsFor } from '../lib/problems';

export interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 8_000;
/** With a way on it must be read, not only seen. */
const SHOWN_WITH_ACTION_MS = 20_000;

class Toasts {
  list = $state.raw<Toast[]>([]);
  private next = 0;

  show(text: string, action?: Toast['action']): void {
    const toast = { id: this.next++, text, ...(action ? { action } : {}) };
    this.list = [...this.list.slice(-2), toast];
    setTimeout(() => this.drop(toast.id), action ? SHOWN_WITH_ACTION_MS : SHOWN_MS);
  }

  drop(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();

/** For what fails without a place of its own on the screen. A page that helps is offered with it. */
export function tell(problem: unknown): void {
  const { code, message } = problem as Problem;
  const step = stepsFor(code).find((step) => typeof step === 'object');
  toasts.show(message, step && { label: stepLabel(step), run: () => void attempt(pageOpen(step.page)) });
}

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
