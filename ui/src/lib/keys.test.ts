import { describe, expect, it } from 'vitest';
import { composerKey, label, messageKey, shortcut, SHORTCUTS, spelled, type Key } from './keys';

const key = (key: string, more: Partial<Key> = {}): Key => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

describe('in the composer', () => {
  it('Enter sends and Shift+Enter breaks the line', () => {
    expect(composerKey(key('Enter'))).toBe('send');
    expect(composerKey(key('Enter', { shiftKey: true }))).toBeNull();
    expect(composerKey(key('a'))).toBeNull();
  });

  it('the Enter that takes a word from an input method does not send', () => {
    expect(composerKey(key('Enter', { isComposing: true }))).toBeNull();
    // WebKit: the composition has ended already, only the key code tells.
    expect(composerKey(key('Enter', { isComposing: false, keyCode: 229 }))).toBeNull();
    expect(composerKey(key('Escape', { keyCode: 229 }))).toBeNull();
  });

  it('↑ edits the last question from an empty field only', () => {
    expect(composerKey(key('ArrowUp'), true)).toBe('edit');
    expect(composerKey(key('ArrowUp'), false)).toBeNull();
    expect(composerKey(key('ArrowUp', { shiftKey: true }), true)).toBeNull();
    expect(composerKey(key('ArrowUp', { isComposing: true }), true)).toBeNull();
  });

  it('Esc stops', () => {
    expect(composerKey(key('Escape'))).toBe('stop');
  });
});

describe('in the window', () => {
  it('Ctrl counts on Linux and Windows, ⌘ on macOS', () => {
    expect(shortcut(key('n', { ctrlKey: true }), false)).toEqual({ kind: 'new' });
    expect(shortcut(key('n', { metaKey: true }), false)).toBeNull();
    expect(shortcut(key('n', { metaKey: true }), true)).toEqual({ kind: 'new' });
    expect(shortcut(key('n', { ctrlKey: true }), true)).toBeNull();
    expect([label('N', false), label('N', true)]).toEqual(['Ctrl+N', '⌘N']);
  });

  it('every shortcut has its keys', () => {
    const kinds = ['m', ',', 'b', 'M', 'f'].map((k) => shortcut(key(k, { ctrlKey: true }), false)?.kind);
    expect(kinds).toEqual(['models', 'settings', 'sidebar', 'models', 'find']);
    expect(shortcut(key('C', { ctrlKey: true, shiftKey: true }), false)).toEqual({ kind: 'copyAnswer' });
    expect(shortcut(key('3', { ctrlKey: true }), false)).toEqual({ kind: 'conversation', index: 2 });
    expect(shortcut(key('ArrowDown', { altKey: true }), false)).toEqual({ kind: 'next' });
    expect(shortcut(key('ArrowUp', { altKey: true }), true)).toEqual({ kind: 'previous' });
  });

  it('what the field needs is left to the field', () => {
    expect(shortcut(key('c', { ctrlKey: true }), false)).toBeNull();
    expect(shortcut(key('n'), false)).toBeNull();
    expect(shortcut(key('n', { ctrlKey: true, altKey: true }), false)).toBeNull();
    expect(shortcut(key('n', { ctrlKey: true, isComposing: true }), false)).toBeNull();
  });
});

describe('on a message', () => {
  it('J and K go through the messages, End to the end, and the rest scrolls', () => {
    expect(['j', 'k', 'J', 'End', 'ArrowDown', 'PageUp'].map((k) => messageKey(key(k)))).toEqual([
      'next',
      'previous',
      'next',
      'end',
      null,
      null,
    ]);
    expect(messageKey(key('k', { ctrlKey: true }))).toBeNull();
    expect(messageKey(key('j', { isComposing: true }))).toBeNull();
  });
});

describe('the list of shortcuts', () => {
  it('spells the keys as each system does', () => {
    expect([spelled('Shift+Mod+C', false), spelled('Shift+Mod+C', true)]).toEqual(['Shift+Ctrl+C', '⇧⌘C']);
  });

  it('names every shortcut with a letter, and none that is not there', () => {
    const listed = SHORTCUTS.flatMap(({ keys }) => keys).filter((keys) => keys.includes('Mod'));
    for (const keys of listed) {
      const shiftKey = keys.includes('Shift');
      const pressed = key(keys.split('+').at(-1)!, { ctrlKey: true, shiftKey });
      expect(shortcut(pressed, false), keys).not.toBeNull();
    }
    const letters = 'abcdefghijklmnopqrstuvwxyz,'.split('').filter((k) => shortcut(key(k, { ctrlKey: true }), false));
    expect(letters.every((k) => listed.includes(`Mod+${k.toUpperCase()}`))).toBe(true);
  });
});
