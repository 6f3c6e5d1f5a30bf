import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ControlTest } from '../test/control-test.ts';

/** As soon as it is so; long only where the machine is busy. */
const eventually = <T>(look: () => T) => vi.waitFor(look, 4_000);

const t = new ControlTest();
beforeEach(() => t.begin());
afterEach(() => t.end());

describe('links', () => {
  test('PATCH merges, resets nothing, and answers when the switch has it', async () => {
    const { sw } = await t.wholeLab();
    const { body } = await t.rest('PATCH', '/v1/links/c2', {
      impair: { forward: { loss: '0.5%' } },
      mtu: 1400,
    });
    expect(body).toMatchObject({ mtu: 1400, impair: { forward: { delay: 0.01, loss: 0.005 } } });
    expect(t.fabric.links[1]).toMatchObject({ mtu: 1400, impair: { forward: { delay: 0.01, loss: 0.005 } } });
    expect(sw.called('switch.apply').length).toBe(2);
  });

  test('the limit shown is the one in force, there and at the switch; it follows the rate', async () => {
    await t.wholeLab();
    const limits = async () => [
      (await t.rest('GET', '/v1/links/c2')).body.impair.forward.limit,
      t.fabric.links[1]?.impair.forward.limit,
    ];
    expect(await limits()).toEqual([100_000, 100_000]);
    await t.rest('PATCH', '/v1/links/c2', { impair: { forward: { rate: '20mbit' } } });
    expect(await limits()).toEqual([1000, 1000]);
  });

  test('carrier off shows at its ends, and the lab has still converged; on again it heals', async () => {
    const { h1 } = await t.wholeLab();
    const { body } = await t.rest('PATCH', '/v1/links/c1', { carrier: false });
    expect(body.ends[0]).toMatchObject({ endpoint: 'h1:eth0', carrier: false });
    expect((await t.rest('GET', '/v1/nodes/h1/devices/eth0')).body.operstate).toBe('DOWN');
    await t.converged();
    await t.rest('PATCH', '/v1/links/c1', { carrier: true });
    await t.converged();
    expect((await t.rest('GET', '/v1/nodes/h1/devices/eth0')).body.operstate).toBe('UP');
    expect(h1.called('node.apply').length).toBe(1);
  });

  test('what the switch refuses or does not hear leaves the link as it was', async () => {
    const { sw } = await t.wholeLab();
    const before = await t.desired();
    sw.refuses = { method: 'switch.apply', code: 'ENOBUFS', message: 'too many links' };
    expect(await t.rest('PATCH', '/v1/links/c1', { mtu: 1400 })).toMatchObject({
      status: 503,
      body: { code: 'ENOBUFS' },
    });
    sw.refuses = null;
    sw.stop();
    await eventually(async () => {
      expect(await t.rest('PATCH', '/v1/links/c1', { mtu: 1400 })).toMatchObject({
        body: { code: 'ENETDOWN' },
      });
    });
    expect(await t.desired()).toEqual(before);
  });

  test('a change that the switch refuses never reaches a node', async () => {
    const { sw, h1 } = await t.wholeLab();
    const told = h1.called('node.apply').length;
    sw.refuses = { method: 'switch.apply', code: 'ENOBUFS', message: 'no ports left' };
    expect(await t.rest('DELETE', '/v1/links/c1')).toMatchObject({ body: { code: 'ENOBUFS' } });
    expect(h1.called('node.apply').length).toBe(told);
  });

  test('of many changes at once none is lost', async () => {
    await t.wholeLab();
    const mtus = Array.from({ length: 20 }, (_, i) => 1400 + i);
    await Promise.all([
      ...mtus.map((mtu) => t.rest('PATCH', '/v1/links/c1', { mtu })),
      t.rest('PATCH', '/v1/links/c1', { impair: { reverse: { rate: '20mbit' } } }),
      t.rest('PATCH', '/v1/links/c2', { carrier: false }),
    ]);
    expect(t.fabric.links[0]).toMatchObject({ impair: { reverse: { rate: 20_000_000 } } });
    expect(t.fabric.links[1]!.carrier).toBe(false);
    expect((await t.desired()).links[0]!.mtu).toBe(t.fabric.links[0]!.mtu);
  });

  test('created, they plug in; a second cable in one device is refused; deleted, they unplug', async () => {
    const { h1 } = await t.wholeLab();
    const link = { endpoints: ['h1:eth0', 'h2:eth0'] };
    expect(await t.rest('POST', '/v1/links', link)).toMatchObject({ status: 409, body: { code: 'EBUSY' } });
    expect((await t.rest('DELETE', '/v1/links/c1')).status).toBe(204);
    expect(h1.devices.get('eth0')?.dataUrl).toBeNull();
    expect((await t.rest('DELETE', '/v1/links/c2')).status).toBe(204);
    expect(await t.rest('POST', '/v1/links', link)).toMatchObject({
      status: 201,
      body: { name: 'h1-eth0--h2-eth0' },
    });
    expect(await t.rest('POST', '/v1/links', { ...link, name: 'h1-eth0--h2-eth0' })).toMatchObject({
      status: 409,
    });
    await t.converged();
  });
});

