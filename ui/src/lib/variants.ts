/** What the endings of a model's id mean, as the core knows them, too. */

export const ENDINGS: Readonly<Record<string, string>> = {
  nitro: 'fastest',
  floor: 'cheapest',
  exacto: 'best with tools',
  online: 'with web search',
  thinking: 'thinking',
  extended: 'longer context',
};

const PRESET = '@preset/';

/** The listed id behind one with an ending or a preset, and what that makes of the name. */
export function parts(id: string): { base: string; says: string } | null {
  const preset = id.indexOf(PRESET);
  if (preset > 0) return { base: id.slice(0, preset), says: `preset ${id.slice(preset + PRESET.length)}` };
  const at = id.lastIndexOf(':');
  const says = at > 0 ? ENDINGS[id.slice(at + 1)] : undefined;
  return says === undefined ? null : { base: id.slice(0, at), says };
}

/** The preset's name, for an id that is nothing else. */
export const presetOf = (id: string) => (id.startsWith(PRESET) ? id.slice(PRESET.length) : null);

/** An id that may be asked for although no list has it: a preset, or a listed model with an ending. */
export function asTyped(text: string, isListed: (id: string) => boolean): string | null {
  const id = text.trim();
  if (!/^[\x21-\x7e]{1,200}$/.test(id) || isListed(id)) return null;
  if (presetOf(id)) return id;
  const found = parts(id);
  return found !== null && isListed(found.base) ? id : null;
}
