/** What is asked of providers, as the panel edits it, and which of them it leaves. */
import type { Model, Provider, Routing } from '../bindings/wire';
import { price } from './money';

export const ANY: Routing = {
  keepNothing: null,
  noTraining: null,
  sort: null,
  order: [],
  only: [],
  ignore: [],
  fallbacks: null,
  models: [],
  maxInputPrice: null,
  maxOutputPrice: null,
  allOptions: null,
  quantizations: [],
};

/** How exactly a model's numbers may be kept, from coarse to fine (OpenRouter's words). */
export const QUANTIZATIONS = ['int4', 'fp4', 'int8', 'fp6', 'fp8', 'fp16', 'bf16', 'fp32'];

/** In one order, for comparing. */
export const ordered = (r: Routing) =>
  JSON.stringify([
    r.keepNothing,
    r.noTraining,
    r.sort,
    r.order,
    r.only,
    r.ignore,
    r.fallbacks,
    r.models,
    r.maxInputPrice,
    r.maxOutputPrice,
    r.allOptions,
    r.quantizations,
  ]);

export const isRouted = (routing: Routing) => ordered(routing) !== ordered(ANY);

/** Words that stand apart by commas, blanks or lines, each once. */
export const words = (text: string) => [...new Set(text.split(/[\s,]+/).filter((word) => word !== ''))];

/** What holds in a conversation, as the core joins the two. */
export function merged(everywhere: Routing, own: Routing): Routing {
  const list = (a: string[], b: string[]) => (a.length > 0 ? a : b);
  return {
    keepNothing: own.keepNothing ?? everywhere.keepNothing,
    noTraining: own.noTraining ?? everywhere.noTraining,
    sort: own.sort ?? everywhere.sort,
    order: list(own.order, everywhere.order),
    only: list(own.only, everywhere.only),
    ignore: [...new Set([...everywhere.ignore, ...own.ignore])],
    fallbacks: own.fallbacks ?? everywhere.fallbacks,
    models: list(own.models, everywhere.models),
    maxInputPrice: own.maxInputPrice ?? everywhere.maxInputPrice,
    maxOutputPrice: own.maxOutputPrice ?? everywhere.maxOutputPrice,
    allOptions: own.allOptions ?? everywhere.allOptions,
    quantizations: list(own.quantizations, everywhere.quantizations),
  };
}

/** A word names a provider, or one of its offers: `deepinfra` names `deepinfra/fp8`, too. */
function names(list: readonly string[], { slug, name }: Provider): boolean {
  const own = [slug.toLowerCase(), slug.split('/')[0]!.toLowerCase(), name.toLowerCase()];
  return list.some((word) => own.includes(word.toLowerCase()));
}

/** Why a provider is left out, as far as the list of models can tell; null when it may serve. */
export function leftOut(provider: Provider, routing: Routing): string | null {
  if (routing.keepNothing && provider.private === false) return 'may keep what you send';
  if (routing.only.length > 0 && !names(routing.only, provider)) return 'not among the only ones';
  if (names(routing.ignore, provider)) return 'ignored';
  if (routing.fallbacks === false && routing.order.length > 0 && !names(routing.order, provider)) {
    return 'not among the first ones';
  }
  const dear = (most: number | null, is: number | null) => most !== null && is !== null && is > most;
  if (dear(routing.maxInputPrice, provider.inputPrice)) return `costs ${price(provider.inputPrice ?? 0)} to read`;
  if (dear(routing.maxOutputPrice, provider.outputPrice)) return `costs ${price(provider.outputPrice ?? 0)} to write`;
  const { quantizations } = routing;
  if (quantizations.length > 0 && !quantizations.includes(provider.quantization ?? 'unknown')) {
    return provider.quantization === null ? 'does not say how exact it is' : `is ${provider.quantization}`;
  }
  return null;
}

/** What the wish makes of a model's providers, as a sentence. */
export function outcome(
  model: Pick<Model, 'name' | 'free'>,
  providers: readonly Provider[],
  routing: Routing,
): { text: string; none: boolean } | null {
  if (model.free && routing.noTraining) {
    return {
      text: `Providers of free models train on what they are sent, so none is left for ${model.name}.`,
      none: true,
    };
  }
  if (providers.length === 0) return null;
  const reasons = providers.map((provider) => ({ provider, why: leftOut(provider, routing) }));
  const left = reasons.filter(({ why }) => why === null).map(({ provider }) => provider.name);
  const out = reasons.filter(({ why }) => why !== null).map(({ provider, why }) => `${provider.name} ${why}`);
  if (left.length === 0) return { text: `No provider of ${model.name} is left: ${out.join('; ')}.`, none: true };
  if (out.length === 0) return { text: `Every provider of ${model.name} may serve: ${left.join(', ')}.`, none: false };
  return { text: `For ${model.name}, ${left.join(', ')} may serve. Left out: ${out.join('; ')}.`, none: false };
}
