import { expect, it, vi } from 'vitest';
import type {
  Change,
  Message,
  MessageMeta,
  Op,
  Problem,
  Span,
  Thread,
  ThreadEvent,
  ThreadPage,
  ThreadPlace,
} from '../bindings/wire';
import { NONE } from '../lib/options';
import { CHAPTER, GROUP, GROUP_HTML, MessageState } from './message.svelte';
import { KEPT, ThreadState } from './thread.svelte';

const meta = (change: Partial<MessageMeta> = {}): MessageMeta => ({
  id: 'a',
  role: 'assistant',
  status: 'streaming',
  model: 'lab/one',
  modelName: 'One',
  provider: null,
  tokensIn: null,
  tokensOut: null,
  tokensPerSecond: null,
  costUsd: null,
  costPending: false,
  firstTokenMs: null,
  tookMs: null,
  thoughtMs: null,
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
  sibling: 0,
  siblings: 1,
  createdMs: 1,
  ...change,
});
const message = (change: Partial<Message> = {}, about: Partial<MessageMeta> = {}): Message => ({
  meta: meta(about),
  text: '',
  blocks: [],
  tail: '',
  line: '',
  reasoning: '',
  ...change,
});
const conversation = {
  id: 'c',
  title: 'C',
  model: 'lab/one',
  updatedMs: 1,
  costUsd: 0,
  answering: true,
  pinned: false,
  folder: null,
  archived: false,
  deletedMs: null,
  temporary: false,
  comparing: false,
};
const thread = (messages: Message[], seq = 0, more: Partial<Thread> = {}): Thread => ({
  conversation,
  options: NONE,
  messages,
  older: false,
  newer: false,
  running: messages.findLast((m) => m.meta.status === 'streaming')?.meta.id ?? null,
  seq,
  ...more,
});
const blocks = (m: MessageState) => m.groups().flatMap((g) => g.blocks);

/** A core that answers when told to, and whose channels stay open. */
class Core {
  asked: {
    span: Span | null;
    heard: (event: ThreadEvent) => void;
    answer: (thread: Thread) => void;
    fail: (problem: Problem) => void;
  }[] = [];
  turned: { place: ThreadPlace; answer: (page: ThreadPage) => void; fail: () => void }[] = [];
  closed = 0;
  open = (_: string, span: Span | null, heard: (event: ThreadEvent) => void) =>
    new Promise<Thread>((answer, fail) => this.asked.push({ span, heard, answer, fail }));
  page = (_: string, place: ThreadPlace) =>
    new Promise<ThreadPage>((answer, fail) => this.turned.push({ place, answer, fail: () => fail(new Error()) }));
  close = async () => {
    this.closed += 1;
  };
  get last() {
    return this.asked.at(-1)!;
  }
  say(seq: number, change: Change) {
    this.last.heard({ seq, change });
  }
  patch(seq: number, ...ops: Op[]) {
    this.say(seq, { kind: 'patch', message: 'a', ops });
  }
}

async function opened(messages: Message[] = [message()], seq = 0, now = () => 0, more: Partial<Thread> = {}) {
  const core = new Core();
  const state = new ThreadState(core, now);
  const done = state.open('c');
  core.last.answer(thread(messages, seq, more));
  await done;
  return { core, state, first: () => state.messages[0]! };
}
const settled = () => new Promise<void>((done) => setTimeout(done));

it('a message grows by its steps, and what is sealed stays', async () => {
  const { core, first } = await opened();
  core.patch(1, { op: 'reasoning', text: 'Hm' }, { op: 'reasoning', text: 'm.' });
  core.patch(2, { op: 'tail', html: '<p>On' }, { op: 'tail', html: '<p>One</p>' }, { op: 'sealTail' });
  core.patch(3, { op: 'tail', html: '<p>x</p>' }, { op: 'seal', html: '<p>Two</p>' });
  expect(blocks(first())).toEqual(['<p>One</p>', '<p>Two</p>']);
  expect([first().tail.html, first().reasoning]).toEqual(['', 'Hmm.']);
});

