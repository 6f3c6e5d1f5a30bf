/**
 * What impairments promise, in real time on a real lab: two nodes of their own processes and the switch between them. On
 * an idle machine a delay is met within half a millisecond. One that is busy wakes everybody too late, so beside each
 * ping it is measured how late it wakes a bare thread: an impairment may be no worse than that and half a millisecond.
 * What is left to chance is in the bound by the scatter of the values themselves, and a measurement may be repeated
 * (`atBest`).
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../support/until.ts';
import { type Up, up } from '../support/up.ts';

const LINK = '/v1/links/cable';
const TRIES = 8;
/** Seconds. */
const MET = 0.0005;
const PAIRS = 31;
/** For each direction that delays: a thread sleeps until a frame is due, and wakes the one that sends it. */
const WAKES = 2;
const sleeper = new Int32Array(new SharedArrayBuffer(4));
const folder = mkdtempSync(join(tmpdir(), 'impair-'));
let lab: Up;

beforeAll(async () => {
  const file = join(folder, 'lab.yaml');
  writeFileSync(
    file,
    `nodes:
  h1: { devices: { eth0: { ip: 10.0.0.1/24 } } }
  h2: { devices: { eth0: { ip: 10.0.0.2/24 } } }
lans: { office: {} }
links:
  - { name: cable, endpoints: ["h1:eth0", "h2:eth0"] }
  - { name: vm, endpoints: ["raw:vm1", "lan:office"] }
`,
  );
  lab = await up(file);
  await ping({ count: 200, interval: '1ms' }); // so that no measurement meets code that was never run
});

afterAll(async () => {
  await lab?.stop('SIGKILL').catch(() => {});
  rmSync(folder, { recursive: true, force: true });
});

async function ping(more: object) {
  const { body } = await lab.rest('POST', '/v1/nodes/h1/ping', {
    target: '10.0.0.2',
    timeout: '500ms',
    ...more,
  });
  return body;
}

/** Begins anew: what is not named is not there. */
async function impair(forward: object | null, reverse: object | null = null): Promise<void> {
  for (const change of [
    { forward: null, reverse: null },
    { forward, reverse },
  ]) {
    expect(await lab.rest('PATCH', LINK, { impair: change })).toMatchObject({ status: 200 });
  }
}

const stats = async () => (await lab.rest('GET', `${LINK}/stats`)).body;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** Seconds; of one ping, after a pause in which everybody falls asleep as they do behind a delay. */
async function rtt(pause: number): Promise<number> {
  await delay(pause);
  const { received, rtt: times } = await ping({ count: 1 });
  expect(received).toBe(1);
  return times.min;
}

/** Seconds that a thread which sleeps for so many milliseconds wakes too late: the machine's own doing. */
function machineLate(ms: number): number {
  const from = performance.now();
  Atomics.wait(sleeper, 0, 0, ms);
  return (performance.now() - from - ms) / 1000;
}

/** How far chance moves the median of such values: three standard errors, from their median deviation. */
function chanceOf(values: readonly number[]): number {
  const middle = median(values);
  const scatter = 1.4826 * median(values.map((value) => Math.abs(value - middle)));
  return (3 * 1.2533 * scatter) / Math.sqrt(values.length);
}

interface Delay {
  readonly on: () => Promise<void>;
  readonly off: () => Promise<void>;
  /** Milliseconds, of both directions. */
  readonly configured: number;
  readonly directions: number;
}

/**
 * Seconds by which a delay is off, beyond what the machine is to blame for: the median of differences between a ping
 * without it and one with it right behind, so that what the machine does meanwhile is in both.
 */
async function delayError({ on, off, configured, directions }: Delay): Promise<number> {
  const added: number[] = [];
  const late: number[] = [];
  for (let i = 0; i < PAIRS; i++) {
    await off();
    const plain = await rtt(configured);
    await on();
    added.push((await rtt(0)) - plain);
    late.push(machineLate(Math.min(configured, 10)));
  }
  await off();
  const machine = directions * WAKES * median(late) + chanceOf(added);
  return Math.max(0, Math.abs(median(added) - configured / 1000) - machine);
}

const bestError = (delay: Delay) =>
  atBest(
    () => delayError(delay),
    (error) => error <= MET,
  );

