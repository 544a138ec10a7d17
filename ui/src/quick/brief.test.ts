// @vitest-environment jsdom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import { permissions } from '../../../src-tauri/capabilities/quick.json';

/** Every command, and whether it was asked for. */
const asked = vi.hoisted(() => new Set<string>());
vi.mock('../host/commands', async (original) => {
  const real = await original<Record<string, unknown>>();
  const note = (name: string) => () => {
    asked.add(name);
    return Promise.resolve(undefined);
  };
  return Object.fromEntries(Object.keys(real).map((name) => [name, note(name)]));
});

const { App } = await import('../state/app.svelte');
const { Chat } = await import('../state/chat.svelte');
const { MessageState } = await import('../state/message.svelte');
const { default: Answer } = await import('../thread/Answer.svelte');
const { default: Words } = await import('../thread/Words.svelte');

type Meta = InstanceType<typeof MessageState>['meta'];
const message = (role: Meta['role']) =>
  new MessageState({
    meta: {
      id: role,
      role,
      createdMs: 0,
      status: 'done',
      model: 'lab/one',
      modelName: 'One',
      siblings: 2,
      sibling: 1,
      unfinished: 'cut',
      problem: { code: 'again', message: 'It broke.', detail: null, retryAfterMs: null },
      citations: [],
      notes: [],
      attachments: [],
    } as unknown as Meta,
    text: 'words',
    blocks: ['<p>words</p>'],
    tail: '',
    line: '',
    reasoning: '',
  });

const views: ReturnType<typeof mount>[] = [];
afterEach(async () => {
  await Promise.all(views.splice(0).map((view) => unmount(view)));
  document.body.innerHTML = '';
});

function draw(brief: boolean) {
  const chat = new Chat(new App(), { get: async () => '', set: async () => undefined }, brief);
  const none = () => undefined;
  const shared = { chat, current: false, onstay: none };
  views.push(mount(Words, { target: document.body, props: { ...shared, message: message('user') } }));
  views.push(
    mount(Answer, { target: document.body, props: { ...shared, message: message('assistant'), onlink: none } }),
  );
  flushSync();
  return [...document.querySelectorAll('button')].map((b) => b.getAttribute('aria-label') ?? b.textContent?.trim());
}

it('offers in quick ask only what it may do', async () => {
  const offered = draw(true);
  expect(offered).toEqual(['Copy', 'Try again', 'Continue', 'Copy', 'Retry']);
  document.querySelectorAll('button').forEach((button) => button.click());
  flushSync();
  document.querySelectorAll<HTMLElement>('[role=menuitem]').forEach((item) => item.click());
  await Promise.resolve();
  const permission = (name: string) => `allow-${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
  expect(asked).toContain('retry');
  expect([...asked].filter((name) => !permissions.includes(permission(name)))).toEqual([]);
});

it('offers more in the main window', () => {
  expect(draw(false)).toEqual(expect.arrayContaining(['Edit', 'Delete', 'More']));
});