describe('devices, nodes and LANs', () => {
  test('a device setting lands in the lab and on the node; a carrier on the node only', async () => {
    const { h1 } = await t.wholeLab();
    const { body } = await t.rest('PATCH', '/v1/nodes/h1/devices/eth0', { mtu: 1400, carrier: false });
    expect(body).toMatchObject({ ifname: 'eth0', mtu: 1400, operstate: 'DOWN' });
    expect((await t.desired()).nodes['h1']!.devices['eth0']).toMatchObject({ mtu: 1400, up: true });
    expect(h1.devices.get('eth0')).toMatchObject({ mtu: 1400, carrier: false });
    await t.converged();
  });

  test('a setting the node refuses is in neither, nor are those beside it', async () => {
    const { h1 } = await t.wholeLab();
    const path = '/v1/nodes/h1/devices/eth0';
    const before = { lab: await t.desired(), device: (await t.rest('GET', path)).body };
    h1.fails.set('txqlen=7', { code: 'EBUSY', message: 'the queue is in use' });
    const change = { address: '02:00:00:00:00:77', mtu: 1400, ifalias: 'uplink', txqlen: 7 };
    expect(await t.rest('PATCH', path, change)).toMatchObject({ status: 409 });
    expect({ lab: await t.desired(), device: (await t.rest('GET', path)).body }).toEqual(before);
  });

  test('a setting of one is taken though the node fails with another', async () => {
    const { h1 } = await t.wholeLab();
    expect((await t.rest('POST', '/v1/nodes/h1/devices', { name: 'eth1' })).status).toBe(201);
    h1.impossible.set('eth1', { code: 'EPERM', message: 'no NET_ADMIN' });
    expect(await t.rest('PATCH', '/v1/nodes/h1/devices/eth0', { mtu: 1400 })).toMatchObject({ status: 200 });
    expect((await t.desired()).nodes['h1']!.devices['eth0']).toMatchObject({ mtu: 1400 });
  });

  test('come and go, and those in use stay', async () => {
    const { h1 } = await t.wholeLab();
    expect(await t.rest('POST', '/v1/nodes/h1/devices', { name: 'eth1' })).toMatchObject({ status: 201 });
    expect([...h1.devices.keys()]).toEqual(['eth0', 'eth1']);
    expect(await t.rest('POST', '/v1/nodes/h1/devices', { name: 'eth1' })).toMatchObject({
      body: { code: 'EEXIST' },
    });
    expect((await t.rest('DELETE', '/v1/nodes/h1/devices/eth1')).status).toBe(204);
    expect([...h1.devices.keys()]).toEqual(['eth0']);
    for (const path of ['/v1/nodes/h1/devices/eth0', '/v1/nodes/h1', '/v1/lans/office']) {
      expect(await t.rest('DELETE', path)).toMatchObject({ status: 409, body: { code: 'EBUSY' } });
    }
  });

  test.each([
    ['GET', '/v1/nodes/h9', 404, 'ENOENT'],
    ['GET', '/v1/nodes/constructor', 404, 'ENOENT'],
    ['GET', '/v1/nodes/h1/devices/eth9', 404, 'ENODEV'],
    ['DELETE', '/v1/nodes/h1/devices/eth9', 404, 'ENODEV'],
    ['DELETE', '/v1/nodes/h1/devices/lo', 400, 'EOPNOTSUPP'],
    ['GET', '/v1/lans/nowhere', 404, 'ENOENT'],
    ['GET', '/v1/lans/nowhere/fdb', 404, 'ENOENT'],
    ['GET', '/v1/links/nowhere', 404, 'ENOENT'],
    ['GET', '/v1/links/nowhere/stats', 404, 'ENOENT'],
  ])('%s %s is %i %s', async (method, path, status, code) => {
    await t.wholeLab();
    expect(await t.rest(method, path)).toMatchObject({ status, body: { code } });
  });

  test('a ping to a node goes to its address', async () => {
    await t.wholeLab();
    const ping = (target: string) => t.rest('POST', '/v1/nodes/h1/ping', { target, count: 1 });
    expect((await ping('h2')).body.target).toBe('10.0.0.2');
    expect((await ping('h2:eth0')).body.target).toBe('10.0.0.2');
    expect((await ping('10.0.0.77')).body.target).toBe('10.0.0.77');
    expect(await ping('h9')).toMatchObject({ status: 400 });
  });

  test('a ping that would take longer than an agent has to answer is refused before it is begun', async () => {
    const { h1 } = await t.wholeLab();
    const ping = (count: number) =>
      t.rest('POST', '/v1/nodes/h1/ping', { target: 'h2', count, interval: '1s', timeout: '1s' });
    expect(await ping(51)).toMatchObject({
      body: { code: 'EINVAL', detail: expect.stringContaining('50 s') },
    });
    expect((await ping(50)).status).toBe(200);
    expect(h1.called('node.ping').length).toBe(1);
  });
});
