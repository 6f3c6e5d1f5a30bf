import { afterEach, beforeEach, expect, test } from 'vitest';
import { ControlTest } from '../test/control-test.ts';

const DEVICE = '/v1/nodes/h1/devices/eth0';
const t = new ControlTest();
beforeEach(() => t.begin());
afterEach(() => t.end());

test('a ring that the lab cannot keep is put back on the node', async () => {
  const { h1 } = await t.wholeLab();
  const before = await t.desired();
  h1.impossible.set('eth0', { code: 'ENOBUFS', message: 'no memory' });
  expect(await t.rest('PATCH', `${DEVICE}/ethtool`, { ring: { rx: 64 } })).toMatchObject({
    status: 503,
    body: { code: 'ENOBUFS' },
  });
  expect(h1.ethtool.ring).toMatchObject({ rx: 256, tx: 256 });
  expect(await t.desired()).toEqual(before);
});

test('what the node refuses is not in the lab', async () => {
  const { h1 } = await t.wholeLab();
  const before = await t.desired();
  h1.refuses = { method: 'ethtool.set', code: 'EINVAL', message: 'requested ring size exceeds maximum' };
  expect(await t.rest('PATCH', `${DEVICE}/ethtool`, { ring: { rx: 64 } })).toMatchObject({
    status: 400,
    body: { detail: 'requested ring size exceeds maximum' },
  });
  expect(await t.desired()).toEqual(before);
});

test('a qdisc that the lab cannot keep has the node told the lab as it was', async () => {
  const { h1 } = await t.wholeLab();
  const before = await t.desired();
  h1.impossible.set('eth0', { code: 'ENOBUFS', message: 'no memory' });
  expect(await t.rest('PUT', `${DEVICE}/qdisc`, { kind: 'pfifo', options: { limit: 5 } })).toMatchObject({
    status: 503,
  });
  expect(await t.desired()).toEqual(before);
  const slices = h1.called('node.apply') as { devices: { qdisc?: unknown[] }[] }[];
  expect(slices.slice(-2).map(({ devices }) => devices[0]!.qdisc?.length)).toEqual([1, undefined]);
});

test('of patches at once none is lost, in the lab or on the node', async () => {
  const { h1 } = await t.wholeLab();
  const sizes = [10, 20, 30, 40, 50];
  await Promise.all([
    ...sizes.map((tx) => t.rest('PATCH', `${DEVICE}/ethtool`, { ring: { tx } })),
    t.rest('PATCH', `${DEVICE}/ethtool`, { ring: { rx: 64 } }),
    t.rest('PUT', `${DEVICE}/qdisc`, { kind: 'netem', options: { delay: '5ms' } }),
    t.rest('PATCH', DEVICE, { mtu: 1400 }),
  ]);
  const device = (await t.desired()).nodes['h1']!.devices['eth0']!;
  expect(device).toMatchObject({ mtu: 1400, ethtool: { ring: { rx: 64 } }, qdisc: [{ kind: 'netem' }] });
  expect(h1.ethtool.ring).toMatchObject(device.ethtool!.ring!);
});

test('a patch merges with the options in force, and names its qdisc by handle, parent or root', async () => {
  const { h1 } = await t.wholeLab();
  await t.rest('PUT', `${DEVICE}/qdisc`, {
    kind: 'netem',
    handle: '1:',
    options: { delay: '5ms', limit: 7 },
  });
  await t.rest('PATCH', `${DEVICE}/qdisc`, { handle: '1:', options: { delay: { jitter: '1ms' } } });
  expect(h1.called('qdisc.set').at(-1)).toEqual({
    device: 'eth0',
    qdisc: {
      kind: 'netem',
      handle: '1:',
      parent: 'root',
      mode: 'change',
      options: { delay: { delay: 0.005, jitter: 0.001 }, limit: 7 },
    },
  });
  expect(await t.rest('PATCH', `${DEVICE}/qdisc`, { options: { target: '5ms' } })).toMatchObject({
    status: 400,
    body: { code: 'EINVAL', errors: [{ path: 'options.target' }] },
  });
});

test('a device of a node that is not in the lab is changed, and not kept', async () => {
  await t.wholeLab();
  const before = await t.desired();
  const stray = await t.node('stray');
  expect(await t.rest('PATCH', '/v1/nodes/stray/devices/eth0/ethtool', { ring: { rx: 9 } })).toMatchObject({
    status: 200,
    body: { ring: { rx: 9 } },
  });
  expect(stray.ethtool.ring['rx']).toBe(9);
  expect(await t.desired()).toEqual(before);
});
