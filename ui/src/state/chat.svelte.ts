/** What the person is looking at and doing in the chat. */
import type { Options, Persona, Problem, ShelfChange } from '../bindings/wire';
import * as core from '../host/commands';
import { plural } from '../lib/count';
import { NONE, sameOptions } from '../lib/options';
import type { Section } from '../settings/sections';
import type { App } from './app.svelte';
import { Catalogue } from './catalogue.svelte';
import { CompareState } from './compare.svelte';
import { Draft, type Drafts } from './draft.svelte';
import { Files } from './files.svelte';
import { Find } from './find.svelte';
import type { MessageState } from './message.svelte';
import { Personas } from './personas.svelte';
import { Selection } from './selection.svelte';
import { ThreadState } from './thread.svelte';
import { attempt, tell, toasts } from './toasts.svelte';

/** So long a temporary conversation that was left is still there: a little longer than the way back to it. */
const FORGOTTEN_MS = 22_000;
/** The most models that are asked at once. */
export const MOST_COMPARED = 4;

/** What the model picker chooses for. */
export type Picking = { kind: 'conversation' } | { kind: 'compare' } | { kind: 'retry'; message: string };

/** A question that other words are written for. */
export interface Editing {
  message: string;
  text: string;
  /** Another question in its place, not the same in other words. */
  anew: boolean;
  /** How many files it has. */
  files: number;
  /** Words that were begun for it before and not asked. */
  begun: string | null;
}

export class Chat {
  thread = new ThreadState({ open: core.threadOpen, page: core.threadPage, close: core.threadClose });
  find = new Find(core.threadFind);
  compare = new CompareState(core.compareOpen);
  /** Models that the next question goes to at once; one alone waits for another. */
  lineup = $state.raw<string[]>([]);
  /** They are not named until one is chosen. */
  blind = $state(false);
  draft: Draft;
  /** What is begun next is kept in memory alone. */
  temporary = $state(false);
  files = new Files({
    list: core.filesList,
    pick: core.filesPick,
    paste: core.filePaste,
    remove: core.fileRemove,
    arrange: core.filesArrange,
    trim: core.fileTrim,
    temporary: core.filesTemporary,
  });
  catalogue = new Catalogue();
  personas = new Personas({ list: core.personasList, save: core.personaSave, remove: core.personaDelete });
  picking = $state.raw<Picking | null>(null);
  /** The section of the settings that is open. */
  settings = $state.raw<Section | null>(null);
  optionsOpen = $state(false);
  /** What is chosen in the sidebar. */
  readonly selection = new Selection();
  /** Which list the sidebar shows. */
  listView = $state<'main' | 'archive' | 'trash'>('main');
  /** The conversations that a folder is to be chosen for; none at all makes a folder. */
  moving = $state.raw<string[] | null>(null);
  /** The palette that searches everything. */
  palette = $state(false);
  /** How a conversation that is not begun will be asked. */
  private fresh = $state.raw<Options>(NONE);
  /** The sidebar over a narrow window. */
  drawer = $state(false);
  sending = $state(false);
  /** Why the last message could not be sent; its words are still in the composer. */
  refused = $state.raw<Problem | null>(null);
  /** Grows when the thread should show its end. */
  jump = $state(0);
  /** The question that is being edited, with the words as they began. */
  editing = $state.raw<Editing | null>(null);
  /** Grows when the composer should take the focus. */
  focus = $state(0);

  conversation = $derived.by(
    () =>
      (this.thread.id === null ? null : this.app.lists.find(this.thread.id)) ??
      this.thread.conversation ??
      this.compare.conversation,
  );
  modelId = $derived.by(() => this.conversation?.model ?? (this.thread.id === null ? this.app.settings.model : null));
  model = $derived(this.catalogue.find(this.modelId));
  /** Several models answer in the conversation that is shown. */
  comparing = $derived(this.conversation?.comparing ?? false);
  /** The models that the next question goes to, where they are several; none is not told who it is. */
  asked = $derived<(string | null)[]>(
    this.comparing ? this.compare.columns.map((c) => c.model) : this.lineup.length > 1 ? this.lineup : [],
  );
  answering = $derived(this.comparing ? this.compare.running.length > 0 : this.thread.running !== null);
  /** How the next question is asked. */
  options = $derived<Options>(
    this.thread.id === null ? this.fresh : ((this.comparing ? this.compare.options : this.thread.options) ?? NONE),
  );

