/** Tells that somebody is there, but not for every movement of a mouse. */

/** Far less than the shortest time after which to lock. */
const EVERY_MS = 20_000;

export function presence(tell: () => void, now: () => number = Date.now): () => void {
  let told = -Infinity;
  return () => {
    const at = now();
    // A clock that was set back must not silence it.
    if (at >= told && at - told < EVERY_MS) return;
    told = at;
    tell();
  };
}
