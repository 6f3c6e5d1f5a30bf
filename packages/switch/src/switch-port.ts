/**
 * Where one device plugs in. It is kept while the device's socket is away: number, counters, what was learned.
 * The link it belongs to says where its frames go, and the session (data-session.ts) is its socket.
 */
import { runBytes, VNET_SKIP } from '@etherloom/transport';
import type { BlockPool } from './block-pool.ts';
import type { Doorbell, Flushable } from './doorbell.ts';
import { Drops } from './drops.ts';
import { type EgressLimits, EgressQueue, type EgressSink } from './egress-queue.ts';
import { Ledger } from './ledger.ts';
import type { RunSink } from './run-sink.ts';
import { cutRun, wrapRun } from './vnet-runs.ts';

/** What a port needs of the socket of its device. */
export interface PortSession extends EgressSink {
  /** The device sends and takes super-frames. */
  readonly vnet: boolean;
  /** Tells the device the carrier and the MTU of its link; `lower`: it has no carrier because the far end is not up. */
  tell(carrier: boolean, mtu: number, lower: boolean): void;
  /**
   * Cuts the counters of both ends: `cut` runs when the question leaves, `answered` when the answer arrives and in
   * order with the data; with null when there was none in time.
   */
  mark(cut: () => void, answered: (counts: MarkCounts | null) => void): void;
}

/** The device's counts at a mark, in the port's terms. */
export interface MarkCounts {
  readonly tx: number;
  readonly rx: number;
}

/** What a link does for the ports at its ends. */
export interface PortPlug {
  readonly into: RunSink;
  /** The port's device came, went, or was set up or down. */
  changed(): void;
}

export interface PortDeps {
  readonly blocks: BlockPool;
  readonly doorbell: Doorbell;
  readonly now: () => number;
  readonly limits?: EgressLimits | undefined;
}

export class SwitchPort implements RunSink, Flushable {
  readonly no: number;
  readonly endpoint: string;
  readonly queue: EgressQueue;
  readonly ledger = new Ledger();
  rung = false;
  /** The device's admin state. */
  up = false;
  received = 0;
  receivedBytes = 0;
  /** Frames that came while no link was plugged in. */
  unplugged = 0;
  carrier = false;
  /** There is no carrier, and not for want of a cable. */
  lower = false;
  session: PortSession | null = null;
  /** Bytes before each frame on the cable: VNET_SKIP or 0. */
  skip = 0;
  #plug: PortPlug | null = null;
  #mtu = 65535;
  readonly #deps: PortDeps;

  constructor(no: number, endpoint: string, deps: PortDeps) {
    this.no = no;
    this.endpoint = endpoint;
    this.#deps = deps;
    this.queue = new EgressQueue(deps.blocks, deps.limits);
  }

  get attached(): boolean {
    return this.session !== null;
  }

  get plugged(): boolean {
    return this.#plug !== null;
  }

  get mtu(): number {
    return this.#mtu;
  }

  attach(session: PortSession, up: boolean): void {
    this.session = session;
    this.skip = session.vnet ? VNET_SKIP : 0;
    this.queue.skip = this.skip;
    this.up = up;
    this.#plug?.changed();
  }

  /** The socket is gone; what was queued for it is lost. */
  detach(): void {
    this.session = null;
    this.queue.clear();
    this.#plug?.changed();
  }

  setUp(up: boolean): void {
    if (this.up === up) return;
    this.up = up;
    this.#plug?.changed();
  }

  plug(plug: PortPlug, drops: Drops): void {
    this.#plug = plug;
    this.queue.drops = drops;
  }

  unplug(): void {
    this.queue.clear();
    this.#plug = null;
    this.queue.drops = new Drops();
    this.setLink(false, this.#mtu);
  }

  /** What the device must show; told only when it changes. */
  setLink(carrier: boolean, mtu: number, lower = false): void {
    if (this.carrier === carrier && this.#mtu === mtu && this.lower === lower) return;
    this.carrier = carrier;
    this.lower = lower;
    this.#mtu = mtu;
    this.session?.tell(carrier, mtu, lower);
  }

  /** From the device. */
  receive(buf: Uint8Array, at: number, length: number, frames: number): void {
    this.received += frames;
    this.receivedBytes += runBytes(buf, at, length, frames, this.skip);
    if (this.#plug === null) this.unplugged += frames;
    else this.#plug.into.take(buf, at, length, frames, this.#deps.now(), this.skip);
  }

  /** To the device. */
  take(buf: Uint8Array, at: number, length: number, frames: number, now: number, skip: number): void {
    if (skip === this.skip) {
      this.queue.push(buf, at, length, frames, now);
      this.#deps.doorbell.ring(this);
    } else if (skip === 0) wrapRun(buf, at, length, now, this);
    else cutRun(buf, at, length, now, this);
  }

  flush(): void {
    this.queue.seal();
    this.drain();
  }

  /** The socket of this port, or one that was its socket, has written a block or given it up. */
  returned(block: number): void {
    this.#deps.blocks.give(block);
  }

  /** The socket has room again. */
  drain(): void {
    if (this.session !== null) this.queue.drain(this.session, this.#deps.now());
  }
}
