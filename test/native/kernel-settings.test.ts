/** A node with a Linux interface, seen and set by REST, beside what the real tools say in its namespace. */
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../requirements.ts';
import { InProcessLab } from '../support/in-process.ts';
import { run } from '../support/program.ts';

const NETNS = `el-set-${process.pid}`;
const LAB = {
  name: 'kernel-settings',
  nodes: {
    k1: { stack: 'kernel', devices: { eth0: { ip: ['10.0.0.1/24', 'fd00::1/64'] } } },
    h2: { devices: { eth0: { ip: '10.0.0.2/24' } } },
  },
  lans: { office: {} },
  links: [{ endpoints: ['k1:eth0', 'lan:office'] }, { endpoints: ['h2:eth0', 'lan:office'] }],
};

describeWith('a kernel node by REST', ['root', 'tun', 'netns'], () => {
  let lab: InProcessLab;
  beforeAll(async () => {
    lab = await InProcessLab.start(LAB, { k1: NETNS });
  });
  afterAll(() => lab?.stop());

  const tool = async (file: string, ...args: string[]) =>
    JSON.parse((await run(file, ['-n', NETNS, '-j', ...args])).stdout);
  const get = async (path: string) => (await lab.rest('GET', `/v1/nodes/${path}`)).body;

  test('addresses are those of Linux, to the byte', async () => {
    expect(JSON.stringify(await get('k1/addresses'))).toBe(JSON.stringify(await tool('ip', 'addr')));
  });

  test('neighbours are those of Linux, once it has talked to one', async () => {
    const { body } = await lab.rest('POST', '/v1/nodes/k1/ping', { target: '10.0.0.2', count: 1 });
    expect(body.received).toBe(1);
    const both = async () => [await get('k1/neighbours'), await tool('ip', '-s', 'neigh')];
    let [ours, theirs] = await both();
    // Their ages count on while we look.
    for (let more = 5; more > 0 && !isDeepStrictEqual(ours, theirs); more--) [ours, theirs] = await both();
    expect(ours).toMatchObject([{ dst: '10.0.0.2', dev: 'eth0', lladdr: expect.any(String) }]);
    expect(ours).toEqual(theirs);
  });

  test('its devices are listed as those of a user node: the same set, the same keys', async () => {
    const shape = (links: object[]) => links.map((link) => Object.keys(link));
    const [kernel, user] = [await get('k1/devices'), await get('h2/devices')];
    expect(kernel.map((link: { ifname: string }) => link.ifname)).toEqual(['lo', 'eth0']);
    expect(shape(kernel)).toEqual(shape(user));
  });

  test('MTU and address of the device show in Linux; its qdisc is the one in front of the wire, and Linux has its own', async () => {
    const before = await tool('tc', 'qdisc');
    const path = '/v1/nodes/k1/devices/eth0';
    expect((await lab.rest('PATCH', path, { mtu: 1400 })).status).toBe(200);
    const options = { delay: { delay: '30ms' } };
    expect((await lab.rest('PUT', `${path}/qdisc`, { kind: 'netem', options })).body).toMatchObject([
      { kind: 'netem', options: { delay: { delay: 0.03 } } },
    ]);
    expect(await tool('tc', 'qdisc')).toEqual(before);
    expect((await tool('ip', 'link', 'show', 'eth0'))[0].mtu).toBe(1400);
    // Linux sends; the frame waits in our qdisc, on its way to the wire.
    const { body } = await lab.rest('POST', '/v1/nodes/k1/ping', {
      target: '10.0.0.2',
      count: 2,
      interval: 0.01,
    });
    expect(body.rtt.min).toBeGreaterThanOrEqual(0.029);
  });

  test('segmentation that was turned off is off again with the cable of a node that comes back', async () => {
    const path = '/v1/nodes/k1/devices/eth0/ethtool';
    const feature = async () => (await lab.rest('GET', path)).body.features['tx-tcp-segmentation'];
    expect(await feature()).toEqual({ active: true, fixed: false, requested: true });
    await lab.rest('PATCH', path, { features: { 'tx-tcp-segmentation': false } });
    expect(await feature()).toEqual({ active: false, fixed: false, requested: false });
    await lab.restartNode('k1', NETNS);
    expect(await feature()).toEqual({ active: false, fixed: false, requested: false });
  });
});
