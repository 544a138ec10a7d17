import { expect, it } from 'vitest';
import type { Change, Comparison, Message, MessageMeta, ThreadEvent } from '../bindings/wire';
import { NONE } from '../lib/options';
import { CompareState } from './compare.svelte';

const meta = (id: string, change: Partial<MessageMeta> = {}) =>
  ({ id, role: 'assistant', status: 'streaming', problem: null, ...change }) as MessageMeta;
const message = (id: string, change: Partial<MessageMeta> = {}): Message => ({
  meta: meta(id, change),
  text: '',
  blocks: [],
  tail: '',
  line: '',
  reasoning: '',
});

function setup() {
  const opened: ((event: ThreadEvent) => void)[] = [];
  let seq = 0;
  let now = 0;
  const comparison = (): Comparison => ({
    conversation: { id: 'c', comparing: true } as Comparison['conversation'],
    options: NONE,
    blind: false,
    columns: ['a', 'b'].map((name, place) => ({
      place,
      model: name,
      name,
      messages: [message('q', { role: 'user', status: 'done' }), message(`answer-${name}`)],
      older: false,
    })),
    seq: 0,
  });
  const state = new CompareState(
    (_, heard) => {
      opened.push(heard);
      seq = 0;
      return Promise.resolve(comparison());
    },
    () => now,
  );
  const tell = (change: Change, skip = 0) => opened.at(-1)?.({ seq: (seq += 1 + skip), change });
  return { state, opened, tell, pass: (ms: number) => (now += ms) };
}

const tail = (message: string, html: string): Change => ({ kind: 'patch', message, ops: [{ op: 'tail', html }] });

it('each answer grows in its own column, and ends by itself', async () => {
  const { state, tell } = setup();
  await state.open('c');
  expect(state.running.map((m) => m.meta.id)).toEqual(['answer-a', 'answer-b']);
  tell(tail('answer-b', '<p>B</p>'));
  expect(state.columns.map((c) => c.answer?.tail.html)).toEqual(['', '<p>B</p>']);
  tell({ kind: 'meta', meta: meta('answer-b', { status: 'stopped' }) });
  expect(state.running.map((m) => m.meta.id)).toEqual(['answer-a']);
  expect(state.announcement).toBe('1 still answering');
  tell({ kind: 'meta', meta: meta('answer-a', { status: 'done' }) });
  expect(state.announcement).toBe('All answers are complete');
});

it('what is lost is asked for again, and what was drawn stays', async () => {
  const { state, opened, tell } = setup();
  await state.open('c');
  const drawn = state.columns[0]?.answer;
  tell(tail('answer-a', '<p>A</p>'), 1);
  await Promise.resolve();
  await Promise.resolve();
  expect(opened.length).toBe(2);
  expect(state.columns[0]?.answer).toBe(drawn);
});

it('an answer that is silent for long is asked about', async () => {
  const { state, opened, pass } = setup();
  await state.open('c');
  pass(9_999);
  await state.watch();
  expect(opened.length).toBe(1);
  pass(1);
  await state.watch();
  expect(opened.length).toBe(2);
});

it('what an older opening still says is not heard', async () => {
  const { state, opened } = setup();
  await state.open('c');
  const old = opened[0];
  await state.open('d');
  old?.({ seq: 1, change: tail('answer-a', '<p>late</p>') });
  expect(state.columns[0]?.answer?.tail.html).toBe('');
});
