/** Traces: which frames to follow, and what was seen of each on its way; times in seconds. */
import { z } from 'zod';
import { parseIp } from './ip.ts';
import { AnyMac } from './mac.ts';
import { Ifname, NodeName } from './names.ts';
import { strict } from './strict.ts';
import { Duration } from './units.ts';

export const TRACE_PROTOCOLS = ['arp', 'icmp', 'icmpv6', 'tcp', 'udp'] as const;

const ADDRESS = 'an IP address, as "10.0.0.2", or a MAC address, as "02:00:00:00:00:01"';
const IP_RULE = 'an IP address, as "10.0.0.2"';

/** IPv6 in full groups, as frames are compared. */
function plainIp(text: string): string {
  const ip = parseIp(text);
  if (ip?.version !== 6) return text;
  const groups = Array.from({ length: 8 }, (_, i) => (ip.value >> BigInt(16 * (7 - i))) & 0xffffn);
  return groups.map((group) => group.toString(16)).join(':');
}

const Ip = z
  .string(IP_RULE)
  .refine((text) => parseIp(text) !== null, { error: IP_RULE, abort: true })
  .overwrite(plainIp);
const Address = z
  .string(ADDRESS)
  .refine((text) => parseIp(text) !== null || AnyMac.safeParse(text).success, { error: ADDRESS, abort: true })
  .overwrite((text) => (parseIp(text) === null ? AnyMac.parse(text) : plainIp(text)));

export const TraceFilter = strict({
  node: NodeName.optional().meta({ description: 'Frames that are seen at this node.' }),
  device: Ifname.optional().meta({ description: 'Frames that are seen at this device of it.' }),
  proto: z.enum(TRACE_PROTOCOLS, `a protocol is one of ${TRACE_PROTOCOLS.join(', ')}`).optional(),
  host: Ip.optional().meta({ description: 'IP address at either end.' }),
  src: Address.optional(),
  dst: Address.optional(),
  ether: AnyMac.optional().meta({ description: 'MAC address at either end.' }),
  port: z.int().min(0).max(65535).optional().meta({ description: 'TCP or UDP port at either end.' }),
}).refine(({ node, device }) => device === undefined || node !== undefined, {
  path: ['device'],
  message: 'a device is one of a node: name it with "node"',
});
export type TraceFilter = z.output<typeof TraceFilter>;

export const TraceRequest = strict({
  filter: TraceFilter.prefault({}),
  count: z.int().min(1).max(1000).default(10).meta({ description: 'Frames to follow.' }),
  timeout: Duration.refine((s) => s >= 0.1 && s <= 300, '100ms to 300s')
    .default(10)
    .meta({ description: 'How long to look for frames.' }),
});
export type TraceRequest = z.output<typeof TraceRequest>;

/** What an agent tells of a frame at a place. */
const seen = {
  at: z.number().meta({ description: 'Seconds; of which clock, the trace says.' }),
  place: z.string().meta({ description: 'The function it is in.' }),
  where: z.string().meta({ description: 'Device, or port, link or LAN of the switch.' }),
  verdict: z.string().optional(),
  reason: z.string().optional().meta({ description: 'Why it was dropped there.' }),
};
const frame = { id: z.string(), summary: z.string(), length: z.int() };

/** From an agent. */
export const TraceSeen = strict({
  frames: z.array(strict(frame)),
  events: z.array(strict({ id: z.string(), ...seen })),
  lost: z.int(),
  /** Same text, same monotonic clock. */
  machine: z.string(),
  /** What to add to this machine's clock to have the time since 1970. */
  wall: z.number(),
});
export type TraceSeen = z.output<typeof TraceSeen>;

export const TraceStart = strict({
  id: z.string(),
  filter: TraceFilter,
  frames: z.int(),
  events: z.int(),
  timeout: z.number(),
});
export type TraceStart = z.output<typeof TraceStart>;

export const TracedEvent = strict({
  agent: z.string().meta({ description: 'Node, or the switch.' }),
  ...seen,
}).meta({ id: 'TracedEvent' });
export type TracedEvent = z.output<typeof TracedEvent>;

export const TracedFrame = strict({
  ...frame,
  fate: z.enum(['delivered', 'dropped', 'unknown']).meta({ description: 'What the last word on it was.' }),
  events: z.array(TracedEvent),
}).meta({ id: 'TracedFrame' });
export type TracedFrame = z.output<typeof TracedFrame>;

export const Trace = strict({
  id: z.string(),
  filter: TraceFilter,
  done: z.boolean().meta({ description: 'It has all its frames, or its time is over.' }),
  clock: z.enum(['monotonic', 'wall']).meta({
    description: 'Of all times: the one that processes of a host share, or, across hosts, the time of day.',
  }),
  lost: z.int().meta({ description: 'Events there was no room for.' }),
  frames: z.array(TracedFrame),
}).meta({ id: 'Trace' });
export type Trace = z.output<typeof Trace>;
