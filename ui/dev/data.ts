/** Made-up data for the preview, at the real size. */
import type {
  Account,
  Conversation,
  Found,
  FoundPiece,
  Message,
  MessageMeta,
  Model,
  Op,
  Options,
  Persona,
  Problem,
  ProblemCode,
  Provider,
  SearchResult,
  Thread,
} from '../src/bindings/wire';
import { DRAWN, file, REPORT } from './files';
import { ANY } from '../src/lib/routing';

const now = Date.now();
const HOUR = 3_600_000;

export const problem = (
  code: ProblemCode,
  message: string,
  detail: string | null = null,
  retryAfterMs: number | null = null,
): Problem => ({ code, message, detail, retryAfterMs });

export const account: Account = {
  label: 'Causeway on ada-laptop',
  maskedKey: 'sk-or-v1-9f2…c41',
  limitUsd: 20,
  remainingUsd: 13.82,
  limitReset: 'monthly',
  resetsAtMs: Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + 1, 1),
  budget: null,
  usageUsd: 41.07,
  usageTodayUsd: 0.42,
  usageWeekUsd: 2.3,
  usageMonthUsd: 6.18,
  byokUsd: 0,
  byokMonthUsd: 0,
  byokInLimit: false,
  freeTier: false,
  freeRequests: { used: 2, limit: 1000 },
  expiresAtMs: now + 200 * 24 * HOUR,
  kept: 'keychain',
  unchecked: false,
  checkedAtMs: now - 3 * 60_000,
  trouble: null,
  previous: null,
  renewal: null,
};

export const SONNET = 'anthropic/claude-sonnet-4.6';
const titles: [string, number, number][] = [
  ['Quarterly report: where did the margin go?', 0.5, 0.0412],
  ['Name for a tide-table app', 2, 0.0021],
  ['Borrow checker and async streams', 26, 0.12],
  ['Translate the lease, clause by clause', 27, 0.27],
  ['Sourdough hydration table', 28, 0.01],
  ['House style for release notes', 80, 0.31],
  ['رسالة إلى البلدية', 100, 0.02],
  ['<b>Bold</b> & "quoted" title', 120, 0],
  ['Regex for ISO dates', 700, 0.004],
  ['Trip along the Danube', 1400, 1.42],
];

export const conversations: Conversation[] = titles.map(([title, hours, costUsd], at) => ({
  id: `c${at}`,
  title,
  model: at === 1 ? 'openai/gpt-5.2' : SONNET,
  updatedMs: now - hours * HOUR,
  costUsd,
  answering: at === 1,
  pinned: at === 5,
  folder: null,
  archived: false,
  deletedMs: null,
  temporary: false,
  comparing: at === 1,
}));

const meta = (change: Partial<MessageMeta>): MessageMeta => ({
  id: 'm',
  role: 'assistant',
  status: 'done',
  model: SONNET,
  modelName: 'Claude Sonnet 4.6',
  provider: 'Anthropic',
  tokensIn: 2140,
  tokensOut: 1284,
  tokensPerSecond: 71.2,
  costUsd: 0.0093,
  costPending: false,
  firstTokenMs: 800,
  tookMs: 4200,
  thoughtMs: 6100,
  problem: null,
  retrying: null,
  finish: null,
  unfinished: null,
  citations: [],
  attachments: [],
  searches: null,
  searchCostUsd: null,
  notes: [],
  options: null,
  sibling: 1,
  siblings: 3,
  createdMs: now,
  ...change,
});

export const user = (id: string, text: string): Message => ({
  meta: meta({ id, role: 'user', model: '', modelName: '', siblings: 1, sibling: 0, costUsd: null, tokensOut: null }),
  text,
  blocks: [],
  tail: '',
  line: '',
  reasoning: '',
});

const code = (lang: string, html: string) =>
  `<div class="code"><div class="code-head"><span class="code-lang">${lang}</span><button type="button" class="code-copy" data-copy>Copy</button></div><pre tabindex="0"><code>${html}</code></pre></div>`;

