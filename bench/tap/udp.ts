/**
 * Small frames over a cable at a given rate: 64 bytes with the FCS, which is not carried, so 60. They are addressed to an
 * IP address that b has not, with b's MAC: b's interface counts them and its IP layer drops them without a word, so no
 * receiver takes the processor from the cable, and none loses frames that the cable has carried.
 */
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { root, run } from '../../test/support/program.ts';
import { must } from '../rivals/bed.ts';
import type { Cable } from '../rivals/cable.ts';
import { type Observed, observe } from './observe.ts';

const NOBODY = '10.77.0.3';
/** 60 less the headers of Ethernet, IPv4 and UDP. */
const PAYLOAD = 60 - 14 - 20 - 8;
const SOURCE = join(root, 'bench/tap/udp-source.ts');

const Sent = z.object({ sent: z.number(), seconds: z.number() });

export interface UdpProbe {
  /** Frames a second that Linux was given, and that came out. */
  readonly offered: number;
  readonly received: number;
  readonly lost: number;
  readonly sent: number;
  readonly observed: Observed;
}

/** Once for a cable: a's way to nobody is b, who forwards nothing. */
export async function prepareUdp({ a, b }: Cable): Promise<void> {
  const [link] = JSON.parse(await must('ip', '-j', '-n', b.netns, 'link', 'show', b.dev));
  const neighbour = [NOBODY, 'lladdr', link.address, 'nud', 'permanent', 'dev', a.dev];
  await must('ip', '-n', a.netns, 'neigh', 'replace', ...neighbour);
  await must('ip', 'netns', 'exec', b.netns, 'sysctl', '-qw', 'net.ipv4.ip_forward=0');
}

/** `rate`: frames a second; 0: as many as the source can make. */
export async function udpProbe(cable: Cable, rate: number, seconds: number): Promise<UdpProbe> {
  const { value, observed } = await observe(cable, () => send(cable, rate, seconds));
  const received = observed.forward.out.packets;
  const { sent } = value;
  return {
    offered: sent / seconds,
    received: received / seconds,
    lost: Math.max(0, sent - received),
    sent,
    observed,
  };
}

async function send(cable: Cable, rate: number, seconds: number): Promise<z.output<typeof Sent>> {
  const options = ['--to', NOBODY, '--payload', `${PAYLOAD}`, '--rate', `${rate}`, '--seconds', `${seconds}`];
  const words = [process.execPath, '--import', 'tsx', SOURCE, ...options];
  const done = await run('ip', ['netns', 'exec', cable.a.netns, ...words], { seconds: seconds + 20 });
  if (done.code !== 0) throw new Error(`udp-source: ${done.stderr}`);
  await delay(200); // what is still under way arrives
  return Sent.parse(JSON.parse(done.stdout));
}
