/**
 * Traces of a switch: each port, LAN port and direction of a link has a tracepoint, null until a trace is on. With one,
 * frames go one by one, and what became of each is read from the counters that its passage moved: the same code decides,
 * only slower.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { NetError, type TraceEvent, TraceRecorder, traceViewOf } from '@etherloom/netcore';
import type { TraceSeen, TraceStart } from '@etherloom/schema';
import { RECORD_HEADER, readRecordLength } from '@etherloom/transport';
import type { EgressQueue } from './egress-queue.ts';
import type { Fabric } from './fabric.ts';
import type { SwitchPort } from './switch-port.ts';
import type { TraceNotes } from './trace-notes.ts';
import { TraceDirection, TraceEgress, TraceLanPort } from './trace-points.ts';

const MAX_TRACES = 8;
/** No trace has this id. */
export const ALL_TRACES = '*';

export class SwitchTraces implements TraceNotes {
  readonly #fabric: Fabric;
  readonly #running = new Map<string, { readonly recorder: TraceRecorder; readonly end: NodeJS.Timeout }>();
  /** Those with a tracepoint: a port that has been unplugged meanwhile comes back as it was. */
  readonly #queues = new Set<EgressQueue>();

  constructor(fabric: Fabric) {
    this.#fabric = fabric;
  }

  start({ id, filter, frames, events, timeout }: TraceStart): Record<string, never> {
    if (this.#running.size >= MAX_TRACES)
      throw new NetError('EBUSY', `the switch follows ${MAX_TRACES} traces already: end one first`);
    const recorder = new TraceRecorder(filter, { frames, events }, traceNow);
    const end = setTimeout(() => this.stop(id), timeout * 1000).unref();
    this.#running.set(id, { recorder, end });
    this.attach();
    return {};
  }

  read(id: string): TraceSeen {
    const running = this.#running.get(id);
    if (running === undefined) throw new NetError('ENOENT', `there is no trace ${id} here`);
    const { frames, events, lost } = running.recorder.read();
    const wall = Date.now() / 1000 - traceNow();
    return { frames: [...frames], events: events.map((event) => ({ ...event })), lost, machine, wall };
  }

  /** Of all traces: ALL_TRACES. */
  stop(id: string): Record<string, never> {
    if (id === ALL_TRACES) {
      for (const each of [...this.#running.keys()]) this.stop(each);
      return {};
    }
    const running = this.#running.get(id);
    if (running === undefined) return {};
    clearTimeout(running.end);
    this.#running.delete(id);
    if (this.#running.size === 0) this.#detach();
    return {};
  }

  /** What is new has no tracepoint yet. */
  attach(): void {
    if (this.#running.size === 0) return;
    for (const link of this.#fabric.links()) {
      const { forward, reverse, a, b, name } = link;
      forward.trace ??= new TraceDirection(this, forward, `${name} ${a.endpoint}>${b.endpoint}`);
      reverse.trace ??= new TraceDirection(this, reverse, `${name} ${b.endpoint}>${a.endpoint}`);
      for (const { port } of [a, b]) if (port !== null) this.#attachQueue(port);
    }
    for (const lan of this.#fabric.lans())
      for (const port of lan.ports()) port.trace ??= new TraceLanPort(this, port);
  }

  #attachQueue(port: SwitchPort): void {
    port.queue.trace ??= new TraceEgress(this, port);
    this.#queues.add(port.queue);
  }

  #detach(): void {
    for (const { forward, reverse } of this.#fabric.links()) {
      forward.trace = null;
      reverse.trace = null;
    }
    for (const queue of this.#queues) queue.trace = null;
    this.#queues.clear();
    for (const lan of this.#fabric.lans()) for (const port of lan.ports()) port.trace = null;
  }

  /** The frame of the record at buf[at]. */
  note(
    buf: Uint8Array,
    at: number,
    skip: number,
    place: string,
    where: string,
    verdict?: string,
    reason?: string,
  ): TraceEvent[] {
    const view = traceViewOf(buf, at + RECORD_HEADER + skip, readRecordLength(buf, at) - skip);
    const events: TraceEvent[] = [];
    for (const { recorder } of this.#running.values()) {
      const event = recorder.note(view, place, where, verdict, reason);
      if (event !== null) events.push(event);
    }
    return events;
  }
}

function traceNow(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}

/** Containers of one machine have one boot, and one clock. */
function bootOf(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return hostname();
  }
}

const machine = bootOf();