it('the marks of sources come into what is sealed, also when they were missed', async () => {
  const { core, first } = await opened([message({ blocks: Array.from({ length: GROUP + 2 }, () => 'plain') })]);
  const marked = () => blocks(first()).flatMap((html, at) => (html === 'plain' ? [] : [[at, html]]));
  core.patch(1, { op: 'mark', block: 1, html: 'one' }, { op: 'mark', block: GROUP, html: 'two' });
  core.patch(2, { op: 'mark', block: 999, html: 'nowhere' });
  expect(marked()).toEqual([
    [1, 'one'],
    [GROUP, 'two'],
  ]);
  core.say(4, { kind: 'reload' });
  const healed = Array.from({ length: GROUP + 2 }, (_, at) => (at === 0 ? 'three' : 'plain'));
  core.last.answer(thread([message({ blocks: healed })], 4));
  await settled();
  expect(marked()).toEqual([[0, 'three']]);
});

it('an unfinished line of code comes with the thread and goes with what follows', async () => {
  const code = '<pre><code></code></pre>';
  const { core, first } = await opened([message({ tail: code, line: 'le' })]);
  expect(first().tail.line).toBe('le');
  core.patch(1, { op: 'tailAppend', html: '', line: 'let' });
  expect([first().tail.line, first().tail.more.length]).toEqual(['let', 0]);
  core.patch(2, { op: 'sealTail' });
  expect([blocks(first()), first().tail.line]).toEqual([[code], '']);
});

it('what is appended to code goes inside it when the block is sealed', async () => {
  const { core, first } = await opened();
  core.patch(1, { op: 'tail', html: '<pre><code>a\n</code></pre>' });
  core.patch(2, { op: 'tailAppend', html: 'b\n', line: '' }, { op: 'tailAppend', html: 'c\n', line: '' });
  expect(first().tail.html).toBe('<pre><code>a\n</code></pre>');
  core.patch(3, { op: 'sealTail' });
  expect(blocks(first())).toEqual(['<pre><code>a\nb\nc\n</code></pre>']);
});

it('sealed blocks are grouped by forty or by the length of their HTML, and what is full stays as it is', () => {
  const m = new MessageState(message({ blocks: Array.from({ length: GROUP + 1 }, (_, n) => `<p>${n}</p>`) }));
  expect(m.groups().map((g) => [g.blocks.length, g.full])).toEqual([
    [GROUP, true],
    [1, false],
  ]);
  const long = 'x'.repeat(GROUP_HTML);
  m.apply({ op: 'seal', html: long });
  m.apply({ op: 'seal', html: long });
  expect(m.groups().map((g) => [g.blocks.length, g.full])).toEqual([
    [GROUP, true],
    [2, true],
    [1, true],
  ]);
});

it('sixteen full groups are a chapter, and what is full stays as it is', () => {
  const long = 'x'.repeat(GROUP_HTML);
  const m = new MessageState(message({ blocks: Array.from({ length: CHAPTER }, () => long) }));
  expect(m.chapters.map((c) => [c.groups.length, c.full])).toEqual([[CHAPTER, true]]);
  const [first] = m.chapters;
  m.apply({ op: 'seal', html: '<p>1</p>' });
  expect(m.chapters.map((c) => [c.groups.length, c.full])).toEqual([
    [CHAPTER, true],
    [1, false],
  ]);
  expect(m.chapters[0]).toBe(first);
  for (let n = 1; n < GROUP; n += 1) m.apply({ op: 'seal', html: '<p>n</p>' });
  expect(m.chapters.map((c) => c.groups.length)).toEqual([CHAPTER, 1]);
});

