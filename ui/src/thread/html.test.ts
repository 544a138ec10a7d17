// @vitest-environment jsdom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MessageState } from '../state/message.svelte';
import { toasts } from '../state/toasts.svelte';
import Html from './Html.svelte';

const host = vi.hoisted(() => ({ messageCopyPart: vi.fn() }));
vi.mock('../host/commands', () => host);

const CODE =
  '<div class="code"><div class="code-head"><button type="button" data-copy>Copy</button></div><pre tabindex="0"><code>a\n</code></pre></div>';
const LINK = '<p><a class="link" role="link" tabindex="0" data-href="https://example.com/">here</a></p>';

let message: MessageState;
let view: ReturnType<typeof mount>;
const onlink = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = '';
  message = new MessageState({
    meta: { id: 'm1', createdMs: 0, status: 'streaming' } as MessageState['meta'],
    text: '',
    blocks: [LINK],
    tail: '',
    line: '',
    reasoning: '',
  });
  view = mount(Html, { target: document.body, props: { message, onlink } });
  flushSync();
});

afterEach(async () => {
  await unmount(view);
  vi.useRealTimers();
  vi.clearAllMocks();
});

const find = <T extends HTMLElement>(selector: string) => document.querySelector<T>(selector)!;
const apply = (...ops: Parameters<MessageState['apply']>[0][]) => {
  for (const op of ops) message.apply(op);
  flushSync();
};

it('an answer runs in the direction of its first letter, wherever that stands', () => {
  expect(find('.prose').dir).toBe('ltr');
  message.chapters = [];
  apply({ op: 'seal', html: '<hr>' });
  expect(find('.prose').dir).toBe('');
  apply({ op: 'tail', html: '<p>1. שלום, hello</p>' });
  expect(find('.prose').dir).toBe('rtl');
});

it('a link is handed on, never followed, by mouse and by Enter', () => {
  find('.link').click();
  find('.link').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  expect(onlink.mock.calls).toEqual([['https://example.com/'], ['https://example.com/']]);
});

it('the mark of a source leads to its page, by mouse and by Enter', () => {
  const citation = { number: 2, url: 'https://source.example/', title: 'S', excerpt: '' };
  message.meta = { ...message.meta, citations: [citation] };
  apply({
    op: 'mark',
    block: 0,
    html: '<p>Said<span class="cite" role="link" tabindex="0" data-cite="2"></span> and<span class="cite" data-cite="7"></span>.</p>',
  });
  find('.cite').click();
  find('.cite').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  find('.cite:last-child').click();
  expect(onlink.mock.calls).toEqual([['https://source.example/'], ['https://source.example/']]);
});

it('w25 the core copies the code as it was written, and says what it left out', async () => {
  host.messageCopyPart.mockResolvedValue({ leftOut: 2 });
  apply({ op: 'seal', html: CODE }, { op: 'tail', html: `<ul><li>${CODE}</li></ul>` });
  find('.tail [data-copy]').click();
  expect(host.messageCopyPart).toHaveBeenCalledWith('m1', { kind: 'code', index: 1 });
  await vi.advanceTimersByTimeAsync(0);
  expect(find('.tail [data-copy]').textContent).toBe('Copied');
  expect(toasts.list.at(-1)?.text).toBe('Copied without 2 hidden characters.');
  vi.runAllTimers();
  expect(find('.tail [data-copy]').textContent).toBe('Copy');
});

it('a table in pieces is copied as the one table it is', async () => {
  host.messageCopyPart.mockResolvedValue({ leftOut: 0 });
  const table = (more: string, button: string) =>
    `<div class="table${more}">${button}<div class="wide" tabindex="0"><table></table></div></div>`;
  const button = '<button type="button" data-csv>Copy CSV</button>';
  apply({ op: 'seal', html: table('', button) }, { op: 'seal', html: table(' more', '') });
  apply({ op: 'seal', html: table('', button) });
  document.querySelectorAll<HTMLElement>('[data-csv]')[1]!.click();
  expect(host.messageCopyPart).toHaveBeenCalledWith('m1', { kind: 'table', index: 1 });
});

it('what could not be copied keeps its label', async () => {
  host.messageCopyPart.mockRejectedValue({ code: 'again', message: 'No clipboard.' });
  apply({ op: 'tail', html: CODE });
  find('[data-copy]').click();
  await vi.advanceTimersByTimeAsync(0);
  expect(find('[data-copy]').textContent).toBe('Copy');
});

it('w26 a footnote is found by its number, in this message alone, and leads back', () => {
  const mark = '<p><sup class="note-ref" role="link" tabindex="0" data-note="1">1</sup></p>';
  const note =
    '<div class="note" tabindex="-1" data-note="1"><span class="note-number" role="link" tabindex="0" data-back="1">1</span></div>';
  HTMLElement.prototype.scrollIntoView = vi.fn();
  document.body.insertAdjacentHTML('afterbegin', note);
  apply({ op: 'seal', html: mark }, { op: 'seal', html: note });
  find('.note-ref').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  expect(document.activeElement).toBe(find('.prose .note'));
  find('.prose [data-back]').click();
  expect(document.activeElement).toBe(find('.note-ref'));
});

it('what is appended is added to the code that stands there, which is not drawn again', () => {
  apply({ op: 'tail', html: CODE });
  const code = find('.tail code');
  const first = code.firstChild;
  apply({ op: 'tailAppend', html: 'b\n', line: '' });
  apply({ op: 'tailAppend', html: 'c\n', line: '' }, { op: 'tailAppend', html: 'd\n', line: '' });
  expect(find('.tail code')).toBe(code);
  expect(code.firstChild).toBe(first);
  expect(code.textContent).toBe('a\nb\nc\nd\n');
});

it('the unfinished line of code is drawn last, and what comes takes its place', () => {
  apply({ op: 'tail', html: CODE }, { op: 'tailAppend', html: '', line: 'b &lt;' });
  const first = find('.tail code').firstChild;
  expect(find('.tail code').textContent).toBe('a\nb <');
  apply({ op: 'tailAppend', html: 'b &lt;= 1\n', line: 'c' });
  expect(find('.tail code').textContent).toBe('a\nb <= 1\nc');
  expect(find('.tail code').firstChild).toBe(first);
  apply({ op: 'tailAppend', html: '', line: '' });
  expect(find('.tail code').textContent).toBe('a\nb <= 1\n');
  apply({ op: 'tailAppend', html: '', line: 'd' }, { op: 'sealTail' });
  expect(find('.blocks pre').textContent).toBe('a\nb <= 1\n');
});

it('a tail that is the same as before is clean again', () => {
  apply({ op: 'tail', html: CODE }, { op: 'tailAppend', html: 'b\n', line: '' });
  apply({ op: 'tail', html: CODE });
  expect(find('.tail code').textContent).toBe('a\n');
});

it('sealed blocks are added to, never drawn again', () => {
  const link = find('.link');
  apply({ op: 'tail', html: '<p>One</p>' });
  apply({ op: 'sealTail' }, { op: 'seal', html: '<p>Two</p>' }, { op: 'tail', html: '<p>Three' });
  expect(find('.link')).toBe(link);
  expect([...document.querySelectorAll('.blocks p')].map((p) => p.textContent)).toEqual(['here', 'One', 'Two']);
  expect(find('.tail').textContent).toBe('Three');
});
