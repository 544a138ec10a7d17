/**
 * The window without its core, for looking at screens: `npm run dev`, then /dev/preview.html#<screen>[,dark].
 * Not part of the build.
 */
import { mockIPC } from '@tauri-apps/api/mocks';
import type { Channel } from '@tauri-apps/api/core';
import type { Account, AppEvent, Change, Phase, Problem, Snapshot, ThreadEvent } from '../src/bindings/wire';
import {
  account,
  conversations,
  filed,
  findIn,
  longThread,
  models,
  olderPage,
  personas,
  problem,
  providers,
  searched,
  thread,
  STREAM,
} from './data';
import { comparison } from './compare';
import { attached, PICTURE } from './files';
import { ANY } from '../src/lib/routing';

const [screen = 'chat', theme = 'system'] = location.hash.slice(1).split(',');
const now = Date.now();

const attempt = {
  step: 'waiting' as const,
  way: 'browser' as const,
  back: { kind: 'port' as const, address: 'localhost:3000' },
  endsAtMs: now + 281_000,
  hint: null,
};

const PHASES: Record<string, Phase> = {
  opening: { kind: 'opening' },
  connect: { kind: 'disconnected', ended: null },
  emulated: { kind: 'disconnected', ended: null },
  declined: {
    kind: 'disconnected',
    ended: problem('declined', 'You declined the request. Nothing was connected.'),
  },
  lostanswer: {
    kind: 'disconnected',
    ended: problem(
      'checkKeys',
      'OpenRouter’s answer was lost. A key may have been made: look at your keys, or connect again.',
      'error sending request: connection closed before message completed',
    ),
  },
  waiting: { kind: 'connecting', attempt },
  waitlink: { kind: 'connecting', attempt: { ...attempt, back: { kind: 'appLink' } } },
  waitpaste: { kind: 'connecting', attempt },
  apikey: { kind: 'disconnected', ended: null },
  arrived: { kind: 'connecting', attempt },
  arrivedlimit: { kind: 'connecting', attempt },
  exchanging: { kind: 'connecting', attempt: { ...attempt, step: 'exchanging' } },
  paste: { kind: 'connecting', attempt: { ...attempt, way: 'paste', back: null } },
  pastehint: {
    kind: 'connecting',
    attempt: { ...attempt, way: 'paste', back: null, hint: problem('refused', 'That is not a sign-in code.') },
  },
  seal: {
    kind: 'chooseSeal',
    reason: problem(
      'keychain',
      'Your system’s keychain does not answer, so it cannot guard the key.',
      'org.freedesktop.secrets',
    ),
    account,
  },
  locked: { kind: 'locked', passphrase: true, problem: null },
  wrong: {
    kind: 'locked',
    passphrase: true,
    problem: problem(
      'wrongPassphrase',
      'That passphrase does not open it. Try again; if you are sure of it, the file may be damaged.',
    ),
  },
  lockedkeychain: { kind: 'locked', passphrase: false, problem: null },
  vaultlost: {
    kind: 'vaultTrouble',
    problem: problem(
      'vaultLost',
      "The system's keychain no longer has what opens your stored key. Connect again; your conversations are still here.",
    ),
  },
  damaged: {
    kind: 'vaultTrouble',
    problem: problem(
      'vaultLost',
      'The file with your key is damaged and was set aside. Connect again; your conversations are still here.',
      '/home/ada/.local/share/dev.causeway.desktop/vault.quarantine/vault.json.0123456789abcdef',
    ),
  },
  nokeychain: {
    kind: 'vaultTrouble',
    problem: problem(
      'keychain',
      "The system's keychain did not answer in time. It may be asking you something: look for its window, then try again.",
      'the keychain did not answer in time',
    ),
  },
  unreadable: {
    kind: 'vaultTrouble',
    problem: problem(
      'again',
      "The file with your key can't be read. Check the folder's permissions and the disk, then try again.",
      'permission denied',
    ),
  },
  newer: {
    kind: 'vaultTrouble',
    problem: problem('newer', 'Your key was stored by a newer version of Causeway. Update, or connect again.'),
  },
};

