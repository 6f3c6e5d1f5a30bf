/** A network namespace with interfaces of several kinds, and the real tools run in it. */
import process from 'node:process';
import { cleanStaleNetns, createNetns, deleteNetns } from '@etherloom/tap';
import { expect } from 'vitest';
import { run } from '../support/program.ts';
import { words } from './tc-oracle.ts';

const NETNS = `el-tools-${process.pid}`;

/** Runs a program in the namespace. */
export const real = (...line: string[]) => run('ip', ['netns', 'exec', NETNS, ...line]);
export const stdout = async (line: string) => (await real(...words(line))).stdout;

/** Counters move while we look: both are asked again until they were asked of the same state. */
export async function expectSame(real: () => Promise<string>, ours: () => Promise<string>): Promise<void> {
  let [theirs, mine] = ['', '-'];
  for (let attempt = 0; attempt < 5 && theirs !== mine; attempt++) {
    // Newer ones print one space there.
    theirs = (await real()).replaceAll(/(promiscuity \d+) +allmulti/g, '$1  allmulti').trimEnd();
    mine = (await ours()).trimEnd();
  }
  expect(mine).toBe(theirs);
}

export async function setUpTools(): Promise<void> {
  cleanStaleNetns(); // of a run that was killed
  createNetns(NETNS);
  for (const line of [
    'ip link add v0 type veth peer name v1',
    'ip tuntap add dev tap0 mode tap',
    'ip link set v0 up alias the-lab group 7',
    'ip link set v1 up allmulticast on mtu 1400',
    'ip link set lo up',
    'ip link set tap0 up promisc on',
    'ip link property add dev v0 altname wire altname another',
    'ip addr add 10.0.0.1/24 brd + dev v0',
    'ip addr add 10.0.0.7/32 peer 10.9.0.1/30 metric 5 dev v0 valid_lft 1000 preferred_lft 0',
    'ip addr add fd00::1/64 dev v0 nodad',
    'ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev v0 nud permanent',
    'ip neigh add fe80::5 lladdr 02:00:00:00:00:05 dev v0 nud stale router',
    'tc qdisc add dev tap0 root handle 1: tbf rate 1mbit burst 10k latency 50ms',
    'tc qdisc add dev v0 root bfifo limit 10k',
    'tc qdisc add dev v1 root pfifo limit 12',
  ]) {
    const done = await real(...words(line));
    if (done.code !== 0) throw new Error(`${line}: ${done.stderr}`);
  }
}

export function tearDownTools(): void {
  deleteNetns(NETNS);
}
