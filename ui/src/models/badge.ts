/** What is said of a model beside its name. */
import type { Model } from '../bindings/wire';

const DAY = 86_400_000;
/** So long a model is new. */
const NEW_MS = 30 * DAY;
/** So long before it goes away it is said in the list. */
const SOON_MS = 60 * DAY;

export interface Badge {
  text: string;
  tone: 'calm' | 'warn';
}

/** One badge at most: the one that matters most to who is about to choose it. */
export function badge(model: Model, nowMs: number): Badge | null {
  if (model.goneMs !== null) return { text: 'Gone', tone: 'warn' };
  if (model.barred) return { text: 'Not with your settings', tone: 'warn' };
  const end = model.expires === null ? NaN : Date.parse(model.expires);
  if (end < nowMs) return { text: 'Going away', tone: 'warn' };
  if (end - nowMs < SOON_MS) {
    const day = new Date(end).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
    return { text: `Until ${day}`, tone: 'warn' };
  }
  const age = nowMs - model.createdMs;
  return age >= 0 && age < NEW_MS ? { text: 'New', tone: 'calm' } : null;
}

/** Why a model can't be asked, as a sentence; null when it can. */
export function trouble(model: Model): string | null {
  if (model.goneMs !== null) return 'OpenRouter does not list this model any more. Choose another one.';
  if (model.barred) {
    return 'Your settings on OpenRouter leave no provider for this model: privacy, providers or a guardrail.';
  }
  return null;
}