const ACCOUNTS: Record<string, Partial<Account>> = {
  nolimit: { limitUsd: null, remainingUsd: null, resetsAtMs: null },
  accountover: {
    remainingUsd: -0.02,
    limitReset: 'weekly',
    expiresAtMs: now + 3 * 86_400_000,
    byokUsd: 17.38,
    byokMonthUsd: 2.1,
    budget: { member: false, limitUsd: 50, remainingUsd: 17.5, resetsAtMs: now + 86_400_000 * 5 },
    freeTier: true,
  },
  accountoffline: {
    label: '',
    checkedAtMs: null,
    unchecked: true,
    trouble: problem('offline', 'OpenRouter can’t be reached. Check the connection and try again.'),
  },
  accountgone: {
    trouble: problem('reconnect', 'OpenRouter does not accept this key. It may have been deleted or disabled.', '401'),
  },
  accountprevious: { previous: { maskedKey: 'sk-or-v1-0ab…9e1' } },
  accountnew: {},
  accountrunning: { renewal: { kind: 'running', step: 'exchanging' } },
  accountrefused: {
    renewal: {
      kind: 'ended',
      problem: problem(
        'keyPage',
        'OpenRouter lets only management keys do this from inside an app. Set the limit on your key’s page; it holds at once.',
        '403 Only management keys can perform this operation',
      ),
    },
  },
};

const snapshot: Snapshot = {
  phase: PHASES[screen] ?? {
    kind: 'connected',
    account: {
      ...account,
      ...ACCOUNTS[screen],
      ...(screen === 'securitypass' ? { kept: 'passphrase' as const } : {}),
      ...(screen === 'securitysession' ? { kept: 'session' as const } : {}),
    },
  },
  service: { origin: 'https://openrouter.ai', emulated: screen === 'emulated' || screen === 'emuchat' },
  settings: {
    theme: theme === 'dark' || theme === 'light' ? theme : 'system',
    model: screen === 'nomodel' ? null : 'anthropic/claude-sonnet-4.6',
    titleModel: null,
    favourites: ['anthropic/claude-sonnet-4.5', 'openai/gpt-5.2'],
    routing: ANY,
    sidebar: screen !== 'nosidebar',
    lockAfterMin: 15,
    wayBack: 'automatic',
    textSize: 100,
    tray: 'icon',
    notify: true,
    quickKey: true,
    updates: false,
    proxy: null,
    authorities: null,
  },
  conversations: ['empty', 'nomodel', 'lineup', 'damagedhistory'].includes(screen) ? [] : conversations,
  shelves: {
    folders: [
      { id: 'f1', name: 'Work', count: 2 },
      { id: 'f2', name: 'Tides', count: 1 },
    ],
    archive: 3,
    trash: 2,
  },
  historyProblem:
    screen === 'damagedhistory'
      ? problem(
          'damaged',
          'The file with your conversations is damaged. It was left as it is. Bring back a copy of it, or begin anew.',
          'the conversations file is damaged: database disk image is malformed',
        )
      : null,
  version: '0.1.0',
};

let app: Channel<AppEvent> | null = null;
let threads: Channel<ThreadEvent> | null = null;
let seq = 0;
const change = (c: Change) => threads?.onmessage({ seq: ++seq, change: c } satisfies ThreadEvent);

/** Plays an answer into the open thread. */
function play(id: string) {
  const ops = [...STREAM];
  const timer = setInterval(() => {
    const op = ops.shift();
    if (op) change({ kind: 'patch', message: id, ops: [op] });
    else clearInterval(timer);
  }, 40);
}

const current = screen === 'long' ? longThread : thread(screen);

