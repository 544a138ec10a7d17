import { beforeEach, expect, it, vi } from 'vitest';
import type { Conversation, Message, MessageMeta, Thread } from '../bindings/wire';
import { NONE } from '../lib/options';

const core = vi.hoisted(() => ({
  send: vi.fn(),
  compare: vi.fn(),
  compareOpen: vi.fn(),
  compareChoose: vi.fn(),
  retry: vi.fn(),
  edit: vi.fn(),
  continueAnswer: vi.fn(),
  messageDelete: vi.fn(),
  messageRestore: vi.fn(),
  conversationSetOptions: vi.fn(),
  personasList: vi.fn(),
  personaSave: vi.fn(),
  personaDelete: vi.fn(),
  stop: vi.fn(),
  threadOpen: vi.fn(),
  threadPage: vi.fn(),
  threadFind: vi.fn(),
  threadClose: vi.fn(),
  draftGet: vi.fn(),
  draftSet: vi.fn(),
  revisionGet: vi.fn(),
  revisionSet: vi.fn(),
  filesList: vi.fn(),
  filesTemporary: vi.fn(),
  filesPick: vi.fn(),
  filePaste: vi.fn(),
  fileRemove: vi.fn(),
  filesArrange: vi.fn(),
  fileTrim: vi.fn(),
  settingsSet: vi.fn(),
  conversationSetModel: vi.fn(),
  conversationsChange: vi.fn(),
  conversationForget: vi.fn(),
  conversationsList: vi.fn(),
  messageReveal: vi.fn(),
  appSnapshot: vi.fn(),
}));
vi.mock('../host/commands', () => core);

const { App } = await import('./app.svelte');
const { Chat } = await import('./chat.svelte');
const { toasts } = await import('./toasts.svelte');

const settled = () => new Promise<void>((done) => setTimeout(done));

const conversation = (id: string): Conversation => ({
  id,
  title: id,
  model: 'lab/one',
  updatedMs: 1,
  costUsd: 0,
  answering: false,
  pinned: false,
  folder: null,
  archived: false,
  deletedMs: null,
  temporary: false,
  comparing: false,
});

let chat: InstanceType<typeof Chat>;

beforeEach(() => {
  vi.resetAllMocks();
  core.threadOpen.mockImplementation(async (id: string): Promise<Thread> => ({
    conversation: conversation(id),
    messages: [],
    older: false,
    newer: false,
    running: null,
    options: NONE,
    seq: 0,
  }));
  for (const quiet of [core.threadClose, core.draftSet, core.conversationSetModel, core.retry]) {
    quiet.mockResolvedValue(undefined);
  }
  core.conversationsList.mockResolvedValue([]);
  core.draftGet.mockResolvedValue('');
  core.revisionGet.mockResolvedValue(null);
  core.filesList.mockResolvedValue([]);
  core.settingsSet.mockImplementation(async (settings) => settings);
  toasts.list = [];
  chat = new Chat(new App());
  chat.app.settings = { ...chat.app.settings, model: 'lab/two' };
});

it('a question in a new chat opens the conversation that came of it', async () => {
  core.send.mockResolvedValue({ conversation: 'c', answer: 'a' });
  chat.draft.type('Hello');
  await chat.send();
  expect(core.send.mock.calls).toEqual([
    [{ conversation: null, text: 'Hello', model: 'lab/two', temporary: false, options: NONE, files: [] }],
  ]);
  expect([chat.thread.id, chat.draft.text]).toEqual(['c', '']);
  expect(core.draftSet.mock.lastCall).toEqual([null, '']);
});

it('a question goes to the model of its conversation', async () => {
  core.send.mockResolvedValue({ conversation: 'c', answer: 'a' });
  await chat.show('c');
  chat.draft.type('More');
  await chat.send();
  expect(core.send.mock.lastCall).toEqual([
    { conversation: 'c', text: 'More', model: 'lab/one', temporary: false, files: [] },
  ]);
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
  expect([core.retry.mock.calls, chat.app.settings.model]).toEqual([[['m', 'lab/four', null]], 'lab/three']);
});

