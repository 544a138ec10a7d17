/** The mirror of the list of models. */
import type { Model, Problem } from '../bindings/wire';
import * as core from '../host/commands';
import { prepare, type Entry } from '../lib/fuzzy';

export class Catalogue {
  models = $state.raw<Model[]>([]);
  entries = $state.raw<Entry<Model>[]>([]);
  fetchedMs = $state<number | null>(null);
  problem = $state.raw<Problem | null>(null);
  loading = $state(false);
  private byId = $derived(new Map(this.models.map((model) => [model.id, model])));

  find(id: string | null | undefined): Model | null {
    return (id && this.byId.get(id)) || null;
  }

  /** The model's name, or what its id says when the catalogue does not know it. */
  name(id: string): string {
    return this.find(id)?.name ?? id.slice(id.indexOf('/') + 1);
  }

  load = () => this.ask(core.modelsList);
  refresh = () => this.ask(core.modelsRefresh);

  private async ask(from: typeof core.modelsList): Promise<void> {
    this.loading = true;
    try {
      const { models, fetchedMs, problem } = await from();
      this.models = models;
      this.entries = prepare(models);
      this.fetchedMs = fetchedMs;
      this.problem = problem;
    } catch (problem) {
      this.problem = problem as Problem;
    } finally {
      this.loading = false;
    }
  }
}
