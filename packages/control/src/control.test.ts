import type { Lab } from '@etherloom/schema';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Fabric, FakeNode, FakeSwitch } from '../test/fake-agents.ts';
import { type ControlOptions, type RunningControl, startControl } from './start-control.ts';

const LAB = {
  name: 'three',
  nodes: {
    h1: { devices: { eth0: { ip: '10.0.0.1/24' } } },
    h2: { devices: { eth0: { ip: '10.0.0.2/24' } } },
  },
  lans: { office: {} },
  links: [
    { name: 'c1', endpoints: ['h1:eth0', 'lan:office'] },
    { name: 'c2', endpoints: ['h2:eth0', 'lan:office'], impair: { forward: { delay: '10ms' } } },
  ],
};
const log = pino({ level: 'silent' });

let control: RunningControl;
let fabric: Fabric;
let ended: Array<() => unknown>;

beforeEach(async () => {
  ended = [];
  fabric = new Fabric();
  control = await start();
});
afterEach(async () => {
  for (const end of ended.toReversed()) await end();
});

async function start(options: Partial<ControlOptions> = {}): Promise<RunningControl> {
  const started = await startControl({ port: 0, log, ...options });
  ended.push(() => started.close());
  return started;
}

async function connect<A extends FakeNode | FakeSwitch>(agent: A): Promise<A> {
  ended.push(() => agent.stop());
  await agent.start();
  return agent;
}
const node = (name: string) => connect(new FakeNode({ url: control.url, name, fabric }));
const theSwitch = (name = 's1') => connect(new FakeSwitch({ url: control.url, name, fabric }));

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to be there
  readonly body: any;
}

