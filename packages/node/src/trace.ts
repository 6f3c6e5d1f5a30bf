/** Traces of this node: control starts and ends them; one that is forgotten ends by itself. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { type Net, NetError, netSetTracer, SkbTracer, TraceRecorder } from '@etherloom/netcore';
import type { TraceSeen, TraceStart } from '@etherloom/schema';

/** Traces at a time. */
const MAX_TRACES = 8;

interface Running {
  readonly recorder: TraceRecorder;
  readonly end: NodeJS.Timeout;
}

export class NodeTraces {
  readonly #net: Net;
  readonly #tracer = new SkbTracer();
  readonly #running = new Map<string, Running>();

  constructor(net: Net) {
    this.#net = net;
  }

  start({ id, filter, frames, events, timeout }: TraceStart): Record<string, never> {
    if (this.#running.size >= MAX_TRACES)
      throw new NetError('EBUSY', `this node follows ${MAX_TRACES} traces already: end one first`);
    const recorder = new TraceRecorder(filter, { frames, events }, traceNow);
    const end = setTimeout(() => this.stop(id), timeout * 1000).unref();
    this.#running.set(id, { recorder, end });
    this.#tracer.recorders.add(recorder);
    netSetTracer(this.#net, this.#tracer);
    return {};
  }

  read(id: string): TraceSeen {
    const running = this.#running.get(id);
    if (running === undefined) throw new NetError('ENOENT', `there is no trace ${id} here`);
    return seenOf(running.recorder);
  }

  stop(id: string): Record<string, never> {
    const running = this.#running.get(id);
    if (running === undefined) return {};
    clearTimeout(running.end);
    this.#running.delete(id);
    this.#tracer.recorders.delete(running.recorder);
    if (this.#running.size === 0) netSetTracer(this.#net, null);
    return {};
  }

  /** Control is away: nobody will ask. */
  stopAll(): void {
    for (const id of [...this.#running.keys()]) this.stop(id);
  }
}

/** CLOCK_MONOTONIC, in seconds. */
function traceNow(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}

function seenOf(recorder: TraceRecorder): TraceSeen {
  const { frames, events, lost } = recorder.read();
  const wall = Date.now() / 1000 - traceNow();
  return { frames: [...frames], events: events.map((event) => ({ ...event })), lost, machine, wall };
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
