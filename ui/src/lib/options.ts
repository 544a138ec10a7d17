/** How a model is asked, as the panel edits it. */
import type { Effort, Model, Options, Supports, Thinking, WebSearch } from '../bindings/wire';
import { ANY, isRouted, ordered as orderedRouting } from './routing';

export const NONE: Options = {
  system: null,
  temperature: null,
  topP: null,
  maxTokens: null,
  thinking: null,
  stop: [],
  seed: null,
  routing: ANY,
  pdf: null,
  web: { on: false, engine: null, results: null, only: [], never: [] },
};

/** Where the catalogue does not know the model, everything is offered: the core sends only what is taken. */
export const ALL: Supports = {
  temperature: true,
  topP: true,
  maxTokens: true,
  stop: true,
  seed: true,
  efforts: ['low', 'medium', 'high'],
  budget: false,
  off: true,
};

const EFFORTS: Record<Effort, string> = {
  minimal: 'Minimal',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  xhigh: 'Higher',
  max: 'Most',
};

/** `Auto`, `Off`, `Medium`, `8,000 tokens`. */
export function thinkingName(thinking: Thinking | null): string {
  if (thinking === null) return 'Auto';
  if (thinking.kind === 'off') return 'Off';
  if (thinking.kind === 'effort') return EFFORTS[thinking.effort];
  return `${thinking.tokens.toLocaleString('en-US')} tokens`;
}

/** What the person can choose for thinking with such a model; nothing for one that does not think. */
export function thinkingChoices(supports: Supports): (Thinking | null)[] {
  const choices: (Thinking | null)[] = supports.efforts.map((effort) => ({ kind: 'effort', effort }));
  if (supports.off) choices.unshift({ kind: 'off' });
  return choices.length === 0 && !supports.budget ? [] : [null, ...choices];
}

/** What the model does when it is left to it. */
export function thinkingHint(model: Pick<Model, 'supports' | 'usualEffort'> | null): string {
  if (model === null) return 'What a model does not take is not sent.';
  const usual =
    model.usualEffort === null ? 'Auto is as the model does it' : `Auto is ${EFFORTS[model.usualEffort].toLowerCase()}`;
  return model.supports.off ? `${usual}.` : `${usual}; this model always thinks.`;
}

/** The same way to think. */
export const sameThinking = (a: Thinking | null, b: Thinking | null) => JSON.stringify(a) === JSON.stringify(b);

/** In one order, for comparing. */
const ordered = ({ system, temperature, topP, maxTokens, thinking, stop, seed, routing, pdf, web }: Options) =>
  JSON.stringify([
    ...[system, temperature, topP, maxTokens, thinking, stop, seed],
    ...[orderedRouting(routing), pdf, orderedWeb(web)],
  ]);

const orderedWeb = ({ on, engine, results, only, never }: WebSearch) => [on, engine, results, only, never];

export const sameOptions = (a: Options, b: Options) => ordered(a) === ordered(b);

export const isSet = (options: Options) => !sameOptions(options, NONE);

/** How many things are not left to the model. */
export function countSet(options: Options): number {
  const { system, temperature, topP, maxTokens, thinking, stop, seed, routing, pdf, web } = options;
  const single = [system, temperature, topP, maxTokens, thinking, seed, pdf];
  const others = [stop.length > 0, isRouted(routing), web.on];
  return single.filter((value) => value !== null).length + others.filter(Boolean).length;
}

/** A number as it was typed; null for nothing, undefined for what is none. */
export function typed(text: string): number | null | undefined {
  const trimmed = text.trim().replace(',', '.');
  if (trimmed === '') return null;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

/** A field of the panel: what it takes, and what it says about anything else. */
export interface Range {
  least: number;
  most: number;
  whole: boolean;
  says: string;
}

export const RANGES = {
  temperature: { least: 0, most: 2, whole: false, says: 'From 0 to 2.' },
  topP: { least: 0.01, most: 1, whole: false, says: 'Above 0, up to 1.' },
  maxTokens: { least: 1, most: 4_000_000_000, whole: true, says: 'A whole number, from 1.' },
  seed: {
    least: -Number.MAX_SAFE_INTEGER,
    most: Number.MAX_SAFE_INTEGER,
    whole: true,
    says: 'A whole number.',
  },
} satisfies Record<string, Range>;

export type NumberName = keyof typeof RANGES;

/** The number, if the field takes it; undefined if not. */
export function inRange(text: string, { least, most, whole }: Range): number | null | undefined {
  const value = typed(text);
  if (value === null || value === undefined) return value;
  return value < least || value > most || (whole && !Number.isSafeInteger(value)) ? undefined : value;
}
