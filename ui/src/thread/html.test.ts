// @vitest-environment jsdom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MessageState } from '../state/message.svelte';
import Html from './Html.svelte';

const CODE =
  '<div class="code"><div class="code-head"><button type="button" data-copy>Copy</button></div><pre tabindex="0"><code>a\n</code></pre></div>';
const LINK = '<p><a class="link" role="link" tabindex="0" data-href="https://example.com/">here</a></p>';

let message: MessageState;
let view: ReturnType<typeof mount>;
const onlink = vi.fn();
const oncopy = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = '';
  message = new MessageState({
    meta: { createdMs: 0, status: 'streaming' } as MessageState['meta'],
    text: '',
    blocks: [LINK],
    tail: '',
    reasoning: '',
  });
  view = mount(Html, { target: document.body, props: { message, onlink, oncopy } });
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

it('a link is handed on, never followed, by mouse and by Enter', () => {
  find('.link').click();
  find('.link').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  expect(onlink.mock.calls).toEqual([['https://example.com/'], ['https://example.com/']]);
});

it('the copy button hands on the code alone and says so for a moment', () => {
  apply({ op: 'tail', html: CODE }, { op: 'tailAppend', html: '<span class="tok-keyword">b</span> &lt;\n' });
  find('[data-copy]').click();
  expect(oncopy).toHaveBeenCalledWith('a\nb <\n');
  expect(find('[data-copy]').textContent).toBe('Copied');
  vi.runAllTimers();
  expect(find('[data-copy]').textContent).toBe('Copy');
});

it('what is appended is added to the code that stands there, which is not drawn again', () => {
  apply({ op: 'tail', html: CODE });
  const code = find('.tail code');
  const first = code.firstChild;
  apply({ op: 'tailAppend', html: 'b\n' });
  apply({ op: 'tailAppend', html: 'c\n' }, { op: 'tailAppend', html: 'd\n' });
  expect(find('.tail code')).toBe(code);
  expect(code.firstChild).toBe(first);
  expect(code.textContent).toBe('a\nb\nc\nd\n');
});

it('a tail that is the same as before is clean again', () => {
  apply({ op: 'tail', html: CODE }, { op: 'tailAppend', html: 'b\n' });
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
