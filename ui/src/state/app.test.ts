import { expect, it } from 'vitest';
import type { Conversation, Snapshot } from '../bindings/wire';
import { App } from './app.svelte';

const conversation = (id: string, updatedMs: number): Conversation => ({
  id,
  title: id,
  model: 'lab/one',
  updatedMs,
  costUsd: 0,
  answering: false,
});
const snapshot = (conversations: Conversation[]): Snapshot => ({
  phase: { kind: 'disconnected', ended: null },
  service: { origin: 'https://openrouter.ai', emulated: false },
  settings: { theme: 'system', model: null, sidebar: true },
  conversations,
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
  app.hear({ kind: 'conversation', conversation: conversation('z', 1) });
  expect(ids(app)).toEqual(['a', 'c', 'b', 'z']);
  app.hear({ kind: 'conversationGone', id: 'c' });
  expect(ids(app)).toEqual(['a', 'b', 'z']);
});

it('a fresh snapshot keeps older pages and drops what is gone from its own', () => {
  const app = new App();
  app.take(snapshot([conversation('c', 30), conversation('b', 20), conversation('a', 10)]));
  app.take(snapshot([conversation('d', 40), conversation('b', 20)]));
  expect(ids(app)).toEqual(['d', 'b', 'a']);
});