const SQL = `<span class="tok-keyword">select</span> region, <span class="tok-function">sum</span>(net) / <span class="tok-function">sum</span>(gross) <span class="tok-keyword">as</span> margin
<span class="tok-keyword">from</span> orders <span class="tok-keyword">where</span> quarter = <span class="tok-string">'2026-Q3'</span>
<span class="tok-keyword">group by</span> region <span class="tok-keyword">order by</span> margin;`;

const BLOCKS = [
  '<p>Gross margin fell <strong>2.4 points</strong>, from 61.8 % to 59.4 %. Freight explains most of it<sup class="note-ref" data-note="1">1</sup>; discounting explains the rest<sup class="note-ref" data-note="2">2</sup>.</p>',
  '<div class="table"><table><thead><tr><th>Driver</th><th>Effect</th><th>Pages</th></tr></thead><tbody><tr><td>Freight and duties</td><td>−1.6 pt</td><td>4, 9</td></tr><tr><td>Discounts over 15 %</td><td>−0.7 pt</td><td>11</td></tr><tr><td>Other</td><td>−0.1 pt</td><td>12</td></tr></tbody></table></div>',
  code('sql', SQL),
];

const TOUR = [
  '<h2>A tour</h2>',
  '<p>Inline <code>code</code>, <em>emphasis</em>, <del>gone</del>, a <a class="link" role="link" tabindex="0" data-href="https://example.com">link</a>, <span class="link-off">refused</span> (javascript:x), <code class="math">e^{i\\pi}+1=0</code>.</p>',
  '<ul><li>one</li><li>two<ul><li>nested</li></ul></li></ul>',
  '<ol start="7"><li>seven</li><li>eight</li></ol>',
  '<ul><li class="task"><span class="box" role="checkbox" aria-checked="true" aria-disabled="true" aria-label="Task"></span>done</li><li class="task"><span class="box" role="checkbox" aria-checked="false" aria-disabled="true" aria-label="Task"></span>to do</li></ul>',
  '<blockquote><p>Quoted words.</p></blockquote>',
  '<p><code class="math display">\\int_0^1 x^2 dx = \\tfrac13</code></p>',
  '<p><span class="image">A diagram <a class="link" role="link" tabindex="0" data-href="https://img.example">img.example</a></span></p>',
  code(
    'rust',
    '<span class="tok-comment">// A comment</span>\n<span class="tok-keyword">fn</span> <span class="tok-function">main</span>() { <span class="tok-type">Vec</span>::&lt;<span class="tok-type">u8</span>&gt;::new(); <span class="tok-keyword">let</span> x = <span class="tok-number">42</span>; <span class="hidden-char" title="U+202E"></span> }',
  ),
  '<hr>',
  '<div class="note" data-note="1"><span class="note-number">1</span><p>Page 4 of the report.</p></div>',
];

export const answer = (change: Partial<MessageMeta>, body: Partial<Message> = {}): Message => ({
  meta: meta({ id: 'a1', ...change }),
  text: '',
  blocks: BLOCKS,
  tail: '',
  line: '',
  reasoning:
    'The report gives margin by region. Compare quarter over quarter, then attribute the change.\n\nFreight first.',
  ...body,
});

const QUESTION = user('u1', 'Summarise the margin change and give me a query to check it.');
const NONE = {
  provider: null,
  tokensOut: null,
  tokensPerSecond: null,
  costUsd: null,
  firstTokenMs: null,
  tookMs: null,
  thoughtMs: null,
  siblings: 1,
  sibling: 0,
};

export const options: Options = {
  system: 'Answer for a finance team. Short sentences, figures first.',
  temperature: null,
  topP: null,
  maxTokens: null,
  thinking: { kind: 'effort', effort: 'medium' },
  stop: [],
  seed: null,
  routing: ANY,
  pdf: null,
  web: { on: false, engine: null, results: null, only: [], never: [] },
};

