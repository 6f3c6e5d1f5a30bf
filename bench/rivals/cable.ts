/**
 * A laid cable, its two hosts made alike whatever joins them: 10.77.0.1 and 10.77.0.2, MTU 1500, cubic, no IPv6 and no
 * ARP, so that nothing crosses but what is measured.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { run } from '../../test/support/program.ts';
import { Bed, must, type Running } from './bed.ts';
import type { Host, Laid, Rival } from './rival.ts';

const ALLOWED = '/proc/sys/net/ipv4/tcp_allowed_congestion_control';
const ADDRESS = { a: '10.77.0.1', b: '10.77.0.2' } as const;

export interface Cable {
  readonly rival: Rival;
  readonly a: Host;
  readonly b: Host;
  /** Of b. */
  readonly target: string;
  /** Interfaces of both hosts and between them. */
  readonly interfaces: readonly Host[];
  readonly accounts: NonNullable<Laid['accounts']>;
  running(): readonly Running[];
  close(): Promise<void>;
}

/** Lays the cable and waits until a ping crosses it; nothing is left when it throws. */
export async function layCable(rival: Rival): Promise<Cable> {
  const bed = new Bed(rival.id);
  try {
    bed.atEnd(allowCubic());
    const { a, b, between = [], running, accounts } = await rival.lay(bed);
    await wire(a, b);
    await bed.wait('a ping crosses', () => pings(a));
    return {
      rival,
      a,
      b,
      target: ADDRESS.b,
      interfaces: [a, b, ...between],
      accounts: accounts ?? (async () => []),
      running: running ?? (() => bed.running),
      close: () => bed.close(),
    };
  } catch (error) {
    await bed.close().catch(() => {});
    throw new Error(`${rival.title}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** A namespace may only choose what the first one allows; what that was is put back by the function returned. */
function allowCubic(): () => Promise<void> {
  const before = readFileSync(ALLOWED, 'latin1').trim();
  if (before.split(' ').includes('cubic')) return async () => {};
  writeFileSync(ALLOWED, `${before} cubic`);
  return async () => writeFileSync(ALLOWED, before);
}

async function wire(a: Host, b: Host): Promise<void> {
  await prepare(a, ADDRESS.a);
  await prepare(b, ADDRESS.b);
  await must('ip', '-n', a.netns, 'neigh', 'replace', ...(await neighbour(b, ADDRESS.b)), 'dev', a.dev);
  await must('ip', '-n', b.netns, 'neigh', 'replace', ...(await neighbour(a, ADDRESS.a)), 'dev', b.dev);
}

async function prepare({ netns, dev }: Host, address: string): Promise<void> {
  const settings = ['net.ipv6.conf.all.disable_ipv6=1', 'net.ipv4.tcp_congestion_control=cubic'];
  await must('ip', 'netns', 'exec', netns, 'sysctl', '-qw', ...settings);
  await must('ip', '-n', netns, 'addr', 'replace', `${address}/24`, 'dev', dev);
  await must('ip', '-n', netns, 'link', 'set', dev, 'mtu', '1500', 'up');
}

async function neighbour({ netns, dev }: Host, address: string): Promise<string[]> {
  const [link] = JSON.parse(await must('ip', '-j', '-n', netns, 'link', 'show', dev));
  return [address, 'lladdr', link.address, 'nud', 'permanent'];
}

async function pings(from: Host): Promise<boolean> {
  const words = ['netns', 'exec', from.netns, 'ping', '-n', '-c', '1', '-W', '1', ADDRESS.b];
  return (await run('ip', words)).code === 0;
}
