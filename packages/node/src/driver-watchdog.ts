/**
 * Ends the process when a driver does not come back: a loop in it stops this thread, so another one looks. What of the
 * driver runs is written into memory that both share.
 */
import { url as debuggerUrl } from 'node:inspector';
import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { beat, NAME_BYTES, OP_BYTES, tick } from './driver-watchdog-memory.ts';

/** What a driver gets, for one call, before it is taken for hung. */
export const DRIVER_DEADLINE_MS = 5000;
const TICK_MS = 250;

const text = new TextEncoder();

export class DriverWatchdog {
  readonly #memory = new SharedArrayBuffer(OP_BYTES + 2 * NAME_BYTES);
  readonly #state = new Int32Array(this.#memory, 0, OP_BYTES / 4);
  readonly #name = new Uint8Array(this.#memory, OP_BYTES, NAME_BYTES);
  readonly #file = new Uint8Array(this.#memory, OP_BYTES + NAME_BYTES, NAME_BYTES);
  readonly #encoded = new Map<string, Uint8Array>();

  constructor() {
    if (debuggerUrl() !== undefined) return; // at a breakpoint a driver may take its time
    const worker = new Worker(new URL('./driver-watchdog-worker.js', import.meta.url), {
      workerData: { memory: this.#memory, deadlineMs: DRIVER_DEADLINE_MS, asLog: process.connected },
    });
    worker.unref();
    setInterval(() => tick(this.#state), TICK_MS).unref();
  }

  /** Names the file for the message. */
  watch(file: string): void {
    this.#file.fill(0);
    this.#file.set(text.encode(file).subarray(0, NAME_BYTES));
  }

  /** What of the driver runs now. */
  op: string | null = null;

  /** `op` of the driver runs now; null: none does. */
  enter(op: string | null): void {
    this.op = op;
    if (op !== null) this.#write(op);
    beat(this.#state, op === null ? 0 : 1);
  }

  #write(op: string): void {
    let bytes = this.#encoded.get(op);
    if (bytes === undefined) {
      bytes = new Uint8Array(NAME_BYTES);
      bytes.set(text.encode(op).subarray(0, NAME_BYTES));
      this.#encoded.set(op, bytes);
    }
    this.#name.set(bytes);
  }
}
