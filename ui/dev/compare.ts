/** A comparison for the preview. */
import type { Comparison } from '../src/bindings/wire';
import { DRAWN, REPORT } from './files';
import { answer, conversations, none, problem, SONNET, user } from './data';

const NAMES: [string, string, string, number, number][] = [
  [
    SONNET,
    'Claude Sonnet 4.6',
    'Ebbline. It says water and schedule in one breath, and the domain reads cleanly aloud.',
    800,
    0.0009,
  ],
  [
    'openai/gpt-5.2',
    'GPT-5.2',
    'Slack: the moment between tides. Short, memorable, slightly ironic for an app about waiting.',
    600,
    0.0007,
  ],
  [
    'google/gemini-3-pro',
    'Gemini 3 Pro',
    'Neapbook. Neap tides are the gentle ones; a book of them is a calm product.',
    1100,
    0.0005,
  ],
  ['example/sonnet-style-merge-24b:free', 'Sonnet-style merge 24B', 'Tidewise.', 400, 0],
];

function question(screen: string) {
  const asked = user('q', 'Name for a tide-table app, one line why.');
  return screen.endsWith('files') ? { ...asked, meta: { ...asked.meta, attachments: [REPORT] } } : asked;
}

/** Three models side by side; blind, or with one that still writes and one that failed. */
export function comparison(screen: string): Comparison {
  const blind = screen.endsWith('blind');
  const busy = screen.endsWith('busy');
  const columns = NAMES.slice(0, screen.endsWith('four') ? 4 : 3).map(
    ([model, name, text, firstTokenMs, costUsd], place) => ({
      place,
      model: blind ? null : model,
      name: blind ? `Model ${'ABCD'[place]}` : name,
      messages: [
        question(screen),
        answer(
          {
            id: `v${place}`,
            model,
            modelName: name,
            provider: blind ? null : 'Anthropic',
            siblings: 3,
            sibling: place,
            ...(blind
              ? { firstTokenMs: null, tokensPerSecond: null, costUsd: null }
              : { firstTokenMs, tokensPerSecond: null, costUsd }),
            ...(screen.endsWith('files') && place === 1 ? { attachments: [DRAWN] } : {}),
            ...(busy && place === 1 ? { status: 'streaming' as const } : {}),
            ...(busy && place === 2
              ? {
                  status: 'failed' as const,
                  costUsd: null,
                  problem: problem('wait', 'Too many requests right now. Try again in a moment.'),
                }
              : {}),
          },
          { reasoning: '', blocks: busy && place === 2 ? [] : [`<p>${text}</p>`] },
        ),
      ],
      older: false,
    }),
  );
  return {
    conversation: { ...conversations[1]!, answering: busy, costUsd: 0.0021 },
    options: none,
    blind,
    columns,
    seq: 0,
  };
}
