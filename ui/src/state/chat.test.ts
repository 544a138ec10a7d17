import { beforeEach, expect, it, vi } from 'vitest';
import type { Conversation, Thread } from '../bindings/wire';

const core = vi.hoisted(() => ({
  send: vi.fn(),
  retry: vi.fn(),
  stop: vi.fn(),
  threadOpen: vi.fn(),
  threadPage: vi.fn(),
  threadFind: vi.fn(),
  threadClose: vi.fn(),
  draftGet: vi.fn(),
  draftSet: vi.fn(),
  settingsSet: vi.fn(),
  conversationSetModel: vi.fn(),
  conversationDelete: vi.fn(),
  conversationRestore: vi.fn(),
  appSnapshot: vi.fn(),
}));
vi.mock('../host/commands', () => core);

const { App } = await import('./app.svelte');
const { Chat } = await import('./chat.svelte');
const { toasts } = await import('./toasts.svelte');

const conversation = (id: string): Conversation => ({
  id,
  title: id,
  model: 'lab/one',
  updatedMs: 1,
  costUsd: 0,
  answering: false,
});

let chat: InstanceType<typeof Chat>;

beforeEach(() => {
  vi.resetAllMocks();
  core.threadOpen.mockImplementation(async (id: string): Promise<Thread> => ({
    conversation: conversation(id),
    options: { system: null, temperature: null, topP: null, maxTokens: null, thinking: null, stop: [], seed: null },
    messages: [],
    older: false,
    newer: false,
    running: null,
    seq: 0,
  }));
  for (const quiet of [
    core.threadClose,
    core.draftSet,
    core.conversationSetModel,
    core.conversationDelete,
    core.retry,
  ]) {
    quiet.mockResolvedValue(undefined);
  }
  core.draftGet.mockResolvedValue('');
  core.settingsSet.mockImplementation(async (settings) => settings);
  toasts.list = [];
  chat = new Chat(new App());
  chat.app.settings = {
    theme: 'system',
    model: 'lab/two',
    titleModel: null,
    sidebar: true,
    lockAfterMin: 0,
    wayBack: 'automatic',
  };
});

it('a question in a new chat opens the conversation that came of it', async () => {
  core.send.mockResolvedValue({ conversation: 'c', answer: 'a' });
  chat.draft.type('Hello');
  await chat.send();
  expect(core.send.mock.calls).toEqual([[{ conversation: null, text: 'Hello', model: 'lab/two' }]]);
  expect([chat.thread.id, chat.draft.text]).toEqual(['c', '']);
  expect(core.draftSet.mock.lastCall).toEqual([null, '']);
});

it('a question goes to the model of its conversation', async () => {
  core.send.mockResolvedValue({ conversation: 'c', answer: 'a' });
  await chat.show('c');
  chat.draft.type('More');
  await chat.send();
  expect(core.send.mock.lastCall).toEqual([{ conversation: 'c', text: 'More', model: 'lab/one' }]);
});

it('words that could not be sent stay where they are', async () => {
  const problem = { code: 'offline', message: 'Offline.', detail: null, retryAfterMs: null };
  core.send.mockRejectedValue(problem);
  chat.draft.type('Keep me');
  await chat.send();
  expect([chat.draft.text, chat.refused, chat.sending]).toEqual(['Keep me', problem, false]);
});

it('nothing is sent twice, and nothing that is empty', async () => {
  core.send.mockResolvedValue({ conversation: 'c', answer: 'a' });
  chat.draft.type('  \n');
  await chat.send();
  chat.draft.type('Once');
  await Promise.all([chat.send(), chat.send()]);
  expect(core.send).toHaveBeenCalledTimes(1);
});

it('without a model the picker opens and the words wait', async () => {
  chat.app.settings = { ...chat.app.settings, model: null };
  chat.draft.type('Hello');
  await chat.send();
  expect([chat.picking, chat.draft.text, core.send.mock.calls.length]).toEqual([{ kind: 'conversation' }, 'Hello', 0]);
});

it('a picked model is for this conversation and the next new one, or for one retry only', async () => {
  await chat.show('c');
  chat.picking = { kind: 'conversation' };
  await chat.pick('lab/three');
  expect([core.conversationSetModel.mock.calls, chat.app.settings.model]).toEqual([[['c', 'lab/three']], 'lab/three']);

  chat.picking = { kind: 'retry', message: 'm' };
  await chat.pick('lab/four');
  expect([core.retry.mock.calls, chat.app.settings.model]).toEqual([[['m', 'lab/four']], 'lab/three']);
});

it('a deleted conversation can be brought back', async () => {
  chat.app.conversations = [conversation('c')];
  await chat.show('c');
  core.conversationRestore.mockResolvedValue(undefined);
  await chat.remove('c', 'C');
  expect([chat.app.conversations, chat.thread.id]).toEqual([[], null]);
  toasts.list[0]?.action?.run();
  expect(core.conversationRestore.mock.calls).toEqual([['c']]);
});

it('a refused command is told', async () => {
  core.retry.mockRejectedValue({ code: 'again', message: 'Not now.', detail: null, retryAfterMs: null });
  await chat.retry('m');
  expect(toasts.list.map((toast) => toast.text)).toEqual(['Not now.']);
});