mockIPC((command, payload) => {
  const args = payload as Record<string, unknown>;
  switch (command) {
    case 'app_subscribe':
      app = args.channel as Channel<AppEvent>;
      return null;
    case 'app_snapshot':
      return snapshot;
    case 'models_list':
    case 'models_refresh':
      if (screen === 'pickerfailed') {
        return {
          models: [],
          fetchedMs: null,
          problem: problem('offline', 'OpenRouter cannot be reached. Check the connection.'),
        };
      }
      return { models, fetchedMs: now - 190_000, problem: null };
    case 'model_providers':
      return { providers, problem: null };
    case 'thread_open':
      threads = args.channel as Channel<ThreadEvent>;
      if (screen === 'stream') setTimeout(() => play('a1'), 50);
      return { ...current, seq };
    case 'compare_open':
      return comparison(screen);
    case 'personas_list':
      return personas;
    case 'thread_page':
      return { ...olderPage(), seq };
    case 'thread_find':
      return findIn(current, String(args.words));
    case 'conversations_list': {
      const { kind } = args.shelf as { kind: string };
      if (args.after !== null || kind === 'open' || kind === 'pinned') return [];
      return filed(kind);
    }
    case 'files_list':
      return attached(screen);
    case 'file_picture':
      return PICTURE;
    case 'file_text':
      return 'region,net,gross\nnorth,812,1400\nsouth,640,1220\n';
    case 'revision_get':
      return null;
    case 'draft_get':
      return screen === 'draft' ? 'And how does that compare with\nthe second quarter?' : '';
    case 'link_inspect':
      return { host: 'xn--pple-43d.com', url: 'https://xn--pple-43d.com/login?next=%2Fexample' };
    case 'settings_set':
      return args.settings;
    case 'conversations_change':
      for (const id of args.ids as string[]) app?.onmessage({ kind: 'conversationGone', id });
      return [];
    case 'data_place':
      return {
        folder: '/home/ada/.local/share/dev.causeway.desktop',
        bytes: 48_300_000,
        copies: [
          { kind: 'last', takenMs: now - 2 * 3_600_000, bytes: 47_900_000 },
          { kind: 'day', takenMs: now - 30 * 3_600_000, bytes: 46_100_000 },
          { kind: 'week', takenMs: now - 200 * 3_600_000, bytes: 41_700_000 },
        ],
        problem: null,
      };
    case 'import_choose':
    case 'import_run':
      return {
        files: ['chatgpt-export-2026-11-02.zip'],
        sources: ['ChatGPT'],
        added: 312,
        extended: 2,
        known: 14,
        messages: 8_940,
        leftOut: 57,
        skipped: [
          { entry: 'Broken talk about tides', why: 'It is damaged: not JSON, or nested too deeply.' },
          { entry: 'Entry 207', why: 'It is too large to be one conversation.' },
          { entry: 'Untitled', why: 'There is nothing in it.' },
        ],
        skippedCount: 3,
        done: command === 'import_run',
      };
    case 'search':
      return searched(String(args.text));
    case 'send':
      throw problem(
        'offline',
        'OpenRouter cannot be reached. Your message is kept; send it again when you are online.',
      ) satisfies Problem;
    default:
      return null;
  }
});

await import('../src/main');

/** Some screens are a press away. */
const press = (selector: string) => document.querySelector<HTMLElement>(selector)?.click();
const key = (k: string) => window.dispatchEvent(new KeyboardEvent('keydown', { key: k, ctrlKey: true }));
/** Puts three models together in the picker. */
function lineUp() {
  const field = document.querySelector('[role=combobox]');
  const type = (key: string, ctrlKey = false) =>
    field?.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey, bubbles: true }));
  for (let nth = 0; nth < 3; nth += 1) {
    setTimeout(() => {
      type('Enter', true);
      type('ArrowDown');
    }, nth * 40);
  }
  if (screen === 'lineup') setTimeout(() => document.querySelector('dialog')?.close(), 300);
}