export const none: Options = {
  system: null,
  temperature: null,
  topP: null,
  maxTokens: null,
  thinking: null,
  stop: [],
  seed: null,
  routing: ANY,
  pdf: null,
  web: { on: false, engine: null, results: null, only: [], never: [] },
};

export const personas: Persona[] = [
  { id: 'p1', name: 'Finance', model: SONNET, options },
  {
    id: 'p2',
    name: 'Editor',
    model: null,
    options: { ...none, system: 'Correct spelling and style. Keep the voice.' },
  },
];

const citation = (number: number, url: string, title: string, excerpt: string) => ({
  number,
  url,
  title,
  excerpt,
});

const CITED: Message = answer(
  {
    citations: [
      citation(
        1,
        'https://www.example.com/report',
        'Third quarter report',
        'Freight rose by 1.6 points, driven by duties.',
      ),
      citation(2, 'https://news.example.org/discounts', 'Discounts bite into margins', 'Discounts above 15 % doubled.'),
    ],
  },
  {
    blocks: [
      '<p>Freight explains <a class="link" role="link" tabindex="0" data-href="https://www.example.com/report">most of it</a>; <a class="link" role="link" tabindex="0" data-href="https://news.example.org/discounts">discounts</a> the rest.</p>',
    ],
  },
);

export function thread(screen: string): Thread {
  const shown: Record<string, Message[]> = {
    stream: [QUESTION, answer({ ...NONE, status: 'streaming' }, { blocks: [], reasoning: '' })],
    waitanswer: [QUESTION, answer({ ...NONE, status: 'waiting' }, { blocks: [], reasoning: '' })],
    thinking: [QUESTION, answer({ ...NONE, status: 'streaming' }, { blocks: [] })],
    failed: [
      QUESTION,
      answer(
        {
          ...NONE,
          status: 'failed',
          problem: problem('wait', 'Too many requests for this model just now.', '{"error":{"code":429}}', 24_000),
        },
        { blocks: [], reasoning: '' },
      ),
    ],
    topup: [
      QUESTION,
      answer({
        ...NONE,
        status: 'interrupted',
        problem: problem('topUp', 'Your credits are used up. Add some, then ask again.', 'HTTP 402'),
      }),
    ],
    stopped: [
      QUESTION,
      answer({
        ...NONE,
        status: 'stopped',
        unfinished: 'stopped',
        costPending: true,
        tokensOut: 212,
        notes: [{ kind: 'billing', text: 'This provider stops billing when an answer is stopped.' }],
      }),
    ],
    retrying: [
      QUESTION,
      answer(
        {
          ...NONE,
          status: 'waiting',
          retrying: { atMs: now + 12_000, attempt: 2, of: 4, reason: 'The provider is overloaded.' },
        },
        { blocks: [], reasoning: '' },
      ),
    ],
    cited: [QUESTION, CITED, user('u2', 'And the outlook?'), answer({ id: 'a2' })],
    attached: [
      {
        ...QUESTION,
        meta: {
          ...QUESTION.meta,
          attachments: [
            REPORT,
            file('f2', 'harbour at dusk.jpg', { kind: 'image', pixels: [2048, 1365], pictured: true }),
          ],
        },
      },
      answer({ searches: 2, searchCostUsd: 0.04 }),
    ],
    drawn: [QUESTION, answer({ ...NONE, attachments: [DRAWN], costUsd: 0.0391 }, { reasoning: '' })],
    edit: [QUESTION, answer({}), user('u2', 'And the outlook?'), answer({ id: 'a2' })],
    pasted: [user('u1', `Why?\n\n\`\`\`pasted\n${'a line of a log\n'.repeat(60)}\n\`\`\``), answer({})],
    tour: [QUESTION, answer({}, { blocks: TOUR })],
    link: [QUESTION, answer({}, { blocks: TOUR })],
  };
  const messages = shown[screen] ?? [QUESTION, answer({})];
  return {
    conversation: conversations[0]!,
    options,
    messages,
    older: false,
    newer: false,
    running: runs(messages),
    seq: 0,
  };
}