it('a gap in the numbers asks for everything again, once, and goes on from there', async () => {
  const { core, state, first } = await opened();
  core.patch(1, { op: 'seal', html: 'one' });
  const kept = first();
  core.patch(3, { op: 'seal', html: 'three' });
  core.say(4, { kind: 'reload' });
  expect(core.asked.length, 'one request in flight').toBe(2);

  core.patch(4, { op: 'seal', html: 'four' });
  core.patch(5, { op: 'seal', html: 'five' });
  core.last.answer(thread([message({ blocks: ['one', 'two', 'three', 'four'] })], 4));
  await settled();
  expect(blocks(first()), 'what the snapshot held is not applied twice').toEqual([
    'one',
    'two',
    'three',
    'four',
    'five',
  ]);
  expect(first(), 'what was drawn stays').toBe(kept);
  expect(state.problem).toBeNull();
});

it('what the old channel still says after a new opening is not heard', async () => {
  const { core, first } = await opened();
  const old = core.last;
  core.say(1, { kind: 'reload' });
  core.last.answer(thread([message({ blocks: ['new'] })], 0));
  await settled();
  old.heard({ seq: 1, change: { kind: 'patch', message: 'a', ops: [{ op: 'seal', html: 'stale' }] } });
  expect(blocks(first())).toEqual(['new']);
});

it('a gap among the early events asks again', async () => {
  const core = new Core();
  const state = new ThreadState(core);
  const done = state.open('c');
  core.patch(7, { op: 'seal', html: 'late' });
  core.last.answer(thread([message()], 5));
  await done;
  expect(core.asked.length).toBe(2);
});

it('an answer for a conversation that was left is thrown away', async () => {
  const core = new Core();
  const state = new ThreadState(core);
  const first = state.open('c');
  const slow = core.last;
  const second = state.open('d');
  core.last.answer(thread([message({}, { id: 'd1' })]));
  slow.answer(thread([message({}, { id: 'c1' })]));
  await Promise.all([first, second]);
  expect(state.messages.map((m) => m.meta.id)).toEqual(['d1']);
});

it('another branch replaces the messages that are not on it', async () => {
  const { core, state, first } = await opened([message({}, { id: 'u', role: 'user' }), message()]);
  const kept = first();
  core.say(1, { kind: 'reload' });
  core.last.answer(thread([message({}, { id: 'u', role: 'user' }), message({}, { id: 'b' })], 1));
  await settled();
  expect(state.messages.map((m) => m.meta.id)).toEqual(['u', 'b']);
  expect(first()).toBe(kept);
});

it('a failed opening is told and can be tried again', async () => {
  const core = new Core();
  const state = new ThreadState(core);
  const done = state.open('c');
  const problem: Problem = { code: 'again', message: 'No.', detail: null, retryAfterMs: null };
  core.last.fail(problem);
  await done;
  expect([state.problem, state.loading]).toEqual([problem, false]);
  const again = state.reload();
  core.last.answer(thread([message()]));
  await again;
  expect([state.problem, state.messages.length]).toEqual([null, 1]);
});

it('leaving closes the thread in the core', async () => {
  const { core, state } = await opened();
  await state.open(null);
  expect([core.closed, state.messages.length, state.id]).toEqual([1, 0, null]);
});

it('an answer that falls silent is asked about, a finished one is not', async () => {
  let now = 0;
  const { core, state } = await opened([message()], 0, () => now);
  now = 9_000;
  await state.watch();
  expect(core.asked.length).toBe(1);
  now = 10_000;
  const asking = state.watch();
  expect(core.asked.length).toBe(2);
  core.last.answer(thread([message({}, { status: 'done' })], 9));
  await asking;
  now = 99_000;
  await state.watch();
  expect(core.asked.length).toBe(2);
  expect(state.announcement, 'a reader hears of it also when the news came late').toBe('Answer complete');
});

it('the end of an answer is announced, and counts from when the problem was seen', async () => {
  const now = vi.fn(() => 500);
  const { core, state, first } = await opened([message()], 0, now);
  expect(state.answering).toBe(first());
  const problem: Problem = { code: 'wait', message: 'Wait.', detail: null, retryAfterMs: 9 };
  core.say(1, { kind: 'meta', meta: meta({ status: 'failed', problem }) });
  expect([state.announcement, first().problemMs, state.answering]).toEqual(['No answer', 500, null]);
});