/** The queueing discipline of h1's device; null: what it is without. */
async function qdisc(body: object | null): Promise<void> {
  const path = '/v1/nodes/h1/devices/eth0/qdisc';
  const { status, body: answer } = await lab.rest(body === null ? 'DELETE' : 'PUT', path, body ?? undefined);
  const none = body === null && answer?.code === 'ENOENT';
  if (status >= 300 && !none) throw new Error(JSON.stringify(answer));
}

/** The first value that is as it should be, or the last of all tries. A try that fails counts as one. */
async function atBest(measure: () => Promise<number>, good: (value: number) => boolean): Promise<number> {
  for (let left = TRIES; left > 1; left--) {
    const value = await measure().catch(() => Number.NaN);
    if (good(value)) return value;
  }
  return measure();
}

/** Frames that a node has sent and got. */
async function packets(node: string): Promise<{ tx: number; rx: number }> {
  const { rx, tx } = (await lab.rest('GET', `/v1/nodes/${node}/devices/eth0`)).body.stats64;
  return { tx: tx.packets, rx: rx.packets };
}

/** Frames a second that h1 sends and that reach h2, by their own counters between two readings in a flood. */
async function flood(size: number): Promise<{ sent: number; heard: number }> {
  const pings = ping({ count: 3200, interval: '1ms', size });
  await delay(500);
  const [from, h1, h2] = [performance.now(), await packets('h1'), await packets('h2')];
  await delay(2500);
  const [to, then1, then2] = [performance.now(), await packets('h1'), await packets('h2')];
  await pings;
  const perSecond = (frames: number) => (frames * 1000) / (to - from);
  return { sent: perSecond(then1.tx - h1.tx), heard: perSecond(then2.rx - h2.rx) };
}

describe('accuracy', () => {
  test.each([
    [1, 0],
    [10, 5],
    [50, 0],
  ])('a delay of %d ms there and %d ms back is met in the median', async (there, back) => {
    const reverse = back === 0 ? null : { delay: `${back}ms` };
    const on = () => impair({ delay: `${there}ms` }, reverse);
    const directions = back === 0 ? 1 : 2;
    const asked = { on, off: () => impair(null), configured: there + back, directions };
    expect(await bestError(asked)).toBeLessThanOrEqual(MET);
  });

  test('a delay of 10 ms by a netem on the device is met in the median', async () => {
    const on = () => qdisc({ kind: 'netem', options: { delay: { delay: '10ms' } } });
    const asked = { on, off: () => qdisc(null), configured: 10, directions: 1 };
    expect(await bestError(asked)).toBeLessThanOrEqual(MET);
  });

  test('a rate by a tbf on the device is kept within 2 % over seconds', async () => {
    await qdisc({ kind: 'tbf', options: { rate: '4mbit', burst: 20_000, limit: 60_000 } });
    const frame = 1400 + 8 + 20 + 14;
    const bits = await atBest(
      async () => (await flood(1400)).heard * frame * 8,
      (value) => Math.abs(value / 4e6 - 1) <= 0.02,
    );
    await qdisc(null);
    expect(Math.abs(bits / 4e6 - 1)).toBeLessThanOrEqual(0.02);
  });

  test('a rate is kept within 2 % over seconds', async () => {
    await impair({ rate: '4mbit', limit: 50 });
    const frame = 1400 + 8 + 20 + 14;
    const bits = await atBest(
      async () => (await flood(1400)).heard * frame * 8,
      (value) => Math.abs(value / 4e6 - 1) <= 0.02,
    );
    expect(Math.abs(bits / 4e6 - 1)).toBeLessThanOrEqual(0.02);
    expect((await stats()).forward.drops.NETEM_LIMIT).toBeGreaterThan(0);
  });

  test('a delay of 50 ms costs no throughput', async () => {
    await impair({ delay: '50ms' });
    const ratio = await atBest(
      async () => {
        const { sent, heard } = await flood(200);
        expect(sent).toBeGreaterThan(100); // a frame every 50 ms would be 20 a second
        return heard / sent;
      },
      (value) => Math.abs(value - 1) <= 0.02,
    );
    expect(Math.abs(ratio - 1)).toBeLessThanOrEqual(0.02);
  });

  test('the switch says how late it was: half of all frames no more than a delay may be off', async () => {
    const late = await atBest(
      async () => {
        await impair({ delay: '5ms' });
        const machine: number[] = [];
        const pings = ping({ count: 200, interval: '5ms' });
        while (machine.length < 50) {
          machine.push(machineLate(5));
          await delay(5);
        }
        await pings;
        const { p50, p99, max } = (await stats()).forward.lateness;
        expect(p50).toBeLessThanOrEqual(p99);
        expect(p99).toBeLessThanOrEqual(max);
        return p50 - WAKES * median(machine);
      },
      (value) => value <= MET,
    );
    expect(late).toBeLessThanOrEqual(MET);
  });
});