  /** Nothing of it is kept, so nothing can be attached, for that would be. */
  traceless = $derived(this.thread.id === null ? this.temporary : (this.conversation?.temporary ?? false));
  /** What goes with the next question. */
  attached = $derived(this.traceless ? [] : this.files.ready);
  /** The models that the next question goes to, as the catalogue has them; null for one that it does not, or that is not
   * told. */
  models = $derived(this.asked.length > 0 ? this.asked.map((id) => this.catalogue.find(id)) : [this.model]);
  /** There is something to send. */
  get sendable(): boolean {
    return !this.draft.empty || this.attached.length > 0;
  }

  /** `drafts` keeps what is being written. */
  constructor(
    readonly app: App,
    drafts: Drafts = { get: core.draftGet, set: core.draftSet },
    /** Words alone are asked here: nothing can be attached, and nothing that is there be changed. */
    readonly brief = false,
  ) {
    this.draft = new Draft({
      get: drafts.get,
      // Of what is temporary nothing is written, not even what is being typed.
      set: (id, text) => (id === null && this.temporary ? Promise.resolve() : drafts.set(id, text)),
    });
    app.filesHeard = (conversation, files) => this.files.hear(conversation, files);
  }

  /** A key is at hand: what was begun for a new chat is there again. */
  enter(): void {
    void this.draft.open(this.thread.id);
    void this.files.open(this.thread.id);
  }

  /** The key is gone or locked away, and with it what was on the screen. */
  leave(): void {
    this.draft.flush();
    // What is not to be written is not kept behind a lock either.
    if (this.conversation?.temporary) void core.conversationForget(this.conversation.id).catch(() => undefined);
    this.temporary = false;
    this.picking = null;
    this.palette = false;
    this.moving = null;
    this.settings = null;
    this.optionsOpen = false;
    this.editing = null;
    this.drawer = false;
    this.find.leave();
    this.lineup = [];
    this.compare.close();
    void this.thread.open(null);
  }

  async show(id: string | null): Promise<void> {
    this.drawer = false;
    this.refused = null;
    this.focus += 1;
    if (id === this.thread.id && !this.thread.problem) return;
    this.find.leave();
    this.part();
    this.lineup = [];
    const opened = Promise.all([this.open(id), this.draft.open(id), this.files.open(id)]);
    // Not before: what was typed in a temporary one is not kept on leaving it either.
    if (id !== null) this.temporary = false;
    await opened;
  }

  /** Begins a conversation that is nowhere written. */
  async beginTemporary(on = true): Promise<void> {
    await this.show(null);
    this.temporary = on;
    // What was typed before is not to stay behind either.
    if (on) await attempt(core.draftSet(null, ''));
  }

  /** A temporary conversation that is left can be gone back to for a while. */
  private part(): void {
    const left = this.conversation;
    if (!left?.temporary) return;
    const forget = () => {
      if (this.thread.id !== left.id) void core.conversationForget(left.id).catch(() => undefined);
    };
    const timer = setTimeout(forget, FORGOTTEN_MS);
    toasts.show('The temporary chat is closed.', {
      label: 'Go back',
      run: () => {
        clearTimeout(timer);
        void this.show(left.id);
      },
    });
  }

  /** A conversation opens as a thread or as a comparison, whichever it is. */
  private async open(id: string | null): Promise<void> {
    const side = id !== null && this.app.lists.find(id)?.comparing;
    if (id !== null && side) {
      this.thread.hold(id);
      await this.compare.open(id);
    } else {
      this.compare.close();
      await this.thread.open(id);
    }
  }

  /** To be called when the conversation that is shown may have become a comparison, or is none any more. */
  async settle(): Promise<void> {
    const { id } = this.thread;
    if (id === null || this.comparing === (this.compare.id === id)) return;
    if (this.comparing) {
      this.thread.hold(id);
      await this.compare.open(id);
    } else {
      this.compare.close();
      await this.thread.open(id);
    }
  }

  /** Puts a model among those that are asked at once, or takes it away. */
  toggleCompared(model: string): void {
    const rest = this.lineup.filter((id) => id !== model);
    if (rest.length < this.lineup.length) this.lineup = rest;
    else if (rest.length < MOST_COMPARED) this.lineup = [...rest, model];
    else toasts.show('Four models at once are the most. Take one away first.');
  }

