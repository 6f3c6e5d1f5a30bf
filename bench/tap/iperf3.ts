/** A run of iperf3 over a cable, from a to b, with cubic; its first seconds are not counted. */
import { z } from 'zod';
import { Program, run } from '../../test/support/program.ts';
import { until } from '../../test/support/until.ts';
import type { Cable } from '../rivals/cable.ts';

const Report = z.object({
  end: z.object({
    sum_sent: z.object({ retransmits: z.number().optional() }),
    sum_received: z.object({ bits_per_second: z.number() }),
    sender_tcp_congestion: z.literal('cubic'),
  }),
});

export interface Stream {
  /** What the receiver counted. */
  readonly gbit: number;
  /** Of the sender, the omitted seconds included. */
  readonly retransmits: number;
}

/** Of the output of `iperf3 -J` of a client; iperf3's own error is thrown. */
export function parseIperf3(text: string): Stream {
  const found: unknown = JSON.parse(text);
  const failed = z.object({ error: z.string() }).safeParse(found);
  if (failed.success) throw new Error(`iperf3: ${failed.data.error}`);
  const { sum_sent, sum_received } = Report.parse(found).end;
  return { gbit: sum_received.bits_per_second / 1e9, retransmits: sum_sent.retransmits ?? 0 };
}

export interface StreamOptions {
  /** The first seconds do not count, for anybody: TCP finds its window, and code of ours is compiled. */
  readonly omit: number;
  readonly seconds: number;
  /** More words for the client: ['-R'], ['-P', '4']. */
  readonly more?: readonly string[];
}

export async function iperf3(cable: Cable, { omit, seconds, more = [] }: StreamOptions): Promise<Stream> {
  const inside = (netns: string): string[] => ['--pdeathsig', 'TERM', 'ip', 'netns', 'exec', netns, 'iperf3'];
  const server = new Program('setpriv', [...inside(cable.b.netns), '-s', '-1', '--forceflush']);
  try {
    await until('iperf3 listens', () => server.output.includes('listening'), 10);
    const words = ['-J', '-C', 'cubic', '-c', cable.target, '-O', `${omit}`, '-t', `${seconds}`, ...more];
    const limit = omit + seconds + 20;
    const client = await run('setpriv', [...inside(cable.a.netns), ...words], { seconds: limit });
    if (client.stdout === '') throw new Error(`iperf3 did not end within ${limit} s: ${client.stderr}`);
    return parseIperf3(client.stdout);
  } finally {
    await server.stop('SIGTERM', 3);
  }
}
