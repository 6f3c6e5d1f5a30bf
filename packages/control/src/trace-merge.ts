/** What several agents saw, as one: frames in the order in which they were first seen, events in order of time. */
import type {
  Trace,
  TracedEvent,
  TracedFrame,
  TraceFilter,
  TraceRequest,
  TraceSeen,
} from '@etherloom/schema';

export interface AgentSeen {
  readonly agent: string;
  readonly seen: TraceSeen;
}

/** Let go of by a receive function or a local consumer: the end that a sender hopes for. */
const ARRIVED = /^(icmp_rcv|ping_rcv|udp_rcv|tcp_v4_rcv|arp_rcv|tap_.*)$/;

export function mergeTraces(id: string, request: TraceRequest, all: readonly AgentSeen[]): Trace {
  const wall = new Set(all.map(({ seen }) => seen.machine)).size > 1;
  const frames = new Map<string, { id: string; summary: string; length: number; events: TracedEvent[] }>();
  for (const { agent, seen } of all) {
    for (const frame of seen.frames)
      if (!frames.has(frame.id)) frames.set(frame.id, { ...frame, events: [] });
    for (const { id: of, ...event } of seen.events) {
      const at = wall ? event.at + seen.wall : event.at;
      frames.get(of)?.events.push({ agent, ...event, at });
    }
  }
  const chosen = [...frames.values()].filter(({ events }) => seenAt(request.filter, events));
  for (const { events } of chosen) events.sort((a, b) => a.at - b.at);
  chosen.sort((a, b) => a.events[0]!.at - b.events[0]!.at);
  return {
    id,
    filter: request.filter,
    done: false,
    clock: wall ? 'wall' : 'monotonic',
    lost: all.reduce((sum, { seen }) => sum + seen.lost, 0),
    frames: chosen.slice(0, request.count).map((frame) => ({ ...frame, fate: fateOf(frame.events) })),
  };
}

function seenAt({ node, device }: TraceFilter, events: readonly TracedEvent[]): boolean {
  if (node === undefined) return events.length > 0;
  return events.some(({ agent, where }) => agent === node && (device === undefined || where === device));
}

/** A flood ends in many places: one that took it is enough, and a drop counts only when nobody did. */
function fateOf(events: readonly TracedEvent[]): TracedFrame['fate'] {
  const taken = events.some(({ verdict, place }) => verdict === 'consumed' && ARRIVED.test(place));
  if (taken) return 'delivered';
  return events.some(({ verdict }) => verdict === 'dropped') ? 'dropped' : 'unknown';
}
