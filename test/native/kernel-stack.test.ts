/** Two real Linux interfaces in two namespaces, joined inside this process: TAP, patch, veth, patch, TAP. */
import { readdirSync } from 'node:fs';
import { vethLinkOps, vethPeer } from '@etherloom/drivers';
import {
  devClose,
  devGetFlags,
  devOpen,
  devSetMacAddress,
  devSetMtu,
  IFF_UP,
  Net,
  type NetDevice,
  type NetError,
  netifCarrierOff,
  netifCarrierOk,
  netifCarrierOn,
  rtnlDelLink,
  rtnlNewLink,
} from '@etherloom/netcore';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KernelStack } from '../../packages/node/src/kernel-stack.ts';
import { nodeHost } from '../../packages/node/src/node-host.ts';
import { describeWith } from '../requirements.ts';
import { run } from '../support/program.ts';
import { expectIperf3BothWays, expectPing, expectTcpdumpSees, type On } from '../support/traffic.ts';
import { until } from '../support/until.ts';

const on: On = (host, line, seconds = 30) =>
  run('ip', ['netns', 'exec', host, 'sh', '-c', line], { seconds });
const ipLink = async (host: string) => JSON.parse((await on(host, 'ip -j -d link show eth0')).stdout)[0];

describeWith('the kernel stack', ['root', 'tun', 'netns', 'iperf3', 'tcpdump'], () => {
  let net: Net;
  let v0: NetDevice;
  let v1: NetDevice;
  let s0: KernelStack;
  let s1: KernelStack;
  const reports: NetError[] = [];
  const fds = openFds();

  beforeAll(() => {
    net = new Net(nodeHost);
    v0 = rtnlNewLink(net, vethLinkOps, {
      name: 'veth0',
      address: '02:00:00:00:00:01',
      peer: { name: 'veth1' },
    });
    v1 = vethPeer(v0)!;
    devOpen(v0);
    devOpen(v1);
    const report = (error: NetError) => reports.push(error);
    s0 = KernelStack.create(net, v0, {
      netns: 'ks0',
      ifname: 'eth0',
      ip: ['10.7.0.1/24', 'fd07::1/64'],
      report,
    });
    s1 = KernelStack.create(net, v1, {
      netns: 'ks1',
      ifname: 'eth0',
      ip: ['10.7.0.2/24', 'fd07::2/64'],
      report,
    });
  });

  afterAll(() => {
    s0?.destroy();
    s1?.destroy();
    net?.stop();
  });

  test('the interfaces are up at once, with the MAC and MTU of their lab devices, and lo is up', async () => {
    expect(await ipLink('ks0')).toMatchObject({ address: '02:00:00:00:00:01', mtu: 1500, operstate: 'UP' });
    const lo = JSON.parse((await on('ks0', 'ip -j link show lo')).stdout)[0];
    expect(lo.flags).toContain('UP');
  });

  test('ping and ping6 cross it within a second of its making', async () => {
    await expectPing(on, 'ks0', '10.7.0.2', '-c 3 -i 0.1 -W 5');
    await expectPing(on, 'ks0', 'fd07::2', '-6 -c 3 -i 0.1 -W 5');
    await expectPing(on, 'ks1', '10.7.0.1', '-c 2 -i 0.1 -W 5 -s 20000');
  });

  test("the node's own ping measures both families and names what went wrong", async () => {
    const request = { count: 3, interval: 0.01, size: 56, timeout: 1 };
    for (const target of ['10.7.0.2', 'fd07::2']) {
      const result = await s0.ping({ target, ...request });
      expect(result).toMatchObject({ target, sent: 3, received: 3, duplicates: 0, errors: [] });
      expect(result.rtt!.min).toBeGreaterThan(0);
      expect(result.rtt!.min).toBeLessThanOrEqual(result.rtt!.avg);
    }
    const lost = await s0.ping({ target: '10.7.0.99', ...request, count: 2, timeout: 0.2 });
    expect(lost).toMatchObject({ sent: 2, received: 0, rtt: null });
    await expect(async () => s0.ping({ target: '8.8.8.8', ...request })).rejects.toMatchObject({
      code: 'ENETUNREACH',
    });
  });

  test('iperf3 runs TCP and UDP both ways, and every skb comes home', async () => {
    await expectIperf3BothWays(on, 'ks0', 'ks1', '10.7.0.2');
    await until('the pool is whole', () => net.pool.inUse === 0);
  });

  test('tcpdump sees requests and replies', async () => {
    await expectTcpdumpSees(on, 'ks1', 'eth0', 'ks0', '10.7.0.2');
  });

  test('the tap knows what Linux counts, the other way round; the lab device counts frames of the wire', async () => {
    const linux = async () => JSON.parse((await on('ks0', 'ip -j -s link show eth0')).stdout)[0].stats64;
    // Neighbour discovery goes on meanwhile, so a snapshot may have to be taken twice.
    await until('equal counters', async () => {
      const { rx, tx } = await linux();
      const ours = ethtool(s0.tap!);
      return (
        ours['linux_tx_packets'] === tx.packets &&
        ours['linux_tx_bytes'] === tx.bytes &&
        ours['linux_rx_packets'] === rx.packets &&
        ours['linux_rx_bytes'] === rx.bytes
      );
    });
    // A burst of segments may be more than the far end's backlog takes: netdev_max_backlog, as with Linux's veth.
    expect(v0.stats.txPackets + v0.stats.txDropped).toBe(s0.tap!.stats.rxPackets);
    expect(v0.stats.rxPackets).toBe(s0.tap!.stats.txPackets);
  });

  test('an MTU set on the lab device is that of the interface, and the other way round', async () => {
    devSetMtu(v0, 1400);
    expect((await ipLink('ks0')).mtu).toBe(1400);
    await on('ks0', 'ip link set eth0 mtu 9000');
    await until('the lab device follows', () => v0.mtu === 9000 && s0.tap!.mtu === 9000);
    devSetMtu(v0, 1500);
    devSetMtu(v0, 1499);
    devSetMtu(v0, 1500); // three echoes on their way, none of which may undo the last
    await until('no echo', async () => (await ipLink('ks0')).mtu === 1500);
    await expectPing(on, 'ks0', '10.7.0.2', '-c 1 -W 5');
    expect([v0.mtu, s0.tap!.mtu]).toEqual([1500, 1500]);
  });

  test('an MTU that the lab device refuses is taken back in Linux', async () => {
    v0.maxMtu = 9000;
    await on('ks0', 'ip link set eth0 mtu 9100');
    await until('Linux has the old one again', async () => (await ipLink('ks0')).mtu === 1500);
    expect(reports.pop()).toMatchObject({ code: 'EINVAL' });
    expect([v0.mtu, s0.tap!.mtu]).toEqual([1500, 1500]);
    expect(() => devSetMtu(v0, 67)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });

  test('IPv6 addresses are back when an MTU below 1280 has ended', async () => {
    devSetMtu(v0, 1000);
    expect((await on('ks0', 'ip -6 addr show eth0')).stdout).not.toContain('fd07::1');
    devSetMtu(v0, 1500);
    await expectPing(on, 'ks0', 'fd07::2', '-6 -c 1 -W 5');
  });

  test('a cut wire is NO-CARRIER in Linux, and it heals', async () => {
    netifCarrierOff(v0);
    expect((await ipLink('ks0')).flags).not.toContain('LOWER_UP');
    await until('NO-CARRIER', async () => (await ipLink('ks0')).flags.includes('NO-CARRIER'));
    expect((await ipLink('ks0')).operstate).toBe('DOWN');
    expect((await on('ks1', 'ping -c 1 -W 1 10.7.0.1')).code).not.toBe(0);
    netifCarrierOn(v0);
    await until('LOWER_UP', async () => (await ipLink('ks0')).flags.includes('LOWER_UP'));
    await expectPing(on, 'ks1', '10.7.0.1', '-c 1 -W 5');
  });

  test('the wire has the last word on the carrier', async () => {
    await on('ks0', 'ip link set eth0 carrier off');
    await until('it is on again', async () => (await ipLink('ks0')).flags.includes('LOWER_UP'));
    expect(netifCarrierOk(v0)).toBe(true);
    await until('a ping', async () => (await on('ks1', 'ping -c 1 -W 1 10.7.0.1')).code === 0);
  });

  test('an interface taken down in Linux is down in the lab, and the far end loses its carrier', async () => {
    await on('ks0', 'ip link set eth0 down');
    await until('the lab device is down', () => (v0.flags & IFF_UP) === 0 && (s0.tap!.flags & IFF_UP) === 0);
    expect((await ipLink('ks1')).flags).toContain('NO-CARRIER');
    await on('ks0', 'ip link set eth0 up');
    await until('the lab device is up', () => (devGetFlags(v0) & IFF_UP) !== 0);
    await until('a ping', async () => (await on('ks1', 'ping -c 1 -W 1 10.7.0.1')).code === 0);
    await expectPing(on, 'ks1', 'fd07::1', '-6 -c 1 -W 5');
  });

  test('a lab device taken down is down in Linux, and comes back with its addresses', async () => {
    devClose(v0);
    expect((await ipLink('ks0')).flags).not.toContain('UP');
    devOpen(v0);
    expect((await ipLink('ks0')).flags).toContain('UP');
    await until('a ping', async () => (await on('ks0', 'ping -c 1 -W 1 10.7.0.2')).code === 0);
    await until('a ping6', async () => (await on('ks0', 'ping -6 -c 1 -W 1 fd07::2')).code === 0);
  });

  test('a MAC set on one side is that of the other', async () => {
    devSetMacAddress(v0, Uint8Array.of(2, 0, 0, 0, 0, 0x11));
    expect((await ipLink('ks0')).address).toBe('02:00:00:00:00:11');
    await on('ks0', 'ip link set eth0 address 02:00:00:00:00:12');
    await until('the lab device follows', () => v0.devAddr[5] === 0x12 && s0.tap!.devAddr[5] === 0x12);
    await on('ks1', 'ip neigh flush dev eth0');
    await until('a ping', async () => (await on('ks1', 'ping -c 1 -W 1 10.7.0.1')).code === 0);
  });

  test('addresses and the gateway can be changed; what somebody else has set stays', async () => {
    await on('ks0', 'ip addr add 192.0.2.1/32 dev eth0');
    s0.configure({ ip: ['10.7.0.5/24'], gateway: '10.7.0.2' });
    const shown = (await on('ks0', 'ip -br addr show eth0; ip route')).stdout;
    expect(shown).toContain('10.7.0.5/24');
    expect(shown).toContain('192.0.2.1/32');
    expect(shown).not.toContain('10.7.0.1/24');
    expect(shown).not.toContain('fd07::1');
    expect(shown).toContain('default via 10.7.0.2 dev eth0');
    s0.configure({ ip: ['10.7.0.1/24', 'fd07::1/64'] });
    expect((await on('ks0', 'ip route')).stdout).not.toContain('default');
    expect(() => s0.configure({ ip: ['10.7.0.300/24'] })).toThrow(
      expect.objectContaining({ code: 'EINVAL' }),
    );
  });

  test('a taken interface name or namespace is EEXIST, and nothing is left behind', async () => {
    const dummy = rtnlNewLink(net, vethLinkOps, { name: 'spare0', peer: { name: 'spare1' } });
    const clash = { netns: 'ks0', ifname: 'eth0', ip: [] };
    expect(() => KernelStack.create(net, dummy, clash)).toThrow(
      expect.objectContaining({ code: 'EEXIST', message: expect.stringMatching(/eth0.*another name/) }),
    );
    await run('ip', ['netns', 'add', 'ks-theirs']);
    expect(() => KernelStack.create(net, dummy, { ...clash, netns: 'ks-theirs' })).toThrow(
      expect.objectContaining({ code: 'EEXIST', message: expect.stringContaining('ks-theirs') }),
    );
    await run('ip', ['netns', 'del', 'ks-theirs']);
    expect(() => KernelStack.create(net, dummy, { netns: 'ks2', ifname: 'eth0', ip: ['nonsense'] })).toThrow(
      'nonsense',
    );
    expect(readdirSync('/run/netns')).not.toContain('ks2');
    expect(net.devGetByName('tap2')).toBeUndefined();
    KernelStack.create(net, dummy, { netns: 'ks2', ifname: 'eth0', ip: [] }).destroy();
    expect(readdirSync('/run/netns')).not.toContain('ks2');
    rtnlDelLink(dummy);
  });

  test('an IPv6 address where IPv6 is off, as in many containers, is refused with what to do', async () => {
    const spare = rtnlNewLink(net, vethLinkOps, { name: 'spare0', peer: { name: 'spare1' } });
    await on('ks1', 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6');
    expect(() =>
      KernelStack.create(net, spare, { netns: 'ks1', ifname: 'eth1', ip: ['fd08::1/64'] }),
    ).toThrow(
      expect.objectContaining({ code: 'EACCES', message: expect.stringContaining('disable_ipv6: 0') }),
    );
    await on('ks1', 'echo 0 > /proc/sys/net/ipv6/conf/default/disable_ipv6');
    rtnlDelLink(spare);
  });

  test('an interface deleted in Linux is reported, and its lab device goes down', async () => {
    await on('ks1', 'ip link del eth0');
    await until('a report', () => reports.some(({ code }) => code === 'ENODEV'));
    expect(v1.flags & IFF_UP).toBe(0);
    expect(s1.tap).toBeNull();
    const cut = async () => (await ipLink('ks0')).flags.includes('NO-CARRIER');
    await until('the far end has no carrier', cut);
  });

  test('a lab device that is set up again makes its interface anew', async () => {
    const ping = async () => (await on('ks0', 'ping -c 1 -W 1 10.7.0.2')).code === 0;
    devOpen(v1);
    await until('a ping', ping);
    await on('ks1', 'ip link del eth0; ip tuntap add dev eth0 mode tap');
    await until('it is down', () => (v1.flags & IFF_UP) === 0);
    expect(() => devOpen(v1)).toThrow(expect.objectContaining({ code: 'EEXIST' })); // somebody else's eth0
    await on('ks1', 'ip link del eth0');
    devOpen(v1);
    await until('a ping', ping);
  });

  test('nothing is left: no namespace, interface, descriptor or skb', async () => {
    s0.destroy();
    s1.destroy();
    s1.destroy();
    expect([...net.devices()].map(({ name }) => name).sort()).toEqual(['veth0', 'veth1']);
    expect(net.pool.inUse).toBe(0);
    net.stop();
    expect(
      [list('/run/netns'), list('/run/etherloom/netns')].flat().filter((name) => name.startsWith('ks')),
    ).toEqual([]);
    expect(openFds()).toBe(fds);
  });
});

function ethtool(dev: NetDevice): Record<string, number> {
  const values = dev.ethtoolOps.getEthtoolStats!(dev);
  return Object.fromEntries(dev.ethtoolOps.getStrings!(dev).map((name, i) => [name, values[i]!]));
}

function openFds(): number {
  return list('/proc/self/fd').length;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
