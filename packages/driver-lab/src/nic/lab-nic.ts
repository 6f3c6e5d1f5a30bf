/**
 * The virtual network card that a driver of the lab drives; its wire is a cable of the lab.
 *
 *   1  send() and onFrame                  one frame at a time
 *   2  tx and rx                           descriptor rings, with a doorbell each
 *   3  irq                                 an interrupt line with a mask, a cause and coalescing
 *
 * A driver uses what it knows. With `onFrame` set frames come that way, else by the rx ring.
 */
import type { Net } from '@etherloom/netcore';
import {
  type CableMessage,
  RECORD_HEADER,
  readRecordLength,
  type Transport,
  type TransportHandler,
  type Welcome,
} from '@etherloom/transport';
import { NicCounters } from './nic-counters.ts';
import { NicFifo } from './nic-fifo.ts';
import { NIC_IRQ_RX, NIC_IRQ_TX, NicIrq } from './nic-irq.ts';
import { type NicDesc, NicRing } from './nic-ring.ts';
import { NicWire, WIRE_FULL, WIRE_LOST } from './nic-wire.ts';

/** Who looks over the card's shoulder: the checker. */
export interface NicWatcher {
  /** The card reads the memory of a transmit descriptor, or writes that of a receive descriptor. */
  dma(desc: NicDesc, write: boolean): void;
  /** A descriptor says what no memory is: the card uses none of it. */
  badDma(desc: NicDesc, write: boolean): void;
  /** Runs what the card does on its own, outside the driver. */
  outside(fn: () => void): void;
  /** Runs what the driver gave the card to call, which is `origin` where `fn` is only the way to it. */
  driver(op: string, fn: () => unknown, origin?: unknown): void;
  /** The driver rang a doorbell of the transmitter, or of the receiver. */
  sent(): void;
  posted(): void;
}

export class LabNic {
  readonly counters = new NicCounters();
  readonly tx = new NicRing(() => this.#txDoorbell());
  readonly rx = new NicRing(() => this.#rxDoorbell());
  readonly irq: NicIrq;
  /** Receives each frame, within an interrupt; the bytes are lent for the call. */
  onFrame: ((buf: Uint8Array, at: number, len: number) => void) | null = null;
  /** The link came up or went down. */
  onLink: ((up: boolean) => void) | null = null;
  watcher: NicWatcher | null = null;
  /** The switch's number for the port that the card is plugged into. */
  port = 0;
  /** The MTU of the link, whatever the device's is. */
  linkMtu = 0;
  /** Frames ever received from the cable, whatever became of them. */
  cableRxFrames = 0;
  readonly #net: Net;
  readonly #transport: Transport;
  readonly #wire: NicWire;
  readonly #fifo = new NicFifo();
  readonly #flush = () => this.#interrupt(this.#endOfTurn);
  readonly #endOfTurn = () => this.#transmit();
  #started = false;
  #switchCarrier = false;
  #link = false;
  #rung = false;
  #pumping = false;

  constructor(net: Net, transport: Transport) {
    this.#net = net;
    this.#transport = transport;
    const interrupt = (handler: () => void) => this.#interrupt(handler);
    const call = (handler: () => void) => this.#driver('the interrupt handler', handler);
    this.irq = new NicIrq(net.host, { interrupt, call }, this.counters);
    this.#wire = new NicWire(transport, this.counters);
  }

  /** Connects the cable: the lab's, not the driver's. */
  plugIn(): void {
    this.#transport.handler = this.#handler();
    this.#transport.open();
  }

  unplug(): void {
    this.stop();
    this.#transport.close();
  }

  /** Switches transmitter and receiver on: for ndoOpen. */
  start(): void {
    this.#started = true;
    this.#transport.control({ type: 'carrier', on: true });
    this.#update();
  }

  /** Switches both off and forgets what waits in the card: for ndoStop. The rings are the driver's to empty. */
  stop(): void {
    this.#wire.flush(); // what it has taken is on its way
    this.#started = false;
    this.counters.rxMissed += this.#fifo.clear();
    this.#transport.control({ type: 'carrier', on: false });
    this.#update();
  }

  get started(): boolean {
    return this.#started;
  }

  /** The card is started, its cable is in, and the far end says that the link has carrier. */
  get link(): boolean {
    return this.#link;
  }

  /** Frames ever handed to the cable. */
  get cableTxFrames(): number {
    return this.#wire.cableFrames;
  }

  /** Sends one frame, which is copied; false, and nothing done, while the cable can take no more. Without link it is lost. */
  send(buf: Uint8Array, at: number, len: number): boolean {
    if (!this.#link) {
      this.counters.txLost++;
      return true;
    }
    const fate = this.#wire.put(buf, at, len);
    if (fate === WIRE_FULL) return false;
    this.watcher?.sent();
    this.#ring();
    return true;
  }

  #txDoorbell(): void {
    this.counters.txDoorbells++;
    this.watcher?.sent();
    this.#ring();
  }

  /** The card begins at the end of the turn, so that what is posted in one turn leaves in one message. */
  #ring(): void {
    if (this.#rung) return;
    this.#rung = true;
    this.#net.host.endOfTurn(this.#flush);
  }

  #transmit(): void {
    this.#rung = false;
    if (this.#started) this.#fetch();
    this.#wire.flush();
  }

  #fetch(): void {
    for (let desc = this.tx.peek(); desc !== null; desc = this.tx.peek()) {
      const usable = this.#usable(desc, false);
      const able = usable && this.#link;
      const fate = able ? this.#wire.put(desc.buf!, desc.at, desc.len) : WIRE_LOST;
      if (fate === WIRE_FULL) return; // the cable's next `sent` goes on from here
      if (!able) this.counters.txLost++;
      desc.error = fate === WIRE_LOST;
      this.tx.complete();
      this.irq.raise(NIC_IRQ_TX);
    }
  }

