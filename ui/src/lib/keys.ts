/** What keys mean. */

export interface Key {
  key: string;
  code?: string;
  keyCode?: number;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
  isComposing?: boolean;
}

export type Shortcut =
  | {
      kind:
        | 'new'
        | 'search'
        | 'models'
        | 'settings'
        | 'sidebar'
        | 'options'
        | 'lock'
        | 'find'
        | 'copyAnswer'
        | 'next'
        | 'previous'
        | 'larger'
        | 'smaller'
        | 'usualSize';
    }
  | { kind: 'conversation'; index: number };

export const isMac = (platform: string) => /mac|iphone|ipad/i.test(platform);

/** `⌘N` or `Ctrl+N`. */
export const label = (key: string, mac: boolean) => (mac ? `⌘${key}` : `Ctrl+${key}`);

/** As it is written: `Mod` is ⌘ on a Mac and Ctrl elsewhere. */
export function spelled(keys: string, mac: boolean): string {
  if (!mac) return keys.replace('Mod', 'Ctrl');
  const signs: Record<string, string> = { Mod: '⌘', Shift: '⇧', Alt: '⌥' };
  return keys
    .split('+')
    .map((key) => signs[key] ?? key)
    .join('');
}

/** Every key of the window, for those who look it up. */
export const SHORTCUTS: readonly { keys: string[]; does: string }[] = [
  { keys: ['Mod+N'], does: 'New chat' },
  { keys: ['Mod+K'], does: 'Search everything, and every command' },
  { keys: ['Mod+M'], does: 'Choose a model' },
  { keys: ['Mod+O'], does: 'Options and personas' },
  { keys: ['Mod+F'], does: 'Find in the conversation' },
  { keys: ['Enter', 'Shift+Enter'], does: 'Next or previous hit, while finding' },
  { keys: ['Enter'], does: 'Send' },
  { keys: ['Shift+Enter'], does: 'New line' },
  { keys: ['↑'], does: 'Edit the last question, from an empty field' },
  { keys: ['Esc'], does: 'Stop the answer, or close what is open' },
  { keys: ['J', 'K'], does: 'Next or previous message, in the conversation' },
  { keys: ['End'], does: 'The end of the conversation' },
  { keys: ['Shift+Mod+C'], does: 'Copy the last answer' },
  { keys: ['Mod+B'], does: 'Show or hide the sidebar' },
  { keys: ['Alt+↑', 'Alt+↓'], does: 'Previous or next conversation' },
  { keys: ['Mod+1', 'Mod+9'], does: 'One of the first nine conversations' },
  { keys: ['F2', 'Del'], does: 'Rename or delete, in the list of conversations' },
  { keys: ['Shift+↑', 'Shift+↓'], does: 'Choose several, in the list of conversations' },
  { keys: ['Mod+,'], does: 'Settings' },
  { keys: ['Mod+='], does: 'Larger text' },
  { keys: ['Mod+-'], does: 'Smaller text' },
  { keys: ['Mod+0'], does: 'Text of the usual size' },
  { keys: ['Mod+L'], does: 'Lock' },
];

/**
 * True while an input method is putting a word together: such an Enter takes the word and must not send.
 * WebKit ends the composition before it tells of the key, and then only the key code 229 says so.
 */
export const composing = (e: Key) => e.isComposing === true || e.keyCode === 229;

/** What a key does on a message or the conversation as a whole; null leaves it to scrolling. */
export function messageKey(e: Key): 'next' | 'previous' | 'end' | null {
  if (composing(e) || e.ctrlKey || e.metaKey || e.altKey || e.shiftKey) return null;
  const key = e.key.toLowerCase();
  if (key === 'j') return 'next';
  if (key === 'k') return 'previous';
  return e.key === 'End' ? 'end' : null;
}

/** What the composer does with a key; null leaves it to the field. */
export function composerKey(e: Key, empty = false): 'send' | 'stop' | 'edit' | null {
  if (composing(e)) return null;
  if (e.key === 'ArrowUp' && empty && !e.shiftKey && !e.altKey && !e.ctrlKey && !e.metaKey) return 'edit';
  if (e.key === 'Enter' && !e.shiftKey && !e.altKey) return 'send';
  if (e.key === 'Escape') return 'stop';
  return null;
}

/** The shortcut of the whole window that these keys are, if any. */
export function shortcut(e: Key, mac: boolean): Shortcut | null {
  if (composing(e)) return null;
  if (e.altKey && !e.ctrlKey && !e.metaKey && !e.shiftKey) {
    if (e.key === 'ArrowDown') return { kind: 'next' };
    if (e.key === 'ArrowUp') return { kind: 'previous' };
    return null;
  }
  const held = mac ? e.metaKey && !e.ctrlKey : e.ctrlKey && !e.metaKey;
  if (!held || e.altKey) return null;
  const key = e.key.toLowerCase();
  // With Shift on most keyboards, without on some.
  if (key === '+') return { kind: 'larger' };
  if (e.shiftKey) return key === 'c' ? { kind: 'copyAnswer' } : null;
  if (/^[1-9]$/.test(key)) return { kind: 'conversation', index: Number(key) - 1 };
  switch (key) {
    case 'n':
      return { kind: 'new' };
    case 'k':
      return { kind: 'search' };
    case 'm':
      return { kind: 'models' };
    case ',':
      return { kind: 'settings' };
    case 'l':
      return { kind: 'lock' };
    case 'b':
      return { kind: 'sidebar' };
    case 'o':
      return { kind: 'options' };
    case 'f':
      return { kind: 'find' };
    case '=':
      return { kind: 'larger' };
    case '-':
      return { kind: 'smaller' };
    case '0':
      return { kind: 'usualSize' };
    default:
      return null;
  }
}
