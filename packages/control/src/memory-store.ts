/** A lab store that ends with its process. */
import type { Lab } from '@etherloom/schema';
import { LabCell, type LabStore, type StoredLab } from './lab-store.ts';

export class MemoryStore implements LabStore {
  readonly #cell = new LabCell();

  async get(): Promise<StoredLab | null> {
    return this.#cell.current;
  }

  put(lab: Lab, expectedRevision: number): Promise<number> {
    return this.#change(lab, expectedRevision);
  }

  remove(expectedRevision: number): Promise<number> {
    return this.#change(null, expectedRevision);
  }

  watch(fn: (stored: StoredLab | null) => void): () => void {
    return this.#cell.watch(fn);
  }

  async #change(lab: Lab | null, expectedRevision: number): Promise<number> {
    const revision = this.#cell.next(expectedRevision);
    this.#cell.set(lab, revision);
    return revision;
  }
}
