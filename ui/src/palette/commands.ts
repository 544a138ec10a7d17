/** Everything the window can be told to do, by name. */
import { prepare, search } from '../lib/fuzzy';

export interface Command {
  id: string;
  name: string;
  /** Other words for it. */
  also?: string;
  /** Its key, as it is written in the list of keys. */
  keys?: string;
  run: () => void;
}

/** Those that fit, best first; all of them for an empty text. */
export function fitting(commands: readonly Command[], text: string): Command[] {
  const named = commands.map((command) => ({ ...command, author: command.also ?? '' }));
  return search(prepare(named), text);
}
