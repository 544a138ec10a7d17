/** The mirror of the list of models. */
import type { Model, Problem } from '../bindings/wire';
import * as core from '../host/commands';
import { prepare, type Entry } from '../lib/fuzzy';
import { parts, presetOf } from '../lib/variants';

export class Catalogue {
  models = $state.raw<Model[]>([]);
  entries = $state.raw<Entry<Model>[]>([]);
  fetchedMs = $state<number | null>(null);
  problem = $state.raw<Problem | null>(null);
  loading = $state(false);
  private byId = $derived(new Map(this.models.map((model) => [model.id, model])));
  /** Those that are there to be chosen. */
  offered = $derived(this.models.filter((model) => model.goneMs === null));

  /** The model of an id, also of one with an ending such as `:nitro`. */
  find(id: string | null | undefined): Model | null {
    if (!id) return null;
    const listed = this.byId.get(id);
    if (listed) return listed;
    const found = parts(id);
    return (found && this.byId.get(found.base)) || null;
  }

  /** The model's name, or what its id says when the catalogue does not know it. */
  name(id: string): string {
    const listed = this.byId.get(id);
    if (listed) return listed.name;
    const preset = presetOf(id);
    if (preset !== null) return `Preset ${preset}`;
    const found = parts(id);
    if (found) return `${this.name(found.base)} (${found.says})`;
    return id.slice(id.indexOf('/') + 1);
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
