/** The commands of the palette, as they are possible now. */
import { vaultLock } from '../host/commands';
import type { Section } from '../settings/sections';
import type { Chat } from '../state/chat.svelte';
import { attempt } from '../state/toasts.svelte';
import type { Command } from './commands';

const SETTINGS: [Section, string][] = [
  ['account', 'key limit usage disconnect'],
  ['security', 'keychain passphrase lock'],
  ['chat', 'title model'],
  ['data', 'folder backup copy restore where'],
  ['connection', 'sign in network'],
  ['appearance', 'theme dark light colours'],
  ['shortcuts', 'keys keyboard'],
  ['about', 'version licence'],
];

export function all(chat: Chat, toggleSidebar: () => void, showList: (list: Chat['listView']) => void): Command[] {
  const commands: Command[] = [
    { id: 'new', name: 'New chat', also: 'conversation begin', keys: 'Mod+N', run: () => void chat.show(null) },
    {
      id: 'temporary',
      name: 'Temporary chat',
      also: 'private incognito unsaved',
      run: () => void chat.beginTemporary(),
    },
    {
      id: 'models',
      name: 'Choose a model',
      also: 'picker switch',
      keys: 'Mod+M',
      run: () => (chat.picking = { kind: 'conversation' }),
    },
    {
      id: 'options',
      name: 'Options and personas',
      also: 'instructions temperature thinking',
      keys: 'Mod+O',
      run: () => (chat.optionsOpen = true),
    },
    { id: 'lock', name: 'Lock', also: 'key vault', keys: 'Mod+L', run: () => void attempt(vaultLock()) },
    { id: 'settings', name: 'Settings', also: 'preferences', keys: 'Mod+,', run: () => (chat.settings = 'account') },
    { id: 'sidebar', name: 'Show or hide the sidebar', also: 'list', keys: 'Mod+B', run: toggleSidebar },
    { id: 'folder', name: 'New folder', also: 'make group', run: () => (chat.moving = []) },
    { id: 'archive', name: 'Show the archive', also: 'list', run: () => showList('archive') },
    { id: 'trash', name: 'Show the trash', also: 'deleted restore undo', run: () => showList('trash') },
  ];
  const conversation = chat.conversation;
  if (conversation && !conversation.temporary) {
    const ids = [conversation.id];
    commands.push(
      { id: 'find', name: 'Find in this conversation', keys: 'Mod+F', run: () => chat.beginFind() },
      { id: 'copy', name: 'Copy the last answer', keys: 'Shift+Mod+C', run: () => void chat.copyLastAnswer() },
      {
        id: 'pin',
        name: conversation.pinned ? 'Unpin this conversation' : 'Pin this conversation',
        also: 'top',
        run: () => void chat.move(ids, { kind: 'pinned', on: !conversation.pinned }),
      },
      {
        id: 'move',
        name: 'Move this conversation to a folder',
        run: () => (chat.moving = ids),
      },
      {
        id: 'away',
        name: conversation.archived ? 'Take this conversation out of the archive' : 'Archive this conversation',
        run: () => void chat.move(ids, { kind: 'archived', on: !conversation.archived }),
      },
      {
        id: 'delete',
        name: 'Delete this conversation',
        also: 'remove trash',
        run: () => void chat.move(ids, { kind: 'deleted' }),
      },
    );
  }
  for (const [section, also] of SETTINGS) {
    const name = `${section.charAt(0).toUpperCase()}${section.slice(1)} settings`;
    commands.push({ id: `settings-${section}`, name, also, run: () => (chat.settings = section) });
  }
  return commands;
}
