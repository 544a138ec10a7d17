import { expect, it, vi } from 'vitest';
import type { Attachment, FileState } from '../bindings/wire';
import { Files } from './files.svelte';

const file = (id: string, state: FileState = { kind: 'ready' }): Attachment => ({
  id,
  name: id,
  kind: 'text',
  size: 1,
  state,
  pages: null,
  pixels: null,
  letters: 4,
  trimmed: null,
  pictured: false,
});

function made(stored: Attachment[] = []) {
  const core = {
    list: vi.fn(async () => stored),
    pick: vi.fn(async () => undefined),
    paste: vi.fn(async () => undefined),
    remove: vi.fn(async () => undefined),
    arrange: vi.fn(async () => undefined),
    trim: vi.fn(async () => undefined),
    temporary: vi.fn(() => Promise.resolve(undefined)),
  };
  return { core, files: new Files(core) };
}

it('shows what the core tells of its own conversation and nothing else', async () => {
  const { files } = made([file('a')]);
  await files.open('c1');
  expect(files.ready.map((f) => f.id)).toEqual(['a']);
  files.hear('c2', [file('x')]);
  expect(files.list.map((f) => f.id)).toEqual(['a']);
  files.hear('c1', [file('a'), file('b', { kind: 'reading' })]);
  expect(files.reading).toBe(true);
  expect(files.ready.map((f) => f.id)).toEqual(['a']);
});

it('an answer that is older than what was told meanwhile changes nothing', async () => {
  let answer: (list: Attachment[]) => void = () => undefined;
  const { core, files } = made();
  core.list.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
  const opening = files.open(null);
  files.hear(null, [file('new')]);
  answer([]);
  await opening;
  expect(files.list.map((f) => f.id)).toEqual(['new']);
});

it('files move by one place, and not beyond the ends', async () => {
  const { core, files } = made([file('a'), file('b'), file('c')]);
  await files.open(null);
  await files.move('a', 1);
  expect(core.arrange).toHaveBeenLastCalledWith(null, ['b', 'a', 'c']);
  await files.move('a', -1);
  await files.move('c', 1);
  expect(core.arrange).toHaveBeenCalledTimes(1);
});

it('pasted bytes go to the conversation that was open when they were pasted', async () => {
  const { core, files } = made();
  await files.open('c1');
  await files.paste([new File(['abc'], 'n.txt')]);
  expect(core.paste).toHaveBeenCalledWith('c1', 'n.txt', expect.any(ArrayBuffer));
});

it('what was refused goes once the question is sent', async () => {
  const problem = { code: 'refused' as const, message: 'no', detail: null, retryAfterMs: null };
  const { core, files } = made([file('a'), file('coming-1', { kind: 'refused', problem })]);
  await files.open(null);
  await files.forgetRefused();
  expect(core.remove.mock.calls).toEqual([['coming-1']]);
});
