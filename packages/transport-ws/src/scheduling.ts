/**
 * How Linux schedules this thread: as a batch job (SCHED_BATCH) while it moves bulk, as any other while it does not.
 *
 * A process that is woken for a few frames takes the core from one that is in the middle of making more of them: with
 * three processes on two cores each then finds a little, does it, and switches. A batch job waits for the other to
 * finish its slice, and finds a lot. What is idle keeps the usual way: a lone frame waits for nobody. cf. sched(7)
 */
import { createRequire } from 'node:module';
import process from 'node:process';
import { BulkMeter } from './bulk-meter.ts';

const SCHED_OTHER = 0;
const SCHED_BATCH = 3;
/** struct sched_param: neither of the two has a priority. */
const NO_PRIORITY = new Int32Array(1);

type SetScheduler = (pid: number, policy: number, param: Int32Array) => number;

const meter = new BulkMeter(() => performance.now());
/** Null where it cannot be set; undefined until it is. */
let setScheduler: SetScheduler | null | undefined;

/** So many bytes have been received or sent. */
export function noteTraffic(bytes: number): void {
  if (meter.add(bytes)) schedule(meter.bulk ? SCHED_BATCH : SCHED_OTHER);
}

/** Of the calling thread. A refusal (seccomp) changes nothing but speed. */
function schedule(policy: number): void {
  setScheduler ??= load();
  setScheduler?.(0, policy, NO_PRIORITY);
}

function load(): SetScheduler | null {
  if (process.platform !== 'linux') return null;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    return koffi.load(null).func('int sched_setscheduler(int, int, int32_t *)') as unknown as SetScheduler;
  } catch {
    return null;
  }
}
