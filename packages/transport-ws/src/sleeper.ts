/**
 * A thread that sleeps until a given moment and then says so. Timers of the event loop count whole milliseconds and are
 * late by one; a thread that waits on a futex is late by what the machine needs to wake it, a tenth of that.
 */
import process from 'node:process';
import { Worker } from 'node:worker_threads';

/** Why as text: it runs the same from source and when built, and a file of its own would have to be found by both. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const turn = new Int32Array(workerData, 0, 1);
const until = new Float64Array(workerData, 8, 1);
for (;;) {
  const seen = Atomics.load(turn, 0);
  const ms = until[0] - Number(process.hrtime.bigint()) / 1e6;
  if (ms > 0) {
    Atomics.wait(turn, 0, seen, ms);
    continue;
  }
  parentPort.postMessage(0);
  Atomics.wait(turn, 0, seen);
}`;

/**
 * From performance.now() to the clock that all threads share. Too much rather than too little, by the least of some
 * tries: a thread that wakes before its time is sent to sleep again, and again.
 */
const offset = Math.min(...Array.from({ length: 10 }, () => -performance.now() + hrtimeMs()));

function hrtimeMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export class Sleeper {
  /** Whether it can be asked: not before the thread runs, and not after it has died. */
  ready = false;
  readonly #shared = new SharedArrayBuffer(16);
  readonly #turn = new Int32Array(this.#shared, 0, 1);
  readonly #until = new Float64Array(this.#shared, 8, 1);

  /** `changed`: it has become ready, or is so no more. Keeps no process alive. */
  constructor(wake: () => void, changed: () => void) {
    this.#until[0] = Number.POSITIVE_INFINITY;
    const set = (ready: boolean) => {
      this.ready = ready;
      changed();
    };
    const thread = startThread(this.#shared);
    if (thread === null) return;
    thread.on('online', () => set(true));
    thread.on('error', () => set(false));
    thread.on('exit', () => set(false));
    thread.on('message', wake);
    thread.unref();
  }

  /** The one moment to wake at, by performance.now(), instead of the one before. */
  until(at: number): void {
    this.#until[0] = at + offset;
    Atomics.add(this.#turn, 0, 1);
    Atomics.notify(this.#turn, 0);
  }
}

/** Null where the machine has no thread left to give: never ready, as one that has died. */
function startThread(workerData: SharedArrayBuffer): Worker | null {
  try {
    return new Worker(THREAD, { eval: true, workerData, execArgv: [], env: {} });
  } catch {
    return null;
  }
}
