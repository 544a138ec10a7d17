/** The sources of an answer, by number. */
import type { Citation } from '../bindings/wire';

/** Each source once. */
export function sourcesOf(citations: readonly Citation[]): Citation[] {
  const seen = new Map<number, Citation>();
  for (const citation of citations) {
    const known = seen.get(citation.number);
    // The first mention that quotes something tells most.
    if (!known || (known.excerpt === '' && citation.excerpt !== '')) seen.set(citation.number, citation);
  }
  return [...seen.values()].sort((a, b) => a.number - b.number);
}

/** The site, as people know it. */
export function site(url: string): string {
  try {
    return new URL(url).hostname.replace(/^www\./, '');
  } catch {
    return url;
  }
}

/** One address for what leads to the same page. */
function same(url: string): string {
  try {
    const { origin, pathname, search } = new URL(url);
    return `${origin}${pathname.replace(/\/$/, '')}${search}`;
  } catch {
    return url;
  }
}

/** Puts its source's number on every link that leads to one. */
export function number(root: Element, sources: readonly Citation[]): void {
  const numbers = new Map(sources.map((source) => [same(source.url), source.number]));
  for (const link of root.querySelectorAll<HTMLElement>('.link[data-href]')) {
    const found = numbers.get(same(link.dataset.href ?? ''));
    if (found === undefined) delete link.dataset.cite;
    else link.dataset.cite = String(found);
  }
}
