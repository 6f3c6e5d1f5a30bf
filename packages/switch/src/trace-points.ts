/** The tracepoints of a switch. Each hands a run on record by record and says of each what the counters say happened. */
import { FLOOD, isFlood, VERDICT_NAMES } from '@etherloom/bridge';
import type { TraceEvent } from '@etherloom/netcore';
import { SEND_HEADROOM } from '@etherloom/transport';
import type { Direction } from './direction.ts';
import { type Drops, dropName } from './drops.ts';
import type { LanPort } from './lan-port.ts';
import type { SwitchPort } from './switch-port.ts';
import { type EachRecord, eachRecord, type TraceNotes } from './trace-notes.ts';

/** A direction's counters. */
interface Counts {
  readonly drops: Float64Array;
  readonly held: number;
  readonly passed: number;
  readonly copies: number;
  readonly corrupted: number;
}

/** The reason whose counter moved, or none. */
function whatDropped(drops: Drops, before: Float64Array): string | undefined {
  const reason = drops.counts.findIndex((count, i) => count !== before[i]);
  return reason < 0 ? undefined : dropName(reason);
}

function settle(events: readonly TraceEvent[], verdict: string, reason?: string): void {
  for (const event of events) {
    event.verdict = verdict;
    if (reason !== undefined) event.reason = reason;
  }
}

export class TraceDirection {
  readonly #traces: TraceNotes;
  readonly #direction: Direction;
  readonly #where: string;

  constructor(traces: TraceNotes, direction: Direction, where: string) {
    this.#traces = traces;
    this.#direction = direction;
    this.#where = where;
  }

  /** Into the link: carrier, MTU, impairment. */
  take(buf: Uint8Array, at: number, length: number, skip: number, pass: EachRecord): void {
    eachRecord(buf, at, length, skip, (from, size, frames) => {
      const events = this.#traces.note(buf, from, skip, 'link_take', this.#where);
      const before = this.#counts();
      pass(from, size, frames);
      if (events.length > 0) settle(events, ...this.#verdict(before));
    });
  }

  /** Out of the link, at once or when it was due. */
  pass(buf: Uint8Array, at: number, length: number, skip: number): void {
    eachRecord(buf, at, length, skip, (from) => {
      const { open } = this.#direction;
      const gone: [string, string?] = open ? ['passed on'] : ['dropped', 'CARRIER_DOWN'];
      this.#traces.note(buf, from, skip, 'link_pass', this.#where, ...gone);
    });
  }

  #counts(): Counts {
    const { drops, held, passed, copies, tally } = this.#direction;
    return {
      drops: drops.counts.slice(),
      held,
      passed,
      copies,
      corrupted: tally?.corrupted ?? 0,
    };
  }

  #verdict(before: Counts): [string, string?] {
    const now = this.#counts();
    const reason = whatDropped(this.#direction.drops, before.drops);
    const extra = [
      ...(now.copies > before.copies ? ['duplicated'] : []),
      ...(now.corrupted > before.corrupted ? ['a bit flipped: it goes on as another frame'] : []),
    ];
    if (now.held > before.held) return [[`held by netem (${now.held} in all)`, ...extra].join(', ')];
    if (reason !== undefined && now.passed === before.passed) return ['dropped', reason];
    return [['passed', ...extra].join(', ')];
  }
}

export class TraceLanPort {
  readonly #traces: TraceNotes;
  readonly #port: LanPort;

  constructor(traces: TraceNotes, port: LanPort) {
    this.#traces = traces;
    this.#port = port;
  }

  take(buf: Uint8Array, at: number, length: number, skip: number, pass: EachRecord): void {
    const { lan, bridgePort, endpoint } = this.#port;
    eachRecord(buf, at, length, skip, (from, size, frames) => {
      const where = `lan ${lan.name} port ${bridgePort.no} (${endpoint})`;
      const events = this.#traces.note(buf, from, skip, 'br_handle_frame', where);
      const drops = this.#port.drops.slice();
      const sent = lan.ports().map((port) => port.tx);
      const flooded = lan.bridge.verdicts.slice();
      pass(from, size, frames);
      if (events.length === 0) return;
      const dropped = this.#port.drops.findIndex((count, i) => count !== drops[i]);
      const to = lan.ports().filter((port, i) => port.tx !== sent[i]);
      const kind = lan.bridge.verdicts.findIndex((count, i) => count !== flooded[i] && isFlood(~i));
      if (dropped >= 0) settle(events, 'dropped', VERDICT_NAMES[dropped]);
      else settle(events, forwarded(kind, to));
    });
  }
}

function forwarded(kind: number, to: readonly LanPort[]): string {
  const ports = to.map((port) => `port ${port.bridgePort.no} (${port.endpoint})`).join(', ') || 'nobody';
  if (kind < 0) return `forwarded to ${ports}`;
  return `${kind === ~FLOOD ? 'flooded, unknown' : 'flooded'} to ${ports}`;
}

/** The queue before a device's socket. */
export class TraceEgress {
  readonly #traces: TraceNotes;
  readonly #port: SwitchPort;

  constructor(traces: TraceNotes, port: SwitchPort) {
    this.#traces = traces;
    this.#port = port;
  }

  push(buf: Uint8Array, at: number, length: number, skip: number, pass: EachRecord): void {
    const { queue, endpoint } = this.#port;
    eachRecord(buf, at, length, skip, (from, size, frames) => {
      const events = this.#traces.note(buf, from, skip, 'egress_enqueue', `port ${endpoint}`);
      const depth = queue.frames;
      const before = queue.drops.counts.slice();
      pass(from, size, frames);
      const reason = queue.frames > depth ? undefined : whatDropped(queue.drops, before);
      if (reason === undefined) settle(events, `${depth} queued before it`);
      else settle(events, 'dropped', reason);
    });
  }

  /** A message to the socket, or one that is thrown away. */
  left(buf: Uint8Array, length: number, verdict: string, reason?: string): void {
    const place = reason === undefined ? 'socket_send' : 'egress_discard';
    eachRecord(buf, SEND_HEADROOM, length, this.#port.skip, (from) => {
      this.#traces.note(buf, from, this.#port.skip, place, `port ${this.#port.endpoint}`, verdict, reason);
    });
  }
}
