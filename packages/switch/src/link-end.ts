/** The two things a link can end in, behind one face: the port of a device, and a port of a LAN. */
import type { Direction } from './direction.ts';
import type { Lan } from './lan.ts';
import type { LanPort } from './lan-port.ts';
import type { RunSink } from './run-sink.ts';
import type { SwitchPort } from './switch-port.ts';

/** Where a port's counters stood when the link was plugged in. */
export interface PortBase {
  readonly deviceTx: number;
  readonly deviceRx: number;
  readonly lostUp: number;
  readonly lostDown: number;
  readonly sent: number;
  readonly sentBytes: number;
}

export const ZERO_BASE: PortBase = {
  deviceTx: 0,
  deviceRx: 0,
  lostUp: 0,
  lostDown: 0,
  sent: 0,
  sentBytes: 0,
};

export interface LinkEnd {
  readonly endpoint: string;
  /** The device's port, where there is one: its counters complete the link's. */
  readonly port: SwitchPort | null;
  readonly base: PortBase;
  readonly attached: boolean;
  readonly up: boolean;
  readonly carrier: boolean;
  /** Where the direction that ends here delivers. */
  readonly sink: RunSink;
  /** `outward`: what comes from this end; `inward`: what goes to it. */
  connect(link: string, outward: Direction, inward: Direction, changed: () => void): void;
  disconnect(): void;
  /**
   * Shows the carrier; `pulled` when there is no cable any more, not just nobody at its other end; `lower` when there is
   * one, and nobody up at its other end.
   */
  show(carrier: boolean, mtu: number, pulled: boolean, lower: boolean): void;
}

export class DeviceEnd implements LinkEnd {
  readonly endpoint: string;
  readonly port: SwitchPort;
  base = ZERO_BASE;

  constructor(port: SwitchPort) {
    this.endpoint = port.endpoint;
    this.port = port;
  }

  get attached(): boolean {
    return this.port.attached;
  }

  get up(): boolean {
    return this.port.up;
  }

  get carrier(): boolean {
    return this.port.attached && this.port.carrier;
  }

  get sink(): RunSink {
    return this.port;
  }

  connect(_link: string, outward: Direction, inward: Direction, changed: () => void): void {
    const { received, queue, ledger } = this.port;
    const { lostUp, lostDown } = ledger;
    const { sent, sentBytes } = queue;
    this.base = { deviceTx: received + lostUp, deviceRx: sent - lostDown, lostUp, lostDown, sent, sentBytes };
    this.port.plug({ into: outward, changed }, inward.drops);
  }

  disconnect(): void {
    this.port.unplug();
  }

  show(carrier: boolean, mtu: number, _pulled: boolean, lower: boolean): void {
    this.port.setLink(carrier, mtu, lower);
  }
}

export class LanEnd implements LinkEnd {
  readonly endpoint: string;
  readonly port = null;
  readonly base = ZERO_BASE;
  readonly attached = true;
  readonly up = true;
  carrier = false;
  readonly #lan: Lan;
  readonly #far: string;
  #lanPort: LanPort | null = null;

  /** `far`: the endpoint at the other end, after which the LAN's port is called. */
  constructor(lan: Lan, far: string) {
    this.endpoint = `lan:${lan.name}`;
    this.#lan = lan;
    this.#far = far;
  }

  get sink(): RunSink {
    return this;
  }

  take(buf: Uint8Array, at: number, length: number, frames: number, now: number, skip: number): void {
    this.#lanPort!.take(buf, at, length, frames, now, skip);
  }

  connect(link: string, outward: Direction): void {
    this.#lanPort = this.#lan.addPort(this.#far, outward, link);
    this.#lanPort.setForwarding(false);
  }

  disconnect(): void {
    if (this.#lanPort !== null) this.#lan.removePort(this.#lanPort);
  }

  show(carrier: boolean, _mtu: number, pulled: boolean): void {
    this.carrier = carrier;
    this.#lanPort!.setForwarding(carrier);
    if (pulled) this.#lanPort!.flush();
  }
}