const runs = (messages: Message[]) =>
  messages.find((m) => m.meta.status === 'streaming' || m.meta.status === 'waiting')?.meta.id ?? null;

const exchanges = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => [
    user(`u${from + at}`, `Question ${from + at}: ${'and what about this? '.repeat((from + at) % 7)}`),
    answer({ id: `a${from + at}` }, { blocks: [...BLOCKS, ...TOUR] }),
  ]).flat();

let first = 1_000;

export const longThread: Thread = {
  conversation: conversations[0]!,
  options,
  messages: exchanges(first, 20),
  older: true,
  newer: false,
  running: null,
  seq: 0,
};

export function olderPage() {
  first -= 20;
  return { messages: exchanges(first, 20), older: first > 0, newer: true };
}

export function findIn({ messages }: Thread, words: string): Found {
  const text = (m: Message) => (m.text + m.blocks.join(' ')).replace(/<[^>]*>/g, '');
  const count = (text: string) => text.toLowerCase().split(words.toLowerCase()).length - 1;
  const hits = messages.map((m) => ({ message: m.meta.id, thoughts: count(m.reasoning), times: count(text(m)) }));
  return { hits: hits.filter((hit) => hit.thoughts + hit.times > 0), more: false };
}

export const STREAM: Op[] = [
  ...['Gross', 'Gross margin', 'Gross margin fell <strong>2.4 points</strong>.'].map((t): Op => ({
    op: 'tail',
    html: `<p>${t}</p>`,
  })),
  { op: 'sealTail' },
  { op: 'tail', html: code('sql', '') },
  ...SQL.split('\n').map((line): Op => ({ op: 'tailAppend', html: `${line}\n`, line: '' })),
  { op: 'sealTail' },
  ...Array.from({ length: 30 }, (_, at): Op[] => [
    { op: 'tail', html: `<p>Paragraph ${at} begins</p>` },
    { op: 'seal', html: `<p>Paragraph ${at} begins and ends here, after a few words more.</p>` },
  ]).flat(),
];

const families: [string, string, string, number, number, number][] = [
  ['anthropic', 'Anthropic', 'Claude Sonnet 4.6', 1_000_000, 3, 15],
  ['anthropic', 'Anthropic', 'Claude Sonnet 4.5', 1_000_000, 3, 15],
  ['anthropic', 'Anthropic', 'Claude Sonnet 4', 1_000_000, 3, 15],
  ['anthropic', 'Anthropic', 'Claude 3.7 Sonnet', 200_000, 3, 15],
  ['anthropic', 'Anthropic', 'Claude 3.5 Sonnet', 200_000, 6, 30],
  ['openai', 'OpenAI', 'GPT-5.2', 400_000, 1.25, 10],
  ['google', 'Google', 'Gemini 3 Pro', 1_048_576, 2, 12],
  ['example', 'Example', 'Sonnet-style merge 24B', 32_768, 0, 0],
];

const model = ([slug, author, name, context, inputPrice, outputPrice]: (typeof families)[number]): Model => ({
  id: `${slug}/${name.toLowerCase().replaceAll(' ', '-')}${inputPrice === 0 ? ':free' : ''}`,
  name,
  author,
  description: 'Balanced model for coding, analysis and long documents.',
  context,
  longestAnswer: 64_000,
  inputPrice,
  outputPrice,
  cachedPrice: inputPrice / 10,
  otherPrices: slug === 'openai' ? [{ name: 'A web search', usd: 0.01, perMillion: false }] : [],
  tiers: slug === 'google' ? [{ from: 200_000, inputPrice: inputPrice * 2, outputPrice: outputPrice * 1.5 }] : [],
  free: inputPrice === 0,
  images: context > 100_000,
  files: slug === 'anthropic',
  audio: slug === 'google',
  video: false,
  draws: false,
  thinks: context > 300_000,
  tools: true,
  supports: {
    temperature: true,
    topP: true,
    maxTokens: true,
    stop: true,
    seed: slug === 'openai',
    efforts: context > 300_000 ? ['low', 'medium', 'high'] : [],
    budget: slug === 'anthropic' && context > 300_000,
    off: context > 300_000,
  },
  usualEffort: context > 300_000 ? 'medium' : null,
  parameters: ['max_tokens', 'reasoning', 'stop', 'temperature', 'tools', 'top_p'],
  moderated: slug === 'openai',
  private: slug === 'anthropic' || slug === 'google',
  barred: slug === 'lab3',
  standsFor: null,
  cutoff: slug === 'anthropic' ? '2026-03-31' : null,
  createdMs: now - (inputPrice === 3 && name.endsWith('4.6') ? 5 : 300) * 24 * HOUR,
  expires: name === 'Claude Sonnet 4' ? new Date(now + 30 * 24 * HOUR).toISOString().slice(0, 10) : null,
  goneMs: null,
});

