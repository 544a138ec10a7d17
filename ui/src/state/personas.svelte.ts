/** The mirror of the personas: named ways to ask. */
import type { Persona, PersonaDraft, Problem } from '../bindings/wire';

export interface Store {
  list(): Promise<Persona[]>;
  save(draft: PersonaDraft): Promise<Persona>;
  remove(id: string): Promise<void>;
}

export class Personas {
  list = $state.raw<Persona[]>([]);
  problem = $state.raw<Problem | null>(null);

  constructor(private readonly store: Store) {}

  async load(): Promise<void> {
    try {
      this.list = await this.store.list();
      this.problem = null;
    } catch (problem) {
      this.problem = problem as Problem;
    }
  }

  /** Rejects with the core's sentence; what was written stays where it is. */
  async save(draft: PersonaDraft): Promise<Persona> {
    const saved = await this.store.save(draft);
    await this.load();
    return saved;
  }

  /** Takes one away, and gives back how it is written anew. */
  async remove(persona: Persona): Promise<() => Promise<Persona>> {
    await this.store.remove(persona.id);
    await this.load();
    return () => this.save({ id: null, name: persona.name, model: persona.model, options: persona.options });
  }
}
