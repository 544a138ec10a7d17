/** Which models the picker lists, and in which order. */
import type { Model } from '../bindings/wire';
import { search, type Entry } from '../lib/fuzzy';

export const FILTERS = [
  { id: 'favourites', label: 'Favourites', holds: (m: Model, favourites: ReadonlySet<string>) => favourites.has(m.id) },
  { id: 'images', label: 'Sees images', holds: (m: Model) => m.images },
  { id: 'files', label: 'Reads files', holds: (m: Model) => m.files },
  { id: 'thinks', label: 'Thinks', holds: (m: Model) => m.thinks },
  { id: 'tools', label: 'Uses tools', holds: (m: Model) => m.tools },
  { id: 'free', label: 'Free', holds: (m: Model) => m.free },
  { id: 'long', label: '≥ 200k', holds: (m: Model) => (m.context ?? 0) >= 200_000 },
  { id: 'private', label: 'No data retention', holds: (m: Model) => m.private === true },
] as const;

export type FilterId = (typeof FILTERS)[number]['id'];

/** The most for a million tokens written, in US dollars. */
export const PRICES = [1, 5, 15, 30] as const;

export const SORTS = [
  { id: 'best', label: 'Most used' },
  { id: 'newest', label: 'Newest' },
  { id: 'price', label: 'Lowest price' },
  { id: 'context', label: 'Largest context' },
] as const;

export type SortId = (typeof SORTS)[number]['id'];

export interface Wish {
  query: string;
  filters: ReadonlySet<FilterId>;
  /** For a million tokens written; null for any price. */
  price: number | null;
  sort: SortId;
}

export interface Known {
  /** Those used last, the last one first. */
  recent: readonly string[];
  favourites: ReadonlySet<string>;
}

/** What a model is worth more for being known: less than between the whole of a name and its beginning. */
const FAVOURITE = 45;
const RECENT = 40;
/** Whoever means the alias or the free twin of a model says so. */
const TWIN = -60;
/** Whoever can't answer comes behind all that can. */
const NO_ANSWER = -10_000;

const can = (model: Model) => model.goneMs === null && !model.barred;

const ORDERS: Record<SortId, ((a: Model, b: Model) => number) | null> = {
  best: null,
  newest: (a, b) => b.createdMs - a.createdMs,
  price: (a, b) => cost(a) - cost(b),
  context: (a, b) => (b.context ?? 0) - (a.context ?? 0),
};

/** By what is written, for most of what is paid is that; what varies comes last. */
const cost = (model: Model) => (model.free ? 0 : (model.outputPrice ?? Infinity));

/**
 * The models that fit the words and every filter. Without words, favourites and those used last come first; with words,
 * they are worth a little more. A chosen order is kept whatever was used.
 */
export function list(entries: readonly Entry<Model>[], { query, filters, price, sort }: Wish, known: Known): Model[] {
  const held = FILTERS.filter((filter) => filters.has(filter.id));
  const place = new Map(known.recent.map((id, at) => [id, at]));
  const worth = (model: Model) => {
    const recent = place.get(model.id);
    const sum = (known.favourites.has(model.id) ? FAVOURITE : 0) + (recent === undefined ? 0 : RECENT - recent);
    const twin = /^~|.:free$/.test(model.id) && !/free|latest/i.test(query) ? TWIN : 0;
    return can(model) ? sum + twin : NO_ANSWER;
  };
  const searched = query.trim() !== '';
  const fits = (model: Model) =>
    held.every((filter) => filter.holds(model, known.favourites)) &&
    (price === null || cost(model) <= price) &&
    // What is gone is found by its name only: to learn that it is gone.
    (searched || model.goneMs === null);
  const found = search(entries, query, worth).filter(fits);
  const order = ORDERS[sort];
  if (order) return found.sort((a, b) => Number(can(b)) - Number(can(a)) || order(a, b));
  if (searched) return found;
  const first = (model: Model) => {
    if (!can(model)) return 3;
    if (place.has(model.id)) return 0;
    return known.favourites.has(model.id) ? 1 : 2;
  };
  const recency = (model: Model) => place.get(model.id) ?? 0;
  return found.sort((a, b) => first(a) - first(b) || recency(a) - recency(b));
}
