import { expect, it } from 'vitest';
import type { AppEvent, Conversation, Settings, Snapshot } from '../bindings/wire';
import { App, type Core } from './app.svelte';

const conversation = (id: string, updatedMs: number): Conversation => ({
  id,
  title: id,
  model: 'lab/one',
  updatedMs,
  costUsd: 0,
  answering: false,
  pinned: false,
  folder: null,
  archived: false,
  deletedMs: null,
  temporary: false,
  comparing: false,
});
const snapshot = (conversations: Conversation[]): Snapshot => ({
  phase: { kind: 'disconnected', ended: null },
  service: { origin: 'https://openrouter.ai', emulated: false },
  settings: new App().settings,
  conversations,
  shelves: { folders: [], archive: 0, trash: 0 },
  historyProblem: null,
  version: '1',
});
const ids = (app: App) => app.conversations.map((c) => c.id);

it('a conversation moves to where its last activity puts it', () => {
  const app = new App();
  app.take(snapshot([conversation('b', 20), conversation('a', 10)]));
  app.hear({ kind: 'conversation', conversation: conversation('a', 30) });
  expect(ids(app)).toEqual(['a', 'b']);
  app.hear({ kind: 'conversation', conversation: conversation('c', 25) });
  expect(ids(app)).toEqual(['a', 'c', 'b']);
  app.hear({ kind: 'conversationGone', id: 'c' });
  expect(ids(app)).toEqual(['a', 'b']);
});

/** A core whose snapshots are answered one by one. */
function core(...answers: (() => Snapshot)[]) {
  let heard: (event: AppEvent) => void = () => undefined;
  const fake: Core = {
    appSubscribe: async (to) => void (heard = to),
    appSnapshot: async () => answers.shift()!(),
    settingsSet: async (settings: Settings) => settings,
    conversationsList: async () => [],
  };
  return { fake, say: (event: AppEvent) => heard(event) };
}

it('a snapshot that an event has overtaken does not undo it', async () => {
  const connected = { ...snapshot([]), version: 'fresh', phase: { kind: 'opening' as const } };
  const { fake, say } = core(
    () => {
      // The sign-in ends while the answer of before is on its way.
      say({ kind: 'phase', phase: { kind: 'opening' } });
      return snapshot([]);
    },
    () => connected,
  );
  const app = new App(fake);
  await app.start();
  expect([app.phase.kind, app.version, app.ready]).toEqual(['opening', 'fresh', true]);
});

it('a core that cannot be asked is told, not hidden', async () => {
  const problem = { code: 'again', message: 'No.', detail: null, retryAfterMs: null };
  const { fake } = core(() => {
    throw problem;
  });
  const app = new App(fake);
  await app.start();
  expect([app.problem, app.ready]).toEqual([problem, false]);
});

it('a setting is shown at once and taken back when it could not be kept', async () => {
  const { fake } = core();
  const app = new App({ ...fake, settingsSet: () => Promise.reject(new Error('no')) });
  const setting = app.set({ theme: 'dark' });
  expect(app.settings.theme).toBe('dark');
  await expect(setting).rejects.toThrow('no');
  expect(app.settings.theme).toBe('system');
});