// The list of a narrow window lies in a drawer.
setTimeout(() => {
  if (!document.querySelector('aside nav')) key('b');
}, 50);
setTimeout(() => {
  if (['empty', 'nomodel', 'draftnew', 'lineup', 'droppingtemporary'].includes(screen)) return;
  if (screen.startsWith('compare')) press(`aside nav [data-conversation='${conversations[1]?.id}'] button.show`);
  else press('aside nav button.show');
  if (screen === 'apikey') press('.links button');
  if (screen === 'waitpaste') press('button.underlined');
}, 100);
setTimeout(() => {
  if (screen.startsWith('picker') || screen === 'lineup') key('m');
  if (screen === 'lineup' || screen === 'pickerlineup') setTimeout(() => lineUp(), 100);
  if (screen.startsWith('settings') || screen.startsWith('account')) key(',');
  if (screen.startsWith('settingsdata')) setTimeout(() => press('#tab-data'), 50);
  if (screen === 'settingsdatasure') setTimeout(() => press('[role=tabpanel] li button'), 300);
  if (screen === 'settingsdataexport') setTimeout(() => press('[role=tabpanel] section:nth-of-type(2) button'), 300);
  if (screen.startsWith('settingsdataimport')) {
    setTimeout(() => press('[role=tabpanel] section:nth-of-type(2) button:nth-of-type(2)'), 300);
  }
  if (screen === 'settingsdataimported') setTimeout(() => press('dialog[aria-label=Import] .end button'), 500);
  if (screen === 'settingsconnection') setTimeout(() => press('#tab-connection'), 50);
  if (screen === 'arrived' || screen === 'arrivedlimit') {
    const phase = (account: Account): AppEvent => ({ kind: 'phase', phase: { kind: 'connected', account } });
    app?.onmessage(phase(screen === 'arrived' ? { ...account, ...ACCOUNTS.nolimit } : account));
  }
  if (screen.startsWith('security')) {
    key(',');
    setTimeout(() => press('#tab-security'), 50);
    setTimeout(() => press('[role=tabpanel] .row button'), 150);
  }
  if (screen === 'options' || screen === 'optionsrouting') key('o');
  if (screen === 'optionsrouting') setTimeout(() => press('dialog summary'), 50);
  if (screen === 'settingsrouting') setTimeout(() => press('#tab-routing'), 50);
  if (screen === 'droppingtemporary') press('label.temporary input');
  if (screen.startsWith('dropping')) app?.onmessage({ kind: 'dragging', over: true });
  if (screen === 'find') key('f');
  if (screen === 'edit') press('article[aria-label=You] .tools button');
  if (screen === 'more') press('article footer button[aria-label=More]');
  if (screen === 'drawer') key('b');
  if (screen === 'link') press('[data-href]');
  if (screen === 'menu') press('aside nav [data-conversation] .more button');
  if (screen === 'palette' || screen === 'searched') key('k');
  if (screen === 'folders') press('aside nav .folder');
  if (screen === 'archive') press('.others button');
  if (screen === 'trash') press('.others button:nth-child(2)');
  if (screen === 'chosen') {
    for (const row of [...document.querySelectorAll('aside nav button.show')].slice(1, 4)) {
      row.dispatchEvent(new MouseEvent('click', { bubbles: true, ctrlKey: true }));
    }
  }
  if (screen === 'moving') {
    press('aside nav [data-conversation] .more button');
    setTimeout(() => press('[role=menu] button:nth-child(3)'), 50);
  }
  if (screen === 'retry') press('footer .menu button');
  if (screen === 'delete') {
    document
      .querySelector('aside nav button.show')
      ?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Delete', bubbles: true }));
  }
  if (screen === 'think') press('.think button');
}, 400);
setTimeout(() => {
  if (screen === 'accountnew') {
    [...document.querySelectorAll('button')].find((b) => b.textContent?.startsWith('A tighter'))?.click();
  }
  const words = document.querySelector<HTMLInputElement>('[role=search] input');
  if (screen === 'find' && words) {
    words.value = 'margin';
    words.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
  const cite = document.querySelector('.prose [data-cite]');
  if (screen === 'cited') cite?.scrollIntoView({ block: 'center' });
  if (screen === 'cited')
    setTimeout(() => cite?.dispatchEvent(new PointerEvent('pointerover', { bubbles: true })), 200);
  const search = document.querySelector<HTMLInputElement>('[role=combobox]');
  if (screen === 'searched' && search) {
    search.value = 'margin';
    search.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
  if (screen === 'pickersearch' && search) {
    search.value = 'sonnet';
    search.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
}, 600);