const provider = (name: string, slug: string, inputPrice: number, change: Partial<Provider> = {}): Provider => ({
  name,
  slug,
  inputPrice,
  outputPrice: inputPrice * 5,
  context: 1_000_000,
  longestAnswer: 64_000,
  quantization: null,
  uptime: 99.8,
  latency: 0.9,
  throughput: 71,
  private: true,
  unwell: false,
  ...change,
});

export const providers: Provider[] = [
  provider('Anthropic', 'anthropic', 3),
  provider('Amazon Bedrock', 'amazon-bedrock', 3, { throughput: 62, latency: 1.4, private: true }),
  provider('ExampleCo', 'exampleco', 2.7, { quantization: 'fp8', private: false, uptime: 93.1, unwell: true }),
];

export const models: Model[] = [
  ...families,
  ...Array.from({ length: 640 }, (_, at): (typeof families)[number] => [
    `lab${at % 23}`,
    `Lab ${at % 23}`,
    `Model ${at} ${['Large', 'Small', 'Coder', 'Vision'][at % 4]}`,
    [32_768, 131_072, 262_144][at % 3]!,
    (at % 9) * 0.15,
    (at % 9) * 0.6,
  ]),
].map(model);

/** What a search finds. */
export function searched(text: string): SearchResult {
  const cut = (said: string): FoundPiece[] => {
    const at = said.toLowerCase().indexOf(text.toLowerCase());
    if (at < 0) return [{ text: said, hit: false }];
    const end = at + text.length;
    return [
      { text: said.slice(0, at), hit: false },
      { text: said.slice(at, end), hit: true },
      { text: said.slice(end), hit: false },
    ].filter((piece) => piece.text !== '');
  };
  const said = [
    '…Gross margin fell 2.4 points, from 61.8 % to 59.4 %. Freight explains most of it; discounting explains the rest. The table below has the drivers with their effect on the margin, and the pages of the report…',
    'Summarise the margin change and give me a query to check it.',
    '…select region, sum(net) / sum(gross) as margin from orders where quarter = …',
    'And what would the margin be without the two large orders in September?',
  ];
  return {
    words: [text],
    strange: text.includes('has:wings') ? ['has:wings'] : [],
    conversations: conversations.slice(0, 1).map((c) => ({ conversation: c, title: cut(c.title) })),
    messages: said.map((excerpt, n) => ({
      message: `m${n}`,
      conversation: `c${n}`,
      title: titles[n]![0],
      role: n % 2 === 0 ? ('assistant' as const) : ('user' as const),
      model: SONNET,
      createdMs: now - (n * 30 + 1) * HOUR,
      excerpt: cut(excerpt),
    })),
    older: 77,
  };
}

/** What stands in the other lists. */
export function filed(kind: string): Conversation[] {
  const of = (at: number, change: Partial<Conversation>) => ({ ...conversations[at]!, id: `${kind}${at}`, ...change });
  if (kind === 'folder') return [of(3, { folder: 'f1' }), of(4, { folder: 'f1' })];
  if (kind === 'archive') return [2, 6, 9].map((at) => of(at, { archived: true }));
  return [7, 8].map((at) => of(at, { deletedMs: now - at * HOUR }));
}
