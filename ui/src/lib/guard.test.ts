// @vitest-environment jsdom
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { browserKey, guard } from './guard';

const key = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey', boolean>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

beforeAll(() => guard(window));
beforeEach(() => {
  document.body.innerHTML = '<p id="p">Some words</p><textarea id="t"></textarea>';
});
const at = (id: string) => document.getElementById(id)!;

test('w30 what a browser does by a key is not done here, and typing is', () => {
  for (const pressed of [
    key('F5'),
    key('F12'),
    key('BrowserRefresh'),
    key('r', { ctrlKey: true }),
    key('R', { ctrlKey: true, shiftKey: true }),
    key('r', { metaKey: true }),
    key('u', { ctrlKey: true }),
    key('p', { ctrlKey: true }),
    key('I', { ctrlKey: true, shiftKey: true }),
    key('ArrowLeft', { altKey: true }),
  ]) {
    expect(browserKey(pressed), JSON.stringify(pressed)).toBe(true);
    const event = new KeyboardEvent('keydown', { ...pressed, bubbles: true, cancelable: true });
    at('t').dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
  }
  for (const typed of [key('r'), key('5'), key('F2'), key('c', { ctrlKey: true }), key('v', { metaKey: true })]) {
    expect(browserKey(typed), JSON.stringify(typed)).toBe(false);
  }
});

test('w30 the menu of a page is not shown, that of a field or of chosen words is', () => {
  const menu = (id: string) => {
    const event = new MouseEvent('contextmenu', { bubbles: true, cancelable: true });
    at(id).dispatchEvent(event);
    return !event.defaultPrevented;
  };
  expect(menu('p')).toBe(false);
  expect(menu('t')).toBe(true);
  window.getSelection()!.selectAllChildren(at('p'));
  expect(menu('p')).toBe(true);
});

/** jsdom has no drag events of its own. */
function dragged(kind: string, id: string, types: string[], taken = false): Event & { effect: string } {
  const transfer = { types, dropEffect: 'copy' };
  const event = new Event(kind, { bubbles: true, cancelable: true });
  Object.defineProperty(event, 'dataTransfer', { value: transfer });
  if (taken) at(id).addEventListener(kind, (e) => e.preventDefault(), { once: true });
  at(id).dispatchEvent(event);
  return Object.assign(event, { effect: transfer.dropEffect });
}

test('w34 a file, a page or a link that is dropped opens nothing', () => {
  for (const kind of ['dragover', 'drop']) {
    for (const types of [['Files'], ['text/html', 'text/uri-list'], ['text/plain']]) {
      const event = dragged(kind, 'p', types);
      expect([event.defaultPrevented, event.effect], `${kind} ${types}`).toEqual([true, 'none']);
    }
    expect(dragged(kind, 't', ['Files']).defaultPrevented, 'a file on a field').toBe(true);
    expect(dragged(kind, 't', ['text/html', 'text/plain']).defaultPrevented, 'words on a field').toBe(false);
    expect(dragged(kind, 'p', ['Files'], true).effect, 'who takes it keeps it').toBe('copy');
  }
});
