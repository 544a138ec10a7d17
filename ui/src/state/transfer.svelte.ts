import type { ExportForm, Exported, ImportReport, Problem, TransferProgress } from '../bindings/wire';
import { exportSave, importChoose, importRun, transferStop } from '../host/commands';
import { plural } from '../lib/count';
import { toasts } from './toasts.svelte';

/** An export or import: what is asked, how far it is, and what came of it. There is one at a time. */
export class Transfer {
  /** The conversations to export once a form is chosen; null for none being asked, 'all' for all. */
  asking = $state.raw<string[] | 'all' | null>(null);
  running = $state.raw<'export' | 'look' | 'import' | null>(null);
  progress = $state.raw<TransferProgress | null>(null);
  report = $state.raw<ImportReport | null>(null);
  problem = $state.raw<Problem | null>(null);

  readonly heard = (progress: TransferProgress) => {
    this.progress = progress;
  };

  askForm(ids: string[] | 'all') {
    this.problem = null;
    this.asking = ids;
  }

  async export(form: ExportForm) {
    const ids = this.asking === 'all' ? null : this.asking;
    const done = await this.#run<Exported | null>('export', () => exportSave(ids, form, this.heard));
    if (done === undefined) return;
    this.asking = null;
    if (!done) return;
    const gone =
      done.missing > 0 ? ` ${plural(done.missing, 'attached file')} could not be found and did not go along.` : '';
    toasts.show(`${plural(done.conversations, 'conversation')} exported.${gone}`);
  }

  async choose() {
    const report = await this.#run('look', () => importChoose(this.heard));
    if (report) this.report = report;
  }

  async import() {
    const report = await this.#run('import', () => importRun(this.heard));
    if (report) this.report = report;
  }

  stop() {
    void transferStop();
  }

  close() {
    if (this.running !== null) this.stop();
    this.asking = null;
    this.report = null;
    this.problem = null;
  }

  async #run<T>(what: 'export' | 'look' | 'import', work: () => Promise<T>): Promise<T | undefined> {
    if (this.running !== null) return undefined;
    this.running = what;
    this.progress = null;
    this.problem = null;
    try {
      return await work();
    } catch (why) {
      this.problem = why as Problem;
      return undefined;
    } finally {
      this.running = null;
    }
  }
}

export const transfer = new Transfer();