describe('accounts', () => {
  test('a link that duplicates, loses, corrupts and reorders at once adds up, and each decision is counted', async () => {
    const everything = {
      delay: '2ms',
      jitter: '1ms',
      loss: '10%',
      duplicate: '20%',
      corrupt: '5%',
      reorder: '20%',
    };
    await impair(everything, everything);
    const result = await ping({ count: 500, interval: '1ms' });
    expect(result.received).toBeLessThan(500);
    expect(result.duplicates).toBeGreaterThan(0);
    const { forward, reverse, balanced } = await stats();
    expect(balanced).toBe(true);
    for (const { tx, rx, drops, queue, impair: decided } of [forward, reverse]) {
      const dropped = Object.values<number>(drops).reduce((sum, n) => sum + n, 0);
      expect(tx + decided.duplicated).toBe(rx + dropped + queue);
      for (const what of ['lost', 'duplicated', 'corrupted', 'reordered', 'delayed'])
        expect(decided[what]).toBeGreaterThan(0);
    }
  });

  test('PATCH merges, null takes away, and what is refused changes nothing', async () => {
    await impair({ delay: '10ms', loss: '0.25%' });
    const patch = async (forward: object | null) => lab.rest('PATCH', LINK, { impair: { forward } });
    await patch({ rate: '1.5mbit' });
    const { body: before } = await lab.rest('GET', LINK);
    expect(before.impair.forward).toMatchObject({ delay: 0.01, loss: 0.0025, rate: 1_500_000 });
    for (const [bad, text] of [
      [{ delay: 0, reorder: '10%' }, /reordering not possible without specifying some delay/],
      [{ lossState: { p13: '1%' } }, /duplicate loss argument/],
      [{ loss: '101%' }, /101%.*outside 0 to 1/],
      [{ delay: '-1ms' }, /-1ms/],
      [{ limit: -1 }, /limit/],
    ] as const) {
      const { status, body } = await patch(bad);
      expect(status).toBe(400);
      expect(body).toMatchObject({ code: 'EINVAL', detail: expect.stringMatching(text) });
    }
    expect((await lab.rest('GET', LINK)).body).toEqual(before);
    const { body: after } = await patch(null);
    expect(after.impair.forward).toMatchObject({ delay: 0, loss: 0, rate: 0 });
  });

  test('a browser VM that dials /raw/raw:vm1 is impaired by its own link', async () => {
    const dial = async (port: string) => {
      const socket = new WebSocket(`${lab.dataUrl.replace('/v1/data', '')}/raw/${port}`);
      await once(socket, 'open');
      return socket;
    };
    const vm = await dial('raw:vm1');
    const other = await dial('office');
    const heard: number[] = [];
    other.on('message', () => heard.push(performance.now()));
    await lab.rest('PATCH', '/v1/links/vm', { impair: { forward: { delay: '30ms', duplicate: 1 } } });
    const carrier = async () => (await lab.rest('GET', '/v1/links/vm')).body.ends[0].carrier;
    await until('the VM is there', carrier);
    const from = performance.now();
    for (let i = 0; i < 50; i++)
      vm.send(Buffer.from(`${'ff'.repeat(6)}020000000001${'88b5'}`.padEnd(128, '0'), 'hex'));
    await until('all have come, twice', () => heard.length === 100);
    expect(Math.min(...heard) - from).toBeGreaterThanOrEqual(30);
    const { body } = await lab.rest('GET', '/v1/links/vm/stats');
    expect(body).toMatchObject({
      forward: { tx: 50, rx: 100, impair: { duplicated: 50, delayed: 100 } },
      balanced: true,
    });
    vm.close();
    await until('it is gone', async () => !(await carrier()));
    other.close();
  });
});
