/** Which models the picker lists, and in which order. */
import type { Model } from '../bindings/wire';
import { search, type Entry } from '../lib/fuzzy';

export const FILTERS = [
  { id: 'images', label: 'Sees images', holds: (m: Model) => m.images },
  { id: 'files', label: 'Reads files', holds: (m: Model) => m.files },
  { id: 'thinks', label: 'Thinks', holds: (m: Model) => m.thinks },
  { id: 'tools', label: 'Uses tools', holds: (m: Model) => m.tools },
  { id: 'free', label: 'Free', holds: (m: Model) => m.free },
  { id: 'long', label: '≥ 200k', holds: (m: Model) => (m.context ?? 0) >= 200_000 },
] as const;

export type FilterId = (typeof FILTERS)[number]['id'];

/** The models that fit the words and every filter. Without words, those used last come first. */
export function list(
  entries: readonly Entry<Model>[],
  query: string,
  filters: ReadonlySet<FilterId>,
  recent: readonly string[],
): Model[] {
  const held = FILTERS.filter((filter) => filters.has(filter.id));
  const found = search(entries, query).filter((model) => held.every((filter) => filter.holds(model)));
  if (query.trim() !== '' || recent.length === 0) return found;
  const place = new Map(recent.map((id, at) => [id, at]));
  const rank = (model: Model) => place.get(model.id) ?? Infinity;
  const last = found.filter((model) => place.has(model.id)).sort((a, b) => rank(a) - rank(b));
  return [...last, ...found.filter((model) => !place.has(model.id))];
}