it('a deleted conversation can be brought back', async () => {
  chat.app.lists.put(conversation('c'));
  await chat.show('c');
  core.conversationsChange.mockResolvedValue([]);
  await chat.move(['c'], { kind: 'deleted' });
  expect([chat.thread.id, toasts.list[0]?.text]).toEqual([null, '“c” is deleted.']);
  toasts.list[0]?.action?.run();
  expect(core.conversationsChange.mock.calls).toEqual([
    [['c'], { kind: 'deleted' }],
    [['c'], { kind: 'restored' }],
  ]);
});

it('of a temporary chat nothing is kept, and leaving it offers the way back before it is forgotten', async () => {
  vi.useFakeTimers();
  try {
    core.threadOpen.mockImplementation(async (id: string) => ({
      conversation: { ...conversation(id), temporary: id === 'hush' },
      messages: [],
      older: false,
      newer: false,
      running: null,
      options: NONE,
      seq: 0,
    }));
    core.send.mockResolvedValue({ conversation: 'hush', answer: 'a' });
    core.conversationForget.mockResolvedValue(undefined);
    chat.app.settings = { ...chat.app.settings, model: 'lab/one' };
    await chat.beginTemporary();
    expect(core.draftSet.mock.calls).toEqual([[null, '']]);
    core.draftSet.mockClear();
    chat.draft.type('a secret');
    chat.draft.flush();
    await chat.send();
    expect(core.send.mock.calls[0]?.[0]).toMatchObject({ conversation: null, temporary: true, text: 'a secret' });
    expect([chat.thread.id, chat.temporary]).toEqual(['hush', false]);
    await chat.show('c');
    expect(core.draftSet.mock.calls.filter(([id]) => id === null)).toEqual([]);
    expect(toasts.list.at(-1)?.action?.label).toBe('Go back');
    vi.advanceTimersByTime(30_000);
    expect(core.conversationForget.mock.calls).toEqual([['hush']]);
  } finally {
    vi.useRealTimers();
  }
});

it('what is typed for a temporary chat is not kept when another conversation is opened instead', async () => {
  await chat.beginTemporary();
  core.draftSet.mockClear();
  chat.draft.type('a secret');
  await chat.show('c');
  expect(core.draftSet).not.toHaveBeenCalled();
  expect(chat.temporary).toBe(false);
});

it('a message that was found is shown where it is, with the words that led to it', async () => {
  core.messageReveal.mockResolvedValue('c');
  core.threadFind.mockResolvedValue({
    hits: [
      { message: 'before', thoughts: 1, times: 1 },
      { message: 'm', thoughts: 0, times: 1 },
    ],
    more: false,
  });
  await chat.reveal('m', ['of', 'margin']);
  expect([chat.thread.id, chat.find.at, chat.find.words]).toEqual([
    'c',
    { message: 'm', thoughts: false, nth: 0 },
    'margin',
  ]);
  await vi.waitFor(() => expect([chat.find.index, chat.find.count]).toEqual([2, 3]));
});

it('a refused command is told', async () => {
  core.retry.mockRejectedValue({ code: 'again', message: 'Not now.', detail: null, retryAfterMs: null });
  await chat.retry('m');
  expect(toasts.list.map((toast) => toast.text)).toEqual(['Not now.']);
});

const said = (id: string, role: 'user' | 'assistant', text = ''): Message => ({
  meta: {
    ...({ id, role, status: 'done', createdMs: 1, siblings: 1, sibling: 0, attachments: [] } as unknown as MessageMeta),
  },
  text,
  blocks: [],
  tail: '',
  line: '',
  reasoning: '',
});
const held = async (...messages: Message[]) => {
  core.threadOpen.mockResolvedValue({
    conversation: conversation('c'),
    options: NONE,
    messages,
    older: false,
    newer: false,
    running: null,
    seq: 0,
  } satisfies Thread);
  await chat.show('c');
};

