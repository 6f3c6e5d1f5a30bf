/** A port of a LAN: the bridge's port, what is plugged in there, and counters as the bridge sees them. */
import {
  BR_STATE_DISABLED,
  BR_STATE_FORWARDING,
  BR_STATE_NAMES,
  type BridgePort,
  VERDICT_NAMES,
} from '@etherloom/bridge';
import type { LanPort as LanPortView } from '@etherloom/schema';
import { runBytes } from '@etherloom/transport';
import { namedCounts } from './drops.ts';
import type { Lan } from './lan.ts';
import type { RunSink } from './run-sink.ts';
import type { TraceLanPort } from './trace-points.ts';

/** What may be set on a port; the state follows the carrier. */
export interface LanPortPatch {
  readonly learning?: boolean | undefined;
  readonly flood?: boolean | undefined;
  readonly isolated?: boolean | undefined;
}

export class LanPort implements RunSink {
  readonly lan: Lan;
  readonly bridgePort: BridgePort;
  /** What is behind it: an endpoint, or raw-N. */
  readonly endpoint: string;
  readonly link: string | undefined;
  /** Frames the bridge took from here, and sent here. */
  rx = 0;
  tx = 0;
  rxBytes = 0;
  txBytes = 0;
  /** By verdict, as Bridge.verdicts. */
  readonly drops = new Float64Array(VERDICT_NAMES.length);
  /** Null until somebody traces. */
  trace: TraceLanPort | null = null;
  readonly #out: RunSink;

  constructor(lan: Lan, bridgePort: BridgePort, endpoint: string, out: RunSink, link?: string) {
    this.lan = lan;
    this.bridgePort = bridgePort;
    this.endpoint = endpoint;
    this.link = link;
    this.#out = out;
  }

  /** From what is plugged in, to the bridge. */
  take(buf: Uint8Array, at: number, length: number, frames: number, now: number, skip: number): void {
    this.rx += frames;
    this.rxBytes += runBytes(buf, at, length, frames, skip);
    if (this.trace === null) this.lan.forward(this, buf, at, length, now, skip);
    else this.#traced(this.trace, buf, at, length, now, skip);
  }

  /** Apart, because a closure would cost every run its context. */
  #traced(trace: TraceLanPort, buf: Uint8Array, at: number, length: number, now: number, skip: number): void {
    trace.take(buf, at, length, skip, (from, size) => this.lan.forward(this, buf, from, size, now, skip));
  }

  /** From the bridge, to what is plugged in. */
  emit(buf: Uint8Array, at: number, length: number, frames: number, now: number, skip: number): void {
    this.tx += frames;
    this.txBytes += runBytes(buf, at, length, frames, skip);
    this.#out.take(buf, at, length, frames, now, skip);
  }

  /** Without STP a port forwards as soon as it has a carrier. */
  setForwarding(on: boolean): void {
    const state = on ? BR_STATE_FORWARDING : BR_STATE_DISABLED;
    if (this.bridgePort.state !== state) this.lan.bridge.setPort(this.bridgePort, { state });
  }

  set(patch: LanPortPatch): void {
    const named = Object.entries(patch).filter(([, value]) => value !== undefined);
    this.lan.bridge.setPort(this.bridgePort, Object.fromEntries(named));
  }

  /** Forgets who was behind it: the cable has been pulled. */
  flush(): void {
    this.lan.bridge.fdb.flushPort(this.bridgePort.no);
  }

  view(): LanPortView {
    const { no, state, learning, flood, isolated } = this.bridgePort;
    const { rx, tx, rxBytes, txBytes } = this;
    const counters = { rx, tx, rxBytes, txBytes, drops: namedCounts(VERDICT_NAMES, this.drops) };
    const view = {
      port: no,
      endpoint: this.endpoint,
      state: BR_STATE_NAMES[state],
      learning,
      flood,
      isolated,
      counters,
    };
    return this.link === undefined ? view : { ...view, link: this.link };
  }
}
