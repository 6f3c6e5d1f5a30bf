/**
 * What a frame costs in work, not in time: from a generator's device over wslink, switch and wslink to a counter, as real
 * processes over real WebSockets. The machine may be as slow and as busy as it likes: these figures do not move.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { unaccounted } from '../../bench/report/trial.ts';
import { TrafficLab } from '../../bench/traffic/traffic-lab.ts';
import { until } from '../support/until.ts';
import { WorkMeter } from './process-work.ts';

const WARM_UP = 600_000;
const FRAMES = 2_000_000;

/**
 * Up to several times what is measured: source 1/820 message, no call (send is none that /proc counts), 0.7 bytes;
 * switch 0.0008 calls, 1.1 bytes; sink 0.0015 messages (parts of batches, as reads bring them), 0.0006 calls, 0.5
 * bytes. What breaks them:
 * - messages: a doorbell before the end of the turn, a queue stopped too soon, a batch that ends early;
 * - syscalls (reads and writes): a read for a part of a message, a write for its header, a flush for each run;
 * - allocated (bytes): a view, closure, promise or object a frame; the smallest is 16, a subarray about 96.
 */
const LIMITS = {
  source: { messages: 1 / 700, syscalls: 1 / 400, allocated: 6 },
  switch: { syscalls: 1 / 250, allocated: 5 },
  sink: { messages: 1 / 400, syscalls: 1 / 500, allocated: 5 },
};

const meter = new WorkMeter();
const folder = mkdtempSync(join(tmpdir(), 'etherloom-work-lab-'));
let lab: TrafficLab;
let places: Record<'source' | 'switch' | 'sink', readonly number[]>;

beforeAll(async () => {
  for (const [name, value] of Object.entries(meter.env)) vi.stubEnv(name, value); // the lab's programs inherit it
  lab = await TrafficLab.start({ folder, processes: [['source'], ['sink']] });
  vi.unstubAllEnvs();
  const [source, sink] = lab.processes.map((one) => [one.child.pid!]);
  places = { source: source!, switch: lab.switchProcesses, sink: sink! };
});

afterAll(async () => {
  await lab?.close();
  meter.close();
  rmSync(folder, { recursive: true, force: true });
});

const report = (name: 'source' | 'sink') => lab.node(name).report();

/** Sends so many frames of 64 bytes, as fast as the queue takes them; what each place did for one that was sent. */
async function perFrame(count: number) {
  const before = await lab.totals();
  const messages = { source: (await report('source')).messages, sink: (await report('sink')).messages };
  await meter.read(places);
  await lab.node('source').start({ dsts: [lab.node('sink').mac], sizes: [64], rate: null, count });
  await until('all are sent', async () => !(await report('source')).flowRunning, 60);
  const { account } = await lab.account('work', before);
  expect(unaccounted(account)).toBe(0);
  const work = await meter.read(places);
  const of = (place: keyof typeof work, frames: number) => ({
    syscalls: work[place].syscalls / frames,
    allocated: work[place].allocated / frames,
  });
  const between = async (name: 'source' | 'sink') => (await report(name)).messages - messages[name];
  return {
    source: { ...of('source', count), messages: (await between('source')) / count },
    switch: of('switch', count),
    sink: { ...of('sink', account.received), messages: (await between('sink')) / account.received },
  };
}

test('a frame costs no allocation, and a thousandth of a message and of some system calls, all the way', async () => {
  await perFrame(WARM_UP);
  const measured = await perFrame(FRAMES);
  for (const [place, limits] of Object.entries(LIMITS)) {
    for (const [what, limit] of Object.entries(limits)) {
      const cost = (measured as Record<string, Record<string, number>>)[place]![what];
      expect(cost, `${what} a frame in the ${place}: ${JSON.stringify(measured)}`).toBeLessThan(limit);
    }
  }
});

/** sched(7): 0 is SCHED_OTHER, 3 SCHED_BATCH. cf. proc_pid_stat(5), field 41 */
function policyOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38]);
}

test('Linux schedules whoever moves bulk as a batch job, and as ever once frames come one by one', async () => {
  const [pid] = places.switch;
  const flow = { dsts: [lab.node('sink').mac], sizes: [64] };
  await lab.node('source').start({ ...flow, rate: null });
  await until('the switch is a batch job', () => policyOf(pid!) === 3, 30);
  await lab.node('source').stop();
  await lab.node('source').start({ ...flow, rate: 500 });
  await until('the switch is a job like any other', () => policyOf(pid!) === 0, 30);
  await lab.node('source').stop();
});