const done = (id: string): Message => message({}, { id, status: 'done' });
const run = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => done(`m${from + at}`));
const ids = (state: ThreadState) => state.messages.map((m) => m.meta.id);
const page = (messages: Message[], seq = 0, more: Partial<ThreadPage> = {}): ThreadPage => ({
  messages,
  older: true,
  newer: true,
  seq,
  ...more,
});

it('older messages come in above, once at a time, until there are none', async () => {
  const { core, state, first } = await opened(run(41, 80), 0, undefined, { older: true });
  const kept = first();
  const asking = state.more('older');
  void state.more('older');
  expect([core.turned.length, state.turning]).toEqual([1, 'older']);
  expect(core.turned[0]!.place).toEqual({ kind: 'before', message: 'm41' });
  core.turned[0]!.answer(page(run(1, 40), 0, { older: false }));
  await asking;
  expect([state.messages.length, ids(state)[0], state.older, state.turning]).toEqual([80, 'm1', false, null]);
  expect(state.messages[40]).toBe(kept);
  await state.more('older');
  expect(core.turned.length).toBe(1);
});

it('what comes in on one side goes out on the other', async () => {
  const { core, state } = await opened(run(1, KEPT), 0, undefined, { older: true });
  let asking = state.more('older');
  core.turned[0]!.answer(page(run(-39, 0)));
  await asking;
  expect([state.messages.length, ids(state)[0], ids(state).at(-1)]).toEqual([KEPT, 'm-39', `m${KEPT - 40}`]);
  expect([state.older, state.newer]).toEqual([true, true]);

  asking = state.more('newer');
  expect(core.turned[1]!.place).toEqual({ kind: 'after', message: `m${KEPT - 40}` });
  core.turned[1]!.answer(page(run(KEPT - 39, KEPT), 0, { newer: false }));
  await asking;
  expect([ids(state)[0], ids(state).at(-1), state.older, state.newer]).toEqual(['m1', `m${KEPT}`, true, false]);
});

it('a page that was read later than this window has heard waits for what it misses', async () => {
  const { core, state, first } = await opened([message()], 0, undefined, { older: true });
  const asking = state.more('older');
  core.turned[0]!.answer(page([done('m0')], 2));
  await asking;
  expect(ids(state)).toEqual(['a']);
  core.patch(1, { op: 'seal', html: 'one' });
  expect(ids(state)).toEqual(['a']);
  core.patch(2, { op: 'seal', html: 'two' });
  expect([ids(state), blocks(first()).length]).toEqual([['m0', 'a'], 0]);
  expect(blocks(state.messages[1]!)).toEqual(['one', 'two']);
});

it('what happened after a page was read happens to its messages, and nothing twice', async () => {
  const { core, state } = await opened([done('m1')], 0, undefined, { newer: true, running: 'a' });
  const asking = state.more('newer');
  core.patch(1, { op: 'seal', html: 'one' });
  core.patch(2, { op: 'seal', html: 'two' });
  core.say(3, { kind: 'meta', meta: meta({ status: 'done', costUsd: 1 }) });
  core.turned[0]!.answer(page([message({ blocks: ['one'] })], 1, { newer: false }));
  await asking;
  const answer = state.messages[1]!;
  expect([blocks(answer), answer.meta.costUsd, state.running]).toEqual([['one', 'two'], 1, null]);
});

it('a message added while the last page was on its way comes after it', async () => {
  const { core, state } = await opened([done('m1')], 0, undefined, { newer: true });
  const asking = state.more('newer');
  core.say(1, { kind: 'added', message: done('m3') });
  core.turned[0]!.answer(page([done('m2')], 0, { newer: false }));
  await asking;
  expect([ids(state), state.newer]).toEqual([['m1', 'm2', 'm3'], false]);
});