it('the last question is opened for editing, and asked as a version beside it', async () => {
  await held(said('q', 'user', 'Why?'), said('a', 'assistant'));
  expect(chat.editLast()).toBe(true);
  await settled();
  expect(chat.editing).toEqual({ message: 'q', text: 'Why?', anew: false, files: 0, begun: null });
  core.edit.mockResolvedValue({ conversation: 'c', answer: 'b' });
  const { jump } = chat;
  await chat.askInstead('q', 'Why not?');
  expect(core.edit.mock.calls).toEqual([[{ message: 'q', text: 'Why not?', model: null, keepFiles: true }]]);
  expect([chat.editing, chat.jump]).toEqual([null, jump + 1]);
});

it('an edit that is refused stays open with its words', async () => {
  await held(said('q', 'user', 'Why?'));
  chat.editLast();
  await settled();
  core.edit.mockRejectedValue({ code: 'refused', message: 'No.' });
  await expect(chat.askInstead('q', 'Why not?')).rejects.toEqual({ code: 'refused', message: 'No.' });
  expect(chat.editing).toEqual({ message: 'q', text: 'Why?', anew: false, files: 0, begun: null });
});

it('words that were begun for a question are back when it is opened again', async () => {
  await held(said('q', 'user', 'Why?'));
  core.revisionGet.mockResolvedValue('Why, in short');
  chat.editLast();
  await settled();
  expect(chat.editing?.begun).toBe('Why, in short');
});

it('there is nothing to edit in a new chat', () => {
  expect([chat.editLast(), chat.editing]).toEqual([false, null]);
});

it('another question after an answer begins empty in place of the one that was asked', async () => {
  await held(said('q', 'user', 'Why?'), said('a', 'assistant'), said('r', 'user', 'And?'));
  chat.branchAfter('a');
  await settled();
  expect(chat.editing).toEqual({ message: 'r', text: '', anew: true, files: 0, begun: null });
});

it('a deleted message can be brought back', async () => {
  await held(said('q', 'user'), said('a', 'assistant'));
  core.messageDelete.mockResolvedValue(undefined);
  core.messageRestore.mockResolvedValue(undefined);
  await chat.removeMessage('q');
  expect(toasts.list.at(-1)?.text).toBe('The message and what followed it are deleted.');
  toasts.list.at(-1)?.action?.run();
  expect(core.messageRestore.mock.calls).toEqual([['q']]);
  await chat.removeMessage('a');
  expect(toasts.list.at(-1)?.text).toBe('The message is deleted.');
});

it('options are the conversation’s own; those of a new chat go with its first question alone', async () => {
  const warm = { ...NONE, temperature: 1 };
  await chat.setOptions(warm);
  expect([chat.options, core.conversationSetOptions.mock.calls]).toEqual([warm, []]);
  core.send.mockResolvedValue({ conversation: 'c', answer: 'a' });
  chat.draft.type('Hello');
  await chat.send();
  expect(core.send.mock.lastCall![0].options).toEqual(warm);
  await chat.show(null);
  expect(chat.options).toEqual(NONE);

  await chat.show('c');
  core.conversationSetOptions.mockResolvedValue(undefined);
  await chat.setOptions(warm, 'lab/three');
  expect(core.conversationSetOptions.mock.calls).toEqual([['c', warm, 'lab/three']]);
  expect(chat.options).toEqual(warm);
});

it('options that are refused are not taken', async () => {
  await chat.show('c');
  core.conversationSetOptions.mockRejectedValue({ code: 'refused', message: 'No.' });
  await expect(chat.setOptions({ ...NONE, temperature: 9 })).rejects.toEqual({ code: 'refused', message: 'No.' });
  expect(chat.options).toEqual(NONE);
});

