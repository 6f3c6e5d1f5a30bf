/** Round trips over an otherwise idle cable, as `ping` of iputils sees them. */
import { run } from '../../test/support/program.ts';
import type { Cable } from '../rivals/cable.ts';

export interface Pings {
  readonly sent: number;
  /** Milliseconds, in the order of the answers. */
  readonly times: readonly number[];
}

const SUMMARY = /^(\d+) packets transmitted, (\d+) received/m;

/** Every answer has a line, and as many as the summary says. */
export function parsePing(text: string): Pings {
  const [, sent, received] = SUMMARY.exec(text) ?? [];
  if (sent === undefined) throw new Error(`ping gave no summary: ${text.slice(-200)}`);
  const times = [...text.matchAll(/icmp_seq=\d+ ttl=\d+ time=([\d.]+) ms$/gm)].map(([, ms]) => Number(ms));
  if (times.length !== Number(received)) throw new Error(`ping: ${received} answers, ${times.length} times`);
  return { sent: Number(sent), times };
}

/** The value that a share of all does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!;
}

/** `interval`: seconds. */
export async function ping(cable: Cable, count: number, interval: number): Promise<Pings> {
  const words = ['ping', '-n', '-c', `${count}`, '-i', `${interval}`, '-W', '1', cable.target];
  const done = await run('ip', ['netns', 'exec', cable.a.netns, ...words]);
  return parsePing(done.stdout + done.stderr);
}
