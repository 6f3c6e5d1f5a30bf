/** The watchdog's own thread. Why SIGKILL: a thread that loops hears no signal that has a handler. */
import { writeSync } from 'node:fs';
import process from 'node:process';
import { workerData } from 'node:worker_threads';
import { NAME_BYTES, OP_BYTES } from './driver-watchdog-memory.ts';

const LOOK_MS = 250;

const { memory, deadlineMs, asLog } = workerData as {
  memory: SharedArrayBuffer;
  deadlineMs: number;
  asLog: boolean;
};
const state = new Int32Array(memory, 0, OP_BYTES / 4);
const name = (at: number) =>
  new TextDecoder().decode(new Uint8Array(memory, at, NAME_BYTES).slice()).replace(/\0.*$/s, '');

let seen = -1;
let looks = 0;
let ticks = -1;
let stuck = 0;
for (;;) {
  Atomics.wait(state, 2, 0, LOOK_MS);
  const beats = Atomics.load(state, 1);
  // Looks are counted and not time, so that a process that was stopped is not taken for one that hangs.
  looks = Atomics.load(state, 0) === 1 && beats === seen ? looks + 1 : 0;
  seen = beats;
  const turns = Atomics.load(state, 3);
  stuck = turns === ticks ? stuck + 1 : 0;
  ticks = turns;
  const hung = looks * LOOK_MS >= deadlineMs;
  // Twice the time, since it need not be the driver's fault: a timer or a promise of its own, or calls without end.
  if (!hung && stuck * LOOK_MS < 2 * deadlineMs) continue;
  const last = name(OP_BYTES) === '' ? '' : `, and ${name(OP_BYTES)} ran last`;
  const what = hung
    ? `${name(OP_BYTES)} does not return for ${deadlineMs / 1000} s`
    : `a timer or promise of its own, or calls without end, let nothing else run for ${(2 * deadlineMs) / 1000} s${last}`;
  const why =
    'a kernel would say "watchdog: BUG: soft lockup" and lose this processor; look for a loop without an end';
  const msg = `--driver ${name(OP_BYTES + NAME_BYTES)}: ${what}: ${why}`;
  // A process that started this one reads lines of a log.
  const line = asLog ? JSON.stringify({ level: 60, time: Date.now(), msg }) : `etherloom: ${msg}`;
  writeSync(2, `${line}\n`);
  process.kill(process.pid, 'SIGKILL');
}
