/** What real hosts say to each other: the same checks for a native lab and for containers. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Finished } from './program.ts';
import { until } from './until.ts';

/** Runs a shell line on a host of the lab. */
export type On = (host: string, line: string, seconds?: number) => Promise<Finished>;

export async function expectPing(
  on: On,
  from: string,
  target: string,
  options = '-c 3 -i 0.2 -W 5',
): Promise<void> {
  const done = await on(from, `ping ${options} ${target}`);
  expect(done.stdout + done.stderr).toMatch(/ 0% packet loss/);
  expect(done.code).toBe(0);
}

interface Iperf {
  bits: number;
  lostPercent: number;
}

/** Runs iperf3 from `from` to a server on `to`; reverse lets the server send. */
export async function iperf3(
  on: On,
  from: string,
  to: string,
  address: string,
  options = '',
): Promise<Iperf> {
  const server = on(to, 'exec iperf3 -s -1', 40);
  const end = await until('iperf3 has run', async () => {
    const done = await on(from, `iperf3 -J -c ${address} -t 1 --connect-timeout 2000 ${options}`, 30);
    const { end, error } = JSON.parse(done.stdout);
    // With -J it exits with 0 although the server was not there yet.
    if (done.code !== 0 || error !== undefined) throw new Error(error ?? done.stderr);
    return end;
  });
  await server;
  return { bits: (end.sum_received ?? end.sum).bits_per_second, lostPercent: end.sum?.lost_percent ?? 0 };
}

export async function expectIperf3BothWays(on: On, from: string, to: string, address: string): Promise<void> {
  for (const way of ['', '-R']) {
    const tcp = await iperf3(on, from, to, address, way);
    expect(tcp.bits).toBeGreaterThan(1e6);
    const udp = await iperf3(on, from, to, address, `-u -b 5M ${way}`);
    expect(udp.bits).toBeGreaterThan(4e6);
    expect(udp.lostPercent).toBeLessThan(5);
  }
}

/** tcpdump on `host` sees the echo requests that `from` sends it, with both addresses. */
export async function expectTcpdumpSees(
  on: On,
  host: string,
  dev: string,
  from: string,
  target: string,
): Promise<void> {
  const capture = on(host, `timeout 10 tcpdump -l -n -c 4 -i ${dev} icmp 2>&1`, 15);
  await on(from, `for i in 1 2 3 4 5 6; do ping -c 1 -W 1 ${target}; sleep 0.3; done`);
  const seen = (await capture).stdout;
  expect(seen).toMatch(/ICMP echo request/);
  expect(seen).toMatch(/ICMP echo reply/);
  expect(seen).toContain(target);
}

/** A real dnsmasq on `server` gives `client` an address over the LAN. */
export async function expectDhcp(on: On, server: string, client: string, dev: string): Promise<void> {
  const pid = `/tmp/dnsmasq-${randomUUID()}`;
  const files = `--pid-file=${pid} --leasefile-ro --conf-file=/dev/null --log-facility=-`;
  const range = '--port=0 --dhcp-authoritative --dhcp-range=10.0.0.100,10.0.0.120,1m --no-ping';
  const place = `--interface=${dev} --bind-interfaces --user=root`;
  const daemon = on(server, `timeout 30 dnsmasq -k ${files} ${range} ${place} 2>&1`, 40);
  const asked = await on(client, `udhcpc -i ${dev} -n -q -t 10 -T 1 -f -s /bin/true 2>&1`, 20);
  await on(server, `kill $(cat ${pid})`);
  expect(asked.stdout).toMatch(/lease of 10\.0\.0\.1[0-2]\d obtained/);
  expect((await daemon).stdout).toMatch(/DHCPACK\(/);
}
