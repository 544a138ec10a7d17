/** What an answer took, beside its like. */
import type { MessageMeta } from '../bindings/wire';
import { joined, whole } from '../lib/count';
import { exact } from '../lib/money';

/** `0.8 s`, `12 s`. */
export const seconds = (ms: number) => `${ms < 9_950 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000)} s`;

/** `0.8 s · 71 tok/s · $0.0009`, of what is known: until the first word, then how fast, then what for. */
export const figures = (meta: MessageMeta) =>
  joined(
    meta.firstTokenMs !== null && seconds(meta.firstTokenMs),
    meta.tokensPerSecond !== null && `${whole(meta.tokensPerSecond)} tok/s`,
    meta.costUsd !== null ? exact(meta.costUsd) : meta.costPending && 'cost to come',
  );

/** The same in words. */
export const told = (meta: MessageMeta) =>
  joined(
    meta.firstTokenMs !== null && `${seconds(meta.firstTokenMs)} until the first word`,
    meta.tookMs !== null && `${seconds(meta.tookMs)} in all`,
    meta.tokensOut !== null && `${whole(meta.tokensOut)} tokens written`,
    meta.tokensIn !== null && `${whole(meta.tokensIn)} read`,
  );

const NUMBERS = ['no', 'one', 'two', 'three', 'four'];
/** `three`. */
export const numeral = (n: number) => NUMBERS[n] ?? String(n);