  /** Goes on with one model of a comparison, and ends it. */
  async choose(place: number): Promise<void> {
    const { id } = this.compare;
    if (
      id === null ||
      !(await attempt(
        core.compareChoose(id, place).then((c) => this.app.hear({ kind: 'conversation', conversation: c })),
      ))
    )
      return;
    this.focus += 1;
    await this.settle();
  }

  async tellNames(): Promise<void> {
    const { id } = this.compare;
    if (id !== null) await attempt(core.compareReveal(id));
  }

  async answerAgain(place: number): Promise<void> {
    const { id } = this.compare;
    if (id !== null) await attempt(core.compareAgain(id, place));
  }

  async send(): Promise<void> {
    const text = this.draft.whole;
    if (this.sending || this.answering || !this.sendable || this.files.reading) return;
    const several = this.asked.length > 0;
    if (this.modelId === null && !several) {
      this.picking = { kind: 'conversation' };
      return;
    }
    this.sending = true;
    this.refused = null;
    const from = this.thread.id;
    try {
      const options = from === null ? { options: this.fresh } : {};
      const temporary = from === null && this.temporary;
      const files = this.attached.map((file) => file.id);
      const asked = several
        ? await core.compare({
            conversation: from,
            text,
            models: this.lineup,
            blind: this.blind,
            options: options.options ?? null,
            temporary,
            files,
          })
        : await core.send({ conversation: from, text, model: this.modelId ?? '', temporary, ...options, files });
      await this.files.forgetRefused();
      if (from === null) this.fresh = NONE;
      if (several) this.lineup = [];
      // Only if the person is still there: they may have gone elsewhere meanwhile.
      if (this.thread.id === from) {
        this.draft.clear();
        this.jump += 1;
        if (from === null) await this.show(asked.conversation);
      }
    } catch (problem) {
      this.refused = problem as Problem;
    } finally {
      this.sending = false;
    }
  }

  async stop(): Promise<void> {
    const { running } = this.thread;
    const answers = this.comparing ? this.compare.running.map((m) => m.meta.id) : running === null ? [] : [running];
    await Promise.all(answers.map((answer) => attempt(core.stop(answer))));
  }

  /** Opens the last question for editing; false when there is none, or an answer is being written. */
  editLast(): boolean {
    const question = this.thread.messages.findLast((m) => m.meta.role === 'user');
    if (this.brief || !question || this.thread.running !== null || this.thread.newer) return false;
    void this.edit(question);
    return true;
  }

  edit({ meta, text }: MessageState): Promise<void> {
    return this.revise({ message: meta.id, text, anew: false, files: meta.attachments.length });
  }

  private async revise(editing: Omit<Editing, 'begun'>): Promise<void> {
    const { id } = this.thread;
    const begun = await core.revisionGet(editing.message).catch(() => null);
    if (this.thread.id === id) this.editing = { ...editing, begun };
  }

  beginFind(): void {
    if (this.thread.id !== null && !this.comparing) this.find.show(this.thread.id);
  }

  endFind(): void {
    this.find.close();
    this.focus += 1;
  }

  async retry(message: string, model: string | null = null, maxTokens: number | null = null): Promise<void> {
    if (await attempt(core.retry(message, model, maxTokens))) this.jump += 1;
  }

  /** Goes on with an answer that was broken off. */
  async goOn(message: string): Promise<void> {
    if (await attempt(core.continueAnswer(message))) this.jump += 1;
  }

  /** Asks other words in place of a question: a version beside it. Rejects when it is not asked. */
  async askInstead(message: string, text: string, keepFiles = true): Promise<void> {
    await core.edit({ message, text, model: null, keepFiles });
    this.editing = null;
    this.jump += 1;
    this.focus += 1;
  }

  /** Another question after this answer, beside the one that was asked. */
  branchAfter(message: string): void {
    const { messages } = this.thread;
    const next = messages[messages.findIndex((m) => m.meta.id === message) + 1];
    if (next) void this.revise({ message: next.meta.id, text: '', anew: true, files: 0 });
    else this.focus += 1;
  }

