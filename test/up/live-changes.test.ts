/** Links that are changed under traffic, one change after the other at random from a fixed seed: after each the account is exact. */
import { Mulberry32 } from '@etherloom/netcore';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Up, up } from '../support/up.ts';

const CHANGES = 150;
const LINKS = ['h1-eth0--office', 'h2-eth0--office', 'h3-eth0--office'];
/** Values of each setting; what does not fit together is refused, which is part of the test. */
const SETTINGS: readonly (readonly [string, readonly unknown[]])[] = [
  ['delay', [0, '1ms', '20ms', 1e7]],
  ['jitter', [0, '500us', '4ms']],
  ['loss', [0, '10%', 1]],
  ['duplicate', [0, '30%', 1]],
  ['corrupt', [0, '20%']],
  ['reorder', [0, '30%']],
  ['gap', [0, 5]],
  ['rate', [0, '8bit', '1mbit', '100mbit']],
  ['limit', [0, 1, 5]],
  ['slot', [null, { minDelay: '1ms', maxDelay: '5ms', packets: 2 }]],
  ['lossGemodel', [null, { p: '10%', r: '40%' }]],
  ['packetOverhead', [0, 100, -65_535]],
  ['seed', [1, 2]],
];

let lab: Up;
beforeAll(async () => {
  lab = await up('examples/three-hosts.yaml');
});
afterAll(async () => {
  await lab?.stop();
});

function randomly(seed: number) {
  const chance = new Mulberry32(seed);
  const below = (n: number) => (chance.next32() >>> 0) % n;
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const change = () => {
    const [setting, values] = pick(SETTINGS);
    const one = [
      { carrier: pick([true, false]) },
      { mtu: pick([68, 1400, 65_535]) },
      { impair: { [pick(['forward', 'reverse'])]: null } },
    ];
    return below(8) === 0
      ? pick(one)
      : { impair: { [pick(['forward', 'reverse'])]: { [setting]: pick(values) } } };
  };
  return { pick, change };
}

/** Pings as fast as they come, until `over`. */
async function traffic(from: string, to: string, over: () => boolean): Promise<number> {
  let received = 0;
  while (!over()) {
    const ping = { target: to, count: 100, interval: '2ms', size: 1400, timeout: '100ms' };
    received += (await lab.rest('POST', `/v1/nodes/${from}/ping`, ping)).body.received;
  }
  return received;
}

test(`after each of ${CHANGES} changes under traffic the account of the link is exact`, async () => {
  const { pick, change } = randomly(20_261_122);
  let over = false;
  const pings = [
    ['h1', 'h2'],
    ['h2', 'h3'],
    ['h3', 'h1'],
  ].map(([a, b]) => traffic(a!, b!, () => over));
  const open: unknown[] = [];
  for (let i = 0; i < CHANGES; i++) {
    const link = `/v1/links/${pick(LINKS)}`;
    const body = change();
    const { status } = await lab.rest('PATCH', link, body);
    const stats = (await lab.rest('GET', `${link}/stats`)).body;
    if (![200, 400].includes(status) || !stats.balanced) open.push({ i, status, body, stats });
  }
  over = true;
  expect(open).toEqual([]);
  expect((await Promise.all(pings)).reduce((sum, received) => sum + received)).toBeGreaterThan(0);
});
