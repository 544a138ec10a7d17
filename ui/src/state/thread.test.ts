import { expect, it, vi } from 'vitest';
import type { Change, Message, MessageMeta, Op, Problem, Thread, ThreadEvent } from '../bindings/wire';
import { GROUP, MessageState } from './message.svelte';
import { ThreadState } from './thread.svelte';

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
  thoughtMs: null,
  problem: null,
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
  reasoning: '',
  ...change,
});
const conversation = { id: 'c', title: 'C', model: 'lab/one', updatedMs: 1, costUsd: 0, answering: true };
const thread = (messages: Message[], seq = 0): Thread => ({ conversation, messages, seq });
const blocks = (m: MessageState) => m.groups.flatMap((g) => g.blocks);

/** A core that answers when told to, and whose channels stay open. */
class Core {
  asked: { heard: (event: ThreadEvent) => void; answer: (thread: Thread) => void; fail: (problem: Problem) => void }[] =
    [];
  closed = 0;
  open = (_: string, heard: (event: ThreadEvent) => void) =>
    new Promise<Thread>((answer, fail) => this.asked.push({ heard, answer, fail }));
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

async function opened(messages: Message[] = [message()], seq = 0, now = () => 0) {
  const core = new Core();
  const state = new ThreadState(core, now);
  const done = state.open('c');
  core.last.answer(thread(messages, seq));
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

it('what is appended to code goes inside it when the block is sealed', async () => {
  const { core, first } = await opened();
  core.patch(1, { op: 'tail', html: '<pre><code>a\n</code></pre>' });
  core.patch(2, { op: 'tailAppend', html: 'b\n' }, { op: 'tailAppend', html: 'c\n' });
  expect(first().tail.html).toBe('<pre><code>a\n</code></pre>');
  core.patch(3, { op: 'sealTail' });
  expect(blocks(first())).toEqual(['<pre><code>a\nb\nc\n</code></pre>']);
});

it('sealed blocks are grouped by forty', () => {
  const m = new MessageState(message({ blocks: Array.from({ length: GROUP + 1 }, (_, n) => `<p>${n}</p>`) }));
  expect(m.groups.map((g) => g.blocks.length)).toEqual([GROUP, 1]);
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
