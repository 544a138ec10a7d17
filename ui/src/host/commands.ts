/** The core's commands. Each rejects with a `Problem`, whatever went wrong on the way. */
import { Channel, invoke } from '@tauri-apps/api/core';
import type {
  AppEvent,
  Asked,
  Attachment,
  CompareQuestion,
  Comparison,
  Conversation,
  Copied,
  CopyKind,
  DataPlace,
  Desk,
  Edit,
  ExportForm,
  Exported,
  Folder,
  Found,
  ImportReport,
  Link,
  Models,
  NewKey,
  Options,
  Page,
  Part,
  Persona,
  PersonaDraft,
  Problem,
  Providers,
  Question,
  SearchResult,
  Seal,
  Settings,
  Shelf,
  ShelfChange,
  Shelves,
  Snapshot,
  Span,
  Thread,
  ThreadEvent,
  ThreadPage,
  ThreadPlace,
  Update,
  TransferProgress,
  Way,
} from '../bindings/wire';
import { paced } from './pace';

function asProblem(thrown: unknown): Problem {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown) {
    return thrown as Problem;
  }
  // The bridge itself failed (an unknown command, arguments it cannot read): that is ours, not the person's.
  return { code: 'again', message: 'That did not work.', detail: String(thrown), retryAfterMs: null };
}

async function call<T = void>(command: string, args?: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (thrown) {
    throw asProblem(thrown);
  }
}

export const appSnapshot = () => call<Snapshot>('app_snapshot');
export const appSubscribe = (heard: (event: AppEvent) => void) =>
  call('app_subscribe', { channel: new Channel<AppEvent>(heard) });

export const appActive = () => call('app_active');
/** Something is on the screen: what can wait for that may begin. */
export const appPainted = () => call('app_painted');

export const deskFacts = () => call<Desk>('desk_facts');
export const drawingReset = () => call('drawing_reset');
export const quickClose = () => call('quick_close');
/** Goes on in the main window. */
export const quickLeave = (conversation: string | null) => call('quick_leave', { conversation });
export const updateCheck = () => call<Update | null>('update_check');
/** Ends with a new start of the app; `heard` is told of percents. */
export const updateInstall = (heard: (percent: number) => void) =>
  call('update_install', { progress: new Channel<number>(heard) });

export const connectStart = (way: Way) => call('connect_start', { way });
export const connectOpenAgain = () => call('connect_open_again');
export const connectCopyLink = () => call('connect_copy_link');
export const connectCancel = () => call('connect_cancel');
export const connectPaste = (text: string) => call('connect_paste', { text });
export const connectWithKey = (key: string) => call('connect_with_key', { key });
export const chooseSeal = (seal: Seal) => call('choose_seal', { seal });

export const vaultUnlock = (passphrase: string) => call('vault_unlock', { passphrase });
export const vaultRetry = () => call('vault_retry');
export const vaultLock = () => call('vault_lock');
/** `current` is the passphrase of now, where one seals the key. */
export const sealChange = (seal: Seal, current: string | null) => call('seal_change', { seal, current });
export const keychainProbe = () => call('keychain_probe');
export const disconnect = () => call('disconnect');

export const accountRefresh = () => call('account_refresh');
export const keyRenew = (wish: NewKey) => call('key_renew', { wish });
export const keyRenewCancel = () => call('key_renew_cancel');
export const keyPreviousForget = () => call('key_previous_forget');
export const pageOpen = (page: Page) => call('page_open', { page });

export const modelsList = () => call<Models>('models_list');
export const modelProviders = (model: string) => call<Providers>('model_providers', { model });
export const modelOpen = (model: string) => call('model_open', { model });
export const modelsRefresh = () => call<Models>('models_refresh');

export const conversationsList = (shelf: Shelf, after: string | null) =>
  call<Conversation[]>('conversations_list', { shelf, after });
export const conversationsChange = (ids: string[], change: ShelfChange) =>
  call<Conversation[]>('conversations_change', { ids, change });
/** For good; without ids the whole trash. */
export const conversationsPurge = (ids: string[] | null) => call('conversations_purge', { ids });
/** Lets go of a temporary conversation. */
export const conversationForget = (id: string) => call('conversation_forget', { id });
export const dataPlace = () => call<DataPlace>('data_place');
export const dataFolderOpen = () => call('data_folder_open');
/** Null when no folder was chosen. */
export const dataMove = () => call<DataPlace | null>('data_move');
export const copyNow = () => call<DataPlace>('copy_now');
export const copyBringBack = (kind: CopyKind) => call<DataPlace>('copy_bring_back', { kind });
export const dataBeginAnew = () => call<DataPlace>('data_begin_anew');
/** All, or those named; null when no file was chosen. The core asks for the file. */
export const exportSave = (ids: string[] | null, form: ExportForm, heard: (progress: TransferProgress) => void) =>
  call<Exported | null>('export_save', { ids, form, channel: new Channel<TransferProgress>(heard) });
/** What importing the files that the person chooses would do; null when none was chosen. */
export const importChoose = (heard: (progress: TransferProgress) => void) =>
  call<ImportReport | null>('import_choose', { channel: new Channel<TransferProgress>(heard) });
