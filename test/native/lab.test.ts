import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../requirements.ts';
import { run } from '../support/program.ts';
import {
  expectDhcp,
  expectIperf3BothWays,
  expectPing,
  expectTcpdumpSees,
  type On,
} from '../support/traffic.ts';
import { until } from '../support/until.ts';
import { type Up, up } from '../support/up.ts';

describeWith(
  'a native lab with real Linux interfaces',
  ['root', 'tun', 'netns', 'iperf3', 'tcpdump', 'dnsmasq'],
  () => {
    let lab: Up;
    const before = namespaces();
    const interfaces = readdirSync('/sys/class/net').sort();
    const on: On = (host, line, seconds = 30) =>
      run('ip', ['netns', 'exec', host, 'sh', '-c', line], { seconds });
    const ipLink = async (host: string) => JSON.parse((await on(host, 'ip -j -d link show eth0')).stdout)[0];
    const link = 'h2-eth0--office';

    beforeAll(async () => {
      lab = await up('examples/three-hosts-kernel.yaml');
    });

    afterAll(async () => {
      await lab?.stop().catch(() => {});
    });

    test('real ping crosses it, IPv4 and IPv6', async () => {
      await expectPing(on, 'h1', '10.0.0.2');
      await expectPing(on, 'h3', '10.0.0.1');
      await expectPing(on, 'h1', 'fd00::2', '-6 -c 3 -i 0.2 -W 5');
    });

    test('a ping with 20,000 bytes crosses it in fragments', async () => {
      await expectPing(on, 'h1', '10.0.0.3', '-c 3 -i 0.2 -W 5 -s 20000');
    });

    test('iperf3 runs TCP and UDP both ways', async () => {
      await expectIperf3BothWays(on, 'h1', 'h2', '10.0.0.2');
    });

    test('tcpdump sees the echo requests and replies', async () => {
      await expectTcpdumpSees(on, 'h2', 'eth0', 'h1', '10.0.0.2');
    });

    test('a host gets its address by DHCP from a dnsmasq on another', async () => {
      await expectDhcp(on, 'h1', 'h3', 'eth0');
    });

    test('ping works over REST as over the user stack', async () => {
      const { body } = await lab.rest('POST', '/v1/nodes/h1/ping', {
        target: '10.0.0.2',
        count: 3,
        interval: '10ms',
      });
      expect(body).toMatchObject({ sent: 3, received: 3 });
      expect(body.rtt.min).toBeGreaterThan(0);
      const v6 = await lab.rest('POST', '/v1/nodes/h1/ping', {
        target: 'fd00::3',
        count: 2,
        interval: '10ms',
      });
      expect(v6.body).toMatchObject({ sent: 2, received: 2 });
    });

    test('an MTU set by REST shows in ip link, and one set by ip link shows in REST', async () => {
      expect((await lab.rest('PATCH', '/v1/nodes/h2/devices/eth0', { mtu: 1400 })).body.mtu).toBe(1400);
      expect((await ipLink('h2')).mtu).toBe(1400);
      await on('h2', 'ip link set eth0 mtu 1450');
      await until(
        'REST shows 1450',
        async () => (await lab.rest('GET', '/v1/nodes/h2/devices/eth0')).body.mtu === 1450,
      );
      await lab.rest('PATCH', '/v1/nodes/h2/devices/eth0', { mtu: 1500 });
      expect((await ipLink('h2')).mtu).toBe(1500);
    });

    test('a carrier switched by REST shows as NO-CARRIER in ip link, nothing passes, and it heals', async () => {
      await lab.rest('PATCH', `/v1/links/${link}`, { carrier: false });
      await until('NO-CARRIER', async () => (await ipLink('h2')).flags.includes('NO-CARRIER'));
      expect((await ipLink('h2')).operstate).toBe('DOWN');
      expect((await lab.rest('GET', '/v1/nodes/h2/devices/eth0')).body.operstate).toBe('DOWN');
      expect((await on('h1', 'ping -c 1 -W 1 10.0.0.2')).code).not.toBe(0);
      await lab.rest('PATCH', `/v1/links/${link}`, { carrier: true });
      await until('LOWER_UP', async () => (await ipLink('h2')).flags.includes('LOWER_UP'));
      await until('ping', async () => (await on('h1', 'ping -c 1 -W 1 10.0.0.2')).code === 0);
    });

    test('an interface taken down in Linux is down in REST, and up again', async () => {
      await on('h3', 'ip link set eth0 down');
      const device = async () => (await lab.rest('GET', '/v1/nodes/h3/devices/eth0')).body;
      await until('REST shows it down', async () => !(await device()).flags.includes('UP'));
      await on('h3', 'ip link set eth0 up');
      await until('REST shows it up', async () => (await device()).operstate === 'UP');
      await until('ping', async () => (await on('h1', 'ping -c 1 -W 1 10.0.0.3')).code === 0);
    });

    test('REST counts what Linux counts, and the link adds up', async () => {
      // To Linux a TCP super-frame is one packet, so it is the growth by a ping that is compared.
      const counted = async () => {
        const linux = JSON.parse((await on('h1', 'ip -j -s link show eth0')).stdout)[0].stats64;
        const ours = (await lab.rest('GET', '/v1/nodes/h1/devices/eth0')).body.stats64;
        return { tx: ours.tx.packets - linux.tx.packets, rx: ours.rx.packets - linux.rx.packets };
      };
      const before = await counted();
      await expectPing(on, 'h1', '10.0.0.2', '-c 20 -i 0.01 -W 5');
      const after = await counted();
      expect(Math.abs(after.tx - before.tx)).toBeLessThanOrEqual(3);
      expect(Math.abs(after.rx - before.rx)).toBeLessThanOrEqual(3);
      expect((await lab.rest('GET', `/v1/links/${link}/stats`)).body.balanced).toBe(true);
    });

    test('exec runs a program on a host and passes on its output and exit code', async () => {
      const shown = await lab.cli('exec', 'h3', '--', 'ip', '-br', 'addr', 'show', 'eth0');
      expect(shown.stdout).toContain('10.0.0.3/24');
      expect((await lab.cli('exec', 'h3', '--', 'sh', '-c', 'exit 7')).code).toBe(7);
    });

    test('Ctrl-C leaves no process, no interface and no namespace', async () => {
      const ours = ['h1', 'h2', 'h3'];
      expect(namespaces()).toEqual(expect.arrayContaining(ours));
      expect(await lab.stop('SIGINT')).toBe(0);
      // A killed run's namespaces of these names were there before, and this lab took them over.
      expect(namespaces()).toEqual(before.filter((name) => !ours.includes(name)));
      expect(readdirSync('/sys/class/net').sort()).toEqual(interfaces);
    });
  },
);

function namespaces(): string[] {
  try {
    return readdirSync('/run/netns').sort();
  } catch {
    return [];
  }
}
