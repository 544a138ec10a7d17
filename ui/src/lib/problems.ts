/** From what went wrong to the ways on. */
import type { Problem, ProblemCode, Page } from '../bindings/wire';

export type Step =
  | 'again'
  | 'reconnect'
  | 'paste'
  | 'otherModel'
  | 'newChat'
  | 'unlock'
  | 'shorter'
  | 'routing'
  | 'copies'
  | { page: Page };

const STEPS: Record<ProblemCode, Step[]> = {
  again: ['again'],
  declined: ['reconnect'],
  offline: ['again'],
  reconnect: ['reconnect'],
  checkKeys: ['reconnect', { page: 'keys' }],
  pasteInstead: ['paste'],
  topUp: [{ page: 'credits' }, 'again'],
  shorter: ['shorter', { page: 'credits' }],
  keyLimit: [{ page: 'key' }, 'again'],
  keyPage: [{ page: 'key' }],
  previousKey: [{ page: 'previousKey' }],
  privacy: [{ page: 'privacy' }, 'again'],
  routing: ['routing', 'otherModel'],
  otherModel: ['otherModel'],
  tooLong: ['newChat', 'otherModel'],
  wait: ['again'],
  keychain: ['unlock'],
  vaultLost: ['reconnect'],
  wrongPassphrase: [],
  damaged: ['copies'],
  newer: [],
  refused: [],
};

const PAGES: Record<Page, string> = {
  key: 'Open the key page',
  previousKey: 'Open its page',
  logs: 'Open the logs',
  keys: 'Open the list of keys',
  credits: 'Add credits',
  privacy: 'Open privacy settings',
  byok: 'Open provider keys',
};

const LABELS: Record<Exclude<Step, object>, string> = {
  again: 'Try again',
  reconnect: 'Connect again',
  paste: 'Paste a sign-in code',
  otherModel: 'Choose another model',
  routing: 'Change what you ask',
  newChat: 'Start a new chat',
  unlock: 'Try the keychain again',
  shorter: 'Ask for a shorter answer',
  copies: 'See the copies',
};

/** The steps that help with this, the best first. */
export const stepsFor = (code: ProblemCode): readonly Step[] => STEPS[code];

export const stepLabel = (step: Step) => (typeof step === 'string' ? LABELS[step] : PAGES[step.page]);

/** When it makes sense to try again, or null for at once. */
export function readyAt(problem: Problem, sinceMs: number): number | null {
  return problem.retryAfterMs === null ? null : sinceMs + problem.retryAfterMs;
}
