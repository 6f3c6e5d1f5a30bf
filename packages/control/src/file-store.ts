/** A lab store in one file (state-file.ts). One control uses it at a time. */
import type { Lab } from '@etherloom/schema';
import { ControlError, errorCode, errorText } from './control-error.ts';
import { LabCell, type LabStore, type StoredLab } from './lab-store.ts';
import { Serial } from './serial.ts';
import { encodeState, type LoadedState, loadState, replaceFile } from './state-file.ts';

export class FileStore implements LabStore {
  /** Set when the newest generation could not be read and the one before it was used. */
  readonly warning: string | null;
  readonly #file: string;
  readonly #cell: LabCell;
  /** The content of the newest generation known to be whole; never a file that could not be read. */
  #text: string | null;
  readonly #writes = new Serial();

  private constructor(file: string, loaded: LoadedState) {
    this.#file = file;
    this.#text = loaded.text;
    this.warning = loaded.warning;
    this.#cell = new LabCell(loaded.state?.lab ?? null, loaded.state?.revision ?? 0);
  }

  /** Rejects, naming the file, when there is state and no generation of it can be read. */
  static async open(file: string): Promise<FileStore> {
    return new FileStore(file, await loadState(file));
  }

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

  #change(lab: Lab | null, expectedRevision: number): Promise<number> {
    return this.#writes.run(() => this.#write(lab, expectedRevision));
  }

  async #write(lab: Lab | null, expectedRevision: number): Promise<number> {
    const revision = this.#cell.next(expectedRevision);
    const text = encodeState({ revision, lab });
    try {
      if (this.#text !== null) await replaceFile(`${this.#file}.previous`, this.#text);
      await replaceFile(this.#file, text);
    } catch (error) {
      throw notWritten(this.#file, error);
    }
    this.#text = text;
    this.#cell.set(lab, revision);
    return revision;
  }
}

/** A full disk is the user's to mend; what else a file system says is ours to report, not an answer to the request. */
function notWritten(file: string, cause: unknown): ControlError {
  const code = ['ENOSPC', 'EDQUOT'].includes(errorCode(cause)) ? 'ENOSPC' : 'EIO';
  return new ControlError(code, `cannot write the state file ${file}: ${errorText(cause)}; nothing changed`, {
    cause,
  });
}
