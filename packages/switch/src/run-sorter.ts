/**
 * Puts the frames of a batch in order of the ports that they leave by, so that one run leaves by each where every frame
 * was a run: copying a small frame once more costs less than its way through a link by itself. By one port frames leave
 * in the order in which they came.
 */
import { BR_MAX_PORTS } from '@etherloom/bridge';
import { MAX_MESSAGE } from '@etherloom/transport';
import { RunCopier } from './copy-run.ts';

const MAX_FRAMES = 1024;

export class RunSorter {
  /** Somebody's frames are in here; who comes from a LAN behind this one must do without. */
  busy = false;
  /** Where the runs are, once sorted. */
  readonly buf = new Uint8Array(MAX_MESSAGE);
  readonly view = new DataView(this.buf.buffer);
  /** How many ports have a run. */
  ports = 0;
  #count = 0;
  #length = 0;
  readonly #copier = new RunCopier();
  // The records, in the order in which they came.
  readonly #at = new Int32Array(MAX_FRAMES);
  readonly #size = new Int32Array(MAX_FRAMES);
  readonly #port = new Uint16Array(MAX_FRAMES);
  /** The ports, in the order in which they were first named. */
  readonly #named = new Uint16Array(BR_MAX_PORTS + 1);
  // By port.
  readonly #frames = new Int32Array(BR_MAX_PORTS + 1);
  readonly #bytes = new Int32Array(BR_MAX_PORTS + 1);
  readonly #cursor = new Int32Array(BR_MAX_PORTS + 1);

  /** Whether a record of so many bytes can be added. While it is empty any can. */
  takes(size: number): boolean {
    return this.#count < MAX_FRAMES && this.#length + size <= MAX_MESSAGE;
  }

  /** The record of `size` bytes at `at` leaves by `port`. */
  add(port: number, at: number, size: number): void {
    const k = this.#count++;
    this.#at[k] = at;
    this.#size[k] = size;
    this.#port[k] = port;
    this.#length += size;
    if (this.#frames[port]!++ === 0) this.#named[this.ports++] = port;
    this.#bytes[port]! += size;
  }

  /** Copies the records from `src`, port by port. */
  sort(src: Uint8Array): void {
    let next = 0;
    for (let i = 0; i < this.ports; i++) {
      const port = this.#named[i]!;
      this.#cursor[port] = next;
      next += this.#bytes[port]!;
    }
    for (let k = 0; k < this.#count; k++) {
      const port = this.#port[k]!;
      const size = this.#size[k]!;
      this.#copier.copy(src, this.#at[k]!, this, this.#cursor[port]!, size);
      this.#cursor[port]! += size;
    }
  }

  // The i-th run, once sorted.

  port(i: number): number {
    return this.#named[i]!;
  }

  frames(i: number): number {
    return this.#frames[this.#named[i]!]!;
  }

  bytes(i: number): number {
    return this.#bytes[this.#named[i]!]!;
  }

  at(i: number): number {
    const port = this.#named[i]!;
    return this.#cursor[port]! - this.#bytes[port]!;
  }

  clear(): void {
    for (let i = 0; i < this.ports; i++) {
      const port = this.#named[i]!;
      this.#frames[port] = 0;
      this.#bytes[port] = 0;
    }
    this.ports = 0;
    this.#count = 0;
    this.#length = 0;
  }
}