  /** What the driver wrote into a descriptor may be anything. */
  #usable(desc: NicDesc, write: boolean): boolean {
    const { buf, at, len } = desc;
    const whole = Number.isInteger(at) && Number.isInteger(len) && at >= 0 && len >= 0;
    if (whole && buf instanceof Uint8Array && at + len <= buf.length) {
      this.watcher?.dma(desc, write);
      return true;
    }
    this.watcher?.badDma(desc, write);
    return false;
  }

  #rxDoorbell(): void {
    this.watcher?.posted();
    if (this.#started) this.#pump();
  }

  /** Moves frames from the packet buffer into descriptors; each is an interrupt, if the driver lets it. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#fifo.shift(this.#dma)) this.irq.raise(NIC_IRQ_RX);
    } finally {
      this.#pumping = false;
    }
  }

  readonly #dma = (buf: Uint8Array, at: number, len: number): boolean => {
    const desc = this.rx.peek();
    if (desc === null) return false;
    desc.error = !this.#usable(desc, true) || len > desc.len;
    if (!desc.error) desc.buf!.set(buf.subarray(at, at + len), desc.at);
    desc.len = len;
    this.counters.rxFrames++;
    this.counters.rxBytes += len;
    this.rx.complete();
    return true;
  };

  #receive(buf: Uint8Array, offset: number, frames: number): void {
    this.cableRxFrames += frames;
    this.counters.rxMessages++;
    if (!this.#started) this.counters.rxWhileStopped += frames;
    else if (this.onFrame !== null) this.#interrupt(() => this.#handUp(buf, offset, frames));
    else {
      this.counters.rxMissed += this.#fifo.push(buf, offset, frames);
      this.#interrupt(() => this.#pump());
    }
  }

  #handUp(buf: Uint8Array, offset: number, frames: number): void {
    for (let i = 0, at = offset; i < frames; i++) {
      const len = readRecordLength(buf, at);
      this.counters.rxFrames++;
      this.counters.rxBytes += len;
      const from = at + RECORD_HEADER;
      this.#driver('onFrame', () => this.onFrame?.(buf, from, len), this.onFrame);
      at += RECORD_HEADER + len;
    }
  }

  #interrupt(handler: () => void): void {
    if (this.watcher === null) this.#net.irq(handler);
    else this.watcher.outside(() => this.#net.irq(handler));
  }

  #driver(op: string, fn: () => unknown, origin?: unknown): void {
    if (this.watcher === null) fn();
    else this.watcher.driver(op, fn, origin);
  }

  #update(): void {
    const link = this.#started && this.#transport.up && this.#switchCarrier;
    if (link === this.#link) return;
    this.#link = link;
    this.#driver('onLink', () => this.onLink?.(link), this.onLink);
  }

  #handler(): TransportHandler {
    return {
      linkUp: (welcome: Welcome) => {
        this.port = welcome.port;
        this.linkMtu = welcome.mtu;
        this.#switchCarrier = welcome.carrier;
        this.#update();
      },
      linkDown: () => this.#update(),
      message: (buf, offset, _length, frames) => this.#receive(buf, offset, frames),
      sent: (token) => {
        this.#wire.sent(token);
        if (this.tx.pending > 0) this.#ring();
      },
      control: (message) => this.#control(message),
    };
  }

  #control(message: CableMessage): void {
    if (message.type === 'carrier') {
      this.#switchCarrier = message.on;
      this.#update();
    } else if (message.type === 'mtu') {
      this.linkMtu = message.mtu;
    } else {
      const { cableTxFrames: tx, cableRxFrames: rx } = this;
      this.#transport.control({ ...message, type: 'mark', tx, rx });
    }
  }
}
