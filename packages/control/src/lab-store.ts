/**
 * Where the desired lab lives. One document with a revision that only grows: the shape of a key-value bucket, so that
 * a replicated store can stand here later. The embedded default is a file; tests and a control without state use memory.
 */
import type { Lab } from '@etherloom/schema';
import { ControlError } from './control-error.ts';

export interface StoredLab {
  readonly lab: Lab;
  readonly revision: number;
}

/** The revision to expect where `get()` gave null. */
export const NO_REVISION = 0;

export interface LabStore {
  get(): Promise<StoredLab | null>;
  /** Replaces the lab when it is still at `expectedRevision`, else EBUSY; resolves once it would survive a power cut. */
  put(lab: Lab, expectedRevision: number): Promise<number>;
  /** Removes the lab under the same rule. Revisions go on growing. */
  remove(expectedRevision: number): Promise<number>;
  /** Calls `fn` after each change; returns what ends it. */
  watch(fn: (stored: StoredLab | null) => void): () => void;
  /** Claims a role among several controls; a store that only one control can use has none. */
  lease?(name: string, ttlMs: number): Promise<{ release(): Promise<void> } | null>;
}

/** What both stores share: the current document, the revision check and the watchers. */
export class LabCell {
  #lab: Lab | null;
  #revision: number;
  readonly #watchers = new Set<(stored: StoredLab | null) => void>();

  constructor(lab: Lab | null = null, revision = 0) {
    this.#lab = lab;
    this.#revision = revision;
  }

  get current(): StoredLab | null {
    return this.#lab === null ? null : { lab: this.#lab, revision: this.#revision };
  }

  /** The revision the next change gets; EBUSY when somebody else has changed the lab since. */
  next(expectedRevision: number): number {
    const at = this.#lab === null ? NO_REVISION : this.#revision;
    if (expectedRevision !== at) {
      throw new ControlError(
        'EBUSY',
        `the lab is at revision ${at}, not ${expectedRevision}: someone else changed it; read it again and repeat`,
      );
    }
    return this.#revision + 1;
  }

  set(lab: Lab | null, revision: number): void {
    this.#lab = lab;
    this.#revision = revision;
    for (const watcher of this.#watchers) watcher(this.current);
  }

  watch(fn: (stored: StoredLab | null) => void): () => void {
    this.#watchers.add(fn);
    return () => this.#watchers.delete(fn);
  }
}
