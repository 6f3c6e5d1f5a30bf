/**
 * Two transports joined back to back, for tests and for labs inside one process. Nothing happens inside a call:
 * deliveries run in order when the injected `defer` says so, so a run is the same every time. What is delivered is lent
 * from one buffer an end, which is spoilt after each call: who keeps a byte without copying it shows in any test.
 */
import { countRecords } from './batch.ts';
import type { CableMessage, Transport, TransportHandler, Welcome } from './transport.ts';
import { countVnetRecords, FEATURE_VNET } from './vnet.ts';

export interface MemoryPairOptions {
  /** The MTU both ends are told; default 65535. */
  readonly mtu?: number;
  readonly highWater?: number;
  /** Super-frames may cross. */
  readonly vnet?: boolean;
}

/** What the bytes of a delivery become after it: as a record length it is one that no batch may have. */
const SPOILT = 0xdb;

type Defer = (fn: () => void) => void;

class MemoryEnd implements Transport {
  handler: TransportHandler | null = null;
  up = false;
  pending = 0;
  readonly highWater: number;
  readonly #defer: Defer;
  readonly #welcome: Welcome;
  readonly #loans: number[] = [];
  #far: MemoryEnd | null = null;
  #lent = new Uint8Array(0);
  #opened = false;
  #session = 0;

  constructor(defer: Defer, welcome: Welcome, highWater: number) {
    this.#defer = defer;
    this.#welcome = welcome;
    this.highWater = highWater;
  }

  plug(far: MemoryEnd): void {
    this.#far = far;
  }

  open(): void {
    if (this.#opened) return;
    this.#opened = true;
    const far = this.#far!;
    if (!far.#opened) return;
    this.#rise();
    far.#rise();
  }

  close(): void {
    if (!this.#opened) return;
    this.#opened = false;
    this.#fall('closed');
    this.#far!.#fall('the far end closed');
  }

  /** Breaks the cable as a fault would: both ends go down, and come up again later by themselves. */
  #cut(reason: string): void {
    const far = this.#far!;
    this.#fall(reason);
    far.#fall(reason);
    if (!this.#opened || !far.#opened) return;
    this.#rise();
    far.#rise();
  }

  send(buf: Uint8Array, offset: number, length: number, token: number): boolean {
    if (!this.up) return false;
    this.#loans.push(token);
    this.pending += length;
    this.#inSession(() => {
      this.#loans.shift();
      this.pending -= length;
      this.#far!.#receive(buf, offset, length);
      this.handler?.sent(token);
    });
    return true;
  }

  control(message: CableMessage): void {
    if (!this.up) return;
    const copy = { ...message };
    this.#inSession(() => this.#far!.handler?.control(copy));
  }

  #receive(buf: Uint8Array, offset: number, length: number): void {
    if (this.#lent.length < length) this.#lent = new Uint8Array(length);
    const lent = this.#lent;
    lent.set(buf.subarray(offset, offset + length));
    const vnet = this.#welcome.features.includes(FEATURE_VNET);
    const frames = vnet ? countVnetRecords(lent, 0, length) : countRecords(lent, 0, length);
    if (frames > 0) this.handler?.message(lent, 0, length, frames);
    else this.#cut('bad batch');
    lent.fill(SPOILT, 0, length);
  }

  #rise(): void {
    this.#session++;
    this.#inSession(() => {
      this.up = true;
      this.handler?.linkUp(this.#welcome);
    });
  }

  #fall(reason: string): void {
    const wasUp = this.up;
    this.up = false;
    this.pending = 0;
    this.#session++;
    const loans = this.#loans.splice(0);
    this.#defer(() => {
      for (const token of loans) this.handler?.sent(token);
      if (wasUp) this.handler?.linkDown(reason);
    });
  }

  /** Runs `fn` later, unless the cable has been cut in between. */
  #inSession(fn: () => void): void {
    const session = this.#session;
    this.#defer(() => {
      if (session === this.#session) fn();
    });
  }
}

/** Both ends come up once both are open; `defer` must keep the order of its calls. */
export function createMemoryPair(defer: Defer, options: MemoryPairOptions = {}): [Transport, Transport] {
  const { mtu = 65535, highWater = 256 * 1024, vnet = false } = options;
  const welcome = { port: 1, mtu, carrier: true, features: vnet ? [FEATURE_VNET] : [] };
  const a = new MemoryEnd(defer, welcome, highWater);
  const b = new MemoryEnd(defer, welcome, highWater);
  a.plug(b);
  b.plug(a);
  return [a, b];
}
