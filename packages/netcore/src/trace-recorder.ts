/**
 * What one trace has seen here: events of the frames its filter lets in, bounded in frames and in events. A frame that is
 * seen twice (a duplicate, a flood, its way through two devices) is one frame with the events of both.
 */
import { type TraceFields, type TraceView, traceFields, traceId } from './trace-frame.ts';

export interface TraceFilter {
  readonly proto?: string | undefined;
  readonly src?: string | undefined;
  readonly dst?: string | undefined;
  readonly host?: string | undefined;
  /** A MAC address at either end. */
  readonly ether?: string | undefined;
  readonly port?: number | undefined;
}

export interface TraceEvent {
  /** Identity of the frame. */
  readonly id: string;
  /** Seconds of a clock that all processes of a host share. */
  readonly at: number;
  /** The function it is in. */
  readonly place: string;
  /** A device, or a port, link or LAN of a switch. */
  readonly where: string;
  verdict?: string;
  /** Of a drop. */
  reason?: string;
}

export interface TraceSeen {
  readonly frames: readonly { readonly id: string; readonly summary: string; readonly length: number }[];
  readonly events: readonly TraceEvent[];
  /** Events there was no room for. */
  readonly lost: number;
}

export interface TraceLimits {
  readonly frames: number;
  readonly events: number;
}

export class TraceRecorder {
  readonly #filter: TraceFilter;
  readonly #limits: TraceLimits;
  readonly #now: () => number;
  readonly #frames = new Map<string, { id: string; summary: string; length: number }>();
  readonly #events: TraceEvent[] = [];
  #lost = 0;

  /** `now`: seconds. */
  constructor(filter: TraceFilter, limits: TraceLimits, now: () => number) {
    this.#filter = filter;
    this.#limits = limits;
    this.#now = now;
  }

  /** The event, to be completed by who knows more a moment later; null when the frame is none of this trace. */
  note(view: TraceView, place: string, where: string, verdict?: string, reason?: string): TraceEvent | null {
    const id = traceId(view);
    if (!this.#frames.has(id) && !this.#admit(id, view)) return null;
    if (this.#events.length >= this.#limits.events) {
      this.#lost++;
      return null;
    }
    const event: TraceEvent = { id, at: this.#now(), place, where };
    if (verdict !== undefined) event.verdict = verdict;
    if (reason !== undefined) event.reason = reason;
    this.#events.push(event);
    return event;
  }

  read(): TraceSeen {
    return { frames: [...this.#frames.values()], events: this.#events, lost: this.#lost };
  }

  #admit(id: string, view: TraceView): boolean {
    if (this.#frames.size >= this.#limits.frames) return false;
    const fields = traceFields(view);
    if (!traceMatches(this.#filter, fields)) return false;
    this.#frames.set(id, { id, summary: fields.summary, length: fields.length });
    return true;
  }
}

/** All that the filter says must be so. */
export function traceMatches(filter: TraceFilter, fields: TraceFields): boolean {
  const { proto, src, dst, host, ether, port } = filter;
  const { src: from, dst: to, macSrc, macDst, sport, dport } = fields;
  return (
    (proto === undefined || proto === fields.proto) &&
    (src === undefined || src === from || src === macSrc) &&
    (dst === undefined || dst === to || dst === macDst) &&
    (host === undefined || host === from || host === to) &&
    (ether === undefined || ether === macSrc || ether === macDst) &&
    (port === undefined || port === sport || port === dport)
  );
}