export const importRun = (heard: (progress: TransferProgress) => void) =>
  call<ImportReport>('import_run', { channel: new Channel<TransferProgress>(heard) });
export const transferStop = () => call('transfer_stop');
export const shelvesList = () => call<Shelves>('shelves_list');
export const folderCreate = (name: string) => call<Folder>('folder_create', { name });
export const folderRename = (id: string, name: string) => call('folder_rename', { id, name });
export const folderDelete = (id: string) => call('folder_delete', { id });
export const conversationRename = (id: string, title: string) => call('conversation_rename', { id, title });
export const conversationSetModel = (id: string, model: string) => call('conversation_set_model', { id, model });

/** Also applies a persona: its options, and its model if it names one. */
export const conversationSetOptions = (id: string, options: Options, model: string | null) =>
  call<Conversation>('conversation_set_options', { id, options, model });

export const personasList = () => call<Persona[]>('personas_list');
export const personaSave = (persona: PersonaDraft) => call<Persona>('persona_save', { persona });
export const personaDelete = (id: string) => call('persona_delete', { id });

export const threadOpen = (conversation: string, span: Span | null, heard: (event: ThreadEvent) => void) =>
  call<Thread>('thread_open', { conversation, span, channel: new Channel<ThreadEvent>(paced(heard)) });
export const threadPage = (conversation: string, place: ThreadPlace) =>
  call<ThreadPage>('thread_page', { conversation, place });
export const threadFind = (conversation: string, words: string) => call<Found>('thread_find', { conversation, words });
export const threadClose = () => call('thread_close');

export const send = (question: Question) => call<Asked>('send', { question });
export const compareOpen = (conversation: string, heard: (event: ThreadEvent) => void) =>
  call<Comparison>('compare_open', { conversation, channel: new Channel<ThreadEvent>(paced(heard)) });
export const compare = (question: CompareQuestion) => call<Asked>('compare', { question });
export const compareAgain = (conversation: string, place: number) =>
  call<Asked>('compare_again', { conversation, place });
export const compareReveal = (conversation: string) => call('compare_reveal', { conversation });
export const compareChoose = (conversation: string, place: number) =>
  call<Conversation>('compare_choose', { conversation, place });
export const stop = (message: string) => call('stop', { message });
export const edit = (edit: Edit) => call<Asked>('edit', { edit });
export const retry = (message: string, model: string | null, maxTokens: number | null = null) =>
  call<Asked>('retry', { message, model, maxTokens });
export const continueAnswer = (message: string) => call<Asked>('continue_answer', { message });
export const messageDelete = (message: string) => call('message_delete', { message });
export const messageRestore = (message: string) => call('message_restore', { message });
export const branchSelect = (message: string, sibling: number) => call('branch_select', { message, sibling });
export const search = (text: string, utcOffsetMin: number, older: number | null) =>
  call<SearchResult>('search', { text, utcOffsetMin, older });
/** Has the message's branch be the shown one; answers with its conversation. */
export const messageReveal = (message: string) => call<string>('message_reveal', { message });
export const messageCopy = (message: string) => call('message_copy', { message });
export const messageCopyPart = (message: string, part: Part) => call<Copied>('message_copy_part', { message, part });
export const clipboardWrite = (text: string) => call('clipboard_write', { text });

export const draftGet = (conversation: string | null) => call<string>('draft_get', { conversation });
export const draftSet = (conversation: string | null, text: string) => call('draft_set', { conversation, text });

export const revisionGet = (message: string) => call<string | null>('revision_get', { message });
export const revisionSet = (message: string, text: string | null) => call('revision_set', { message, text });

export const filesList = (conversation: string | null) => call<Attachment[]>('files_list', { conversation });
export const filesPick = (conversation: string | null) => call('files_pick', { conversation });
/** Its bytes go as they are, without a detour through text. */
export async function filePaste(conversation: string | null, name: string, bytes: ArrayBuffer): Promise<void> {
  const headers = { name: encodeURIComponent(name), conversation: conversation ?? '' };
  try {
    await invoke('file_paste', bytes, { headers });
  } catch (thrown) {
    throw asProblem(thrown);
  }
}
export const fileRemove = (id: string) => call('file_remove', { id });
export const filesArrange = (conversation: string | null, ids: string[]) =>
  call('files_arrange', { conversation, ids });
export const fileTrim = (id: string, letters: number | null) => call('file_trim', { id, letters });
export const filePicture = (id: string, whole: boolean) => call<string>('file_picture', { id, whole });
export const fileSave = (id: string) => call('file_save', { id });
export const fileOpen = (id: string) => call('file_open', { id });
export const fileCopy = (id: string) => call('file_copy', { id });
export const fileReuse = (id: string, conversation: string) => call('file_reuse', { id, conversation });
export const filesTemporary = (on: boolean) => call('files_temporary', { on });
export const fileText = (id: string) => call<string>('file_text', { id });

export const linkInspect = (href: string) => call<Link>('link_inspect', { href });
export const linkOpen = (href: string) => call('link_open', { href });
export const settingsSet = (settings: Settings) => call<Settings>('settings_set', { settings });
