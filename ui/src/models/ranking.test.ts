import { expect, it } from 'vitest';
import { prepare } from '../lib/fuzzy';
import { list } from './rank';
import CATALOGUE from './ranking.json';
import { model } from './testing';

/** What is typed, and the model that is meant by it: of a family, the newest and plainest, for it is used most. */
const MEANT: [query: string, id: string][] = [
  ['claude', 'anthropic/claude-sonnet-5.5'],
  ['sonnet', 'anthropic/claude-sonnet-5.5'],
  ['opus', 'anthropic/claude-opus-5'],
  ['haiku', 'anthropic/claude-haiku-5'],
  ['sonnet 4.6', 'anthropic/claude-sonnet-4.6'],
  ['4.6 sonnet', 'anthropic/claude-sonnet-4.6'],
  ['sonnet4.6', 'anthropic/claude-sonnet-4.6'],
  ['sonnet-4.5', 'anthropic/claude-sonnet-4.5'],
  ['claude 3.7', 'anthropic/claude-3.7-sonnet'],
  ['3.5 haiku', 'anthropic/claude-3.5-haiku'],
  ['anthropic', 'anthropic/claude-sonnet-5.5'],
  ['anthropic opus', 'anthropic/claude-opus-5'],
  ['anthropic/claude-opus-4.1', 'anthropic/claude-opus-4.1'],
  ['latest sonnet', '~anthropic/claude-sonnet-latest'],
  ['gpt', 'openai/gpt-6.1'],
  ['GPT', 'openai/gpt-6.1'],
  ['openai', 'openai/gpt-6.1'],
  ['gpt 5', 'openai/gpt-5'],
  ['gpt5', 'openai/gpt-5'],
  ['gpt-5.2', 'openai/gpt-5.2'],
  ['gpt52', 'openai/gpt-5.2'],
  ['gpt 5 mini', 'openai/gpt-5-mini'],
  ['5.2 codex', 'openai/gpt-5.2-codex'],
  ['codex', 'openai/gpt-6.1-codex'],
  ['gpt mini', 'openai/gpt-6.1-mini'],
  ['gpt latest', '~openai/gpt-latest'],
  ['4o', 'openai/gpt-4o'],
  ['gpt4o', 'openai/gpt-4o'],
  ['4o mini', 'openai/gpt-4o-mini'],
  ['o3', 'openai/o3'],
  ['o4 mini', 'openai/o4-mini'],
  ['o1 pro', 'openai/o1-pro'],
  ['gpt-oss', 'openai/gpt-oss-2-20b'],
  ['oss 120b', 'openai/gpt-oss-2-120b'],
  ['gemini', 'google/gemini-3.5-pro'],
  ['gemini pro', 'google/gemini-3.5-pro'],
  ['gemini flash', 'google/gemini-3.5-flash'],
  ['flash lite', 'google/gemini-3.5-flash-lite'],
  ['gemini 2.5 pro', 'google/gemini-2.5-pro'],
  ['google flash', 'google/gemini-3.5-flash'],
  ['gemma', 'google/gemma-4-4b'],
  ['gemma 27b', 'google/gemma-4-27b'],
  ['grok', 'x-ai/grok-5'],
  ['grok fast', 'x-ai/grok-5-fast'],
  ['grok code', 'x-ai/grok-code-2-fast'],
  ['xai', 'x-ai/grok-5'],
  ['deepseek', 'deepseek/deepseek-v4'],
  ['deepseek v3.1', 'deepseek/deepseek-v3.1'],
  ['r1', 'deepseek/r1'],
  ['r2', 'deepseek/r2'],
  ['qwen max', 'qwen/qwen4-max'],
  ['qwen coder', 'qwen/qwen3.5-coder-30b-a3b'],
  ['qwen3 32b', 'qwen/qwen3-32b'],
  ['llama 70b', 'meta-llama/llama-3.3-instruct-70b'],
  ['405b', 'meta-llama/llama-3.3-instruct-405b'],
  ['maverick', 'meta-llama/llama-4.5-maverick'],
  ['scout', 'meta-llama/llama-4.5-scout'],
  ['mistral large', 'mistralai/mistral-large-3.5'],
  ['mistral medium', 'mistralai/mistral-medium-3.5'],
  ['devstral', 'mistralai/devstral-2-small'],
  ['magistral', 'mistralai/magistral-2509-small'],
  ['kimi', 'moonshotai/kimi-k3'],
  ['k2 thinking', 'moonshotai/kimi-k2-thinking'],
  ['glm', 'z-ai/glm-5'],
  ['glm air', 'z-ai/glm-5-air'],
  ['minimax', 'minimax/minimax-m3'],
  ['nova pro', 'amazon/nova-2-pro'],
  ['nemotron', 'nvidia/nemotron-3-9b'],
  ['command', 'cohere/command-r'],
  ['sonar', 'perplexity/sonar-2'],
  ['deep research', 'perplexity/sonar-2-deep-research'],
  ['phi', 'microsoft/phi-5-4b'],
  ['seed', 'bytedance-seed/seed-2'],
  ['ernie', 'baidu/ernie-5-21b-a3b'],
  ['hunyuan', 'tencent/hunyuan-2-a13b'],
  ['hermes 405b', 'nousresearch/hermes-4-405b'],
  ['olmo', 'allenai/olmo-3.1-7b'],
  ['granite', 'ibm-granite/granite-4.1-3b'],
  ['mercury coder', 'inception/mercury-2-coder'],
  ['mimo', 'xiaomi/mimo-v2.5-flash'],
  ['auto', 'openrouter/auto'],
  ['free', 'openrouter/free'],
  // As they slip from fingers.
  ['claud', 'anthropic/claude-sonnet-5.5'],
  ['cluade', 'anthropic/claude-sonnet-5.5'],
  ['sonet', 'anthropic/claude-sonnet-5.5'],
  ['sonnett', 'anthropic/claude-sonnet-5.5'],
  ['antropic', 'anthropic/claude-sonnet-5.5'],
  ['gtp', 'openai/gpt-6.1'],
  ['gemni', 'google/gemini-3.5-pro'],
  ['gemeni flash', 'google/gemini-3.5-flash'],
  ['deepsek', 'deepseek/deepseek-v4'],
  ['mistrla', 'mistralai/mistral-large-3.5'],
];

const entries = prepare(
  CATALOGUE.map(([id, name, author]) => model(id ?? '', { name: name ?? '', author: author ?? '' })),
);
const first = (query: string, favourites: string[] = [], recent: string[] = []) =>
  list(
    entries,
    { query, filters: new Set(), price: null, sort: 'best' },
    { favourites: new Set(favourites), recent },
  )[0]?.id;

it('every family is there to be told apart from its like', () => {
  expect(CATALOGUE.length).toBeGreaterThan(400);
  expect(new Set(MEANT.map(([query]) => query)).size).toBeGreaterThanOrEqual(60);
});

it.each(MEANT)('%s means %s', (query, id) => {
  expect(first(query)).toBe(id);
});

it('what is a favourite or was used last is meant before its like', () => {
  expect(first('sonnet', ['anthropic/claude-sonnet-4.5'])).toBe('anthropic/claude-sonnet-4.5');
  expect(first('gpt', [], ['openai/gpt-5.2-mini'])).toBe('openai/gpt-5.2-mini');
  expect(first('gpt-6.1', ['openai/gpt-6.1-mini'])).toBe('openai/gpt-6.1');
});
