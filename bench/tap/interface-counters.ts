/** How Linux counts the frames of an interface: a super-frame is one. */
import { z } from 'zod';
import { must } from '../rivals/bed.ts';
import type { Host } from '../rivals/rival.ts';

const Counters = z.object({ bytes: z.number(), packets: z.number(), dropped: z.number() });
const Links = z.tuple([z.object({ stats64: z.object({ rx: Counters, tx: Counters }) })]);

export type Counters = z.output<typeof Counters>;
export interface InterfaceCounters {
  readonly rx: Counters;
  readonly tx: Counters;
}

/** Of the output of `ip -j -s link show DEV`. */
export function parseCounters(text: string): InterfaceCounters {
  return Links.parse(JSON.parse(text))[0].stats64;
}

export async function interfaceCounters({ netns, dev }: Host): Promise<InterfaceCounters> {
  return parseCounters(await must('ip', '-j', '-s', '-n', netns, 'link', 'show', dev));
}

export function since(after: Counters, before: Counters): Counters {
  return {
    bytes: after.bytes - before.bytes,
    packets: after.packets - before.packets,
    dropped: after.dropped - before.dropped,
  };
}

/** Bytes, header included; 0 where there was none. */
export function meanFrame({ bytes, packets }: Counters): number {
  return packets === 0 ? 0 : bytes / packets;
}