  /** Takes a message away with what follows it, until it is asked for again. */
  async removeMessage(message: string): Promise<void> {
    const after = this.thread.messages.findIndex((m) => m.meta.id === message);
    const alone = after === this.thread.messages.length - 1 && !this.thread.newer;
    if (!(await attempt(core.messageDelete(message)))) return;
    toasts.show(alone ? 'The message is deleted.' : 'The message and what followed it are deleted.', {
      label: 'Undo',
      run: () => void attempt(core.messageRestore(message)),
    });
  }

  /** Asks so from now on. Rejects with what is wrong. */
  async setOptions(options: Options, model: string | null = null): Promise<void> {
    const { id } = this.thread;
    if (id === null) {
      this.fresh = options;
      if (model !== null) await this.app.set({ model });
      return;
    }
    await core.conversationSetOptions(id, options, model);
    // The thread says so itself; this is for those who look at once.
    if (this.thread.id === id) this.thread.options = options;
    if (this.compare.id === id) this.compare.options = options;
  }

  applyPersona(persona: Persona): Promise<void> {
    return this.setOptions(persona.options, persona.model);
  }

  /** True when the next question is asked as this persona would. */
  asksAs({ model, options }: Persona): boolean {
    return (model === null || model === this.modelId) && sameOptions(options, this.options);
  }

  /** Marks a model as a favourite, or no longer. */
  toggleFavourite(model: string): Promise<void> {
    const { favourites } = this.app.settings;
    const rest = favourites.filter((id) => id !== model);
    return this.app.set({ favourites: rest.length === favourites.length ? [...favourites, model] : rest });
  }

  async pick(model: string): Promise<void> {
    const picking = this.picking;
    this.picking = null;
    if (picking?.kind === 'retry') {
      await this.retry(picking.message, model);
      return;
    }
    if (picking?.kind === 'compare') {
      if (!this.lineup.includes(model)) this.toggleCompared(model);
      this.focus += 1;
      return;
    }
    await this.use(model);
  }

  /** Asks this model from now on. */
  async use(model: string): Promise<void> {
    this.focus += 1;
    this.lineup = [];
    if (this.thread.id !== null) await attempt(core.conversationSetModel(this.thread.id, model));
    // The next new chat starts with what was chosen last.
    await attempt(this.app.set({ model }));
  }

  /** Moves conversations between the lists, with a way back where it takes something away. */
  async move(ids: readonly string[], change: ShelfChange): Promise<boolean> {
    const before = ids.map((id) => this.app.lists.find(id)).filter((c) => c !== undefined);
    if (!(await attempt(core.conversationsChange([...ids], change)))) return false;
    const taken = change.kind === 'deleted' || (change.kind === 'archived' && change.on);
    if (!taken) return true;
    const shown = this.thread.id;
    if (change.kind === 'deleted' && shown !== null && ids.includes(shown)) await this.show(null);
    const word = change.kind === 'deleted' ? 'deleted' : 'archived';
    const [only] = before;
    const told =
      ids.length === 1 && only ? `“${only.title}” is ${word}.` : `${plural(ids.length, 'conversation')} ${word}.`;
    const back: ShelfChange = change.kind === 'deleted' ? { kind: 'restored' } : { kind: 'archived', on: false };
    toasts.show(told, { label: 'Undo', run: () => void attempt(core.conversationsChange([...ids], back)) });
    return true;
  }

  /** Puts what is being moved into the folder chosen for it. */
  async moveTo(folder: string | null): Promise<void> {
    const ids = this.moving ?? [];
    this.moving = null;
    if (ids.length > 0 && (await this.move(ids, { kind: 'folder', id: folder }))) this.selection.clear();
  }

  /** Shows a message, on whatever branch it is, with the words marked that led to it. */
  async reveal(message: string, words: readonly string[]): Promise<void> {
    try {
      const conversation = await core.messageReveal(message);
      await this.show(conversation);
      this.find.point(conversation, message, words);
    } catch (problem) {
      tell(problem);
    }
  }

  /** The conversation above or below in the list. */
  async step(by: 1 | -1): Promise<void> {
    const list = this.app.conversations;
    const at = list.findIndex((c) => c.id === this.thread.id);
    const next = list[at < 0 ? 0 : at + by];
    if (next) await this.show(next.id);
  }

  async copyLastAnswer(): Promise<void> {
    const answer = this.thread.messages.findLast((m) => m.meta.role === 'assistant' && m.spoke);
    if (answer && (await attempt(core.messageCopy(answer.meta.id)))) toasts.show('The last answer is copied.');
  }
}
