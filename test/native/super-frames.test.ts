/** Super-frames from one real Linux interface to another, through a switch: what `etherloom up` makes of two kernel nodes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../requirements.ts';
import { Program, run } from '../support/program.ts';
import { until } from '../support/until.ts';
import { type Up, up } from '../support/up.ts';

const LAB = `
name: super-frames
nodes:
  sf1: { stack: kernel, devices: { eth0: { ip: [10.0.0.1/24, "fd00::1/64"] } } }
  sf2: { stack: kernel, devices: { eth0: { ip: [10.0.0.2/24, "fd00::2/64"] } } }
links:
  - { name: cable, endpoints: ["sf1:eth0", "sf2:eth0"] }
`;

describeWith('super-frames between kernel nodes', ['root', 'tun', 'netns', 'iperf3'], () => {
  const folder = mkdtempSync(join(tmpdir(), 'etherloom-sf-'));
  let lab: Up;
  const on = (host: string, ...words: string[]) =>
    run('ip', ['netns', 'exec', host, ...words], { seconds: 60 });

  beforeAll(async () => {
    const file = join(folder, 'lab.yaml');
    writeFileSync(file, LAB);
    lab = await up(file);
    await until('IPv6 crosses', async () => (await on('sf1', 'ping', '-c1', '-W1', 'fd00::2')).code === 0);
  });

  afterAll(async () => {
    await lab?.stop().catch(() => {});
    rmSync(folder, { recursive: true });
  });

  const counter = async (node: string, name: string): Promise<number> =>
    (await lab.rest('GET', `/v1/nodes/${node}/devices/eth0/stats`)).body.ethtool[name];
  const link = async () => (await lab.rest('GET', '/v1/links/cable/stats')).body;

  async function send(address: string, megabytes: number): Promise<void> {
    const server = new Program('ip', ['netns', 'exec', 'sf2', 'iperf3', '-s', '-1']);
    try {
      await until(
        'iperf3 has sent it all',
        async () => (await on('sf1', 'iperf3', '-c', address, '-n', `${megabytes}M`)).code === 0,
        60,
      );
    } finally {
      await server.stop('SIGKILL');
    }
  }

  async function expectNoDamage(): Promise<void> {
    const { stdout } = await on('sf2', 'nstat', '-asz', 'TcpInCsumErrors', 'IpInHdrErrors');
    for (const name of ['TcpInCsumErrors', 'IpInHdrErrors'])
      expect(stdout).toMatch(new RegExp(`${name} +0 `));
  }

  for (const address of ['10.0.0.2', 'fd00::2']) {
    test(`TCP to ${address} crosses in them, and the sums of the link count their segments`, async () => {
      const sent = await counter('sf1', 'tx_gso_frames');
      const before = (await link()).forward;
      await send(address, 50);
      expect((await counter('sf1', 'tx_gso_frames')) - sent).toBeGreaterThan(200);
      expect(await counter('sf2', 'rx_gso_frames')).toBe(await counter('sf1', 'tx_gso_frames'));
      const { forward, balanced } = await link();
      expect(balanced).toBe(true);
      expect(forward.tx - before.tx).toBeGreaterThan(50e6 / 1500);
      expect(forward.rxBytes).toBe(forward.txBytes);
      await expectNoDamage();
    });
  }

  test('an impaired link is given the frames they are made of, and the stream arrives whole', async () => {
    await lab.rest('PATCH', '/v1/links/cable', { impair: { forward: { delay: '1ms', loss: '1%' } } });
    const before = await counter('sf2', 'rx_gso_frames');
    await send('10.0.0.2', 5);
    expect(await counter('sf2', 'rx_gso_frames')).toBe(before);
    const { forward, balanced } = await link();
    expect(balanced).toBe(true);
    expect(forward.drops['NETEM_LOSS']).toBeGreaterThan(0);
    await expectNoDamage();
    await lab.rest('PATCH', '/v1/links/cable', { impair: { forward: { delay: 0, loss: 0 } } });
  });

  test('an MTU below that of the segments stops them, and above it they pass', async () => {
    await lab.rest('PATCH', '/v1/links/cable', { mtu: 1400 });
    const before = (await link()).forward.drops['PKT_TOO_BIG'] ?? 0;
    const server = new Program('ip', ['netns', 'exec', 'sf2', 'iperf3', '-s', '-1']);
    await until(
      'segments are too big',
      async () => {
        await on('sf1', 'timeout', '1', 'iperf3', '-c', '10.0.0.2', '-n', '1M');
        return ((await link()).forward.drops['PKT_TOO_BIG'] ?? 0) > before;
      },
      20,
    );
    await server.stop('SIGKILL');
    for (const node of ['sf1', 'sf2']) {
      expect((await lab.rest('PATCH', `/v1/nodes/${node}/devices/eth0`, { mtu: 1400 })).status).toBe(200);
    }
    await send('10.0.0.2', 5);
    expect((await link()).balanced).toBe(true);
  });
});