it('an answer out of sight runs and ends all the same', async () => {
  const { core, state } = await opened(run(1, 3), 0, undefined, { newer: true });
  core.say(1, { kind: 'added', message: message({}, { id: 'q', role: 'user', status: 'done' }) });
  core.say(2, { kind: 'added', message: message() });
  core.patch(3, { op: 'seal', html: 'one' });
  expect([ids(state), state.running, state.answering]).toEqual([['m1', 'm2', 'm3'], 'a', null]);
  core.say(4, { kind: 'meta', meta: meta({ status: 'done' }) });
  expect([state.running, state.announcement]).toEqual([null, 'Answer complete']);
});

it('a page that misses what it follows for long heals by asking anew', async () => {
  let now = 0;
  const { core, state } = await opened([done('m1')], 0, () => now, { older: true });
  const asking = state.more('older');
  core.turned[0]!.answer(page([done('m0')], 5));
  await asking;
  now = 1_999;
  await state.watch();
  expect(core.asked.length).toBe(1);
  now = 2_000;
  void state.watch();
  expect(core.asked.length).toBe(2);
  core.last.answer(thread([done('m1')], 5, { older: true }));
  await settled();
  void state.more('older');
  expect(core.turned.length, 'and the page can be asked for again').toBe(2);
});

it('a page that cannot be had asks for the thread, whose branch may be another', async () => {
  const { core, state } = await opened([done('m1')], 0, undefined, { older: true });
  void state.more('older');
  core.turned[0]!.fail();
  await settled();
  core.last.answer(thread([done('n1')]));
  await settled();
  expect([ids(state), state.turning]).toEqual([['n1'], null]);
});

it('a page of a conversation that was left is thrown away', async () => {
  const { core, state } = await opened([done('m1')], 0, undefined, { older: true });
  const asking = state.more('older');
  const opening = state.open('d');
  core.last.answer(thread([done('d1')]));
  await opening;
  core.turned[0]!.answer(page([done('m0')]));
  await asking;
  expect(ids(state)).toEqual(['d1']);
});

it('who reads in the middle keeps what they see when it is asked for anew; who reads the end gets the end', async () => {
  const { core, state } = await opened(run(1, 3), 0, undefined, { older: true });
  core.say(1, { kind: 'reload' });
  expect(core.last.span).toBeNull();
  core.last.answer(thread(run(1, 3), 0, { older: true }));
  await settled();
  state.atEnd = false;
  core.say(1, { kind: 'reload' });
  expect(core.last.span).toEqual({ from: 'm1', count: 3 });
});

it('a message that is far away is reached, and one that is there needs no asking', async () => {
  const { core, state } = await opened(run(1, 3), 0, undefined, { older: true });
  expect([await state.reach('m2'), core.asked.length]).toEqual([true, 1]);
  const reaching = state.reach('far');
  expect(core.last.span).toEqual({ from: 'far', count: 40 });
  core.last.answer(thread([done('far'), done('far2')], 0, { older: true, newer: true }));
  expect([await reaching, state.atEnd, ids(state)]).toEqual([true, false, ['far', 'far2']]);

  const ending = state.reachEnd();
  expect(core.last.span).toBeNull();
  core.last.answer(thread(run(1, 3), 0, { older: true }));
  await ending;
  expect([ids(state), state.atEnd, state.newer]).toEqual([['m1', 'm2', 'm3'], true, false]);
});

it('a message that is on no shown branch is not reached', async () => {
  const { core, state } = await opened(run(1, 3));
  const reaching = state.reach('gone');
  core.last.answer(thread(run(1, 3)));
  expect(await reaching).toBe(false);
});

it('how the next question is asked is part of the thread', async () => {
  const { core, state } = await opened();
  expect(state.options).toEqual(NONE);
  core.say(1, { kind: 'options', options: { ...NONE, temperature: 1 } });
  expect(state.options?.temperature).toBe(1);
});

it('reasoning counts from its first word', async () => {
  let now = 5_000;
  const { core, first } = await opened([message()], 0, () => now);
  core.patch(1, { op: 'reasoning', text: 'Hm' });
  now = 9_000;
  core.patch(2, { op: 'reasoning', text: 'm.' });
  expect(first().thinkingMs).toBe(5_000);
});
