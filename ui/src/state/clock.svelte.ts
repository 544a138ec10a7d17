/** The present, to the second, while something on the screen counts by it. */
import { createSubscriber } from 'svelte/reactivity';

function ticking(everyMs: number): () => number {
  const subscribe = createSubscriber((update) => {
    const timer = setInterval(update, everyMs);
    return () => clearInterval(timer);
  });
  return () => {
    subscribe();
    return Date.now();
  };
}

export const nowBySecond = ticking(1_000);
export const nowByMinute = ticking(60_000);