async function rest(method: string, path: string, body?: unknown): Promise<Answer> {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const payload = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${control.url}${path}`, { method, headers, ...payload });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

const desired = async (): Promise<Lab> => (await rest('GET', '/v1/lab')).body;
const converged = () => control.converged(AbortSignal.timeout(4_000));

/** The lab up: a switch and two nodes, all as they should be. */
async function wholeLab() {
  const sw = await theSwitch();
  const h1 = await node('h1');
  const h2 = await node('h2');
  expect(await rest('PUT', '/v1/lab', LAB)).toMatchObject({ status: 200 });
  await converged();
  return { sw, h1, h2 };
}

describe('a lab', () => {
  test('reaches switch and nodes as slices, and converges', async () => {
    const { sw, h1 } = await wholeLab();
    expect(sw.lans).toEqual([{ name: 'office', ageing: 300 }]);
    expect(fabric.links.map(({ name, a, b }) => [name, a, b])).toEqual([
      ['c1', 'h1:eth0', 'lan:office'],
      ['c2', 'h2:eth0', 'lan:office'],
    ]);
    expect(h1.devices.get('eth0')).toMatchObject({ dataUrl: sw.dataUrl, ip: ['10.0.0.1/24'], up: true });
    expect(h1.devices.get('eth0')?.mac).toMatch(/^02:/);
    expect(await rest('GET', '/readyz')).toMatchObject({ status: 200 });
  });

  test('waits in words for what is missing', async () => {
    await rest('PUT', '/v1/lab', LAB);
    const before = await rest('GET', '/readyz');
    expect(before).toMatchObject({ status: 503 });
    expect(before.body.detail).toContain('no switch is connected');
    expect(before.body.detail).toContain('node h2 is not connected: start it with');
    await theSwitch();
    await node('h1');
    const h2 = new FakeNode({ url: control.url, name: 'h2', fabric });
    h2.impossible.set('eth0', { code: 'EPERM', message: 'no NET_ADMIN' });
    await connect(h2);
    await vi.waitFor(async () => {
      const { body } = await rest('GET', '/readyz');
      expect(body.detail).toContain('node h2, eth0: no NET_ADMIN (EPERM)');
      expect(body.detail).not.toContain('h1');
    });
    h2.impossible.clear();
    await converged();
  });

  test('put twice plans nothing and sends nothing', async () => {
    const { sw, h1, h2 } = await wholeLab();
    const changes = () =>
      [sw.called('switch.apply'), h1.called('node.apply'), h2.called('node.apply')].flat().length;
    const before = changes();
    expect((await rest('PUT', '/v1/lab', LAB)).body).toEqual({ lab: 'three', dryRun: false, changes: [] });
    expect(changes()).toBe(before);
  });

  test('a dry run says what would change, and changes nothing', async () => {
    const { sw } = await wholeLab();
    const before = sw.called('switch.apply').length;
    const without = { ...LAB, links: [LAB.links[0]] };
    const { body } = await rest('PUT', '/v1/lab?dryRun=true', without);
    expect(body.changes).toEqual([{ op: 'remove', kind: 'link', name: 'c2' }]);
    expect(sw.called('switch.apply').length).toBe(before);
    expect((await desired()).links.length).toBe(2);
  });

  test('that is invalid changes nothing', async () => {
    await wholeLab();
    const before = await desired();
    const bad = { ...LAB, links: [{ endpoints: ['h9:eth0', 'lan:office'] }] };
    expect(await rest('PUT', '/v1/lab', bad)).toMatchObject({ status: 400, body: { code: 'EINVAL' } });
    expect(await desired()).toEqual(before);
  });

  test('that a node refuses is taken back everywhere', async () => {
    const { h1, h2 } = await wholeLab();
    const before = await desired();
    const slices = JSON.stringify([fabric.links, [...h1.devices.values()]]);
    h2.impossible.set('eth1', { code: 'EPERM', message: 'no NET_ADMIN' });
    const wider = structuredClone(LAB) as typeof LAB & { nodes: { h2: { devices: Record<string, object> } } };
    wider.nodes.h2.devices['eth1'] = {};
    wider.nodes.h1.devices.eth0.ip = '10.0.0.9/24';
    const answer = await rest('PUT', '/v1/lab', wider);
    expect(answer).toMatchObject({ status: 403, body: { code: 'EPERM' } });
    expect(answer.body.detail).toBe('node h2, eth1: no NET_ADMIN; nothing changed');
    expect(await desired()).toEqual(before);
    expect(JSON.stringify([fabric.links, [...h1.devices.values()]])).toBe(slices);
    await converged();
  });

  test('deleted, leaves no device and no cable, and twice is once', async () => {
    const { sw, h1 } = await wholeLab();
    expect((await rest('DELETE', '/v1/lab')).body.changes.length).toBeGreaterThan(0);
    expect([sw.lans, fabric.links, [...h1.devices]]).toEqual([[], [], []]);
    expect(await rest('GET', '/v1/lab')).toMatchObject({ status: 404, body: { code: 'ENOENT' } });
    expect((await rest('DELETE', '/v1/lab')).body.changes).toEqual([]);
  });
});

describe('agents', () => {
  test('a second node with the name of a connected one is refused, and the first stays', async () => {
    await node('h1');
    const refusal = await node('h1').catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'EEXIST' });
    expect(String(refusal)).toMatch(/node h1 is connected already, from 127\.0\.0\.1:\d+/);
    expect((await rest('GET', '/v1/nodes/h1')).body.connected).toBe(true);
  });

  test('a second switch is refused', async () => {
    await theSwitch('s1');
    await expect(theSwitch('s2')).rejects.toThrow('switch s1');
  });

  test('a node that goes is shown as such, and gets its slice again when it is back', async () => {
    const { h1 } = await wholeLab();
    const before = h1.called('node.apply').length;
    h1.devices.clear();
    h1.breakConnection();
    await vi.waitFor(() => expect(h1.called('node.apply').length).toBe(before + 1));
    await converged();
    h1.stop();
    await vi.waitFor(async () => {
      expect((await rest('GET', '/v1/nodes/h1')).body).toMatchObject({ connected: false, devices: ['eth0'] });
    });
    expect(await rest('GET', '/v1/nodes/h1/devices')).toMatchObject({
      status: 503,
      body: { code: 'ENETDOWN' },
    });
  });

  test('without a switch a plugged node is left alone: it may be forwarding', async () => {
    await rest('PUT', '/v1/lab', LAB);
    const h1 = await node('h1');
    const spare = await node('spare');
    await vi.waitFor(() => expect(spare.called('node.apply').length).toBe(1));
    expect(h1.called('node.apply')).toEqual([]);
    await theSwitch();
    await vi.waitFor(() => expect(h1.called('node.apply').length).toBe(1));
  });

  test('a control that knows no lab leaves the agents as they are', async () => {
    const sw = await theSwitch();
    const h1 = await node('h1');
    await vi.waitFor(() => expect(h1.called('device.list').length).toBe(1));
    expect([...sw.called('switch.apply'), ...h1.called('node.apply')]).toEqual([]);
  });
});

describe('links', () => {
  test('PATCH merges, resets nothing, and answers when the switch has it', async () => {
    const { sw } = await wholeLab();
    const { body } = await rest('PATCH', '/v1/links/c2', {
      impair: { forward: { loss: '0.5%' } },
      mtu: 1400,
    });
    expect(body).toMatchObject({ mtu: 1400, impair: { forward: { delay: 0.01, loss: 0.005 } } });
    expect(fabric.links[1]).toMatchObject({ mtu: 1400, impair: { forward: { delay: 0.01, loss: 0.005 } } });
    expect(sw.called('switch.apply').length).toBe(2);
  });

  test('carrier off shows at its ends, and the lab has still converged; on again it heals', async () => {
    const { h1 } = await wholeLab();
    const { body } = await rest('PATCH', '/v1/links/c1', { carrier: false });
    expect(body.ends[0]).toMatchObject({ endpoint: 'h1:eth0', carrier: false });
    expect((await rest('GET', '/v1/nodes/h1/devices/eth0')).body.operstate).toBe('DOWN');
    await converged();
    await rest('PATCH', '/v1/links/c1', { carrier: true });
    await converged();
    expect((await rest('GET', '/v1/nodes/h1/devices/eth0')).body.operstate).toBe('UP');
    expect(h1.called('node.apply').length).toBe(1);
  });

  test('what the switch refuses or does not hear leaves the link as it was', async () => {
    const { sw } = await wholeLab();
    const before = await desired();
    sw.refuses = { method: 'switch.apply', code: 'ENOBUFS', message: 'too many links' };
    expect(await rest('PATCH', '/v1/links/c1', { mtu: 1400 })).toMatchObject({
      status: 503,
      body: { code: 'ENOBUFS' },
    });
    sw.refuses = null;
    sw.stop();
    await vi.waitFor(async () => {
      expect(await rest('PATCH', '/v1/links/c1', { mtu: 1400 })).toMatchObject({
        body: { code: 'ENETDOWN' },
      });
    });
    expect(await desired()).toEqual(before);
  });

  test('of many changes at once none is lost', async () => {
    await wholeLab();
    const mtus = Array.from({ length: 20 }, (_, i) => 1400 + i);
    await Promise.all([
      ...mtus.map((mtu) => rest('PATCH', '/v1/links/c1', { mtu })),
      rest('PATCH', '/v1/links/c1', { impair: { reverse: { rate: '20mbit' } } }),
      rest('PATCH', '/v1/links/c2', { carrier: false }),
    ]);
    expect(fabric.links[0]).toMatchObject({ impair: { reverse: { rate: 20_000_000 } } });
    expect(fabric.links[1]!.carrier).toBe(false);
    expect((await desired()).links[0]!.mtu).toBe(fabric.links[0]!.mtu);
  });

  test('created, they plug in; a second cable in one device is refused; deleted, they unplug', async () => {
    const { h1 } = await wholeLab();
    const link = { endpoints: ['h1:eth0', 'h2:eth0'] };
    expect(await rest('POST', '/v1/links', link)).toMatchObject({ status: 409, body: { code: 'EBUSY' } });
    expect((await rest('DELETE', '/v1/links/c1')).status).toBe(204);
    expect(h1.devices.get('eth0')?.dataUrl).toBeNull();
    expect((await rest('DELETE', '/v1/links/c2')).status).toBe(204);
    expect(await rest('POST', '/v1/links', link)).toMatchObject({
      status: 201,
      body: { name: 'h1-eth0--h2-eth0' },
    });
    expect(await rest('POST', '/v1/links', { ...link, name: 'h1-eth0--h2-eth0' })).toMatchObject({
      status: 409,
    });
    await converged();
  });
});

describe('devices, nodes and LANs', () => {
  test('a device setting lands in the lab and on the node; a carrier on the node only', async () => {
    const { h1 } = await wholeLab();
    const { body } = await rest('PATCH', '/v1/nodes/h1/devices/eth0', { mtu: 1400, carrier: false });
    expect(body).toMatchObject({ ifname: 'eth0', mtu: 1400, operstate: 'DOWN' });
    expect((await desired()).nodes['h1']!.devices['eth0']).toMatchObject({ mtu: 1400, up: true });
    expect(h1.devices.get('eth0')).toMatchObject({ mtu: 1400, carrier: false });
    await converged();
  });

  test('a setting the node refuses is in neither', async () => {
    const { h1 } = await wholeLab();
    const before = await desired();
    h1.refuses = { method: 'device.set', code: 'EBUSY', message: 'the device is up' };
    const change = { address: '02:00:00:00:00:77' };
    expect(await rest('PATCH', '/v1/nodes/h1/devices/eth0', change)).toMatchObject({ status: 409 });
    expect(await desired()).toEqual(before);
    expect(h1.devices.get('eth0')?.mac).toBe(before.nodes['h1']!.devices['eth0']!.mac);
  });

  test('come and go, and those in use stay', async () => {
    const { h1 } = await wholeLab();
    expect(await rest('POST', '/v1/nodes/h1/devices', { name: 'eth1' })).toMatchObject({ status: 201 });
    expect([...h1.devices.keys()]).toEqual(['eth0', 'eth1']);
    expect(await rest('POST', '/v1/nodes/h1/devices', { name: 'eth1' })).toMatchObject({
      body: { code: 'EEXIST' },
    });
    expect((await rest('DELETE', '/v1/nodes/h1/devices/eth1')).status).toBe(204);
    expect([...h1.devices.keys()]).toEqual(['eth0']);
    for (const path of ['/v1/nodes/h1/devices/eth0', '/v1/nodes/h1', '/v1/lans/office']) {
      expect(await rest('DELETE', path)).toMatchObject({ status: 409, body: { code: 'EBUSY' } });
    }
  });

  test.each([
    ['GET', '/v1/nodes/h9', 404, 'ENOENT'],
    ['GET', '/v1/nodes/constructor', 404, 'ENOENT'],
    ['GET', '/v1/nodes/h1/devices/eth9', 404, 'ENODEV'],
    ['DELETE', '/v1/nodes/h1/devices/eth9', 404, 'ENODEV'],
    ['GET', '/v1/lans/nowhere', 404, 'ENOENT'],
    ['GET', '/v1/lans/nowhere/fdb', 404, 'ENOENT'],
    ['GET', '/v1/links/nowhere', 404, 'ENOENT'],
    ['GET', '/v1/links/nowhere/stats', 404, 'ENOENT'],
  ])('%s %s is %i %s', async (method, path, status, code) => {
    await wholeLab();
    expect(await rest(method, path)).toMatchObject({ status, body: { code } });
  });

  test('a ping to a node goes to its address', async () => {
    await wholeLab();
    const ping = (target: string) => rest('POST', '/v1/nodes/h1/ping', { target, count: 1 });
    expect((await ping('h2')).body.target).toBe('10.0.0.2');
    expect((await ping('h2:eth0')).body.target).toBe('10.0.0.2');
    expect((await ping('10.0.0.77')).body.target).toBe('10.0.0.77');
    expect(await ping('h9')).toMatchObject({ status: 400 });
  });
});

describe('the door', () => {
  test('off this machine control does not open without a token', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'EPERM' });
    await expect(start({ host: '0.0.0.0', insecure: true })).resolves.toBeDefined();
  });

  test('with a token, neither REST nor an agent gets in without it', async () => {
    control = await start({ token: 'correct horse' });
    expect((await rest('GET', '/v1/nodes')).status).toBe(401);
    expect((await rest('GET', '/healthz')).status).toBe(200);
    await expect(node('h1')).rejects.toThrow();
    await connect(new FakeNode({ url: control.url, name: 'h1', fabric, token: 'correct horse' }));
  });

  test('a port in use is named', async () => {
    const port = Number(new URL(control.url).port);
    await expect(start({ port })).rejects.toThrow(`127.0.0.1:${port} is in use`);
  });
});