it('a persona is taken with its model, and known again', async () => {
  const persona = { id: 'p', name: 'Editor', model: 'lab/three', options: { ...NONE, system: 'Be brief.' } };
  expect(chat.asksAs(persona)).toBe(false);
  await chat.applyPersona(persona);
  expect([chat.options, chat.app.settings.model]).toEqual([persona.options, 'lab/three']);
  expect(chat.asksAs(persona)).toBe(true);
});

const side = (id: string, comparing = true) => ({ ...conversation(id), comparing });
const comparison = (id: string) => ({
  conversation: side(id),
  options: NONE,
  blind: false,
  columns: ['lab/one', 'lab/two'].map((model, place) => ({ place, model, name: model, messages: [], older: false })),
  seq: 0,
});

it('two models and more are asked at once, and what comes of it opens side by side', async () => {
  core.compare.mockImplementation(async () => {
    chat.app.hear({ kind: 'conversation', conversation: side('c') });
    return { conversation: 'c', answer: 'a' };
  });
  core.compareOpen.mockResolvedValue(comparison('c'));
  chat.toggleCompared('lab/one');
  expect(chat.asked).toEqual([]);
  chat.toggleCompared('lab/two');
  expect(chat.asked).toEqual(['lab/one', 'lab/two']);
  chat.draft.type('Which?');
  const about = { pages: null, pixels: null, letters: 3, trimmed: null, pictured: false };
  chat.files.hear(null, [{ id: 'f', name: 'a.txt', kind: 'text', size: 3, state: { kind: 'ready' }, ...about }]);
  await chat.send();
  expect(core.compare.mock.lastCall).toEqual([
    {
      conversation: null,
      text: 'Which?',
      models: ['lab/one', 'lab/two'],
      blind: false,
      options: NONE,
      temporary: false,
      files: ['f'],
    },
  ]);
  expect(core.send).not.toHaveBeenCalled();
  expect([chat.thread.id, chat.compare.id, chat.lineup]).toEqual(['c', 'c', []]);
  expect(core.threadOpen).not.toHaveBeenCalled();
  expect(chat.asked).toEqual(['lab/one', 'lab/two']);
});

it('at most four stand side by side, and choosing one model for all lets go of them', async () => {
  for (const id of ['a', 'b', 'c', 'd', 'e']) chat.toggleCompared(id);
  expect(chat.lineup).toEqual(['a', 'b', 'c', 'd']);
  expect(toasts.list.length).toBe(1);
  chat.toggleCompared('b');
  expect(chat.lineup).toEqual(['a', 'c', 'd']);
  chat.picking = { kind: 'compare' };
  await chat.pick('f');
  expect(chat.lineup).toEqual(['a', 'c', 'd', 'f']);
  chat.picking = { kind: 'conversation' };
  await chat.pick('g');
  expect(chat.lineup).toEqual([]);
});

it('a choice makes a thread of it again', async () => {
  chat.app.hear({ kind: 'conversation', conversation: side('c') });
  core.compareOpen.mockResolvedValue(comparison('c'));
  core.compareChoose.mockResolvedValue(side('c', false));
  await chat.show('c');
  expect([chat.comparing, chat.compare.columns.length]).toEqual([true, 2]);
  await chat.choose(1);
  expect(core.compareChoose.mock.lastCall).toEqual(['c', 1]);
  expect([chat.comparing, chat.compare.id, chat.thread.id]).toEqual([false, null, 'c']);
  expect(core.threadOpen).toHaveBeenCalledTimes(1);
});

it('a conversation that became a comparison elsewhere is opened as one', async () => {
  await chat.show('c');
  core.compareOpen.mockResolvedValue(comparison('c'));
  chat.app.hear({ kind: 'conversation', conversation: side('c') });
  await chat.settle();
  expect([chat.compare.id, chat.thread.messages]).toEqual(['c', []]);
});
